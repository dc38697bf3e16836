"""Tic-tac-toe: three in a row, column or diagonal wins; a full board is a draw.

A state in 64 bits: own stones (bits 0-8), the other's stones (9-17). Actions are the cells.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from games.api import Board, Bools, Expansion, States
from games.board import cell_name, draw, rectangle, turn, turn_tables, unpack_masks
from games.errors import UsageError
from games.jit import njit

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
    def _turns(self) -> npt.NDArray[np.uint64]:
        return turn_tables(self.board)

    def estimate_states(self) -> float:
        return 3.0**9 / 8

    def start(self) -> int:
        return 0

    def expand(self, states: States) -> Expansion:
        return Expansion(*_expand(states, LINES, self._turns))

    def multiplicity(self, states: States) -> npt.NDArray[np.int32]:
        own, other = stones(states)
        fixed = np.zeros(len(states), dtype=np.int64)
        for images in self.board.symmetries:
            same = unpack_masks(own, 9)[:, images] == unpack_masks(own, 9)
            fixed += (same & (unpack_masks(other, 9)[:, images] == unpack_masks(other, 9))).all(axis=1)
        return (len(self.board.symmetries) // fixed).astype(np.int32)

    def cells(self, states: States) -> npt.NDArray[np.int8]:
        own, other = stones(states)
        return (unpack_masks(own, 9) + 2 * unpack_masks(other, 9).astype(np.int8)).astype(np.int8)

    def cell_levels(self) -> tuple[int, ...]:
        return (3,) * 9

    def planes(self, states: States) -> npt.NDArray[np.uint8]:
        own, other = stones(states)
        return np.stack([unpack_masks(own, 9), unpack_masks(other, 9)], axis=1).reshape(-1, 2, 3, 3).astype(np.uint8)

    def render(self, state: int) -> str:
        return draw(self.board, "".join("X" if state >> i & 1 else "O" if state >> (9 + i) & 1 else "." for i in range(9)))

    def action_name(self, action: int) -> str:
        return cell_name(self.board, action)


def make(text: str) -> TicTacToe:
    """The game; raises UsageError when a size is given, since it has none."""
    if text:
        raise UsageError(f"tictactoe-{text}: tictactoe takes no size; write tictactoe")
    return TicTacToe()


def stones(states: States) -> tuple[States, States]:
    """Masks of the mover's and of the other's stones."""
    return states & np.uint64(FULL), (states >> np.uint64(9)) & np.uint64(FULL)


@njit
def _expand(
    states: States, lines: npt.NDArray[np.uint64], turns: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int16], States, Bools, npt.NDArray[np.int16]]:
    n = states.shape[0]
    edge_start = np.zeros(n + 1, dtype=np.int64)
    edge_action = np.empty(9 * n, dtype=np.int16)
    edge_child = np.empty(9 * n, dtype=np.uint64)
    terminal = np.zeros(n, dtype=np.bool_)
    payoff = np.zeros(n, dtype=np.int16)
    edge = 0
    nine, full = np.uint64(9), np.uint64(FULL)
    for i in range(n):
        own, other = states[i] & full, (states[i] >> nine) & full
        for line in lines:
            if other & line == line:
                payoff[i] = -1
        terminal[i] = payoff[i] != 0 or (own | other) == full
        if not terminal[i]:
            for cell in range(9):
                stone = np.uint64(1) << np.uint64(cell)
                if (own | other) & stone:
                    continue
                best = ~np.uint64(0)
                for g in range(turns.shape[0]):
                    best = min(best, turn(other, turns[g]) | (turn(own | stone, turns[g]) << nine))
                edge_action[edge] = cell
                edge_child[edge] = best
                edge += 1
        edge_start[i + 1] = edge
    return edge_start, edge_action[:edge].copy(), edge_child[:edge].copy(), terminal, payoff
