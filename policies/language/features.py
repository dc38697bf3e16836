"""The atoms of a language as boolean features of the moves: what learners of trees and other tabular methods are given.

A row is a move, a feature an atom. Of many atoms those are kept that tell most about regret: the weighted squared error of the
regret about its mean in the position falls most when the rows are split on that atom alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from games.arrays import Float64s, Int32s, Int64s, UInt8s
from games.jit import njit
from games.splitmix import splitmix64
from policies.api import Task
from policies.language.language import Language

ROUNDING = 1e-9  # scores are compared after rounding to this share of the best, so that the last bits of a sum decide nothing


@dataclass(frozen=True, eq=False)
class Features:
    """A boolean matrix [n_rows, n_features] in compressed columns: feature j holds on the rows `row[start[j]:start[j + 1]]`, ascending."""

    numbers: Int64s  # [n_features] the atoms by their number in the language, ascending
    edges: Int64s  # [n_rows] the move of each row, ascending
    start: Int64s  # [n_features + 1]
    row: Int32s  # [n_held]

    def dense(self) -> UInt8s:
        """The matrix of 0 and 1, a byte each, column by column in memory. [n_rows, n_features]"""
        matrix = np.zeros((len(self.edges), len(self.numbers)), dtype=np.uint8, order="F")
        for feature in range(len(self.numbers)):
            matrix[self.row[self.start[feature] : self.start[feature + 1]], feature] = 1
        return matrix

    def sparse(self) -> Any:
        """The matrix as scipy's compressed columns of float32 ones: what scikit-learn takes without a copy. [n_rows, n_features]"""
        from scipy.sparse import csc_matrix

        ones = np.ones(len(self.row), dtype=np.float32)
        return csc_matrix((ones, self.row, self.start.astype(np.int32)), shape=(len(self.edges), len(self.numbers)))


def contested_edges(task: Task) -> Int64s:
    """The moves of the positions that count and where not all moves are equally good, ascending."""
    graph = task.graph
    contested = np.zeros(graph.n_states, dtype=np.bool_)
    contested[graph.edge_parent[task.solution.regret > 0]] = True
    return np.flatnonzero((contested & (task.weights > 0))[graph.edge_parent])


def make_features(task: Task, language: Language, most: int | None = None, edges: Int64s | None = None) -> Features:
    """The atoms of a language that differ from one another and from a constant on the given moves, at most `most` of them.

    The rows are the moves of contested positions unless `edges` (ascending, whole positions) names others. Of atoms that hold on
    the same rows the first is kept; of more than `most`, those that lower the weighted squared error of the regret about its
    mean in the position most when the rows are split on them, the first on ties.
    """
    edges = contested_edges(task) if edges is None else edges
    start, row = _columns(language, edges)
    candidates = _distinct(start, row, len(edges))
    if most is not None and len(candidates) > most:
        weights = task.weights[task.graph.edge_parent[edges]]
        scores = _error_removed(start, row, weights, _centred_regret(task, edges))[candidates]
        rounded = np.round(scores / (ROUNDING * max(float(scores.max()), np.finfo(np.float64).tiny)))
        candidates = np.sort(candidates[np.argsort(-rounded, kind="stable")[:most]])
    kept = np.concatenate([[0], np.cumsum(np.diff(start)[candidates])]).astype(np.int64)
    rows = [row[start[number] : start[number + 1]] for number in candidates.tolist()]
    return Features(candidates, edges, kept, np.concatenate([np.empty(0, dtype=np.int32), *rows]))


def _columns(language: Language, edges: Int64s) -> tuple[Int64s, Int32s]:
    """The rows of every atom of the language, in compressed columns."""
    row_of = np.full(language.graph.n_edges, -1, dtype=np.int32)
    row_of[edges] = np.arange(len(edges), dtype=np.int32)
    columns = []
    for number in range(language.n_predicates):
        rows = row_of[language.edges(number)]
        columns.append(rows[rows >= 0])
    start = np.concatenate([[0], np.cumsum([len(rows) for rows in columns])]).astype(np.int64)
    return start, np.concatenate([np.empty(0, dtype=np.int32), *columns])


def _distinct(start: Int64s, row: Int32s, n_rows: int) -> Int64s:
    """The first of the columns that hold on the same rows, without those that hold on all or none; told apart by a 64-bit hash."""
    keys = splitmix64(np.arange(n_rows, dtype=np.uint64))
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(keys[row], dtype=np.uint64)])
    _, first = np.unique(sums[start[1:]] - sums[start[:-1]], return_index=True)
    counts = np.diff(start)[first]
    return np.sort(first[(counts > 0) & (counts < n_rows)]).astype(np.int64)


def _centred_regret(task: Task, edges: Int64s) -> Float64s:
    """The regret of each move less the mean regret of its position's moves. [n_rows]"""
    parent = task.graph.edge_parent
    regret = task.solution.regret.astype(np.float64)
    mean = np.bincount(parent, regret, task.graph.n_states) / np.maximum(task.graph.n_moves, 1)
    centred: Float64s = (regret - mean[parent])[edges]
    return centred


@njit
def _error_removed(start: Int64s, row: Int32s, weights: Float64s, centred: Float64s) -> Float64s:
    """How much weighted squared error of values whose weighted mean is zero a split on each column removes. [n_columns]"""
    removed = np.zeros(start.shape[0] - 1, dtype=np.float64)
    everything = weights.sum()
    for column in range(start.shape[0] - 1):
        total, weight = 0.0, 0.0
        for k in range(start[column], start[column + 1]):
            total += weights[row[k]] * centred[row[k]]
            weight += weights[row[k]]
        if 0.0 < weight < everything:
            removed[column] = total * total * (1.0 / weight + 1.0 / (everything - weight))
    return removed
