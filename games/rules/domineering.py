"""Domineering: one player lays dominoes upright, the other flat, on two empty cells each; who cannot move loses. Upright begins.

A state is seen from the player to move, who always lays upright: after a move the board is laid over its diagonal. So the
board is a square; on an oblong one the cells beyond the rows and columns in play, at the bottom or on the right, count as
taken from the start. A state in 64 bits: the taken cells. An action is the upper cell of the domino.
"""

import functools
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s, UInt64s
from games.contract import Board, Expansion, States
from games.jit import njit
from games.rules.board import (
    apply_symmetries,
    apply_symmetry,
    cell_actions,
    cell_name,
    draw,
    least,
    rectangle,
    symmetry_tables,
    unpack_masks,
)
from games.rules.ply import Ply, new_arrays, trim
from games.rules.sizes import read_sizes

MAX_SIDE = 7


@dataclass(frozen=True)
class Domineering:
    """Domineering on `rows` x `columns` cells, drawn in the smallest square that holds them."""

    rows: int
    columns: int

    max_payoff = 1
    endless = False

    @property
    def id(self) -> str:
        return f"domineering-{self.rows}x{self.columns}"

    @property
    def side(self) -> int:
        return max(self.rows, self.columns)

    @property
    def n_actions(self) -> int:
        return self.side**2

    @property
    def board(self) -> Board:
        return _square(self.side, self.rows == self.columns)

    @cached_property
    def _symmetry_tables(self) -> UInt64s:
        return symmetry_tables(self.board)

    @cached_property
    def _views(self) -> UInt64s:
        """Tables that lay the board over its diagonal, under each of its symmetries."""
        diagonal = np.arange(self.n_actions).reshape(self.side, self.side).T.ravel()
        return symmetry_tables(Board(self.side, self.side, self.board.symmetries[:, diagonal]))

    def estimate_states(self) -> float:
        # Boards of 14 to 25 cells were found to have 2**(0.65 n) to 2**(0.75 n) states before folding; the share grows with n.
        return float(2.0 ** (0.8 * self.rows * self.columns)) / len(self.board.symmetries) + 1

    def start(self) -> int:
        in_play = sum(1 << (row * self.side + column) for row in range(self.rows) for column in range(self.columns))
        return (1 << self.n_actions) - 1 - in_play

    def expand(self, states: States, fold: bool = True) -> Expansion:
        return Expansion(*_expand(states, self.side, self._views if fold else self._views[:1]))

    @property
    def action_symmetries(self) -> Int64s:
        """Where a symmetry swaps top and bottom, the upper cell of a domino becomes its lower one; moves that are never legal stay."""
        images = cell_actions(self.board, self.n_actions)
        n_upper = self.n_actions - self.side
        flipped = images[:, 0] > images[:, n_upper]
        images[flipped, :n_upper] -= self.side
        images[flipped, n_upper:] += n_upper
        return images

    def fold(self, states: States) -> tuple[States, Int64s]:
        return least(apply_symmetries(states, self._symmetry_tables))

    def multiplicity(self, states: States) -> Int32s:
        return _multiplicity(states, self._symmetry_tables)

    def cells(self, states: States) -> Int8s:
        """A taken cell is shown as the other's: whose domino covers it makes no difference."""
        return 2 * unpack_masks(states, self.n_actions).astype(np.int8)

    def cell_levels(self) -> tuple[int, ...]:
        return (3,) * self.n_actions

    def planes(self, states: States) -> UInt8s:
        return unpack_masks(states, self.n_actions).reshape(-1, 1, self.side, self.side).astype(np.uint8)

    def render(self, state: int) -> str:
        return draw(self.board, "".join("#" if state >> i & 1 else "." for i in range(self.n_actions)))

    def action_name(self, action: int) -> str:
        return cell_name(self.board, action)


@functools.cache
def _square(side: int, all_in_play: bool) -> Board:
    symmetries = rectangle(side, side).symmetries[: 4 if all_in_play else 1]
    return Board(side, side, symmetries, window_symmetries=(0, 2))


def make(text: str) -> Domineering:
    """The game for `RxC`; raises UsageError unless the longer side has 2 to 7 cells."""
    form = f"ROWSxCOLUMNS, the longer side 2 to {MAX_SIDE}"
    return Domineering(*read_sizes(f"domineering-{text}", [2], lambda *sides: 2 <= max(sides) <= MAX_SIDE, form, "domineering-4x4"))


@njit
def _expand(states: States, side: int, views: UInt64s) -> Ply:
    n, n_upper = states.shape[0], side * (side - 1)
    ply = new_arrays(n, n * n_upper)
    edge_start, edge_action, edge_child, terminal, payoff = ply
    edge = 0
    domino = np.uint64(1) | (np.uint64(1) << np.uint64(side))
    for i in range(n):
        for cell in range(n_upper):
            covered = domino << np.uint64(cell)
            if not states[i] & covered:
                child = ~np.uint64(0)
                for g in range(views.shape[0]):
                    child = min(child, apply_symmetry(states[i] | covered, views[g]))
                edge_action[edge] = cell
                edge_child[edge] = child
                edge += 1
        edge_start[i + 1] = edge
        if edge_start[i] == edge:
            terminal[i] = True
            payoff[i] = -1
    return trim(ply, edge)


@njit
def _multiplicity(states: States, tables: UInt64s) -> Int32s:
    sizes = np.empty(states.shape[0], dtype=np.int32)
    for i in range(states.shape[0]):
        fixed = 0
        for g in range(tables.shape[0]):
            fixed += int(apply_symmetry(states[i], tables[g]) == states[i])
        sizes[i] = tables.shape[0] // fixed
    return sizes
