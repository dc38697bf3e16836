"""Shared parts of depth-first searches: a table of proved results under exact keys, and lists of moves in the order of their promise."""

from typing import NamedTuple

import numpy as np

from games.arrays import Int64s
from games.jit import njit

GENERATION, NODES, LIMIT = range(3)  # counters
BITS = 32  # that are kept under a key


class Table(NamedTuple):
    """A table, in which a new entry replaces the one in its place, and the counters of a search."""

    entries: Int64s  # [a power of two, 2]: the key; the generation above BITS bits that are kept
    counters: Int64s  # [3] of which generation entries are valid, positions expanded, and at how many to stop


def new_table(bits: int) -> Table:
    """A table for `2 ** bits` positions, 16 bytes each."""
    return Table(np.zeros((1 << bits, 2), dtype=np.int64), np.zeros(3, dtype=np.int64))


@njit
def forget(table: Table) -> None:
    """Begin anew, so that results do not depend on earlier searches."""
    table.counters[GENERATION] += 1
    table.counters[NODES] = 0


@njit
def recall(key: int, table: Table) -> int:
    """The number that is kept under a key; 0 where there is none."""
    entry = table.entries[_place(key, table)]
    return entry[1] & ((1 << BITS) - 1) if entry[0] == key and entry[1] >> BITS == table.counters[GENERATION] else 0


@njit
def keep(key: int, value: int, table: Table) -> None:
    """Keep under a key a number from 0 up, below `2 ** BITS`."""
    place = _place(key, table)
    table.entries[place, 0] = key
    table.entries[place, 1] = (table.counters[GENERATION] << BITS) | value


@njit
def _place(key: int, table: Table) -> int:
    mixed = (key ^ (key >> 29)) * 0x1E3779B97F4A7C15
    return (mixed ^ (mixed >> 32)) & (len(table.entries) - 1)


@njit
def count(cells: int) -> int:
    """The number of cells in a mask of at most 63."""
    n = 0
    while cells:
        cells &= cells - 1
        n += 1
    return n


@njit
def insert(moves: Int64s, n: int, move: int) -> None:
    """Put a move, a number whose upper bits are what it promises, among the first `n`, which ascend."""
    while n > 0 and moves[n - 1] > move:
        moves[n] = moves[n - 1]
        n -= 1
    moves[n] = move


@njit
def image(mask: int, table: Int64s) -> int:
    """The image of a mask of cells under one symmetry, as `games.rules.board.apply_symmetry` for signed numbers."""
    mapped = 0
    for chunk in range(table.shape[0]):
        mapped |= table[chunk, (mask >> (9 * chunk)) & 511]
    return mapped
