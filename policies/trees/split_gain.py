"""The gain of splitting one leaf of a tree, for every atom and every place in the order of the leaves, in one pass.

The positions come in the order of the leaf that decides them, so that a running sum per atom is the gain of every place in turn.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int32s, Int64s
from games.jit import njit

NONE = -1
# What is kept for an atom while a leaf is valued: sums over the moves of one position, then for raising the atom's moves and for
# lowering them the gain so far, the rank reached, the best gain and the rank at which it stood.
TOTAL, COUNT, UP, UP_RANK, UP_BEST, UP_PLACE, DOWN, DOWN_RANK, DOWN_BEST, DOWN_PLACE, N_ROWS = range(11)
WIDTH = 12


class Moves(NamedTuple):
    """The moves of contested positions (rows) and the atoms that hold on them, both ways round; it never changes."""

    first: Int64s  # [n_positions + 1] the rows of each position
    position: Int32s  # [n_rows]
    weight: Float64s  # [n_positions]
    regret: Float64s  # [n_rows]
    atom_start: Int64s  # [n_rows + 1]
    atom: Int32s  # [n_held] the atoms of each row
    row_start: Int64s  # [n_atoms + 1]
    row: Int32s  # [n_held] the rows of each atom


class State(NamedTuple):
    """The tree so far. The rows of a leaf stand together in `rows`, ascending, from `begin` to `end`."""

    leaf: Int32s  # [n_rows] the leaf of each row
    rows: Int32s  # [n_rows]
    begin: Int64s  # [most_leaves]
    end: Int64s  # [most_leaves]
    rank: Int64s  # [most_leaves] the place of each leaf in the order, 0 for the lowest
    ranked: Int64s  # [most_leaves] the leaves in this order
    top: Int32s  # [n_positions] the highest leaf present, whose moves are chosen
    second: Int32s  # [n_positions] the next one, or -1
    present: Float64s  # [n_positions] the mean regret of the chosen moves
    bound: Float64s  # [most_leaves] no split of the leaf gains more
    fresh: Bools  # [most_leaves] one gains just this: the split by `atom`, put right above leaf `above`
    atom: Int64s  # [most_leaves]
    above: Int64s  # [most_leaves]


@njit
def mean_regret(moves: Moves, tree: State, i: int, leaf: int) -> float:
    """The mean regret of a position's moves in a leaf."""
    total, n = 0.0, 0
    for row in range(moves.first[i], moves.first[i + 1]):
        if tree.leaf[row] == leaf:
            total += moves.regret[row]
            n += 1
    return total / n


@njit
def _counting_order(keys: Int64s, n_keys: int) -> Int64s:
    """The indices with keys from 0 up, sorted by key; those with key -1 are left out."""
    start = np.zeros(n_keys + 1, dtype=np.int64)
    for key in keys:
        start[key + 1] += 1
    start[0] = 0
    start = np.cumsum(start)
    order = np.empty(start[-1], dtype=np.int64)
    for index in range(keys.shape[0]):
        if keys[index] >= 0:
            order[start[keys[index]]] = index
            start[keys[index]] += 1
    return order


@njit
def _tally(moves: Moves, rows: Int32s, work: Float64s, held: Int64s) -> int:
    """Sum up the regret and the number of the rows on which each atom holds; those atoms are put into `held`, their number returned."""
    n_held = 0
    for row in rows:
        for j in range(moves.atom_start[row], moves.atom_start[row + 1]):
            mine = work[moves.atom[j]]
            if mine[COUNT] == 0.0:
                held[n_held] = moves.atom[j]
                n_held += 1
            mine[TOTAL] += moves.regret[row]
            mine[COUNT] += 1.0
    return n_held


@njit
def value_leaf(moves: Moves, tree: State, work: Float64s, held: Int64s, seen: Int64s, leaf: int, n_leaves: int) -> None:
    """Find the best split of a leaf: its gain, exactly, its atom and its place."""
    rows = tree.rows[tree.begin[leaf] : tree.end[leaf]]
    own = tree.rank[leaf]
    start = np.empty(rows.shape[0] + 1, dtype=np.int64)
    top_rank = np.empty(rows.shape[0], dtype=np.int64)
    second_rank = np.empty(rows.shape[0], dtype=np.int64)
    state = np.empty((rows.shape[0], 2), dtype=np.float64)  # weight and present regret, side by side: they are read out of order
    n_groups, last = 0, NONE
    for k in range(rows.shape[0]):
        i = moves.position[rows[k]]
        if i != last:
            last = i
            start[n_groups] = k
            state[n_groups, 0], state[n_groups, 1] = moves.weight[i], tree.present[i]
            top_rank[n_groups] = tree.rank[tree.top[i]]
            decides = tree.top[i] == leaf and tree.second[i] != NONE
            second_rank[n_groups] = tree.rank[tree.second[i]] if decides else NONE
            n_groups += 1
    start[n_groups] = rows.shape[0]
    n_seen = 0
    for group in _counting_order(top_rank[:n_groups], n_leaves):
        rank, weight, present = top_rank[group], state[group, 0], state[group, 1]
        size = float(start[group + 1] - start[group])
        n_held = _tally(moves, rows[start[group] : start[group + 1]], work, held)
        for atom in held[:n_held]:
            mine = work[atom]
            total, count = mine[TOTAL], mine[COUNT]
            mine[TOTAL] = mine[COUNT] = 0.0
            if mine[N_ROWS] == 0.0:
                mine[:] = 0.0
                mine[UP_RANK] = mine[UP_PLACE] = own
                seen[n_seen] = atom
                n_seen += 1
            mine[N_ROWS] += count
            if rank == own:
                if count < size:  # else the chosen moves stay the same
                    mine[UP] += weight * (present - total / count)
                    mine[DOWN] += weight * (present - (present * size - total) / (size - count))
                continue
            if rank > mine[UP_RANK]:
                if mine[UP] > mine[UP_BEST]:
                    mine[UP_BEST], mine[UP_PLACE] = mine[UP], mine[UP_RANK]
                mine[UP_RANK] = rank
            mine[UP] += weight * (present - total / count)
    for atom in seen[:n_seen]:
        mine = work[atom]
        mine[DOWN_RANK] = mine[DOWN_PLACE] = own
        mine[DOWN_BEST] = mine[DOWN]
    for group in _counting_order(second_rank[:n_groups], n_leaves)[::-1]:
        i, rank = moves.position[rows[start[group]]], second_rank[group]
        size = float(start[group + 1] - start[group])
        gain = state[group, 0] * (state[group, 1] - mean_regret(moves, tree, i, tree.second[i]))
        n_held = _tally(moves, rows[start[group] : start[group + 1]], work, held)
        for atom in held[:n_held]:
            mine = work[atom]
            count = mine[COUNT]
            mine[TOTAL] = mine[COUNT] = 0.0
            if count == size:
                if rank < mine[DOWN_RANK]:
                    if mine[DOWN] > mine[DOWN_BEST]:
                        mine[DOWN_BEST], mine[DOWN_PLACE] = mine[DOWN], mine[DOWN_RANK]
                    mine[DOWN_RANK] = rank
                mine[DOWN] += gain
    best, best_atom, best_place = 0.0, NONE, 0
    for atom in seen[:n_seen]:
        mine = work[atom]
        takes_all = mine[N_ROWS] == rows.shape[0]
        mine[N_ROWS] = 0.0
        if takes_all:
            continue
        for gain, place in (
            (mine[UP], mine[UP_RANK]),
            (mine[UP_BEST], mine[UP_PLACE]),
            (mine[DOWN], mine[DOWN_RANK] - 1.0),
            (mine[DOWN_BEST], mine[DOWN_PLACE] - 1.0),
        ):
            if gain > best or (gain == best and atom < best_atom):
                best, best_atom, best_place = gain, atom, int(place)
    tree.bound[leaf], tree.fresh[leaf] = best, True
    tree.atom[leaf] = best_atom
    tree.above[leaf] = NONE if best_place < 0 else tree.ranked[best_place]
