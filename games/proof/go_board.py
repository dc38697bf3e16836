"""Moves, areas and keys of Go boards for a search, in 64-bit integers: the rules of `games.rules.go`, with the masks of a board at hand.

A state is packed as in `games.rules.go`. `games.rules.go_stones` works the masks of a board's edges out at each call; a search spends most
of its time in floods, and these are three times as fast.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Int64s
from games.jit import njit
from games.rules.board import symmetry_tables
from games.rules.go import KO_SHIFT, MAX_CELLS, PASS_SHIFT, STONES, Go

ILLEGAL = -1


class Grid(NamedTuple):
    """The masks of a board, and the tables that map masks under its symmetries."""

    n_cells: int
    columns: int
    full: int
    not_first: int  # all points but those of the first column
    not_last: int
    symmetries: Int64s  # [n_symmetries, n_chunks, 512], as in `games.rules.board.symmetry_tables`


def make_grid(game: Go) -> Grid:
    """The grid of a board."""
    full = (1 << game.board.n_cells) - 1
    first = sum(1 << row * game.columns for row in range(game.rows))
    not_first, not_last = full & ~first, full & ~(first << game.columns - 1)
    return Grid(game.board.n_cells, game.columns, full, not_first, not_last, symmetry_tables(game.board).astype(np.int64))


@njit
def around(mask: int, grid: Grid) -> int:
    """The points next to a set of points."""
    return ((mask << grid.columns) | (mask >> grid.columns) | ((mask & grid.not_last) << 1) | ((mask & grid.not_first) >> 1)) & grid.full


@njit
def connected(seed: int, within: int, grid: Grid) -> int:
    """All points of `within` that are connected to the seed."""
    grown = seed & within
    before = 0
    while grown != before:
        before = grown
        grown |= around(grown, grid) & within
    return grown


@njit
def count(mask: int) -> int:
    """How many of 32 bits are set."""
    mask -= (mask >> 1) & 0x55555555
    mask = (mask & 0x33333333) + ((mask >> 2) & 0x33333333)
    return (((mask + (mask >> 4) & 0x0F0F0F0F) * 0x01010101) >> 24) & 63


@njit
def move(state: int, stone: int, grid: Grid) -> int:
    """The state after a stone, given as a mask, on an empty point, seen by the other player; ILLEGAL for suicide. Ko is not asked."""
    own, other = (state & STONES) | stone, (state >> MAX_CELLS) & STONES
    taken, touched = 0, around(stone, grid) & other
    while touched:
        chain = connected(touched & -touched, other, grid)
        if not around(chain, grid) & ~(own | other):
            taken |= chain
        touched &= ~chain
    other &= ~taken
    chain = connected(stone, own, grid)
    liberties = around(chain, grid) & ~(own | other)
    if not liberties:
        return ILLEGAL
    after = other | (own << MAX_CELLS)
    if taken and taken == liberties and chain == stone and not taken & (taken - 1):
        after |= (count(taken - 1) + 1) << KO_SHIFT
    return after


@njit
def swap(state: int) -> int:
    """The board seen by the other player, without ko and passes."""
    return ((state >> MAX_CELLS) & STONES) | ((state & STONES) << MAX_CELLS)


@njit
def margin(own: int, other: int, grid: Grid) -> int:
    """The area of `own` less that of the other."""
    empty = grid.full & ~(own | other)
    mine, theirs = connected(around(own, grid), empty, grid), connected(around(other, grid), empty, grid)
    return count(own | (mine & ~theirs)) - count(other | (theirs & ~mine))


@njit
def canonical(state: int, grid: Grid) -> int:
    """The smallest image of a state under the symmetries of the board."""
    own, other, ko = state & STONES, (state >> MAX_CELLS) & STONES, (state >> KO_SHIFT) & 31
    rest = state >> PASS_SHIFT << PASS_SHIFT
    point = (1 << ko) >> 1
    best = state
    for g in range(1, grid.symmetries.shape[0]):
        image = _image(own, g, grid) | (_image(other, g, grid) << MAX_CELLS) | rest
        if ko:
            image |= (count(_image(point, g, grid) - 1) + 1) << KO_SHIFT
        best = min(best, image)
    return best


@njit
def _image(mask: int, g: int, grid: Grid) -> int:
    image = 0
    for chunk in range(grid.symmetries.shape[1]):
        image |= grid.symmetries[g, chunk, (mask >> (9 * chunk)) & 511]
    return image
