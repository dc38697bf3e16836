"""What the hand-written pages of docs/ show is run: files are written, commands and Python sessions run, and what they print compared.

What studies write into pages is left to test_pages.py.
"""

import ast
import doctest
import inspect
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import typer.main
from scipy.stats import ttest_ind

from bench.__main__ import VERBS, app
from bench.harness.records import SCHEMA, Record
from bench.harness.store import read_record, record_path
from bench.measures.grades import Grades, grades
from bench.measures.pac_bayes import DELTA
from bench.report.definitions import definitions
from bench.runs import diff
from bench.runs.diff import LEVEL, ROUNDING, SEEDLESS
from bench.scaling.power_law import LEVEL_OF_BAND
from bench.studies import registry
from bench.studies.definitions import COMPUTED
from bench.studies.page import REFERENCE
from bench.studies.registry import STUDIES
from bench.suites.grid import Suite, cells
from bench.suites.load import load_suite
from bench.suites.schema import suite_schema
from bench.tails import judged, verdict
from bench.tails.curves import N_REPLICATES
from games.concepts.concept import concepts_of
from games.registry import make_game
from policies.adapters.openspiel import GraphPolicy
from policies.api import action_probabilities
from policies.language.literal_json import FORMS
from policies.language.lookahead import CONCEPTS
from policies.registry import make_learner, parse_learner
from policies.rules.human import HumanLearner, list_names
from policies.task import make_task
from tests.support.shell import Shell
from tests.test_project import LAYERS, MODULES, ORDERS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text()
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


PARTS = r"^```(\w+)(?: file=(\S+)| status=(\d))?\n(.*?)^```$"


class Block(NamedTuple):
    """A fenced block, with the file that it is a part of or the exit status of its commands, if the page says one."""

    language: str
    file: str
    status: str
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
            self.type(block.text, int(block.status or 0))
        elif block.language == "sh":
            assert set(block.text.splitlines()) <= set(README.splitlines()), "what takes long is shown in the README too, and run there"
        else:
            assert block.language == "pycon"
            self.speak(block.text)

    def type(self, text: str, expected: int) -> None:
        before, *parts = re.split(r"^\$ gaincurve (.*)\n", text, flags=re.MULTILINE)
        assert not before
        for command, shown in zip(parts[::2], parts[1::2], strict=True):
            status, out, err = self.shell(*shlex.split(command))
            assert status == expected, err
            said = out if command.startswith("run ") else out + err  # the progress of a run is not shown
            assert doctest.OutputChecker().check_output(shown, said, FLAGS), f"{command}\nprinted\n{said}"

    def speak(self, text: str) -> None:
        session = doctest.DocTestParser().get_doctest(text, self.names, "page", "page", 0)
        assert session.examples
        said: list[str] = []
        failed, _ = doctest.DocTestRunner(optionflags=FLAGS).run(session, out=said.append, clear_globs=False)
        assert not failed, "".join(said)
        self.names = session.globs


def blocks(page: str) -> list[Block]:
    text = (DOCS / page).read_text()
    found = [Block(*match) for match in re.findall(PARTS, text, re.MULTILINE | re.DOTALL)]
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


SHOWN = ("add-a-learner.md", "explain.md", "heldout.md", "quick-start.md", "rules.md", "truth-sets.md")
SHOWN_LONG = ("comparing-runs.md", "python.md")


@pytest.mark.parametrize("page", [*SHOWN, *(pytest.param(page, marks=pytest.mark.slow) for page in SHOWN_LONG)])
def test_a_page_prints_what_it_shows(workplace: Workplace, page: str) -> None:
    assert blocks(page)
    for block in blocks(page):
        workplace.do(block)
        if block.file == "pyproject.toml":
            install(workplace.folder)
    if page == "quick-start.md":
        assert len([*(workplace.folder / "reports" / "runs" / "mine" / "records").iterdir()]) == 2


def test_every_verb_has_its_options_on_the_page() -> None:
    text = (DOCS / "command-line.md").read_text()
    assert re.findall(r"^## (\S+)", text, re.MULTILINE) == list(VERBS)
    assert text.count("`--json`") > len(VERBS) / 2


def test_what_is_said_of_a_definition_is_of_one_that_is_there() -> None:
    assert COMPUTED.keys() <= definitions().keys()


def test_the_architecture_names_every_folder_of_modules_in_the_order_in_which_they_import() -> None:
    text = (DOCS / "architecture.md").read_text()
    table = text.split("## Folders")[1].split("## Where")[0]
    named = [name.strip("/") for name in re.findall(r"^\| `(\S+)` \|", table, re.MULTILINE)]
    folders = {str(path.parent.relative_to(ROOT)) for path in MODULES}
    assert folders == {name for name in named if name.partition("/")[0] in LAYERS}
    for package, order in ORDERS.items():
        inside = [name.removeprefix(f"{package}/") for name in named if name.startswith(f"{package}/")]
        assert [name for name in inside if "/" not in name] == [name for name in order if (ROOT / package / name).is_dir()]
    for path in re.findall(r"`((?:games|policies|bench|gaincurve|tests|docs|reports)/[\w./]*)`", text):
        assert (ROOT / path).exists(), path


ANSWERS = dict(re.findall(r"^\| (.*\?) \| (`.*` \| `.*`) \|$", (DOCS / "architecture.md").read_text(), re.MULTILINE))


@pytest.mark.parametrize("question", ANSWERS)
def test_what_a_question_asks_for_is_defined_where_the_answer_says(question: str) -> None:
    path, name = ANSWERS[question].strip("`").split("` | `")
    defined: set[str] = set()
    for node in ast.parse((ROOT / path).read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Assign):
            defined.update(target.id for target in node.targets if isinstance(target, ast.Name))
    assert name in defined


def test_the_answers_are_those_that_the_code_gives() -> None:
    """Asked of the objects themselves: what the registries make, and what writes a page."""
    assert len(ANSWERS) >= 10
    kalah = {concept.holds.__name__: concept.holds for concept in concepts_of(make_game("kalah-2-2"))}
    [writer] = [module for name, module in vars(registry).items() if name in STUDIES and STUDIES[name][0].file == "fitters.md"]
    found = {
        "Where are the rules of Hex?": type(make_game("hex-3")),
        "Where is a concept of Kalah defined?": kalah["moves_again"],
        "Where does a policy become one of OpenSpiel's?": GraphPolicy,
        "Which program writes `docs/fitters.md`?": writer,
    }
    for question, thing in found.items():
        path, _ = ANSWERS[question].strip("`").split("` | `")
        assert Path(inspect.getfile(thing)) == ROOT / path, question


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
    assert (judged.TABLE, verdict.HEAVY_DECADES, LEVEL_OF_BAND) == (4.0, 2.0, 0.95)  # "four average positions", "two decades", "95 %"
    assert f"With probability {1 - DELTA:g} over the draw" in text
    assert f"ln(2√n / {DELTA:g})" in text
    assert f"at the level of {diff.LEVEL:.0%}".replace("%", " %") in text


def test_the_size_of_the_largest_board_is_as_recorded() -> None:
    record = read_record(record_path(ROOT / REFERENCE, "go-3x4/uniform/seed=0"))
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
            if verb == "fit" and "--cell" not in words:
                make_learner(*parse_learner(words[0]))
            n_commands += 1
    assert n_commands > 40


def test_every_module_that_a_page_names_is_there() -> None:
    for page in [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        for path in re.findall(
            r"(?<![\w./])(?:games|policies|bench|tests|reports)/[\w/.-]*\w\.(?:py|toml|md|json|png)\b", page.read_text()
        ):
            assert (ROOT / path).exists() or (page.parent / path).exists() or "yours" in path, f"{page.name} names {path}"


# docs/comparing-runs.md


def test_what_the_page_says_of_the_tests_is_so() -> None:
    page = " ".join((DOCS / "comparing-runs.md").read_text().split())
    assert f"({', '.join(f'`{name}`' for name in SEEDLESS)})" in page
    assert (LEVEL, ROUNDING) == (0.01, 1e-12)
    assert "at the level of 1 %" in page
    assert "10<sup>-12</sup>" in page


def test_how_many_seeds_it_takes_is_said_as_it_is() -> None:
    """Simulated: 10,000 pairs of sets of seeds from normal distributions; four standard errors of a share are below 0.02."""
    rng = np.random.default_rng(0)
    page = " ".join((DOCS / "comparing-runs.md").read_text().split())
    for n_seeds, shift, said in ((2, 8, "eight standard deviations passes in 18 %"), (5, 4, "with five seeds one by four in 98 %")):
        before, after = rng.normal(size=(2, 10_000, n_seeds))
        share = float((ttest_ind(before, after + shift, axis=1, equal_var=False).pvalue < LEVEL).mean())
        assert said in page
        assert abs(share - int(said.split()[-2]) / 100) < 0.02


# docs/heldout.md


def test_the_table_of_held_out_gains_is_measured(workplace: Workplace) -> None:
    rows = re.findall(
        r"^\| `(\S+)` \| (\d+) \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \| (\S+) \|$", (DOCS / "heldout.md").read_text(), re.MULTILINE
    )
    assert len(rows) == 5
    for learner, budget, bits, fitted, held_out, promised in rows:
        answer = workplace.shell.json("fit", learner, "--game", "go-3x3", "--budget", budget, "--held-out", "0.5")
        found, bound = answer["held_out"], answer["held_out"]["pac_bayes"]
        assert f"{answer['bits']['policy']:,}" == bits
        assert (f"{found['gain_fitted']:.4f}", f"{abs(found['gain']):.4f}") == (fitted, held_out)
        assert promised == ("vacuous" if bound["is_vacuous"] else f"{bound['gain']:.4f}")


# docs/rules.md

RULES = (DOCS / "rules.md").read_text()
LISTS = re.findall(r"^\| `(\w+)` \| (\S+) \| (\S+) \| (\d+) \| ([\d.]+) \| (.*?) ?\|$", RULES, re.MULTILINE)


def test_all_conditions_and_words_of_lookahead_are_told() -> None:
    table = RULES[RULES.index("| condition |") : RULES.index("Pictures and positions may be drawn")]
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
    assert {name for name, *_ in LISTS} == set(list_names())


@pytest.mark.parametrize(("name", "game_id", "semantics", "n_rules", "gain", "said"), LISTS)
def test_the_table_of_lists_is_measured(name: str, game_id: str, semantics: str, n_rules: str, gain: str, said: str) -> None:
    task, learner = make_task(game_id), HumanLearner(name)
    *_, policy = learner.fit_path(task, learner.default_budgets(task), seed=0)
    weights = action_probabilities(task.graph, policy.scores(task))
    assert (policy.semantics, str(policy.size)) == (semantics, n_rules)
    assert f"{task.gain(weights):.4f}" == gain
    assert proved(grades(task.graph, task.solution, weights)) == said


# docs/suites.md

SUITES = (DOCS / "suites.md").read_text()


@pytest.fixture
def suites(tmp_path: Path) -> dict[str, Suite]:
    texts = dict(re.findall(r"```toml suite=(\w+)\n(.*?)```", SUITES, re.DOTALL))
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return {name: load_suite(str(tmp_path / f"{name}.toml")) for name in texts}


def test_its_suites_have_the_cells_that_the_text_says(suites: dict[str, Suite]) -> None:
    varied = [f"rulelist,language={language}/seed={seed}" for language in ("concepts", "patterns") for seed in (0, 1)]
    assert [cell.id for cell in cells(suites["first"])] == [
        *(f"{game}/{curve}" for game in ("tictactoe", "go-2x3") for curve in (*varied, "table/seed=0")),
        "nim-1-2-3/table/seed=0",
    ]
    varied = [f"rulelist,language={language}/seed=5" for language in ("concepts", "patterns")]
    assert [cell.id for cell in cells(suites["second"])] == [
        *(f"tictactoe/{curve}" for curve in (*varied, "table/seed=0", "tree/seed=5")),
        *(f"go-2x3/{curve}" for curve in varied),
        "nim-1-2-3/table/seed=0",
        *(f"hex-2x3/{curve}" for curve in (*varied, "table/seed=0", "tree/seed=5")),
    ]
    assert {cell.time_limit for cell in cells(suites["second"])} == {600.0}


@pytest.mark.parametrize(("heading", "kind"), [("Keys of a suite", "Suite"), ("Keys of a learner", "LearnerEntry")])
def test_its_tables_say_of_every_key_what_the_schema_says(heading: str, kind: str) -> None:
    section = SUITES.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE)
    assert rows == [(key, about["description"]) for key, about in suite_schema()["$defs"][kind]["properties"].items()]


def test_it_names_every_field_of_a_record() -> None:
    section = SUITES.split("## Records\n")[1].split("\n## ")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert named == set(Record.__struct_fields__)
    assert f"| `schema` | {SCHEMA};" in section
