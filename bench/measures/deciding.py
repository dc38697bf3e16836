"""Where a concept decides: the positions in which its moves are exactly the optimal ones, and how a policy plays there."""

import numpy as np

from games.arrays import Float64s
from games.concepts.concept import Concept, concepts_of
from policies.api import Task


def decided_positions(task: Task, concept: Concept) -> Float64s:
    """The weight of each position in which some move is worse than another and the concept's moves are exactly the optimal ones, else 0.

    [n_states]
    """
    graph, optimal = task.graph, task.solution.optimal
    wrong = np.bincount(graph.edge_parent[concept.holds(task.game, graph) != optimal], minlength=graph.n_states)
    worse = np.bincount(graph.edge_parent[~optimal], minlength=graph.n_states)
    found: Float64s = np.where((wrong == 0) & (worse > 0), task.weights, 0.0)
    return found


class Deciding:
    """The positions that each concept of a game decides, found once for the many policies of a run."""

    def __init__(self, task: Task) -> None:
        self._task = task
        found = {concept.name: decided_positions(task, concept) for concept in concepts_of(task.game)}
        self._weights = {name: weights for name, weights in found.items() if weights.any()}

    def shares_right(self, chosen: Float64s) -> dict[str, float]:
        """For each concept that decides somewhere, the share of these positions, by weight, in which an optimal move is chosen.

        chosen: the probability of every move [n_edges].
        """
        graph = self._task.graph
        right = np.bincount(graph.edge_parent, chosen * self._task.solution.optimal, minlength=graph.n_states)
        return {name: min(1.0, float(np.dot(weights, right) / weights.sum())) for name, weights in self._weights.items()}
