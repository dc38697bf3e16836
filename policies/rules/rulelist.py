"""Rule lists: ordered rules "play a move that ..." over a language of atoms, and their learner.

`first-match`: the first rule that some legal move satisfies decides, and any move that satisfies it may be played.
`lexicographic`: each rule in turn narrows the moves, wherever some of those left satisfy it. Where no rule applies, any legal
move may be played.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from games.arrays import Float64s
from games.concepts.work import Work
from games.errors import UsageError
from policies.api import FitPath, OneOf, Scores, Task, budget_ladder, check_budgets
from policies.explanation import Explanation
from policies.fitting.conjunction_lists import best_lists, fit_stages
from policies.fitting.decision_costs import Objective, Support
from policies.fitting.greedy import PLACES, SUPPORT, fit_greedy
from policies.language.atoms import SEMANTICS, Literal, Predicate, Rule, atoms_of
from policies.language.language import LanguageName, language_source, make_language
from policies.language.work import Count, looks, work_of
from policies.rules.format.canonical_order import tidy_rules
from policies.rules.format.file import read_rules, write_rules
from policies.rules.format.literals import CLOSED, Code, check_open, file_code
from policies.rules.text import list_in_words

ATOMS = CONJUNCTIONS, SINGLE = ("conjunctions", "single")
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

    def operations(self, task: Task) -> Float64s:
        """Each rule tried is asked for on all moves, literal by literal. [n_states]"""
        graph, atoms = task.graph, atoms_of(task.game, task.graph)
        tried = np.full(graph.n_states, len(self.rules))
        if self.semantics == "first-match":
            best = np.zeros(graph.n_states)
            np.maximum.at(best, graph.edge_parent, self.scores(task))
            tried = np.minimum(tried, len(self.rules) - best.astype(np.int64) + 1)
        count = Count(atoms)
        first: dict[Work, tuple[int, Predicate]] = {}
        for place, rule in enumerate(self.rules):
            for literal in rule:
                first.setdefault(work_of(atoms, literal.atom), (place, literal.atom))
        for place, atom in first.values():
            count.work(atom, (tried > place) & (graph.n_moves > 0))
        a_move = np.cumsum([0, *(sum(looks(atoms, literal.atom) for literal in rule) for rule in self.rules)])
        count.total += a_move[tried] * graph.n_moves
        return count.total


@dataclass(frozen=True)
class RuleListLearner:
    """Fits rule lists; one fit, stopped at every budget, gives the policies of all of them.

    First-match lists for regret grow in stages (policies/fitting/conjunction_lists.py). Each rule is a conjunction, unless `atoms` is
    `single`, and is exchanged where a better one is found, unless `polish` is false. With `best` each budget is a search of its own:
    its list leaves less, and is no part of longer ones. Single atoms without polish, and all lists of other semantics, objectives and
    places, are fitted greedily, with single atoms (policies/fitting/greedy.py).
    """

    language: LanguageName = "concepts+patterns+positions"
    semantics: Semantics = "first-match"
    objective: Objective = "regret"
    place: Annotated[str, OneOf(PLACES), "where in the list a new rule may stand"] = "anywhere"
    support: Support = SUPPORT
    atoms: Annotated[str, OneOf(ATOMS), "whether a rule is a conjunction of atoms, with wildcards in patterns, or a single atom"] = (
        CONJUNCTIONS
    )
    best: Annotated[bool, "look for the best list of each budget by itself, instead of one order of rules for all"] = False
    polish: Annotated[bool, "exchange rules for better ones after they were added"] = True
    code: Code = CLOSED

    name = "rulelist"
    unit = "rules"

    def __post_init__(self) -> None:
        if self.semantics not in SEMANTICS:
            raise UsageError(f"unknown semantics {self.semantics!r}: one of {', '.join(SEMANTICS)}")
        if self.semantics == "lexicographic" and (self.objective, self.place) != ("regret", "anywhere"):
            raise UsageError("lexicographic lists are fitted for regret, each rule at the end: leave objective and place out")
        if self.best and not (self.polish and self.has_stages):
            raise UsageError("best lists are first-match lists, fitted for regret: leave semantics, objective, place and polish out")
        check_open(self.language, self.code)

    @property
    def is_nested(self) -> bool:
        return not self.best

    @property
    def has_stages(self) -> bool:
        """Whether its lists grow in stages (policies/fitting/conjunction_lists.py); others are greedy, with single atoms."""
        is_usual = (self.semantics, self.objective, self.place) == ("first-match", "regret", "anywhere")
        return is_usual and (self.atoms == CONJUNCTIONS or self.polish)

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Each of the first 16 numbers, then half-octave steps; the path ends by itself where no rule helps any more.

        Best lists: 1, 2, 4, ... up to 256, since each is a search of its own.
        """
        if self.best:
            return [1 << i for i in range(9)]
        return sorted({*range(1, 17), *budget_ladder(max(16, task.graph.n_edges))})

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[RuleList]:
        chosen = check_budgets(budgets)
        language = make_language(self.language, task.game, task.graph)
        climbs = self.atoms == CONJUNCTIONS
        if self.best:
            return (yield from _best_path(task, best_lists(task, language, chosen, self.support, climbs), chosen))
        if self.has_stages:
            rules, labels = fit_stages(task, language, chosen[-1], self.support, climbs, self.polish)
        else:
            fit = fit_greedy(task, language, self.semantics, chosen[-1], self.objective, self.place, self.support)
            rules, labels = [(Literal(*language.predicate(number)),) for number in fit.predicates], fit.labels
        n_rules = min(len(rules), chosen[-1])
        for budget in [*(budget for budget in chosen if budget < n_rules), n_rules]:
            yield tidy(RuleList(self.semantics, in_order(rules, labels, budget)), task)
        return len(rules) < chosen[-1]

    def encode(self, policy: RuleList, task: Task) -> bytes:
        return write_rules(policy.semantics, policy.rules, task, file_code(self.language, self.code))

    def decode(self, data: bytes, task: Task) -> RuleList:
        return RuleList(*read_rules(data, task, file_code(self.language, self.code)))

    def source(self, policy: RuleList, task: Task) -> str:
        used = {literal.atom for rule in policy.rules for literal in rule}
        return language_source(self.language, atoms_of(task.game, task.graph), used)

    def explain(self, policy: RuleList, task: Task) -> Explanation:
        return list_in_words(atoms_of(task.game, task.graph), policy.semantics, policy.rules)


def _best_path(task: Task, lists: Iterable[Sequence[Rule]], budgets: Sequence[int]) -> FitPath[RuleList]:
    """The lists as policies, up to the first that has room left: no longer list was found to save more."""
    size, has_room = -1, False
    for budget, rules in zip(budgets, lists, strict=True):
        policy = tidy(RuleList("first-match", tuple(rules)), task)
        has_room = len(rules) < budget
        if policy.size <= size:
            return has_room
        size = policy.size
        yield policy
        if has_room:
            break
    return has_room


def in_order(rules: Sequence[Rule], labels: Sequence[float], n_rules: int) -> tuple[Rule, ...]:
    """The list that stands after the first `n_rules` rules of a fit were added."""
    return tuple(rules[i] for i in np.argsort(labels[:n_rules], kind="stable"))


def tidy(policy: RuleList, task: Task) -> RuleList:
    """The same play without rules that never decide, in the order of policies/rules/format/canonical_order.py."""
    if policy.semantics != "first-match":
        return policy
    return RuleList(policy.semantics, tidy_rules(policy.rules, atoms_of(task.game, task.graph)))
