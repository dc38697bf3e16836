"""The best response of an opponent who knows a policy: a Markov decision process.

Strongly connected components are settled one at a time, children first, and end components are drawn together first
(bench/measures/parts.py), so that play ends whatever is chosen. Then a component of at most `max_exact` nodes is solved by policy
iteration (Howard 1960), which eliminates the chain of every response that it tries. A larger one is swept in place from below and from
above, until the bounds meet.
"""

import numpy as np

from bench.measures.chains import TOLERANCE
from bench.measures.elimination import eliminate
from bench.measures.parts import Part, part_of, rounding_of_sweep
from games.arrays import Bools, Float64s, Int32s, Int64s
from games.jit import njit

FIRST_SWEEPS = 50  # before policy iteration, which then has little left to improve
BETTER = 1e-13  # relative: another move is better by more than the rounding of an elimination
NOTHING = -np.inf  # what leaving is worth where there is no exit


@njit
def best_response(
    first_node: Int32s,
    start: Int64s,
    child: Int32s,
    probability: Float64s,
    chooses: Bools,
    ends: Float64s,
    max_exact: int,
    max_sweeps: int,
) -> Float64s:
    """The largest expected payoff to the responder, the largest probability that the policy loses, and their error: [n_nodes, 3].

    Each is brought about by a best response of its own. The arrays are those of a PlayGraph; chooses [n_nodes]: where the responder
    moves; ends [n_nodes]: payoffs to the policy. Components of at most `max_exact` nodes, end components drawn together, are solved
    exactly; larger ones are swept at most `max_sweeps` times. The last number bounds the error of the probability and, times the
    largest payoff, that of the expected payoff.
    """
    values = np.zeros((ends.shape[0], 3))
    scale = max(np.abs(ends).max(), 1.0)
    for component in range(first_node.shape[0] - 1):
        first, last = first_node[component], first_node[component + 1]
        if last - first > 1:
            part = part_of(first, last, start, child, probability, chooses, True)
            found = _solve(part, values, scale, max_exact, max_sweeps)
            for i in range(last - first):
                values[first + i] = found[part.group[i]]
        elif start[first] == start[first + 1]:
            values[first, 0], values[first, 1] = -ends[first], 1.0 if ends[first] < 0.0 else 0.0
        else:
            _read_off(first, chooses[first], start[first], start[first + 1], child, probability, values, values)
    return values


@njit
def _read_off(
    node: int,
    chooses: bool,
    first_edge: int,
    last_edge: int,
    child: Int32s,
    probability: Float64s,
    values: Float64s,
    into: Float64s,
) -> None:
    """Set a row of `into` to the best of what the edges offer where the responder chooses (NOTHING without edges), else to their mean."""
    payoff = loss = NOTHING if chooses else 0.0
    error = 0.0
    for edge in range(first_edge, last_edge):
        p, below = probability[edge], child[edge]
        if chooses:
            payoff, loss = max(payoff, values[below, 0]), max(loss, values[below, 1])
            error = max(error, values[below, 2])
        else:
            payoff, loss = payoff + p * values[below, 0], loss + p * values[below, 1]
            error += p * values[below, 2]
    into[node, 0], into[node, 1], into[node, 2] = payoff, loss, error


@njit
def _solve(part: Part, values: Float64s, scale: float, max_exact: int, max_sweeps: int) -> Float64s:
    """The rows of the nodes of a part, given those of its exits: [n, 3]. `scale`: the largest payoff, at least 1."""
    n = part.chooses.shape[0]
    exits, inherited = np.empty((n, 3)), 0.0
    for i in range(n):
        _read_off(i, part.chooses[i], part.out_start[i], part.out_start[i + 1], part.out_child, part.out_probability, values, exits)
        if part.may_stay[i]:
            exits[i] = np.maximum(exits[i], 0.0)
        inherited = max(inherited, exits[i, 2])
    found = np.empty((n, 3))
    bounds = _sweep(part, exits, values, scale, max_sweeps if n > max_exact else min(FIRST_SWEEPS, max_sweeps))
    for kind in range(2):
        if n > max_exact:
            found[:, kind] = (bounds[:, 2 * kind] + bounds[:, 2 * kind + 1]) / 2.0
        else:
            found[:, kind] = _iterate(part, exits[:, kind], values[:, kind], bounds[:, 2 * kind])
    found[:, 2] = inherited
    if n > max_exact:
        found[:, 2] += np.maximum((bounds[:, 1] - bounds[:, 0]) / scale, bounds[:, 3] - bounds[:, 2]) / 2.0
    return found


@njit
def _sweep(part: Part, exits: Float64s, values: Float64s, scale: float, max_sweeps: int) -> Float64s:
    """Lower and upper bounds of the payoff, then of the loss, by sweeps that start at the worst and the best exit: [n, 4].

    What the exits may be wrong by is left aside. The bounds are as wide as rounding makes them uncertain.
    """
    start, child, probability, chooses = part.start, part.child, part.probability, part.chooses
    n = chooses.shape[0]
    bounds = np.empty((n, 4))
    for kind in range(2):
        worst, best = (0.0, 0.0) if part.may_stay.any() else (np.inf, -np.inf)
        for below in part.out_child:
            worst, best = min(worst, values[below, kind]), max(best, values[below, kind])
        bounds[:, 2 * kind], bounds[:, 2 * kind + 1] = worst, best
    n_sweeps, apart, rounding, share = 0, np.inf, rounding_of_sweep(part), 1.0 / scale
    while apart > 2.0 * TOLERANCE * share and n_sweeps < max_sweeps:
        n_sweeps, apart = n_sweeps + 1, 0.0
        for i in range(n):
            low = high = exits[i, 0]
            low_loss = high_loss = exits[i, 1]
            if chooses[i]:
                for edge in range(start[i], start[i + 1]):
                    below = np.uint32(child[edge])
                    low, high = max(low, bounds[below, 0]), max(high, bounds[below, 1])
                    low_loss, high_loss = max(low_loss, bounds[below, 2]), max(high_loss, bounds[below, 3])
            else:
                for edge in range(start[i], start[i + 1]):
                    p, below = probability[edge], np.uint32(child[edge])
                    low, high = low + p * bounds[below, 0], high + p * bounds[below, 1]
                    low_loss, high_loss = low_loss + p * bounds[below, 2], high_loss + p * bounds[below, 3]
            bounds[i, 0], bounds[i, 1], bounds[i, 2], bounds[i, 3] = low, high, low_loss, high_loss
            apart = max(apart, (high - low) * share, high_loss - low_loss)
    margin = n_sweeps * rounding
    bounds[:, 0], bounds[:, 1] = bounds[:, 0] - margin * scale, bounds[:, 1] + margin * scale
    bounds[:, 2], bounds[:, 3] = bounds[:, 2] - margin, bounds[:, 3] + margin
    return bounds


@njit
def _iterate(part: Part, exits: Float64s, values: Float64s, near: Float64s) -> Float64s:
    """The most that each node can bring about, by policy iteration from the best moves by the values `near`: [n].

    exits [n]: what leaving is worth at once. values: of all nodes of the graph. Moves change only where another is better by more
    than the rounding of an elimination, so each response is better than the one before, and the last one is the best.
    """
    n = exits.shape[0]
    gains, costs, leaves = np.zeros(n), np.zeros(n), np.zeros(n)
    for i in range(n):
        if not part.chooses[i]:
            for edge in range(part.out_start[i], part.out_start[i + 1]):
                p, offer = part.out_probability[edge], values[part.out_child[edge]]
                leaves[i] += p
                gains[i] += p * max(offer, 0.0)
                costs[i] += p * max(-offer, 0.0)
    picked = np.full(n, -1, dtype=np.int64)  # the edge chosen, -1 for leaving
    _pick(part, exits, near, np.zeros(n), picked)
    best, size = _evaluate(part, exits, picked, gains, costs, leaves)
    while _pick(part, exits, best, size, picked):
        found, its_size = _evaluate(part, exits, picked, gains, costs, leaves)
        if np.all(found <= best + BETTER * (size + its_size)):
            break
        best, size = found, its_size
    return best


@njit
def _pick(part: Part, exits: Float64s, values: Float64s, size: Float64s, picked: Int64s) -> bool:
    """Change the moves where another is better by the given values, each the difference of numbers that add up to `size`."""
    changed = False
    for i in range(exits.shape[0]):
        if not part.chooses[i]:
            continue
        now = exits[i] if picked[i] < 0 else values[part.child[picked[i]]]
        scale = abs(exits[i]) if picked[i] < 0 else size[part.child[picked[i]]]
        if exits[i] > now + BETTER * (scale + abs(exits[i])):
            now, scale, picked[i], changed = exits[i], abs(exits[i]), -1, True
        for edge in range(part.start[i], part.start[i + 1]):
            below = part.child[edge]
            if now == NOTHING or values[below] > now + BETTER * (scale + size[below]):
                now, scale, picked[i], changed = values[below], size[below], edge, True
    return changed


@njit
def _evaluate(part: Part, exits: Float64s, picked: Int64s, gains: Float64s, costs: Float64s, leaves: Float64s) -> tuple[Float64s, Float64s]:
    """What a response brings about, and the sum of gains and losses of which this is the difference: [n] each."""
    n = exits.shape[0]
    start = np.zeros(n + 1, dtype=np.int64)
    child, probability = np.empty(part.child.shape[0], dtype=np.int32), np.empty(part.child.shape[0])
    leaving, worth = leaves.copy(), np.stack((gains, costs), axis=1)
    kept = 0
    for i in range(n):
        if not part.chooses[i]:
            for edge in range(part.start[i], part.start[i + 1]):
                child[kept], probability[kept] = part.child[edge], part.probability[edge]
                kept += 1
        elif picked[i] >= 0:
            child[kept], probability[kept] = part.child[picked[i]], 1.0
            kept += 1
        else:
            leaving[i], worth[i, 0], worth[i, 1] = 1.0, max(exits[i], 0.0), max(-exits[i], 0.0)
        start[i + 1] = kept
    found = eliminate(start, child[:kept], probability[:kept], leaving, worth)
    return found[:, 0] - found[:, 1], found[:, 0] + found[:, 1]
