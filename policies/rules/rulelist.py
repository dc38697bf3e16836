"""Rule lists: ordered rules "play a move that ..." over a language of atoms, and their learner.

`first-match`: the first rule that some legal move satisfies decides, and any move that satisfies it may be played.
`lexicographic`: each rule in turn narrows the moves, wherever some of those left satisfy it. Where no rule applies, any legal
move may be played.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from games.errors import UsageError
from policies.api import FitPath, OneOf, Scores, Task, budget_ladder, check_budgets
from policies.explanation import Explanation
from policies.fitting.column_generation import fit_refined
from policies.fitting.decision_costs import Objective, Support
from policies.fitting.greedy import PLACES, SUPPORT, fit_greedy
from policies.language.atoms import SEMANTICS, Literal, Rule, atoms_of
from policies.language.language import LanguageName, make_language
from policies.rules.format.canonical_order import tidy_rules
from policies.rules.format.file import read_rules, write_rules
from policies.rules.format.literals import CLOSED, Code, check_open
from policies.rules.text import list_in_words

MAX_REFINED = 128  # rules, unless the budget says otherwise
Semantics = Annotated[str, OneOf(SEMANTICS), "whether the first rule that some move satisfies decides, or each rule narrows the moves"]


@dataclass(frozen=True)
class RuleList:
    """A rule list, the first rule first; a rule is a conjunction of literals (policies/language/atoms.py)."""

    semantics: str
    rules: tuple[Rule, ...]

    @property
    def size(self) -> int:
        return len(self.rules)

    def scores(self, task: Task) -> Scores:
        """How far down the list a move stays in play.

        Under `first-match`, the number of rules from the first one that the move satisfies to the end; under
        `lexicographic`, the number of rules that the move survives.
        """
        atoms = atoms_of(task.game, task.graph)
        scores = np.zeros(task.graph.n_edges)
        if self.semantics == "first-match":
            for score, rule in enumerate(reversed(self.rules), start=1):
                scores[atoms.rule_edges(rule)] = score
            return scores
        left = np.ones(task.graph.n_edges, dtype=bool)
        for score, rule in enumerate(self.rules, start=1):
            holds = np.zeros(task.graph.n_edges, dtype=bool)
            holds[atoms.rule_edges(rule)] = True
            narrowed = np.zeros(task.graph.n_states, dtype=bool)
            narrowed[task.graph.edge_parent[holds & left]] = True
            left &= holds | ~narrowed[task.graph.edge_parent]
            scores[left] = score
        return scores

    def operations(self, task: Task) -> float:
        """Mean number of operations: for each rule tried and legal move one for each literal, and for lookahead every line tried out."""
        graph, atoms = task.graph, atoms_of(task.game, task.graph)
        tried = np.full(graph.n_states, len(self.rules))
        if self.semantics == "first-match":
            best = np.zeros(graph.n_states)
            np.maximum.at(best, graph.edge_parent, self.scores(task))
            tried = np.minimum(tried, len(self.rules) - best.astype(np.int64) + 1)
        depths = [atoms.depths(rule) for rule in self.rules]
        alike = {
            depth: literal.atom for rule, row in zip(self.rules, depths, strict=True) for literal, depth in zip(rule, row, strict=True)
        }
        total = np.zeros(graph.n_states)
        for depth, atom in alike.items():  # atoms of one depth take the same
            total += np.cumsum([0, *(row.count(depth) for row in depths)])[tried] * atoms.operations(atom)
        return float(np.dot(task.weights, total))


@dataclass(frozen=True)
class RuleListLearner:
    """Fits rule lists greedily (policies/fitting/greedy.py); one fit, stopped at every budget, gives the policies of all of them.

    `objective` (policies/fitting/decision_costs.py), `place`, `support` and `refined` (policies/fitting/column_generation.py, about a
    second a rule on Go 3x4) are for first-match lists.
    """

    language: LanguageName = "concepts+patterns+positions"
    semantics: Semantics = "first-match"
    objective: Objective = "regret"
    place: Annotated[str, OneOf(PLACES), "where in the list a new rule may stand"] = "anywhere"
    support: Support = SUPPORT
    refined: Annotated[bool, "grow every rule into a conjunction, with wildcards in patterns"] = False
    code: Code = CLOSED

    name = "rulelist"
    unit = "rules"
    is_nested = True

    def __post_init__(self) -> None:
        if self.semantics not in SEMANTICS:
            raise UsageError(f"unknown semantics {self.semantics!r}: one of {', '.join(SEMANTICS)}")
        if self.semantics == "lexicographic" and (self.objective, self.place, self.refined) != ("regret", "anywhere", False):
            raise UsageError("lexicographic lists are fitted for regret, each rule at the end: leave objective, place and refined out")
        if self.refined and self.place != "anywhere":
            raise UsageError("refined rules may stand anywhere: leave place out")
        check_open(self.language, self.code)

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Each of the first 16 numbers, then half-octave steps; the path ends by itself where no rule helps any more."""
        return sorted({*range(1, 17), *budget_ladder(MAX_REFINED if self.refined else max(16, task.graph.n_edges))})

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[RuleList]:
        chosen = check_budgets(budgets)
        language = make_language(self.language, task.game, task.graph)
        if self.refined:
            rules, labels, _ = fit_refined(task, language, chosen[-1], self.objective, self.support)
        else:
            fit = fit_greedy(task, language, self.semantics, chosen[-1], self.objective, self.place, self.support)
            rules, labels = [(Literal(*language.predicate(number)),) for number in fit.predicates], fit.labels
        for budget in [*(budget for budget in chosen if budget < len(rules)), min(len(rules), chosen[-1])]:
            yield tidy(RuleList(self.semantics, in_order(rules, labels, budget)), task)
        return len(rules) < chosen[-1]

    def encode(self, policy: RuleList, task: Task) -> bytes:
        return write_rules(policy.semantics, policy.rules, task, self.code)

    def decode(self, data: bytes, task: Task) -> RuleList:
        return RuleList(*read_rules(data, task, self.code))

    def source(self, policy: RuleList, task: Task) -> str:
        return atoms_of(task.game, task.graph).source({literal.atom for rule in policy.rules for literal in rule})

    def explain(self, policy: RuleList, task: Task) -> Explanation:
        return list_in_words(atoms_of(task.game, task.graph), policy.semantics, policy.rules)


def in_order(rules: Sequence[Rule], labels: Sequence[float], n_rules: int) -> tuple[Rule, ...]:
    """The list that stands after the first `n_rules` rules of a fit were added."""
    return tuple(rules[i] for i in np.argsort(labels[:n_rules], kind="stable"))


def tidy(policy: RuleList, task: Task) -> RuleList:
    """The same play without rules that never decide, in the order of policies/rules/format/canonical_order.py."""
    if policy.semantics != "first-match":
        return policy
    return RuleList(policy.semantics, tidy_rules(policy.rules, atoms_of(task.game, task.graph)))
