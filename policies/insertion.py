"""Greedy fitting of first-match lists with insertion anywhere: always the rule and the place in the list that save most.

A rule that is put before some rules of the list takes over those of its positions that they decide, and the undecided ones. So
what a rule saves depends on its place, and all places are weighed in one walk over its positions, latest deciding rule first.
The exact best of every rule would be too much work after each step. Instead each rule keeps an upper bound of its best saving:
when a position changes hands, only the rules that hold there can save more than before, by no more than `_most_gained` says. The
rule with the largest bound is weighed exactly; if it still leads, it is the best of all, and enters. A rule
that holds at many positions and was weighed in vain rests for a while, at most until the list has grown by an eighth.
"""

from typing import NamedTuple

import numpy as np

from games.errors import UsageError
from games.jit import njit
from games.registry import nearest
from policies.pairs import Costs, Floats, Ints, Numbers, Pairs
from policies.tournament import best_leaf, change_leaf, new_tree, raise_all

PLACES = ("anywhere", "ends", "front", "end")
RESTLESS, RESTS = 64, 8  # a rule that holds at m positions, weighed in vain, rests for min(m / 64, list / 8) insertions


class Insertions(NamedTuple):
    """Atoms in the order in which their rules were added, their labels (the list is in order of labels), and the cost after each."""

    atom: Numbers  # [n_rules]
    label: Floats  # [n_rules]
    level: Floats  # [n_rules]
    n_weighed: int  # rules weighed exactly, the effort


def insert_rules(pairs: Pairs, price: Floats, n_rules: int, least: float, place: str, eager: bool) -> Insertions:
    """Insert up to `n_rules` rules, as long as one saves more than `least` beyond its price. price: [n_atoms], in units of cost.

    `place` says where new rules may stand: `anywhere`, `ends` (before all others or after them), `front`, `end`. If `eager`, no rule
    ever rests, and each that enters is the best of all.
    """
    if place not in PLACES:
        raise UsageError(f"unknown place {place!r}; {nearest(place, list(PLACES))}")
    found = _insert(
        pairs.start,
        pairs.atom,
        pairs.cost,
        pairs.atom_start,
        pairs.atom_position,
        pairs.atom_cost,
        pairs.weight,
        pairs.bare.copy(),
        price,
        min(n_rules, len(pairs.number)),
        least,
        PLACES.index(place),
        eager,
    )
    return Insertions(*found)


@njit
def _weigh(
    positions: Numbers,
    costs: Costs,
    weight: Floats,
    present: Floats,
    owner: Numbers,
    label: Floats,
    place: int,
) -> tuple[float, float, float]:
    """The most that a rule can save, the label of the first rule that it then precedes, and that of the last one it follows.

    Of places that save the same, the latest. Label infinity: undecided.
    """
    m, n_rules = positions.shape[0], label.shape[0]
    if m > n_rules:
        order = np.argsort(-label)
        slot = np.empty(n_rules + 1, dtype=np.int64)
        at, gains, met = np.empty(n_rules + 1), np.zeros(n_rules + 1), np.zeros(n_rules + 1, dtype=np.bool_)
        at[0] = np.inf
        slot[n_rules] = 0
        for i in range(n_rules):
            slot[order[i]], at[i + 1] = i + 1, label[order[i]]
        for k in range(m):
            i = positions[k]
            s = slot[owner[i]] if owner[i] >= 0 else 0
            gains[s] += weight[i] * (present[i] - costs[k])
            met[s] = True
    else:
        labels, unsorted = np.empty(m), np.empty(m)
        for k in range(m):
            i = positions[k]
            labels[k] = label[owner[i]] if owner[i] >= 0 else np.inf
            unsorted[k] = weight[i] * (present[i] - costs[k])
        order = np.argsort(-labels)
        at, gains, met = labels[order], unsorted[order], np.ones(m, dtype=np.bool_)
    total, best, before, after, is_best = 0.0, -np.inf, np.inf, -np.inf, False
    k = 0
    while k < at.shape[0]:
        here, some, part = at[k], False, 0.0
        while k < at.shape[0] and at[k] == here:
            part += gains[k]
            some = some or met[k]
            k += 1
        if not some:
            continue
        total += part
        if is_best:
            after, is_best = here, False
        if (place == 0 or (here == np.inf and place != 2)) and total - best > 1e-12 * abs(total):
            best, before, after, is_best = total, here, -np.inf, True
    if place in (1, 2) and total - best > 1e-12 * abs(total):
        best, before, after = total, -np.inf, -np.inf
    return best, before, after


@njit
def _most_gained(weight: float, was: float, now: float, cost: float) -> float:
    """By how much a rule that holds at a position may save more, at best, after the position went to a new rule.

    In places before the new rule its saving there changes from was - cost to now - cost; from the new rule on to the one
    that decided so far, from was - cost to nothing; further back it stays.
    """
    return weight * max(0.0, now - was, cost - was)


@njit
def _insert(
    start: Ints,
    atom: Numbers,
    cost: Costs,
    atom_start: Ints,
    atom_position: Numbers,
    atom_cost: Costs,
    weight: Floats,
    present: Floats,
    price: Floats,
    limit: int,
    least: float,
    place: int,
    eager: bool,
) -> tuple[Numbers, Floats, Floats, int]:
    n_atoms = price.shape[0]
    bound = new_tree(n_atoms)
    half = bound.shape[0] // 2
    owner = np.full(weight.shape[0], -1, dtype=np.int32)
    label, chosen, levels = np.zeros(limit), np.zeros(limit, dtype=np.int32), np.zeros(limit)
    for a in range(n_atoms):
        total = 0.0
        for k in range(atom_start[a], atom_start[a + 1]):
            total += weight[atom_position[k]] * (present[atom_position[k]] - atom_cost[k])
        bound[half + a] = total - price[a]
    raise_all(bound)
    level = np.dot(weight, present)
    rests = np.zeros(n_atoms, dtype=np.bool_)
    missed = np.zeros(n_atoms)  # what the bound of a resting rule has not been raised by yet
    next_awake = np.full(n_atoms, -1, dtype=np.int32)  # linked lists of the rules that wake when the list has a certain length
    first_awake = np.full(limit + 1, -1, dtype=np.int32)
    n, n_weighed = 0, 0
    while n < limit and bound[1] > least:
        best = best_leaf(bound)
        held, costs = atom_position[atom_start[best] : atom_start[best + 1]], atom_cost[atom_start[best] : atom_start[best + 1]]
        saving, before, after = _weigh(held, costs, weight, present, owner, label[:n], place)
        n_weighed += 1
        change_leaf(bound, best, saving - price[best] - bound[half + best], False)
        if best_leaf(bound) != best or bound[1] <= least:
            missed[best] = 0.0
            awake = n if eager else n + min(held.shape[0] // RESTLESS, n // RESTS)
            if not rests[best] and n < awake <= limit:
                rests[best], next_awake[best], first_awake[awake] = True, first_awake[awake], best
            continue
        if n == 0 or before == np.inf:
            new = label[:n].max() + 1.0 if n else 0.0
        elif after == -np.inf:
            new = label[:n].min() - 1.0
        else:
            new = (before + after) / 2.0
            if new in (before, after):
                order = np.argsort(label[:n])
                for rank in range(n):
                    label[order[rank]] = float(rank)
                continue
        touched = 0
        for k in range(held.shape[0]):
            i = held[k]
            touched += start[i + 1] - start[i]
        in_bulk = 16 * touched > half
        label[n] = new
        for k in range(held.shape[0]):
            i = held[k]
            if owner[i] >= 0 and label[owner[i]] < new:
                continue
            was, now = present[i], float(costs[k])
            for pair in range(start[i], start[i + 1]):
                more = _most_gained(weight[i], was, now, cost[pair])
                if more > 0.0 and rests[atom[pair]]:
                    missed[atom[pair]] += more
                elif more > 0.0:
                    change_leaf(bound, atom[pair], more, in_bulk)
            level -= weight[i] * (was - now)
            present[i], owner[i] = now, n
        change_leaf(bound, best, -np.inf, in_bulk)
        if in_bulk:
            raise_all(bound)
        chosen[n], levels[n] = best, level
        n += 1
        sleeper = first_awake[n]
        while sleeper >= 0:
            change_leaf(bound, sleeper, missed[sleeper], False)
            rests[sleeper], missed[sleeper] = False, 0.0
            sleeper = next_awake[sleeper]
    return chosen[:n], label[:n], levels[:n], n_weighed
