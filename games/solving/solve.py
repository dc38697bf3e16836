"""Exact values of every state and every edge.

Values are for the player to move, in the game's own units. Endless play is worth 0. Without cycles one backward pass is
exact. With cycles: `lower` is the value if endless play counted as the worst payoff for the mover (the least fixpoint),
`upper` if it counted as the best (the greatest), and the value is 0 clamped between them.
"""

import time
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from games.arrays import Bools, Int16s, Int32s, Int64s
from games.jit import njit
from games.solving.expansion import too_large
from games.solving.graph import GameGraph


@dataclass(frozen=True, eq=False)
class Solution:
    """The value of perfect play for the mover of each state, with its bounds and the regret of each edge."""

    value: Int16s  # [n_states]
    lower: Int16s  # [n_states] endless play worth the worst payoff
    upper: Int16s  # [n_states] endless play worth the best payoff
    edge_value: Int16s  # [n_edges] for the mover of the state that the edge leaves
    regret: Int16s  # [n_edges] value of the state less value of the edge; 0 where the move is optimal
    solve_seconds: float = field(default=0.0, compare=False)

    @cached_property
    def optimal(self) -> Bools:
        """Which edges are optimal. [n_edges]"""
        optimal: Bools = self.regret == 0
        return optimal

    @property
    def cycle_share(self) -> float:
        """The share of states whose value depends on the worth of endless play."""
        return float(np.mean(self.lower != self.upper))


def solve(graph: GameGraph) -> Solution:
    """Solve a graph exactly, with cycles or without.

    Raises WorkError where a move loses more than MAX_HELD, which it can only where payoffs are larger than half of that.
    """
    began = time.perf_counter()
    order = topological_order(graph.edge_start, graph.edge_child)
    if len(order) == graph.n_states:
        value = _solve_backwards(order, graph.edge_start, graph.edge_child, graph.terminal, graph.payoff)
        lower = upper = value
    else:
        worst = np.int16(np.abs(graph.payoff).max())
        lower = np.where(graph.terminal, graph.payoff, -worst)
        upper = np.where(graph.terminal, graph.payoff, worst)
        _narrow(lower, upper, graph.edge_start, graph.edge_child)
        value = np.minimum(np.maximum(np.zeros_like(lower), lower), upper)
    edge_value = -value[graph.edge_child]
    regret = value[graph.edge_parent] - edge_value
    if (regret < 0).any():  # no move is better than the best, so this is one that 16 bits do not hold
        largest = int((value[graph.edge_parent].astype(np.int32) - edge_value).max())
        raise too_large(graph.game_id, f"moves that lose up to {largest:,}")
    return Solution(value, lower, upper, edge_value, regret, time.perf_counter() - began)


@njit
def topological_order(edge_start: Int64s, edge_child: Int32s) -> Int32s:
    """States so that each stands before its children; shorter than the number of states exactly when there is a cycle."""
    n = edge_start.shape[0] - 1
    n_parents = np.zeros(n, dtype=np.int32)
    for child in edge_child:
        n_parents[child] += 1
    order = np.empty(n, dtype=np.int32)
    n_ready = 0
    for state in range(n):
        if n_parents[state] == 0:
            order[n_ready] = state
            n_ready += 1
    i = 0
    while i < n_ready:
        for edge in range(edge_start[order[i]], edge_start[order[i] + 1]):
            n_parents[edge_child[edge]] -= 1
            if n_parents[edge_child[edge]] == 0:
                order[n_ready] = edge_child[edge]
                n_ready += 1
        i += 1
    return order[:n_ready]


@njit
def _solve_backwards(
    order: Int32s,
    edge_start: Int64s,
    edge_child: Int32s,
    terminal: Bools,
    payoff: Int16s,
) -> Int16s:
    value = payoff.copy()
    for i in range(order.shape[0] - 1, -1, -1):
        state = order[i]
        if not terminal[state]:
            best = np.int16(-32768)
            for edge in range(edge_start[state], edge_start[state + 1]):
                best = max(best, np.int16(-value[edge_child[edge]]))
            value[state] = best
    return value


@njit
def _narrow(lower: Int16s, upper: Int16s, edge_start: Int64s, edge_child: Int32s) -> int:
    """Raise `lower` and sink `upper`, in place, until neither moves; returns the number of sweeps.

    Endless play that is worst for the mover is best for the mover of each child, hence the crossed update. In-place sweeps
    of a monotone operator reach the same least and greatest fixpoints as sweeps from copies.
    """
    n_sweeps = 0
    moved = True
    while moved:
        moved = False
        n_sweeps += 1
        for state in range(lower.shape[0] - 1, -1, -1):
            first, last = edge_start[state], edge_start[state + 1]
            if first == last or lower[state] == upper[state]:
                continue
            low = high = np.int16(-32768)
            for edge in range(first, last):
                low = max(low, np.int16(-upper[edge_child[edge]]))
                high = max(high, np.int16(-lower[edge_child[edge]]))
            if low != lower[state] or high != upper[state]:
                lower[state], upper[state] = low, high
                moved = True
    return n_sweeps
