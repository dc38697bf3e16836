"""The interface for Python: its examples run, it does what the verbs do, and other people's files in its place are named."""

import ast
import doctest
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bench.api
import gaincurve
import games.api
import games.plain
from bench.harness.policyfile import read_policy
from tests.support.shell import Shell

ROOT = Path(__file__).parents[1]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
FUNCTIONS = ["solve", "fit", "load", "compare", "run", "optimality", "check"]
WITH_OPTIONS = {"rulelist": {"best": True}, "table": {}, "tree": {}, "network": {"steps": 20}, "dag": {}}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_a_function_prints_what_it_shows(name: str) -> None:
    session = doctest.DocTestParser().get_doctest(vars(bench.api)[name].__doc__, {}, name, None, 0)
    assert len(session.examples) > 1
    printed: list[str] = []
    failed, _ = doctest.DocTestRunner(optionflags=FLAGS).run(session, out=printed.append)
    assert not failed, "".join(printed)


def test_every_name_is_where_type_checkers_are_told_that_it_is() -> None:
    imports = [node for node in ast.walk(ast.parse(Path(gaincurve.__file__).read_text())) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in imports if str(node.module).partition(".")[0] in gaincurve.PACKAGES]
    told = {alias.name: str(node.module) for node in ours for alias in node.names}
    assert sorted(told) == sorted(gaincurve.__all__) == dir(gaincurve)
    for name, module in told.items():
        assert vars(gaincurve).get(name, gaincurve.__getattr__(name)) is vars(importlib.import_module(module))[name]
    assert {"fit", "load"} <= set(FUNCTIONS) == {name for name in gaincurve.__all__ if name.islower()}
    with pytest.raises(AttributeError, match="no attribute 'fti'"):
        _ = gaincurve.fti


def test_importing_it_imports_nothing_heavy() -> None:
    script = "import sys; before = set(sys.modules); import gaincurve; print({m.partition('.')[0] for m in set(sys.modules) - before})"
    done = subprocess.run([sys.executable, "-S", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    names = set(done.stdout.strip("{}\n").replace("'", "").split(", "))
    assert {"gaincurve", "games", "policies", "bench"} <= names
    assert not names & {"numpy", "numba", "torch", "msgspec", "typer"}


def python(*words: str, cwd: Path, path: Path | str = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(path)}
    return subprocess.run([sys.executable, *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def script(folder: Path) -> str:
    """A console script as pip writes one for the entry point that setup.cfg declares."""
    [target] = re.findall(r"^    gaincurve = (\S+):main$", (ROOT / "setup.cfg").read_text(), re.MULTILINE)
    path = folder / "bin" / "gaincurve"
    path.parent.mkdir()
    path.write_text(f"import sys\nfrom {target} import main\nif __name__ == '__main__':\n    sys.exit(main())\n")
    return str(path)


@pytest.mark.parametrize("file", ["games/__init__.py", "bench.py", "policies.py"])
def test_a_file_in_the_place_of_a_package_is_named_in_a_line_and_not_run(tmp_path: Path, file: str) -> None:
    place = tmp_path / "work"
    (place / file).parent.mkdir(parents=True)
    (place / file).write_text("print('was run')\n")
    said = f"{place / file} stands in the way of gaincurve's own package '{file.partition('/')[0].removesuffix('.py')}': "
    imported = python("-c", "import gaincurve", cwd=place)
    assert (imported.returncode, imported.stdout) == (1, "")
    assert imported.stderr.splitlines()[-1].startswith(f"ImportError: {said}")
    both = os.pathsep.join([str(place), str(ROOT)])
    for words, path in ((["-m", "gaincurve"], str(ROOT)), ([script(tmp_path)], both)):
        for verb in ("games", "solve"):
            done = python(*words, verb, cwd=place, path=path)
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr.startswith(f"error: {said}")
            assert done.stderr.count("\n") == 1
    begin = f"import sys, {file.partition('/')[0].removesuffix('.py')}; sys.path.remove(''); "
    before = python("-c", begin + "import gaincurve", cwd=place)
    assert (before.returncode, before.stdout) == (1, "was run\n")  # by whoever imported it
    assert before.stderr.splitlines()[-1].startswith(f"ImportError: {said}")


@pytest.mark.parametrize("words", [["-c", "import gaincurve; print(gaincurve.solve('tictactoe').value)"], ["-m", "gaincurve", "games"]])
def test_a_folder_without_an_init_file_is_not_in_the_way(tmp_path: Path, words: list[str]) -> None:
    """Python prefers a package anywhere on its path to a folder that has no `__init__.py`."""
    (tmp_path / "games").mkdir()
    (tmp_path / "games" / "mine.py").write_text("print('was run')\n")
    done = python(*words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "was run" not in done.stdout
    done = python("-m", "gaincurve", "check", "--game", "games.mine:GAME", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: there is no module 'games.mine' in {ROOT / 'games'}, which is what Python finds as games: ")


def test_authors_of_games_find_all_that_the_page_and_the_templates_use_in_one_module() -> None:
    assert {*games.api.__all__, "__getattr__"} - vars(games.api).keys() == {"__getattr__"}  # which would hide their types
    for path in ("docs/add-a-game.md", "docs/game-to-curve.ipynb", "bench/cli/new_game/game.py.txt", "bench/cli/new_game/test.py.txt"):
        modules = set(re.findall(r"\b(?:from|import) (games[\w.]*)", (ROOT / path).read_text()))
        assert modules <= {"games.api"}, path


def test_a_game_written_before_still_finds_plain_rules() -> None:
    assert games.plain.expand_each is games.api.expand_each


@pytest.mark.parametrize("learner", WITH_OPTIONS)
def test_fit_writes_the_file_that_the_verb_writes_and_load_reads_it(learner: str, shell: Shell, tmp_path: Path) -> None:
    options = WITH_OPTIONS[learner]
    text = ",".join(f"{name}={str(value).lower()}" for name, value in options.items())
    answer = shell.json("fit", f"{learner}:{text}" if text else learner, "--game", "tictactoe", "--budget", "4", "--out", "verb.policy")
    fitted = gaincurve.fit("tictactoe", learner, 4, **options)
    fitted.save("python.policy")
    assert (tmp_path / "python.policy").read_bytes() == (tmp_path / "verb.policy").read_bytes()
    read = gaincurve.load("python.policy")
    assert isinstance(read, gaincurve.FittedPolicy)
    read.save(tmp_path / "again.policy")
    assert (tmp_path / "again.policy").read_bytes() == (tmp_path / "verb.policy").read_bytes()
    for policy in (fitted, read):
        bits = (policy.policy_bits, policy.language_bits, policy.exception_bits, policy.bits)
        assert bits == tuple(answer["bits"][name] for name in ("policy", "language", "exceptions", "codelength"))
        assert policy.gain == answer["gain"]
        assert policy.point.results == answer["results"]
        assert np.array_equal(policy.scores(), fitted.scores())
    assert str(fitted.explain()).splitlines()[0] in shell("explain", "verb.policy")[1]
    header, data = read_policy(tmp_path / "python.policy")
    assert (header.learner, header.options, 8 * len(data)) == (learner, options, fitted.policy_bits)


def test_the_keywords_of_fit_are_those_of_the_verb(shell: Shell) -> None:
    words = "fit tree --game go-2x3 --budget 6 --seed 3 --weights play --held-out 0.5 --out half.policy"
    answer = shell.json(*words.split())
    fitted = gaincurve.fit("go-2x3", "tree", 6, seed=3, weights="play", held_out=0.5)
    assert fitted.gain == answer["gain"]
    assert fitted.point.held_out == answer["held_out"]
    assert fitted.data == read_policy(Path("half.policy"))[1]


def test_a_learner_without_a_choice_needs_no_budget() -> None:
    assert gaincurve.fit("tictactoe", "perfect").gain == 1
    assert gaincurve.fit("tictactoe", "uniform").gain == 0
    with pytest.raises(gaincurve.UsageError, match="rulelist needs a budget: how many rules"):
        gaincurve.fit("tictactoe", "rulelist")


def test_a_policy_shows_itself_in_a_line_also_where_there_is_nothing_to_gain() -> None:
    assert repr(gaincurve.fit("nim-1-2", "perfect")) == "<perfect on nim-1-2: 0 entries, gain 1.0000, 0 policy bits>"
    assert repr(gaincurve.fit("nim-1", "uniform")) == "<uniform on nim-1: 0 entries, 0 policy bits>"  # one move, so none is wrong


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tictactoe", "rulelits", 3), "unknown learner 'rulelits'; did you mean rulelist"),
        (("tictactoo", "rulelist", 3), "unknown game 'tictactoo'"),
        (("tictactoe", "rulelist", 0), "budget 0 is below 1"),
    ],
)
def test_a_wrong_request_is_answered_in_a_line(words: tuple[Any, ...], said: str) -> None:
    with pytest.raises(gaincurve.UsageError, match=said) as error:
        gaincurve.fit(*words)
    assert "\n" not in str(error.value)


def test_load_gives_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reference = gaincurve.load(ROOT / "reports" / "reference")
    assert isinstance(reference, gaincurve.Run)
    assert repr(reference).startswith("<run standard in ")
    gaincurve.fit("tictactoe", "table", 3).save("three")  # whatever the file is called
    assert isinstance(gaincurve.load("three"), gaincurve.FittedPolicy)
    with pytest.raises(gaincurve.UsageError, match=r"cannot read nothing\.policy: No such file"):
        gaincurve.load("nothing.policy")
    with pytest.raises(gaincurve.UsageError, match="no run 'nothing'"):
        gaincurve.load("nothing")
    Path("text").write_text("no policy")
    with pytest.raises(gaincurve.UsageError, match="text is not a policy file"):
        gaincurve.load("text")
    (tmp_path / "runs").mkdir()
    with pytest.raises(gaincurve.UsageError, match="no run in runs"):
        gaincurve.load(runs="runs")


def test_solve_says_what_the_verb_says(shell: Shell) -> None:
    for game in ("go-2x3", "nim-3-4-5"):
        answer, solved = shell.json("solve", game), gaincurve.solve(game)
        assert (solved.value, solved.openings, solved.graph.n_states) == (answer["value"], answer["openings"], answer["states"])
        assert gaincurve.solve(solved.game).graph.game_id == game  # a game in place of its id


def test_compare_measures_what_the_verb_measures(shell: Shell) -> None:
    words = ("compare", "tree", "table", "--game", "tictactoe", "--budgets", "2,8", "--budgets", "table=100", "--seeds", "0,1")
    answer = shell.json(*words)
    lines: list[str] = []
    found = gaincurve.compare("tictactoe", ["tree", "table"], {"tree": [2, 8], "table": [100]}, seeds=[0, 1], say=lines.append)
    for name, rows in answer["curves"].items():
        points = [point for run in found.runs[name] for point in run.points]
        assert [(p.size, p.gain, p.policy_bits) for p in points] == [(row["size"], row["gain"], row["policy_bits"]) for row in rows]
    assert found.runs.keys() == answer["curves"].keys()
    assert found.in_words() == answer["in_words"][: len(found.in_words())]
    assert lines[0] == "tree, seed 0"
    own = gaincurve.compare("nim-1-2", ["uniform", "table"])
    assert [point.budget for point in own.runs["uniform"][0].points] == [1]  # the learner's own budgets
    with pytest.raises(gaincurve.UsageError, match="budgets of 'tabel', which is not among the learners compared: tree, table"):
        gaincurve.compare("tictactoe", ["tree", "table"], {"tabel": [3]})


def test_a_game_from_outside_is_loaded_only_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: Shell) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    shell.json("new-game", "own_strip")
    gaincurve.fit("own_strip:GAME", "table", 3).save("own.policy")
    with pytest.raises(gaincurve.UsageError, match="whose code would run"):
        gaincurve.load("own.policy")
    loaded = gaincurve.load("own.policy", game="own_strip:GAME")
    assert isinstance(loaded, gaincurve.FittedPolicy)
    assert json.loads(shell("check", "--game", "own_strip:GAME", "--json")[1])["checked"] == gaincurve.check("own_strip:GAME")
    del sys.modules["own_strip"]
