"""A perfect numbering of Go boards: the legal ones, one of each symmetry class, are 0, 1, 2, ... without a list of boards.

A board is a number in base 3, its code (cell i is worth 3**i: 0 empty, 1 own, 2 the other's); the least code of its images
stands for its class. One bit for each code says whether it is legal and least, and the count of the bits before it is its
number. That is 1.5 bits a code: 8 MB for 4x4, which a processor's cache holds, and 0.65 GB for 4x5.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from games.api import States
from games.board import count_bits, rectangle
from games.go import MAX_CELLS, STONES, flood, neighbours
from games.jit import njit
from games.parts import Arrays, Checkpoints

NUMBERED = "boards numbered"
Codes = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]


class CodeTables(NamedTuple):
    """What turns a code into a board and a board into the codes of its images, half a board at a time."""

    low: States  # [3**half] the board, as `games.go` packs it, that the lower digits of a code stand for
    high: States  # [3**(n_cells - half)] the same for the upper digits
    symmetries: Codes  # [n_symmetries, n_cells] as in `games.api.Board`
    images: Codes  # [n_symmetries, 2, 2**half] what own stones on half of the cells add to the code of an image
    half: int  # cells in the lower half; the upper has as many or one less


class Index(NamedTuple):
    """The legal boards by number, for kernels."""

    words: States  # [n_words] bit c of word w: the code 64 * w + c is a legal board, and the least of its images
    before: Numbers  # [n_words + 1] how many bits are set in earlier words


@dataclass(frozen=True, eq=False)
class Boards:
    """All legal boards of one size, up to symmetry."""

    rows: int
    columns: int
    tables: CodeTables
    index: Index
    n_unfolded: int

    @property
    def n_boards(self) -> int:
        return int(self.index.before[-1])


def number_boards(rows: int, columns: int, checkpoints: Checkpoints) -> Boards:
    """Find all legal boards, those on which every chain has a liberty, on all processors."""
    tables = _code_tables(rows, columns)
    n_words, n_unfolded = -(-(3 ** (rows * columns)) // 64), 0
    words = np.empty(n_words, dtype=np.uint64)

    def find(first: int, last: int) -> Arrays:
        legal, count = _find_legal(first, last, rows, columns, tables)
        return {"words": legal, "n_unfolded": np.array([count])}

    for (first, last), part in checkpoints.parts(NUMBERED, n_words, find):
        words[first:last] = part["words"]
        n_unfolded += int(part["n_unfolded"][0])
    before = np.zeros(n_words + 1, dtype=np.int32)
    np.cumsum(np.bitwise_count(words), dtype=np.int32, out=before[1:])
    return Boards(rows, columns, tables, Index(words, before), n_unfolded)


def _code_tables(rows: int, columns: int) -> CodeTables:
    n_cells, symmetries = rows * columns, rectangle(rows, columns).symmetries
    half = -(-n_cells // 2)
    boards = []
    for first, last in ((0, half), (half, n_cells)):
        packed = np.zeros(1, dtype=np.uint64)
        for cell in range(first, last):
            packed = np.concatenate([packed | np.uint64(stone) for stone in (0, 1 << cell, 1 << (cell + MAX_CELLS))])
        boards.append(packed)
    images = np.zeros((len(symmetries), 2, 1 << half), dtype=np.int64)
    masks = np.arange(1 << half)
    for g, image in enumerate(symmetries):
        for cell in range(n_cells):
            part, bit = divmod(cell, half)
            images[g, part] += (masks >> bit & 1) * 3 ** int(image[cell])
    return CodeTables(boards[0], boards[1], symmetries, images, half)


@njit
def board_of(code: int, tables: CodeTables) -> tuple[np.uint64, np.uint64]:
    """The mover's and the other's stones on the board with this code."""
    board = tables.low[code % tables.low.shape[0]] | tables.high[code // tables.low.shape[0]]
    return board & np.uint64(STONES), board >> np.uint64(MAX_CELLS)


@njit
def image_code(own: np.uint64, other: np.uint64, g: int, tables: CodeTables) -> int:
    """The code of a board's image under symmetry g."""
    shift = np.uint64(tables.half)
    mask = (np.uint64(1) << shift) - np.uint64(1)
    image = tables.images[g]
    return int(image[0, own & mask] + image[1, own >> shift] + 2 * (image[0, other & mask] + image[1, other >> shift]))


@njit
def least_code(own: np.uint64, other: np.uint64, ko: int, tables: CodeTables) -> tuple[int, int]:
    """The least code of a board's images, and the least image of a ko point (-1 for none) among those that have that code."""
    least, ko_image = image_code(own, other, 0, tables), ko
    for g in range(1, tables.images.shape[0]):
        code = image_code(own, other, g, tables)
        if code <= least:
            moved = tables.symmetries[g, ko] if ko >= 0 else -1
            ko_image = min(ko_image, moved) if code == least else moved
            least = code
    return least, ko_image


@njit
def number_of(code: int, index: Index) -> int:
    """The number of a legal board, given the least code of its images."""
    bit = np.uint64(1) << np.uint64(code & 63)
    return int(index.before[code >> 6]) + count_bits(index.words[code >> 6] & (bit - np.uint64(1)))


@njit
def code_at(number: int, index: Index) -> int:
    """The code of the board with this number."""
    first, last = 0, index.words.shape[0] - 1
    while first < last:
        middle = (first + last + 1) // 2
        if index.before[middle] <= number:
            first = middle
        else:
            last = middle - 1
    word = index.words[first]
    for _ in range(number - index.before[first]):
        word &= word - np.uint64(1)
    return 64 * first + lowest_bit(word)


@njit
def lowest_bit(word: np.uint64) -> int:
    """The place of the lowest set bit of a word that is not 0."""
    return count_bits((word & (~word + np.uint64(1))) - np.uint64(1))


@njit
def _find_legal(first: int, last: int, rows: int, columns: int, tables: CodeTables) -> tuple[States, int]:
    """The words `first:last` of an index, and how many boards they stand for before folding."""
    words = np.zeros(last - first, dtype=np.uint64)
    n_codes, n_symmetries, n_unfolded = tables.low.shape[0] * tables.high.shape[0], tables.images.shape[0], 0
    full = (np.uint64(1) << np.uint64(rows * columns)) - np.uint64(1)
    for code in range(64 * first, min(64 * last, n_codes)):
        own, other = board_of(code, tables)
        n_same = 0
        for g in range(n_symmetries):
            image = image_code(own, other, g, tables)
            if image < code:
                n_same = 0
                break
            n_same += image == code
        if n_same == 0:
            continue
        beside_empty = neighbours(full & ~(own | other), rows, columns)
        if flood(beside_empty, own, rows, columns) == own and flood(beside_empty, other, rows, columns) == other:
            words[code // 64 - first] |= np.uint64(1) << np.uint64(code % 64)
            n_unfolded += n_symmetries // n_same
    return words, n_unfolded
