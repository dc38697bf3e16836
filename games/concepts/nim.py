"""Concepts of Nim: the xor rule that solves it (misère Nim needs one more rule), and a beginner's rules."""

import numpy as np

from games.arrays import Bools, Float64s, Int64s
from games.concepts.concept import Concept
from games.concepts.work import tried_out
from games.rules.nim import MAX_HEAPS, Nim, heaps
from games.solving.graph import GameGraph


def after(graph: GameGraph) -> Int64s:
    """The heaps that each edge leaves, ascending: [n_edges, MAX_HEAPS], zeros where there are fewer."""
    return np.sort(heaps(graph.states[graph.edge_child], MAX_HEAPS), axis=1)


def xor_zero(game: Nim, graph: GameGraph) -> Bools:
    holds: Bools = np.bitwise_xor.reduce(after(graph), axis=1) == 0
    return holds


def empties(game: Nim, graph: GameGraph) -> Bools:
    before = heaps(graph.states[graph.edge_parent], MAX_HEAPS)
    holds: Bools = (after(graph) > 0).sum(axis=1) < (before > 0).sum(axis=1)
    return holds


def one_heap(game: Nim, graph: GameGraph) -> Bools:
    holds: Bools = (after(graph) > 0).sum(axis=1) == 1
    return holds


def twins(game: Nim, graph: GameGraph) -> Bools:
    left = after(graph)
    holds: Bools = (left[:, -1] > 0) & (left[:, -1] == left[:, -2]) & ((left > 0).sum(axis=1) == 2)
    return holds


def takes_one(game: Nim, graph: GameGraph) -> Bools:
    before = heaps(graph.states[graph.edge_parent], MAX_HEAPS)
    holds: Bools = before.sum(axis=1) - after(graph).sum(axis=1) == 1
    return holds


def even_left(game: Nim, graph: GameGraph) -> Bools:
    holds: Bools = after(graph).sum(axis=1) % 2 == 0
    return holds


def odd_singles(game: Nim, graph: GameGraph) -> Bools:
    left = after(graph)
    holds: Bools = (left[:, -1] == 1) & (left.sum(axis=1) % 2 == 1)
    return holds


def work(game: Nim, graph: GameGraph) -> Float64s:
    """To find them all: each child is made, and its heaps are read, compared and added with and without carry. [n_states]"""
    return tried_out(game, graph, 1, 0) + 4.0 * len(game.heaps) * graph.n_moves


CONCEPTS = (
    Concept("xor_zero", "leaves heaps whose binary digits add up to zero without carry", xor_zero, sources=(xor_zero, after), work=work),
    Concept("empties", "empties a heap", empties, sources=(empties, after), work=work),
    Concept("one_heap", "leaves a single heap", one_heap, sources=(one_heap, after), work=work),
    Concept("twins", "leaves just two heaps, equal ones", twins, sources=(twins, after), work=work),
    Concept("takes_one", "takes a single stone", takes_one, sources=(takes_one, after), work=work),
    Concept("even_left", "leaves an even number of stones", even_left, sources=(even_left, after), work=work),
)
MISERE_CONCEPTS = (
    *CONCEPTS,
    Concept("odd_singles", "leaves heaps of one stone only, an odd number of them", odd_singles, sources=(odd_singles, after), work=work),
)
