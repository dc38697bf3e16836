"""The greedy fitter of decision trees: always the split that lowers the policy's exact mean regret most.

The leaves of the tree stand in an order, and in every position the moves of the highest leaf present are chosen. A split takes
the moves on which an atom holds out of a leaf and puts them, as a leaf of their own, at any place in the order. Only what this
does to the chosen moves counts: no impurity stands in for it.

For one leaf all atoms and all places are valued in a single pass over its moves and the atoms that hold on them: the positions
come in the order of the leaf that decides them, so that a running sum per atom is the gain of every place in turn. A leaf is
valued again only when what it was worth, and all that can have changed since, exceeds the best of the others. So a step costs at
most O(held atoms), and usually a fraction of it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from games.jit import njit
from policies.api import Task
from policies.features import Features

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NONE = -1
LEAST_GAIN = 1e-12  # of the uniform regret; below lies rounding
# What is kept for an atom while a leaf is valued: sums over the moves of one position, then for raising the atom's moves and for
# lowering them the gain so far, the rank reached, the best gain and the rank at which it stood.
TOTAL, COUNT, UP, UP_RANK, UP_BEST, UP_PLACE, DOWN, DOWN_RANK, DOWN_BEST, DOWN_PLACE, N_ROWS = range(11)
WIDTH = 12


class Split(NamedTuple):
    """One step of the growth: the moves of `leaf` on which `atom` holds become the leaf numbered after all others.

    It stands right above leaf `above` in the order, -1: at the bottom. `regret` is the policy's mean regret afterwards.
    """

    leaf: int
    atom: int
    above: int
    regret: float


class Moves(NamedTuple):
    """The moves of contested positions (rows) and the atoms that hold on them, both ways round; it never changes."""

    first: Ints  # [n_positions + 1] the rows of each position
    position: Shorts  # [n_rows]
    weight: Floats  # [n_positions]
    regret: Floats  # [n_rows]
    atom_start: Ints  # [n_rows + 1]
    atom: Shorts  # [n_held] the atoms of each row
    row_start: Ints  # [n_atoms + 1]
    row: Shorts  # [n_held] the rows of each atom


class State(NamedTuple):
    """The tree so far. The rows of a leaf stand together in `rows`, ascending, from `begin` to `end`."""

    leaf: Shorts  # [n_rows] the leaf of each row
    rows: Shorts  # [n_rows]
    begin: Ints  # [most_leaves]
    end: Ints  # [most_leaves]
    rank: Ints  # [most_leaves] the place of each leaf in the order, 0 for the lowest
    ranked: Ints  # [most_leaves] the leaves in this order
    top: Shorts  # [n_positions] the highest leaf present, whose moves are chosen
    second: Shorts  # [n_positions] the next one, or -1
    present: Floats  # [n_positions] the mean regret of the chosen moves
    bound: Floats  # [most_leaves] no split of the leaf gains more
    fresh: Bools  # [most_leaves] one gains just this: the split by `atom`, put right above leaf `above`
    atom: Ints  # [most_leaves]
    above: Ints  # [most_leaves]


def grow(task: Task, features: Features, n_leaves: int) -> list[Split]:
    """The splits, best first, of a tree of up to `n_leaves` leaves over the rows of `features`; fewer where no split gains any more."""
    edges, n_rows = features.edges, len(features.edges)
    parent = task.graph.edge_parent[edges]
    states, first, position = np.unique(parent, return_index=True, return_inverse=True)
    most = max(1, min(n_leaves, n_rows))
    atom_start, atom = _by_row(features.start, features.row, n_rows)
    moves = Moves(
        first=np.append(first, n_rows).astype(np.int64),
        position=position.astype(np.int32),
        weight=task.weights[states],
        regret=task.solution.regret[edges].astype(np.float64),
        atom_start=atom_start,
        atom=atom,
        row_start=features.start,
        row=features.row,
    )
    tree = State(
        leaf=np.zeros(n_rows, dtype=np.int32),
        rows=np.arange(n_rows, dtype=np.int32),
        begin=np.zeros(most, dtype=np.int64),
        end=np.full(most, n_rows, dtype=np.int64),
        rank=np.zeros(most, dtype=np.int64),
        ranked=np.zeros(most, dtype=np.int64),
        top=np.zeros(len(states), dtype=np.int32),
        second=np.full(len(states), NONE, dtype=np.int32),
        present=np.zeros(len(states)),
        bound=np.full(most, np.inf),
        fresh=np.zeros(most, dtype=np.bool_),
        atom=np.zeros(most, dtype=np.int64),
        above=np.zeros(most, dtype=np.int64),
    )
    work = np.zeros((len(features.numbers), WIDTH))
    steps, regrets = _grow(moves, tree, work, most, LEAST_GAIN * task.uniform_regret)
    return [
        Split(leaf, int(features.numbers[atom]), above, regret)
        for (leaf, atom, above), regret in zip(steps.tolist(), regrets.tolist(), strict=True)
    ]


@njit
def _by_row(start: Ints, row: Shorts, n_rows: int) -> tuple[Ints, Shorts]:
    """The atoms of each row, from the rows of each atom."""
    atom_start = np.zeros(n_rows + 1, dtype=np.int64)
    for r in row:
        atom_start[r + 1] += 1
    atom_start[1:] = np.cumsum(atom_start[1:])
    fill = atom_start[:-1].copy()
    atom = np.empty(row.shape[0], dtype=np.int32)
    for a in range(start.shape[0] - 1):
        for k in range(start[a], start[a + 1]):
            atom[fill[row[k]]] = a
            fill[row[k]] += 1
    return atom_start, atom


@njit
def _grow(moves: Moves, tree: State, work: Floats, most: int, least: float) -> tuple[Ints, Floats]:
    """The splits as rows (leaf, atom, above) and the mean regret after each; `tree` has one leaf with all rows at first."""
    held = np.empty(work.shape[0], dtype=np.int64)
    seen = np.empty(work.shape[0], dtype=np.int64)
    chosen = np.zeros(moves.regret.shape[0], dtype=np.bool_)
    for i in range(moves.weight.shape[0]):
        tree.present[i] = moves.regret[moves.first[i] : moves.first[i + 1]].mean()
    level = np.dot(moves.weight, tree.present)
    steps = np.empty((most, 3), dtype=np.int64)
    levels = np.empty(most, dtype=np.float64)
    n_leaves = 1
    while n_leaves < most:
        leaf = int(np.argmax(tree.bound[:n_leaves]))
        while tree.bound[leaf] > least and not tree.fresh[leaf]:
            _value(moves, tree, work, held, seen, leaf, n_leaves)
            leaf = int(np.argmax(tree.bound[:n_leaves]))
        if tree.bound[leaf] <= least:
            break
        atom, above = tree.atom[leaf], tree.above[leaf]
        _split(moves, tree, chosen, leaf, n_leaves, atom, above)
        last = NONE
        for k in range(tree.begin[n_leaves], tree.end[n_leaves]):
            i = moves.position[tree.rows[k]]
            if i != last:
                last = i
                level += _choose_again(moves, tree, i)
        for changed in (leaf, n_leaves):
            tree.bound[changed], tree.fresh[changed] = np.inf, False
        steps[n_leaves - 1] = (leaf, atom, above)
        levels[n_leaves - 1] = level
        n_leaves += 1
    return steps[: n_leaves - 1], levels[: n_leaves - 1]


@njit
def _split(moves: Moves, tree: State, chosen: Bools, leaf: int, new: int, atom: int, above: int) -> None:
    """Take the rows on which the atom holds out of the leaf and make them leaf `new`, right above leaf `above`."""
    on = moves.row[moves.row_start[atom] : moves.row_start[atom + 1]]
    for row in on:
        chosen[row] = True
    before = tree.rows[tree.begin[leaf] : tree.end[leaf]].copy()
    place = tree.begin[leaf]
    for taken in (False, True):
        if taken:
            tree.begin[new], tree.end[new] = place, tree.end[leaf]
            tree.end[leaf] = place
        for row in before:
            if chosen[row] == taken:
                tree.rows[place] = row
                place += 1
                if taken:
                    tree.leaf[row] = new
    for row in on:
        chosen[row] = False
    rank = 0 if above == NONE else tree.rank[above] + 1
    for other in range(new, rank, -1):
        tree.ranked[other] = tree.ranked[other - 1]
        tree.rank[tree.ranked[other]] = other
    tree.ranked[rank], tree.rank[new] = new, rank


@njit
def _choose_again(moves: Moves, tree: State, i: int) -> float:
    """Bring a position up to date after a split, and the bounds of its leaves; the change of the mean regret."""
    rows = range(moves.first[i], moves.first[i + 1])
    top, second = NONE, NONE
    for row in rows:
        leaf = tree.leaf[row]
        if leaf != top and leaf != second:
            if top == NONE or tree.rank[leaf] > tree.rank[top]:
                top, second = leaf, top
            elif second == NONE or tree.rank[leaf] > tree.rank[second]:
                second = leaf
    present, worst = _mean(moves, tree, i, top), 0.0
    for row in rows:
        worst = max(worst, moves.regret[row])
    was, old_top, weight = tree.present[i], int(tree.top[i]), moves.weight[i]
    rose = tree.rank[top] >= tree.rank[old_top] and present <= was
    if top != old_top or present != was:
        last = NONE
        for row in rows:
            leaf = tree.leaf[row]
            if leaf != top and leaf != old_top:
                # Raised above the old choice but below the new one, these moves no longer change anything.
                tree.bound[leaf] += weight * max(0.0, moves.regret[row] - was)
                tree.bound[leaf] += 0.0 if rose else weight * present
            elif leaf != last:
                tree.bound[leaf] += weight * (present + worst - was)
            tree.fresh[leaf] = False
            last = leaf
    elif second != tree.second[i]:
        tree.bound[top] += weight * worst
        tree.fresh[top] = False
    tree.top[i], tree.second[i], tree.present[i] = top, second, present
    return float(weight * (present - was))


@njit
def _mean(moves: Moves, tree: State, i: int, leaf: int) -> float:
    """The mean regret of a position's moves in a leaf."""
    total, n = 0.0, 0
    for row in range(moves.first[i], moves.first[i + 1]):
        if tree.leaf[row] == leaf:
            total += moves.regret[row]
            n += 1
    return total / n


@njit
def _counting_order(keys: Ints, n_keys: int) -> Ints:
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
def _tally(moves: Moves, rows: Shorts, work: Floats, held: Ints) -> int:
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
def _value(moves: Moves, tree: State, work: Floats, held: Ints, seen: Ints, leaf: int, n_leaves: int) -> None:
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
        gain = state[group, 0] * (state[group, 1] - _mean(moves, tree, i, tree.second[i]))
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
