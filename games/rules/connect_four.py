"""Connect four: a stone falls to the lowest empty cell of its column; four in a row, column or diagonal win, a full board is a draw.

A state in 64 bits, one for each cell of the board with one more row on top: own stones, and in every column the first cell
above all its stones (after Tromp, "John's Connect Four Playground"). The cells below that mark are filled, so those that are
not own are the other's. Actions are the cells in which a stone lands.
"""

import functools
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s, UInt64s
from games.contract import Board, Expansion, States
from games.jit import njit
from games.rules.board import apply_symmetries, apply_symmetry, cell_name, least, symmetry_tables
from games.rules.placement import cells_of, has_line, picture, planes_of, straight_lines
from games.rules.ply import Ply, new_arrays, trim
from games.rules.sizes import read_sizes

IN_A_ROW = 4
MAX_BITS = 63


@dataclass(frozen=True)
class ConnectFour:
    """Four in a row on a standing board of `rows` x `columns` cells."""

    rows: int
    columns: int

    max_payoff = 1
    endless = False

    @property
    def id(self) -> str:
        return f"connect_four-{self.rows}x{self.columns}"

    @property
    def n_actions(self) -> int:
        return self.rows * self.columns

    @property
    def board(self) -> Board:
        return _standing(self.rows, self.columns)

    @cached_property
    def _lines(self) -> UInt64s:
        return straight_lines(self.rows, self.columns, IN_A_ROW)

    @cached_property
    def _images(self) -> UInt64s:
        """Tables that leave a state as it is, and that mirror it."""
        return symmetry_tables(_standing(self.rows + 1, self.columns))

    def estimate_states(self) -> float:
        """Ways to fill columns with stones of two colours in equal numbers, wins left aside; two of them fold into one."""
        heights = np.ones(1)
        for _ in range(self.columns):
            heights = np.convolve(heights, np.ones(self.rows + 1))
        return float(sum(ways * math.comb(n, n // 2) for n, ways in enumerate(heights.tolist()))) / 2

    def start(self) -> int:
        return ((1 << self.columns) - 1) << self.n_actions

    def expand(self, states: States, fold: bool = True) -> Expansion:
        return Expansion(*_expand(states, self.rows, self.columns, self._lines, self._images[int(fold)]))

    @property
    def action_symmetries(self) -> Int64s:
        return self.board.symmetries

    def fold(self, states: States) -> tuple[States, Int64s]:
        return least(apply_symmetries(states, self._images))

    def multiplicity(self, states: States) -> Int32s:
        return _multiplicity(states, self._images[1])

    def cells(self, states: States) -> Int8s:
        return cells_of(*stones(states, self.rows, self.columns), self.n_actions)

    def cell_levels(self) -> tuple[int, ...]:
        return (3,) * self.n_actions

    def planes(self, states: States) -> UInt8s:
        return planes_of(*stones(states, self.rows, self.columns), self.board)

    def render(self, state: int) -> str:
        own, other = stones(np.array([state], dtype=np.uint64), self.rows, self.columns)
        return picture(int(own[0]), int(other[0]), self.board)

    def action_name(self, action: int) -> str:
        return cell_name(self.board, action)


@functools.cache
def _standing(rows: int, columns: int) -> Board:
    grid = np.arange(rows * columns).reshape(rows, columns)
    return Board(rows, columns, np.stack([grid.ravel(), grid[:, ::-1].ravel()]), window_symmetries=(0, 2))


def make(text: str) -> ConnectFour:
    """The game for `RxC`; raises UsageError unless there are at least 2 columns and the state fits in 63 bits."""
    form = f"the board as ROWSxCOLUMNS with at least 2 columns and at most {MAX_BITS} cells with one more row"
    return ConnectFour(*read_sizes(f"connect_four-{text}", [2], _is_possible, form, "connect_four-4x4"))


def _is_possible(rows: int, columns: int) -> bool:
    return columns >= 2 and (rows + 1) * columns <= MAX_BITS


@njit
def _filled(state: np.uint64, rows: int, columns: int) -> np.uint64:
    """The cells below the mark of each column, which is the highest bit in it; row 0 is the highest."""
    below = state
    for _ in range(rows):
        below |= below << np.uint64(columns)
    return (below << np.uint64(columns)) & ((np.uint64(1) << np.uint64((rows + 1) * columns)) - np.uint64(1))


@njit
def stones(states: States, rows: int, columns: int) -> tuple[States, States]:
    """Masks of the mover's and of the other's stones, without the row on top."""
    own, other = np.empty_like(states), np.empty_like(states)
    for i in range(states.shape[0]):
        filled = _filled(states[i], rows, columns)
        own[i] = (states[i] & filled) >> np.uint64(columns)
        other[i] = (filled & ~states[i]) >> np.uint64(columns)
    return own, other


@njit
def _expand(states: States, rows: int, columns: int, lines: UInt64s, mirror: UInt64s) -> Ply:
    n, n_cells = states.shape[0], rows * columns
    ply = new_arrays(n, n * columns)
    edge_start, edge_action, edge_child, terminal, payoff = ply
    edge = 0
    up = np.uint64(columns)
    for i in range(n):
        filled = _filled(states[i], rows, columns)
        marks = states[i] & ~filled
        other = filled & ~states[i]
        if has_line(other >> up, lines):
            payoff[i] = -1
        terminal[i] = payoff[i] != 0 or marks >> up == 0
        if not terminal[i]:
            for cell in range(n_cells):
                landing = np.uint64(1) << (np.uint64(cell) + up)
                if marks & landing:
                    child = other | (marks ^ landing) | (landing >> up)
                    edge_action[edge] = cell
                    edge_child[edge] = min(child, apply_symmetry(child, mirror))
                    edge += 1
        edge_start[i + 1] = edge
    return trim(ply, edge)


@njit
def _multiplicity(states: States, mirror: UInt64s) -> Int32s:
    sizes = np.empty(states.shape[0], dtype=np.int32)
    for i in range(states.shape[0]):
        sizes[i] = 1 + int(apply_symmetry(states[i], mirror) != states[i])
    return sizes
