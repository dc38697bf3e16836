"""Shared code of games in which stones are placed and stay: states as two masks, folding, counts, and pictures.

A state in 64 bits: own stones (bits 0 to n - 1), then the other's (bits n to 2n - 1), on a board of n cells, at most 32.
"""

import math

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s, UInt64s
from games.contract import Board, States
from games.jit import njit
from games.rules.board import apply_symmetries, apply_symmetry, draw, least, unpack_masks

MAX_CELLS = 32


def split(states: States, n_cells: int) -> tuple[States, States]:
    """Masks of the mover's and of the other's stones."""
    return states & np.uint64((1 << n_cells) - 1), states >> np.uint64(n_cells)


def cells_of(own: States, other: States, n_cells: int) -> Int8s:
    """0 empty, 1 own, 2 the other's: [n, n_cells]."""
    return (unpack_masks(own, n_cells) + 2 * unpack_masks(other, n_cells).astype(np.int8)).astype(np.int8)


def planes_of(own: States, other: States, board: Board) -> UInt8s:
    """Own stones and the other's as 0/1 planes: [n, 2, rows, columns]."""
    layers = np.stack([unpack_masks(own, board.n_cells), unpack_masks(other, board.n_cells)], axis=1)
    return layers.reshape(-1, 2, board.rows, board.columns).astype(np.uint8)


def picture(own: int, other: int, board: Board) -> str:
    """The board in text, `X` own and `O` the other's."""
    return draw(board, "".join("X" if own >> i & 1 else "O" if other >> i & 1 else "." for i in range(board.n_cells)))


def count_arrangements(n_cells: int) -> float:
    """Ways to lay stones of two colours that alternate, the first player's first, on some of the cells, wins left aside."""
    return float(sum(math.comb(n_cells, n) * math.comb(n, n // 2) for n in range(n_cells + 1)))


def straight_lines(rows: int, columns: int, length: int) -> UInt64s:
    """A mask for every horizontal, vertical or diagonal run of `length` cells."""
    masks = {
        sum(1 << ((row + i * down) * columns + column + i * right) for i in range(length))
        for row in range(rows)
        for column in range(columns)
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1))
        if row + (length - 1) * down < rows and 0 <= column + (length - 1) * right < columns
    }
    return np.array(sorted(masks), dtype=np.uint64)


@njit
def has_line(stones: np.uint64, lines: UInt64s) -> bool:
    """Whether the stones fill one of the lines."""
    for line in lines:  # noqa: SIM110  Numba compiles no generator expression
        if stones & line == line:
            return True
    return False


@njit
def fold(own: np.uint64, other: np.uint64, n_cells: int, tables: UInt64s) -> np.uint64:
    """The smallest packed image of a state under the given symmetries of the board."""
    best = ~np.uint64(0)
    for g in range(tables.shape[0]):
        best = min(best, apply_symmetry(own, tables[g]) | (apply_symmetry(other, tables[g]) << np.uint64(n_cells)))
    return best


def fold_states(states: States, n_cells: int, tables: UInt64s) -> tuple[States, Int64s]:
    """The smallest image of each state under the given symmetries of the board, and which symmetry leads there: each [n]."""
    own, other = split(states, n_cells)
    return least(apply_symmetries(own, tables) | apply_symmetries(other, tables) << np.uint64(n_cells))


@njit
def class_sizes(states: States, n_cells: int, tables: UInt64s) -> Int32s:
    """How many different images each state has under a group of symmetries. [n]"""
    sizes = np.empty(states.shape[0], dtype=np.int32)
    mask = (np.uint64(1) << np.uint64(n_cells)) - np.uint64(1)
    for i in range(states.shape[0]):
        own, other = states[i] & mask, states[i] >> np.uint64(n_cells)
        fixed = 0
        for g in range(tables.shape[0]):
            fixed += int(apply_symmetry(own, tables[g]) == own and apply_symmetry(other, tables[g]) == other)
        sizes[i] = tables.shape[0] // fixed
    return sizes
