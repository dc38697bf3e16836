"""The shortest rule list that reaches a grade, as a learner: searched exhaustively among the rules of a language, with its certificate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated

import numpy as np

from games.arrays import Bools
from games.errors import UsageError, WorkError
from games.solving.solve import topological_order
from policies.api import OneOf, Range, Task, check_budgets
from policies.exact.check import Certificate, verify_certificate
from policies.exact.search import GRADES, MAX_TRIED, SEATS, shortest_list
from policies.language.atoms import CONCEPT_KINDS, LEVELS, Atoms, Literal, Rule
from policies.language.language import LanguageName, make_language
from policies.rules.format.file import read_rules, write_rules
from policies.rules.format.literals import CLOSED, Code, check_open, file_code
from policies.rules.rulelist import RuleList, RuleListLearner, Semantics

MAX_LENGTH = 6  # rules up to which all lists are tried unless the budget says otherwise
MAX_REPLAYED = 1_000  # of a larger certificate every second, third, ... list is replayed: seconds on tic-tac-toe


@dataclass(frozen=True, eq=False)
class Candidate:
    """A rule that a list may be made of, and the edges on which it holds: bool [n_edges]."""

    name: str
    rule: Rule
    holds: Bools


@dataclass(frozen=True)
class ShortestPolicy:
    """The shortest list that reaches a grade, None if no list of up to `longest` rules does, and why no shorter one does.

    `n_replayed` lists of the certificate were replayed in plain Python; 0 on games with cycles, whose certificates are as good
    as the search.
    """

    policy: RuleList | None
    longest: int
    certificate: Certificate
    n_replayed: int

    def refusal(self, where: str) -> str:
        """The line that says why there is no list that reaches `where`."""
        longer = ", nor does any longer one" if self.certificate.length is None else ""
        effort = f"{self.certificate.n_tried:,} lists were tried, {self.n_replayed:,} refutations replayed"
        return f"no list of up to {self.longest} rules reaches {where}{longer}: {effort}"


def shortest_policy(
    task: Task,
    learner: RuleListLearner,
    grade: str,
    seat: str,
    longest: int = MAX_LENGTH,
    literals: int = 1,
    most_tried: int = MAX_TRIED,
) -> ShortestPolicy:
    """Search exhaustively for the shortest list in the learner's language that reaches a grade; see policies/exact/search.py.

    Raises UsageError when the language has nothing to search among.
    """
    rules = candidates(task, learner.language, literals)
    result = shortest_list(task.graph, task.solution, rules, learner.semantics, grade, seat, longest, most_tried)
    found = None if result.found is None else RuleList(learner.semantics, tuple(rules[index].rule for index in result.found))
    is_acyclic = len(topological_order(task.graph.edge_start, task.graph.edge_child)) == task.graph.n_states
    only_every = 1 + n_to_replay(result.certificate) // MAX_REPLAYED
    n_replayed = verify_certificate(result.certificate, task.graph, task.solution, rules, only_every) if is_acyclic else 0
    length = result.certificate.length
    return ShortestPolicy(found, longest if found or length is None else length - 1, result.certificate, n_replayed)


def n_to_replay(certificate: Certificate) -> int:
    """About how many lists `verify_certificate` replays."""
    return len(certificate.beginnings) * len(certificate.rules)


def candidates(task: Task, language: str, literals: int = 1) -> list[Candidate]:
    """The rules of a language that are searched: its atoms; with `literals` 2 also their negations, and all pairs of these.

    Of rules that hold on the same moves the first is kept. Patterns and positions are left out: there are too many to try all
    lists of them. Raises UsageError when nothing is left, or for a number of literals other than 1 and 2.
    """
    if literals not in (1, 2):
        raise UsageError(f"literals={literals}: the shortest list is searched among rules of 1 literal or of up to 2")
    parts = [part for part in language.split("+") if part not in ("patterns", "positions")]
    if not parts:
        raise UsageError(f"no concepts in language {language!r}: the shortest list is searched among concepts; try concepts+lookahead")
    made = make_language("+".join(parts), task.game, task.graph)
    atoms = [Literal(*made.predicate(number)) for number in range(made.n_predicates)]
    on = {literal: np.zeros(task.graph.n_edges, dtype=np.bool_) for literal in atoms}
    for literal, holds in on.items():
        holds[made.rule_edges((literal,))] = True
    if literals == 2:
        on |= {literal._replace(holds=False): ~holds for literal, holds in on.items()}
    rules: list[tuple[Rule, Bools]] = [((literal,), holds) for literal, holds in on.items()]
    if literals == 2:
        rules += [((one, other), on[one] & on[other]) for one, other in combinations(on, 2)]
    distinct: dict[bytes, Candidate] = {}
    for rule, holds in rules:
        if holds.any():
            distinct.setdefault(holds.tobytes(), Candidate(rule_name(made.atoms, rule), rule, holds))
    return list(distinct.values())


def rule_name(atoms: Atoms, rule: Rule) -> str:
    """A rule in a few words."""
    return " and ".join(("" if literal.holds else "not ") + _atom_name(atoms, literal) for literal in rule)


def _atom_name(atoms: Atoms, literal: Literal) -> str:
    kind, value, _ = literal
    if kind in CONCEPT_KINDS:
        return "only " * kind.startswith("only-") + atoms.concept(literal.atom).name
    if kind == "move":
        return atoms.game.action_name(value)
    return f"{kind} {value // LEVELS} is {value % LEVELS}" if kind in ("cell", "after") else f"{kind} {value}"


@dataclass(frozen=True)
class ShortestLearner:
    """The shortest list that reaches a grade for a seat; the budget is the longest list to try."""

    language: LanguageName = "concepts"
    semantics: Semantics = "first-match"
    grade: Annotated[str, OneOf(GRADES), "what the list must be proved to do"] = "never_loses"
    seat: Annotated[str, OneOf(SEATS), "the player who must reach the grade by it"] = "both"
    literals: Annotated[int, Range(1, 2), "1: rules are the concepts of the language; 2: also their negations, and any two of these"] = 1
    code: Code = CLOSED

    name = "shortest"
    unit = "rules"
    is_nested = False
    explain = staticmethod(RuleListLearner().explain)

    def __post_init__(self) -> None:
        check_open(self.language, self.code)

    def encode(self, policy: RuleList, task: Task) -> bytes:
        return write_rules(policy.semantics, policy.rules, task, file_code(self.language, self.code))

    def source(self, policy: RuleList, task: Task) -> str:
        return RuleListLearner(self.language).source(policy, task)

    def decode(self, data: bytes, task: Task) -> RuleList:
        return RuleList(*read_rules(data, task, file_code(self.language, self.code)))

    def default_budgets(self, task: Task) -> Sequence[int]:
        return [MAX_LENGTH]

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[RuleList]:
        """One list, for the largest budget. Raises WorkError where there is none."""
        longest = check_budgets(budgets)[-1]
        learner = RuleListLearner(self.language, self.semantics)
        found = shortest_policy(task, learner, self.grade, self.seat, longest, self.literals)
        if found.policy is None:
            raise WorkError(found.refusal(f"{self.grade} ({self.seat}) on {task.game.id} in {self.language}"))
        yield found.policy
