"""Tic-tac-toe: three in a row, column or diagonal wins; a full board is a draw.

A state in 64 bits: own stones (bits 0-8), the other's stones (9-17). Actions are the cells.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s, UInt64s
from games.contract import Board, Expansion, States
from games.errors import UsageError
from games.rules.board import cell_actions, cell_name, rectangle, symmetry_tables
from games.rules.mnk import expand_lines
from games.rules.placement import cells_of, class_sizes, fold_states, picture, planes_of, split

FULL = 0b111_111_111
LINES = np.array(
    [0b111, 0b111_000, 0b111_000_000, 0b001_001_001, 0b010_010_010, 0b100_100_100, 0b100_010_001, 0b001_010_100], dtype=np.uint64
)


@dataclass(frozen=True)
class TicTacToe:
    """Tic-tac-toe on the board of 3 x 3 cells."""

    id = "tictactoe"
    n_actions = 9
    max_payoff = 1
    endless = False

    @property
    def board(self) -> Board:
        return rectangle(3, 3)

    @cached_property
    def _symmetry_tables(self) -> UInt64s:
        return symmetry_tables(self.board)

    def estimate_states(self) -> float:
        return 3.0**9 / 8

    def start(self) -> int:
        return 0

    def expand(self, states: States, fold: bool = True) -> Expansion:
        return Expansion(*expand_lines(states, 9, LINES, self._symmetry_tables if fold else self._symmetry_tables[:1]))

    @property
    def action_symmetries(self) -> Int64s:
        return cell_actions(self.board, self.n_actions)

    def fold(self, states: States) -> tuple[States, Int64s]:
        return fold_states(states, self.n_actions, self._symmetry_tables)

    def multiplicity(self, states: States) -> Int32s:
        return class_sizes(states, 9, self._symmetry_tables)

    def cells(self, states: States) -> Int8s:
        return cells_of(*stones(states), 9)

    def cell_levels(self) -> tuple[int, ...]:
        return (3,) * 9

    def planes(self, states: States) -> UInt8s:
        return planes_of(*stones(states), self.board)

    def render(self, state: int) -> str:
        return picture(state & FULL, state >> 9, self.board)

    def action_name(self, action: int) -> str:
        return cell_name(self.board, action)


def make(text: str) -> TicTacToe:
    """The game; raises UsageError when a size is given, since it has none."""
    if text:
        raise UsageError(f"tictactoe-{text}: tictactoe takes no size; write tictactoe")
    return TicTacToe()


def stones(states: States) -> tuple[States, States]:
    """Masks of the mover's and of the other's stones."""
    return split(states, 9)
