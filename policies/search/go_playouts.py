"""Random play of Go that fills no eye of its own, on packed states, to the end.

A move is drawn uniformly among those that are legal and fill no own eye; without one a player passes. An eye is an empty point whose
neighbours are all one's own stones and of whose diagonal points at most one is the other's, none at the edge of the board.
"""

import numpy as np

from games.arrays import Float64s, Int64s
from games.jit import njit
from games.rules.board import count_bits
from games.rules.go import KO_SHIFT, MAX_CELLS, PASS_SHIFT, STONES
from games.rules.go_stones import area_margin
from policies.search.tree import below, mixed, signed

MAX_ROUNDS = 3  # moves of a playout for each point of the board; then the board is counted as it lies


@njit
def play_out_go(state: np.uint64, number: np.uint64, rows: int, columns: int) -> tuple[int, int]:
    """The area margin of the mover at the end of random play from a state, and how many moves were made.

    number: a random one, from which all others follow.
    """
    own, other = state & np.uint64(STONES), (state >> np.uint64(MAX_CELLS)) & np.uint64(STONES)
    ko = (np.uint64(1) << ((state >> np.uint64(KO_SHIFT)) & np.uint64(31))) >> np.uint64(1)
    n_passes = signed(state >> np.uint64(PASS_SHIFT))
    left, right, full = borders(rows, columns)
    n_made, sign = 0, 1
    while n_passes < 2 and n_made < MAX_ROUNDS * rows * columns:
        open_points, moved = full & ~(own | other | ko), False
        while open_points:
            stone = _bit(open_points, below(mixed(number), count_bits(open_points)))
            number += np.uint64(1)
            open_points ^= stone
            if _is_eye(stone, own, other, columns, left, right, full):
                continue
            taken = _taken_by(stone, own, other, columns, left, right, full)
            beside = _around(stone, columns, left, right, full)
            is_alone = not beside & ~other  # no empty point and no own stone beside it
            if not taken and not beside & ~(own | other):
                group = _flood(stone, own | stone, columns, left, right, full)
                if not _around(group, columns, left, right, full) & ~(own | other | stone):
                    continue
            own |= stone
            other &= ~taken
            ko = taken if is_alone and not taken & (taken - np.uint64(1)) else np.uint64(0)
            moved = True
            break
        if not moved:
            ko = np.uint64(0)
        n_passes = 0 if moved else n_passes + 1
        own, other, sign = other, own, -sign
        n_made += 1
    return sign * area_margin(own, other, rows, columns), n_made


@njit
def play_out_many(state: np.uint64, n: int, seed: int, rows: int, columns: int) -> tuple[Float64s, Int64s]:
    """The margins of `n` playouts from one state, and how many moves each made: [n]."""
    margins, made = np.empty(n), np.empty(n, dtype=np.int64)
    for i in range(n):
        margins[i], made[i] = play_out_go(state, mixed(mixed(np.uint64(seed)) ^ np.uint64(i)), rows, columns)
    return margins, made


@njit
def borders(rows: int, columns: int) -> tuple[np.uint64, np.uint64, np.uint64]:
    """The points of the first column, of the last, and all."""
    left = np.uint64(0)
    for row in range(rows):
        left |= np.uint64(1) << np.uint64(row * columns)
    return left, left << np.uint64(columns - 1), (np.uint64(1) << np.uint64(rows * columns)) - np.uint64(1)


@njit
def _around(mask: np.uint64, columns: int, left: np.uint64, right: np.uint64, full: np.uint64) -> np.uint64:
    """The points next to a set of points."""
    step, one = np.uint64(columns), np.uint64(1)
    return ((mask << step) | (mask >> step) | ((mask & ~right) << one) | ((mask & ~left) >> one)) & full


@njit
def _flood(seed: np.uint64, within: np.uint64, columns: int, left: np.uint64, right: np.uint64, full: np.uint64) -> np.uint64:
    """All points of `within` that are connected to the seed, which lies within."""
    grown, before = seed, np.uint64(0)
    while grown != before:
        before = grown
        grown |= _around(grown, columns, left, right, full) & within
    return grown


@njit
def _taken_by(
    stone: np.uint64, own: np.uint64, other: np.uint64, columns: int, left: np.uint64, right: np.uint64, full: np.uint64
) -> np.uint64:
    """The other's stones that a stone of the mover takes."""
    taken = np.uint64(0)
    touched = _around(stone, columns, left, right, full) & other
    empty = full & ~(own | other | stone)
    while touched:
        group = _flood(touched & (~touched + np.uint64(1)), other, columns, left, right, full)
        if not _around(group, columns, left, right, full) & empty:
            taken |= group
        touched &= ~group
    return taken


@njit
def _is_eye(stone: np.uint64, own: np.uint64, other: np.uint64, columns: int, left: np.uint64, right: np.uint64, full: np.uint64) -> bool:
    """Whether an empty point is an eye of the mover's."""
    if _around(stone, columns, left, right, full) & ~own:
        return False
    step, one = np.uint64(columns), np.uint64(1)
    row = ((stone & ~right) << one) | ((stone & ~left) >> one)
    corners = ((row << step) | (row >> step)) & full
    return count_bits(corners & other) + int(count_bits(corners) < 4) < 2


@njit
def _bit(mask: np.uint64, k: int) -> np.uint64:
    """The k-th of the points of a set, counted from 0."""
    for _ in range(k):
        mask &= mask - np.uint64(1)
    return mask & (~mask + np.uint64(1))
