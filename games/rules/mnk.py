"""m,n,k-games: on a board of m rows and n columns, k stones in a row, column or diagonal win; a full board is a draw.

Tic-tac-toe is `mnk-3x3x3`. A state as in games/rules/placement.py. Actions are the cells.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s, UInt64s
from games.contract import Board, Expansion, States
from games.jit import njit
from games.rules.board import cell_actions, cell_name, rectangle, symmetry_tables
from games.rules.placement import (
    MAX_CELLS,
    cells_of,
    class_sizes,
    count_arrangements,
    fold,
    fold_states,
    has_line,
    picture,
    planes_of,
    split,
    straight_lines,
)
from games.rules.ply import Ply, new_arrays, trim
from games.rules.sizes import read_sizes


@dataclass(frozen=True)
class Mnk:
    """`length` in a row on a board of `rows` x `columns` cells, at most 32 of them."""

    rows: int
    columns: int
    length: int

    max_payoff = 1
    endless = False

    @property
    def id(self) -> str:
        return f"mnk-{self.rows}x{self.columns}x{self.length}"

    @property
    def n_actions(self) -> int:
        return self.rows * self.columns

    @property
    def board(self) -> Board:
        return rectangle(self.rows, self.columns)

    @cached_property
    def _lines(self) -> UInt64s:
        return straight_lines(self.rows, self.columns, self.length)

    @cached_property
    def _symmetry_tables(self) -> UInt64s:
        return symmetry_tables(self.board)

    def estimate_states(self) -> float:
        return count_arrangements(self.n_actions) / len(self.board.symmetries)

    def start(self) -> int:
        return 0

    def expand(self, states: States, fold: bool = True) -> Expansion:
        return Expansion(*expand_lines(states, self.n_actions, self._lines, self._symmetry_tables if fold else self._symmetry_tables[:1]))

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
        return picture(state & ((1 << self.n_actions) - 1), state >> self.n_actions, self.board)

    def action_name(self, action: int) -> str:
        return cell_name(self.board, action)


def make(text: str) -> Mnk:
    """The game for `MxNxK`; raises UsageError unless the board has 1 to 32 cells and k of them can lie in a row."""
    form = f"ROWSxCOLUMNSxLENGTH with at most {MAX_CELLS} cells and a length that fits"
    return Mnk(*read_sizes(f"mnk-{text}", [3], _is_possible, form, "mnk-4x4x3"))


def _is_possible(rows: int, columns: int, length: int) -> bool:
    return rows * columns <= MAX_CELLS and length <= max(rows, columns)


@njit
def expand_lines(states: States, n_cells: int, lines: UInt64s, tables: UInt64s) -> Ply:
    """The fields of an Expansion for a game in which who fills a line wins."""
    n = states.shape[0]
    ply = new_arrays(n, n * n_cells)
    edge_start, edge_action, edge_child, terminal, payoff = ply
    edge = 0
    full = (np.uint64(1) << np.uint64(n_cells)) - np.uint64(1)
    for i in range(n):
        own, other = states[i] & full, states[i] >> np.uint64(n_cells)
        if has_line(other, lines):
            payoff[i] = -1
        terminal[i] = payoff[i] != 0 or (own | other) == full
        if not terminal[i]:
            for cell in range(n_cells):
                stone = np.uint64(1) << np.uint64(cell)
                if not (own | other) & stone:
                    edge_action[edge] = cell
                    edge_child[edge] = fold(other, own | stone, n_cells, tables)
                    edge += 1
        edge_start[i + 1] = edge
    return trim(ply, edge)
