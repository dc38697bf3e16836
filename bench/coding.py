"""Description length: the bytes of a policy, the exceptions that make it perfect, and the language it presupposes.

The exceptions of a policy are, position by position in the graph's order, how many moves stand before the first optimal one
when the moves are sorted by the policy's own score. Whoever has the rules of the game (hence the positions), the policy and
the exceptions can play perfectly; `perfect_moves` does, and `describe` checks that it does.
"""

import ast
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from games.errors import WorkError
from games.graph import GameGraph
from games.jit import njit
from policies.api import Learner, Policy, Scores, Task
from policies.entropy import ONE, decode_bit, encode_bits, start_decoding

MOST_RANK = 12  # further ranks share one context
N_BUCKETS = 16  # of the best score, as a measure of how sure the policy is
SCHEMES = ("rank", "ties", "moves", "bucket")  # what the probability of a rank may depend on, besides the rank itself

Ranks = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Description:
    """A policy as a file, with the lengths of its parts in bits; `policy` is the one read back from the file, `scores` are its."""

    data: bytes
    policy: Policy
    scores: Scores
    policy_bits: int
    exception_bits: int
    language_bits: int

    @property
    def codelength(self) -> int:
        """Bits of a file that decodes to perfect play everywhere, given the rules of the game and the language."""
        return self.policy_bits + self.exception_bits


def describe(task: Task, learner: Learner[Any], policy: Policy) -> Description:
    """Write a policy down, read it back, and measure both the file and what it lacks to perfect play.

    Raises WorkError if policy and exceptions, read back, do not choose an optimal move in every position.
    """
    data = learner.encode(policy, task)
    decoded = learner.decode(data, task)
    scores = decoded.scores(task)
    exceptions = encode_exceptions(task.graph, scores, task.solution.optimal)
    chosen = perfect_moves(task.graph, scores, exceptions)
    if not task.solution.optimal[chosen].all():
        raise WorkError(f"{learner.name} on {task.game.id}: policy and exceptions do not decode to perfect play; please report this")
    language_bits = 8 * len(compressed_source(learner.source(decoded, task)))
    return Description(data, decoded, scores, 8 * len(data), 8 * len(exceptions), language_bits)


def encode_exceptions(graph: GameGraph, scores: Scores, optimal: npt.NDArray[np.bool_]) -> bytes:
    """The rank of the first optimal move in every position with a choice, under the best of four context schemes."""
    order = move_order(graph, scores)
    positions = np.flatnonzero(graph.n_moves > 1)
    ranks = _first_ranks(graph.edge_start, order, optimal, positions)
    files = []
    for scheme, context in enumerate(_contexts(graph, scores, positions)):
        contexts, bits = _decisions(ranks, graph.n_moves[positions], context)
        named = np.array([scheme >> 1, scheme & 1], dtype=np.uint8)
        files.append(encode_bits(np.concatenate([[-ONE // 2] * 2, contexts]).astype(np.int32), np.concatenate([named, bits])))
    return min(files, key=len)


def perfect_moves(graph: GameGraph, scores: Scores, exceptions: bytes) -> npt.NDArray[np.int64]:
    """The edge that policy and exceptions together choose in every position: [n_positions], in the order of `graph.positions`."""
    order = move_order(graph, scores)
    positions = np.flatnonzero(graph.n_moves > 1)
    state, data = start_decoding(exceptions)
    none = np.zeros((0, 2), dtype=np.int64)
    scheme = 2 * decode_bit(state, data, none, -ONE // 2) + decode_bit(state, data, none, -ONE // 2)
    context = _contexts(graph, scores, positions)[scheme]
    counts = np.zeros(((int(context.max(initial=0)) + 1) * (MOST_RANK + 1), 2), dtype=np.int64)
    ranks = np.zeros(graph.n_states, dtype=np.int64)
    ranks[positions] = _decode_ranks(state, data, counts, context, graph.n_moves[positions])
    chosen: npt.NDArray[np.int64] = order[(graph.edge_start[:-1] + ranks)[graph.positions]]
    return chosen


def move_order(graph: GameGraph, scores: Scores) -> npt.NDArray[np.int64]:
    """The edges of each position from the best-scored to the worst, ties by action: [n_edges]."""
    return _sort_moves(graph.edge_start, scores)


def _contexts(graph: GameGraph, scores: Scores, positions: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """For each scheme the context of every position, known to both sides: [n_positions] each."""
    if not len(positions):
        return [np.zeros(0, dtype=np.int64)] * len(SCHEMES)
    first = graph.edge_start[:-1][graph.n_moves > 0]
    best = np.full(graph.n_states, -np.inf)
    best[graph.n_moves > 0] = np.maximum.reduceat(scores, first)
    ties = np.bincount(graph.edge_parent[scores == best[graph.edge_parent]], minlength=graph.n_states)
    n_moves = np.minimum(graph.n_moves, 31)
    _, level = np.unique(best[positions], return_inverse=True)
    shares = np.cumsum(np.bincount(level)) / len(positions)
    bucket = np.minimum((shares[level] * N_BUCKETS).astype(np.int64), N_BUCKETS - 1)
    tied = np.minimum(ties, 31)[positions]
    return [np.zeros(len(positions), dtype=np.int64), tied, 32 * tied + n_moves[positions], N_BUCKETS * tied + bucket]


def _decisions(
    ranks: npt.NDArray[np.int64], n_moves: npt.NDArray[np.int64], context: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int32], Ranks]:
    """Each rank in unary: a one for every move that stands before, then a zero unless only one move is left."""
    length = np.minimum(ranks + 1, n_moves - 1)
    owner = np.repeat(np.arange(len(ranks)), length)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
    contexts = context[owner] * (MOST_RANK + 1) + np.minimum(step, MOST_RANK)
    return contexts.astype(np.int32), (step < ranks[owner]).astype(np.uint8)


@njit
def _sort_moves(edge_start: npt.NDArray[np.int64], scores: Scores) -> npt.NDArray[np.int64]:
    order = np.arange(scores.shape[0])
    for state in range(edge_start.shape[0] - 1):
        for edge in range(edge_start[state] + 1, edge_start[state + 1]):  # insertion sort: stable, and a position has few moves
            place = edge
            while place > edge_start[state] and scores[order[place - 1]] < scores[edge]:
                order[place] = order[place - 1]
                place -= 1
            order[place] = edge
    return order


@njit
def _first_ranks(
    edge_start: npt.NDArray[np.int64], order: npt.NDArray[np.int64], optimal: npt.NDArray[np.bool_], positions: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    ranks = np.zeros(positions.shape[0], dtype=np.int64)
    for i in range(positions.shape[0]):
        while not optimal[order[edge_start[positions[i]] + ranks[i]]]:
            ranks[i] += 1
    return ranks


@njit
def _decode_ranks(
    state: npt.NDArray[np.uint64],
    data: Ranks,
    counts: npt.NDArray[np.int64],
    context: npt.NDArray[np.int64],
    n_moves: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    ranks = np.zeros(context.shape[0], dtype=np.int64)
    for i in range(context.shape[0]):
        while ranks[i] < n_moves[i] - 1:
            if not decode_bit(state, data, counts, context[i] * (MOST_RANK + 1) + min(ranks[i], MOST_RANK)):
                break
            ranks[i] += 1
    return ranks


def compressed_source(source: str) -> bytes:
    """Source text without comments, docstrings and layout, deflated: what a language costs. Empty for no source."""
    if not source:
        return b""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return zlib.compress(ast.unparse(tree).encode(), 9, wbits=-15)
