"""Rule lists: ordered rules "play a move that ..." over a language of atoms, and their learner.

`first-match`: the first rule that some legal move satisfies decides, and any move that satisfies it may be played.
`lexicographic`: each rule in turn narrows the moves, wherever some of those left satisfy it. Where no rule applies, any legal
move may be played.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from games.errors import UsageError
from policies.api import Scores, Task, budget_ladder, check_budgets
from policies.atoms import Literal, Rule, atoms_of
from policies.entropy import Decoder, Encoder
from policies.greedy import SUPPORT, Fit, fit_greedy
from policies.language import Language, make_language
from policies.lookahead import n_sequences
from policies.rule_coding import code_rules
from policies.rule_text import list_in_words
from policies.shortest import SEMANTICS


@dataclass(frozen=True)
class RuleList:
    """A rule list, the first rule first; a rule is a conjunction of literals (policies/atoms.py)."""

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
        total = np.zeros(graph.n_states)
        for plies in {depth for rule in depths for depth in rule}:
            n_literals = np.cumsum([0, *(rule.count(plies) for rule in depths)])[tried]
            total += n_literals * (n_sequences(graph, plies) if plies else graph.n_moves)
        return float(np.dot(task.weights, total))


@dataclass(frozen=True)
class RuleListLearner:
    """Fits rule lists greedily (policies/greedy.py); one fit, stopped at every budget, gives the policies of all of them.

    `objective`: regret, worst or codelength (policies/pairs.py); `place`: where new rules may stand (policies/insertion.py);
    `support`: the number of moves for which a pattern must hold to be offered. All three are for first-match lists.
    """

    language: str = "words+patterns+positions"
    semantics: str = "first-match"
    objective: str = "regret"
    place: str = "anywhere"
    support: int = SUPPORT

    name = "rulelist"
    unit = "rules"

    def __post_init__(self) -> None:
        if self.semantics not in SEMANTICS:
            raise UsageError(f"unknown semantics {self.semantics!r}: one of {', '.join(SEMANTICS)}")
        if self.semantics == "lexicographic" and (self.objective, self.place) != ("regret", "anywhere"):
            raise UsageError("lexicographic lists are fitted for regret, each rule at the end: leave objective and place out")

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Each of the first 16 numbers, then half-octave steps; the path ends by itself where no rule gains any more."""
        return sorted({*range(1, 17), *budget_ladder(max(16, task.graph.n_edges))})

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[RuleList]:
        chosen = check_budgets(budgets)
        language = make_language(self.language, task.game, task.graph)
        fit = fit_greedy(task, language, self.semantics, chosen[-1], self.objective, self.place, self.support)
        n_rules = len(fit.predicates)
        for budget in [*(budget for budget in chosen if budget < n_rules), min(n_rules, chosen[-1])]:
            yield tidy(RuleList(self.semantics, in_order(fit, budget, language)), task)

    def encode(self, policy: RuleList, task: Task) -> bytes:
        encoder = Encoder()
        code_rules(encoder, policy.semantics, policy.rules, task)
        return encoder.finish()

    def decode(self, data: bytes, task: Task) -> RuleList:
        return RuleList(*code_rules(Decoder(data), SEMANTICS[0], None, task))

    def source(self, policy: RuleList, task: Task) -> str:
        return atoms_of(task.game, task.graph).source({literal.atom for rule in policy.rules for literal in rule})

    def explain(self, policy: RuleList, task: Task) -> str:
        return list_in_words(atoms_of(task.game, task.graph), policy.semantics, policy.rules)


def in_order(fit: Fit, n_rules: int, language: Language) -> tuple[Rule, ...]:
    """The list that stands after the first `n_rules` rules of a fit were added."""
    numbers = [fit.predicates[i] for i in np.argsort(fit.labels[:n_rules], kind="stable")]
    return tuple((Literal(*language.predicate(number)),) for number in numbers)


def tidy(policy: RuleList, task: Task) -> RuleList:
    """The same play without the rules that never decide; single positions first and in order, which makes them cheap to write."""
    if policy.semantics != "first-match":
        return policy
    scores = policy.scores(task)
    deciding = np.zeros(task.graph.n_states)
    np.maximum.at(deciding, task.graph.edge_parent, scores)
    n_rules = len(policy.rules)
    alive = [policy.rules[n_rules - int(score)] for score in np.unique(deciding)[::-1] if score > 0]
    positions = sorted(rule for rule in alive if is_position(rule))
    return RuleList(policy.semantics, (*positions, *(rule for rule in alive if not is_position(rule))))


def is_position(rule: Rule) -> bool:
    """Whether a rule is about a single position and nothing else."""
    return len(rule) == 1 and rule[0].kind == "position" and rule[0].holds
