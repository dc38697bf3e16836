"""Proved winners of NoGo positions: depth-first search with the moves that a player is sure of.

A point that a player may not play stays so, because a chain gains liberties only by a stone on one of its liberties. So the points that a
player may play now bound the number of his moves. An eye here is an empty point whose neighbours are all stones of one player, where
the other may never play. Of k eyes that are connected by stones and eyes the owner can fill k - 1 whatever happens elsewhere, since two
of them always touch one chain. He can fill all k if one of the chains has another liberty that the other player may never play, and never
more than k - 1 if no chain has another liberty.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Int64s
from games.contract import States
from games.jit import njit
from games.proof.depth_first import LIMIT, NODES, Table, count, forget, image, insert, keep, new_table, recall
from games.proof.prover import Bounds
from games.rules.board import symmetry_tables
from games.rules.go import MAX_CELLS, STONES
from games.rules.nogo import NoGo

TABLE_BITS = 20
OPEN, LOSS, WIN, STOPPED = range(4)  # results
KEY, OWN, OTHER, TRIED, KILLER, N_MOVES, MOVES = range(7)  # columns of a frame; KILLER is the last move that won at its ply


class Grid(NamedTuple):
    """A board, bit `row * columns + column` for a point."""

    columns: int
    full: int
    left: int  # the first column
    right: int  # the last
    tables: Int64s  # of its symmetries, as `symmetry_tables` makes them


@njit
def _near(points: int, grid: Grid) -> int:
    """The points next to one of these."""
    return ((points << grid.columns) | (points >> grid.columns) | ((points & ~grid.right) << 1) | ((points & ~grid.left) >> 1)) & grid.full


@njit
def _chains(stones: int, empty: int, grid: Grid) -> tuple[int, int]:
    """The stones of chains with two liberties or more, and the last liberties of the others."""
    free, last = 0, 0
    left = stones
    while left:
        chain = left & -left
        before = 0
        while chain != before:
            before = chain
            chain |= _near(chain, grid) & stones
        left &= ~chain
        liberties = _near(chain, grid) & empty
        if liberties & (liberties - 1):
            free |= chain
        else:
            last |= liberties
    return free, last


@njit
def _allowed(own: int, other: int, grid: Grid) -> tuple[int, int]:
    """The points that the mover may play, and those that the other player may."""
    empty = grid.full & ~(own | other)
    own_free, own_last = _chains(own, empty, grid)
    other_free, other_last = _chains(other, empty, grid)
    room = _near(empty, grid)
    return empty & ~other_last & (room | _near(own_free, grid)), empty & ~own_last & (room | _near(other_free, grid))


@njit
def _fills(own: int, allowed: int, other_allowed: int, empty: int, grid: Grid) -> tuple[int, int]:
    """The fewest and the most moves that a player can still make if the other does all to hinder or to help."""
    eyes = empty & ~_near(grid.full & ~own, grid)
    n = count(eyes)
    sure, most = n, count(allowed & ~eyes) + n
    outer = empty & ~eyes
    while eyes:
        joined = eyes & -eyes
        before = 0
        while joined != before:
            before = joined
            joined |= _near(joined, grid) & (own | eyes)
        eyes &= ~joined
        liberties = _near(joined & own, grid) & outer
        most -= int(not liberties)
        sure -= int(not liberties & ~other_allowed)
    return sure, most


@njit
def _search(own: int, other: int, stack: Int64s, table: Table, grid: Grid) -> int:
    """LOSS or WIN for the mover; STOPPED where the search was stopped."""
    result = _open(stack[0], own, other, table, grid)
    ply = 0 if result == OPEN else -1
    while ply >= 0:
        frame = stack[ply]
        if result == LOSS or (frame[N_MOVES] == 0 and result != OPEN):
            if result == LOSS:
                frame[KILLER] = frame[TRIED]
            result = WIN if result == LOSS else LOSS
            keep(frame[KEY], result, table)
            ply -= 1
            continue
        frame[N_MOVES] -= 1
        frame[TRIED] = frame[MOVES + frame[N_MOVES]] & 31
        result = _open(stack[ply + 1], frame[OTHER], frame[OWN] | (1 << frame[TRIED]), table, grid)
        if result == STOPPED:
            return STOPPED
        if result == OPEN:
            ply += 1
    return result


@njit
def _open(frame: Int64s, own: int, other: int, table: Table, grid: Grid) -> int:
    """A result as of `_search` where no move needs to be tried; else OPEN, with a frame that holds the moves, the best one last."""
    key = (own << MAX_CELLS) | other
    for g in range(1, grid.tables.shape[0]):
        key = min(key, (image(own, grid.tables[g]) << MAX_CELLS) | image(other, grid.tables[g]))
    known = recall(key, table)
    if known:
        return known
    if table.counters[NODES] >= table.counters[LIMIT]:
        return STOPPED
    table.counters[NODES] += 1
    mine = _allowed(own, other, grid)[0]
    frame[KEY], frame[OWN], frame[OTHER], frame[N_MOVES] = key, own, other, 0
    for point in range(MAX_CELLS):
        stone = 1 << point
        if mine & stone:
            after, before = _allowed(other, own | stone, grid)
            empty = grid.full & ~(own | other | stone)
            own_sure, own_most = _fills(own | stone, before, after, empty, grid)
            other_sure, other_most = _fills(other, after, before, empty, grid)
            if other_most <= own_sure:
                return WIN
            if own_most < other_sure:
                continue
            ahead = MAX_CELLS + count(before) - count(after)
            insert(frame[MOVES:], frame[N_MOVES], (ahead << 6) | (int(point == frame[KILLER]) << 5) | point)
            frame[N_MOVES] += 1
    return OPEN if frame[N_MOVES] else LOSS


@njit
def _prove(own: Int64s, other: Int64s, nodes: int, bounds: Bounds, stack: Int64s, table: Table, grid: Grid) -> None:
    forget(table)
    stack[:, KILLER] = -1
    for i in range(own.shape[0]):
        before = table.counters[NODES]
        table.counters[LIMIT] = before + nodes
        result = _search(own[i], other[i], stack, table, grid)
        bounds.lower[i] = 1 if result == WIN else -1
        bounds.upper[i] = -1 if result == LOSS else 1
        bounds.nodes[i] = table.counters[NODES] - before


class NoGoProver:
    """Search for one board; what is proved of a state helps those that are asked with it."""

    def __init__(self, game: NoGo, table_bits: int = TABLE_BITS) -> None:
        rows, columns = game.rows, game.columns
        left = sum(1 << (columns * i) for i in range(rows))
        tables = symmetry_tables(game.board).astype(np.int64)
        self._grid = Grid(columns, (1 << rows * columns) - 1, left, left << (columns - 1), tables)
        self._table = new_table(table_bits)
        self._stack = np.zeros((MAX_CELLS + 2, MOVES + MAX_CELLS), dtype=np.int64)

    def prove(self, states: States, nodes: int) -> Bounds:
        """As in `games.proof.prover.Prover`; the same states and `nodes` give the same bounds."""
        n = len(states)
        bounds = Bounds(np.empty(n, np.int16), np.empty(n, np.int16), np.empty(n, np.int64))
        whole = states.astype(np.int64)
        _prove(whole & STONES, (whole >> MAX_CELLS) & STONES, nodes, bounds, self._stack, self._table, self._grid)
        return bounds


def prover(game: NoGo) -> NoGoProver:
    """A prover for a board."""
    return NoGoProver(game)
