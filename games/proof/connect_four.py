"""Proved values of Connect Four positions: alpha-beta over win, draw and loss.

A board by columns in 63 bits, each column with one more cell on top that stays empty, so that lines are shifts and a sum finds the lowest
empty cells: Tromp, "John's Connect Four Playground". The moves that do not lose at once, in the order of the threats that they make: Pons,
"Solving Connect 4: how to build a perfect AI" (2015).

Two static rules settle most endings. Call A the mover and B the other player. Pair the empty cells of each column from the top, so that
B can take the upper cell of a pair whenever A takes the lower one. The lowest empty cell of a column with an odd number of them is single.

- If the number of single cells is even, B answers a single cell with another one, and so gets all upper cells. A gets at most the lower and
  the single cells. If these and his stones hold no four, A cannot win; if then the upper cells and B's stones hold one, B wins.
- If it is odd, and B threatens to make four in a lower cell of a column with a single one, B answers in the same way, but for this column.
  A gets at most the lower and single cells of other columns, and in this column the upper ones below the threat. If these and his stones
  hold no four, A must in the end play below the threat, and B wins.

Allis, "A knowledge-based approach of Connect-Four" (1988), calls the first rule claimeven and explains the second as zugzwang.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Int64s
from games.contract import States
from games.jit import njit
from games.proof.depth_first import LIMIT, NODES, Table, count, forget, keep, new_table, recall
from games.proof.prover import Bounds
from games.rules.connect_four import ConnectFour, stones

TABLE_BITS = 22
STOPPED, OPEN = 2, 3  # in place of a value
OWN, TAKEN, KEY, LOWER, UPPER, LOW, HIGH, BEST, N_MOVES, MOVES = range(10)  # columns of a frame
PROMISES, BOUNDS = 32, 64  # columns between a move and what it promises, and the upper bound of the child
MAX_PLY = 64


class Standing(NamedTuple):
    """A board by columns from the left, each from the bottom."""

    height: int  # of a column, with the cell on top
    columns: int
    bottom: int  # the lowest cell of each column
    full: int  # all cells but those on top
    upper: int  # those that are paired with the cell below
    order: Int64s  # [columns] from the sides to the middle


def make_standing(rows: int, columns: int) -> Standing:
    """The board of a size."""
    height = rows + 1
    bottom = sum(1 << (column * height) for column in range(columns))
    upper = sum(bottom << row for row in range(rows - 1, -1, -2))
    order = sorted(range(columns), key=lambda column: -abs(2 * column - columns + 1))
    return Standing(height, columns, bottom, bottom * ((1 << rows) - 1), upper, np.array(order))


@njit
def winning_cells(own: int, taken: int, board: Standing) -> int:
    """The empty cells that would make four in a row of `own`."""
    cells = (own << 1) & (own << 2) & (own << 3)
    for step in (board.height - 1, board.height, board.height + 1):
        two = (own << step) & (own << (2 * step))
        cells |= two & ((own << (3 * step)) | (own >> step))
        two = (own >> step) & (own >> (2 * step))
        cells |= two & ((own << step) | (own >> (3 * step)))
    return cells & board.full & ~taken


@njit
def has_four(own: int, board: Standing) -> bool:
    """Whether there are four in a row in a set of cells."""
    for step in (1, board.height - 1, board.height, board.height + 1):
        two = own & (own >> step)
        if two & (two >> (2 * step)):
            return True
    return False


@njit
def _safe(threats: int, possible: int) -> int:
    """The moves after which the other player, who threatens to win in these cells, cannot win at once; none if there is no such move."""
    forced = possible & threats
    if forced & (forced - 1):
        return 0
    return (forced or possible) & ~(threats >> 1)


@njit
def settle(own: int, other: int, threats: int, possible: int, board: Standing) -> int:
    """An upper bound of the value for the mover, who cannot win at once, from the two rules; `threats` are the other's winning cells."""
    if not possible:
        return 0
    if not _safe(threats, possible):
        return -1
    empty = board.full & ~(own | other)
    single = possible & board.upper
    lower = empty & ~board.upper
    if count(single) & 1 == 0:
        if has_four(own | lower | single, board):
            return 1
        return -1 if has_four(other | (empty & board.upper & ~single), board) else 0
    targets = threats & lower
    while targets:
        target = targets & -targets
        targets ^= target
        column = (1 << board.height) - 1
        while not column & target:
            column <<= board.height
        below = empty & board.upper & column & (target - 1)
        if column & single and not has_four(own | ((lower | single) & ~column) | below, board):
            return -1
    return 1 if has_four(own | empty, board) else 0


@njit
def _search(own: int, taken: int, low: int, high: int, upper: int, stack: Int64s, table: Table, board: Standing) -> int:
    """A value for the mover, who cannot win at once: the true one if it is between `low` and `high`, else a bound of it on that side."""
    value = _open(stack[0], own, taken, low, high, upper, table, board)
    ply = 0 if value == OPEN else -1
    while ply >= 0:
        frame = stack[ply]
        if frame[N_MOVES] == 0 or frame[BEST] >= frame[HIGH]:
            value = _close(frame, table)
            ply -= 1
            if ply >= 0:
                stack[ply, BEST] = max(stack[ply, BEST], -value)
            continue
        frame[N_MOVES] -= 1
        move, bound = frame[MOVES + frame[N_MOVES]], frame[MOVES + frame[N_MOVES] + BOUNDS]
        low = max(frame[LOW], frame[BEST])
        value = _open(stack[ply + 1], frame[TAKEN] ^ frame[OWN], frame[TAKEN] | move, -frame[HIGH], -low, bound, table, board)
        if value == STOPPED:
            return STOPPED
        if value == OPEN:
            ply += 1
        else:
            frame[BEST] = max(frame[BEST], -value)
    return value


@njit
def _open(frame: Int64s, own: int, taken: int, low: int, high: int, upper: int, table: Table, board: Standing) -> int:
    """A value as of `_search` where no move needs to be tried; else OPEN, with a frame that holds the moves, the best one last."""
    if table.counters[NODES] >= table.counters[LIMIT]:
        return STOPPED
    table.counters[NODES] += 1
    possible = (taken + board.bottom) & board.full
    if not possible:
        return 0
    key, lower = own + taken + board.bottom, -1
    known = recall(key, table)
    if known:
        lower, upper = (known & 3) - 1, min(upper, (known >> 2) - 2)
    if upper <= low:
        return upper
    other = own ^ taken
    moves = _safe(winning_cells(other, taken, board), possible)
    frame[N_MOVES] = 0
    for i in range(board.columns):  # from the sides to the middle
        move = moves & (((1 << board.height) - 1) << (board.height * board.order[i]))
        if move and lower < min(high, upper):
            threats = winning_cells(own | move, taken | move, board)
            bound = settle(other, own | move, threats, ((taken | move) + board.bottom) & board.full, board)
            lower = max(lower, -bound)
            _insert(frame, move, bound, count(threats))
    if lower >= min(high, upper):
        keep(key, ((upper + 2) << 2) | (lower + 1), table)
        return lower
    frame[OWN], frame[TAKEN], frame[KEY], frame[LOWER], frame[UPPER] = own, taken, key, lower, upper
    frame[LOW], frame[HIGH], frame[BEST] = max(low, lower), min(high, upper), -1
    return OPEN


@njit
def _insert(frame: Int64s, move: int, bound: int, promise: int) -> None:
    """Add a move to a frame behind those that promise no more."""
    place = MOVES + frame[N_MOVES]
    while place > MOVES and frame[place - 1 + PROMISES] > promise:
        for column in (place, place + BOUNDS, place + PROMISES):
            frame[column] = frame[column - 1]
        place -= 1
    frame[place], frame[place + BOUNDS], frame[place + PROMISES] = move, bound, promise
    frame[N_MOVES] += 1


@njit
def _close(frame: Int64s, table: Table) -> int:
    """The value of a frame whose moves are tried, and what it proves kept."""
    best: int = frame[BEST]
    lower, upper = frame[LOWER], frame[UPPER]
    if best > frame[LOW]:
        lower = max(lower, best)
    if best < frame[HIGH]:
        upper = min(upper, best)
    keep(frame[KEY], ((upper + 2) << 2) | (lower + 1), table)
    return best


@njit
def _prove(own: Int64s, other: Int64s, nodes: int, bounds: Bounds, stack: Int64s, table: Table, board: Standing) -> None:
    forget(table)
    for i in range(own.shape[0]):
        before = table.counters[NODES]
        table.counters[LIMIT] = before + nodes
        bounds.lower[i], bounds.upper[i] = _bound(own[i], other[i], stack, table, board)
        bounds.nodes[i] = table.counters[NODES] - before


@njit
def _bound(own: int, other: int, stack: Int64s, table: Table, board: Standing) -> tuple[int, int]:
    """The best proved bounds of the value for the mover."""
    taken = own | other
    possible = (taken + board.bottom) & board.full
    if has_four(other, board):
        return -1, -1
    if winning_cells(own, taken, board) & possible:
        return 1, 1
    if not possible:
        return 0, 0
    lower, upper = -1, settle(own, other, winning_cells(other, taken, board), possible, board)
    for goal in (1, 0):
        if lower < goal <= upper:
            value = _search(own, taken, goal - 1, goal, upper, stack, table, board)
            if value == STOPPED:
                break
            lower, upper = (max(lower, value), upper) if value >= goal else (lower, min(upper, value))
    return lower, upper


class ConnectFourProver:
    """Alpha-beta for one board; what is proved of a state helps those that are asked with it."""

    def __init__(self, game: ConnectFour, table_bits: int = TABLE_BITS) -> None:
        self._rows, self._columns = game.rows, game.columns
        self._stack = np.zeros((MAX_PLY, MOVES + 3 * PROMISES), dtype=np.int64)
        self._board, self._table = make_standing(game.rows, game.columns), new_table(table_bits)

    def prove(self, states: States, nodes: int) -> Bounds:
        """As in `games.proof.prover.Prover`; the same states and `nodes` give the same bounds."""
        n = len(states)
        bounds = Bounds(np.empty(n, np.int16), np.empty(n, np.int16), np.empty(n, np.int64))
        own, other = (self._by_columns(mask) for mask in stones(states, self._rows, self._columns))
        _prove(own, other, nodes, bounds, self._stack, self._table, self._board)
        return bounds

    def _by_columns(self, masks: States) -> Int64s:
        """Masks by rows from the top as masks by columns from the bottom."""
        by_columns = np.zeros(len(masks), dtype=np.int64)
        for row in range(self._rows):
            for column in range(self._columns):
                cell = np.uint64(row * self._columns + column)
                place = column * self._board.height + self._rows - 1 - row
                by_columns |= ((masks >> cell) & np.uint64(1)).astype(np.int64) << place
        return by_columns


def prover(game: ConnectFour) -> ConnectFourProver:
    """A prover for a board."""
    return ConnectFourProver(game)
