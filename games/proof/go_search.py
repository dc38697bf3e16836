"""Proof-number search for Go under the project's rules: whether a player can force an end with at least a given margin.

`L >= t`, for t above 0, if and only if the mover can force two passes with a margin of t or more. So each question is a game of reaching
an end, in which endless play fails the player who is to reach it. A proof is a finite tree, which is good in any context. A disproof may
lean on a repetition: a line that comes back to a position above it fails because of where it began. What leans on a position above its own
root is kept for that line alone: the number of the deepest frame that it leans on goes with it, and it counts only while this
frame is open. All else is kept under the exact state. Source of the search: Nagai, "Df-pn algorithm for searching AND/OR trees and its
applications" (2002); of the trouble with repetitions: Kishimoto and Mueller, "A general solution to the graph history interaction problem"
(2004).
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.arrays import Int64s
from games.jit import njit
from games.proof.go_board import ILLEGAL, Grid, around, canonical, count, margin, move, swap
from games.proof.go_life import kept_points, new_scratch
from games.rules.go import KO_SHIFT, MAX_CELLS, PASS_SHIFT, STONES

INFINITE = 100_000_000
MAX_PLY = 200
NO_LEAN = 255  # of a disproof that is good in any context
SIDE_SHIFT = PASS_SHIFT + 2  # of a key: whether the mover is to reach the goal
STATE, KEY, PN, DN, FIRST, LAST, LOW, HIGH = range(8)  # columns of a child: FIRST and LAST plies that its disproof leans on
NODE_KEY, SERIAL, IS_REACHER, N_CHILDREN, CHOSEN, PN_LIMIT, DN_LIMIT = range(7)  # columns of a frame
EXPANDED, SERIALS, GENERATION = range(3)  # counters
YES, NO, UNKNOWN = 1, 0, -1
ENTRY = np.dtype(
    [
        ("key", np.int64),
        ("pn", np.int32),
        ("dn", np.int32),
        ("serial", np.int32),  # of the deepest frame that a disproof leans on
        ("generation", np.int32),
        ("low", np.int8),  # the largest goal that is proved
        ("high", np.int8),  # the smallest goal that is disproved
        ("goal", np.int8),  # that pn and dn, or a leaning disproof, are of
        ("first", np.uint8),
        ("last", np.uint8),  # 0: nothing leans
    ],
    align=True,
)


class Memory(NamedTuple):
    """The working memory of a search."""

    table: npt.NDArray[Any]  # [a power of two] of ENTRY
    frames: Int64s  # [MAX_PLY + 2, 7]
    children: Int64s  # [MAX_PLY + 2, 26, 8]
    counters: Int64s  # [3]
    scratch: Int64s


def new_memory(bits: int) -> Memory:
    """Memory for `2 ** bits` positions, 32 bytes each."""
    frames, children = np.zeros((MAX_PLY + 2, 7), dtype=np.int64), np.zeros((MAX_PLY + 2, MAX_CELLS + 1, 8), dtype=np.int64)
    return Memory(np.zeros(1 << bits, dtype=ENTRY), frames, children, np.zeros(3, dtype=np.int64), new_scratch())


@njit
def forget(memory: Memory) -> None:
    """Begin anew, so that what is found does not depend on earlier questions."""
    memory.counters[EXPANDED] = memory.counters[SERIALS] = 0
    memory.counters[GENERATION] += 1


@njit
def can_force(state: int, is_reacher: bool, goal: int, limit: int, memory: Memory, grid: Grid) -> int:
    """Whether the mover, or else the other player, can force two passes with a margin of at least `goal`, which is above 0.

    UNKNOWN when `limit` positions have been expanded since `forget`.
    """
    frames, children, counters = memory.frames, memory.children, memory.counters
    root = children[0, 0]
    root[STATE] = state
    _judge(root, is_reacher, goal, 1, memory, grid)
    if root[PN] == 0:
        return YES
    if root[DN] == 0:
        return NO
    if counters[EXPANDED] >= limit:
        return UNKNOWN
    frames[0, CHOSEN] = 0
    frames[1, PN_LIMIT] = frames[1, DN_LIMIT] = INFINITE
    ply = 1
    _enter(ply, is_reacher, goal, memory, grid)
    while ply:
        frame = frames[ply]
        near, far = (PN, DN) if frame[IS_REACHER] else (DN, PN)  # the least of the children's counts, and the sum
        least = second = INFINITE
        largest, n_open, chosen = 0, 0, -1
        for i in range(frame[N_CHILDREN]):
            one, many = children[ply, i, near], children[ply, i, far]
            if one < least:
                second, least, chosen = least, one, i
            elif one < second:
                second = one
            if many > 0:
                largest, n_open = max(largest, many), n_open + 1
        total = min(largest + n_open - 1, INFINITE) if n_open else 0  # not the sum: children share what is below them
        if least == 0:
            total = INFINITE
        above = children[ply - 1, frames[ply - 1, CHOSEN]]
        above[near], above[far] = least, total
        if above[PN] == 0 or above[DN] == 0 or above[PN] >= frame[PN_LIMIT] or above[DN] >= frame[DN_LIMIT] or counters[EXPANDED] >= limit:
            _leave(ply, goal, memory, grid)
            ply -= 1
            continue
        child = children[ply, chosen]
        if ply == MAX_PLY:
            child[PN], child[DN], child[FIRST], child[LAST] = INFINITE, 0, 0, ply
            continue
        limits = frames[ply + 1]
        near_limit, far_limit = (PN_LIMIT, DN_LIMIT) if frame[IS_REACHER] else (DN_LIMIT, PN_LIMIT)
        limits[near_limit] = min(frame[near_limit], second + second // 4 + 1)
        limits[far_limit] = INFINITE if frame[far_limit] >= INFINITE else frame[far_limit] - total + child[far]
        frame[CHOSEN] = chosen
        ply += 1
        _enter(ply, not frame[IS_REACHER], goal, memory, grid)
    if root[PN] == 0:
        return YES
    return NO if root[DN] == 0 and root[FIRST] == NO_LEAN else UNKNOWN


@njit
def _enter(ply: int, is_reacher: bool, goal: int, memory: Memory, grid: Grid) -> None:
    """Open the frame of the child that the frame above has chosen, and judge all its children."""
    frame, children = memory.frames[ply], memory.children[ply]
    node = memory.children[ply - 1, memory.frames[ply - 1, CHOSEN]]
    state = node[STATE]
    memory.counters[EXPANDED] += 1
    memory.counters[SERIALS] += 1
    frame[NODE_KEY], frame[SERIAL], frame[IS_REACHER] = node[KEY], memory.counters[SERIALS], is_reacher
    n = 0
    ko = (state >> KO_SHIFT) & 31
    left = grid.full & ~(state | (state >> MAX_CELLS)) & ~((1 << ko) >> 1)
    while left:
        stone = left & -left
        left ^= stone
        after = move(state, stone, grid)
        if after != ILLEGAL:
            children[n, STATE] = after
            n += 1
    if not state >> PASS_SHIFT:  # after a pass, a second one has been judged with the state itself
        children[n, STATE] = swap(state) | (1 << PASS_SHIFT)
        n += 1
    frame[N_CHILDREN] = n
    for i in range(n):
        _judge(children[i], not is_reacher, goal, ply + 1, memory, grid)


@njit
def _judge(child: Int64s, is_reacher: bool, goal: int, ply: int, memory: Memory, grid: Grid) -> None:
    """Work out what is known of a state at `ply`: by counting, by repetition, from the table, or else a guess of its proof numbers."""
    state = child[STATE]
    own, other = state & STONES, (state >> MAX_CELLS) & STONES
    child[FIRST], child[LAST] = NO_LEAN, 0
    counted = 0
    if state >> PASS_SHIFT:
        counted = margin(own, other, grid) if is_reacher else -margin(own, other, grid)
        if (counted >= goal) == is_reacher:  # the mover passes
            child[PN], child[DN] = (0, INFINITE) if is_reacher else (INFINITE, 0)
            return
    key = canonical(state, grid) | (int(is_reacher) << SIDE_SHIFT)
    child[KEY] = key
    for above in range(ply - 2, 0, -2):
        if memory.frames[above, NODE_KEY] == key:
            child[PN], child[DN], child[FIRST], child[LAST] = INFINITE, 0, above, above
            return
    entry = memory.table[_slot(key, memory)]
    if entry.key != key or entry.generation != memory.counters[GENERATION]:
        reacher, defender = (own, other) if is_reacher else (other, own)
        low = max(2 * count(kept_points(reacher, defender, grid, memory.scratch)) - grid.n_cells, 0)
        high = max(grid.n_cells - 2 * count(kept_points(defender, reacher, grid, memory.scratch)), 0) + 1
        if state >> PASS_SHIFT and is_reacher:
            low, high = max(low, counted), max(high, counted + 1)
        elif state >> PASS_SHIFT:
            low, high = max(min(low, counted), 0), max(min(high, counted + 1), 1)
        child[LOW], child[HIGH] = low, high
        _write(entry, child, memory)
    child[LOW], child[HIGH] = entry.low, entry.high
    if entry.low >= goal:
        child[PN], child[DN] = 0, INFINITE
    elif entry.high <= goal:
        child[PN], child[DN] = INFINITE, 0
    elif entry.goal == goal and entry.last == 0:
        child[PN], child[DN] = entry.pn, entry.dn
    elif entry.goal == goal and entry.last < ply and memory.frames[entry.last, SERIAL] == entry.serial:
        child[PN], child[DN], child[FIRST], child[LAST] = INFINITE, 0, entry.first, entry.last
    else:
        ahead = _near_points(own, other, grid) if is_reacher else -_near_points(own, other, grid)
        missing = goal - ahead - int(is_reacher)
        child[PN], child[DN] = 1 + max(missing, 0), 1 + max(1 - missing, 0)


@njit
def _leave(ply: int, goal: int, memory: Memory, grid: Grid) -> None:
    """Close a frame: keep what was found in the table, and tell the frame above what a disproof leans on."""
    frame, children = memory.frames[ply], memory.children[ply]
    node = memory.children[ply - 1, memory.frames[ply - 1, CHOSEN]]
    first, last = NO_LEAN, 0
    if node[DN] == 0 and frame[IS_REACHER]:  # all children fail
        for i in range(frame[N_CHILDREN]):
            first, last = min(first, children[i, FIRST]), max(last, children[i, LAST])
    elif node[DN] == 0:  # one does: that which leans least far up
        first = -1
        for i in range(frame[N_CHILDREN]):
            if children[i, DN] == 0 and children[i, FIRST] > first:
                first, last = children[i, FIRST], children[i, LAST]
    if first >= ply:
        first, last = NO_LEAN, 0
    last = min(last, ply - 1)
    node[FIRST], node[LAST] = first, last
    entry = memory.table[_slot(node[KEY], memory)]
    if entry.key != node[KEY] or entry.generation != memory.counters[GENERATION]:
        _write(entry, node, memory)
    if node[PN] == 0:
        entry.low = max(entry.low, goal)
    elif node[DN] == 0 and first == NO_LEAN:
        entry.high = min(entry.high, goal)
    elif node[DN] == 0 and last:
        entry.goal, entry.first, entry.last, entry.serial = goal, first, last, memory.frames[last, SERIAL]
    elif node[DN]:
        entry.goal, entry.pn, entry.dn, entry.last = goal, node[PN], node[DN], 0


@njit
def _slot(key: int, memory: Memory) -> int:
    mixed = (key ^ (key >> 29)) * 0x1E3779B97F4A7C15
    slot: int = (mixed ^ (mixed >> 32)) & (memory.table.shape[0] - 1)
    return slot


@njit
def _write(entry: Any, child: Int64s, memory: Memory) -> None:
    """Put a state in place of what an entry held."""
    entry.key, entry.generation = child[KEY], memory.counters[GENERATION]
    entry.low, entry.high = child[LOW], child[HIGH]
    entry.goal = entry.last = 0


@njit
def _near_points(own: int, other: int, grid: Grid) -> int:
    """A guess of the margin: stones, and empty points that one player alone reaches in two steps."""
    empty = grid.full & ~(own | other)
    mine, theirs = around(own, grid) & empty, around(other, grid) & empty
    mine, theirs = mine | (around(mine, grid) & empty & ~theirs), theirs | (around(theirs, grid) & empty & ~mine)
    return count(own | (mine & ~theirs)) - count(other | (theirs & ~mine))
