"""The bounds of every state on every legal Go board of one size, found by number: an oracle without a graph, in memory or kept on disk.

A kept table is one file, written when a board is solved and mapped afterwards: of 4x5 it takes 2.6 GB, of which a process holds what it
looks at. Its name holds the hash of the sources that made it, so a table of other sources is never read.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.arrays import Int8s, Int16s, Int64s
from games.contract import States
from games.errors import WorkError
from games.go_large.boards import CodeTables, Index, board_of, code_at, code_tables, least_code, number_of, run_of
from games.jit import njit
from games.keys.sources import cache_root, code_hash
from games.rules.go import KO_SHIFT, MAX_CELLS, PASS_SHIFT, STONES, Go, stones
from games.rules.go_stones import area_margins
from games.solving.store import read_arrays, write_arrays

SOLVED_BY = "games.go_large.solve"


class Counts(NamedTuple):
    """The numbers of reachable states of a board."""

    positions: int
    terminal: int  # after two passes
    unfolded: int  # before folding, final ones among them
    edges: int
    cycle_share: float  # of those whose value depends on what endless play is worth
    seconds: float  # that solving took, not those of a process that was killed


@dataclass(frozen=True, eq=False)
class Table:
    """The bounds of all states that are not final, reachable or not."""

    rows: int
    columns: int
    tables: CodeTables
    index: Index
    ko_keys: Int64s  # [n_kos] board * n_cells + forbidden point, ascending
    bounds: Int8s  # [n_boards after no pass, then n_kos with a ko, then n_boards after one pass; 2] lower and upper

    @property
    def n_boards(self) -> int:
        return int(self.index.before[-1])

    def look_up(self, states: States) -> tuple[Int16s, Int16s, Int16s]:
        """Lower bound, upper bound and value of legal states, packed as in `games.rules.go` and turned any way: each [n]."""
        final = states >> np.uint64(PASS_SHIFT) == 2
        lower, upper = np.empty((2, len(states)), dtype=np.int16)
        lower[~final], upper[~final] = self.bounds[self.place(states[~final])].T
        lower[final] = upper[final] = area_margins(*stones(states[final]), self.rows, self.columns)
        return lower, upper, np.minimum(np.maximum(lower, np.int16(0)), upper)

    def place(self, states: States) -> Int64s:
        """The places in `bounds` of legal states that are not final. [n]"""
        number, ko, n_passes = _find_states(states, self.tables, self.index)
        n_kos = len(self.ko_keys)
        with_ko = self.n_boards + np.searchsorted(self.ko_keys, number * self.rows * self.columns + ko)
        return np.where(ko >= 0, with_ko, number + (self.n_boards + n_kos) * n_passes)

    def states_at(self, places: Int64s) -> States:
        """The states at these places of `bounds`, one of the images of each: what `place` undoes. [n]"""
        return _states_at(places, self.n_boards, self.ko_keys, self.rows * self.columns, self.tables, self.index)


def table_path(game: Go) -> Path:
    """Where the kept table of a board lies for the present sources."""
    return cache_root() / "tables" / f"{game.id}-{code_hash(SOLVED_BY)}.bin"


def write_table(path: Path, table: Table, counts: Counts) -> None:
    """Keep a table and its counts, all or nothing. Raises WorkError where the disk does not take it."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "words": table.index.words,
        "before": table.index.before,
        "ko_keys": table.ko_keys,
        "bounds": table.bounds,
    }
    try:
        write_arrays(path, {"board": [table.rows, table.columns], "counts": counts._asdict()}, arrays)
    except OSError as error:
        raise WorkError(f"cannot write {path}: {error.strerror}; free some of the disk, then run the same command") from None


def read_table(path: Path) -> tuple[Table, Counts]:
    """A kept table, mapped from its file, and its counts. Raises WorkError where its form is damaged; its content is not read."""
    header, arrays = read_arrays(path, check=False)
    try:
        rows, columns = header["board"]
        index = Index(arrays["words"], arrays["before"])
        table = Table(rows, columns, code_tables(rows, columns), index, arrays["ko_keys"], arrays["bounds"])
        return table, Counts(**header["counts"])
    except (KeyError, TypeError, ValueError):
        raise WorkError(f"{path} is damaged: make it again with `gaincurve solve GAME --keep --rebuild`") from None


@njit
def _find_states(states: States, tables: CodeTables, index: Index) -> tuple[Int64s, Int64s, Int64s]:
    """The number of each state's board, its ko point (-1 for none) on the board of that number, and the passes before it."""
    n = states.shape[0]
    number = np.empty(n, dtype=np.int64)
    ko = np.empty(n, dtype=np.int64)
    n_passes = np.empty(n, dtype=np.int64)
    for i in range(n):
        own, other = states[i] & np.uint64(STONES), (states[i] >> np.uint64(MAX_CELLS)) & np.uint64(STONES)
        point = int((states[i] >> np.uint64(KO_SHIFT)) & np.uint64(31)) - 1
        code, ko[i] = least_code(own, other, point, tables)
        number[i] = number_of(code, index)
        n_passes[i] = states[i] >> np.uint64(PASS_SHIFT)
    return number, ko, n_passes


@njit
def _states_at(places: Int64s, n_boards: int, ko_keys: Int64s, n_cells: int, tables: CodeTables, index: Index) -> States:
    states = np.empty(places.shape[0], dtype=np.uint64)
    n_kos = ko_keys.shape[0]
    for i in range(places.shape[0]):
        number, ko, n_passes = places[i], -1, 0
        if number >= n_boards + n_kos:
            number, n_passes = number - n_boards - n_kos, 1
        elif number >= n_boards:
            number, ko = ko_keys[number - n_boards] // n_cells, ko_keys[number - n_boards] % n_cells
        code = code_at(number, index)
        own, other = board_of(code, run_of(code, tables), tables)
        beside = np.uint64(ko + 1) << np.uint64(KO_SHIFT) | np.uint64(n_passes) << np.uint64(PASS_SHIFT)
        states[i] = own | other << np.uint64(MAX_CELLS) | beside
    return states
