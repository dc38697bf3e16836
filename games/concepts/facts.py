"""What the concepts of several games look up in their facts."""

import numpy as np

from games.arrays import Bools, Int8s
from games.solving.graph import GameGraph


def best(graph: GameGraph, fact: Int8s) -> Bools:
    """The moves with the largest number among those of their position. [n_edges]"""
    moving = graph.n_moves > 0
    most = np.zeros(graph.n_states, dtype=np.int8)
    most[moving] = np.maximum.reduceat(fact, graph.edge_start[:-1][moving])
    holds: Bools = fact == most[graph.edge_parent]
    return holds
