"""A first-match list and what it does at every position, kept exact while rules are put in and taken out.

Each position knows the rule that decides it. A rule that goes gives its positions to the next rule that applies there, one that
comes takes over what later rules decide, so that a change looks only at the positions of the rule it is about.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Float64s, Int32s
from games.jit import njit
from policies.fitting.decision_costs import Pairs

SLACK = 1e-12  # of the cost of an empty list; below lies rounding


class FirstMatchState(NamedTuple):
    """A list and what it does: kernels change it in place."""

    order: Int32s  # [room] the atoms of the list, in order; what stands beyond its length says nothing
    rank: Int32s  # [n_atoms] the place of each atom in the list, n_atoms for one that is not in it
    owner: Int32s  # [n_positions] the atom that decides, -1 for none
    present: Float64s  # [n_positions] what the list costs there, before weighting
    bins: Float64s  # [room + 1] working space


def fill(pairs: Pairs, price: Float64s, rules: Int32s, n_rules: int) -> Int32s:
    """The list without the rules that decide nothing, filled up to `n_rules` by the insertions that save most, as long as one saves."""
    standing = stand(pairs, rules, n_rules)
    n = _fill(pairs, price, standing, len(rules), SLACK * float(np.dot(pairs.weight, pairs.bare)))
    return standing.order[:n]


def list_cost(pairs: Pairs, price: Float64s, rules: Int32s) -> float:
    """The cost of a list, from scratch."""
    return float(np.dot(pairs.weight, stand(pairs, rules, len(rules)).present) + price[rules].sum())


def stand(pairs: Pairs, rules: Int32s, room: int) -> FirstMatchState:
    """What a list decides, computed from scratch, with room for lists of up to `room` rules."""
    n_atoms = len(pairs.number)
    order, rank = np.full(room, -1, dtype=np.int32), np.full(n_atoms, n_atoms, dtype=np.int32)
    order[: len(rules)] = rules
    rank[rules] = np.arange(len(rules), dtype=np.int32)
    standing = FirstMatchState(order, rank, np.full(len(pairs.weight), -1, dtype=np.int32), pairs.bare.copy(), np.empty(room + 1))
    _decide_all(pairs, standing)
    return standing


@njit
def _decide(pairs: Pairs, standing: FirstMatchState, i: int) -> None:
    """Set the rule that decides a position, and what it costs."""
    first = standing.rank.shape[0]
    standing.owner[i], standing.present[i] = -1, pairs.bare[i]
    for pair in range(pairs.start[i], pairs.start[i + 1]):
        rank = standing.rank[pairs.atom[pair]]
        if rank < first:
            first, standing.owner[i], standing.present[i] = rank, pairs.atom[pair], pairs.cost[pair]


@njit
def _decide_all(pairs: Pairs, standing: FirstMatchState) -> None:
    for i in range(pairs.weight.shape[0]):
        _decide(pairs, standing, i)


@njit
def best_place(pairs: Pairs, standing: FirstMatchState, n: int, rule: int) -> tuple[float, int]:
    """The largest saving of a rule in a list of n, and the place before which it must stand; of several places the last."""
    bins = standing.bins
    bins[: n + 1] = 0.0
    for k in range(pairs.atom_start[rule], pairs.atom_start[rule + 1]):
        i = pairs.atom_position[k]
        owner = standing.owner[i]
        bins[standing.rank[owner] if owner >= 0 else n] += pairs.weight[i] * (standing.present[i] - pairs.atom_cost[k])
    most, place, saved = bins[n], n, bins[n]
    for k in range(n - 1, -1, -1):
        saved += bins[k]
        if saved > most:
            most, place = saved, k
    return most, place


@njit
def best_rule(pairs: Pairs, price: Float64s, standing: FirstMatchState, n: int) -> tuple[int, int, float]:
    """The rule outside a list of n that saves most beyond its price, its place, and how much."""
    best, place, most = -1, 0, -np.inf
    for rule in range(price.shape[0]):
        if standing.rank[rule] == standing.rank.shape[0]:
            saved, at = best_place(pairs, standing, n, rule)
            if saved - price[rule] > most:
                best, place, most = rule, at, saved - price[rule]
    return best, place, most


@njit
def put_in(pairs: Pairs, standing: FirstMatchState, n: int, rule: int, place: int) -> float:
    """Put a rule in front of that place of a list of n; returns by how much the cost grows."""
    order, rank = standing.order, standing.rank
    for k in range(n, place, -1):
        order[k] = order[k - 1]
        rank[order[k]] = k
    order[place], rank[rule] = rule, place
    grown = 0.0
    for k in range(pairs.atom_start[rule], pairs.atom_start[rule + 1]):
        i = pairs.atom_position[k]
        if standing.owner[i] < 0 or rank[standing.owner[i]] > place:
            grown += pairs.weight[i] * (pairs.atom_cost[k] - standing.present[i])
            standing.owner[i], standing.present[i] = rule, pairs.atom_cost[k]
    return grown


@njit
def take_out(pairs: Pairs, standing: FirstMatchState, n: int, place: int) -> tuple[float, int]:
    """Take the rule at that place out of a list of n; returns by how much the cost grows, and how many pairs that took."""
    order, rank = standing.order, standing.rank
    rule = order[place]
    for k in range(place, n - 1):
        order[k] = order[k + 1]
        rank[order[k]] = k
    rank[rule] = rank.shape[0]
    grown, visits = 0.0, pairs.atom_start[rule + 1] - pairs.atom_start[rule]
    for k in range(pairs.atom_start[rule], pairs.atom_start[rule + 1]):
        i = pairs.atom_position[k]
        if standing.owner[i] == rule:
            was = standing.present[i]
            _decide(pairs, standing, i)
            grown += pairs.weight[i] * (standing.present[i] - was)
            visits += pairs.start[i + 1] - pairs.start[i]
    return grown, visits


@njit
def _fill(pairs: Pairs, price: Float64s, standing: FirstMatchState, n: int, slack: float) -> int:
    """Drop the rules that decide nothing and put in the best while it saves and there is room; returns the length of the list."""
    while True:
        decides = np.zeros(price.shape[0], dtype=np.bool_)
        for rule in standing.owner:
            if rule >= 0:
                decides[rule] = True
        for place in range(n - 1, -1, -1):
            if not decides[standing.order[place]]:
                take_out(pairs, standing, n, place)
                n -= 1
        if n == standing.order.shape[0]:
            return n
        best, place, saved = best_rule(pairs, price, standing, n)
        if saved <= slack:
            return n
        put_in(pairs, standing, n, best, place)
        n += 1
