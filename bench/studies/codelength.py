"""docs/codelength.md: how many bits perfect play takes, with a policy and without.

Nothing is timed, so other work on the machine makes no difference; go-4x4 takes most of the time and 3 GB.
"""

import sys

import numpy as np

from bench.measures.coding import describe
from bench.measures.references import TableBits, compress_moves, compress_values
from bench.studies.page import Page, Part
from bench.wording import count_units
from games.solving.graph import GameGraph
from policies.api import Task, budget_ladder
from policies.registry import make_learner
from policies.task import make_task

GAMES = ("tictactoe", "mnk-3x4x3", "connect_four-4x4", "hex-3", "nogo-3x3", "go-3x3", "go-3x4", "breakthrough-4x4", "go-4x4")
MAX_VALUES = 1_000_000  # positions up to which the values are compressed too: every value is tried in every position
POLICIES = ("tictactoe", "go-3x3", "go-3x4")
CLAIM, CLAIM_STATES = 33_203, 3_267_310  # bytes and states, as one public project gives them
TABLES_HEAD = """\
| game | positions | choice | moves, xz | moves, zstd | moves, here | values, xz | values, zstd | values, here |
|---|--:|--:|--:|--:|--:|--:|--:|--:|"""
POLICIES_HEAD = """\
| game | policy | policy bits | exceptions | codelength | ratio | to xz or zstd |
|---|---|--:|--:|--:|--:|--:|"""
BREAKTHROUGH = """\
One public project claims {CLAIM} bytes for the zstd-compressed win/loss table of its {CLAIM_STATES} states. How those are numbered
is not known here. Here the game has {STATES} states (board and player to move) that the start leads to, or {FOLDED} when the
mover is always seen from below and mirror images are one; {POSITIONS} of these are not final, and what the final ones are
worth follows from the rules. Of those positions alone, `gaincurve solve breakthrough-4x4 --compress` says:

| file | bytes |
|---|--:|
| values, zstd | {VALUES_ZSTD} |
| values, xz | {VALUES_XZ} |
| values, here | {VALUES_HERE} |
| optimal moves, here | {MOVES_HERE} |"""
MAX_BUDGETS = {"rulelist": 4096, "table": 4096, "network": 32}


def table_row(game: str) -> str:
    """A row of the first table."""
    task = make_task(game)
    graph = task.graph
    n_optimal = np.add.reduceat(task.solution.optimal, graph.edge_start[graph.positions])
    choice = float(np.log2(graph.n_moves[graph.positions] / n_optimal).sum())
    moves = compress_moves(task)
    cells = [len(graph.positions), round(choice), moves.xz, moves.zstd, moves.coder]
    if len(graph.positions) <= MAX_VALUES:
        values = compress_values(task)
        cells += [values.xz, values.zstd, values.coder]
    numbers = [f"{cell:,}" for cell in cells]
    return " | ".join([f"| {game}", *numbers, *["-"] * (8 - len(cells))]) + " |"


def policy_row(task: Task, name: str, tables: TableBits) -> str:
    """The shortest file of a learner."""
    learner = make_learner(name)
    budgets = [budget for budget in budget_ladder(MAX_BUDGETS[name]) if name != "network" or budget & (budget - 1) == 0]
    files = [(policy.size, describe(task, learner, policy)) for policy in learner.fit_path(task, budgets, 0)]
    size, best = min(files, key=lambda file: file[1].codelength)
    ratio, general = tables.ratio(best.codelength), best.codelength / min(tables.xz, tables.zstd)
    bits = f"{best.policy_bits:,} | {best.exception_bits:,} | {best.codelength:,}"
    return f"| {task.game.id} | {name}, {count_units(size, learner.unit)} | {bits} | {ratio:.3f} | {general:.3f} |"


def policy_rows(game: str) -> list[str]:
    """The rows of a game in the second table."""
    task = make_task(game)
    tables = compress_moves(task)
    return [policy_row(task, name, tables) for name in MAX_BUDGETS]


def count_with_sides(graph: GameGraph) -> int:
    """States that tell the first player's turn from the second's, which ours do not: found by walking on from the start."""
    reached = np.zeros((2, graph.n_states), dtype=bool)  # on the first player's turn, on the second's
    reached[0, 0] = True
    before = 0
    while reached.sum() > before:
        before = reached.sum()
        for side in (0, 1):
            reached[1 - side, graph.edge_child[reached[side, graph.edge_parent]]] = True
    return int((reached.sum(axis=0) * graph.multiplicity).sum())


def breakthrough() -> dict[str, str]:
    """The win/loss table of one game, beside the published claim."""
    task = make_task("breakthrough-4x4")
    moves, values = compress_moves(task), compress_values(task)
    numbers = {
        "CLAIM": CLAIM,
        "CLAIM_STATES": CLAIM_STATES,
        "STATES": count_with_sides(task.graph),
        "FOLDED": task.graph.n_states,
        "POSITIONS": len(task.graph.positions),
        "VALUES_ZSTD": values.zstd // 8,
        "VALUES_XZ": values.xz // 8,
        "VALUES_HERE": values.coder // 8,
        "MOVES_HERE": moves.coder // 8,
    }
    return {"breakthrough": BREAKTHROUGH.format(**{name: f"{number:,}" for name, number in numbers.items()})}


def tables() -> dict[str, str]:
    """The table of files without a policy."""
    return {"tables": "\n".join([TABLES_HEAD, *map(table_row, GAMES)])}


def policies() -> dict[str, str]:
    """The table of files with a policy."""
    rows = []
    for game in POLICIES:
        rows += policy_rows(game)
        print(*rows[-len(MAX_BUDGETS) :], sep="\n", file=sys.stderr, flush=True)
    return {"policies": "\n".join([POLICIES_HEAD, *rows])}


LARGEST = ", ".join(f"{count_units(n, make_learner(name).unit)} ({name})" for name, n in MAX_BUDGETS.items())
PAGES = (
    Page(
        "codelength.md",
        {
            "tables": Part(tables, "some minutes"),
            "policies": Part(policies, "some minutes"),
            "breakthrough": Part(breakthrough, "some minutes"),
        },
        phrases=(f"Here the learners were given up to {LARGEST}.",),
    ),
)
