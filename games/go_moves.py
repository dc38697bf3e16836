"""Every move on every legal Go board, once: a list of children for each board, shared by all states on it.

The states on one board are: no pass before it, one pass before it, and one for each point at which a ko forbids retaking. All
of them lead to the same boards (less the forbidden point), and their pass leads to the board with colours exchanged; so four
bytes a move of a board and seventeen a board hold the whole game.
"""

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

Bytes = npt.NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Moves:
    """Where each board leads; a child below n_boards is a board after no pass, n_boards + k the k-th state with a ko."""

    first: Codes  # [n_boards + 1] the moves of board b are `first[b]:first[b + 1]`, by ascending point, the pass not among them
    child: Numbers  # [n_moves]
    exchanged: Numbers  # [n_boards] the board as the other player sees it
    margin: Bytes  # [n_boards] the mover's area less the other's
    ko_keys: Codes  # [n_kos] board * n_cells + forbidden point, ascending
    ko_board: Numbers  # [n_kos]
    ko_skip: Codes  # [n_kos] which of the moves is forbidden
    n_kos_unfolded: int


def list_moves(boards: Boards) -> Moves:
    """Play every move on every board, on all processors."""
    rows, columns = boards.rows, boards.columns
    arrays = (rows, columns, boards.tables, boards.index)
    parts = in_threads(lambda first, last: _list_part(first, last, *arrays), len(boards.index.words), 8192)
    n_moves, children, exchanged, margins, ko_keys = zip(*parts, strict=True)
    first = np.zeros(boards.n_boards + 1, dtype=np.int64)
    np.cumsum(np.concatenate(n_moves), out=first[1:])
    child = np.concatenate(children)
    keys, places = np.unique(np.concatenate(ko_keys), return_inverse=True)
    child[child < 0] = boards.n_boards + places  # both in the order in which they were met
    board = (keys // (rows * columns)).astype(np.int32)
    skip, n_kos_unfolded = _find_kos(keys, *arrays)
    return Moves(first, child, np.concatenate(exchanged), np.concatenate(margins), keys, board, first[board] + skip, n_kos_unfolded)


@njit
def _list_part(
    first: int, last: int, rows: int, columns: int, tables: CodeTables, index: Index
) -> tuple[Numbers, Numbers, Numbers, Bytes, Codes]:
    """For the boards of the words `first:last`: how many moves each has, all children (-1: a ko), boards exchanged, margins, ko keys."""
    n_cells, one = rows * columns, np.uint64(1)
    n = index.before[last] - index.before[first]
    n_moves = np.zeros(n, dtype=np.int32)
    child = np.empty(n * n_cells, dtype=np.int32)
    exchanged = np.empty(n, dtype=np.int32)
    margin = np.empty(n, dtype=np.int8)
    ko_keys = np.empty(n * n_cells, dtype=np.int64)
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
    return n_moves, child[:n_children].copy(), exchanged, margin, ko_keys[:n_kos].copy()


@njit
def _find_kos(keys: Codes, rows: int, columns: int, tables: CodeTables, index: Index) -> tuple[Codes, int]:
    """For each state with a ko, how many moves of its board stand before the forbidden one; and how many states they are unfolded."""
    skip = np.zeros(keys.shape[0], dtype=np.int64)
    n_symmetries, n_unfolded = tables.images.shape[0], 0
    for k in range(keys.shape[0]):
        number, ko = keys[k] // (rows * columns), keys[k] % (rows * columns)
        code = code_at(number, index)
        own, other = board_of(code, tables)
        n_same = 0
        for g in range(n_symmetries):
            n_same += image_code(own, other, g, tables) == code and tables.symmetries[g, ko] == ko
        n_unfolded += n_symmetries // n_same
        for point in range(ko):
            if not ((own | other) >> np.uint64(point)) & np.uint64(1):
                skip[k] += play(own | (other << np.uint64(MAX_CELLS)), point, rows, columns) != ~np.uint64(0)
    return skip, n_unfolded
