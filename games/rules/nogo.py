"""NoGo: Go in which nothing is ever captured; a move may neither capture nor be suicide, and who cannot move loses.

Go's acyclic twin: the same board, groups and liberties, but stones stay where they are and there is no pass. First described
on Sensei's Library as Anti-Atari Go; who wins on small boards is kept by M. Müller, "Solving NoGo on Small Board Sizes".

A state is a state of Go (games/rules/go.py) without ko or passes: own stones (bits 0-24), the other's stones (25-49). Actions are
the cells.
"""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Bools, Int8s, Int16s, Int32s, Int64s, UInt8s, UInt64s
from games.contract import Board, Expansion, States
from games.errors import UsageError
from games.jit import njit
from games.rules.board import turn_tables
from games.rules.go import MAX_CELLS, STONES, Go, fold, play


@dataclass(frozen=True)
class NoGo:
    """NoGo on a board of `rows` x `columns` points, at most 25 of them."""

    rows: int
    columns: int

    max_payoff = 1
    endless = False

    @property
    def id(self) -> str:
        return f"nogo-{self.rows}x{self.columns}"

    @property
    def n_actions(self) -> int:
        return self.rows * self.columns

    @cached_property
    def _go(self) -> Go:
        return Go(self.rows, self.columns)

    @property
    def board(self) -> Board:
        return self._go.board

    @cached_property
    def _turns(self) -> UInt64s:
        return turn_tables(self.board)

    def estimate_states(self) -> float:
        # In a game the sides' stones differ in number by one at most: about 0.2 (4x4) to 0.3 (3x3) of all legal arrangements.
        return 3.0**self.n_actions * 0.15 / len(self.board.symmetries) + 1

    def start(self) -> int:
        return 0

    def expand(self, states: States, fold: bool = True) -> Expansion:
        return Expansion(*_expand(states, self.rows, self.columns, self._turns if fold else self._turns[:1]))

    @property
    def action_symmetries(self) -> Int64s:
        return self.board.symmetries

    def fold(self, states: States) -> tuple[States, Int64s]:
        return self._go.fold(states)

    def multiplicity(self, states: States) -> Int32s:
        return self._go.multiplicity(states)

    def cells(self, states: States) -> Int8s:
        return self._go.cells(states)[:, : self.n_actions]

    def cell_levels(self) -> tuple[int, ...]:
        return (3,) * self.n_actions

    def planes(self, states: States) -> UInt8s:
        return self._go.planes(states)[:, :2]

    def render(self, state: int) -> str:
        return self._go.render(state)

    def action_name(self, action: int) -> str:
        return self._go.action_name(action)


def make(text: str) -> NoGo:
    """The game for `MxN`; raises UsageError unless both are at least 1 and the board has at most 25 points."""
    sizes = re.fullmatch(r"(\d{1,2})x(\d{1,2})", text)
    rows, columns = (int(size) for size in sizes.groups()) if sizes else (0, 0)
    if not 1 <= rows * columns <= MAX_CELLS:
        raise UsageError(f"nogo-{text}: write the board as ROWSxCOLUMNS with at most {MAX_CELLS} points, for example nogo-3x3")
    return NoGo(rows, columns)


@njit
def _expand(states: States, rows: int, columns: int, turns: UInt64s) -> tuple[Int64s, Int16s, States, Bools, Int16s]:
    n_cells = rows * columns
    n = states.shape[0]
    edge_start = np.zeros(n + 1, dtype=np.int64)
    edge_action = np.empty(n * n_cells, dtype=np.int16)
    edge_child = np.empty(n * n_cells, dtype=np.uint64)
    terminal = np.zeros(n, dtype=np.bool_)
    payoff = np.zeros(n, dtype=np.int16)
    edge = 0
    one, stones = np.uint64(1), np.uint64(STONES)
    for i in range(n):
        other = (states[i] >> np.uint64(MAX_CELLS)) & stones
        taken = (states[i] & stones) | other
        for point in range(n_cells):
            if (taken >> np.uint64(point)) & one:
                continue
            child = play(states[i], point, rows, columns)
            # Go refuses suicide; the child's mover is the one who was not to move, and must still have every stone.
            if child != ~np.uint64(0) and child & stones == other:
                edge_action[edge] = point
                edge_child[edge] = fold(child, turns)
                edge += 1
        edge_start[i + 1] = edge
        if edge_start[i] == edge:
            terminal[i] = True
            payoff[i] = -1
    return edge_start, edge_action[:edge].copy(), edge_child[:edge].copy(), terminal, payoff
