"""Proved winners of Domineering positions: depth-first search with the moves that a player is sure of.

A player who can lay at most m dominoes loses if he moves and the other is sure of m of his own. He wins if he is sure of more than the
other can lay at most. Source of such bounds: Breuker, Uiterwijk and van den Herik, "Solving 8 x 8 Domineering" (2000); Bullock,
"Domineering: solving large combinatorial search spaces" (2002).
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Int64s
from games.contract import States
from games.jit import njit
from games.proof.depth_first import LIMIT, NODES, Table, count, forget, image, insert, keep, new_table, recall
from games.proof.prover import Bounds
from games.rules.board import symmetry_tables
from games.rules.domineering import Domineering

TABLE_BITS = 20
OPEN, LOSS, WIN, STOPPED = range(4)  # results
KEY, EMPTY, UPRIGHT, N_MOVES, MOVES = range(5)  # columns of a frame


class Square(NamedTuple):
    """A board, whose cells are numbered row by row."""

    side: int
    full: int
    first: Int64s  # [2] the first column, and the first row
    tables: Int64s  # of its symmetries, as `symmetry_tables` makes them


@njit
def _starts(empty: int, upright: int, board: Square) -> int:
    """The upper cells of upright dominoes on empty cells, or else the left cells of flat ones."""
    return empty & (empty >> board.side) if upright else empty & (empty >> 1) & ~(board.first[0] << (board.side - 1))


@njit
def _most(empty: int, upright: int, board: Square) -> int:
    """The largest number of dominoes of one direction that fit together; line by line, as soon as one fits."""
    n, starts, step = 0, _starts(empty, upright, board), board.side if upright else 1
    for i in range(board.side - 1):
        now = starts & (board.first[upright] << (i * step))
        n += count(now)
        starts &= ~(now << step)
    return n


@njit
def _sure(empty: int, upright: int, board: Square) -> int:
    """The number of moves that a player is sure of: on cells where the other can lay no domino."""
    starts = _starts(empty, 1 - upright, board)
    return _most(empty & ~(starts | (starts << (1 if upright else board.side))), upright, board)


@njit
def _search(empty: int, stack: Int64s, table: Table, board: Square) -> int:
    """LOSS or WIN for the mover, who lays upright; STOPPED where the search was stopped."""
    result = _open(stack[0], empty, 1, table, board)
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
        result = _open(stack[ply + 1], frame[EMPTY] & ~domino, 1 - frame[UPRIGHT], table, board)
        if result == STOPPED:
            return STOPPED
        if result == OPEN:
            ply += 1
    return result


@njit
def _open(frame: Int64s, empty: int, upright: int, table: Table, board: Square) -> int:
    """A result as of `_search` where no move needs to be tried; else OPEN, with a frame that holds the moves, the best one last."""
    if _most(empty, upright, board) <= _sure(empty, 1 - upright, board):
        return LOSS
    if _most(empty, 1 - upright, board) < _sure(empty, upright, board):
        return WIN
    key = empty
    for g in range(1, board.tables.shape[0]):
        key = min(key, image(empty, board.tables[g]))
    key = (key << 1) | upright
    known = recall(key, table)
    if known:
        return known
    if table.counters[NODES] >= table.counters[LIMIT]:
        return STOPPED
    table.counters[NODES] += 1
    step, starts = board.side if upright else 1, _starts(empty, upright, board)
    frame[KEY], frame[EMPTY], frame[UPRIGHT], frame[N_MOVES] = key, empty, upright, 0
    for cell in range(board.side * board.side):
        if starts & (1 << cell):
            after = empty & ~((1 << cell) | ((1 << cell) << step))
            ahead = 64 + count(_starts(after, upright, board)) - count(_starts(after, 1 - upright, board))
            insert(frame[MOVES:], frame[N_MOVES], (ahead << 6) | cell)
            frame[N_MOVES] += 1
    return OPEN


@njit
def _prove(taken: Int64s, nodes: int, bounds: Bounds, stack: Int64s, table: Table, board: Square) -> None:
    forget(table)
    for i in range(taken.shape[0]):
        before = table.counters[NODES]
        table.counters[LIMIT] = before + nodes
        result = _search(board.full & ~taken[i], stack, table, board)
        bounds.lower[i] = 1 if result == WIN else -1
        bounds.upper[i] = -1 if result == LOSS else 1
        bounds.nodes[i] = table.counters[NODES] - before


class DomineeringProver:
    """Search for one board; what is proved of a state helps those that are asked with it."""

    def __init__(self, game: Domineering, table_bits: int = TABLE_BITS) -> None:
        side = game.side
        tables = symmetry_tables(game.board).astype(np.int64)
        self._board = Square(side, (1 << side * side) - 1, np.array([sum(1 << (side * i) for i in range(side)), (1 << side) - 1]), tables)
        self._stack = np.zeros((side * side // 2 + 2, MOVES + side * side), dtype=np.int64)
        self._table = new_table(table_bits)

    def prove(self, states: States, nodes: int) -> Bounds:
        """As in `games.proof.prover.Prover`; the same states and `nodes` give the same bounds."""
        n = len(states)
        bounds = Bounds(np.empty(n, np.int16), np.empty(n, np.int16), np.empty(n, np.int64))
        _prove(states.astype(np.int64), nodes, bounds, self._stack, self._table, self._board)
        return bounds


def prover(game: Domineering) -> DomineeringProver:
    """A prover for a board."""
    return DomineeringProver(game)
