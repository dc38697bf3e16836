"""A first-match list in the making whose rules can be taken out again: the state of policies/fitting/insertion.py, run backwards.

The bounds of what each candidate can save stay true: when a position goes back from a rule to a later one, a candidate that holds
there can save more than before, or more than nothing behind all rules, by no more than `_most_regained` says.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Float32s, Float64s, Int32s, Int64s
from games.jit import njit
from policies.fitting.decision_costs import Pairs
from policies.fitting.insertion import OWNER, PRESENT, WEIGHT, State, wake
from policies.fitting.tournament import change_leaf, raise_all


class Held(NamedTuple):
    """Where the rules of a list hold, in the order in which they entered, one after the other."""

    start: Int64s  # [n_rules + 1]
    position: Int32s
    cost: Float32s


def join(parts: list[tuple[Int32s, Float32s]]) -> Held:
    """The positions and costs of several rules as one."""
    start = np.cumsum([0, *(len(positions) for positions, _ in parts)]).astype(np.int64)
    positions = np.concatenate([np.empty(0, dtype=np.int32), *(positions for positions, _ in parts)])
    return Held(start, positions, np.concatenate([np.empty(0, dtype=np.float32), *(costs for _, costs in parts)]))


@njit
def rouse(state: State) -> None:
    """Wake all atoms and forget when they were to wake."""
    for atom in range(state.rests.shape[0]):
        if state.rests[atom]:
            wake(state, atom)
    state.is_listed[:] = False
    state.first_awake[:] = -1


@njit
def renumber(state: State) -> None:
    """Label the rules of the list 0, 1, 2, ... in its order."""
    n = state.counts[0]
    order = np.argsort(state.label[:n], kind="mergesort")
    for place in range(n):
        state.label[order[place]] = float(place)


@njit
def take_back(state: State, pairs: Pairs, held: Held, rule: int, atom: int) -> float:
    """Remove the rule with this number of entry, which the last rule then gets; returns the increase of the cost.

    `atom`: the candidate that it consists of, which is offered again; -1 for none. Nothing may rest.
    """
    n, hand, label, bound = state.counts[0], state.hand, state.label, state.bound
    last, own = n - 1, label[rule]
    was = np.full(hand.shape[0], np.nan)
    for k in range(held.start[rule], held.start[rule + 1]):
        i = held.position[k]
        if hand[i, OWNER] == rule:
            was[i] = hand[i, PRESENT]
            hand[i, PRESENT], hand[i, OWNER] = pairs.bare[i], -1.0
    for other in range(n):
        if other == rule or label[other] < own:
            continue
        for k in range(held.start[other], held.start[other + 1]):
            i = held.position[k]
            if not np.isnan(was[i]) and (hand[i, OWNER] < 0 or label[int(hand[i, OWNER])] > label[other]):
                hand[i, PRESENT], hand[i, OWNER] = float(held.cost[k]), float(other)
    grown, touched = 0.0, 0
    for k in range(held.start[rule], held.start[rule + 1]):
        i = held.position[k]
        if not np.isnan(was[i]):
            touched += pairs.start[i + 1] - pairs.start[i]
    in_bulk = 16 * touched > bound.shape[0] // 2
    for k in range(held.start[rule], held.start[rule + 1]):
        i = held.position[k]
        if np.isnan(was[i]):
            continue
        grown += hand[i, WEIGHT] * (hand[i, PRESENT] - was[i])
        for pair in range(pairs.start[i], pairs.start[i + 1]):
            more = _most_regained(pairs.weight[i], was[i], hand[i, PRESENT], pairs.cost[pair])
            bounded = bound[bound.shape[0] // 2 + pairs.atom[pair]]
            if more > 0.0 and bounded > -np.inf:
                change_leaf(bound, pairs.atom[pair], more - min(0.0, bounded), in_bulk)
    if atom >= 0:
        most = 0.0
        for k in range(held.start[rule], held.start[rule + 1]):
            i = held.position[k]
            most += hand[i, WEIGHT] * max(0.0, hand[i, PRESENT] - held.cost[k])
        bound[bound.shape[0] // 2 + atom] = most
    if in_bulk or atom >= 0:
        raise_all(bound)
    label[rule] = label[last]
    if rule != last:
        for k in range(held.start[last], held.start[last + 1]):
            i = held.position[k]
            if hand[i, OWNER] == last:
                hand[i, OWNER] = float(rule)
    state.counts[0] = last
    return grown


@njit
def swap_numbers(state: State, one: int, other: int) -> None:
    """Let two rules have entered at each other's time."""
    hand, label = state.hand, state.label
    label[one], label[other] = label[other], label[one]
    for i in range(hand.shape[0]):
        if hand[i, OWNER] == one:
            hand[i, OWNER] = float(other)
        elif hand[i, OWNER] == other:
            hand[i, OWNER] = float(one)


@njit
def _most_regained(weight: float, was: float, now: float, cost: float) -> float:
    """By how much a rule that holds at a position may save more, at best, after the position went back to a later rule, or to none."""
    return weight * max(0.0, now - was, now - cost)


@njit
def entering_order(pairs: Pairs, held: Held, label: Float64s, n_fixed: int) -> Int64s:
    """An order of entering in which each rule is the one that then saves most at its own place; the first `n_fixed` stay.

    label: the list is in its order. [n_rules]
    """
    n = label.shape[0]
    order, is_in = np.arange(n), np.zeros(n, dtype=np.bool_)
    present, owner = pairs.bare.copy(), np.full(pairs.bare.shape[0], np.inf)  # the label of the rule that decides
    for step in range(n):
        best, most = step, -np.inf
        if step >= n_fixed:
            for rule in range(n_fixed, n):
                if is_in[rule]:
                    continue
                saved = 0.0
                for k in range(held.start[rule], held.start[rule + 1]):
                    i = held.position[k]
                    if owner[i] > label[rule]:
                        saved += pairs.weight[i] * (present[i] - held.cost[k])
                if saved > most:
                    best, most = rule, saved
        order[step], is_in[best] = best, True
        for k in range(held.start[best], held.start[best + 1]):
            i = held.position[k]
            if owner[i] > label[best]:
                present[i], owner[i] = held.cost[k], label[best]
    return order


def best_order(pairs: Pairs, held: Held, label: Float64s) -> Int64s:
    """The order of entering for which the mean logarithm of the cost, over all lengths of the list, is least.

    Exact, over all sets of rules, so for up to 12 rules. label: the list is in its order. [n_rules]
    """
    n = len(label)
    costs = _costs_of_sets(pairs, held, np.argsort(label))
    value = np.full(1 << n, np.inf)
    value[0], last = 0.0, np.zeros(1 << n, dtype=np.int64)
    logs = np.log(np.maximum(costs, 1e-9 * costs[0]))
    for rules in range(1, 1 << n):
        for rule in range(n):
            if rules >> rule & 1 and value[rules ^ 1 << rule] + logs[rules] < value[rules]:
                value[rules], last[rules] = value[rules ^ 1 << rule] + logs[rules], rule
    order, rules = np.empty(n, dtype=np.int64), (1 << n) - 1
    for step in range(n - 1, -1, -1):
        order[step] = last[rules]
        rules ^= 1 << int(last[rules])
    return order


@njit
def list_cost(pairs: Pairs, held: Held, without: int) -> float:
    """What a list costs, whose rules are given in its order, without one of them."""
    present = pairs.bare.copy()
    for rule in range(held.start.shape[0] - 2, -1, -1):
        if rule != without:
            for k in range(held.start[rule], held.start[rule + 1]):
                present[held.position[k]] = held.cost[k]
    return float(np.dot(pairs.weight, present))


@njit
def _costs_of_sets(pairs: Pairs, held: Held, order: Int64s) -> Float64s:
    """What the list costs of each set of its rules, as bits. order: the rules in the order of the list. [2 ** n_rules]"""
    n = order.shape[0]
    found = np.empty(1 << n)
    for rules in range(1 << n):
        present = pairs.bare.copy()
        for place in range(n - 1, -1, -1):
            rule = order[place]
            if rules >> rule & 1:
                for k in range(held.start[rule], held.start[rule + 1]):
                    present[held.position[k]] = held.cost[k]
        found[rules] = np.dot(pairs.weight, present)
    return found
