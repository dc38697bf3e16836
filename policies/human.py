"""Rule lists that people wrote down, as first-match lists of the game's own words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from games.errors import UsageError
from games.words import words_of
from policies.api import Task, check_budgets
from policies.atoms import Literal
from policies.rulelist import RuleList, RuleListLearner

LISTS: dict[str, tuple[str, tuple[str, ...]]] = {  # family: (source, words in order)
    "tictactoe": (
        "Newell & Simon, Human Problem Solving (1972): the eight rules",
        ("win", "block", "fork", "block_fork_2", "centre", "opposite_theirs", "corner", "side"),
    ),
    "go": (
        "the order of a beginner's course: finish, capture, rescue, threaten, keep liberties, connect, take the middle, keep your eyes",
        ("pass_ahead", "captures", "saves", "atari", "liberties_3", "connects", "second_line", "plays_safely", "pass"),
    ),
    "nim": ("Bouton, Nim, a game with a complete mathematical theory (1901)", ("xor_zero",)),
}


@dataclass(frozen=True)
class HumanLearner:
    """The list from the literature, cut after as many rules as the budget says. Nothing is fitted."""

    name = "human"
    unit = "rules"

    def default_budgets(self, task: Task) -> Sequence[int]:
        return range(1, len(human_list(task)[1]) + 1)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[RuleList]:
        _, names = human_list(task)
        words = {word.name: index for index, word in enumerate(words_of(task.game))}
        rules = tuple((Literal("word", words[name]),) for name in names)
        for budget in sorted({min(budget, len(rules)) for budget in check_budgets(budgets)}):
            yield RuleList("first-match", rules[:budget])

    def encode(self, policy: RuleList, task: Task) -> bytes:
        return RuleListLearner().encode(policy, task)

    def decode(self, data: bytes, task: Task) -> RuleList:
        return RuleListLearner().decode(data, task)

    def source(self, policy: RuleList, task: Task) -> str:
        return RuleListLearner().source(policy, task)

    def explain(self, policy: RuleList, task: Task) -> str:
        return f"{human_list(task)[0]}.\n{RuleListLearner().explain(policy, task)}"


def human_list(task: Task) -> tuple[str, tuple[str, ...]]:
    """The source and the words of a game's list; raises UsageError for a game that has none."""
    family = task.game.id.partition("-")[0]
    if family not in LISTS:
        raise UsageError(f"there is no list from the literature for {task.game.id}; there is one for {', '.join(LISTS)}")
    return LISTS[family]
