"""The savings of rules at the positions of a task, in whole numbers if every position counts alike."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from games.arrays import Float64s, Int64s
from policies.api import Task
from policies.language.atoms import Edges

MAX_TOTAL = 1 << 62  # sums of savings stay below, so that they fit into 64 bits


class Savings(NamedTuple):
    """The pairs of a rule and a contested position where it matches some legal move, rule by rule.

    A rule that decides saves the mean regret of all legal moves less that of the moves that it matches. If positions count alike, the
    unit is 1 / `scale` of a point of regret at one position, and all numbers are whole; else a point of regret, times the weight.
    """

    n_positions: int
    start: Int64s  # [n_rules + 1]
    position: Int64s  # [n_pairs]
    saved: Int64s | Float64s  # [n_pairs]
    total: int | float  # regret of uniform play over all positions; `saved` of perfect play
    is_whole: bool


def savings_of(task: Task, rule_edges: Sequence[Edges]) -> Savings:
    """The savings of rules that match the given edges, ascending for each rule. Positions of weight 0 are left out."""
    graph, regret = task.graph, task.solution.regret.astype(np.int64)
    contested = np.zeros(graph.n_states, dtype=np.bool_)
    contested[graph.edge_parent[regret > 0]] = True
    positions = np.flatnonzero(contested & (task.weights > 0))
    place = np.full(graph.n_states, -1, dtype=np.int64)
    place[positions] = np.arange(len(positions))
    total = np.bincount(graph.edge_parent, regret, graph.n_states).astype(np.int64)[positions]
    n_moves, weights = graph.n_moves[positions], task.weights[positions]
    scale = math.lcm(*range(1, int(n_moves.max(initial=1)) + 1))
    is_whole = len(np.unique(weights)) == 1 and scale * int(total.sum()) < MAX_TOTAL
    bare = total * (scale // n_moves) if is_whole else total / n_moves * weights
    parts = []
    for edges in rule_edges:
        counted = edges[place[graph.edge_parent[edges]] >= 0]
        held, first, count = np.unique(place[graph.edge_parent[counted]], return_index=True, return_counts=True)
        left = np.add.reduceat(regret[counted], first) if len(first) else np.empty(0, dtype=np.int64)
        parts.append((held, bare[held] - (left * (scale // count) if is_whole else left / count * weights[held])))
    return Savings(
        len(positions),
        np.cumsum([0, *(len(held) for held, _ in parts)]),
        np.concatenate([np.empty(0, dtype=np.int64), *(held for held, _ in parts)]),
        np.concatenate([bare[:0], *(saved for _, saved in parts)]),
        bare.sum().item(),
        is_whole,
    )
