"""Boards of cells as bit masks: symmetries, lines of text, and the tables by which kernels map a mask under them."""

import functools

import numpy as np

from games.arrays import Bools, Int64s, UInt64s
from games.contract import Board, States
from games.jit import njit

CHUNK_BITS = 9  # a mask is mapped 9 cells at a time: tables of 512 entries stay in the first-level cache
GO_COLUMNS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # Go leaves out I


@functools.cache
def rectangle(rows: int, columns: int) -> Board:
    """The board with all its rotations and reflections: 8 symmetries on a square, 4 on an oblong (each listed once)."""
    grid = np.arange(rows * columns).reshape(rows, columns)
    images = [grid, grid[::-1], grid[:, ::-1], grid[::-1, ::-1]]
    if rows == columns:
        images += [image.T for image in images]
    unique = dict.fromkeys(tuple(int(cell) for cell in image.ravel()) for image in images)
    return Board(rows, columns, np.array(list(unique), dtype=np.int64))


def symmetry_tables(board: Board) -> UInt64s:
    """Tables with which `apply_symmetry` maps a mask of cells under each symmetry: [n_symmetries, n_chunks, 2**CHUNK_BITS]."""
    n_chunks = -(-board.n_cells // CHUNK_BITS)
    tables = np.zeros((len(board.symmetries), n_chunks, 1 << CHUNK_BITS), dtype=np.uint64)
    values = np.arange(1 << CHUNK_BITS, dtype=np.uint64)
    for g, images in enumerate(board.symmetries):
        for cell, image in enumerate(images):
            chunk, bit = divmod(cell, CHUNK_BITS)
            tables[g, chunk] |= ((values >> np.uint64(bit)) & np.uint64(1)) << np.uint64(image)
    return tables


@njit
def apply_symmetry(mask: np.uint64, table: UInt64s) -> np.uint64:
    """The image of a mask of cells under one symmetry; `table` is one row of `symmetry_tables`: [n_chunks, 512]."""
    image = np.uint64(0)
    for chunk in range(table.shape[0]):
        image |= table[chunk, (mask >> np.uint64(9 * chunk)) & np.uint64(511)]
    return image


@njit
def apply_symmetries(masks: UInt64s, tables: UInt64s) -> UInt64s:
    """The images of masks of cells under each symmetry, by the tables of `symmetry_tables`: [n_symmetries, n]."""
    images = np.empty((tables.shape[0], masks.shape[0]), dtype=np.uint64)
    for g in range(tables.shape[0]):
        for i in range(masks.shape[0]):
            images[g, i] = apply_symmetry(masks[i], tables[g])
    return images


def least(images: UInt64s) -> tuple[States, Int64s]:
    """Of the images of each state [n_symmetries, n] the smallest, and the symmetry that gives it: each [n]."""
    which = images.argmin(axis=0)
    return images[which, np.arange(images.shape[1])], which


def cell_actions(board: Board, n_actions: int) -> Int64s:
    """The image of each action under each symmetry, if the first actions are the cells and the others stay: [n_symmetries, n_actions]."""
    others = np.arange(board.n_cells, n_actions)
    return np.concatenate([board.symmetries, np.tile(others, (len(board.symmetries), 1))], axis=1)


@njit
def count_bits(mask: np.uint64) -> int:
    """The number of cells in a mask."""
    count = 0
    while mask:
        mask &= mask - np.uint64(1)
        count += 1
    return count


def unpack_masks(masks: UInt64s, n_cells: int) -> Bools:
    """The cells of each mask as booleans: [n, n_cells]."""
    return ((masks[:, None] >> np.arange(n_cells, dtype=np.uint64)) & np.uint64(1)).astype(bool)


def cell_name(board: Board, cell: int, letters: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    """Column letter and row number, counted from the bottom left as on a chess board."""
    row, column = divmod(cell, board.columns)
    return f"{letters[column]}{board.rows - row}"


def draw(board: Board, symbols: str, letters: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    """A board in text with its coordinates, one symbol a cell."""
    width = len(str(board.rows))
    lines = [
        f"{board.rows - row:>{width}} " + " ".join(symbols[row * board.columns : (row + 1) * board.columns]) for row in range(board.rows)
    ]
    return "\n".join([*lines, " " * (width + 1) + " ".join(letters[: board.columns])])
