"""How far the gain on a sample of the positions may be from the gain on all of them."""

import math

import numpy as np

from games.arrays import Float64s
from policies.api import Task, uniform_probabilities


def gain_error(task: Task, chosen: Float64s) -> float | None:
    """The standard error of the gain of a policy, given as a probability on every edge, where the positions are a random sample.

    The gain is one minus a ratio of two sums over the n positions: x, weight times the policy's regret, and y, weight times that of
    random play. To first order (the delta method) the variance of R = sum x / sum y, from a simple random sample of a population that
    is much larger, is n / (n - 1) * sum (x - R y)^2 / (sum y)^2. Source: Cochran, "Sampling Techniques" (3rd ed. 1977), section 2.11.

    None on a closed graph, whose gain is exact, and of a single position. Where nothing can be lost there is no gain: `Task.gain`
    raises WorkError.
    """
    graph = task.graph
    n = len(graph.positions)
    if graph.is_closed or n < 2:
        return None
    regret = task.weights[graph.edge_parent] * task.solution.regret
    lost, even = (
        np.bincount(graph.edge_parent, share * regret, graph.n_states)[graph.positions] for share in (chosen, uniform_probabilities(graph))
    )
    apart = lost - (1.0 - task.gain(chosen)) * even
    return math.sqrt(n / (n - 1) * float(np.dot(apart, apart))) / float(even.sum())
