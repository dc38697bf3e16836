"""The cost of computing, in operations, counted for each position.

One operation is a cell or a number that is read, written, compared, added or multiplied; a multiplication and the addition that follows
it are one. Boards count cell by cell, as on paper, although bit masks handle 64 cells at once.

To make a child takes one operation for each entry of `cells` and two more to ask whether and how the game has ended there. To find its
moves takes one for each action of the game. The computation inside the rules is not counted, and neither is their source text.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from games.arrays import Float64s
from games.contract import Game
from games.solving.graph import GameGraph

Work = Callable[[Any, GameGraph], Float64s]  # from a game and its graph to operations in each state: [n_states]
FLOOD = 5  # of a cell that a flood on a square grid comes to: it is marked, and its four neighbours are read


def n_sequences(graph: GameGraph, plies: int) -> Float64s:
    """The number of sequences of 1 to `plies` moves that can be tried out from each state. [n_states]"""
    n: Float64s = np.zeros(graph.n_states)
    for _ in range(plies):
        n = np.bincount(graph.edge_parent, 1.0 + n[graph.edge_child], graph.n_states).astype(np.float64)
    return n


def making(game: Game) -> int:
    """The operations to make a child and to find out whether and how the game has ended there."""
    return len(game.cell_levels()) + 2


def a_child(game: Game) -> int:
    """The operations to make a child and find its moves."""
    return making(game) + game.n_actions


def tried_out(game: Game, graph: GameGraph, made: int, scanned: int) -> Float64s:
    """The operations to try out all lines of play: children `made` plies deep, moves of those up to `scanned` plies deep. [n_states]"""
    return n_sequences(graph, made) * making(game) + n_sequences(graph, scanned) * game.n_actions


@functools.cache
def trying(made: int, scanned: int) -> Work:
    """`tried_out` for these depths, as a function; those of equal depths compare equal."""
    return functools.partial(tried_out, made=made, scanned=scanned)


@functools.cache
def a_move(n: int) -> Work:
    """A constant number of operations for each legal move, as a function; those of equal numbers compare equal."""

    def work(game: Any, graph: GameGraph) -> Float64s:
        found: Float64s = n * graph.n_moves.astype(np.float64)
        return found

    return work
