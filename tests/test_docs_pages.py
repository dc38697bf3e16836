"""What the pages of docs/ show to newcomers is run: files are written, commands and Python sessions run, and what they print compared.

Pages with a test of their own are left to that.
"""

import doctest
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main

from bench.__main__ import VERBS, app
from bench.harness.store import read_record, record_path
from bench.measures.pac_bayes import DELTA
from bench.report.definitions import definitions
from bench.runs import diff
from bench.scaling.power_law import LEVEL_OF_BAND
from bench.tails import verdict
from bench.tails.curves import N_REPLICATES
from policies.registry import make_learner, parse_learner
from tests import command_line_page, definitions_page, results_page
from tests.shell import Shell
from tests.test_project import LAYERS, MODULES, ORDERS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text()
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Block(NamedTuple):
    """A fenced block, with the file that it is a part of, if any."""

    language: str
    file: str
    text: str


class Workplace:
    """An empty folder in which what a page shows is done from top to bottom."""

    def __init__(self, folder: Path, shell: Shell) -> None:
        self.folder, self.shell = folder, shell
        self.names: dict[str, Any] = {}

    def do(self, block: Block) -> None:
        if block.file:
            with (self.folder / block.file).open("a") as file:
                file.write(block.text)
        elif block.language == "console":
            self.type(block.text)
        elif block.language == "sh":
            assert set(block.text.splitlines()) <= set(README.splitlines()), "what takes long is shown in the README too, and run there"
        else:
            assert block.language == "pycon"
            self.speak(block.text)

    def type(self, text: str) -> None:
        before, *parts = re.split(r"^\$ gaincurve (.*)\n", text, flags=re.MULTILINE)
        assert not before
        for command, shown in zip(parts[::2], parts[1::2], strict=True):
            status, out, err = self.shell(*shlex.split(command))
            assert status == 0, err
            assert doctest.OutputChecker().check_output(shown, out, FLAGS), f"{command}\nprinted\n{out}"

    def speak(self, text: str) -> None:
        session = doctest.DocTestParser().get_doctest(text, self.names, "page", "page", 0)
        assert session.examples
        said: list[str] = []
        failed, _ = doctest.DocTestRunner(optionflags=FLAGS).run(session, out=said.append, clear_globs=False)
        assert not failed, "".join(said)
        self.names = session.globs


def blocks(page: str) -> list[Block]:
    text = (DOCS / page).read_text()
    found = [Block(*match) for match in re.findall(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]
    assert text.count("\n```") == 2 * len(found)
    return found


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Workplace]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    before = set(sys.modules)
    yield Workplace(tmp_path, Shell(monkeypatch, capfd))
    for name, module in [*sys.modules.items()]:
        if name not in before and str(getattr(module, "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def install(folder: Path) -> None:
    """What installing a folder does as far as names of learners go: its entry points are found on the path."""
    told = re.findall(r'^(\w+) = "(\w+:\w+)"$', (folder / "pyproject.toml").read_text(), re.MULTILINE)
    info = folder / "favourites-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: favourites\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[gaincurve.learners]\n" + "".join(f"{name} = {place}\n" for name, place in told))


def test_the_quick_start_prints_what_it_shows(workplace: Workplace) -> None:
    for block in blocks("quick-start.md"):
        workplace.do(block)
    assert len([*(workplace.folder / "reports" / "runs" / "mine" / "records").iterdir()]) == 2


def test_the_learner_that_a_page_makes_keeps_the_contract_and_does_what_is_said(workplace: Workplace) -> None:
    for block in blocks("add-a-learner.md"):
        workplace.do(block)
        if block.file == "pyproject.toml":
            install(workplace.folder)


@pytest.mark.parametrize("writer", [command_line_page, definitions_page, results_page], ids=lambda writer: writer.PAGE.name)
def test_what_is_written_from_the_code_is_up_to_date(writer: Any) -> None:
    assert writer.PAGE.read_text() == writer.render(), f"run: {writer.COMMAND}"


def test_every_verb_has_its_options_on_the_page() -> None:
    text = (DOCS / "command-line.md").read_text()
    assert re.findall(r"^## (\S+)", text, re.MULTILINE) == list(VERBS)
    assert text.count("`--json`") > len(VERBS) / 2


def test_what_is_said_of_a_definition_is_of_one_that_is_there() -> None:
    assert definitions_page.COMPUTED.keys() <= definitions().keys()


def test_the_architecture_names_every_folder_of_modules_in_the_order_in_which_they_import() -> None:
    text = (DOCS / "architecture.md").read_text()
    table = text.split("## Folders")[1].split("## Where")[0]
    named = [name.strip("/") for name in re.findall(r"^\| `(\S+)` \|", table, re.MULTILINE)]
    folders = {str(path.parent.relative_to(ROOT)) for path in MODULES}
    assert folders == {name for name in named if name.partition("/")[0] in LAYERS}
    for package in ("bench", "bench/report"):
        inside = [name.removeprefix(f"{package}/") for name in named if name.startswith(f"{package}/")]
        assert [name for name in inside if "/" not in name] == ORDERS[package]
    for path in re.findall(r"`((?:games|policies|bench|gaincurve|tests|docs|reports)/[\w./]*)`", text):
        assert (ROOT / path).exists(), path


def test_the_picture_of_the_architecture_names_what_is_there() -> None:
    places = re.findall(r'class="place">([^<]+)<', (DOCS / "architecture.svg").read_text())
    named = [word for place in places for word in re.findall(r"(?:games|policies|bench)/[\w/]*(?:\.py)?", place)]
    assert len(named) > 6
    for name in named:
        assert (ROOT / name).exists(), name


def test_the_constants_of_the_statistics_are_those_of_the_code() -> None:
    text = " ".join((DOCS / "statistics.md").read_text().split())
    assert f"*ends* within {verdict.SHORT} units" in text
    assert f"middle 95 % of {N_REPLICATES} replicates" in text
    assert (verdict.TABLE, verdict.HEAVY_DECADES, LEVEL_OF_BAND) == (4.0, 2.0, 0.95)  # "four average positions", "two decades", "95 %"
    assert f"With probability {1 - DELTA:g} over the draw" in text
    assert f"ln(2√n / {DELTA:g})" in text
    assert f"at the level of {diff.LEVEL:.0%}".replace("%", " %") in text


def test_the_size_of_the_largest_board_is_as_recorded() -> None:
    record = read_record(record_path(results_page.REFERENCE, "go-3x4/uniform/seed=0"))
    assert f"with {record.n_positions:,} positions" in (DOCS / "idea.md").read_text()


def test_what_a_page_says_of_make_is_a_target() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for page in DOCS.rglob("*.md") for word in re.findall(r"`make (\w+)`", page.read_text())}
    assert named
    assert named <= targets


def test_every_command_that_a_page_shows_has_a_verb_options_and_learners_that_are_there() -> None:
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    n_commands = 0
    for page in DOCS.rglob("*.md"):
        for line in re.findall(r"^(?:\$ )?gaincurve (.+)", page.read_text(), re.MULTILINE):
            verb, *words = shlex.split(line)
            if page.name == "command-line.md" or "favourites" in words:  # the one shows no commands, the other a learner of its own
                continue
            known = {name for parameter in verbs[verb].params for name in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known, f"{page.name}: {line}"
            if verb == "fit":
                make_learner(*parse_learner(words[0]))
            n_commands += 1
    assert n_commands > 40


def test_every_module_that_a_page_names_is_there() -> None:
    for page in [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for path in re.findall(
            r"(?<![\w./])(?:games|policies|bench|tests|reports)/[\w/.-]*\w\.(?:py|toml|md|json|png)\b", page.read_text()
        ):
            assert (ROOT / path).exists() or (page.parent / path).exists() or "yours" in path, f"{page.name} names {path}"
