"""The arrays of one ply, as the kernels of games fill and return them."""

import numpy as np

from games.arrays import Bools, Int16s, Int64s
from games.contract import States
from games.jit import njit

Ply = tuple[Int64s, Int16s, States, Bools, Int16s]  # the fields of an `Expansion`, in its order


@njit
def new_arrays(n: int, n_edges: int) -> Ply:
    """The arrays of one ply from `n` states with at most `n_edges` moves in all: no state is over, actions and children are unset."""
    edge_start = np.zeros(n + 1, dtype=np.int64)
    edge_action = np.empty(n_edges, dtype=np.int16)
    edge_child = np.empty(n_edges, dtype=np.uint64)
    return edge_start, edge_action, edge_child, np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.int16)


@njit
def trim(ply: Ply, n_edges: int) -> Ply:
    """The same with the first `n_edges` moves alone, in memory of their own."""
    edge_start, edge_action, edge_child, terminal, payoff = ply
    return edge_start, edge_action[:n_edges].copy(), edge_child[:n_edges].copy(), terminal, payoff
