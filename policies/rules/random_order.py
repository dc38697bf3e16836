"""Rule lists in random order: the gain of a list whose rules were not chosen.

The atoms of a language are gone through in random order, and each is appended that decides some position which the rules before it
leave open. Held against a fitted list of as many rules, this tells what fitting adds.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from policies.api import FitPath, Task, check_budgets
from policies.fitting.greedy import MIN_GAIN
from policies.language.atoms import Literal, Rule
from policies.language.features import contested_edges
from policies.language.language import LanguageName, make_language
from policies.rules.format.file import read_rules, write_rules
from policies.rules.format.literals import CLOSED, Code, check_open, file_code
from policies.rules.rulelist import RuleList, RuleListLearner

FILES = RuleListLearner()  # a list is explained as any other


@dataclass(frozen=True)
class RandomOrderLearner:
    """Lists of single atoms in random order."""

    language: LanguageName = "concepts+patterns"
    only_gaining: Annotated[bool, "skip an atom unless appending it lowers the regret"] = False
    code: Code = CLOSED

    name = "random_order"
    unit = "rules"
    is_nested = True
    explain = staticmethod(FILES.explain)

    def __post_init__(self) -> None:
        check_open(self.language, self.code)

    def encode(self, policy: RuleList, task: Task) -> bytes:
        return write_rules(policy.semantics, policy.rules, task, file_code(self.language, self.code))

    def source(self, policy: RuleList, task: Task) -> str:
        return RuleListLearner(self.language).source(policy, task)

    def decode(self, data: bytes, task: Task) -> RuleList:
        return RuleList(*read_rules(data, task, file_code(self.language, self.code)))

    def default_budgets(self, task: Task) -> Sequence[int]:
        return FILES.default_budgets(task)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[RuleList]:
        chosen = check_budgets(budgets)
        rules = tuple(itertools.islice(self._kept(task, seed), chosen[-1]))
        for budget in chosen:
            yield RuleList("first-match", rules[:budget])
            if budget >= len(rules):
                break
        return len(rules) < chosen[-1]

    def _kept(self, task: Task, seed: int) -> Iterator[Rule]:
        """The rules of the whole list, first to last."""
        graph = task.graph
        language = make_language(self.language, task.game, graph)
        regret = task.solution.regret.astype(np.float64)
        is_open = np.zeros(graph.n_states, dtype=np.bool_)
        is_open[graph.edge_parent[contested_edges(task)]] = True
        present = np.bincount(graph.edge_parent, regret, graph.n_states) / np.maximum(graph.n_moves, 1)
        least = MIN_GAIN * task.uniform_regret if self.only_gaining else -np.inf
        for number in np.random.default_rng(seed).permutation(language.n_predicates).tolist():
            edges = language.edges(number)
            edges = edges[is_open[graph.edge_parent[edges]]]
            positions, place = np.unique(graph.edge_parent[edges], return_inverse=True)
            means = np.bincount(place, regret[edges]) / np.bincount(place)
            if len(positions) and np.dot(task.weights[positions], present[positions] - means) > least:
                is_open[positions] = False
                yield (Literal(*language.predicate(number)),)
