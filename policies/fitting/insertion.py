"""Greedy fitting of first-match lists with insertion anywhere: always the rule and the place in the list that save most.

A rule that is put before some rules of the list takes over those of its positions that they decide, and the undecided ones. So
what a rule saves depends on its place, and all places are weighed in one walk over its positions, latest deciding rule first.
The exact best of every rule would be too much work after each step. Instead each rule keeps an upper bound of its best saving:
when a position changes hands, only the rules that hold there can save more than before, by no more than `_most_gained` says. The
rule with the largest bound is weighed exactly; if it still leads, it is the best of all, and enters. A rule
that holds at many positions and was weighed in vain rests for a while, at most until the list has grown by a quarter.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float32s, Float64s, Int32s, Int64s
from games.jit import njit
from policies.fitting.decision_costs import Pairs
from policies.fitting.tournament import best_leaf, change_leaf, new_tree, raise_all

RESTLESS, RESTS = 16, 4  # a rule that holds at m positions, weighed in vain, rests for min(m / 16, list / 4) insertions


OWNER, PRESENT, WEIGHT = range(3)  # of a position: the rule that decides it, -1 for none; what the moves left cost; its weight


class State(NamedTuple):
    """A list in the making."""

    counts: Int64s  # [2] rules in the list, and how often a rule was weighed
    label: Float64s  # [limit] of the rules in the order in which they entered; the list is in order of labels
    hand: Float64s  # [n_positions, 4] by column, so that one read of memory gives all: OWNER, PRESENT, WEIGHT
    bound: Float64s  # tournament tree: more than what an atom can still save, less its price
    rests: Bools  # [n_atoms]
    missed: Float64s  # [n_atoms] by how much the bound of a resting atom is too low
    is_listed: Bools  # [n_atoms] whether it stands in one of the linked lists
    next_awake: Int32s  # [n_atoms] linked lists of the atoms that wake
    first_awake: Int32s  # [limit + 1] when the list has so many rules


class Insertions(NamedTuple):
    """Atoms in the order in which their rules entered, their labels (the list is in order of labels), and the cost after each."""

    atom: Int32s  # [n_rules]
    label: Float64s  # [n_rules]
    level: Float64s  # [n_rules]
    n_weighed: int  # rules weighed exactly, the effort


def insert_rules(pairs: Pairs, price: Float64s, n_rules: int, least: float, eager: bool) -> Insertions:
    """Insert up to `n_rules` rules, as long as one saves more than `least` beyond its price. price: [n_atoms], in units of cost.

    If `eager`, no rule ever rests, and each that enters is the best of all.
    """
    limit = min(n_rules, len(pairs.number))
    state = start_list(pairs, price, limit)
    atoms, levels = extend(state, pairs, price, float(np.dot(pairs.weight, pairs.bare)), limit, least, eager)
    return Insertions(atoms, state.label[: len(atoms)], levels, int(state.counts[1]))


@njit
def start_list(pairs: Pairs, price: Float64s, limit: int) -> State:
    """The empty list, with room for `limit` rules."""
    n_atoms = price.shape[0]
    bound = new_tree(n_atoms)
    half = bound.shape[0] // 2
    for a in range(n_atoms):
        total = 0.0
        for k in range(pairs.atom_start[a], pairs.atom_start[a + 1]):
            i = pairs.atom_position[k]
            total += pairs.weight[i] * (pairs.bare[i] - pairs.atom_cost[k])
        bound[half + a] = total - price[a]
    raise_all(bound)
    hand = np.zeros((pairs.weight.shape[0], 4))
    hand[:, OWNER], hand[:, PRESENT], hand[:, WEIGHT] = -1.0, pairs.bare, pairs.weight
    return State(
        np.zeros(2, dtype=np.int64),
        np.zeros(limit),
        hand,
        bound,
        np.zeros(n_atoms, dtype=np.bool_),
        np.zeros(n_atoms),
        np.zeros(n_atoms, dtype=np.bool_),
        np.full(n_atoms, -1, dtype=np.int32),
        np.full(limit + 1, -1, dtype=np.int32),
    )


@njit
def weigh(state: State, positions: Int32s, costs: Float32s) -> tuple[float, float, float]:
    """The most that a rule can save, the label of the first rule that it then precedes, and that of the last one it follows.

    Of places that save the same, the latest. Label infinity: undecided. Minus infinity: none.
    """
    hand, label = state.hand, state.label[: state.counts[0]]
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
            s = slot[int(hand[i, OWNER])] if hand[i, OWNER] >= 0 else 0
            gains[s] += hand[i, WEIGHT] * (hand[i, PRESENT] - costs[k])
            met[s] = True
    else:
        labels, unsorted = np.empty(m), np.empty(m)
        for k in range(m):
            i = positions[k]
            labels[k] = label[int(hand[i, OWNER])] if hand[i, OWNER] >= 0 else np.inf
            unsorted[k] = hand[i, WEIGHT] * (hand[i, PRESENT] - costs[k])
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
        if total - best > 1e-12 * abs(total):
            best, before, after, is_best = total, here, -np.inf, True
    return best, before, after


@njit
def _most_gained(weight: float, was: float, now: float, cost: float) -> float:
    """By how much a rule that holds at a position may save more, at best, after the position went to a new rule.

    In places before the new rule its saving there changes from was - cost to now - cost; from the new rule on to the one
    that decided so far, from was - cost to nothing; further back it stays.
    """
    return weight * max(0.0, now - was, cost - was)


@njit
def _raise_bound(state: State, atom: int, more: float, in_bulk: bool) -> None:
    if state.rests[atom]:
        state.missed[atom] += more
    else:
        change_leaf(state.bound, atom, more, in_bulk)


@njit
def wake(state: State, atom: int) -> None:
    """Offer a resting atom again, with what it may have gained meanwhile."""
    state.rests[atom] = False
    change_leaf(state.bound, atom, state.missed[atom], False)
    state.missed[atom] = 0.0


@njit
def lead(state: State, pairs: Pairs, price: Float64s, least: float, eager: bool) -> tuple[int, float, float]:
    """The atom that saves most beyond its price, and where: see `weigh`. -1 if none saves more than `least`."""
    n, half, bound = state.counts[0], state.bound.shape[0] // 2, state.bound
    while True:
        if bound[1] <= least:
            for a in range(price.shape[0]):
                if state.rests[a]:
                    wake(state, a)
            if bound[1] <= least:
                return -1, np.inf, np.inf
        best = best_leaf(bound)
        held = slice(pairs.atom_start[best], pairs.atom_start[best + 1])
        saved, before, after = weigh(state, pairs.atom_position[held], pairs.atom_cost[held])
        state.counts[1] += 1
        state.missed[best] = 0.0
        change_leaf(bound, best, saved - price[best] - bound[half + best], False)
        if best_leaf(bound) == best and bound[1] > least:
            return best, before, after
        awake = n + min((held.stop - held.start) // RESTLESS, n // RESTS)
        if not eager and not state.is_listed[best] and n < awake < state.first_awake.shape[0]:
            state.rests[best] = state.is_listed[best] = True
            state.next_awake[best], state.first_awake[awake] = state.first_awake[awake], best


@njit
def enter(state: State, pairs: Pairs, atom: int, positions: Int32s, costs: Float32s, before: float, after: float) -> float:
    """Put a rule between two labels and return its saving. The atom that it consists of, -1 for none, is not offered again."""
    n, label, bound, hand = state.counts[0], state.label, state.bound, state.hand
    if n == 0 or before == np.inf:
        new = label[:n].max() + 1.0 if n else 0.0
    elif after == -np.inf:
        new = label[:n].min() - 1.0
    else:
        if (before + after) / 2.0 in (before, after):
            order = np.argsort(label[:n])
            first, last = np.searchsorted(label[:n][order], before), np.searchsorted(label[:n][order], after)
            before, after = float(first), float(last)
            for rank in range(n):
                label[order[rank]] = float(rank)
        new = (before + after) / 2.0
    touched = 0
    for i in positions:
        touched += pairs.start[i + 1] - pairs.start[i]
    in_bulk = 16 * touched > bound.shape[0] // 2
    label[n] = new
    saved = 0.0
    for k in range(positions.shape[0]):
        i = positions[k]
        if hand[i, OWNER] >= 0 and label[int(hand[i, OWNER])] < new:
            continue
        was, now = hand[i, PRESENT], float(costs[k])
        for pair in range(pairs.start[i], pairs.start[i + 1]):
            more = _most_gained(pairs.weight[i], was, now, pairs.cost[pair])
            if more > 0.0:
                _raise_bound(state, pairs.atom[pair], more, in_bulk)
        saved += pairs.weight[i] * (was - now)
        hand[i, PRESENT], hand[i, OWNER] = now, float(n)
    if atom >= 0:
        change_leaf(bound, atom, -np.inf, in_bulk)
    if in_bulk:
        raise_all(bound)
    state.counts[0] = n + 1
    sleeper = state.first_awake[n + 1]
    while sleeper >= 0:
        wake(state, sleeper)
        state.is_listed[sleeper] = False
        sleeper = state.next_awake[sleeper]
    return saved


@njit
def extend(state: State, pairs: Pairs, price: Float64s, level: float, n_rules: int, least: float, eager: bool) -> tuple[Int32s, Float64s]:
    """Insert rules into a list that costs `level` until it has `n_rules`, as `insert_rules`; the atoms, and the cost after each."""
    n_before = state.counts[0]
    limit = max(0, n_rules - n_before)
    chosen, levels = np.zeros(limit, dtype=np.int32), np.zeros(limit)
    n = 0
    while n < limit:
        best, before, after = lead(state, pairs, price, least, eager)
        if best < 0:
            break
        held = slice(pairs.atom_start[best], pairs.atom_start[best + 1])
        level -= enter(state, pairs, best, pairs.atom_position[held], pairs.atom_cost[held], before, after)
        chosen[n], levels[n] = best, level
        n += 1
    return chosen[:n], levels[:n]
