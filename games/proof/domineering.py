"""Proved winners of Domineering positions: depth-first search with the moves that a player is sure of.

Source of the bounds: Breuker, Uiterwijk and van den Herik, "Solving 8 x 8 Domineering" (2000); Bullock, "Domineering: solving large
combinatorial search spaces" (2002).
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Int16s, Int64s
from games.contract import States
from games.jit import njit
from games.proof.prover import Bounds
from games.proof.depth_first import LIMIT, NODES, Table, count, forget, image, insert, keep, new_table, recall
from games.rules.board import symmetry_tables
from games.rules.domineering import Domineering

TABLE_BITS = 20
OPEN, LOSS, WIN, STOPPED = range(4)  # results
KEY, EMPTY, UPRIGHT, N_MOVES, MOVES = range(5)  # columns of a frame


class Square(NamedTuple):
    side: int
    full: int
    left: int
    tables: Int64s


@njit
def _flat(empty: int, board: Square) -> int:
    """The left cells of flat dominoes on empty cells."""
    return empty & (empty >> 1) & ~(board.left << (board.side - 1))


@njit
def _most_upright(empty: int, board: Square) -> int:
    """The largest number of upright dominoes on cells: greedy from the top is best in each run."""
    n, starts = 0, empty & (empty >> board.side)
    row = (1 << board.side) - 1
    for i in range(board.side - 1):
        now = starts & (row << (i * board.side))
        n += count(now)
        starts &= ~(now << board.side)
    return n


@njit
def _most_flat(empty: int, board: Square) -> int:
    n, starts = 0, _flat(empty, board)
    for i in range(board.side - 1):
        now = starts & (board.left << i)
        n += count(now)
        starts &= ~(now << 1)
    return n


@njit
def _usable_flat(empty: int, board: Square) -> int:
    starts = _flat(empty, board)
    return starts | (starts << 1)


@njit
def _usable_upright(empty: int, board: Square) -> int:
    starts = empty & (empty >> board.side)
    return starts | (starts << board.side)


@njit
def _search(empty: int, stack: Int64s, table: Table, board: Square) -> int:
    """LOSS or WIN for the mover, who lays upright; STOPPED where the search was stopped."""
    result = _open(stack[0], empty, True, table, board)
    ply = 0 if result == OPEN else -1
    while ply >= 0:
        frame = stack[ply]
        if result == LOSS or (frame[N_MOVES] == 0 and result != OPEN):
            result = WIN if result == LOSS else LOSS
            keep(frame[KEY], result, table)
            ply -= 1
            continue
        frame[N_MOVES] -= 1
        cell = frame[MOVES + frame[N_MOVES]] & 63
        domino = (1 << cell) | ((1 << cell) << (board.side if frame[UPRIGHT] else 1))
        result = _open(stack[ply + 1], frame[EMPTY] & ~domino, not frame[UPRIGHT], table, board)
        if result == STOPPED:
            return STOPPED
        if result == OPEN:
            ply += 1
    return result


@njit
def _open(frame: Int64s, empty: int, upright: bool, table: Table, board: Square) -> int:
    """A result as of `_search` where no move needs to be tried; else OPEN, with a frame that holds the moves, the best one last."""
    if upright:
        mine, theirs = _most_upright(empty, board), _most_flat(empty, board)
        sure, theirs_sure = (
            _most_upright(empty & ~_usable_flat(empty, board), board),
            _most_flat(empty & ~_usable_upright(empty, board), board),
        )
    else:
        theirs, mine = _most_upright(empty, board), _most_flat(empty, board)
        theirs_sure, sure = (
            _most_upright(empty & ~_usable_flat(empty, board), board),
            _most_flat(empty & ~_usable_upright(empty, board), board),
        )
    if mine <= theirs_sure:
        return LOSS
    if sure > theirs:
        return WIN
    key = empty
    for g in range(1, board.tables.shape[0]):
        key = min(key, image(empty, board.tables[g]))
    key = (key << 1) | int(upright)
    known = recall(key, table)
    if known:
        return known
    if table.counters[NODES] >= table.counters[LIMIT]:
        return STOPPED
    table.counters[NODES] += 1
    step = board.side if upright else 1
    starts = empty & (empty >> board.side) if upright else _flat(empty, board)
    frame[KEY], frame[EMPTY], frame[UPRIGHT], frame[N_MOVES] = key, empty, upright, 0
    for cell in range(board.side * board.side):
        if starts & (1 << cell):
            after = empty & ~((1 << cell) | ((1 << cell) << step))
            a, b = count(after & (after >> board.side)), count(_flat(after, board))
            promise = a - b if upright else b - a
            insert(frame[MOVES:], frame[N_MOVES], ((promise + 64) << 6) | cell)
            frame[N_MOVES] += 1
    return OPEN


@njit
def _prove(taken: Int64s, nodes: int, lower: Int16s, upper: Int16s, expanded: Int64s, stack: Int64s, table: Table, board: Square) -> None:
    forget(table)
    for i in range(taken.shape[0]):
        before = table.counters[NODES]
        table.counters[LIMIT] = before + nodes
        result = _search(board.full & ~taken[i], stack, table, board)
        lower[i] = 1 if result == WIN else -1
        upper[i] = -1 if result == LOSS else 1
        expanded[i] = table.counters[NODES] - before


class DomineeringProver:
    """Search for one board; what is proved of a state helps those that are asked with it."""

    def __init__(self, game: Domineering, table_bits: int = TABLE_BITS) -> None:
        side = game.side
        tables = symmetry_tables(game.board).astype(np.int64)
        self._board = Square(side, (1 << side * side) - 1, sum(1 << (side * i) for i in range(side)), tables)
        self._stack = np.zeros((side * side // 2 + 2, MOVES + side * side), dtype=np.int64)
        self._table = new_table(table_bits)

    def prove(self, states: States, nodes: int) -> Bounds:
        """As in `games.proof.prover.Prover`; the same states and `nodes` give the same bounds."""
        n = len(states)
        bounds = Bounds(np.empty(n, np.int16), np.empty(n, np.int16), np.empty(n, np.int64))
        _prove(states.astype(np.int64), nodes, *bounds, self._stack, self._table, self._board)
        return bounds


def prover(game: Domineering) -> DomineeringProver:
    """A prover for a board."""
    return DomineeringProver(game)
