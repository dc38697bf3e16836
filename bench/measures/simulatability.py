"""The score that a reader of a policy may expect in `gaincurve quiz`, exactly, over all positions that the quiz may ask."""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s
from games.errors import WorkError
from policies.api import Scores, Task, action_probabilities


class Quiz(NamedTuple):
    """Expected shares of right answers; a reader who is left with several moves takes one of them at random."""

    right: float
    chance: float  # of a guess among the legal moves


def asked(task: Task, policy: Scores) -> Bools:
    """The positions in which a policy does not allow every move: [n_positions]. policy: its scores, [n_edges]."""
    graph = task.graph
    allowed = np.bincount(graph.edge_parent, action_probabilities(graph, policy) > 0, minlength=graph.n_states)
    found: Bools = (allowed < graph.n_moves)[graph.positions]
    return found


def quiz(task: Task, policy: Scores, reading: Scores) -> Quiz:
    """The mean over all positions that are asked, each counted once. policy, reading: scores, [n_edges].

    Raises WorkError for a policy that allows every move everywhere.
    """
    graph = task.graph
    is_asked = asked(task, policy)
    if not is_asked.any():
        raise WorkError(f"the policy allows every move of {task.game.id}: there is nothing to guess")
    allowed = action_probabilities(graph, policy) > 0

    def mean(chance: Float64s) -> float:
        by_state = np.bincount(graph.edge_parent, chance * allowed, minlength=graph.n_states)
        return float(by_state[graph.positions][is_asked].mean())

    return Quiz(mean(action_probabilities(graph, reading)), mean(action_probabilities(graph, np.zeros(graph.n_edges))))
