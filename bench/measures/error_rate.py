"""How often a policy chooses a move that is not optimal, whatever the mistake costs."""

import numpy as np

from games.arrays import Float64s
from policies.api import Task


def error_rate(task: Task, chosen: Float64s) -> float:
    """The probability that a policy, given as a probability on every edge [n_edges], chooses a move with regret above 0.

    The mean over positions by the task's weights: 0 exactly where all moves that it may choose in these positions are optimal.
    """
    wrong = task.solution.regret > 0
    return float(np.dot(task.weights[task.graph.edge_parent[wrong]], chosen[wrong]))
