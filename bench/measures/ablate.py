"""How much each rule of a list matters, measured three ways: by what it adds in its place, by what is lost without it, by its share.

The gain of a list splits up over its rules: *in order*, rule k gets g(k) - g(k - 1), the gain of the first k rules less that of
the first k - 1; *without it*, g(all) - g(all but k), what deleting the rule alone would cost (as Optimal Brain Damage asks of
a network's weights: LeCun, Denker & Solla 1990); and the *Shapley value*, the mean of what the rule adds to a set of earlier
rules over all orders of adding them (Shapley, A value for n-person games, 1953). A list of some of the rules keeps their
order. In-order gains and Shapley values both sum to the gain of the list.

All three are sums over positions, so each position is split up by itself, among the rules that apply there. Under first-match the
Shapley values then have a closed form. Under lexicographic they are exact up to EXACT rules at a position, and estimated
from random orders of those rules beyond.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from games.arrays import Bools, Float64s, Int64s, UInt64s
from games.errors import WorkError
from games.jit import njit
from policies.api import Task
from policies.language.atoms import atoms_of
from policies.rules.rulelist import RuleList

EXACT = 10  # rules that narrow the moves of a position, up to which all their subsets are tried
MAX_MOVES = 64  # the moves of a position are held in a 64-bit mask


@dataclass(frozen=True, eq=False)
class Importance:
    """The three measures of every rule, in units of gain; `errors` are the standard errors of the Shapley values, 0 where exact."""

    in_order: Float64s
    without: Float64s
    shapley: Float64s
    errors: Float64s
    n_samples: int  # random orders at every position that has too many rules; 0 if there is none: all is exact
    seed: int

    def rank_correlations(self) -> dict[tuple[str, str], float | None]:
        """Kendall's tau-b between the place in the list (first is most) and the three measures; None where one of two is constant."""
        from scipy.stats import kendalltau

        n_rules = len(self.in_order)
        orders = {"place": -np.arange(n_rules), "in order": self.in_order, "without it": self.without, "Shapley value": self.shapley}
        found: dict[tuple[str, str], float | None] = {}
        for one, other in combinations(orders, 2):
            a, b = (np.round(orders[name], 12) for name in (one, other))
            constant = n_rules < 2 or np.ptp(a) == 0 or np.ptp(b) == 0
            found[one, other] = None if constant else round(float(kendalltau(a, b).statistic), 12)
        return found


@dataclass(frozen=True, eq=False)
class Applications:
    """Every (contested position, rule that some of its moves satisfy), position by position, rules in the order of the list."""

    states: Int64s  # [n_positions] those at which some rule applies
    start: Int64s  # [n_positions + 1]
    rule: Int64s  # [n_pairs]
    mean: Float64s  # [n_pairs] mean regret of the moves that satisfy the rule
    moves: UInt64s  # [n_pairs] those moves, as a mask over the moves of the position


def importance(policy: RuleList, task: Task, n_samples: int = 200, seed: int = 0) -> Importance:
    """The importance of every rule of a list. Raises WorkError for a lexicographic list where a position has more than 64 moves."""
    graph = task.graph
    narrowing = policy.semantics == "lexicographic"
    if narrowing and graph.n_moves.max() > MAX_MOVES:
        raise WorkError(f"{graph.game_id} has positions with more than {MAX_MOVES} moves: ablate a list with semantics first-match")
    found = applications(policy, task)
    weights = task.weights[found.states] / (task.uniform_regret or 1.0)
    regret = task.solution.regret.astype(np.float64)
    if narrowing:
        first, n_moves = graph.edge_start[found.states], graph.n_moves[found.states]
        start_random = np.uint64(2 * seed + 1)  # odd: xorshift never leaves 0
        pairs = (found.start, found.rule, found.moves, first, n_moves, regret, weights, policy.size)
        in_order, without, shapley, variance, any_sampled = _split_narrowing(*pairs, n_samples, start_random)
        return Importance(in_order, without, shapley, np.sqrt(variance), n_samples if any_sampled else 0, seed)
    uniform = np.bincount(graph.edge_parent, regret, graph.n_states)[found.states] / graph.n_moves[found.states]
    measures = _split_first_match(found.start, found.rule, found.mean, uniform, weights, policy.size)
    return Importance(*measures, np.zeros(policy.size), 0, seed)


def applications(policy: RuleList, task: Task) -> Applications:
    """Where each rule of a list applies, among the positions at which some move is worse than another."""
    graph, atoms = task.graph, atoms_of(task.game, task.graph)
    contested = np.zeros(graph.n_states, dtype=bool)
    contested[graph.edge_parent[task.solution.regret > 0]] = True
    contested &= task.weights > 0
    states, rules, means, masks = [], [], [], []
    for number, rule in enumerate(policy.rules):
        edges = atoms.rule_edges(rule)
        edges = edges[contested[graph.edge_parent[edges]]]
        if len(edges):
            parents = graph.edge_parent[edges]
            begin = np.flatnonzero(np.diff(parents, prepend=-1))
            states.append(parents[begin].astype(np.int64))
            rules.append(np.full(len(begin), number))
            totals = np.add.reduceat(task.solution.regret[edges].astype(np.float64), begin)
            means.append(totals / np.diff(begin, append=len(edges)))
            moves = np.uint64(1) << ((edges - graph.edge_start[parents]) & 63).astype(np.uint64)
            masks.append(np.bitwise_or.reduceat(moves, begin))
    state = np.concatenate([np.empty(0, dtype=np.int64), *states])
    order = np.argsort(state, kind="stable")
    present, start = np.unique(state[order], return_index=True)
    return Applications(
        states=present,
        start=np.append(start, len(state)).astype(np.int64),
        rule=np.concatenate([np.empty(0, dtype=np.int64), *rules])[order],
        mean=np.concatenate([np.empty(0), *means])[order],
        moves=np.concatenate([np.empty(0, dtype=np.uint64), *masks])[order],
    )


@njit
def _split_first_match(
    start: Int64s, rule: Int64s, mean: Float64s, uniform: Float64s, weights: Float64s, n_rules: int
) -> tuple[Float64s, Float64s, Float64s]:
    """In-order gains, losses without each rule, and Shapley values.

    At a position the first rule that is present decides. So the j-th of the rules that apply there is worth what it saves, d(j),
    when it is present and the j - 1 before it are not: in 1 / j of all orders it comes before all those, and then adds d(j);
    each of those is the one that takes that away again in 1 / (j (j - 1)) of all orders.
    """
    in_order, without, shapley = np.zeros(n_rules), np.zeros(n_rules), np.zeros(n_rules)
    for i in range(weights.shape[0]):
        first, last = start[i], start[i + 1]
        saved = weights[i] * (uniform[i] - mean[first])
        in_order[rule[first]] += saved
        without[rule[first]] += saved
        if last - first > 1:
            without[rule[first]] -= weights[i] * (uniform[i] - mean[first + 1])
        taken_away = 0.0
        for pair in range(last - 1, first - 1, -1):
            n_before = pair - first
            saved = weights[i] * (uniform[i] - mean[pair])
            shapley[rule[pair]] += saved / (n_before + 1) - taken_away
            if n_before:
                taken_away += saved / (n_before * (n_before + 1))
    return in_order, without, shapley


@njit
def _left_regret(masks: UInt64s, present: Bools, regrets: Float64s, n_moves: int) -> float:
    """The mean regret of the moves that the rules present leave."""
    left = ~np.uint64(0) >> np.uint64(64 - n_moves)
    for k in range(masks.shape[0]):
        if present[k] and left & masks[k]:
            left &= masks[k]
    total, count = 0.0, 0
    for move in range(n_moves):
        if (left >> np.uint64(move)) & np.uint64(1):
            total += regrets[move]
            count += 1
    return total / count


@njit
def _split_narrowing(
    start: Int64s,
    rule: Int64s,
    moves: UInt64s,
    first_edge: Int64s,
    n_moves: Int64s,
    regret: Float64s,
    weights: Float64s,
    n_rules: int,
    n_samples: int,
    random: np.uint64,
) -> tuple[Float64s, Float64s, Float64s, Float64s, bool]:
    """The three measures, the variance of the estimated Shapley values, and whether any was estimated."""
    in_order, without, shapley, variance = np.zeros(n_rules), np.zeros(n_rules), np.zeros(n_rules), np.zeros(n_rules)
    any_sampled = False
    regret_of = np.empty(1 << EXACT)
    share = np.empty(EXACT)
    for i in range(weights.shape[0]):
        everything = ~np.uint64(0) >> np.uint64(64 - n_moves[i])
        chosen = np.flatnonzero(moves[start[i] : start[i + 1]] != everything)  # the others narrow nothing
        m, weight = chosen.shape[0], weights[i]
        masks, numbers = moves[start[i] : start[i + 1]][chosen], rule[start[i] : start[i + 1]][chosen]
        regrets = regret[first_edge[i] : first_edge[i] + n_moves[i]]
        present = np.zeros(m, dtype=np.bool_)
        before = _left_regret(masks, present, regrets, n_moves[i])
        for k in range(m):
            present[k] = True
            after = _left_regret(masks, present, regrets, n_moves[i])
            in_order[numbers[k]] += weight * (before - after)
            before = after
        for k in range(m):
            present[k] = False
            without[numbers[k]] += weight * (_left_regret(masks, present, regrets, n_moves[i]) - before)
            present[k] = True
        if m <= EXACT:
            for subset in range(1 << m):
                for k in range(m):
                    present[k] = subset >> k & 1
                regret_of[subset] = _left_regret(masks, present, regrets, n_moves[i])
            for size in range(m):  # of orders, those in which a set of this size and no other stands before the rule
                share[size] = 1.0 / m if size == 0 else share[size - 1] * size / (m - size)
            for subset in range(1 << m):
                size = 0
                for k in range(m):
                    size += subset >> k & 1
                for k in range(m):
                    if not subset >> k & 1:
                        shapley[numbers[k]] += weight * share[size] * (regret_of[subset] - regret_of[subset | 1 << k])
            continue
        any_sampled = True
        total, squares = np.zeros(m), np.zeros(m)
        order = np.arange(m)
        for _ in range(n_samples):
            for k in range(m - 1, 0, -1):
                random ^= random << np.uint64(13)  # xorshift: Marsaglia 2003
                random ^= random >> np.uint64(7)
                random ^= random << np.uint64(17)
                other = np.int64((random >> np.uint64(1)) % np.uint64(k + 1))
                order[k], order[other] = order[other], order[k]
            present[:] = False
            before = _left_regret(masks, present, regrets, n_moves[i])
            for place in range(m):
                k = order[place]
                present[k] = True
                after = _left_regret(masks, present, regrets, n_moves[i])
                total[k] += before - after
                squares[k] += (before - after) ** 2
                before = after
        for k in range(m):
            shapley[numbers[k]] += weight * total[k] / n_samples
            spread = max(0.0, squares[k] - total[k] ** 2 / n_samples) / max(1, n_samples - 1)
            variance[numbers[k]] += weight**2 * spread / n_samples
    return in_order, without, shapley, variance, any_sampled
