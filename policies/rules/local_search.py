"""The learner that searches for rule lists further than greedy fitting goes: by a beam, or by local search from the greedy list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from games.arrays import Float64s, Int32s
from games.errors import UsageError, nearest
from policies.api import FitPath, OneOf, Range, Task, budget_ladder, check_budgets
from policies.fitting.anneal import search_list
from policies.fitting.beam import search_beam
from policies.fitting.decision_costs import Objective, Pairs, Support, collect_pairs
from policies.fitting.first_match import fill, list_cost
from policies.fitting.greedy import MIN_GAIN, SUPPORT, Fit, fit_greedy, prices
from policies.language.atoms import Literal
from policies.language.language import Language, LanguageName, make_language
from policies.rules.format.file import read_rules, write_rules
from policies.rules.format.literals import CLOSED, Code, check_open, file_code
from policies.rules.rulelist import RuleList, RuleListLearner, tidy

FITTERS = {"beam": 1000, "anneal": 100_000}  # with their usual effort
MAX_EFFORT = 1_000_000_000
FILE = RuleListLearner()


@dataclass(frozen=True)
class LocalSearchLearner:
    """Fits first-match lists for each budget by a beam (policies/fitting/beam.py) or by local search (policies/fitting/anneal.py).

    What is found is the best that was met: an upper bound of what lists of that length leave. A path ends at the best length of a
    beam, or at the first budget at which local search finds nothing better.
    """

    fitter: Annotated[str, OneOf(tuple(FITTERS)), "how lists are searched: by a beam, or by local search"] = "anneal"
    language: LanguageName = "concepts+patterns+positions"
    objective: Objective = "regret"
    effort: Annotated[
        int,
        Range(0, MAX_EFFORT),
        "lists of each length that a beam keeps, or proposals of local search for each budget; 0: the usual 1,000 or 100,000",
    ] = 0
    support: Support = SUPPORT
    code: Code = CLOSED

    name = "local_search"
    unit = "rules"
    is_nested = False
    explain = staticmethod(FILE.explain)

    def __post_init__(self) -> None:
        if self.fitter not in FITTERS:
            raise UsageError(f"unknown fitter {self.fitter!r}; {nearest(self.fitter, list(FITTERS))}")
        if self.effort < 0:
            raise UsageError(f"effort {self.effort} is below 0: give a whole number from 1 up, or 0 for the usual effort")
        check_open(self.language, self.code)

    def encode(self, policy: RuleList, task: Task) -> bytes:
        return write_rules(policy.semantics, policy.rules, task, file_code(self.language, self.code))

    def source(self, policy: RuleList, task: Task) -> str:
        return RuleListLearner(self.language).source(policy, task)

    def decode(self, data: bytes, task: Task) -> RuleList:
        return RuleList(*read_rules(data, task, file_code(self.language, self.code)))

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Half-octave steps up to 64: each is a search of its own."""
        return budget_ladder(64)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[RuleList]:
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
        size, n_lists, has_room = -1, 0, False
        for budget, rules in zip(chosen, lists, strict=False):
            policy = tidy(_as_rules(pairs, language, rules), task)
            n_lists, has_room = n_lists + 1, len(rules) < budget
            if policy.size <= size:
                return has_room  # without room, a search for a longer list might still find one
            size = policy.size
            yield policy
        return has_room or n_lists < len(chosen)


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
