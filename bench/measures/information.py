"""Two more views of what a policy knows: the games that it leaves possible, and the bits that it says about the optimal moves.

The shape of a gain curve depends on its measure. Regret asks what mistakes cost; these two ask, as Lillicrap & Kording (2019)
do, how many games are left when one side follows the policy, and how much information about good play is still missing.
"""

import math
from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int32s, Int64s
from games.jit import njit
from games.solving.graph import GameGraph
from games.solving.solve import topological_order
from policies.api import Task, uniform_probabilities

PLIES_A_CELL = 3  # where games need not end, those of up to so many plies for each cell of the board are counted
MAX_PLIES = 200
STEPS = 24  # of the bisection for the mixture


class GamesLeft(NamedTuple):
    """Decimal logarithms of the numbers of games in which one seat follows the policy, any of its best moves, and the other plays anything.

    `plies`: only games that are over within so many are counted; 0: all of them.
    """

    first: float
    second: float
    plies: int


def games_left(graph: GameGraph, weights: Float64s, n_cells: int) -> GamesLeft:
    """How many games are possible when a seat only plays moves of positive weight [n_edges]; symmetric games count apart.

    Games are sequences of moves from the start to an end. Where play can go on for ever, those that end within PLIES_A_CELL
    plies for each of the `n_cells` are counted.
    """
    graph.require(None, "a number of games")
    allowed = weights > 0
    order = topological_order(graph.edge_start, graph.edge_child)
    if len(order) == graph.n_states:
        first, second = _count_all(order[::-1].copy(), graph.edge_start, graph.edge_child, allowed)
        plies = 0
    else:
        plies = min(MAX_PLIES, PLIES_A_CELL * max(1, n_cells))
        first, second = _count_within(plies, graph.edge_start, graph.edge_child, allowed)
    return GamesLeft(_log10(first), _log10(second), plies)


def _log10(count: float) -> float:
    return math.log10(count) if count > 0 else -math.inf


@njit
def _count_all(
    children_first: Int32s,
    edge_start: Int64s,
    edge_child: Int32s,
    allowed: Bools,
) -> tuple[float, float]:
    """The number of games from state 0 if its mover follows the policy, and if the other does."""
    bound, free = np.ones(edge_start.shape[0] - 1), np.ones(edge_start.shape[0] - 1)  # by whether the mover follows it
    for state in children_first:
        if edge_start[state] < edge_start[state + 1]:
            bound[state] = free[state] = 0.0
            for edge in range(edge_start[state], edge_start[state + 1]):
                if allowed[edge]:
                    bound[state] += free[edge_child[edge]]
                free[state] += bound[edge_child[edge]]
    return bound[0], free[0]


@njit
def _count_within(n_plies: int, edge_start: Int64s, edge_child: Int32s, allowed: Bools) -> tuple[float, float]:
    """The same for games that end within so many plies."""
    n_states = edge_start.shape[0] - 1
    bound, free = np.zeros(n_states), np.zeros(n_states)
    for ply in range(n_plies + 1):
        next_bound, next_free = np.zeros(n_states), np.zeros(n_states)
        for state in range(n_states):
            if edge_start[state] == edge_start[state + 1]:
                next_bound[state] = next_free[state] = 1.0
            elif ply:
                for edge in range(edge_start[state], edge_start[state + 1]):
                    if allowed[edge]:
                        next_bound[state] += free[edge_child[edge]]
                    next_free[state] += bound[edge_child[edge]]
        bound, free = next_bound, next_free
    return bound[0], free[0]


def missing_bits(task: Task, weights: Float64s) -> float:
    """Bits a position that are still missing to a move that is surely optimal, in the mean over the task's weights.

    A position in which the policy plays an optimal move with probability p, and uniform choice with q, lacks -log2 of
    (1 - m) p + m q bits. The mixture m is the one with the fewest bits: it says how far the policy can be relied on. With uniform
    choice this is the mean of log2(legal moves / optimal moves), what there is to be known; with perfect play it is 0.
    """
    graph = task.graph
    optimal = np.where(task.solution.optimal, 1.0, 0.0)
    chosen, even = (
        np.bincount(graph.edge_parent, share * optimal, graph.n_states)[graph.positions]
        for share in (weights, uniform_probabilities(graph))
    )
    counts = task.weights[graph.positions]

    def right(mixture: float) -> Float64s:
        return np.maximum((1.0 - mixture) * chosen + mixture * even, np.finfo(np.float64).tiny)

    low, high = 0.0, 1.0  # the bits are a convex function of the mixture: its slope tells on which side the least lies
    for _ in range(STEPS):
        middle = (low + high) / 2
        falls = np.dot(counts, (even - chosen) / right(middle)) > 0
        low, high = (middle, high) if falls else (low, middle)
    return max(0.0, min(float(-np.dot(counts, np.log2(right(mixture)))) for mixture in (0.0, low, high, 1.0)))
