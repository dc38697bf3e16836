"""Proved winners of Hex positions: search over the cells that must be played.

A proof comes with its carrier: the empty cells that the winner's strategy needs. If the other player wins by a carrier after the mover
played a cell, then every cell outside this carrier loses as well; so the mover must play in the intersection of the carriers
found so far, and has lost when it is empty. Hayward, Björnsson, Johanson, Kan, Po and van Rijswijck, "Solving 7x7 Hex with domination,
fill-in, and virtual connections" (2005). A position is settled without search where a player's chains are linked from side to side by
touching or by bridges, two empty cells of which he needs either one, no two with a cell in common.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Int64s
from games.contract import States
from games.jit import njit
from games.proof.depth_first import LIMIT, NODES, Table, count, forget, keep, new_table, recall
from games.proof.prover import Bounds
from games.rules.hex import Hex
from games.rules.placement import split

TABLE_BITS = 18
NONE = -1  # in place of a carrier
STOPPED, OPEN = -1, 0  # in place of a result
WINS, PROVED = 2, 1  # a result: a carrier, twice shifted, with these bits
KEY, OWN, OTHER, SIDE, MUST, UNION, MOVE, RESULT = range(8)  # columns of a frame


class Rhombus(NamedTuple):
    """A board, whose rows are numbered from the top."""

    size: int
    full: int
    left: int  # the first column
    sides: Int64s  # [2, 2] the cells next to both sides of the player who joins top and bottom, then of the other one


def make_rhombus(size: int) -> Rhombus:
    """The board of a size."""
    row, column = (1 << size) - 1, sum(1 << (size * i) for i in range(size))
    sides = [[row, row << (size * (size - 1))], [column, column << (size - 1)]]
    return Rhombus(size, (1 << size * size) - 1, column, np.array(sides))


@njit
def _touching(cells: int, board: Rhombus) -> int:
    """The cells that touch one of these."""
    from_left = cells & ~board.left
    from_right = cells & ~(board.left << (board.size - 1))
    level = (from_right << 1) | (from_left >> 1)
    steep = (cells << board.size) | (cells >> board.size) | (from_right >> (board.size - 1)) | (from_left << (board.size - 1))
    return (level | steep) & board.full


@njit
def _link(stones: int, empty: int, side: int, board: Rhombus) -> int:
    """The carrier by which stones join both sides of a player, whichever player moves, found greedily, or NONE."""
    goal: int = board.sides[side, 1]
    near: int = board.sides[side, 0]
    reached, carrier = 0, 0
    while True:
        new = near & stones & ~reached
        if not new:
            left = stones & ~reached
            while left:  # a chain that a bridge links
                chain = left & -left
                before = 0
                while chain != before:
                    before = chain
                    chain |= _touching(chain, board) & stones
                left &= ~chain
                bridge = near & _touching(chain, board) & empty & ~carrier
                if bridge & (bridge - 1):
                    new = chain
                    first = bridge & -bridge
                    bridge ^= first
                    carrier |= first | (bridge & -bridge)
                    break
        if not new:
            bridge = near & goal & empty & ~carrier
            if reached and bridge & (bridge - 1):
                first = bridge & -bridge
                bridge ^= first
                return carrier | first | (bridge & -bridge)
            return NONE
        reached |= new
        if reached & goal:
            return carrier
        near |= _touching(reached, board)


@njit
def _search(own: int, other: int, stack: Int64s, table: Table, board: Rhombus) -> int:
    """Who wins, when the mover joins top and bottom, and the carrier of a winning strategy; STOPPED where the search was stopped."""
    result = _open(stack[0], own, other, 0, table, board)
    ply = 0 if result == OPEN else -1
    while ply >= 0:
        frame = stack[ply]
        if result != OPEN:  # that of the last move
            if not result & WINS:
                frame[RESULT] = result | (frame[MOVE] << 2) | WINS
            frame[MUST] &= (result >> 2) & ~frame[MOVE]
            frame[UNION] |= result >> 2
        if frame[RESULT] == OPEN and frame[MUST] == 0:
            frame[RESULT] = (frame[UNION] << 2) | PROVED
        if frame[RESULT] != OPEN:
            result = frame[RESULT]
            keep(frame[KEY], result, table)
            ply -= 1
            continue
        frame[MOVE] = _most_promising(frame, board)
        result = _open(stack[ply + 1], frame[OTHER], frame[OWN] | frame[MOVE], 1 - frame[SIDE], table, board)
        if result == STOPPED:
            return STOPPED
        if result == OPEN:
            ply += 1
    return result


@njit
def _open(frame: Int64s, own: int, other: int, side: int, table: Table, board: Rhombus) -> int:
    """A result as of `_search` where no move needs to be tried, for a mover who joins `side`; else OPEN, with a frame."""
    key = (((own << (board.size * board.size)) | other) << 1) | side
    known = recall(key, table)
    if known:
        return known
    if table.counters[NODES] >= table.counters[LIMIT]:
        return STOPPED
    table.counters[NODES] += 1
    empty = board.full & ~(own | other)
    carrier = _link(other, empty, 1 - side, board)
    if carrier != NONE:
        return (carrier << 2) | PROVED
    must, union, left = empty, 0, empty
    while left:
        cell = left & -left
        left ^= cell
        carrier = _link(own | cell, empty ^ cell, side, board)
        if carrier != NONE:
            return ((carrier | cell) << 2) | WINS | PROVED
        carrier = _link(other | cell, empty ^ cell, 1 - side, board)
        if carrier != NONE:
            must &= carrier | cell
            union |= carrier | cell
    frame[KEY], frame[OWN], frame[OTHER], frame[SIDE], frame[MUST], frame[UNION], frame[RESULT] = key, own, other, side, must, union, OPEN
    return OPEN


@njit
def _most_promising(frame: Int64s, board: Rhombus) -> int:
    """Of the cells that must be played, one with many bridges to own stones, touching many stones, and with many free cells around."""
    empty = board.full & ~(frame[OWN] | frame[OTHER])
    best, most, left = 0, -1, frame[MUST]
    while left:
        cell = left & -left
        left ^= cell
        near = _touching(cell, board)
        around = _touching(near, board)
        promise = 2 * count(around & frame[OWN]) + count(near & frame[OWN]) + 2 * count(near & frame[OTHER]) + count(around & empty)
        if promise > most:
            best, most = cell, promise
    return best


@njit
def _prove(own: Int64s, other: Int64s, nodes: int, bounds: Bounds, stack: Int64s, table: Table, board: Rhombus) -> None:
    forget(table)
    for i in range(own.shape[0]):
        before = table.counters[NODES]
        table.counters[LIMIT] = before + nodes
        result = _search(own[i], other[i], stack, table, board)
        bounds.lower[i] = 1 if result != STOPPED and result & WINS else -1
        bounds.upper[i] = -1 if result != STOPPED and not result & WINS else 1
        bounds.nodes[i] = table.counters[NODES] - before


class HexProver:
    """Search for one board; what is proved of a state helps those that are asked with it."""

    def __init__(self, game: Hex, table_bits: int = TABLE_BITS) -> None:
        self._stack = np.zeros((game.n_actions + 2, 8), dtype=np.int64)
        self._board, self._table = make_rhombus(game.size), new_table(table_bits)

    def prove(self, states: States, nodes: int) -> Bounds:
        """As in `games.proof.prover.Prover`; the same states and `nodes` give the same bounds."""
        n = len(states)
        bounds = Bounds(np.empty(n, np.int16), np.empty(n, np.int16), np.empty(n, np.int64))
        own, other = (mask.astype(np.int64) for mask in split(states, self._board.size**2))
        _prove(own, other, nodes, bounds, self._stack, self._table, self._board)
        return bounds


def prover(game: Hex) -> HexProver:
    """A prover for a board."""
    return HexProver(game)
