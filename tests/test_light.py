"""Rule lists, trees, tables, suites and reports need neither torch nor OpenSpiel; whoever asks for these is told what to install."""

import ast
import configparser
import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bench.curves.compare import measure_all
from bench.harness.versions import NEEDED_BY, missing_library, naming_missing_libraries
from games.errors import WorkError
from policies.registry import make_learner
from policies.task import make_task

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "open-spiel"}  # distributions
MAY_IMPORT = ("policies/networks/", "policies/selfplay/", "policies/adapters/openspiel", "games/rules/openspiel", "bench/studies/")

# What Python runs at its start, in every process: to it, and to all modules after it, these libraries are not there.
SITE = """
import sys
from importlib.machinery import PathFinder

class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {names} else PathFinder.find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Without
"""
SESSION = """
import sys
from gaincurve.__main__ import main
if __name__ == "__main__":
    for line in sys.stdin.read().splitlines():
        sys.argv = ["gaincurve", *line.split()]
        print("$", line, file=sys.stderr)
        try:
            main()
        except SystemExit as end:
            print("status", end.code, file=sys.stderr)
"""
SUITE = """
name = "mine"
games = ["nim-1-2-3"]
[[learners]]
name = "rulelist"
options = { language = "concepts" }
budgets = [1]
"""
NETWORK = SUITE.replace("mine", "net").replace("rulelist", "network").replace('options = { language = "concepts" }\n', "")
VERBS = (
    "fit rulelist --game tictactoe --language concepts --budget 5 --out five.policy",
    "explain five.policy",
    "play five.policy",
    "fit tree --game nim-1-2-3 --budget 2",
    "fit table --game nim-1-2-3 --budget 2",
    "run mine.toml",
    "report mine",
    "export mine --out mine.csv",
    "info",
)
ASKING = {
    "compare rulelist network --game nim-1-2-3 --budgets 1": "networks need torch",
    "fit network --game nim-1-2-3 --budget 1": "networks need torch",
    "fit rulelist --game openspiel:tic_tac_toe --budget 2": "games and bots of OpenSpiel need open_spiel",
}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str]]:
    """The exit status and stderr of each command where the libraries are not there, all in one process and its children."""
    folder = tmp_path_factory.mktemp("light")
    site = folder / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE.format(names=tuple(NEEDED_BY)))
    (folder / "session.py").write_text(SESSION)
    (folder / "mine.toml").write_text(SUITE)
    (folder / "net.toml").write_text(NETWORK)
    environment = {**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}
    lines = [*VERBS, *ASKING, "run net.toml"]
    command = [sys.executable, str(folder / "session.py")]
    done = subprocess.run(command, cwd=folder, env=environment, input="\n".join(lines), capture_output=True, text=True, check=False)
    parts = re.split(r"^\$ (.*)\n", done.stderr, flags=re.MULTILINE)
    found = {}
    for line, text in zip(parts[1::2], parts[2::2], strict=True):
        said, _, status = text.rpartition("status ")
        found[line] = (status.strip(), said)
    return found


def test_lists_trees_and_tables_are_fitted_played_run_and_reported_without_them(session: dict[str, tuple[str, str]]) -> None:
    assert {line: session[line][0] for line in VERBS} == dict.fromkeys(VERBS, "0"), session


@pytest.mark.parametrize("line", ASKING)
def test_who_asks_for_one_reads_in_a_line_what_to_install(session: dict[str, tuple[str, str]], line: str) -> None:
    status, said = session[line]
    assert status == "1"
    errors = [text for text in said.splitlines() if text.startswith("error: ")]
    assert len(errors) == 1
    assert ASKING[line] in errors[0]
    assert "pip install" in errors[0]
    assert "Traceback" not in said


def test_a_cell_that_needs_one_fails_with_the_same_line(session: dict[str, tuple[str, str]]) -> None:
    status, said = session["run net.toml"]
    assert status == "1"
    assert "networks need torch, which is not installed: pip install" in said


def test_other_modules_that_are_missing_are_not_taken_for_these() -> None:
    assert missing_library(ModuleNotFoundError("No module named 'numpy'", name="numpy")) == ""
    assert missing_library(ValueError("torch")) == ""
    chained = ValueError("cannot import games.rules.openspiel")
    chained.__cause__ = ModuleNotFoundError("No module named 'pyspiel'", name="pyspiel")
    assert missing_library(chained).startswith("games and bots of OpenSpiel need open_spiel")


def test_a_comparison_goes_on_without_the_learner_that_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("policies.networks.training")]:
        monkeypatch.delitem(sys.modules, name)
    learners = {name: make_learner(name) for name in ("network", "table")}
    found = measure_all(make_task("nim-1-2-3"), learners, {name: [1] for name in learners}, [0], lambda line: None)
    assert found.failed == {"network": "seed 0: networks need torch, which is not installed: pip install -c constraints.txt torch"}
    assert list(found.runs) == ["table"]


def test_what_fails_otherwise_goes_through() -> None:
    with pytest.raises(ModuleNotFoundError, match="numpy"), naming_missing_libraries():
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy")
    with pytest.raises(WorkError, match="as it was"), naming_missing_libraries():
        raise WorkError("as it was")


def imports(path: Path) -> set[str]:
    """The libraries that a module imports anywhere in its text, but for types."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_nothing_else_imports_them() -> None:
    modules = [path for package in ("games", "policies", "bench", "gaincurve") for path in (ROOT / package).rglob("*.py")]
    importing = {str(path.relative_to(ROOT)) for path in modules if imports(path) & NEEDED_BY.keys()}
    assert importing
    assert not {path for path in importing if not path.startswith(MAY_IMPORT)}


def pinned(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text().splitlines()
    return {normal(name): version for name, _, version in (line.partition("==") for line in lines if line and not line.startswith("#"))}


def closure(names: set[str]) -> set[str]:
    """These distributions and all that they require, as installed, without the heavy ones."""
    found: set[str] = set()
    pending = set(names) - HEAVY
    while pending:
        name = pending.pop()
        found.add(name)
        for line in importlib.metadata.requires(name) or []:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                pending |= {normal(need.name)} - found - HEAVY
    return found


def test_the_light_constraints_are_what_is_required_without_them() -> None:
    """Followed through the metadata of what is installed; releases are those of constraints.txt."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    required = {normal(Requirement(line).name) for line in setup["options"]["install_requires"].split("\n") if line}
    assert required > HEAVY
    light = pinned("constraints-light.txt")
    assert light.keys() == closure(required)
    assert light.items() <= pinned("constraints.txt").items()
