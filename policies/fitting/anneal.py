"""Local search over first-match lists: rules are replaced, moved, dropped and put in, and the cost is kept exact.

First by simulated annealing: what to put in is drawn at a costly position, from the atoms that would do better there, and stands
where it saves most. Then each rule in turn is replaced by the best of all atoms, until no such change saves.
"""

import numpy as np

from games.arrays import Float64s, Int32s, UInt64s
from games.jit import njit
from policies.fitting.decision_costs import Pairs
from policies.fitting.first_match import SLACK, FirstMatchState, best_place, best_rule, fill, list_cost, put_in, stand, take_out

N_DRAWN = 4  # costly positions, and atoms, drawn for one proposal, of which the best is taken
WARM, COLD = 1.0, 0.01  # first and last temperature, as a share of the cost per rule
VISITS_EACH = 10_000  # pairs looked at, for each proposal allowed, after which either part of a search ends
MANY = 100_000  # proposals; with fewer the search starts colder, since what it warms up it must cool down


def search_list(pairs: Pairs, price: Float64s, start: Int32s, n_rules: int, n_proposals: int, seed: int) -> tuple[Int32s, float]:
    """The cheapest list of at most `n_rules` rules that was met, and its cost: never dearer than `start`, the same for the same seed.

    Lists are atoms in order. price: what each atom costs besides, [n_atoms].
    """
    slack = SLACK * float(np.dot(pairs.weight, pairs.bare))
    words = np.array([seed % (1 << 64)], dtype=np.uint64)
    first = fill(pairs, price, start, n_rules)
    most_visits = n_proposals * VISITS_EACH
    annealed = _anneal(pairs, price, stand(pairs, first, n_rules), len(first), words, n_proposals, most_visits, slack)
    filled = fill(pairs, price, annealed, n_rules)
    standing = stand(pairs, filled, n_rules)
    n = _replace(pairs, price, standing, len(filled), most_visits, slack)
    best = fill(pairs, price, standing.order[:n], n_rules)
    return best, list_cost(pairs, price, best)


@njit
def _draw(words: UInt64s) -> float:
    """A number from 0 to below 1, and the next state of the generator (splitmix64)."""
    words[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = words[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) / 9007199254740992.0


@njit
def _propose(pairs: Pairs, price: Float64s, standing: FirstMatchState, n: int, words: UInt64s) -> tuple[int, int, int]:
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
        found, at = best_place(pairs, standing, n, rule)
        visits += pairs.atom_start[rule + 1] - pairs.atom_start[rule]
        if found - price[rule] > saved:
            best, place, saved = rule, at, found - price[rule]
    return best, place, visits


@njit
def _anneal(
    pairs: Pairs, price: Float64s, standing: FirstMatchState, n: int, words: UInt64s, n_proposals: int, most_visits: int, slack: float
) -> Int32s:
    """The cheapest list met on the way from a list of n, itself included."""
    order, room = standing.order, standing.order.shape[0]
    level = np.dot(pairs.weight, standing.present)
    for rule in order[:n]:
        level += price[rule]
    best, least = order[:n].copy(), level
    held = 0
    for rule in order[:n]:
        held += pairs.atom_start[rule + 1] - pairs.atom_start[rule]
    likely = min(n_proposals, most_visits / (1.0 + (2.0 * held + pairs.atom.shape[0]) / (n + 1)))
    warm = level / max(1, room) * max(COLD, WARM * min(1.0, likely / MANY))
    cold = level / max(1, room) * COLD
    step, visits = 0, 0
    while step < n_proposals and visits < most_visits and least > slack:
        temperature = warm * (cold / warm) ** max(step / n_proposals, visits / most_visits)
        step += 1
        kind = _draw(words)
        gone, came, place, old_place, grown = -1, -1, 0, 0, 0.0
        if n > 0 and (n == room or kind < 0.7):
            old_place = int(_draw(words) * n)
            gone = order[old_place]
            more, looked = take_out(pairs, standing, n, old_place)
            grown, visits, n = more - price[gone], visits + looked, n - 1
        if kind < 0.2 and gone >= 0:  # the same rule elsewhere
            came, place = gone, int(_draw(words) * (n + 1))
        elif kind < 0.95 or gone < 0:
            came, place, looked = _propose(pairs, price, standing, n, words)
            visits += looked
        if came >= 0:
            grown += put_in(pairs, standing, n, came, place) + price[came]
            n += 1
        if grown <= 0.0 or _draw(words) < np.exp(-grown / temperature):
            level += grown
            if level < least - slack:
                best, least = order[:n].copy(), level
            continue
        if came >= 0:
            _, looked = take_out(pairs, standing, n, place)
            visits, n = visits + looked, n - 1
        if gone >= 0:
            put_in(pairs, standing, n, gone, old_place)
            n += 1
    return best


@njit
def _replace(pairs: Pairs, price: Float64s, standing: FirstMatchState, n: int, most_visits: int, slack: float) -> int:
    """Replace each rule in turn by the best of all, or by none, until no change saves; returns the length of the list."""
    place, since, visits = 0, 0, 0
    while n > 0 and since < n and visits < most_visits:
        place %= n
        gone = standing.order[place]
        grown, looked = take_out(pairs, standing, n, place)
        best, at, saved = best_rule(pairs, price, standing, n - 1)
        visits += looked + pairs.atom.shape[0]
        since += 1
        own = grown - price[gone]
        if max(saved, 0.0) > own + slack:
            since = 0
            if saved > 0.0:
                put_in(pairs, standing, n - 1, best, at)
            else:
                n -= 1
        else:
            put_in(pairs, standing, n - 1, gone, place)
        place += 1
    return n
