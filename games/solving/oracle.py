"""Exact values of any states, from a solved graph, a large table or a proof search."""

from typing import Protocol

import numpy as np

from games.arrays import Int16s
from games.contract import States
from games.errors import WorkError
from games.solving.graph import GameGraph
from games.solving.solve import Solution


class Oracle(Protocol):
    """A source of the exact values of states, for their mover."""

    def look_up(self, states: States) -> tuple[Int16s, Int16s, Int16s]:
        """Lower bound (endless play worth the worst payoff), upper bound (the best), and value of canonical states: each [n]."""


class GraphOracle:
    """The values of a solved closed graph."""

    def __init__(self, graph: GameGraph, solution: Solution) -> None:
        graph.require(None, "an oracle")
        self.graph, self.solution = graph, solution
        self._order = np.argsort(graph.states)

    def look_up(self, states: States) -> tuple[Int16s, Int16s, Int16s]:
        """As in `Oracle`; raises WorkError for a state that the graph does not hold."""
        place = np.searchsorted(self.graph.states, states, sorter=self._order)
        found = self._order[np.minimum(place, len(self._order) - 1)]
        if unknown := np.count_nonzero(self.graph.states[found] != states):
            raise WorkError(f"{unknown:,} of {len(states):,} states are none that play of {self.graph.game_id} can reach")
        return self.solution.lower[found], self.solution.upper[found], self.solution.value[found]


def solve_sample(graph: GameGraph, oracle: Oracle) -> Solution:
    """The exact solution of an open graph. Raises WorkError where a position's value is not that of its best move."""
    lower, upper, value = (np.asarray(bound, dtype=np.int16) for bound in oracle.look_up(graph.states))
    edge_value = -value[graph.edge_child]
    regret = value[graph.edge_parent] - edge_value
    least = np.full(graph.n_states, np.iinfo(np.int16).max)
    np.minimum.at(least, graph.edge_parent, regret)
    if wrong := np.count_nonzero(least[graph.n_moves > 0]):
        raise WorkError(f"the oracle contradicts itself: {wrong:,} positions of {graph.game_id} are not worth what their best move is")
    return Solution(value, lower, upper, edge_value, regret)
