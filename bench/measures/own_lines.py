"""The weak world of a policy: the positions on its own lines of play, against anything, and the corrections that it needs there.

A policy is corrected where it meets its own mistakes: it moves first or second, chooses one optimal move at each position that it comes
to, and the opponent may answer with any move. A weak solution of the game is a policy that makes no mistake on these lines. The file
of corrections holds nothing about other positions, so the reader finds the lines by walking: every move that is decoded shows
which positions come next. Positions are taken in waves, those of one number of own moves together, each in the order of packed states;
the decisions are those of bench/measures/exception_coding.py, which learns from all waves before.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bench.measures.exception_coding import Moves, decode_rest, encode_rest, moves_of, none_known, own_choices
from games.arrays import Bools, Int64s
from games.solving.graph import GameGraph
from policies.api import Scores
from policies.codec.adaptive_coder import ONE, decode_bit, encode_bits, start_decoding

Choose = Callable[[Moves, Int64s], Int64s]  # of the positions to be decided and what is known: the edge chosen in every position


class OwnLines(NamedTuple):
    """The positions on the lines of a corrected policy in which it is to move, and the edge that it chooses in each. [n] each"""

    positions: Int64s  # states of the graph, ascending
    edges: Int64s


def encode_own_lines(graph: GameGraph, scores: Scores, optimal: Bools) -> tuple[bytes, OwnLines]:
    """The corrections of a policy, given as a score on every edge, on its own lines; and these lines.

    Empty where the policy's own best moves, the first of those that score alike, are optimal on all of them. Raises UsageError on an
    open graph.
    """
    moves = moves_of(graph, scores)
    best = own_choices(moves)
    own = walk(graph, moves, lambda wave, known: best)
    if optimal[own.edges].all():
        return b"", own
    contexts, bits = [np.array([-ONE // 2], dtype=np.int32)], [np.ones(1, dtype=np.uint8)]

    def choose(wave: Moves, known: Int64s) -> Int64s:
        these, values, chosen = encode_rest(wave, known, optimal)
        contexts.append(these)
        bits.append(values)
        return chosen

    lines = walk(graph, moves, choose)
    return encode_bits(np.concatenate(contexts), np.concatenate(bits)), lines


def decode_own_lines(graph: GameGraph, scores: Scores, data: bytes) -> OwnLines:
    """The lines of the corrected policy, from its scores and its corrections; foreign bytes give the lines of some policy."""
    state, array = start_decoding(data)
    moves = moves_of(graph, scores)
    if not decode_bit(state, array, np.zeros((0, 2), dtype=np.int64), -ONE // 2):
        best = own_choices(moves)
        return walk(graph, moves, lambda wave, known: best)
    return walk(graph, moves, lambda wave, known: decode_rest(wave, known, state, array))


def walk(graph: GameGraph, moves: Moves, choose: Choose) -> OwnLines:
    """Walk all lines of a policy that moves first, or second, against every answer.

    `choose` is given the positions of a wave that offer a choice, with those decided before, and what was decided: [n_states], -1 where
    nothing was. Raises UsageError on an open graph.
    """
    graph.require(None, "a policy's own lines of play")
    known, to_move = none_known(moves), np.zeros(graph.n_states, dtype=np.bool_)
    answered = np.zeros(graph.n_states, dtype=np.bool_)  # positions in which the opponent was to move
    answered[0] = True
    rank = np.full(graph.n_states, -1, dtype=np.int64)  # of the positions with a choice, in the order of the visits
    rank[moves.position] = np.arange(len(moves.position))
    wave = _new(graph, np.append(_children(graph, np.zeros(1, dtype=np.int64)), 0), to_move)
    while len(wave):
        visits = np.sort(rank[np.flatnonzero(to_move & (rank >= 0))])
        if (rank[wave] >= 0).any():
            asked = moves._replace(states=moves.states[visits], position=moves.position[visits])
            known[wave] = np.where(rank[wave] >= 0, choose(asked, known)[wave], moves.edge_start[wave])
        else:
            known[wave] = moves.edge_start[wave]
        answers = _new(graph, graph.edge_child[known[wave]].astype(np.int64), answered)
        wave = _new(graph, _children(graph, answers), to_move)
    positions = np.flatnonzero(to_move)
    return OwnLines(positions, known[positions])


def _new(graph: GameGraph, states: Int64s, met: Bools) -> Int64s:
    """Those of some states that are not final and were not met before, each once and ascending; from now on they were met."""
    fresh = np.unique(states)
    fresh = fresh[~met[fresh] & ~graph.terminal[fresh]]
    met[fresh] = True
    return fresh


def _children(graph: GameGraph, states: Int64s) -> Int64s:
    """The states after every move from some states."""
    n_moves = graph.n_moves[states]
    before = np.cumsum(n_moves) - n_moves
    edges = np.arange(int(n_moves.sum())) + np.repeat(graph.edge_start[states] - before, n_moves)
    children: Int64s = graph.edge_child[edges].astype(np.int64)
    return children
