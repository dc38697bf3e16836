"""Breakthrough (Dan Troyka, 2000): pawns step one cell ahead or diagonally ahead; to reach the last row, or take all, wins.

A step straight ahead needs an empty cell; a diagonal one an empty cell or one of the other's pawns, which it captures. Each
side begins with its first two rows full of pawns, or its first row only where the board has fewer than four rows; a third
number says how many rows otherwise (`breakthrough-4x4x1`). There is always a move, and every game ends.

A state in 64 bits: own pawns (bits 0-31), the other's pawns (32-63), the board turned upside down after each move so that
the mover always goes up. The action `3 * cell + direction` moves the pawn on a cell ahead and to the left (0), straight (1) or
to the right (2). The left-right mirror is the only symmetry.
"""

from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s, UInt64s
from games.contract import Board, Expansion, States
from games.jit import njit
from games.rules.board import apply_symmetries, apply_symmetry, cell_name, draw, least, symmetry_tables, unpack_masks
from games.rules.ply import Ply, new_arrays, trim
from games.rules.sizes import read_sizes

MAX_CELLS = 32
PAWNS = (1 << MAX_CELLS) - 1
DIRECTIONS = ("left", "ahead", "right")


@dataclass(frozen=True)
class Breakthrough:
    """Breakthrough on `rows` x `columns` cells, at most 32 of them, with `pawn_rows` full rows of pawns a side."""

    rows: int
    columns: int
    pawn_rows: int

    max_payoff = 1
    endless = False

    @property
    def id(self) -> str:
        usual = self.pawn_rows == usual_pawn_rows(self.rows)
        return f"breakthrough-{self.rows}x{self.columns}" + ("" if usual else f"x{self.pawn_rows}")

    @property
    def n_actions(self) -> int:
        return 3 * self.rows * self.columns

    @cached_property
    def _grid(self) -> Int64s:
        return np.arange(self.rows * self.columns).reshape(self.rows, self.columns)

    @cached_property
    def board(self) -> Board:
        mirrors = np.stack([self._grid.ravel(), self._grid[:, ::-1].ravel()])
        return Board(self.rows, self.columns, mirrors, window_symmetries=(0, 2), action_cell=self._target)

    @cached_property
    def _target(self) -> Int64s:
        """The cell that each action leads to, -1 off the board. [n_actions]"""
        target = np.full((self.rows, self.columns, 3), -1, dtype=np.int64)
        target[1:, 1:, 0] = self._grid[:-1, :-1]
        target[1:, :, 1] = self._grid[:-1]
        target[1:, :-1, 2] = self._grid[:-1, 1:]
        return target.ravel()

    @cached_property
    def _symmetry_tables(self) -> UInt64s:
        return symmetry_tables(self.board)

    @cached_property
    def _upside_down(self) -> UInt64s:
        """Tables that turn the board for the other player, as it is and mirrored."""
        return symmetry_tables(Board(self.rows, self.columns, np.stack([self._grid[::-1].ravel(), self._grid[::-1, ::-1].ravel()])))

    def estimate_states(self) -> float:
        # Of all ways to place at most this number of pawns a side, folded, fewer than a third occur on any board enumerated so far.
        n, most = self.rows * self.columns, self.pawn_rows * self.columns
        return sum(comb(n, own) * comb(n - own, other) for own in range(most + 1) for other in range(most + 1)) / 6

    def start(self) -> int:
        n_pawns, n_cells = self.pawn_rows * self.columns, self.rows * self.columns
        pawns = (1 << n_pawns) - 1
        return pawns << (n_cells - n_pawns) | pawns << MAX_CELLS

    def expand(self, states: States, fold: bool = True) -> Expansion:
        views = self._upside_down if fold else self._upside_down[[0, 0]]
        return Expansion(*_expand(states, self.rows, self.columns, self._target, views))

    @property
    def action_symmetries(self) -> Int64s:
        """The mirror swaps the cells of a row, and left with right."""
        directions = np.array([[0, 1, 2], [2, 1, 0]])
        images: Int64s = 3 * self.board.symmetries[:, :, None] + directions[:, None, :]
        return images.reshape(2, -1)

    def fold(self, states: States) -> tuple[States, Int64s]:
        own, other = (apply_symmetries(mask, self._symmetry_tables) for mask in pawns(states))
        return least(own | other << np.uint64(MAX_CELLS))

    def multiplicity(self, states: States) -> Int32s:
        board = self.cells(states).reshape(-1, self.rows, self.columns)
        return np.where((board == board[:, :, ::-1]).all(axis=(1, 2)), 1, 2).astype(np.int32)

    def cells(self, states: States) -> Int8s:
        own, other = pawns(states)
        n = self.rows * self.columns
        return (unpack_masks(own, n) + 2 * unpack_masks(other, n).astype(np.int8)).astype(np.int8)

    def cell_levels(self) -> tuple[int, ...]:
        return (3,) * (self.rows * self.columns)

    def planes(self, states: States) -> UInt8s:
        board = self.cells(states).reshape(-1, self.rows, self.columns)
        return np.stack([board == 1, board == 2], axis=1).astype(np.uint8)

    def render(self, state: int) -> str:
        cells = self.cells(np.array([state], dtype=np.uint64))[0]
        return draw(self.board, "".join(".XO"[cell] for cell in cells))

    def action_name(self, action: int) -> str:
        cell, direction = divmod(action, 3)
        return f"{cell_name(self.board, cell)} {DIRECTIONS[direction]}"


def make(text: str) -> Breakthrough:
    """The game for `RxC` or `RxCxPAWN_ROWS`; raises UsageError unless the pawns leave each other room and 32 cells are enough."""
    form = f"the board as ROWSxCOLUMNS, at least 2x2 with at most {MAX_CELLS} cells, and if need be xPAWN_ROWS, at most half of the rows"
    sizes = read_sizes(f"breakthrough-{text}", [2, 3], _is_possible, form, "breakthrough-4x3 or breakthrough-4x4x1")
    return Breakthrough(sizes[0], sizes[1], sizes[2] if len(sizes) == 3 else usual_pawn_rows(sizes[0]))


def _is_possible(rows: int, columns: int, pawn_rows: int = 1) -> bool:
    return min(rows, columns) >= 2 and rows * columns <= MAX_CELLS and pawn_rows <= rows // 2


def usual_pawn_rows(rows: int) -> int:
    """How many rows of pawns a side begins with unless told otherwise."""
    return 2 if rows >= 4 else 1


def pawns(states: States) -> tuple[States, States]:
    """Masks of the mover's and of the other's pawns."""
    return states & np.uint64(PAWNS), states >> np.uint64(MAX_CELLS)


@njit
def _expand(states: States, rows: int, columns: int, target: Int64s, upside_down: UInt64s) -> Ply:
    n_actions = 3 * rows * columns
    n = states.shape[0]
    ply = new_arrays(n, n * n_actions)
    edge_start, edge_action, edge_child, terminal, payoff = ply
    edge = 0
    one, cells = np.uint64(1), np.uint64(MAX_CELLS)
    home = ((one << np.uint64(columns)) - one) << np.uint64((rows - 1) * columns)
    for i in range(n):
        own, other = states[i] & np.uint64(PAWNS), states[i] >> cells
        if own == 0 or other & home:
            terminal[i] = True
            payoff[i] = -1
        else:
            for action in range(n_actions):
                pawn = one << np.uint64(action // 3)
                if not own & pawn or target[action] < 0:
                    continue
                step = one << np.uint64(target[action])
                straight = action % 3 == 1
                if own & step or (straight and other & step):
                    continue
                moved, left = (own ^ pawn) | step, other & ~step
                child = apply_symmetry(left, upside_down[0]) | (apply_symmetry(moved, upside_down[0]) << cells)
                mirrored = apply_symmetry(left, upside_down[1]) | (apply_symmetry(moved, upside_down[1]) << cells)
                edge_action[edge] = action
                edge_child[edge] = min(child, mirrored)
                edge += 1
        edge_start[i + 1] = edge
    return trim(ply, edge)
