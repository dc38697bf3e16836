"""The greedy fitter of decision trees: always the split that lowers the policy's exact mean regret most.

The leaves of the tree stand in an order, and in every position the moves of the highest leaf present are chosen. A split takes
the moves on which an atom holds out of a leaf and puts them, as a leaf of their own, at any place in the order. Only what this
does to the chosen moves counts: no impurity stands in for it.

All splits of one leaf are valued in a single pass over its moves and the atoms that hold on them (policies/trees/split_gain.py). A leaf is
valued again only when what it was worth, and all that can have changed since, exceeds the best of the others. So a split costs at
most one operation for each pair of an atom and a move where it holds, and usually a fraction of that.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int32s, Int64s
from games.jit import njit
from policies.api import Task
from policies.language.features import Features
from policies.trees.split_gain import NONE, WIDTH, Moves, State, mean_regret, value_leaf

MIN_GAIN = 1e-12  # of the uniform regret; below lies rounding


class Split(NamedTuple):
    """One step of the growth: the moves of `leaf` on which `atom` holds become the leaf numbered after all others.

    It stands right above leaf `above` in the order, -1: at the bottom. `regret` is the policy's mean regret afterwards.
    """

    leaf: int
    atom: int
    above: int
    regret: float


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
    steps, regrets = _grow(moves, tree, work, most, MIN_GAIN * task.uniform_regret)
    return [
        Split(leaf, int(features.numbers[atom]), above, regret)
        for (leaf, atom, above), regret in zip(steps.tolist(), regrets.tolist(), strict=True)
    ]


@njit
def _by_row(start: Int64s, row: Int32s, n_rows: int) -> tuple[Int64s, Int32s]:
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
def _grow(moves: Moves, tree: State, work: Float64s, most: int, least: float) -> tuple[Int64s, Float64s]:
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
            value_leaf(moves, tree, work, held, seen, leaf, n_leaves)
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
                level += _choose_again(moves, tree, leaf, i)
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
def _choose_again(moves: Moves, tree: State, parted: int, i: int) -> float:
    """Bring a position and the bounds of its leaves up to date after `parted` lost some of its moves; the change of the mean regret."""
    rows = range(moves.first[i], moves.first[i + 1])
    top, second = NONE, NONE
    for row in rows:
        leaf = tree.leaf[row]
        if leaf != top and leaf != second:
            if top == NONE or tree.rank[leaf] > tree.rank[top]:
                top, second = leaf, top
            elif second == NONE or tree.rank[leaf] > tree.rank[second]:
                second = leaf
    present, worst = mean_regret(moves, tree, i, top), 0.0
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
    elif second != tree.second[i] or second == parted:
        tree.bound[top] += weight * worst
        tree.fresh[top] = False
    tree.top[i], tree.second[i], tree.present[i] = top, second, present
    return float(weight * (present - was))
