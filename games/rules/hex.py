"""Hex on a parallelogram of cells: the first player joins top and bottom, the second left and right; no swap rule.

A state is seen from the player to move, who always joins top and bottom: after a move the colours are swapped and the board
is laid over a diagonal, which keeps neighbours neighbours and takes each player's sides to the other's. A cell touches those
left, right, above, below, above right and below left of it. On an oblong board the cells beyond it, that fill it up to a
square, hold stones of the player whose sides are nearer to each other from the start, on top or on the right: they prolong his
side and change nothing. Only square boards are folded, by half a turn. A state as in games/rules/placement.py. Actions are the cells.

There is no draw, and the first player wins on every square board: Gale (1979), "The game of Hex and the Brouwer fixed-point
theorem". On others the player whose sides are nearer to each other wins, even as second, by answering each move with the
cell that a symmetry pairs with it: Gardner (1959), "Mathematical Puzzles and Diversions", chapter 8.
"""

import functools
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s, UInt64s
from games.contract import Board, Expansion, States
from games.jit import njit
from games.rules.board import cell_actions, cell_name, draw, rectangle, symmetry_tables
from games.rules.placement import cells_of, class_sizes, count_arrangements, fold, fold_states, planes_of, split
from games.rules.ply import Ply, new_arrays, trim
from games.rules.sizes import read_sizes

MAX_SIZE = 5


@dataclass(frozen=True)
class Hex:
    """Hex on `rows` x `columns` cells, shown in the smallest square that holds them."""

    rows: int
    columns: int

    max_payoff = 1
    endless = False

    @property
    def id(self) -> str:
        return f"hex-{self.rows}" if self.rows == self.columns else f"hex-{self.rows}x{self.columns}"

    @property
    def size(self) -> int:
        return max(self.rows, self.columns)

    @property
    def n_actions(self) -> int:
        return self.size**2

    @property
    def board(self) -> Board:
        return _rhombus(self.size, self.rows == self.columns)

    @cached_property
    def _symmetry_tables(self) -> UInt64s:
        return symmetry_tables(self.board)

    @cached_property
    def _views(self) -> UInt64s:
        """Tables that lay the board over its short diagonal, under each of its symmetries."""
        diagonal = np.arange(self.n_actions).reshape(self.size, self.size).T.ravel()[::-1]
        return symmetry_tables(Board(self.size, self.size, self.board.symmetries[:, diagonal]))

    def estimate_states(self) -> float:
        return count_arrangements(self.rows * self.columns) / len(self.board.symmetries)

    def start(self) -> int:
        if self.rows < self.columns:
            return (1 << (self.size * (self.size - self.rows))) - 1
        return (
            sum(1 << (row * self.size + column) for row in range(self.rows) for column in range(self.columns, self.size)) << self.n_actions
        )

    def expand(self, states: States, fold: bool = True) -> Expansion:
        return Expansion(*_expand(states, self.size, self._views if fold else self._views[:1]))

    @property
    def action_symmetries(self) -> Int64s:
        return cell_actions(self.board, self.n_actions)

    def fold(self, states: States) -> tuple[States, Int64s]:
        return fold_states(states, self.n_actions, self._symmetry_tables)

    def multiplicity(self, states: States) -> Int32s:
        return class_sizes(states, self.n_actions, self._symmetry_tables)

    def cells(self, states: States) -> Int8s:
        return cells_of(*split(states, self.n_actions), self.n_actions)

    def cell_levels(self) -> tuple[int, ...]:
        return (3,) * self.n_actions

    def planes(self, states: States) -> UInt8s:
        return planes_of(*split(states, self.n_actions), self.board)

    def render(self, state: int) -> str:
        size, shorter = self.size, min(self.rows, self.columns)
        square = ["X" if state >> cell & 1 else "O" if state >> (cell + self.n_actions) & 1 else "." for cell in range(self.n_actions)]
        lies = square[size - 1] == "X"  # the cells beyond an oblong board are on top, and not on the right
        rows, columns = (shorter, size) if lies else (size, shorter)
        symbols = "".join(square[row * size + column] for row in range(size - rows, size) for column in range(columns))
        lines = draw(Board(rows, columns, np.arange(rows * columns)[None]), symbols).splitlines()
        return "\n".join(" " * row + line for row, line in enumerate(lines))

    def action_name(self, action: int) -> str:
        return cell_name(self.board, action)


@functools.cache
def _rhombus(size: int, symmetric: bool) -> Board:
    return Board(size, size, rectangle(size, size).symmetries[[0, 3] if symmetric else [0]], window_symmetries=(0, 3))


def make(text: str) -> Hex:
    """The game for `N`, or `MxN` where the numbers of rows and columns differ; raises UsageError unless both are 2 to 5."""
    form = f"the number of rows, or rows and columns that differ, each 2 to {MAX_SIZE}"
    sizes = read_sizes(f"hex-{text}", [1, 2], _is_possible, form, "hex-3 or hex-3x4")
    return Hex(sizes[0], sizes[-1])


def _is_possible(*sizes: int) -> bool:
    return all(2 <= size <= MAX_SIZE for size in sizes) and len(set(sizes)) == len(sizes)


@njit
def left_column(size: int) -> np.uint64:
    """The cells of the first column."""
    column = np.uint64(0)
    for row in range(size):
        column |= np.uint64(1) << np.uint64(row * size)
    return column


@njit
def touching(cells: np.uint64, size: int) -> np.uint64:
    """The cells that touch one of these."""
    one, row = np.uint64(1), np.uint64(size)
    from_left = cells & ~left_column(size)
    from_right = cells & ~(left_column(size) << (row - one))
    level = (from_right << one) | (from_left >> one)
    steep = (cells << row) | (cells >> row) | (from_right >> (row - one)) | (from_left << (row - one))
    return (level | steep) & ((one << np.uint64(size * size)) - one)


@njit
def joins_left_and_right(stones: np.uint64, size: int) -> bool:
    """Whether a chain of touching stones leads from the first column to the last."""
    reached, before = stones & left_column(size), np.uint64(0)
    while reached != before:
        before = reached
        reached |= touching(reached, size) & stones
    return bool(reached & (left_column(size) << np.uint64(size - 1)))


@njit
def _expand(states: States, size: int, views: UInt64s) -> Ply:
    n, n_cells = states.shape[0], size * size
    ply = new_arrays(n, n * n_cells)
    edge_start, edge_action, edge_child, terminal, payoff = ply
    edge = 0
    full = (np.uint64(1) << np.uint64(n_cells)) - np.uint64(1)
    for i in range(n):
        own, other = states[i] & full, states[i] >> np.uint64(n_cells)
        terminal[i] = joins_left_and_right(other, size)
        if terminal[i]:
            payoff[i] = -1
        else:
            for cell in range(n_cells):
                stone = np.uint64(1) << np.uint64(cell)
                if not (own | other) & stone:
                    edge_action[edge] = cell
                    edge_child[edge] = fold(other, own | stone, n_cells, views)
                    edge += 1
        edge_start[i + 1] = edge
    return trim(ply, edge)
