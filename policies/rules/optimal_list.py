"""The learner whose lists no list of the same atoms beats, and the best order of a given list (policies/bounds/program.py)."""

from collections.abc import Sequence
from dataclasses import dataclass

from games.errors import UsageError
from policies.api import FitPath, Task, check_budgets
from policies.bounds.program import MAX_RULES, best_lists, best_order, masks_of
from policies.bounds.whole_numbers import savings_of
from policies.language.atoms import Literal, Rule, atoms_of
from policies.language.language import LanguageName, make_language
from policies.rules.format.file import read_rules, write_rules
from policies.rules.format.literals import CLOSED, Code, check_open, file_code
from policies.rules.rulelist import RuleList, RuleListLearner, tidy

FILE = RuleListLearner()
SLACK = 1e-12  # of the regret of uniform play, below which lies rounding where positions do not count alike


@dataclass(frozen=True)
class OptimalListLearner:
    """The best first-match list of single atoms for every budget, exactly, over a language of at most 24 atoms.

    Its curve is the optimum: no list of that many atoms of the language gains more. Seconds for the 21 concepts of Go.
    """

    language: LanguageName = "concepts"
    code: Code = CLOSED

    name = "optimal_list"
    unit = "rules"
    is_nested = False
    explain = staticmethod(FILE.explain)

    def __post_init__(self) -> None:
        check_open(self.language, self.code)

    def encode(self, policy: RuleList, task: Task) -> bytes:
        return write_rules(policy.semantics, policy.rules, task, file_code(self.language, self.code))

    def source(self, policy: RuleList, task: Task) -> str:
        return RuleListLearner(self.language).source(policy, task)

    def decode(self, data: bytes, task: Task) -> RuleList:
        return RuleList(*read_rules(data, task, file_code(self.language, self.code)))

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Every length; the path ends where no further rule gains."""
        return range(1, MAX_RULES + 1)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[RuleList]:
        """Raises UsageError where the language has more than 24 atoms."""
        chosen = check_budgets(budgets)
        language = make_language(self.language, task.game, task.graph)
        if language.n_predicates > MAX_RULES:
            raise UsageError(
                f"language {self.language!r} has {language.n_predicates:,} atoms on {task.game.id}, "
                f"and the best list is computed over at most {MAX_RULES}: give language=concepts, or name some"
            )
        rules: list[Rule] = [(Literal(*language.predicate(number)),) for number in range(language.n_predicates)]
        found = savings_of(task, [language.edges(number) for number in range(language.n_predicates)])
        masks = masks_of(found.n_positions, found.start, found.position)
        optimum = best_lists(masks, found.start, found.position, found.saved, 0 if found.is_whole else SLACK * found.total)
        longest = len(optimum.rules) - 1
        for budget in sorted({min(budget, longest) for budget in chosen}):
            yield tidy(RuleList("first-match", tuple(rules[p] for p in optimum.rules[budget])), task)
        return longest < chosen[-1]


def gain_of_best_order(policy: RuleList, task: Task) -> tuple[RuleList, float]:
    """The order of a list's rules that gains most, and its gain; no other order gains more.

    Raises UsageError for a list that is not first-match, or has more than 24 rules.
    """
    if policy.semantics != "first-match" or policy.size > MAX_RULES:
        raise UsageError(f"the best order is computed of first-match lists of at most {MAX_RULES} rules")
    atoms = atoms_of(task.game, task.graph)
    found = savings_of(task, [atoms.rule_edges(rule) for rule in policy.rules])
    masks = masks_of(found.n_positions, found.start, found.position)
    order, saved = best_order(masks, found.start, found.position, found.saved)
    return RuleList(policy.semantics, tuple(policy.rules[p] for p in order)), saved / found.total
