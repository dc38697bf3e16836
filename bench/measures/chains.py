"""What is expected at the end of play between two players whose moves are drawn by chance: a Markov chain.

Strongly connected components are settled one at a time, children first. A component of one node is read off its children. A larger
one of at most `max_exact` nodes is eliminated (bench/measures/elimination.py). The others are swept in place from 0, until it is
proved that the limit is near (`_going_on`). Play that never ends is worth 0: either a component has an exit
that every node of it can reach, or it is worth 0.
"""

import numpy as np

from bench.measures.elimination import eliminate
from bench.measures.parts import ROUNDING, Part, part_of
from games.arrays import Float64s, Int32s, Int64s
from games.jit import njit

CONTRACTED = 0.25  # sweeps that bring any two starting points this much closer together bound how far the limit is
TOLERANCE = 4e-10  # sweeps of a component stop when the limit is this near, in the game's units


@njit
def chain(
    first_node: Int32s,
    start: Int64s,
    child: Int32s,
    probability: Float64s,
    ends: Float64s,
    max_exact: int,
    max_sweeps: int,
) -> Float64s:
    """Expected payoff, probability of winning and of losing, and how far they may be from the truth: [n_nodes, 4].

    The arrays are those of a PlayGraph, `ends` [n_nodes] its payoffs. Components of at most `max_exact` nodes are solved exactly;
    larger ones are swept at most `max_sweeps` times. The last number bounds the error of the probabilities and, times the largest
    payoff, that of the expected payoff.
    """
    values = np.zeros((ends.shape[0], 4))
    nobody = np.zeros(ends.shape[0], dtype=np.bool_)
    for component in range(first_node.shape[0] - 1):
        first, last = first_node[component], first_node[component + 1]
        if last - first > max(max_exact, 1):
            _sweep(first, last, start, child, probability, values, max(np.abs(ends).max(), 1.0), max_sweeps)
        elif last - first > 1:
            part = part_of(first, last, start, child, probability, nobody, False)
            _eliminate(part, values[first:last], values)
        elif start[first] == start[first + 1]:
            values[first, 0] = ends[first]
            values[first, 1] = 1.0 if ends[first] > 0.0 else 0.0
            values[first, 2] = 1.0 if ends[first] < 0.0 else 0.0
        else:
            _add_mean(first, start[first], start[first + 1], child, probability, values, values)
    return values


@njit
def _add_mean(
    node: int,
    first_edge: int,
    last_edge: int,
    child: Int32s,
    probability: Float64s,
    values: Float64s,
    into: Float64s,
) -> None:
    """Add to a row of `into` what the given edges bring."""
    payoff, win, loss, error = into[node, 0], into[node, 1], into[node, 2], into[node, 3]
    for edge in range(first_edge, last_edge):
        p, below = probability[edge], child[edge]
        payoff += p * values[below, 0]
        win += p * values[below, 1]
        loss += p * values[below, 2]
        error += p * values[below, 3]
    into[node, 0], into[node, 1], into[node, 2], into[node, 3] = payoff, win, loss, error


@njit
def _eliminate(part: Part, into: Float64s, values: Float64s) -> None:
    """Set the rows of a component, given those of its exits. Payoffs are split into gains and losses, so that nothing is subtracted."""
    n = part.chooses.shape[0]
    leaves, worth = np.zeros(n), np.zeros((n, 5))
    for i in range(n):
        for edge in range(part.out_start[i], part.out_start[i + 1]):
            p, below = part.out_probability[edge], part.out_child[edge]
            leaves[i] += p
            worth[i, 0] += p * max(values[below, 0], 0.0)
            worth[i, 1] += p * max(-values[below, 0], 0.0)
            for kind in range(1, 4):
                worth[i, kind + 1] += p * values[below, kind]
    found = eliminate(part.start, part.child, part.probability, leaves, worth)
    into[:, 0] = found[:, 0] - found[:, 1]
    into[:, 1:] = found[:, 2:]


@njit
def _going_on(first: int, last: int, start: Int64s, child: Int32s, probability: Float64s, max_sweeps: int) -> tuple[Float64s, int, float]:
    """How fast in-place sweeps of a component forget where they started.

    Returns the probability that play from a node has not been followed to an exit after a number of sweeps; that number; and a bound of
    the sum, over all numbers of sweeps from 0, of the largest such probability, infinite where `max_sweeps` do not settle it. After
    `max_sweeps` sweeps two starting points that lay 1 apart lie apart by no more than that probability, so the limit lies within (sum - 1)
    times the last change.
    """
    chance = np.ones(last - first)
    n_sweeps, largest, total = 0, 1.0, 0.0
    while largest > CONTRACTED and n_sweeps < max_sweeps:
        n_sweeps, total, largest = n_sweeps + 1, total + largest, 0.0
        for node in range(first, last):
            stays = 0.0
            for edge in range(start[node], start[node + 1]):
                if child[edge] >= first:
                    stays += probability[edge] * chance[child[edge] - first]
            chance[node - first] = stays
            largest = max(largest, stays)
    return chance, n_sweeps, total / (1.0 - largest) if largest <= CONTRACTED else np.inf


@njit
def _sweep(
    first: int,
    last: int,
    start: Int64s,
    child: Int32s,
    probability: Float64s,
    values: Float64s,
    scale: float,
    max_sweeps: int,
) -> None:
    """Set the rows of a component, given those of its exits, by sweeps. `scale`: the largest payoff, at least 1."""
    inherited, has_exit, n_edges = 0.0, False, 0
    for node in range(first, last):
        n_edges = max(n_edges, start[node + 1] - start[node])
        for edge in range(start[node], start[node + 1]):
            if child[edge] < first:
                has_exit = True
                inherited = max(inherited, values[child[edge], 3])
    if not has_exit:
        return
    unfollowed, n_sweeps, total = _going_on(first, last, start, child, probability, max_sweeps)
    swept, change, error, rounding, share = 0, 1.0, np.inf, (2.0 * float(n_edges) + 2.0) * ROUNDING, 1.0 / scale
    while swept < n_sweeps or (change > 0.0 and error > TOLERANCE * share and swept < max_sweeps):
        swept, change = swept + 1, 0.0
        for node in range(first, last):
            payoff = win = loss = 0.0
            for edge in range(start[node], start[node + 1]):
                p, below = probability[edge], np.uint32(child[edge])
                payoff += p * values[below, 0]
                win += p * values[below, 1]
                loss += p * values[below, 2]
            change = max(change, abs(payoff - values[node, 0]) * share, abs(win - values[node, 1]), abs(loss - values[node, 2]))
            values[node, 0], values[node, 1], values[node, 2] = payoff, win, loss
        error = (total - 1.0) * change + total * rounding if total < np.inf else np.inf
    for node in range(first, last):
        values[node, 3] = inherited + min(error, unfollowed[node - first] + swept * rounding)
