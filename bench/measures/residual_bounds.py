"""What a policy leaves of the regret of random play where the values of some moves are only bounded: the least and the most of it."""

from dataclasses import replace

import numpy as np

from games.arrays import Float64s, Int64s
from policies.api import Policy, Task, action_probabilities, uniform_probabilities
from policies.proved_task import OpenPositions, ProvedTask

MAX_STEPS = 100


def left_unseen(found: ProvedTask, part: Task | None, policy: Policy) -> tuple[float, float] | None:
    """The least and the greatest residual of a policy on the positions that it was not fitted to, whatever the open values are.

    `part`: the exact positions that it was fitted to, where these are not all; those that are left count as all exact ones do. Without it
    the residual is over all positions. None where random play loses nothing at the exact ones.
    """
    exact = found.exact
    if part is not None:
        weights = np.where(part.weights > 0, 0.0, exact.weights)
        exact = replace(exact, weights=weights / weights.sum())
    if exact.uniform_regret == 0:
        return None
    rest = None if found.rest is None else action_probabilities(found.rest.task.graph, policy.scores(found.rest.task))
    return residual_bounds(found._replace(exact=exact), action_probabilities(exact.graph, policy.scores(exact)), rest)


def residual_bounds(found: ProvedTask, exact: Float64s, rest: Float64s | None) -> tuple[float, float]:
    """The least and the greatest regret / regret of uniform choice over all positions, for any values within the proved bounds.

    The policy is given as a probability on every edge of the graph of `found.exact`, and of that of `found.rest`. Where no position is
    open, both are 1 - gain. The ratio of two sums over positions is at most c if the first less c times the second is at most 0 for all
    values, so that each position can be looked at alone: Dinkelbach, "On nonlinear fractional programming" (1967).
    """
    share = found.open_share
    regret, uniform = (1 - share) * found.exact.regret(exact), (1 - share) * found.exact.uniform_regret
    if found.rest is None or rest is None:
        return regret / uniform, regret / uniform
    weight = share / (found.rest.task.graph.n_roots or 1)
    return tuple(_extreme(found.rest, rest, regret, uniform, weight, sign) for sign in (-1, 1))  # type: ignore[return-value]


def _extreme(rest: OpenPositions, probabilities: Float64s, regret: float, uniform: float, weight: float, sign: int) -> float:
    """The largest ratio for sign 1, the smallest for -1, over the regret and the uniform regret of the other positions."""
    graph = rest.task.graph
    equal = uniform_probabilities(graph)
    ratio = regret / uniform
    for _ in range(MAX_STEPS):
        above, below = regret, uniform
        for position in range(graph.n_roots or 0):
            edges = slice(graph.edge_start[position], graph.edge_start[position + 1])
            lower, upper = rest.lower[edges].astype(np.int64), rest.upper[edges].astype(np.int64)
            values = _worst_values(lower, upper, probabilities[edges], equal[edges], ratio, sign)
            above += weight * (values.max() - probabilities[edges] @ values)
            below += weight * (values.max() - equal[edges] @ values)
        if abs(above / below - ratio) < 1e-12:
            break
        ratio = above / below
    return float(ratio)


def _worst_values(lower: Int64s, upper: Int64s, chosen: Float64s, equal: Float64s, ratio: float, sign: int) -> Int64s:
    """Values within the bounds at which sign * (regret - ratio * uniform regret) of a position is largest. [n_moves]

    For each value that the best move may have, every other move has its lower or its upper bound, whichever is worse.
    """
    price = sign * (chosen - ratio * equal)  # of each unit of a move's value
    worst, most = lower, -np.inf
    for best in range(int(lower.max()), int(upper.max()) + 1):
        values = np.where(price > 0, lower, np.minimum(upper, best))
        extra = np.where(upper >= best, price * (best - values), np.inf)  # to make a move the best one
        least = int(np.argmin(extra))
        total = sign * (1 - ratio) * best - price @ values - extra[least]
        if total > most:
            most, worst = total, values.copy()
            worst[least] = best
    return worst
