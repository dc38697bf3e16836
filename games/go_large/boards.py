"""A perfect numbering of Go boards: the legal ones, one of each symmetry class, have the numbers 0, 1, 2, ... without a list of boards.

A board has a code: the places of its stones say where a run of codes begins, in which the colours, one bit a stone, are
counted. The runs stand in order of their stones, the full board first. So a move that takes nothing leads to a smaller code,
and the moves of the boards of one run lead into few other runs: numbers that are used together lie together. The least code of
a board's images stands for its class. One bit for each code says whether it is legal and least, and the count of the bits
before it is its number. That is 1.5 bits a code: 8 MB for 4x4, which a processor's cache holds, and 0.65 GB for 4x5.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from games.arrays import Int32s, Int64s, UInt8s
from games.contract import States
from games.go_large.checkpoints import Arrays, Checkpoints
from games.jit import njit
from games.rules.board import count_bits, rectangle
from games.rules.go_stones import flood, neighbours

NUMBERED = "boards numbered"


class CodeTables(NamedTuple):
    """What turns a code into a board and a board into the codes of its images; a run is given by a mask of its stones' places."""

    runs: Int32s  # [2**n_cells] the masks in order of their codes
    begin: Int64s  # [2**n_cells + 1] the first code of each run in that order
    begin_of: Int64s  # [2**n_cells] the first code of the run of a mask
    least: UInt8s  # [2**n_cells] bit g: symmetry g takes this mask to the image that comes first in the order
    symmetries: Int64s  # [n_symmetries, n_cells] as in `games.contract.Board`
    images: Int32s  # [n_symmetries, 2, 2**half] the image of cells of the lower and of the upper half of the board
    packed: Int32s  # [2**half, 2**half] the bits of the second number at the places of the first one's set bits, packed together
    half: int  # cells in the lower half; the upper has as many or one less


class Index(NamedTuple):
    """The legal boards by number, for kernels."""

    words: States  # [n_words] bit c of word w: the code 64 * w + c is a legal board, and the least of its images
    before: Int32s  # [n_words + 1] how many bits are set in earlier words


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
    tables = code_tables(rows, columns)
    n_words, n_unfolded = -(-(3 ** (rows * columns)) // 64), 0
    words = np.empty(n_words, dtype=np.uint64)

    def find(first: int, last: int) -> Arrays:
        legal, count = _find_legal(first, last, rows, columns, tables)
        return {"words": legal, "n_unfolded": np.array([count])}

    for (first, last), part in checkpoints.parts(NUMBERED, n_words, find, lambda last: last / n_words):
        words[first:last] = part["words"]
        n_unfolded += int(part["n_unfolded"][0])
    before = np.zeros(n_words + 1, dtype=np.int32)
    np.cumsum(np.bitwise_count(words), dtype=np.int32, out=before[1:])
    return Boards(rows, columns, tables, Index(words, before), n_unfolded)


def code_tables(rows: int, columns: int) -> CodeTables:
    """The tables of a board, which follow from its size."""
    n_cells, symmetries = rows * columns, rectangle(rows, columns).symmetries
    half = -(-n_cells // 2)
    masks = np.arange(1 << n_cells)
    n_stones = np.bitwise_count(masks).astype(np.int64)
    runs = np.argsort(-n_stones, kind="stable").astype(np.int32)
    begin = np.append(0, np.cumsum(1 << n_stones[runs]))
    begin_of = np.empty(1 << n_cells, dtype=np.int64)
    begin_of[runs] = begin[:-1]
    images = np.zeros((len(symmetries), 2, 1 << half), dtype=np.int32)
    halves = np.arange(1 << half)
    for g, image in enumerate(symmetries):
        for cell in range(n_cells):
            part, bit = divmod(cell, half)
            images[g, part] += (halves >> bit & 1) << int(image[cell])
    begins = np.stack([begin_of[image[0, masks & len(halves) - 1] | image[1, masks >> half]] for image in images])
    least = ((begins == begins.min(axis=0)) << np.arange(len(images))[:, None]).sum(axis=0).astype(np.uint8)
    packed, rank = np.zeros((1 << half, 1 << half), dtype=np.int32), np.zeros((1 << half, 1), dtype=np.int64)
    for bit in range(half):
        place = halves[:, None] >> bit & 1
        packed += (place & halves >> bit) << rank
        rank += place
    return CodeTables(runs, begin, begin_of, least, symmetries, images, packed, half)


@njit
def run_of(code: int, tables: CodeTables) -> int:
    """The place of a code's run among the runs."""
    first, last = 0, tables.runs.shape[0] - 1
    while first < last:
        middle = (first + last + 1) // 2
        if tables.begin[middle] <= code:
            first = middle
        else:
            last = middle - 1
    return first


@njit
def board_of(code: int, run: int, tables: CodeTables) -> tuple[np.uint64, np.uint64]:
    """The mover's and the other's stones on the board with this code, which lies in this run."""
    one = np.uint64(1)
    mask = np.uint64(tables.runs[run])
    colours = np.uint64(code - tables.begin[run])
    own, left = np.uint64(0), mask
    while colours:
        lowest = left & (~left + one)
        if colours & one:
            own |= lowest
        left ^= lowest
        colours >>= one
    return own, mask & ~own


@njit
def image_code(own: np.uint64, other: np.uint64, g: int, tables: CodeTables) -> int:
    """The code of a board's image under symmetry g."""
    shift = np.uint64(tables.half)
    lower = (np.uint64(1) << shift) - np.uint64(1)
    image, mask = tables.images[g], own | other
    stones = np.uint64(image[0, mask & lower] | image[1, mask >> shift])
    mine = np.uint64(image[0, own & lower] | image[1, own >> shift])
    low = tables.packed[stones & lower, mine & lower]
    high = tables.packed[stones >> shift, mine >> shift]
    return int(tables.begin_of[stones] + low + (high << count_bits(stones & lower)))


@njit
def least_code(own: np.uint64, other: np.uint64, ko: int, tables: CodeTables) -> tuple[int, int]:
    """The least code of a board's images, and the least image of a ko point (-1 for none) among those that have that code."""
    least, ko_image = tables.begin[-1], -1
    candidates = tables.least[own | other]
    for g in range(tables.images.shape[0]):
        if candidates >> g & 1:
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
    n_symmetries, n_unfolded = tables.images.shape[0], 0
    full = (np.uint64(1) << np.uint64(rows * columns)) - np.uint64(1)
    code, end = 64 * first, min(64 * last, int(tables.begin[-1]))
    run = run_of(code, tables)
    while code < end:
        while tables.begin[run + 1] <= code:
            run += 1
        candidates = tables.least[tables.runs[run]]
        if not candidates & 1:
            code = int(tables.begin[run + 1])
            continue
        own, other = board_of(code, run, tables)
        n_same = 0
        for g in range(n_symmetries):
            if candidates >> g & 1:
                image = image_code(own, other, g, tables)
                if image < code:
                    n_same = 0
                    break
                n_same += image == code
        if n_same:
            beside_empty = neighbours(full & ~(own | other), rows, columns)
            if flood(beside_empty, own, rows, columns) == own and flood(beside_empty, other, rows, columns) == other:
                words[code // 64 - first] |= np.uint64(1) << np.uint64(code % 64)
                n_unfolded += n_symmetries // n_same
        code += 1
    return words, n_unfolded
