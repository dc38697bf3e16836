"""Rule lists written by people, from the literature and our own: files in policies/rules/lists, in the format of docs/rules.md."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from games.errors import UsageError, nearest
from policies.api import FitPath, Task, check_budgets
from policies.explanation import Explanation
from policies.rules.format.file import read_rules as read_file
from policies.rules.format.file import write_rules
from policies.rules.format.literals import CLOSED, Code
from policies.rules.json_lists import WrittenList, read_list, read_rules
from policies.rules.rulelist import RuleList, RuleListLearner

FOLDER = Path(__file__).with_name("lists")
FIRST = {"tictactoe": "newell_simon", "go": "go_beginner", "nim": "bouton", "misere_nim": "bouton_misere"}  # of a family, by default


def check_list_name(name: str) -> None:
    """Raises UsageError, naming the nearest, for a name that no list here has; the empty name is that of a game's own list."""
    if name and name not in list_names():
        raise UsageError(f"no list of ours is called {name!r}; {nearest(name, [*list_names()])}")


@dataclass(frozen=True)
class HumanLearner:
    """The list from the literature, or another one of ours by name, cut after as many rules as the budget says. Nothing is fitted."""

    list: Annotated[str, check_list_name, "the list of this name; by default that from the literature for the game"] = ""
    code: Code = CLOSED

    name = "human"
    unit = "rules"
    is_nested = False
    data_files = tuple(sorted(FOLDER.glob("*.json")))
    source = staticmethod(RuleListLearner().source)

    def encode(self, policy: RuleList, task: Task) -> bytes:
        return write_rules(policy.semantics, policy.rules, task, self.code)

    def decode(self, data: bytes, task: Task) -> RuleList:
        return RuleList(*read_file(data, task, self.code))

    def default_budgets(self, task: Task) -> Sequence[int]:
        return range(1, len(human_list(task, self.list).rules) + 1)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[RuleList]:
        written = human_list(task, self.list)
        rules = read_rules(written, task.game, task.graph)
        chosen = check_budgets(budgets)
        for budget in sorted({min(budget, len(rules)) for budget in chosen}):
            yield RuleList(written.semantics, rules[:budget])
        return chosen[-1] >= len(rules)

    def explain(self, policy: RuleList, task: Task) -> Explanation:
        found = RuleListLearner().explain(policy, task)
        return dataclasses.replace(found, lead=f"{human_list(task, self.list).about}.\n{found.lead}")


def list_names() -> tuple[str, ...]:
    """The names of the lists that come with the project."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


def human_list(task: Task, name: str = "") -> WrittenList:
    """A list by its name, else that from the literature for a game; raises UsageError where there is none, or it is for another game."""
    family = task.game.id.partition("-")[0]
    if not name and family not in FIRST:
        raise UsageError(f"there is no list from the literature for {task.game.id}; there is one for {', '.join(FIRST)}")
    check_list_name(name)
    name = name or FIRST[family]
    return read_list((FOLDER / f"{name}.json").read_text())


def find_list(name: str) -> Path:
    """The file with this name, else the list of ours with this name; raises UsageError where there is neither."""
    if name in list_names() and not Path(name).exists():
        return FOLDER / f"{name}.json"
    if not Path(name).is_file():
        raise UsageError(f"there is no file {name}, and no list of ours of that name; {nearest(name, [*list_names()])}")
    return Path(name)
