"""NoGo: Go in which nothing is ever captured; a move may neither capture nor be suicide, and who cannot move loses.

Go's acyclic twin: the same board, groups and liberties, but stones stay where they are and there is no pass. First described
on Sensei's Library as Anti-Atari Go; who wins on small boards is kept by M. Müller, "Solving NoGo on Small Board Sizes".

A state is a state of Go (games/rules/go.py) without ko or passes: own stones (bits 0-24), the other's stones (25-49). Actions are
the cells.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s, UInt64s
from games.contract import Board, Expansion, States
from games.jit import njit
from games.rules.board import symmetry_tables
from games.rules.go import MAX_CELLS, STONES, Go, fold, play
from games.rules.ply import Ply, new_arrays, trim
from games.rules.sizes import read_sizes


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
    def _symmetry_tables(self) -> UInt64s:
        return symmetry_tables(self.board)

    def estimate_states(self) -> float:
        # In a game the sides' stones differ in number by one at most: about 0.2 (4x4) to 0.3 (3x3) of all legal arrangements.
        return 3.0**self.n_actions * 0.15 / len(self.board.symmetries) + 1

    def start(self) -> int:
        return 0

    def expand(self, states: States, fold: bool = True) -> Expansion:
        return Expansion(*_expand(states, self.rows, self.columns, self._symmetry_tables if fold else self._symmetry_tables[:1]))

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
    form = f"the board as ROWSxCOLUMNS with at most {MAX_CELLS} points"
    return NoGo(*read_sizes(f"nogo-{text}", [2], lambda rows, columns: rows * columns <= MAX_CELLS, form, "nogo-3x3"))


@njit
def _expand(states: States, rows: int, columns: int, tables: UInt64s) -> Ply:
    n_cells = rows * columns
    n = states.shape[0]
    ply = new_arrays(n, n * n_cells)
    edge_start, edge_action, edge_child, terminal, payoff = ply
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
                edge_child[edge] = fold(child, tables)
                edge += 1
        edge_start[i + 1] = edge
        if edge_start[i] == edge:
            terminal[i] = True
            payoff[i] = -1
    return trim(ply, edge)
