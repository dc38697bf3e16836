"""The shortest rule list that reaches a grade, as a learner: searched exhaustively among words, with its certificate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from games.errors import UsageError, WorkError
from games.solve import topological_order
from policies.api import Task, check_budgets
from policies.atoms import Literal
from policies.language import make_language
from policies.rulelist import RuleList, RuleListLearner
from policies.shortest import Certificate, shortest_list, verify_certificate

LONGEST = 6  # rules up to which all lists are tried unless the budget says otherwise


@dataclass(frozen=True)
class ShortestPolicy:
    """The shortest list that reaches a grade, None if no list of up to `longest` rules does, and why no shorter one does.

    `n_replayed` refutations of the certificate were replayed in plain Python; 0 on games with cycles, whose certificates are
    as good as the search.
    """

    policy: RuleList | None
    longest: int
    certificate: Certificate
    n_replayed: int


def shortest_policy(task: Task, learner: RuleListLearner, grade: str, seat: str, longest: int = LONGEST) -> ShortestPolicy:
    """Search exhaustively for the shortest list of words of the learner's language that reaches a grade; see policies/shortest.py.

    Patterns and positions are left out: there are too many to try all lists of them. Raises UsageError when nothing is left.
    """
    parts = [part for part in learner.language.split("+") if part not in ("patterns", "positions")]
    if not parts:
        raise UsageError(f"no words in language {learner.language!r}: the shortest list is searched among words; try words+lookahead")
    language = make_language("+".join(parts), task.game, task.graph)
    result = shortest_list(task.graph, task.solution, language.words, learner.semantics, grade, seat, longest)
    rules = None if result.found is None else tuple((Literal(*language.word_predicates[index]),) for index in result.found)
    is_acyclic = len(topological_order(task.graph.edge_start, task.graph.edge_child)) == task.graph.n_states
    n_replayed = verify_certificate(result.certificate, task.graph, task.solution, language.words) if is_acyclic else 0
    return ShortestPolicy(None if rules is None else RuleList(learner.semantics, rules), longest, result.certificate, n_replayed)


@dataclass(frozen=True)
class ShortestLearner:
    """The shortest list of words that reaches a grade for a seat; the budget is the longest list to try."""

    language: str = "words"
    semantics: str = "first-match"
    grade: str = "never_loses"
    seat: str = "both"

    name = "shortest"
    unit = "rules"

    def default_budgets(self, task: Task) -> Sequence[int]:
        return [LONGEST]

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[RuleList]:
        """One list, for the largest budget. Raises WorkError where there is none."""
        longest = check_budgets(budgets)[-1]
        found = shortest_policy(task, RuleListLearner(self.language, self.semantics), self.grade, self.seat, longest)
        if found.policy is None:
            raise WorkError(f"no list of up to {longest} rules reaches {self.grade} ({self.seat}) on {task.game.id} in {self.language}")
        yield found.policy

    def encode(self, policy: RuleList, task: Task) -> bytes:
        return RuleListLearner().encode(policy, task)

    def decode(self, data: bytes, task: Task) -> RuleList:
        return RuleListLearner().decode(data, task)

    def source(self, policy: RuleList, task: Task) -> str:
        return RuleListLearner().source(policy, task)

    def explain(self, policy: RuleList, task: Task) -> str:
        return RuleListLearner().explain(policy, task)
