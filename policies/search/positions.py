"""Some positions of a task: those at which the work of a search is counted."""

import numpy as np

from games.arrays import Float64s, Int64s
from games.solving.graph import explore
from games.splitmix import splitmix64
from policies.api import Task

COUNTED = 200  # positions


def drawn_positions(task: Task, n: int) -> Int64s:
    """At most `n` positions among those with weight, drawn by a hash of the state: ascending."""
    counted = np.flatnonzero(task.weights > 0)
    return np.sort(counted[np.argsort(splitmix64(task.graph.states[counted]), kind="stable")[:n]])


def spread(task: Task, positions: Int64s, nodes: Int64s, a_node: float) -> Float64s:
    """What nodes take at some positions with weight, and at all other states the mean, so that this is the mean of all. [n_states]"""
    found = np.full(task.graph.n_states, np.average(nodes, weights=task.weights[positions]) * a_node)
    found[positions] = nodes * a_node
    return found


def sub_task(task: Task, positions: Int64s) -> Task:
    """The game and these positions, with their moves, as an open graph; unsolved, and of equal weight."""
    graph = explore(task.game, task.graph.states[positions], 1)
    weights = np.where(np.arange(graph.n_states) < len(positions), 1 / len(positions), 0.0)
    return Task(task.game, graph, None, weights)
