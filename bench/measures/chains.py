"""What is expected at the end of play between two players whose moves are drawn by chance: a Markov chain.

Strongly connected components are settled one at a time, children first. A component of one node is read off its children. A larger
one of at most `max_exact` nodes is eliminated (bench/measures/elimination.py). The others are swept in place from 0, until it is
proved that the limit is near (`going_on` of bench/measures/parts.py). Play that never ends is worth 0: either a component has an exit
that every node of it can reach, or it is worth 0.
"""

import numpy as np
import numpy.typing as npt

from bench.measures.elimination import eliminate
from bench.measures.parts import Part, going_on, part_of, rounding_of_sweep
from games.jit import njit

Weights = npt.NDArray[np.float64]
TOLERANCE = 4e-10  # sweeps of a component stop when the limit is this near, in the game's units


@njit
def chain(
    first_node: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    child: npt.NDArray[np.int32],
    probability: Weights,
    ends: Weights,
    max_exact: int,
    max_sweeps: int,
) -> Weights:
    """Expected payoff, probability of winning and of losing, and how far they may be from the truth: [n_nodes, 4].

    The arrays are those of a PlayGraph, `ends` [n_nodes] its payoffs. Components of at most `max_exact` nodes are solved exactly;
    larger ones are swept at most `max_sweeps` times. The last number bounds the error of the probabilities and, times the largest
    payoff, that of the expected payoff.
    """
    values = np.zeros((ends.shape[0], 4))
    nobody = np.zeros(ends.shape[0], dtype=np.bool_)
    for component in range(first_node.shape[0] - 1):
        first, last = first_node[component], first_node[component + 1]
        if last - first > 1:
            part = part_of(first, last, start, child, probability, nobody, False)
            if last - first <= max_exact:
                _eliminate(part, values[first:last], values)
            else:
                _sweep(part, values[first:last], values, max(np.abs(ends).max(), 1.0), max_sweeps)
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
    child: npt.NDArray[np.int32],
    probability: Weights,
    values: Weights,
    into: Weights,
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
def _eliminate(part: Part, into: Weights, values: Weights) -> None:
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
def _sweep(part: Part, into: Weights, values: Weights, scale: float, max_sweeps: int) -> None:
    """Set the rows of a component, given those of its exits, by sweeps. `scale`: the largest payoff, at least 1."""
    if part.out_child.shape[0] == 0:
        return
    start, child, probability = part.start, part.child, part.probability
    n = start.shape[0] - 1
    exits, found, inherited = np.zeros((n, 4)), np.zeros((n, 3)), 0.0
    for i in range(n):
        _add_mean(i, part.out_start[i], part.out_start[i + 1], part.out_child, part.out_probability, values, exits)
    for below in part.out_child:
        inherited = max(inherited, values[below, 3])
    unfollowed, n_sweeps, total = going_on(part, max_sweeps)
    swept, change, error, rounding, share = 0, 1.0, np.inf, rounding_of_sweep(part), 1.0 / scale
    while swept < n_sweeps or (change > 0.0 and error > TOLERANCE * share and swept < max_sweeps):
        swept, change = swept + 1, 0.0
        for i in range(n):
            payoff, win, loss = exits[i, 0], exits[i, 1], exits[i, 2]
            for edge in range(start[i], start[i + 1]):
                p, below = probability[edge], np.uint32(child[edge])
                payoff += p * found[below, 0]
                win += p * found[below, 1]
                loss += p * found[below, 2]
            change = max(change, abs(payoff - found[i, 0]) * share, abs(win - found[i, 1]), abs(loss - found[i, 2]))
            found[i, 0], found[i, 1], found[i, 2] = payoff, win, loss
        error = (total - 1.0) * change + total * rounding if total < np.inf else np.inf
    into[:, :3] = found
    for i in range(n):
        into[i, 3] = inherited + min(error, unfollowed[i] + swept * rounding)
