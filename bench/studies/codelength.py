"""How many bits perfect play takes, with a policy and without, measured in one run.

`python -m bench.studies.codelength` measures for some minutes and writes docs/codelength.md anew; test_codelength_page.py
checks the page. Nothing is timed, so other work on the machine makes no difference; go-4x4 takes most of the time and 3 GB.
"""

import sys
from pathlib import Path

import numpy as np

from bench.measures.coding import describe
from bench.measures.references import TableBits, compress_moves, compress_values
from bench.terminal import count_units
from games.solving.graph import GameGraph
from policies.api import Task, budget_ladder
from policies.registry import make_learner
from policies.task import make_task

PAGE = Path(__file__).parents[2] / "docs" / "codelength.md"
GAMES = ("tictactoe", "mnk-3x4x3", "connect_four-4x4", "hex-3", "nogo-3x3", "go-3x3", "go-3x4", "breakthrough-4x4", "go-4x4")
MAX_VALUES = 1_000_000  # positions up to which the values are compressed too: every value is tried in every position
POLICIES = ("tictactoe", "go-3x3", "go-3x4")
CLAIM, CLAIM_STATES = 33_203, 3_267_310  # bytes and states, as one public project gives them
MAX_BUDGETS = {"rulelist": 4096, "table": 4096, "network": 32}

TEXT = """# Codelength

How many bits a file takes that decodes to perfect play in every position, given the rules of the game. With a policy it is the
policy and its exceptions, the corrections that turn it into an optimal one. The exceptions are written by an adaptive coder
(`bench/measures/exception_coding.py`) that knows the rules and learns on the way, position by position, which moves tend to be
optimal: from the policy's scores, and from what was right in the positions before that differ in one bit of their packed state, on a board
in one stone. It never looks at where a move leads; with that it would be the solver, which needs no bits at all.

`python -m bench.studies.codelength` measures all numbers here again and writes this page. Single ones come from the commands that
are named below.

## Without a policy

`gaincurve solve GAME --compress`. The table of moves has one optimal action a position, the lowest where several are optimal;
the table of values has the value of each position, from which one finds an optimal move by looking one move ahead. xz
(`-9e`) and zstd (`--ultra -22`) get each table as bytes, in the order in which the positions were found and in that of their
packed states, and values also as single bits where there are only two of them; the shortest file counts. *Here* is the coder
of exceptions: for the moves it is the codelength of no policy at all, free to choose among optimal moves; the values of a
position are tried as if they were moves.

*Choice* is the sum over all positions of log2(moves / optimal moves): what a code takes that points at an optimal move and has
learned nothing. All numbers are bits; positions are counted up to symmetry and final states left out.

| game | positions | choice | moves, xz | moves, zstd | moves, here | values, xz | values, zstd | values, here |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
{TABLES}

## With a policy

`gaincurve compare LEARNER LEARNER --game GAME` shows the shortest file of each learner, the size of its policy chosen for that,
beside the tables. Here the learners were given up to {MAX_BUDGETS}.
*Ratio* is to the shortest file without a policy in the table above: below 1 the policy saves more exceptions than it costs. Rule
lists and networks are found by search, so all these are upper bounds.

| game | policy | policy bits | exceptions | codelength | ratio | to xz or zstd |
|---|---|--:|--:|--:|--:|--:|
{POLICIES}

A coder that learns from neighbouring positions knows much of what a short rule list knows. So a list is paid for less, and less
often, than under a coder that takes every position by itself: what a rule saves is counted beyond what anyone can see from the
positions before.

## The win/loss table of Breakthrough on 4x4

One public project claims {CLAIM} bytes for the zstd-compressed win/loss table of its {CLAIM_STATES} states. How those are numbered
is not known here. Here the game has {STATES} states (board and player to move) that the start leads to, or {FOLDED} when the
mover is always seen from below and mirror images are one; {POSITIONS} of these are not final, and what the final ones are
worth follows from the rules. Of those positions alone, `gaincurve solve breakthrough-4x4 --compress` says:

| file | bytes |
|---|--:|
| values, zstd | {VALUES_ZSTD} |
| values, xz | {VALUES_XZ} |
| values, here | {VALUES_HERE} |
| optimal moves, here | {MOVES_HERE} |

The last two decode with the rules at hand and by running the coder through all positions: fewer bytes bought with more
computing. With the children of a position in view it would be no bytes at all, which is minimax. The moves take less than the
values although they decide more: a move may be any of several optimal ones, and where a position is lost, any move at all.
"""


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


def breakthrough() -> dict[str, int]:
    """The numbers of the last section."""
    task = make_task("breakthrough-4x4")
    moves, values = compress_moves(task), compress_values(task)
    return {
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


def render(tables: list[str], policies: list[str], numbers: dict[str, int]) -> str:
    """The page."""
    largest = ", ".join(f"{count_units(n, make_learner(name).unit)} ({name})" for name, n in MAX_BUDGETS.items())
    filled = {"TABLES": "\n".join(tables), "POLICIES": "\n".join(policies), "MAX_BUDGETS": largest}
    text = TEXT
    for name, value in {**filled, **{name: f"{number:,}" for name, number in numbers.items()}}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def main() -> None:
    """Measure and write the page."""
    policies = []
    for game in POLICIES:
        policies += policy_rows(game)
        print(*policies[-len(MAX_BUDGETS) :], sep="\n", file=sys.stderr, flush=True)
    PAGE.write_text(render([table_row(game) for game in GAMES], policies, breakthrough()))


if __name__ == "__main__":
    main()
