"""Every move on every legal Go board, once: a list of children for each board, shared by all states on it.

The states on one board are: no pass before it, one pass before it, and one for each point at which a ko forbids retaking. All
of them lead to the same boards (less the forbidden point), and their pass leads to the board with colours exchanged; so four
bytes a move of a board and six a board hold the whole game.
"""

import tempfile
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from games.go import KO_SHIFT, MAX_CELLS, STONES, area_margin, play
from games.go_boards import (
    Boards,
    Codes,
    CodeTables,
    Index,
    Numbers,
    board_of,
    code_at,
    image_code,
    in_threads,
    least_code,
    lowest_bit,
    number_of,
)
from games.jit import njit
from games.sources import cache_root

BLOCK = 1 << 16  # boards swept by one call of a kernel
Bytes = npt.NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Moves:
    """Where each board leads; a child below n_boards is a board after no pass, n_boards + k the k-th state with a ko."""

    n_moves: npt.NDArray[np.uint8]  # [n_boards] the pass not among them
    child: Numbers  # [n_moves.sum()] board after board, by ascending point; mapped from a file that no longer has a name
    block_first: Codes  # [n_boards / BLOCK, rounded up] where the children of each BLOCK-th board begin
    exchanged: Numbers  # [n_boards] the board as the other player sees it
    margin: Bytes  # [n_boards] the mover's area less the other's
    ko_keys: Codes  # [n_kos] board * n_cells + forbidden point, ascending
    ko_board: Numbers  # [n_kos]
    ko_first: Codes  # [n_kos] where the children of that board begin
    ko_skip: Codes  # [n_kos] which of them is forbidden
    n_kos_unfolded: int


def list_moves(boards: Boards) -> Moves:
    """Play every move on every board, on all processors; the children go to a file in the cache folder, and so need no memory."""
    n, rows, columns, tables, index = boards.n_boards, boards.rows, boards.columns, boards.tables, boards.index
    n_moves = np.zeros(n, dtype=np.uint8)
    exchanged = np.empty(n, dtype=np.int32)
    margin = np.empty(n, dtype=np.int8)

    def list_part(first: int, last: int) -> tuple[Numbers, Codes]:
        own = slice(index.before[first], index.before[last])
        return _list_part(first, last, rows, columns, tables, index, n_moves[own], exchanged[own], margin[own])

    ko_keys = []
    with tempfile.TemporaryFile(dir=cache_root()) as file:
        for children, keys in in_threads(list_part, len(index.words), 8192):
            file.write(children.tobytes())
            ko_keys.append(keys)
        file.flush()
        child = np.asarray(np.memmap(file, np.int32, "r+")) if file.tell() else np.empty(0, dtype=np.int32)
    keys, places = np.unique(np.concatenate(ko_keys), return_inverse=True)
    n_met = 0
    for begin in range(0, len(child), 1 << 24):
        part = child[begin : begin + (1 << 24)]
        met = np.flatnonzero(part < 0)  # in the order in which their keys were met
        part[met] = n + places[n_met : n_met + len(met)]
        n_met += len(met)
    counts = np.add.reduceat(n_moves, np.arange(0, n, BLOCK), dtype=np.int64)
    ko_first, ko_skip, n_kos_unfolded = _find_kos(keys, rows, columns, tables, index, n_moves)
    ko_board = (keys // (rows * columns)).astype(np.int32)
    return Moves(n_moves, child, np.cumsum(counts) - counts, exchanged, margin, keys, ko_board, ko_first, ko_skip, n_kos_unfolded)


@njit
def _list_part(
    first: int,
    last: int,
    rows: int,
    columns: int,
    tables: CodeTables,
    index: Index,
    n_moves: npt.NDArray[np.uint8],
    exchanged: Numbers,
    margin: Bytes,
) -> tuple[Numbers, Codes]:
    """All children (-1: a ko) and ko keys of the boards of the words `first:last`; fills the last three arrays, which begin with them."""
    n_cells, one = rows * columns, np.uint64(1)
    child = np.empty(n_moves.shape[0] * n_cells, dtype=np.int32)
    ko_keys = np.empty(n_moves.shape[0] * n_cells, dtype=np.int64)
    i = n_children = n_kos = 0
    for word in range(first, last):
        bits = index.words[word]
        while bits:
            own, other = board_of(64 * word + lowest_bit(bits), tables)
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
                code, ko_image = least_code(mine, theirs, ko, tables)
                number = number_of(code, index)
                if ko >= 0:
                    ko_keys[n_kos] = number * n_cells + ko_image
                    n_kos += 1
                    number = -1
                child[n_children] = number
                n_children += 1
                n_moves[i] += 1
            i += 1
    return child[:n_children].copy(), ko_keys[:n_kos].copy()


@njit
def _find_kos(
    keys: Codes, rows: int, columns: int, tables: CodeTables, index: Index, n_moves: npt.NDArray[np.uint8]
) -> tuple[Codes, Codes, int]:
    """`ko_first` and `ko_skip` of each state with a ko, and how many states they are before folding."""
    ko_first = np.empty(keys.shape[0], dtype=np.int64)
    ko_skip = np.empty(keys.shape[0], dtype=np.int64)
    n_symmetries, n_unfolded = tables.images.shape[0], 0
    board = first = 0
    for k in range(keys.shape[0]):
        number, ko = keys[k] // (rows * columns), keys[k] % (rows * columns)
        while board < number:
            first += int(n_moves[board])
            board += 1
        ko_first[k] = ko_skip[k] = first
        code = code_at(number, index)
        own, other = board_of(code, tables)
        n_same = 0
        for g in range(n_symmetries):
            n_same += image_code(own, other, g, tables) == code and tables.symmetries[g, ko] == ko
        n_unfolded += n_symmetries // n_same
        for point in range(ko):
            if not ((own | other) >> np.uint64(point)) & np.uint64(1):
                ko_skip[k] += play(own | (other << np.uint64(MAX_CELLS)), point, rows, columns) != ~np.uint64(0)
    return ko_first, ko_skip, n_unfolded
