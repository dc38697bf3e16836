"""Every move on every legal Go board, once: a list of children for each board, shared by all states on it.

The states on one board are: no pass before it, one pass before it, and one for each point at which a ko forbids retaking. All
of them lead to the same boards (less the forbidden point), and their pass leads to the board with colours exchanged; so four
bytes a move of a board and six a board hold the whole game. The children stay on disk, in parts, and are mapped when they are used.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s
from games.go_large.boards import Boards, CodeTables, Index, board_of, code_at, image_code, least_code, lowest_bit, number_of, run_of
from games.go_large.checkpoints import Arrays, Checkpoints, in_threads
from games.jit import njit
from games.rules.go import KO_SHIFT, MAX_CELLS, STONES, play
from games.rules.go_stones import area_margin

LISTED = "moves listed"


class Kos(NamedTuple):
    """The states in which a ko forbids retaking, one array a property: [n_kos]."""

    keys: Int64s  # board * n_cells + forbidden point, ascending
    first: Int32s  # where the children of that board begin in its part
    skip: Int32s  # which of them is forbidden


class Part(NamedTuple):
    """The boards whose codes stand in the words `first:last` of the index, and the states with a ko on them."""

    first: int
    last: int
    boards: tuple[int, int]  # the first of their numbers, and the one after the last
    kos: tuple[int, int]
    reached: Int32s  # [n_ko_moves] the states with a ko that moves of this part lead to


@dataclass(frozen=True, eq=False)
class Moves:
    """Where each board leads, apart from the children, which `children` maps from a checkpoint."""

    n_moves: UInt8s  # [n_boards] the pass not among them
    exchanged: Int32s  # [n_boards] the board as the other player sees it
    margin: Int8s  # [n_boards] the mover's area less the other's
    kos: Kos
    parts: tuple[Part, ...]
    n_kos_unfolded: int


def list_moves(boards: Boards, checkpoints: Checkpoints) -> Moves:
    """Play every move on every board, on all processors."""
    n, n_cells, index = boards.n_boards, boards.rows * boards.columns, boards.index
    n_words = len(index.words)
    n_moves = np.empty(n, dtype=np.uint8)
    exchanged = np.empty(n, dtype=np.int32)
    margin = np.empty(n, dtype=np.int8)

    def list_part(first: int, last: int) -> Arrays:
        arrays = _list_part(first, last, boards.rows, boards.columns, boards.tables, index)
        return dict(zip(("n_moves", "exchanged", "margin", "child", "ko_moves"), arrays, strict=True))

    ko_moves = []
    for (first, last), part in checkpoints.parts(LISTED, n_words, list_part, lambda last: float(index.before[last] / n)):
        own = slice(index.before[first], index.before[last])
        n_moves[own], exchanged[own], margin[own] = part["n_moves"], part["exchanged"], part["margin"]
        ko_moves.append(np.array(part["ko_moves"]))
    keys = np.unique(np.concatenate(ko_moves))
    kos = Kos(keys, np.empty(len(keys), dtype=np.int32), np.empty(len(keys), dtype=np.int32))

    def find_kos(first: int, last: int) -> tuple[Part, int]:
        own = (int(index.before[first]), int(index.before[last]))
        low, high = (int(place) for place in np.searchsorted(keys, np.array(own) * n_cells))
        here = Kos(keys[low:high], kos.first[low:high], kos.skip[low:high])
        n_unfolded = _find_kos(here, own[0], boards.rows, boards.columns, boards.tables, index, n_moves)
        reached = np.searchsorted(keys, ko_moves[first // checkpoints.step]).astype(np.int32)
        return Part(first, last, own, (low, high), reached), n_unfolded

    found = []
    for part_and_count in in_threads(find_kos, n_words, checkpoints.step):
        found.append(part_and_count)
        checkpoints.report("kos found", part_and_count[0].boards[1] / n)
    return Moves(n_moves, exchanged, margin, kos, tuple(part for part, _ in found), sum(n for _, n in found))


def children(part: Part, checkpoints: Checkpoints) -> Int32s:
    """The children of each board of a part by ascending point: a board after no pass, or -1 - k, the state in `reached[k]`."""
    child: Int32s = checkpoints.read_unchecked(f"{LISTED}-{part.first}-{part.last}")["child"]
    return child


@njit
def _list_part(
    first: int,
    last: int,
    rows: int,
    columns: int,
    tables: CodeTables,
    index: Index,
) -> tuple[UInt8s, Int32s, Int8s, Int32s, Int64s]:
    """`n_moves`, `exchanged`, `margin` and children of the boards of the words `first:last`, and the keys of the kos that moves lead to."""
    n_cells, one = rows * columns, np.uint64(1)
    n = index.before[last] - index.before[first]
    n_moves = np.zeros(n, dtype=np.uint8)
    exchanged = np.empty(n, dtype=np.int32)
    margin = np.empty(n, dtype=np.int8)
    child = np.empty(n * n_cells, dtype=np.int32)
    ko_moves = np.empty(n * n_cells, dtype=np.int64)
    i = n_children = n_kos = 0
    run = run_of(64 * first, tables)
    for word in range(first, last):
        bits = index.words[word]
        while bits:
            code = 64 * word + lowest_bit(bits)
            while tables.begin[run + 1] <= code:
                run += 1
            own, other = board_of(code, run, tables)
            bits &= bits - one
            margin[i] = area_margin(own, other, rows, columns)
            exchanged[i] = number_of(least_code(other, own, -1, tables)[0], index)
            for point in range(n_cells):
                if ((own | other) >> np.uint64(point)) & one:
                    continue
                reached = play(own | (other << np.uint64(MAX_CELLS)), point, rows, columns)
                if reached == ~np.uint64(0):
                    continue
                ko = int((reached >> np.uint64(KO_SHIFT)) & np.uint64(31)) - 1
                mine, theirs = reached & np.uint64(STONES), (reached >> np.uint64(MAX_CELLS)) & np.uint64(STONES)
                least, ko_image = least_code(mine, theirs, ko, tables)
                number = number_of(least, index)
                if ko >= 0:
                    ko_moves[n_kos] = number * n_cells + ko_image
                    n_kos += 1
                    number = -n_kos
                child[n_children] = number
                n_children += 1
                n_moves[i] += 1
            i += 1
    return n_moves, exchanged, margin, child[:n_children].copy(), ko_moves[:n_kos].copy()


@njit
def _find_kos(kos: Kos, first_board: int, rows: int, columns: int, tables: CodeTables, index: Index, n_moves: UInt8s) -> int:
    """Fill in `first` and `skip` of the states with a ko of the part that begins with a board; how many they are before folding."""
    n_symmetries, n_unfolded = tables.images.shape[0], 0
    board, first = first_board, 0
    for k in range(kos.keys.shape[0]):
        number, ko = kos.keys[k] // (rows * columns), kos.keys[k] % (rows * columns)
        while board < number:
            first += int(n_moves[board])
            board += 1
        kos.first[k] = kos.skip[k] = first
        code = code_at(number, index)
        own, other = board_of(code, run_of(code, tables), tables)
        n_same = 0
        for g in range(n_symmetries):
            n_same += image_code(own, other, g, tables) == code and tables.symmetries[g, ko] == ko
        n_unfolded += n_symmetries // n_same
        for point in range(ko):
            if not ((own | other) >> np.uint64(point)) & np.uint64(1):
                kos.skip[k] += play(own | (other << np.uint64(MAX_CELLS)), point, rows, columns) != ~np.uint64(0)
    return n_unfolded
