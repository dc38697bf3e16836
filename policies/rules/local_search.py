"""The learner that searches for rule lists further than greedy fitting goes: by a beam, or by local search from the greedy list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from games.arrays import Float64s, Int32s
from games.errors import UsageError, nearest
from policies.api import Task, budget_ladder, check_budgets
from policies.fitting.anneal import search_list
from policies.fitting.beam import search_beam
from policies.fitting.decision_costs import Pairs, collect_pairs
from policies.fitting.first_match import fill, list_cost
from policies.fitting.greedy import MIN_GAIN, SUPPORT, Fit, fit_greedy, prices
from policies.language.atoms import Literal
from policies.language.language import Language, make_language
from policies.rules.rulelist import RuleList, RuleListLearner, tidy

FITTERS = {"beam": 1000, "anneal": 100_000}  # with their usual effort
FILE = RuleListLearner()


@dataclass(frozen=True)
class SearchLearner:
    """Fits first-match lists for each budget by a beam (policies/fitting/beam.py) or by local search (policies/fitting/anneal.py).

    `effort`: the lists kept of each length by `beam`, the proposals made for each budget by `anneal`, fewer on large games, where a
    proposal is much work; 0 stands for 1,000 and 100,000.
    `objective`: regret, worst or codelength (policies/fitting/decision_costs.py). `support`: the moves for which a pattern must hold to be
    offered. What is found is the best that was met: an upper bound of what lists of that length leave. A path ends at the best length of a
    beam, or at the first budget at which local search finds nothing better.
    """

    fitter: str = "anneal"
    language: str = "words+patterns+positions"
    objective: str = "regret"
    effort: int = 0
    support: int = SUPPORT

    name = "search"
    unit = "rules"
    is_nested = False
    encode, decode = staticmethod(FILE.encode), staticmethod(FILE.decode)
    source, explain = staticmethod(FILE.source), staticmethod(FILE.explain)

    def __post_init__(self) -> None:
        if self.fitter not in FITTERS:
            raise UsageError(f"unknown fitter {self.fitter!r}; {nearest(self.fitter, list(FITTERS))}")
        if self.effort < 0:
            raise UsageError(f"effort {self.effort} is below 0: give a whole number from 1 up, or 0 for the usual effort")

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Half-octave steps up to 64: each is a search of its own."""
        return budget_ladder(64)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[RuleList]:
        chosen = check_budgets(budgets)
        language = make_language(self.language, task.game, task.graph)
        pairs = collect_pairs(task, language, self.objective, self.support)
        price = prices(pairs, language) if self.objective == "codelength" else np.zeros(len(pairs.number))
        effort = self.effort or FITTERS[self.fitter]
        if self.fitter == "beam":
            lists = _beam_lists(pairs, price, chosen, effort)
        else:
            greedy = fit_greedy(task, language, "first-match", chosen[-1], self.objective, support=self.support)
            lists = _annealed(pairs, price, greedy, chosen, effort, seed)
        size = -1
        for rules in lists:
            policy = tidy(_as_rules(pairs, language, rules), task)
            if policy.size <= size:
                return
            size = policy.size
            yield policy


def _beam_lists(pairs: Pairs, price: Float64s, budgets: Sequence[int], width: int) -> Iterator[Int32s]:
    """The best list of exactly each length, up to the best of all."""
    found = search_beam(pairs, price, budgets[-1], width)
    slack = MIN_GAIN * found.cost[0]
    best = next(n for n, cost in enumerate(found.cost) if cost <= min(found.cost) + slack)
    for budget in sorted({min(budget, best) for budget in budgets}):
        yield found.rules[budget]


def _annealed(pairs: Pairs, price: Float64s, greedy: Fit, budgets: Sequence[int], n_proposals: int, seed: int) -> Iterator[Int32s]:
    """For each budget the best list met from the greedy one of that length, or from the one for the budget before, filled up."""
    added = np.searchsorted(pairs.number, greedy.predicates).astype(np.int32)
    last = np.empty(0, dtype=np.int32)
    for budget in budgets:
        prefix = added[np.argsort(greedy.labels[:budget], kind="stable")]
        starts = [fill(pairs, price, rules, budget) for rules in (last, prefix)]
        start = min(starts, key=lambda rules: list_cost(pairs, price, rules))
        last, _ = search_list(pairs, price, start, budget, n_proposals, seed)
        yield last


def _as_rules(pairs: Pairs, language: Language, rules: Int32s) -> RuleList:
    return RuleList("first-match", tuple((Literal(*language.predicate(number)),) for number in pairs.number[rules].tolist()))
