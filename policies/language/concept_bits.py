"""Where concepts hold, a bit a move: eight moves take a byte, so that all concepts of a large game fit in memory together."""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from games.arrays import Bools, Int32s, UInt8s
from games.concepts.concept import Concept
from games.contract import Game
from games.jit import njit
from games.solving.graph import GameGraph

BLOCK = 1 << 16  # states of which concepts are found out together


def bits_of(concepts: Sequence[Concept], game: Game, graph: GameGraph) -> list[UInt8s]:
    """For each concept whether it holds on every edge, the first of eight in the highest bit: [(n_edges + 7) // 8].

    Local concepts are found out block by block, and one after another in each, so that what they share is kept for a block alone.
    """
    packed: list[list[UInt8s]] = [[] for _ in concepts]
    left: list[Bools] = [np.zeros(0, dtype=np.bool_)] * len(concepts)  # the edges since the last whole byte
    for part in blocks_of(graph) if all(concept.is_local for concept in concepts) else [graph]:
        for i, concept in enumerate(concepts):
            found = np.concatenate([left[i], concept.holds(game, part)])
            whole = len(found) // 8 * 8
            packed[i].append(np.packbits(found[:whole]))
            left[i] = found[whole:]
    return [np.concatenate([*parts, np.packbits(rest)]) for parts, rest in zip(packed, left, strict=True)]


def blocks_of(graph: GameGraph) -> Iterator[GameGraph]:
    """The states in blocks, with their moves; where these lead is left as it is, and is not in the block."""
    for first in range(0, graph.n_states, BLOCK):
        states = slice(first, first + BLOCK)
        start = graph.edge_start[first : first + BLOCK + 1]
        edges = slice(int(start[0]), int(start[-1]))
        yield dataclasses.replace(
            graph,
            states=graph.states[states],
            edge_start=start - start[0],
            edge_action=graph.edge_action[edges],
            edge_child=graph.edge_child[edges],
            terminal=graph.terminal[states],
            payoff=graph.payoff[states],
            multiplicity=graph.multiplicity[states],
        )


def unpacked(bits: UInt8s, n: int) -> Bools:
    """The first `n` bits."""
    return np.unpackbits(bits, count=n).view(np.bool_)


def unpacked_at(bits: UInt8s, edges: npt.NDArray[np.integer]) -> Bools:
    """The bits of some edges, ascending."""
    if not len(edges):
        return np.zeros(0, dtype=np.bool_)
    first, last = int(edges[0]) // 8, int(edges[-1]) // 8
    held: Bools = np.unpackbits(bits[first : last + 1]).view(np.bool_)[edges - 8 * first]
    return held


@njit
def places_of(bits: UInt8s) -> Int32s:
    """The edges whose bit is set, ascending."""
    n = 0
    for byte in bits:
        for place in range(8):
            n += byte >> place & 1
    found, n = np.empty(n, dtype=np.int32), 0
    for i in range(bits.shape[0]):
        for place in range(8):
            if bits[i] >> (7 - place) & 1:
                found[n] = 8 * i + place
                n += 1
    return found
