"""Former names: `words` is read with a warning, `optimal` and `search` are answered, older files, records and runs are read."""

import json
import shutil
import warnings
from pathlib import Path

import msgspec
import pytest

import gaincurve
from bench.harness.policyfile import read_policy
from bench.harness.records import migrate
from bench.harness.store import read_suite, write_suite
from bench.suites.grid import cells
from bench.suites.load import parse_suite
from games.errors import UsageError
from policies.former_names import FormerNameWarning, present_language
from policies.language.language import make_language
from policies.registry import make_learner
from policies.task import make_task
from tests.support.shell import Shell


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capfd)


OLD = {"language": "words+patterns"}


def test_words_is_read_as_concepts_with_a_warning_that_says_what_to_write() -> None:
    with pytest.warns(FormerNameWarning, match=r"words is now called concepts; write 'concepts\+patterns'"):
        learner = make_learner("rulelist", OLD)
    assert learner == make_learner("rulelist", {"language": "concepts+patterns"})
    task = make_task("tictactoe")
    with pytest.warns(FormerNameWarning):
        language = make_language("words", task.game, task.graph)
    assert language is make_language("concepts", task.game, task.graph)
    with pytest.warns(FormerNameWarning):
        assert make_learner("table", {"default": "words"}) == make_learner("table", {"default": "concepts"})


def test_parts_that_only_contain_the_former_name_stay() -> None:
    assert present_language("passwords+words+lookahead-2") == "passwords+concepts+lookahead-2"


def test_the_command_line_warns_in_one_line_and_measures_the_same(shell: Shell) -> None:
    asked = ("fit", "rulelist", "--game", "tictactoe", "--budget", "2", "--json", "--language")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        status, out, err = shell(*asked, "words")
    assert (status, [line for line in err.splitlines() if line.startswith("warning")]) == (
        0,
        ["warning: language 'words': words is now called concepts; write 'concepts', the next version reads nothing else"],
    )
    found, expected = json.loads(out), json.loads(shell(*asked, "concepts")[1])
    assert (found["gain"], found["bits"], found["options"]) == (expected["gain"], expected["bits"], {"language": "concepts"})


@pytest.mark.parametrize(("name", "now"), [("search", "local_search"), ("optimal", "perfect")])
def test_a_former_learner_is_answered_with_where_it_went(shell: Shell, name: str, now: str) -> None:
    status, out, err = shell("fit", name, "--game", "tictactoe", "--budget", "2")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"error: unknown learner {name!r}")
    assert err.endswith(f"the learner {now}\n")
    with pytest.raises(UsageError, match=f"the learner {now}"):
        parse_suite(f'name = "old"\ngames = ["tictactoe"]\n[[learners]]\nname = "{name}"\n', "old.toml")


def test_a_policy_file_with_former_names_is_read_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "old.policy"
    fitted = gaincurve.fit("tictactoe", "local_search:language=concepts,effort=50", 3)
    fitted.save(path)
    line, _, data = path.read_bytes().partition(b"\n")
    header = {**json.loads(line), "learner": "search", "options": {"language": "words", "effort": 50}}
    path.write_bytes(json.dumps(header).encode() + b"\n" + data)
    read = gaincurve.load(path)
    assert (read.learner_name, read.options, read.gain) == ("local_search", {"language": "concepts", "effort": 50}, fitted.gain)
    assert read_policy(path)[0].learner == "local_search"


def test_a_record_and_a_run_of_an_older_schema_keep_their_ids(tmp_path: Path) -> None:
    """Labels name cells, so a label that is a former name stays; the learner and its language get their present names."""
    cell = {"learner": "search", "label": "search", "options": {**OLD, "effort": 5}}
    moved = migrate({"schema": 3, "cell": cell, "points": []})["cell"]
    assert moved == {"learner": "local_search", "label": "search", "options": {"language": "concepts+patterns", "effort": 5}}
    text = 'name = "old"\ngames = ["tictactoe"]\n[[learners]]\nname = "local_search"\noptions = { language = "concepts" }\n'
    write_suite(tmp_path, parse_suite(text, "old.toml"))
    content = (tmp_path / "suite.json").read_text().replace("local_search", "search").replace('"concepts"', '"words"')
    shutil.copy(tmp_path / "suite.json", tmp_path / "new.json")
    (tmp_path / "suite.json").write_text(content)
    (found,) = cells(read_suite(tmp_path))
    assert (found.id, found.learner, found.options) == ("tictactoe/search/seed=0", "local_search", {"language": "concepts"})
    assert msgspec.json.decode(content)["learners"][0]["name"] == "search"
