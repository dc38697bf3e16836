"""docs/rules.md says only what is so: its files are written, its commands run, and its table measured."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from bench.measures.grades import Grades, grades
from policies.api import action_probabilities
from policies.language.literal_json import FORMS
from policies.language.lookahead import CONCEPTS
from policies.rules.human import HumanLearner, list_names
from policies.task import make_task
from tests.support.shell import Shell

PAGE = (Path(__file__).parents[1] / "docs" / "rules.md").read_text()
BLOCKS = re.findall(r"^```(\w+)(?: (file|status)=(\S+))?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ROWS = re.findall(r"^\| `(\w+)` \| (\S+) \| (\S+) \| (\d+) \| ([\d.]+) \| (.*?) ?\|$", PAGE, re.MULTILINE)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def test_the_commands_print_what_is_shown(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell(monkeypatch, capfd)
    assert PAGE.count("\n```") == 2 * len(BLOCKS)
    for language, _, value, text in BLOCKS:
        if language == "json":
            (tmp_path / value).write_text(text)
            continue
        parts = re.split(r"^\$ gaincurve (.*)\n", text, flags=re.MULTILINE)
        assert (language, parts[0]) == ("console", "")
        for command, shown in zip(parts[1::2], parts[2::2], strict=True):
            status, out, err = shell(*shlex.split(command))
            assert status == int(value or 0), err
            assert doctest.OutputChecker().check_output(shown, out + err, FLAGS), f"{command}\nprinted\n{out}{err}"


def test_all_conditions_and_words_of_lookahead_are_told() -> None:
    table = PAGE[PAGE.index("| condition |") : PAGE.index("Pictures and positions may be drawn")]
    assert set(re.findall(r'^\| `\{"(\w+)"', table, re.MULTILINE)) == FORMS.keys()
    for word in CONCEPTS:
        assert f"`{word.name}`" in table


def proved(found: Grades) -> str:
    if found.optimal_everywhere:
        return "optimal everywhere"
    kept = ["never loses"] * (found.never_loses_first and found.never_loses_second)
    kept += ["never loses as first player"] * (found.never_loses_first and not found.never_loses_second)
    return ", ".join(kept + ["keeps value"] * (found.keeps_value_first and found.keeps_value_second))


def test_every_list_of_ours_is_in_the_table() -> None:
    assert {name for name, *_ in ROWS} == set(list_names())


@pytest.mark.parametrize(("name", "game_id", "semantics", "n_rules", "gain", "said"), ROWS)
def test_the_table_is_measured(name: str, game_id: str, semantics: str, n_rules: str, gain: str, said: str) -> None:
    task, learner = make_task(game_id), HumanLearner(name)
    *_, policy = learner.fit_path(task, learner.default_budgets(task), seed=0)
    weights = action_probabilities(task.graph, policy.scores(task))
    assert (policy.semantics, str(policy.size)) == (semantics, n_rules)
    assert f"{task.gain(weights):.4f}" == gain
    assert proved(grades(task.graph, task.solution, weights)) == said
