"""The paths of policies that a page plays, fitted again from the cells of a run and held against their records.

A run keeps the last policy of a cell, and a list of k rules is no prefix of a longer one's file. Fits are deterministic and, on games
that a page can hold, take seconds. A path whose gains are not those of its record is left out, with the reason.
"""

from collections.abc import Mapping, Sequence

from bench.harness.cell import load_cell
from bench.harness.path import FittedPath
from bench.harness.records import Record
from bench.report.explorable.played_path import PlayedPath, play_lists, play_policies
from games.errors import WorkError
from policies.api import Policy, Task, action_probabilities
from policies.networks.network import NetworkLearner
from policies.rules.rulelist import RuleListLearner

MAX_RULES = 256  # of a list: longer ones are shown up to here
EVERY = 32  # rules: up to here each length is shown
MAX_SECONDS = 60.0  # that the networks of a cell took to fit; slower ones are not fitted again
CLOSE = 1e-9  # two gains of the same policy


def shown_records(records: Sequence[Record]) -> list[Record]:
    """Of the records of a game those of nested first-match lists, then those of networks: of each label the first seed."""
    found: dict[str, Record] = {}
    for kind in (_is_nested_list, _is_network):
        for record in records:
            if kind(record) and record.points and not record.cell.is_part:
                found.setdefault(record.cell.label, record)
    return list(found.values())


def is_list(record: Record) -> bool:
    """Whether a record is of rule lists."""
    return record.cell.learner == RuleListLearner.name


def _is_nested_list(record: Record) -> bool:
    options = record.cell.options
    return is_list(record) and not options.get("best", False) and options.get("semantics", "first-match") == "first-match"


def _is_network(record: Record) -> bool:
    return record.cell.learner == NetworkLearner.name


def stops(longest: int, measured: Sequence[int]) -> list[int]:
    """The numbers of rules that a slider stops at: every one up to EVERY, then a twentieth more each time, and those measured."""
    found = {*(budget for budget in measured if budget <= longest), longest}
    n_rules = 1
    while n_rules < longest:
        found.add(n_rules)
        n_rules += max(1, n_rules // 20 if n_rules >= EVERY else 1)
    return sorted(found)


def refit(record: Record) -> PlayedPath:
    """The play of a cell's policies: of lists for each number of rules, of networks for each budget that was measured.

    Raises WorkError where what is fitted is not what was measured, or takes too long.
    """
    loaded = load_cell(record.cell)
    task, learner = loaded.task, loaded.learner
    budgets = [point.budget for point in record.points]
    if not is_list(record) and record.seconds.get("fit", 0.0) > MAX_SECONDS:
        raise WorkError(f"fitting it again takes {record.seconds['fit']:.0f} s, more than {MAX_SECONDS:.0f} s")
    if is_list(record):
        budgets = stops(min(MAX_RULES, budgets[-1]), budgets)
    fitted = dict(FittedPath(learner, task, budgets, record.cell.random_seed))
    if not is_list(record):  # the file of a list is read back to the same list, that of a network to rounded numbers
        fitted = {budget: learner.decode(learner.encode(policy, task), task) for budget, policy in fitted.items()}
    _check(record, fitted, task)
    if not any(policy.size for policy in fitted.values()):
        raise WorkError(f"no {record.unit} were found that gain anything")
    play = play_lists if is_list(record) else play_policies
    return play(record.cell.label, learner, task, fitted.values())


def _check(record: Record, fitted: Mapping[int, Policy], task: Task) -> None:
    """Raises WorkError where a policy that was measured is another one now."""
    for point in record.points:
        if point.budget in fitted:
            policy = fitted[point.budget]
            gain = task.gain(action_probabilities(task.graph, policy.scores(task)))
            if policy.size != point.size or abs(gain - point.gain) > CLOSE:
                was, now = (f"{size} {record.unit} that gain {each:.6f}" for size, each in ((point.size, point.gain), (policy.size, gain)))
                raise WorkError(f"fitted again, it has {now}, where its record has {was}")
