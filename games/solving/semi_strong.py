"""Which positions can be met by a player who has made no mistake so far: the positions of a semi-strong solution.

A strong solution covers every reachable position, a weak one the lines that one optimal strategy allows. Between them lies the
semi-strong solution (Takizawa, arXiv 2411.01029): one of the players has chosen optimal moves only, the other may have chosen any.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Int32s, Int64s
from games.jit import njit
from games.solving.graph import GameGraph
from games.solving.solve import Solution


class SemiStrong(NamedTuple):
    """Where one player has made no mistake so far, whatever the other did. Final states are never marked. Each [n_states]"""

    mover: Bools  # the player to move has made none
    other: Bools  # the player who moved last has made none

    @property
    def region(self) -> Bools:
        """Either player has made none: Takizawa's region. [n_states]"""
        return self.mover | self.other


def semi_strong(graph: GameGraph, solution: Solution) -> SemiStrong:
    """The positions of the semi-strong solution of a game, by walking from the start for each of the players.

    Raises UsageError on an open graph.

    >>> from games.registry import make_game
    >>> from games.solving.store import load_truth
    >>> graph, solution = load_truth(make_game("go-2x5"))
    >>> world = semi_strong(graph, solution)
    >>> int(world.mover.sum()), int(world.region.sum()), len(graph.positions)
    (15104, 15406, 17633)
    """
    graph.require(None, "a semi-strong solution")
    met = _walk(graph.edge_start, graph.edge_child, solution.optimal)
    is_position = ~graph.terminal
    return SemiStrong(met[0] & is_position, met[1] & is_position)


@njit
def _walk(edge_start: Int64s, edge_child: Int32s, is_optimal: Bools) -> Bools:
    """The states that are met with the careful player to move (row 0) and with the other to move (row 1): [2, n_states]."""
    n_states = edge_start.shape[0] - 1
    met = np.zeros((2, n_states), dtype=np.bool_)
    pending = np.empty(2 * n_states, dtype=np.int64)  # 2 * state + row; each pair is put here once
    pending[0], pending[1] = 0, 1
    met[0, 0] = met[1, 0] = True
    n_pending = 2
    while n_pending > 0:
        n_pending -= 1
        state, row = pending[n_pending] >> 1, pending[n_pending] & 1
        for edge in range(edge_start[state], edge_start[state + 1]):
            child, other = edge_child[edge], 1 - row
            if (row == 1 or is_optimal[edge]) and not met[other, child]:
                met[other, child] = True
                pending[n_pending] = 2 * child + other
                n_pending += 1
    return met
