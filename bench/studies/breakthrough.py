"""The win/loss tables of Breakthrough beside a published one, and how they grow: a part of docs/codelength.md."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import zstandard

from bench.measures.references import ZSTD_LEVEL, TableBits, compress_moves, compress_values
from bench.scaling.power_law import Sample, fit_power
from bench.studies.diagrams import moves_file, values_file
from bench.studies.result_tables import table
from games.arrays import Bools, UInt64s
from games.contract import Game
from games.solving.graph import GameGraph
from policies.api import Task
from policies.task import make_task

BOARDS = ("3x3", "3x4", "4x3", "5x3", "4x4")
LARGEST = BOARDS[-1]
CLAIM, CLAIM_STATES = 33_203, 3_267_310  # bytes and states, as one public project gives them
CONSIDINE = (0.5, 0.7)  # exponents of sets of positions as automata (arXiv 2411.07273)
TEXT = """\
One public project claims {CLAIM} bytes for the zstd-compressed win/loss table of its {CLAIM_STATES} states, all advancement-consistent
placements times two sides. How those are numbered is not known here. Here the game has {STATES} states (board and player to move) that
the start leads to, or {FOLDED} when the mover is always seen from below and mirror images are one; {POSITIONS} of these are not final,
and what the final ones are worth follows from the rules.

| file | of | bytes |
|---|---|--:|
| values, zstd | every state of either side, a bit each, in the order of their cells | {WHOLE} |
| values, zstd | positions up to symmetry | {VALUES_ZSTD} |
| values, xz | the same | {VALUES_XZ} |
| values, diagram | the same | {VALUES_DIAGRAM} |
| values, here | the same | {VALUES_HERE} |
| optimal moves, diagram | the same | {MOVES_DIAGRAM} |
| optimal moves, here | the same | {MOVES_HERE} |"""
HEAD = (
    "board | value | states, both sides | positions | all values, zstd | values, zstd | values, xz | values, diagram | values, here "
    "| moves, diagram | moves, here"
)
FILES = HEAD.split(" | ")[4:]


class Sizes(NamedTuple):
    """The files of one board, in bits."""

    board: str
    value: int
    n_states: int  # board and player to move
    n_folded: int
    n_positions: int
    whole: int  # the values of all states, by zstd
    values: TableBits
    values_diagram: int
    moves: TableBits
    moves_diagram: int

    @property
    def files(self) -> tuple[int, ...]:
        """In the order of FILES."""
        values = (self.whole, self.values.zstd, self.values.xz, self.values_diagram, self.values.coder)
        return (*values, self.moves_diagram, self.moves.coder)


def sides_of(graph: GameGraph) -> Bools:
    """Whether a state is met on the first player's turn, and on the second's: found by walking on from the start. [2, n_states]"""
    reached = np.zeros((2, graph.n_states), dtype=bool)
    reached[0, 0] = True
    before = 0
    while reached.sum() > before:
        before = reached.sum()
        for side in (0, 1):
            reached[1 - side, graph.edge_child[reached[side, graph.edge_parent]]] = True
    return reached


def all_values(task: Task) -> tuple[UInt64s, Bools]:
    """Every state of either side, unfolded, by its key, ascending; and whether its mover wins. Each [n]"""
    graph = task.graph
    reached, wins = sides_of(graph), task.solution.value > 0
    keys = [images(task.game, graph.states[met]) | np.uint64(side) << np.uint64(63) for side, met in enumerate(reached)]
    n_images = [len(each) // int(met.sum()) for each, met in zip(keys, reached, strict=True)]
    won = np.concatenate([np.tile(wins[met], n) for met, n in zip(reached, n_images, strict=True)])
    distinct, first = np.unique(np.concatenate(keys), return_index=True)
    return distinct, won[first]


def images(game: Game, states: UInt64s) -> UInt64s:
    """The images of states under each symmetry of the board, two bits a cell: those of the first symmetry, then of the next."""
    assert game.board is not None
    cells = game.cells(states)[:, : game.board.n_cells].astype(np.uint64)
    shifts = 2 * np.arange(game.board.n_cells, dtype=np.uint64)
    return np.concatenate([(cells[:, symmetry] << shifts).sum(axis=1, dtype=np.uint64) for symmetry in game.board.symmetries])


def sizes(board: str) -> Sizes:
    """The files of a board."""
    task = make_task(f"breakthrough-{board}")
    graph, (keys, wins) = task.graph, all_values(task)
    whole = len(zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(np.packbits(wins).tobytes()))
    return Sizes(
        board,
        int(task.solution.value[0]),
        len(keys),
        graph.n_states,
        len(graph.positions),
        8 * whole,
        compress_values(task),
        8 * len(values_file(task).data),
        compress_moves(task),
        8 * len(moves_file(task).data),
    )


def largest(found: Sizes) -> str:
    """The tables of the largest board, beside the published claim."""
    numbers = {
        "CLAIM": CLAIM,
        "CLAIM_STATES": CLAIM_STATES,
        "STATES": found.n_states,
        "FOLDED": found.n_folded,
        "POSITIONS": found.n_positions,
        "WHOLE": found.whole // 8,
        "VALUES_ZSTD": found.values.zstd // 8,
        "VALUES_XZ": found.values.xz // 8,
        "VALUES_DIAGRAM": found.values_diagram // 8,
        "VALUES_HERE": found.values.coder // 8,
        "MOVES_DIAGRAM": found.moves_diagram // 8,
        "MOVES_HERE": found.moves.coder // 8,
    }
    return TEXT.format(**{name: f"{number:,}" for name, number in numbers.items()})


def exponents(found: Sequence[Sizes]) -> str:
    """For each kind of file how its bits grow with the states that it is about."""
    rows: list[tuple[object, ...]] = []
    for place, name in enumerate(FILES):
        counts = [float(each.n_states if place == 0 else each.n_positions) for each in found]
        law = fit_power([Sample(each.board, n, float(each.files[place])) for each, n in zip(found, counts, strict=True)])
        assert law is not None
        assert law.kappa_band is not None
        low, high = law.kappa_band
        rows.append(
            (name, f"{law.kappa:.2f}", f"{low:z.2f} to {high:.2f}", "yes" if low <= CONSIDINE[1] and high >= CONSIDINE[0] else "no")
        )
    return table(f"file | exponent | band | meets {CONSIDINE[0]:g} to {CONSIDINE[1]:g}", rows)


def blocks(found: Sequence[Sizes]) -> dict[str, str]:
    """The blocks of the page."""
    rows = [(each.board, f"{each.value:+d}", each.n_states, each.n_positions, *each.files) for each in found]
    return {"breakthrough": largest(found[-1]), "breakthrough.boards": table(HEAD, rows), "breakthrough.exponents": exponents(found)}


def measured() -> dict[str, str]:
    """The blocks, measured."""
    return blocks([sizes(board) for board in BOARDS])
