"""docs/codelength.md: how many bits perfect play takes, with a policy and without.

Nothing is timed, so other work on the machine makes no difference; go-4x4 takes most of the time and 3 GB.
"""

import sys

import numpy as np

from bench.measures.coding import describe
from bench.measures.references import TableBits, compress_moves, compress_values
from bench.studies import breakthrough
from bench.studies.page import Page, Part
from bench.wording import count_units
from policies.api import Task, budget_ladder
from policies.registry import make_learner
from policies.task import make_task

GAMES = ("tictactoe", "mnk-3x4x3", "connect_four-4x4", "hex-3", "nogo-3x3", "go-3x3", "go-3x4", "breakthrough-4x4", "go-4x4")
MAX_VALUES = 1_000_000  # positions up to which the values are compressed too: every value is tried in every position
POLICIES = ("tictactoe", "go-3x3", "go-3x4")
TABLES_HEAD = """\
| game | positions | choice | moves, xz | moves, zstd | moves, here | values, xz | values, zstd | values, here |
|---|--:|--:|--:|--:|--:|--:|--:|--:|"""
POLICIES_HEAD = """\
| game | policy | policy bits | exceptions | codelength | ratio | to xz or zstd |
|---|---|--:|--:|--:|--:|--:|"""
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
            "breakthrough": Part(breakthrough.measured, "some minutes"),
        },
        phrases=(f"Here the learners were given up to {LARGEST}.",),
    ),
)
