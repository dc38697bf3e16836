"""Go solved exactly without a graph, on all processors, for boards on which the graph would not fit.

The bounds of a state are those of `games.solving.solve`, two bytes. `lower` only rises and `upper` only sinks, each within the
fixpoints, whatever mix of older and newer bounds of the children a sweep reads; every state has one thread that writes it, a
byte at a time. So threads may sweep in place without locks. A sweep that changes nothing has reached the fixpoint: the least one for
`lower`, the greatest for `upper`. A board whose states are all decided is skipped.

The fuller boards have the lower numbers (games/go_large/boards.py), and a sweep goes up. So one sweep carries a board's value through all
moves but captures, and the bounds of its children, which lie together, are in the processor's cache.

Measured on two processors of an AMD EPYC, in seconds of processor time: 3x5 3, 4x4 5 (memory 0.31 GB, of which Python and
Numba take 0.16; 1 to number the boards, 2 to list the moves, 2 to sweep), 3x6 104 (1.0 GB, and 2 GB of disk; 24 sweeps, the
first ones 3.5 each, 10 ns a move), 4x5 1,106: 43 to number its 1,840,058,693 legal boards, some 330 to list their 3.3 billion
moves, the rest to sweep; 6.7 GB of memory, 8.4 GB at the end where states are counted, and 18 GB of disk.

A process that is killed loses little: the boards, the moves and, every few minutes, the bounds are stored
(games/go_large/checkpoints.py). Bounds are sound at every moment, so sweeps can continue from any copy of them, and reach the same
fixpoint.
"""

import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

import numpy as np

from games.arrays import Bools, Int8s, Int32s, UInt8s
from games.errors import WorkError
from games.go_large.boards import NUMBERED, Boards, number_boards
from games.go_large.checkpoints import Arrays, Checkpoints, Report, checkpoints, in_threads
from games.go_large.moves import LISTED, Kos, Moves, children, list_moves
from games.go_large.table import Counts, Table, table_path, write_table
from games.jit import njit
from games.rules.go import MAX_CELLS, PASS_SHIFT, Go

MAX_MEMORY = 8e9  # bytes
PART = 1 << 14  # words of the index that are done at a time: 4x5 has 3,326 parts
SAVE_SECONDS = 120.0  # between two times that the bounds are stored
BOUNDS = "bounds"


@dataclass(frozen=True, eq=False)
class LargeSolution:
    """Bounds of every state on every legal board, reachable or not, and what it took to find them."""

    boards: Boards
    moves: Moves
    bounds: Int8s  # [n_boards after no pass, then n_kos with a ko, then n_boards after one pass; 2] lower and upper
    n_sweeps: int
    seconds: tuple[float, float, float]  # to number the boards, to list the moves, to sweep

    @cached_property
    def table(self) -> Table:
        """The bounds by state."""
        boards = self.boards
        return Table(boards.rows, boards.columns, boards.tables, boards.index, self.moves.kos.keys, self.bounds)

    @property
    def counts(self) -> Counts:
        """The numbers of states of each kind."""
        positions = int(np.count_nonzero(self.reachable))
        return Counts(positions, self.n_terminal, self.n_unfolded, self.n_edges, self.cycle_share, sum(self.seconds))

    @cached_property
    def reachable(self) -> Bools:
        """Which states are reachable: all but those where only the wrong player has stones. [len(bounds)]

        Every part of a legal board is legal, so stones can be put down in any order, with a pass in between where one player
        puts down two. But the last stone before the mover's turn is the other's, and before a single pass it is the mover's.
        """
        n_cells = self.boards.rows * self.boards.columns
        alone = np.arange(1, (1 << n_cells) - 1, dtype=np.uint64)  # all legal: one colour leaves some point empty
        reachable = np.ones(len(self.bounds), dtype=np.bool_)
        reachable[self.table.place(alone)] = False
        reachable[self.table.place((alone << np.uint64(MAX_CELLS)) | np.uint64(1 << PASS_SHIFT))] = False
        return reachable

    @property
    def n_terminal(self) -> int:
        """The number of final states, which follow two passes: that of the boards that can be reached with no pass before them."""
        return int(np.count_nonzero(self.reachable[: self.boards.n_boards]))

    @property
    def n_edges(self) -> int:
        """The number of moves from reachable states, passes included."""
        n_moves, n_boards = self.moves.n_moves, self.boards.n_boards
        halves = (self.reachable[:n_boards], self.reachable[-n_boards:])
        n_stones = sum(n_moves.sum(where=half, dtype=np.int64) for half in halves)
        ko_board = self.moves.kos.keys // (self.boards.rows * self.boards.columns)
        with_ko = n_moves[ko_board].sum(dtype=np.int64) - len(ko_board)
        return int(n_stones + with_ko + np.count_nonzero(self.reachable))

    @property
    def n_unfolded(self) -> int:
        """The number of reachable states before folding, final ones included; those of the two colours count once."""
        one_colour = (1 << (self.boards.rows * self.boards.columns)) - 2
        return 3 * (self.boards.n_unfolded - one_colour) + self.moves.n_kos_unfolded

    @property
    def cycle_share(self) -> float:
        """The share of the reachable states whose value depends on the worth of endless play."""
        undecided = np.count_nonzero((self.bounds[:, 0] != self.bounds[:, 1]) & self.reachable)
        return float(undecided / (np.count_nonzero(self.reachable) + self.n_terminal))


def estimate_bytes(game: Go) -> tuple[float, float]:
    """An estimate of the memory and the disk space of `solve_large`, in bytes; a board has 0.36 legal moves a point (3x4, 4x4, 3x6)."""
    n_cells = game.rows * game.columns
    n_boards = 0.55 * 3.0**n_cells / len(game.board.symmetries)
    return 3.0**n_cells * 1.5 / 8 + n_boards * 15, 3.0**n_cells / 8 + n_boards * (4 * 0.36 * n_cells + 6 + 2 * 4.1)


def estimate_kept_bytes(game: Go) -> float:
    """An estimate of a kept table's bytes on disk: the index, and two bytes a state; a board has 0.04 states with a ko (3x4, 4x4)."""
    n_boards = 0.55 * 3.0**game.board.n_cells / len(game.board.symmetries)
    return 3.0**game.board.n_cells * 1.5 / 8 + n_boards * (2 * 2.04 + 8 * 0.04)


def solve_large(
    game: Go, report: Report = lambda stage, share: None, part: int = PART, save_seconds: float = SAVE_SECONDS, keep: bool = False
) -> LargeSolution:
    """Solve a board exactly, and continue from the checkpoint of a killed process; `part` words of the index are done at a time.

    With `keep` the table is written to `table_path(game)` before the stored parts are deleted. Raises WorkError when it would take more
    than `MAX_MEMORY`, or more than the disk has free.
    """
    with checkpoints(game.id, __name__, part, report) as kept:
        _refuse_too_large(game, kept)
        n_words, before = -(-(3 ** (game.rows * game.columns)) // 64), kept.read(BOUNDS)
        shares = {name: kept.share(name, n_words) for name in (NUMBERED, LISTED)}
        if any(shares.values()):
            done = ", ".join(f"{share:.0%} of {name}" for name, share in shares.items())
            swept = f", {before['n_sweeps'][0]} sweeps" if before else ""
            print(f"{game.id}: going on from what is stored in {kept.folder}: {done}{swept}; seconds count from here", file=sys.stderr)
        times = [perf_counter()]
        boards = number_boards(game.rows, game.columns, kept)
        times.append(perf_counter())
        moves = list_moves(boards, kept)
        times.append(perf_counter())
        bounds, n_sweeps = _sweep_to_rest(boards, moves, kept, before, save_seconds)
        times.append(perf_counter())
        seconds = times[1] - times[0], times[2] - times[1], times[3] - times[2]
        solution = LargeSolution(boards, moves, bounds, n_sweeps, seconds)
        if keep:
            write_table(table_path(game), solution.table, solution.counts)
    return solution


def _refuse_too_large(game: Go, kept: Checkpoints) -> None:
    memory, disk = estimate_bytes(game)
    free = shutil.disk_usage(kept.folder).free + kept.size()
    if memory > MAX_MEMORY or disk > free:
        needed = f"{memory / 1e9:,.1f} GB of memory and {disk / 1e9:,.1f} GB of disk"
        had = f"{MAX_MEMORY / 1e9:.0f} and {free / 1e9:,.1f}"
        raise WorkError(f"{game.id} is too large to enumerate, and to solve without a graph takes about {needed}; at most {had} are used")


def _sweep_to_rest(boards: Boards, moves: Moves, kept: Checkpoints, before: Arrays | None, save_seconds: float) -> tuple[Int8s, int]:
    """The bounds at rest and the number of sweeps, beginning with bounds that were stored `before` if there are any."""
    n_boards, n_kos = boards.n_boards, len(moves.kos.keys)
    if before:
        bounds, n_sweeps = np.array(before["bounds"]), int(before["n_sweeps"][0])
    else:
        worst, n_sweeps = np.abs(moves.margin).max(), 0
        bounds = np.empty((2 * n_boards + n_kos, 2), dtype=np.int8)
        bounds[:] = -worst, worst
    listed = (moves.n_moves, moves.exchanged, moves.margin, moves.kos, boards.rows * boards.columns)

    def sweep(first: int, _: int) -> int:
        part = moves.parts[first // kept.step]
        return _sweep(part.boards, part.kos, children(part, kept), part.reached, *listed, bounds)

    saved = perf_counter()
    while True:
        n_sweeps, n_changed = n_sweeps + 1, 0
        for part, n in zip(moves.parts, in_threads(sweep, len(boards.index.words), kept.step), strict=True):
            n_changed += n
            kept.report(f"sweep {n_sweeps}", part.boards[1] / n_boards)
        if not n_changed:
            return bounds, n_sweeps
        if perf_counter() - saved >= save_seconds:
            kept.write(BOUNDS, {"bounds": bounds, "n_sweeps": np.array([n_sweeps])})
            saved = perf_counter()


@njit
def _sweep(
    own_boards: tuple[int, int],
    own_kos: tuple[int, int],
    child: Int32s,
    reached: Int32s,
    n_moves: UInt8s,
    exchanged: Int32s,
    margin: Int8s,
    kos: Kos,
    n_cells: int,
    bounds: Int8s,
) -> int:
    """Work out the bounds of the states of one part, of boards both after no pass and after one; how many changed."""
    n_boards, n_kos = exchanged.shape[0], kos.keys.shape[0]
    (first_board, last_board), (first_ko, last_ko) = own_boards, own_kos
    n_changed = following = 0
    for i in range(last_board - first_board + last_ko - first_ko):
        board, first, state, skip = first_board + i, following, first_board + i, -1
        has_ko = board >= last_board
        if has_ko:
            ko = first_ko + board - last_board
            board, first, state, skip = kos.keys[ko] // n_cells, kos.first[ko], n_boards + ko, kos.skip[ko]
        following = first + n_moves[board]
        passed = n_boards + n_kos + board
        if bounds[state, 0] == bounds[state, 1] and (has_ko or bounds[passed, 0] == bounds[passed, 1]):
            continue
        low = high = -128
        for move in range(first, following):
            if move != skip:
                place = child[move]
                if place < 0:
                    place = n_boards + reached[-1 - place]
                low = max(low, -bounds[place, 1])
                high = max(high, -bounds[place, 0])
        if not has_ko:
            low_passed, high_passed = max(low, margin[board]), max(high, margin[board])
            if low_passed != bounds[passed, 0] or high_passed != bounds[passed, 1]:
                bounds[passed, 0], bounds[passed, 1] = low_passed, high_passed
                n_changed += 1
        reply = n_boards + n_kos + exchanged[board]
        low, high = max(low, -bounds[reply, 1]), max(high, -bounds[reply, 0])
        if low != bounds[state, 0] or high != bounds[state, 1]:
            bounds[state, 0], bounds[state, 1] = low, high
            n_changed += 1
    return n_changed
