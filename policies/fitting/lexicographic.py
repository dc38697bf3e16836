"""The greedy fitter of lexicographic lists: each rule narrows the moves that earlier ones leave, so it is put at the end.

What a rule would gain at a position changes only when the moves left there do; the best rule is read off a tournament tree.
"""

import numpy as np

from games.arrays import Bools, Float64s, Int32s, Int64s, UInt64s
from games.errors import WorkError
from games.jit import njit
from policies.api import Task
from policies.fitting.tournament import best_leaf, change_leaf, new_tree, raise_all
from policies.language.language import Language

MAX_MOVES = 64  # the moves of a position are held in a 64-bit mask


def narrow(task: Task, language: Language, n_rules: int, least: float) -> tuple[Int32s, Float64s]:
    """The atoms of up to `n_rules` rules, each the one that lowers the mean regret most, and the regret after each."""
    graph = task.graph
    if graph.n_moves.max() > MAX_MOVES:
        raise WorkError(f"{graph.game_id} has positions with more than {MAX_MOVES} moves: fit it with semantics first-match")
    regret = task.solution.regret.astype(np.float64)
    contested = np.zeros(graph.n_states, dtype=bool)
    contested[graph.edge_parent[task.solution.regret > 0]] = True
    positions = np.flatnonzero(contested & (task.weights > 0))
    holds = np.stack(language.holds) if language.holds else np.empty((0, graph.n_edges), dtype=np.bool_)
    first_edge = int(language.column_start[-1]) if language.has_positions else -1
    pairs = _collect(positions, graph.edge_start, regret, holds, language.number_edges(), first_edge, language.n_predicates)
    weights, first = task.weights[positions], graph.edge_start[positions]
    present = (np.bincount(graph.edge_parent, regret, graph.n_states)[positions]) / graph.n_moves[positions]
    return _narrow(*pairs, first, regret, weights, present, language.n_predicates, n_rules, least)


@njit
def _collect(
    positions: Int64s,
    edge_start: Int64s,
    regret: Float64s,
    holds: Bools,
    edge_pattern: Int32s,
    first_edge: int,
    n_predicates: int,
) -> tuple[Int64s, Int32s, Float64s, UInt64s]:
    """Every (position, atom that holds for some of its moves): start, atom, mean regret of those moves, and they as a mask."""
    n_concepts, n_windows = holds.shape[0], edge_pattern.shape[0]
    room = 0
    for position in positions:
        room += (edge_start[position + 1] - edge_start[position]) * (n_windows + 1)
        for concept in range(n_concepts):
            for edge in range(edge_start[position], edge_start[position + 1]):
                room += int(holds[concept, edge])
    start = np.zeros(positions.shape[0] + 1, dtype=np.int64)
    predicate = np.empty(room, dtype=np.int32)
    total = np.zeros(room, dtype=np.float64)
    count = np.zeros(room, dtype=np.int64)
    moves = np.zeros(room, dtype=np.uint64)
    last_pair = np.full(n_predicates, -1, dtype=np.int64)
    n = 0
    for i in range(positions.shape[0]):
        first, last = edge_start[positions[i]], edge_start[positions[i] + 1]
        for column in range(n_concepts + n_windows):
            for edge in range(first, last):
                if column < n_concepts:
                    if not holds[column, edge]:
                        continue
                    number = column
                else:
                    number = edge_pattern[column - n_concepts, edge]
                    if number < 0:
                        continue
                pair = last_pair[number]
                if pair < start[i]:
                    pair = n
                    last_pair[number] = pair
                    predicate[pair] = number
                    n += 1
                total[pair] += regret[edge]
                count[pair] += 1
                moves[pair] |= np.uint64(1) << np.uint64(edge - first)
        if first_edge >= 0:
            for edge in range(first, last):
                predicate[n], total[n], count[n] = first_edge + edge, regret[edge], 1
                moves[n] = np.uint64(1) << np.uint64(edge - first)
                n += 1
        start[i + 1] = n
    return start, predicate[:n], total[:n] / count[:n], moves[:n]


@njit
def _by_predicate(predicate: Int32s, n_predicates: int) -> tuple[Int64s, Int32s]:
    """The pairs of each predicate, in CSR form."""
    start = np.zeros(n_predicates + 1, dtype=np.int64)
    for number in predicate:
        start[number + 1] += 1
    start[1:] = np.cumsum(start[1:])
    pairs = np.empty(predicate.shape[0], dtype=np.int32)
    fill = start[:-1].copy()
    for pair in range(predicate.shape[0]):
        pairs[fill[predicate[pair]]] = pair
        fill[predicate[pair]] += 1
    return start, pairs


@njit
def _position_of(start: Int64s) -> Int32s:
    owner = np.empty(start[-1], dtype=np.int32)
    for i in range(start.shape[0] - 1):
        owner[start[i] : start[i + 1]] = i
    return owner


@njit
def _first_gains(start: Int64s, predicate: Int32s, mean: Float64s, weights: Float64s, present: Float64s, n_predicates: int) -> Float64s:
    """The tree of what each predicate would gain as the only rule."""
    tree = new_tree(n_predicates)
    half = tree.shape[0] // 2
    for i in range(weights.shape[0]):
        for pair in range(start[i], start[i + 1]):
            tree[half + predicate[pair]] += weights[i] * (present[i] - mean[pair])
    raise_all(tree)
    return tree


@njit
def _mean_over(moves: np.uint64, regrets: Float64s) -> float:
    """The mean of the regrets under a mask that is not empty."""
    total, count = 0.0, 0
    for move in range(min(MAX_MOVES, regrets.shape[0])):
        if (moves >> np.uint64(move)) & np.uint64(1):
            total += regrets[move]
            count += 1
    return total / count


@njit
def _narrow(
    start: Int64s,
    predicate: Int32s,
    mean: Float64s,
    moves: UInt64s,
    first_edge: Int64s,
    regret: Float64s,
    weights: Float64s,
    present: Float64s,
    n_predicates: int,
    n_rules: int,
    least: float,
) -> tuple[Int32s, Float64s]:
    """Rules in the order of adding, and the mean regret after each.

    `present` is the regret of each position, lowered in place; the moves of position i have the regrets from `regret[first_edge[i]]` on.
    """
    by_start, by_pairs = _by_predicate(predicate, n_predicates)
    position_of = _position_of(start)
    tree = _first_gains(start, predicate, mean, weights, present, n_predicates)
    left = np.full(weights.shape[0], ~np.uint64(0), dtype=np.uint64)
    level = np.dot(weights, present)
    limit = min(n_rules, predicate.shape[0])
    chosen = np.empty(limit, dtype=np.int32)
    levels = np.empty(limit, dtype=np.float64)
    n = 0
    while n < limit and tree[1] > least:
        best = best_leaf(tree)
        for k in range(by_start[best], by_start[best + 1]):
            i = position_of[by_pairs[k]]
            kept = left[i] & moves[by_pairs[k]]
            if kept == np.uint64(0) or kept == left[i]:
                continue
            regrets = regret[first_edge[i] : first_edge[i] + MAX_MOVES]
            weight, after = weights[i], _mean_over(kept, regrets)
            for pair in range(start[i], start[i + 1]):
                change = 0.0
                if left[i] & moves[pair]:
                    change -= weight * (present[i] - _mean_over(left[i] & moves[pair], regrets))
                if kept & moves[pair]:
                    change += weight * (after - _mean_over(kept & moves[pair], regrets))
                change_leaf(tree, predicate[pair], change, False)
            level -= weight * (present[i] - after)
            present[i], left[i] = after, kept
        chosen[n], levels[n] = best, level
        n += 1
    return chosen[:n], levels[:n]
