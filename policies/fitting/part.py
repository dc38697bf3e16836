"""A task restricted to some of its positions, as an open graph, so that a fitter need not hold a large game."""

import numpy as np

from games.arrays import Int64s
from games.solving.graph import GameGraph
from games.solving.solve import Solution
from policies.api import Task


def part_of(task: Task, positions: Int64s) -> Task:
    """The task on some of its positions alone, ascending, as an open graph of their moves; a large graph is not looked at any more.

    Weights stay as they are, so they sum to the share of these positions.
    """
    graph, solution = task.graph, task.solution
    n_moves = graph.n_moves[positions]
    edge_start = np.append(0, np.cumsum(n_moves))
    edges = np.repeat(graph.edge_start[positions] - edge_start[:-1], n_moves) + np.arange(edge_start[-1])
    children = np.unique(graph.edge_child[edges])
    states = np.concatenate([positions, np.setdiff1d(children, positions, assume_unique=True)])
    order = np.argsort(states)
    open_graph = GameGraph(
        game_id=graph.game_id,
        states=graph.states[states],
        edge_start=np.append(edge_start, np.full(len(states) - len(positions), edge_start[-1])),
        edge_action=graph.edge_action[edges],
        edge_child=order[np.searchsorted(states, graph.edge_child[edges], sorter=order)].astype(np.int32),
        terminal=graph.terminal[states],
        payoff=graph.payoff[states],
        multiplicity=graph.multiplicity[states],
        n_roots=len(positions),
        plies=1,
    )
    value, lower, upper = (array[states] for array in (solution.value, solution.lower, solution.upper))
    truth = Solution(value, lower, upper, solution.edge_value[edges], solution.regret[edges])
    weights = np.zeros(len(states))
    weights[: len(positions)] = task.weights[positions]
    return Task(task.game, open_graph, truth, weights)
