"""What each rule of a greedy list gains and how much of the game it decides, and what both would be if neither meant anything.

Two nulls. Frequency: a rule gains in proportion to the positions that it decides, and to nothing else. Shuffled: the same positions,
moves and losses, but in every position it is drawn at random which move loses what; so whatever a list gains there beyond single
positions is luck that a greedy fit has picked out and sorted.
"""

from dataclasses import dataclass

import numpy as np

from bench.tails.curves import Curve, counted_curve
from bench.tails.index import TailIndex, discrete_index, hill
from bench.tails.judged import TABLE
from bench.tails.verdict import Tail, tail_of
from games.arrays import Float64s, Int64s
from games.errors import UsageError
from policies.api import Task, budget_ladder
from policies.fitting.greedy import fit_greedy
from policies.language.language import make_language
from policies.rules.rulelist import RuleListLearner
from policies.task import shuffled_task

MAX_SHUFFLED = 5_000  # rules fitted to a shuffled task, whose full lists are about as long as tables


@dataclass(frozen=True, eq=False)
class Earnings:
    """Rules in the order in which a greedy fit added them."""

    gains: Float64s  # [n_rules] marginal gain
    weights: Float64s  # [n_rules] weight of the contested positions that each decided when it was added
    n_positions: int
    is_finished: bool  # no further rule gains anything

    @property
    def curve(self) -> Curve:
        """What is left after each number of rules."""
        return sorted_curve(self.gains, self.n_positions, self.is_finished, gained=float(self.gains.sum()))


@dataclass(frozen=True)
class FrequencyNull:
    """How much of what a rule gains is explained by how much it decides, over rules that gain at least one average position's share."""

    n_rules: int
    rank_correlation: float  # Spearman's, of gain and weight
    slope: float  # of ln gain on ln weight: 1 where gain is in proportion to frequency
    explained: float  # R^2 of that line
    explained_in_proportion: float  # R^2 with the slope held at 1; below 0: worse than no line at all


@dataclass(frozen=True)
class GainIndex:
    """How the sizes of the gains of at least TABLE average positions are distributed, two estimates of the same index."""

    hill: TailIndex
    discrete: TailIndex  # of gains rounded to whole average positions


@dataclass(frozen=True)
class Nulls:
    """What a list is to be held against."""

    index: GainIndex | str  # of its own gains; in words where these are too few
    frequency: FrequencyNull | str  # in words where rules are too few or too alike
    in_proportion: Tail  # of a list whose rules gain in proportion to what they decide
    shuffled: Tail  # of a list fitted where it is drawn which move loses what


def earnings(task: Task, learner: RuleListLearner, n_rules: int) -> Earnings:
    """Fit a first-match list for regret and follow which rule takes which positions over.

    Raises UsageError for lists of another kind, whose rules have no gain of their own in this sense.
    """
    if not is_plain(learner):
        raise UsageError("earnings are told for first-match lists fitted for regret with atoms=single and polish=false: give these options")
    graph, regret = task.graph, task.solution.regret.astype(np.float64)
    language = make_language(learner.language, task.game, graph)
    fit = fit_greedy(task, language, learner.semantics, n_rules, learner.objective, learner.place, learner.support)
    is_contested = np.zeros(graph.n_states, dtype=np.bool_)
    is_contested[graph.edge_parent[task.solution.regret > 0]] = True
    present = np.bincount(graph.edge_parent, regret, graph.n_states) / np.maximum(graph.n_moves, 1)
    place = np.full(graph.n_states, np.inf)
    gains, weights = np.zeros(len(fit.predicates)), np.zeros(len(fit.predicates))
    for i, (number, label) in enumerate(zip(fit.predicates, fit.labels, strict=True)):
        edges = language.edges(number)
        parents = graph.edge_parent[edges]
        is_taken = is_contested[parents] & (place[parents] > label)
        states, which = np.unique(parents[is_taken], return_inverse=True)
        means = np.bincount(which, regret[edges[is_taken]], len(states)) / np.maximum(np.bincount(which, minlength=len(states)), 1)
        gains[i] = np.dot(task.weights[states], present[states] - means) / task.uniform_regret
        weights[i] = task.weights[states].sum()
        present[states], place[states] = means, label
    return Earnings(gains, weights, len(graph.positions), len(fit.predicates) < n_rules)


def is_plain(learner: RuleListLearner) -> bool:
    """Whether every rule of its lists has a gain of its own."""
    return (learner.semantics, learner.objective, learner.has_stages) == ("first-match", "regret", False)


def frequency_null(earned: Earnings) -> FrequencyNull:
    """Hold the gain of each rule against the weight of what it decides. Raises UsageError for fewer than three rules."""
    from scipy.stats import spearmanr

    kept = (earned.gains >= 1.0 / earned.n_positions) & (earned.weights > 0)
    if kept.sum() < 3:
        raise UsageError(f"{kept.sum()} rules gain more than single positions: too few to hold against their frequency")
    x, y = np.log(earned.weights[kept]), np.log(earned.gains[kept])
    total = float(((y - y.mean()) ** 2).sum())
    spread = float(((x - x.mean()) ** 2).sum())
    if min(total, spread) < 1e-9:
        raise UsageError("all rules gain, or decide, the same: there is nothing to explain")
    slope = float(np.dot(x - x.mean(), y - y.mean()) / spread)
    in_proportion = y - x - (y - x).mean()
    return FrequencyNull(
        n_rules=int(kept.sum()),
        rank_correlation=float(spearmanr(x, y).statistic),
        slope=slope,
        explained=slope**2 * spread / total,
        explained_in_proportion=1.0 - float((in_proportion**2).sum()) / total,
    )


def gain_index(earned: Earnings) -> GainIndex:
    """The tail index of the marginal gains. Raises UsageError where fewer than two are large enough."""
    in_positions = earned.gains * earned.n_positions
    least = int(TABLE)
    return GainIndex(hill(in_positions, least), discrete_index(np.rint(in_positions).astype(np.int64), least))


def nulls_of(task: Task, learner: RuleListLearner, n_rules: int) -> Nulls:
    """Fit a list of up to `n_rules` rules to the task and to its shuffled twin, and hold it against both nulls."""
    earned = earnings(task, learner, n_rules)
    shuffled = earnings(shuffled_task(task, seed=0), learner, min(n_rules, MAX_SHUFFLED))
    try:
        frequency: FrequencyNull | str = frequency_null(earned)
    except UsageError as error:
        frequency = str(error)
    try:
        index: GainIndex | str = gain_index(earned)
    except UsageError as error:
        index = str(error)
    return Nulls(index, frequency, tail_of(frequency_curve(earned)), tail_of(shuffled.curve))


def frequency_curve(earned: Earnings) -> Curve:
    """The curve of a list whose rules, best first, gain in proportion to what they decide, as much together as the fitted ones do."""
    gained = float(earned.gains.sum())
    return sorted_curve(earned.weights / earned.weights.sum() * gained, earned.n_positions, earned.is_finished, gained)


def sorted_curve(gains: Float64s, n_positions: int, is_finished: bool, gained: float) -> Curve:
    """The curve of rules of these gains, which add up to `gained`, largest first; at the sizes of the usual budgets."""
    best_first = -np.sort(-np.asarray(gains, dtype=np.float64))
    sizes: Int64s = np.array([0, *sorted({*range(1, min(17, len(gains) + 1)), *budget_ladder(len(gains))})])
    residuals = 1.0 - np.concatenate([[0.0], np.cumsum(best_first)])[sizes]
    if abs(gained - 1.0) < 1e-9:
        residuals[-1] = 0.0
    return counted_curve(sizes, residuals, 1.0 / n_positions, is_finished, unit=1.0)
