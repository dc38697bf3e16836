"""Greedy fitting of first-match lists whose new rules stand before all others or after them, exact at every step.

What a rule saves at either end is a sum over its positions that changes only where a position changes hands, so that both
sums are kept for every rule, and the best is read off two tournament trees. Faster than insertion anywhere, and weaker.
"""

import numpy as np

from games.arrays import Bools, Float64s, Int32s
from games.jit import njit
from policies.fitting.decision_costs import Pairs
from policies.fitting.tournament import best_leaf, change_leaf, new_tree, raise_all


def add_at_ends(
    pairs: Pairs, price: Float64s, n_rules: int, least: float, at_front: bool, at_end: bool
) -> tuple[Int32s, Float64s, Float64s]:
    """The atoms of up to `n_rules` rules in the order in which they entered, their labels, and the cost after each.

    As long as one saves more than `least` beyond its price; the list is in order of labels. price: [n_atoms], in units of cost.
    """
    chosen, in_front, levels = _add(pairs, price, min(n_rules, len(pairs.number)), least, at_front, at_end)
    return chosen, np.where(in_front, -1.0, 1.0) * np.arange(1, len(chosen) + 1), levels


@njit
def _add(pairs: Pairs, price: Float64s, limit: int, least: float, at_front: bool, at_end: bool) -> tuple[Int32s, Bools, Float64s]:
    present = pairs.bare.copy()
    is_decided = np.zeros(present.shape[0], dtype=np.bool_)
    front = new_tree(price.shape[0])
    half = front.shape[0] // 2
    for i in range(present.shape[0]):
        for pair in range(pairs.start[i], pairs.start[i + 1]):
            front[half + pairs.atom[pair]] += pairs.weight[i] * (present[i] - pairs.cost[pair])
    for a in range(price.shape[0]):
        front[half + a] -= price[a]
    end = front.copy()
    if not at_front:
        front[:] = -np.inf
    if not at_end:
        end[:] = -np.inf
    raise_all(front)
    raise_all(end)
    chosen, in_front, levels = np.empty(limit, dtype=np.int32), np.empty(limit, dtype=np.bool_), np.empty(limit)
    level = np.dot(pairs.weight, present)
    n = 0
    while n < limit and max(front[1], end[1]) > least:
        goes_first = front[1] > end[1] + 1e-12 * abs(end[1]) or end[1] == -np.inf
        best = best_leaf(front if goes_first else end)
        touched = 0
        for k in range(pairs.atom_start[best], pairs.atom_start[best + 1]):
            i = pairs.atom_position[k]
            touched += pairs.start[i + 1] - pairs.start[i]
        in_bulk = 16 * touched > half
        for k in range(pairs.atom_start[best], pairs.atom_start[best + 1]):
            i, now = pairs.atom_position[k], float(pairs.atom_cost[k])
            if is_decided[i] and not goes_first:
                continue
            weight, was = pairs.weight[i], present[i]
            for pair in range(pairs.start[i], pairs.start[i + 1]):
                if at_front:
                    change_leaf(front, pairs.atom[pair], weight * (now - was), in_bulk)
                if at_end and not is_decided[i]:
                    change_leaf(end, pairs.atom[pair], -weight * (was - pairs.cost[pair]), in_bulk)
            level -= weight * (was - now)
            present[i], is_decided[i] = now, True
        change_leaf(front, best, -np.inf, in_bulk)
        change_leaf(end, best, -np.inf, in_bulk)
        if in_bulk:
            raise_all(front)
            raise_all(end)
        chosen[n], in_front[n], levels[n] = best, goes_first, level
        n += 1
    return chosen[:n], in_front[:n], levels[:n]
