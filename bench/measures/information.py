"""Two more measures of a policy: the number of games that it leaves possible, and the bits of information that it has on optimal moves.

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

Count = tuple[float, int]  # a number of games as a double and the power of SCALE that it is to be multiplied by

PLIES_A_CELL = 3  # where games need not end, those of up to so many plies for each cell of the board are counted
MAX_PLIES = 200
SCALE = 2.0**512  # of the numbers of games, which outgrow a double
STEPS = 24  # of the bisection for the mixture


class GamesLeft(NamedTuple):
    """Decimal logarithms of the numbers of games in which one seat follows the policy, any of its best moves, and the other plays anything.

    None where there is no such game. `plies`: only games of at most this many plies are counted; 0: games of any length.
    """

    first: float | None
    second: float | None
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
        counts = _count_all(order[::-1].copy(), graph.edge_start, graph.edge_child, allowed)
        plies = 0
    else:
        plies = min(MAX_PLIES, PLIES_A_CELL * max(1, n_cells))
        counts = _count_within(plies, graph.edge_start, graph.edge_child, allowed)
    first, second = (_log10(*count) for count in counts)
    return GamesLeft(first, second, plies)


def _log10(scaled: float, power: int) -> float | None:
    """The decimal logarithm of `scaled * SCALE**power`, by way of the whole number that this is; None for 0."""
    numerator, denominator = float(scaled).as_integer_ratio()
    count = numerator * int(SCALE) ** power // denominator
    return math.log10(count) if count else None


@njit
def _sum(
    state: int,
    edge_start: Int64s,
    edge_child: Int32s,
    chosen: Bools,
    scaled: Float64s,
    power: Int64s,
) -> tuple[float, int]:
    """The counts of a state's chosen children in sum; like each of them a double below SCALE, times a power of SCALE.

    Scaling by a power of two is exact, so sums that a double could hold are the same doubles. A count of a positive power is at
    least 1 before it is scaled; what is smaller than others by two powers is far below their last digit.
    """
    total, reached = 0.0, 0
    for edge in range(edge_start[state], edge_start[state + 1]):
        if chosen[edge]:
            child = edge_child[edge]
            if power[child] > reached:
                total = total / SCALE if power[child] == reached + 1 else 0.0
                reached = power[child]
            if power[child] == reached:
                total += scaled[child]
            elif power[child] == reached - 1:
                total += scaled[child] / SCALE
    return (total / SCALE, reached + 1) if total >= SCALE else (total, reached)


@njit
def _count_all(
    children_first: Int32s,
    edge_start: Int64s,
    edge_child: Int32s,
    allowed: Bools,
) -> tuple[Count, Count]:
    """The number of games from state 0 if its mover follows the policy, and if the other does."""
    n_states, every = edge_start.shape[0] - 1, np.ones_like(allowed)
    bound, free = np.ones(n_states), np.ones(n_states)  # by whether the mover follows it
    bound_power, free_power = np.zeros(n_states, dtype=np.int64), np.zeros(n_states, dtype=np.int64)
    for state in children_first:
        if edge_start[state] < edge_start[state + 1]:
            bound[state], bound_power[state] = _sum(state, edge_start, edge_child, allowed, free, free_power)
            free[state], free_power[state] = _sum(state, edge_start, edge_child, every, bound, bound_power)
    return (bound[0], bound_power[0]), (free[0], free_power[0])


@njit
def _count_within(n_plies: int, edge_start: Int64s, edge_child: Int32s, allowed: Bools) -> tuple[Count, Count]:
    """The same for games that end within `n_plies` plies."""
    n_states, every = edge_start.shape[0] - 1, np.ones_like(allowed)
    bound, free = np.zeros(n_states), np.zeros(n_states)
    bound_power, free_power = np.zeros(n_states, dtype=np.int64), np.zeros(n_states, dtype=np.int64)
    next_bound, next_free, next_bound_power, next_free_power = bound.copy(), free.copy(), bound_power.copy(), free_power.copy()
    for ply in range(n_plies + 1):
        for state in range(n_states):
            if edge_start[state] == edge_start[state + 1]:
                next_bound[state] = next_free[state] = 1.0
            elif ply:
                next_bound[state], next_bound_power[state] = _sum(state, edge_start, edge_child, allowed, free, free_power)
                next_free[state], next_free_power[state] = _sum(state, edge_start, edge_child, every, bound, bound_power)
        bound, next_bound, bound_power, next_bound_power = next_bound, bound, next_bound_power, bound_power
        free, next_free, free_power, next_free_power = next_free, free, next_free_power, free_power
    return (bound[0], bound_power[0]), (free[0], free_power[0])


def missing_bits(task: Task, weights: Float64s) -> float:
    """Mean number of bits per position that the policy lacks to name an optimal move, by the task's weights.

    A position in which the policy plays an optimal move with probability p, and uniform choice with q, lacks -log2 of
    (1 - m) p + m q bits. The mixture m is the one with the fewest bits; it measures how reliable the policy is. For uniform choice
    the result is the mean of log2(legal moves / optimal moves), which is the largest possible; for optimal moves only it is 0.
    """
    graph = task.graph
    chosen, even = (
        _share_of_optimal(graph.edge_start, share, task.solution.optimal)[graph.positions]
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


@njit
def _share_of_optimal(edge_start: Int64s, share: Float64s, optimal: Bools) -> Float64s:
    """The sum over the optimal moves of each state of their share. [n_states]"""
    found = np.zeros(edge_start.shape[0] - 1)
    for state in range(found.shape[0]):
        for edge in range(edge_start[state], edge_start[state + 1]):
            if optimal[edge]:
                found[state] += share[edge]
    return found
