"""Windows round a move as predicates: the contents of the cells near it, up to rotation, reflection, and the board's edge.

A pattern is a window and the content of its cells: 0 empty, 1 own, 2 the other's, 3 off the board, two bits a cell in the
window's order. Above those stands a bit for each cell that may be anything; its content is then written as 0. Of its images
under the symmetries that the game allows (board.window_symmetries) the smallest number stands for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Bools, Int8s, Int16s, Int64s, UInt64s
from games.contract import Board
from games.jit import njit
from games.rules.board import rectangle

OFF_BOARD = 3
ANYTHING = 4


@dataclass(frozen=True)
class Window:
    """Cells round a move, nearest first, as (row, column) offsets; closed under the symmetries of the square."""

    name: str
    offsets: tuple[tuple[int, int], ...]

    @property
    def n_cells(self) -> int:
        return len(self.offsets)

    @property
    def reach(self) -> int:
        """The window lies within this many rows and columns of the move."""
        return max(max(abs(row), abs(column)) for row, column in self.offsets)

    @cached_property
    def inside(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """For each cell its distance in steps, and its one or two neighbours one step nearer the move, as 1 + their index; 0: the move."""
        index = {(0, 0): 0} | {offset: i for i, offset in enumerate(self.offsets, start=1)}
        found = []
        for row, column in self.offsets:
            nearer = [(row - (row > 0) + (row < 0), column)] * (row != 0) + [(row, column - (column > 0) + (column < 0))] * (column != 0)
            found.append((abs(row) + abs(column), tuple(index[cell] for cell in nearer if cell in index)))
        return tuple(found)

    def images(self) -> Int64s:
        """For each of the eight symmetries the cell that lands on each cell: [8, n_cells]."""
        width = 2 * self.reach + 1
        places = [(row + self.reach) * width + column + self.reach for row, column in self.offsets]
        index = {place: i for i, place in enumerate(places)}
        return np.array([[index[int(turned[place])] for place in places] for turned in rectangle(width, width).symmetries])


def window(name: str, distance: int, corners: bool) -> Window:
    """The cells within a distance of the move: counted in steps, or (`corners`) along rows and columns separately."""
    span = range(-distance, distance + 1)
    near = [(r, c) for r in span for c in span if (r, c) != (0, 0) and (corners or abs(r) + abs(c) <= distance)]
    return Window(name, tuple(sorted(near, key=lambda cell: (cell[0] ** 2 + cell[1] ** 2, cell))))


WINDOWS = {
    each.name: each for each in (window("cross", 1, False), window("3x3", 1, True), window("diamond", 2, False), window("5x5", 2, True))
}


def pattern_codes(window: Window, board: Board, cells: Int8s, edge_start: Int64s, actions: Int16s) -> UInt64s:
    """The pattern round each move on a cell, all ones for other moves (a pass): uint64 [n_edges]."""
    offsets = np.array(window.offsets, dtype=np.int64)
    centres = actions.astype(np.int64) if board.action_cell is None else board.action_cell[actions]
    images = window.images()[list(board.window_symmetries)]
    return codes(np.ascontiguousarray(cells[:, : board.n_cells]), edge_start, centres, board.rows, board.columns, offsets, images)


@njit
def codes(
    cells: Int8s,
    edge_start: Int64s,
    centres: Int64s,
    rows: int,
    columns: int,
    offsets: Int64s,
    images: Int64s,
) -> UInt64s:
    """The smallest image of the window round each move's cell, all ones for a move on no cell (below 0, or beyond). [n_edges]"""
    n_offsets, n_images = offsets.shape[0], images.shape[0]
    found = np.full(centres.shape[0], ~np.uint64(0), dtype=np.uint64)
    shift = np.empty((n_images, n_offsets), dtype=np.uint64)
    for g in range(n_images):
        for i in range(n_offsets):
            shift[g, images[g, i]] = 2 * i
    image = np.empty(n_images, dtype=np.uint64)
    for state in range(cells.shape[0]):
        for edge in range(edge_start[state], edge_start[state + 1]):
            if not 0 <= centres[edge] < rows * columns:
                continue
            row, column = centres[edge] // columns, centres[edge] % columns
            image[:] = 0
            for i in range(n_offsets):
                r, c = row + offsets[i, 0], column + offsets[i, 1]
                content = np.uint64(OFF_BOARD)
                if 0 <= r < rows and 0 <= c < columns:
                    content = np.uint64(cells[state, r * columns + c])
                if content:
                    for g in range(n_images):
                        image[g] |= content << shift[g, i]
            found[edge] = image.min()
    return found


def contents(window: Window, code: int) -> list[int]:
    """The content of each cell of a pattern, ANYTHING for a wildcard."""
    n = window.n_cells
    return [ANYTHING if code >> (2 * n + i) & 1 else code >> 2 * i & 3 for i in range(n)]


def pattern(window: Window, cells: Sequence[int]) -> int:
    """The pattern with these contents, the inverse of `contents`."""
    n = window.n_cells
    return sum((1 << (2 * n + i) if content == ANYTHING else content << 2 * i) for i, content in enumerate(cells))


def canonical(window: Window, symmetries: Sequence[int], code: int) -> int:
    """The smallest of a pattern's images under the given symmetries of the square."""
    cells = contents(window, code)
    return min(pattern(window, [cells[i] for i in image.tolist()]) for image in window.images()[list(symmetries)])


def matching(window: Window, symmetries: Sequence[int], code: int, codes: UInt64s) -> Bools:
    """Which of some patterns without wildcards a pattern with wildcards fits, under any of the given symmetries. [n_codes]"""
    cells = contents(window, code)
    fits = np.zeros(len(codes), dtype=bool)
    for image in window.images()[list(symmetries)]:
        turned = [cells[i] for i in image.tolist()]
        care = sum(3 << 2 * i for i, content in enumerate(turned) if content != ANYTHING)
        fits |= (codes & np.uint64(care)) == np.uint64(pattern(window, [0 if content == ANYTHING else content for content in turned]))
    return fits


def draw_pattern(window: Window, code: int) -> str:
    """The pattern as text: `X` own, `O` the other's, `.` empty, `#` off the board, `*` the move, `?` or blank: anything."""
    symbols = {(0, 0): "*"} | dict(zip(window.offsets, (".XO#?"[content] for content in contents(window, code)), strict=True))
    span = range(-window.reach, window.reach + 1)
    return "\n".join(" ".join(symbols.get((row, column), " ") for column in span).rstrip() for row in span)
