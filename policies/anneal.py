"""Local search over first-match lists: rules are replaced, moved, dropped and put in, and the cost is kept exact.

Each position knows the rule that decides it. A rule that goes gives its positions to the next rule that applies there, one that
comes takes over what later rules decide, so that a step looks only at the positions of the rules it touches. First by simulated
annealing: what to put in is drawn at a costly position, from the atoms that would do better there, and stands where it saves
most. Then each rule in turn is replaced by the best of all atoms, until no such change saves.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from games.jit import njit
from policies.pairs import Floats, Numbers, Pairs

N_DRAWN = 4  # costly positions, and atoms, drawn for one proposal, of which the best is taken
WARM, COLD = 1.0, 0.01  # first and last temperature, as a share of the cost per rule
MOST_VISITS = 1_000_000_000  # pairs looked at in either part of a search, after which it ends
MANY = 100_000  # proposals; with fewer the search starts colder, since what it warms up it must cool down
SLACK = 1e-12  # of the cost of an empty list; below lies rounding

Words = npt.NDArray[np.uint64]


class Standing(NamedTuple):
    """A list and what it does: kernels change it in place."""

    order: Numbers  # [room] the atoms of the list, in order; what stands beyond its length says nothing
    rank: Numbers  # [n_atoms] the place of each atom in the list, n_atoms for one that is not in it
    owner: Numbers  # [n_positions] the atom that decides, -1 for none
    present: Floats  # [n_positions] what the list costs there, before weighting
    bins: Floats  # [room + 1] working space


def search_list(pairs: Pairs, price: Floats, start: Numbers, n_rules: int, n_proposals: int, seed: int) -> tuple[Numbers, float]:
    """The cheapest list of at most `n_rules` rules that was met, and its cost: never dearer than `start`, the same for the same seed.

    Lists are atoms in order. price: what each atom costs besides, [n_atoms].
    """
    slack = SLACK * float(np.dot(pairs.weight, pairs.bare))
    words = np.array([seed % (1 << 64)], dtype=np.uint64)
    first = fill(pairs, price, start, n_rules)
    annealed = _anneal(pairs, price, stand(pairs, first, n_rules), len(first), words, n_proposals, slack)
    filled = fill(pairs, price, annealed, n_rules)
    standing = stand(pairs, filled, n_rules)
    n = _replace(pairs, price, standing, len(filled), slack)
    best = fill(pairs, price, standing.order[:n], n_rules)
    return best, list_cost(pairs, price, best)


def fill(pairs: Pairs, price: Floats, rules: Numbers, n_rules: int) -> Numbers:
    """The list without the rules that decide nothing, filled up to `n_rules` by the insertions that save most, as long as one saves."""
    standing = stand(pairs, rules, n_rules)
    n = _fill(pairs, price, standing, len(rules), SLACK * float(np.dot(pairs.weight, pairs.bare)))
    return standing.order[:n]


def list_cost(pairs: Pairs, price: Floats, rules: Numbers) -> float:
    """The cost of a list, from scratch."""
    return float(np.dot(pairs.weight, stand(pairs, rules, len(rules)).present) + price[rules].sum())


def stand(pairs: Pairs, rules: Numbers, room: int) -> Standing:
    """What a list decides, from scratch, with room for lists of up to so many rules."""
    n_atoms = len(pairs.number)
    order, rank = np.full(room, -1, dtype=np.int32), np.full(n_atoms, n_atoms, dtype=np.int32)
    order[: len(rules)] = rules
    rank[rules] = np.arange(len(rules), dtype=np.int32)
    standing = Standing(order, rank, np.full(len(pairs.weight), -1, dtype=np.int32), pairs.bare.copy(), np.empty(room + 1))
    _decide_all(pairs, standing)
    return standing


@njit
def _decide(pairs: Pairs, standing: Standing, i: int) -> None:
    """Set the rule that decides a position, and what it costs."""
    first = standing.rank.shape[0]
    standing.owner[i], standing.present[i] = -1, pairs.bare[i]
    for pair in range(pairs.start[i], pairs.start[i + 1]):
        rank = standing.rank[pairs.atom[pair]]
        if rank < first:
            first, standing.owner[i], standing.present[i] = rank, pairs.atom[pair], pairs.cost[pair]


@njit
def _decide_all(pairs: Pairs, standing: Standing) -> None:
    for i in range(pairs.weight.shape[0]):
        _decide(pairs, standing, i)


@njit
def _best_place(pairs: Pairs, standing: Standing, n: int, rule: int) -> tuple[float, int]:
    """The most that a rule can save in a list of n, and the place in front of which it does; of several the last."""
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
def _best_rule(pairs: Pairs, price: Floats, standing: Standing, n: int) -> tuple[int, int, float]:
    """The rule outside a list of n that saves most beyond its price, its place, and how much."""
    best, place, most = -1, 0, -np.inf
    for rule in range(price.shape[0]):
        if standing.rank[rule] == standing.rank.shape[0]:
            saved, at = _best_place(pairs, standing, n, rule)
            if saved - price[rule] > most:
                best, place, most = rule, at, saved - price[rule]
    return best, place, most


@njit
def _put_in(pairs: Pairs, standing: Standing, n: int, rule: int, place: int) -> float:
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
def _take_out(pairs: Pairs, standing: Standing, n: int, place: int) -> tuple[float, int]:
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
def _draw(words: Words) -> float:
    """A number from 0 to below 1, and the next state of the generator (splitmix64)."""
    words[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = words[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) / 9007199254740992.0


@njit
def _propose(pairs: Pairs, price: Floats, standing: Standing, n: int, words: Words) -> tuple[int, int, int]:
    """A rule to put in, -1 where none was found, its best place, and how many pairs that took."""
    costly, most = -1, 0.0
    for _ in range(N_DRAWN):
        i = int(_draw(words) * pairs.weight.shape[0])
        if pairs.weight[i] * standing.present[i] > most:
            costly, most = i, pairs.weight[i] * standing.present[i]
    best, place, saved, visits = -1, 0, -np.inf, 0
    for _ in range(N_DRAWN if costly >= 0 else 0):
        pair = pairs.start[costly] + int(_draw(words) * (pairs.start[costly + 1] - pairs.start[costly]))
        if pair == pairs.start[costly + 1] or pairs.cost[pair] >= standing.present[costly]:
            continue
        rule = pairs.atom[pair]
        if rule == best or standing.rank[rule] < standing.rank.shape[0]:
            continue
        found, at = _best_place(pairs, standing, n, rule)
        visits += pairs.atom_start[rule + 1] - pairs.atom_start[rule]
        if found - price[rule] > saved:
            best, place, saved = rule, at, found - price[rule]
    return best, place, visits


@njit
def _anneal(pairs: Pairs, price: Floats, standing: Standing, n: int, words: Words, n_proposals: int, slack: float) -> Numbers:
    """The cheapest list met on the way from a list of n, itself included."""
    order, room = standing.order, standing.order.shape[0]
    level = np.dot(pairs.weight, standing.present)
    for rule in order[:n]:
        level += price[rule]
    best, least = order[:n].copy(), level
    held = 0
    for rule in order[:n]:
        held += pairs.atom_start[rule + 1] - pairs.atom_start[rule]
    likely = min(n_proposals, MOST_VISITS / (1.0 + (2.0 * held + pairs.atom.shape[0]) / (n + 1)))
    warm = level / max(1, room) * max(COLD, WARM * min(1.0, likely / MANY))
    cold = level / max(1, room) * COLD
    step, visits = 0, 0
    while step < n_proposals and visits < MOST_VISITS and least > slack:
        temperature = warm * (cold / warm) ** max(step / n_proposals, visits / MOST_VISITS)
        step += 1
        kind = _draw(words)
        gone, came, place, old_place, grown = -1, -1, 0, 0, 0.0
        if n > 0 and (n == room or kind < 0.7):
            old_place = int(_draw(words) * n)
            gone = order[old_place]
            more, looked = _take_out(pairs, standing, n, old_place)
            grown, visits, n = more - price[gone], visits + looked, n - 1
        if kind < 0.2 and gone >= 0:  # the same rule elsewhere
            came, place = gone, int(_draw(words) * (n + 1))
        elif kind < 0.95 or gone < 0:
            came, place, looked = _propose(pairs, price, standing, n, words)
            visits += looked
        if came >= 0:
            grown += _put_in(pairs, standing, n, came, place) + price[came]
            n += 1
        if grown <= 0.0 or _draw(words) < np.exp(-grown / temperature):
            level += grown
            if level < least - slack:
                best, least = order[:n].copy(), level
            continue
        if came >= 0:
            _, looked = _take_out(pairs, standing, n, place)
            visits, n = visits + looked, n - 1
        if gone >= 0:
            _put_in(pairs, standing, n, gone, old_place)
            n += 1
    return best


@njit
def _replace(pairs: Pairs, price: Floats, standing: Standing, n: int, slack: float) -> int:
    """Replace each rule in turn by the best of all, or by none, until no change saves; returns the length of the list."""
    place, since, visits = 0, 0, 0
    while n > 0 and since < n and visits < MOST_VISITS:
        place %= n
        gone = standing.order[place]
        grown, looked = _take_out(pairs, standing, n, place)
        best, at, saved = _best_rule(pairs, price, standing, n - 1)
        visits += looked + pairs.atom.shape[0]
        since += 1
        own = grown - price[gone]
        if max(saved, 0.0) > own + slack:
            since = 0
            if saved > 0.0:
                _put_in(pairs, standing, n - 1, best, at)
            else:
                n -= 1
        else:
            _put_in(pairs, standing, n - 1, gone, place)
        place += 1
    return n


@njit
def _fill(pairs: Pairs, price: Floats, standing: Standing, n: int, slack: float) -> int:
    """Drop the rules that decide nothing and put in the best while it saves and there is room; returns the length of the list."""
    while True:
        decides = np.zeros(price.shape[0], dtype=np.bool_)
        for rule in standing.owner:
            if rule >= 0:
                decides[rule] = True
        for place in range(n - 1, -1, -1):
            if not decides[standing.order[place]]:
                _take_out(pairs, standing, n, place)
                n -= 1
        if n == standing.order.shape[0]:
            return n
        best, place, saved = _best_rule(pairs, price, standing, n)
        if saved <= slack:
            return n
        _put_in(pairs, standing, n, best, place)
        n += 1
