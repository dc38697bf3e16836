"""The greedy fitter of rule lists: always the rule that lowers the mean regret most, kept exact by incremental updates.

Under `first-match` what a rule does at a position (the mean regret of the moves it leaves) never changes, so its gain is a
sum over its positions of (present regret - its own) and only the present regret moves. Adding a rule touches the
positions where it applies, and there only the predicates that occur. The best rule is read off a tournament tree.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from games.api import Bools
from games.errors import WorkError
from games.jit import njit
from policies.api import Task
from policies.language import Language
from policies.tournament import best_leaf, change_leaf, new_tree, raise_all

LEAST_GAIN = 1e-12  # of the uniform regret; below lies rounding
MOST_MOVES = 64  # the moves of a position are held in a 64-bit mask

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Fit(NamedTuple):
    """Predicates in the order in which their rules were added, where each was put, and the gain after each as the fitter saw it."""

    predicates: list[int]
    in_front: list[bool]  # before all earlier rules; else after them
    gains: list[float]


class Pairs(NamedTuple):
    """Every (contested position, predicate that holds for some of its moves), position by position."""

    start: Ints  # [n_positions + 1]
    predicate: npt.NDArray[np.int32]  # [n_pairs]
    mean: Floats  # [n_pairs] mean regret of the moves for which it holds
    moves: npt.NDArray[np.uint64]  # [n_pairs] those moves, as a mask over the moves of the position


def fit_greedy(task: Task, language: Language, semantics: str, n_rules: int) -> Fit:
    """Add up to `n_rules` rules, fewer when none lowers the regret any more.

    `first-match`: each new rule stands before all earlier ones, as an exception to them, or after them, for what they leave
    open, whichever gains more. `lexicographic`: each new rule stands after all earlier ones and narrows what they leave.
    """
    graph = task.graph
    narrowing = semantics == "lexicographic"
    if narrowing and graph.n_moves.max() > MOST_MOVES:
        raise WorkError(f"{graph.game_id} has positions with more than {MOST_MOVES} moves: fit it with semantics first-match")
    regret = task.solution.regret.astype(np.float64)
    contested = np.zeros(graph.n_states, dtype=bool)
    contested[graph.edge_parent[task.solution.regret > 0]] = True
    positions = np.flatnonzero(contested & (task.weights > 0))
    holds = np.stack(language.holds) if language.holds else np.empty((0, graph.n_edges), dtype=np.bool_)
    first_edge = language.column_start[-1] if language.has_positions else -1
    collected = _collect(positions, graph.edge_start, regret, holds, language.edge_atoms, first_edge, narrowing, language.n_predicates)
    pairs = Pairs(*collected)
    weights, first = task.weights[positions], graph.edge_start[positions]
    present = (np.bincount(graph.edge_parent, regret, graph.n_states)[positions]) / graph.n_moves[positions]
    goal = (language.n_predicates, n_rules, LEAST_GAIN * task.uniform_regret)
    if narrowing:
        found = _fit_lexicographic(pairs.start, pairs.predicate, pairs.mean, pairs.moves, first, regret, weights, present, *goal)
    else:
        found = _fit_first_match(pairs.start, pairs.predicate, pairs.mean, weights, present, *goal)
    chosen, in_front, regrets = found
    return Fit(chosen.tolist(), in_front.tolist(), (1.0 - regrets / task.uniform_regret).tolist())


@njit
def _collect(
    positions: Ints,
    edge_start: Ints,
    regret: Floats,
    holds: Bools,
    edge_pattern: npt.NDArray[np.int32],
    first_edge: int,
    narrowing: bool,
    n_predicates: int,
) -> tuple[Ints, npt.NDArray[np.int32], Floats, npt.NDArray[np.uint64]]:
    """The arrays of Pairs.

    Of the predicates "this position, this move" only the first optimal move's is offered, unless earlier rules can have
    narrowed the moves to others.
    """
    n_words, n_windows = holds.shape[0], edge_pattern.shape[0]
    room = 0
    for position in positions:
        room += (edge_start[position + 1] - edge_start[position]) * (n_windows + 1)
        for word in range(n_words):
            for edge in range(edge_start[position], edge_start[position + 1]):
                room += int(holds[word, edge])
    start = np.zeros(positions.shape[0] + 1, dtype=np.int64)
    predicate = np.empty(room, dtype=np.int32)
    total = np.zeros(room, dtype=np.float64)
    count = np.zeros(room, dtype=np.int64)
    moves = np.zeros(room, dtype=np.uint64)
    last_pair = np.full(n_predicates, -1, dtype=np.int64)
    n = 0
    for i in range(positions.shape[0]):
        first, last = edge_start[positions[i]], edge_start[positions[i] + 1]
        for column in range(n_words + n_windows):
            for edge in range(first, last):
                if column < n_words:
                    if not holds[column, edge]:
                        continue
                    number = column
                else:
                    number = edge_pattern[column - n_words, edge]
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
                if narrowing or regret[edge] == 0:
                    predicate[n], total[n], count[n] = first_edge + edge, regret[edge], 1
                    moves[n] = np.uint64(1) << np.uint64(edge - first)
                    n += 1
                    if not narrowing:
                        break
        start[i + 1] = n
    return start, predicate[:n], total[:n] / count[:n], moves[:n]


@njit
def _by_predicate(predicate: npt.NDArray[np.int32], n_predicates: int) -> tuple[Ints, npt.NDArray[np.int32]]:
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
def _position_of(start: Ints) -> npt.NDArray[np.int32]:
    owner = np.empty(start[-1], dtype=np.int32)
    for i in range(start.shape[0] - 1):
        owner[start[i] : start[i + 1]] = i
    return owner


@njit
def _first_gains(
    start: Ints, predicate: npt.NDArray[np.int32], mean: Floats, weights: Floats, present: Floats, n_predicates: int
) -> Floats:
    """The tree of what each predicate would gain as the only rule."""
    tree = new_tree(n_predicates)
    half = tree.shape[0] // 2
    for i in range(weights.shape[0]):
        for pair in range(start[i], start[i + 1]):
            tree[half + predicate[pair]] += weights[i] * (present[i] - mean[pair])
    raise_all(tree)
    return tree


@njit
def _fit_first_match(
    start: Ints,
    predicate: npt.NDArray[np.int32],
    mean: Floats,
    weights: Floats,
    present: Floats,
    n_predicates: int,
    n_rules: int,
    least: float,
) -> tuple[npt.NDArray[np.int32], Bools, Floats]:
    """Rules in the order of adding, whether each goes before all earlier ones or after, and the mean regret after each.

    `present` is the regret of each position, which is lowered in place; `weights` are those of the positions.
    """
    by_start, by_pairs = _by_predicate(predicate, n_predicates)
    position_of = _position_of(start)
    before = _first_gains(start, predicate, mean, weights, present, n_predicates)
    after = before.copy()
    half = before.shape[0] // 2
    covered = np.zeros(weights.shape[0], dtype=np.bool_)
    level = np.dot(weights, present)
    limit = min(n_rules, predicate.shape[0])
    chosen = np.empty(limit, dtype=np.int32)
    stands_before = np.empty(limit, dtype=np.bool_)
    levels = np.empty(limit, dtype=np.float64)
    n = 0
    while n < limit and max(before[1], after[1]) > least:
        in_front = before[1] > after[1] * (1.0 + 1e-12)
        best = best_leaf(before if in_front else after)
        touched = 0
        for k in range(by_start[best], by_start[best + 1]):
            i = position_of[by_pairs[k]]
            touched += start[i + 1] - start[i]
        in_bulk = 16 * touched > half
        for k in range(by_start[best], by_start[best + 1]):
            i = position_of[by_pairs[k]]
            if covered[i] and not in_front:
                continue
            weight, was = weights[i], present[i]
            present[i] = mean[by_pairs[k]]
            level -= weight * (was - present[i])
            for pair in range(start[i], start[i + 1]):
                change_leaf(before, predicate[pair], weight * (present[i] - was), in_bulk)
                if not covered[i]:
                    change_leaf(after, predicate[pair], -weight * (was - mean[pair]), in_bulk)
            covered[i] = True
        if in_bulk:
            raise_all(before)
            raise_all(after)
        chosen[n], stands_before[n], levels[n] = best, in_front, level
        n += 1
    return chosen[:n], stands_before[:n], levels[:n]


@njit
def _mean_over(moves: np.uint64, regrets: Floats) -> float:
    """The mean of the regrets under a mask that is not empty."""
    total, count = 0.0, 0
    for move in range(min(MOST_MOVES, regrets.shape[0])):
        if (moves >> np.uint64(move)) & np.uint64(1):
            total += regrets[move]
            count += 1
    return total / count


@njit
def _fit_lexicographic(
    start: Ints,
    predicate: npt.NDArray[np.int32],
    mean: Floats,
    moves: npt.NDArray[np.uint64],
    first_edge: Ints,
    regret: Floats,
    weights: Floats,
    present: Floats,
    n_predicates: int,
    n_rules: int,
    least: float,
) -> tuple[npt.NDArray[np.int32], Bools, Floats]:
    """Rules in the order of adding, that each goes after all earlier ones, and the mean regret after each.

    `present` as above; the moves of position i have the regrets from `regret[first_edge[i]]` on.
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
            regrets = regret[first_edge[i] : first_edge[i] + MOST_MOVES]
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
    return chosen[:n], np.zeros(n, dtype=np.bool_), levels[:n]
