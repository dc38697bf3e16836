"""RIPPER as a learner of rule lists: wittgenstein's, on the atoms of a language, told which moves are optimal.

Cohen, "Fast effective rule induction" (1995), grows conjunctions one at a time, each for optimal moves that no earlier one covers,
prunes them, and revises them all for a shorter description. It knows neither regret nor that the moves of a position compete. Its
rules, in its order, are played by first match.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from games.arrays import Bools
from policies.api import FitPath, Range, Task, budget_ladder, check_budgets
from policies.baselines.common import NFeatures, NPositions, check_options, needs_extra, sample_positions
from policies.language.atoms import Literal, Rule
from policies.language.features import Features, make_features
from policies.language.language import Language, LanguageName, make_language
from policies.rules.format.file import read_rules, write_rules
from policies.rules.format.literals import CLOSED, Code, check_open, file_code
from policies.rules.rulelist import RuleList, RuleListLearner

MAX_RULES = 256  # default budgets end here; on the games tried RIPPER stops long before
FILES = RuleListLearner()  # a list is explained as any other


@dataclass(frozen=True)
class RipperLearner:
    """Fits RIPPER once, on a sample of the positions; budgets are prefixes of its list."""

    language: LanguageName = "concepts+patterns"
    positions: NPositions = 500
    features: NFeatures = 100
    optimizations: Annotated[int, Range(0, 1000), "how often all rules are revised"] = 2
    code: Code = CLOSED

    name = "ripper"
    unit = "rules"
    is_nested = False
    explain = staticmethod(FILES.explain)

    def __post_init__(self) -> None:
        check_options(self, positions=1, features=1, optimizations=0)
        check_open(self.language, self.code)

    def encode(self, policy: RuleList, task: Task) -> bytes:
        return write_rules(policy.semantics, policy.rules, task, file_code(self.language, self.code))

    def source(self, policy: RuleList, task: Task) -> str:
        return RuleListLearner(self.language).source(policy, task)

    def decode(self, data: bytes, task: Task) -> RuleList:
        return RuleList(*read_rules(data, task, file_code(self.language, self.code)))

    def default_budgets(self, task: Task) -> Sequence[int]:
        return budget_ladder(MAX_RULES)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[RuleList]:
        rules = self._fit(task, seed)
        for budget in check_budgets(budgets):
            yield RuleList("first-match", rules[:budget])
            if budget >= len(rules):
                return True
        return False

    def _fit(self, task: Task, seed: int) -> tuple[Rule, ...]:
        with needs_extra(self.name):
            from wittgenstein import RIPPER
        language = make_language(self.language, task.game, task.graph)
        sample = sample_positions(task, self.positions, seed)
        features = make_features(task, language, self.features, sample.edges)
        if not len(features.numbers):
            return ()
        times = sample.counts[np.searchsorted(sample.positions, task.graph.edge_parent[features.edges])]
        table = np.repeat(features.dense().astype(np.bool_), times, axis=0)
        optimal = np.repeat(task.solution.optimal[features.edges], times)
        fitted = _fit_quietly(RIPPER(k=self.optimizations, n_discretize_bins=None, random_state=seed % 2**32), table, optimal)
        return _as_rules(fitted, features, language)


def _fit_quietly(model: Any, table: Bools, optimal: Bools) -> list[list[tuple[int, bool]]]:
    """The (column, value) pairs of each rule. RIPPER seeds Python's own generator, which is given back as it was."""
    state = random.getstate()
    try:
        model.fit(table, y=optimal.tolist(), pos_class=True, feature_names=list(range(table.shape[1])))
    finally:
        random.setstate(state)
    return [[(int(literal.feature), bool(literal.val)) for literal in rule.conds] for rule in model.ruleset_.rules]


def _as_rules(fitted: list[list[tuple[int, bool]]], features: Features, language: Language) -> tuple[Rule, ...]:
    """The rules in the terms of the language, without repeats."""
    rules: dict[Rule, None] = {}
    for pairs in fitted:
        literals = [Literal(*language.predicate(int(features.numbers[column])), holds) for column, holds in sorted(set(pairs))]
        rules[tuple(literals)] = None
    return tuple(rules)
