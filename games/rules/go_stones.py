"""Chains and liberties of stones on a grid, as bit masks: the base of the rules of Go and NoGo, and of their concepts."""

import numpy as np

from games.arrays import Int64s
from games.contract import States
from games.jit import njit
from games.rules.board import count_bits


@njit
def neighbours(mask: np.uint64, rows: int, columns: int) -> np.uint64:
    """The points next to a set of points, some of which may lie in the set itself."""
    full = (np.uint64(1) << np.uint64(rows * columns)) - np.uint64(1)
    first_column = np.uint64(0)
    for row in range(rows):
        first_column |= np.uint64(1) << np.uint64(row * columns)
    last_column = first_column << np.uint64(columns - 1)
    step = np.uint64(1)
    vertical = (mask << np.uint64(columns)) | (mask >> np.uint64(columns))
    return (vertical | ((mask & ~last_column) << step) | ((mask & ~first_column) >> step)) & full


@njit
def flood(seed: np.uint64, within: np.uint64, rows: int, columns: int) -> np.uint64:
    """All points of `within` that are connected to the seed, seed included where it lies within."""
    grown = seed & within
    before = np.uint64(0)
    while grown != before:
        before = grown
        grown |= neighbours(grown, rows, columns) & within
    return grown


@njit
def captured_by(point: np.uint64, own: np.uint64, other: np.uint64, rows: int, columns: int) -> np.uint64:
    """The other's stones that lose their last liberty when the mover, whose stones `own` already include the point, plays there."""
    full = (np.uint64(1) << np.uint64(rows * columns)) - np.uint64(1)
    taken = np.uint64(0)
    touched = neighbours(point, rows, columns) & other
    while touched:
        group = flood(touched & (~touched + np.uint64(1)), other, rows, columns)
        if not neighbours(group, rows, columns) & full & ~(own | other):
            taken |= group
        touched &= ~group
    return taken


@njit
def area_margin(own: np.uint64, other: np.uint64, rows: int, columns: int) -> int:
    """Points of the mover's area (stones and empty regions that touch only them) less the other's."""
    empty = ~(own | other) & ((np.uint64(1) << np.uint64(rows * columns)) - np.uint64(1))
    own_reach = flood(neighbours(own, rows, columns) & empty, empty, rows, columns)
    other_reach = flood(neighbours(other, rows, columns) & empty, empty, rows, columns)
    own_area = own | (own_reach & ~other_reach)
    other_area = other | (other_reach & ~own_reach)
    return count_bits(own_area) - count_bits(other_area)


@njit
def area_margins(own: States, other: States, rows: int, columns: int) -> Int64s:
    """The area margin of each board. [n]"""
    margins = np.empty(own.shape[0], dtype=np.int64)
    for i in range(own.shape[0]):
        margins[i] = area_margin(own[i], other[i], rows, columns)
    return margins


@njit
def is_legal(own: np.uint64, other: np.uint64, rows: int, columns: int) -> bool:
    """Whether every chain of stones of either colour has a liberty."""
    full = (np.uint64(1) << np.uint64(rows * columns)) - np.uint64(1)
    empty = full & ~(own | other)
    breathing = flood(neighbours(empty, rows, columns) & own, own, rows, columns)
    return bool(breathing == own and flood(neighbours(empty, rows, columns) & other, other, rows, columns) == other)


@njit
def can_come_about(own: np.uint64, other: np.uint64, kind: int, rows: int, columns: int) -> bool:
    """Whether a state on a legal board is reachable: after no pass (kind 0), one pass (1), or with a ko at point kind - 2.

    Without a ko all can but those where only the player who did not place the last stone has any (games/go_large/solve.py). With
    one, a lone stone of the other's must have taken a lone stone at the point, on a board that was legal before.
    """
    if kind == 0:
        return bool(other) or not own
    if kind == 1:
        return bool(own) or not other
    point = np.uint64(1) << np.uint64(kind - 2)
    around = neighbours(point, rows, columns)
    if point & (own | other) or around & ~other:
        return False
    while around:
        stone = around & (~around + np.uint64(1))
        around ^= stone
        beside = neighbours(stone, rows, columns)
        if not beside & other and beside & ~(own | other) == point and is_legal(own | point, other & ~stone, rows, columns):
            return True
    return False
