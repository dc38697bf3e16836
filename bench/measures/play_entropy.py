"""How many games are reasonably probable: the entropy of the games that two players play."""

import math

import numpy as np

from games.arrays import Float64s
from games.solving.graph import GameGraph


def bits_of_play(graph: GameGraph, chances: Float64s, max_plies: int) -> float:
    """The entropy of the game, in bits, if both sides choose each move with the probability `chances` gives it: [n_edges].

    A game is its sequence of moves from the start; moves behind the `max_plies`-th are left out. Two to this power is the number of
    typical games (Shannon 1948): of games that long almost all are about as probable. By the chain rule the entropy of a sequence is the
    sum of the entropies of its moves, each in the mean over the positions that play comes to.

    >>> from policies.api import uniform_probabilities
    >>> from policies.task import make_task
    >>> graph = make_task("tictactoe").graph
    >>> round(bits_of_play(graph, uniform_probabilities(graph), 1), 3)  # nine moves
    3.17
    """
    graph.require(None, "the entropy of play")
    surprise: Float64s = np.zeros_like(chances)
    np.log2(chances, out=surprise, where=chances > 0)
    of_state = np.bincount(graph.edge_parent, -chances * surprise, graph.n_states)
    reached = np.zeros(graph.n_states)
    reached[0] = 1.0
    bits = 0.0
    for _ in range(max_plies):
        bits += float(reached @ of_state)
        reached = np.bincount(graph.edge_child, reached[graph.edge_parent] * chances, graph.n_states).astype(np.float64)
    return bits


def digits_of_play(bits: float) -> float:
    """The decimal logarithm of the number of typical games."""
    return bits * math.log10(2)
