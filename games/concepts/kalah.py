"""Concepts of Kalah: what a move brings at once, and which pit it empties."""

import numpy as np

from games.arrays import Bools, Float64s, Int64s
from games.concepts.concept import Concept
from games.concepts.work import tried_out
from games.rules.kalah import Kalah
from games.solving.graph import GameGraph


def gain(game: Kalah, graph: GameGraph) -> Int64s:
    """How many seeds each edge brings into the mover's store: [n_edges]"""
    cells = game.cells(graph.states).astype(np.int64)
    gained: Int64s = cells[graph.edge_child, -2] - cells[graph.edge_parent, -3]
    return gained


def moves_again(game: Kalah, graph: GameGraph) -> Bools:
    holds: Bools = game.cells(graph.states)[graph.edge_child, -1] == 1
    return holds


def gains(game: Kalah, graph: GameGraph) -> Bools:
    holds: Bools = gain(game, graph) >= 1
    return holds


def gains_2(game: Kalah, graph: GameGraph) -> Bools:
    holds: Bools = gain(game, graph) >= 2
    return holds


def gains_most(game: Kalah, graph: GameGraph) -> Bools:
    most = np.zeros(graph.n_states, dtype=np.int64)
    np.maximum.at(most, graph.edge_parent, gain(game, graph))
    holds: Bools = gain(game, graph) == most[graph.edge_parent]
    return holds


def feeds(game: Kalah, graph: GameGraph) -> Bools:
    n_pits = game.n_pits
    pits = game.cells(graph.states).astype(np.int64)
    after, before = pits[graph.edge_child, :n_pits].sum(axis=1), pits[graph.edge_parent, n_pits : 2 * n_pits].sum(axis=1)
    holds: Bools = after > before
    return holds


def nearest(game: Kalah, graph: GameGraph) -> Bools:
    last = np.append(graph.edge_parent[1:] != graph.edge_parent[:-1], True)
    holds: Bools = last[: graph.n_edges]
    return holds


def farthest(game: Kalah, graph: GameGraph) -> Bools:
    first = np.append(True, graph.edge_parent[1:] != graph.edge_parent[:-1])
    holds: Bools = first[: graph.n_edges]
    return holds


def work(game: Kalah, graph: GameGraph) -> Float64s:
    """To find all but the nearest and the farthest pit: each child is made, and its stores and pits are read and added. [n_states]"""
    return tried_out(game, graph, 1, 0) + (2.0 * game.n_pits + 4) * graph.n_moves


CONCEPTS = (
    Concept("moves_again", "wins another turn", moves_again, sources=(moves_again,), work=work),
    Concept("gains", "brings a seed or more into your store", gains, sources=(gains, gain), work=work),
    Concept("gains_2", "brings two seeds or more into your store", gains_2, sources=(gains_2, gain), work=work),
    Concept("gains_most", "brings the most seeds into your store", gains_most, sources=(gains_most, gain), work=work),
    Concept("feeds", "leaves them more seeds in their pits than they had", feeds, sources=(feeds,), work=work),
    Concept("nearest", "empties the pit nearest to your store that has seeds", nearest, sources=(nearest,)),
    Concept("farthest", "empties the pit farthest from your store that has seeds", farthest, sources=(farthest,)),
)
