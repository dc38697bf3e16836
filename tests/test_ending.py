"""Whether a curve has ended: by the budgets that were used, however they were written, and by what the learner says of its fit."""

import json
from pathlib import Path

import msgspec
import pytest

from bench.curves.compare import measure_all
from bench.curves.ending import has_ended
from bench.harness.cell import measure_cell
from bench.harness.keys import cell_key
from bench.harness.path import FittedPath
from bench.harness.records import Record
from bench.harness.store import read_record, record_path
from bench.report.blocks import Drawing, tables_of
from bench.report.parts.game_tables import curve_drawing
from bench.report.parts.provenance import how_it_was_measured, limits
from bench.report.run_data import Evidence, read_evidence
from bench.suites.grid import Cell, LearnerEntry, Suite, cells
from bench.suites.load import parse_suite
from bench.tails.curves import curve_of_record
from bench.tails.verdict import ENDS, UNDECIDED, tail_of
from policies.baselines.symbolic import Formula, SymbolicLearner
from policies.registry import LEARNERS, make_learner
from policies.rules.rulelist import RuleListLearner
from policies.task import make_task
from tests.support.report_planted import point
from tests.support.shell import Shell
from tests.test_learners import OPTIONS
from tests.test_store import seal

REFERENCE = Path(__file__).parents[1] / "reports" / "reference"
# Of tic-tac-toe a list of six, to which no single rule can be added with profit (tests/test_tails.py).
IN_CONCEPTS = {"language": "concepts", "atoms": "single", "polish": False}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capfd)


def listed(budgets: list[int] | None, game: str = "tictactoe", learner: str = "rulelist") -> Cell:
    return Cell(game, learner, learner, IN_CONCEPTS if learner == "rulelist" else {}, budgets)


def as_of_schema_2(record: Record, folder: Path, budgets: list[int] | None) -> Path:
    """A record as the version before schema 3 wrote it, with budgets as the suite gave them."""
    content = msgspec.to_builtins(record)
    del content["budgets"], content["is_finished"]
    path = record_path(folder, record.cell_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(seal({**content, "schema": 2, "cell": {**content["cell"], "budgets": budgets}}))
    return path


def test_budgets_ask_for_the_same_record_however_they_are_written() -> None:
    text = 'name = "s"\ngames = ["tictactoe"]\n[[learners]]\nname = "table"\nbudgets = {}\nresults_at = {}\n'
    (mixed,), (plain,) = (cells(parse_suite(text.format(*lists), "s.toml")) for lists in (("[4, 2, 2]", "[4, 2, 4]"), ("[2, 4]", "[2, 4]")))
    assert (mixed.budgets, mixed.results_at) == ([2, 4], [2, 4])
    assert mixed == plain
    assert cell_key(mixed) == cell_key(plain)
    from_python = Suite("s", ["tictactoe"], [LearnerEntry("table", budgets=[4, 2, 2], results_at=[4, 2])])
    assert cells(from_python) == [plain]


@pytest.mark.parametrize("budgets", [[1, 2, 2], [2, 1, 1, 2]])
def test_a_repeated_budget_does_not_end_a_curve(budgets: list[int], tmp_path: Path, shell: Shell) -> None:
    """Six rules gain something, so two are no end."""
    record, _ = measure_cell(listed(budgets), "key")
    assert (record.budgets, record.is_finished, len(record.points)) == ([1, 2], False, 2)
    assert not curve_of_record(record).has_ended
    old = as_of_schema_2(record, tmp_path, budgets)
    assert not curve_of_record(read_record(old)).has_ended
    for words in ([], ["--refit"]):
        assert shell.json("tails", str(old), *words)["tails"][0]["verdict"] == UNDECIDED
    task, learner = make_task("tictactoe"), RuleListLearner("concepts")
    (run,) = measure_all(task, {"list": learner}, {"list": budgets}, [0], lambda _: None).runs["list"]
    assert not run.is_complete


def test_a_curve_at_the_learners_own_budgets_ends_where_its_fit_does(tmp_path: Path, shell: Shell) -> None:
    record, _ = measure_cell(listed(None), "key")
    assert record.budgets == list(RuleListLearner("concepts", atoms="single", polish=False).default_budgets(make_task("tictactoe")))
    assert (record.is_finished, len(record.points)) == (True, 6)
    old = as_of_schema_2(record, tmp_path, None)
    assert (read_record(old).budgets, read_record(old).is_finished) == (None, None)  # the file does not say
    assert has_ended(read_record(old))
    found = [shell.json("tails", str(old), *words)["tails"][0] for words in ([], ["--refit"])]
    assert [(tail["verdict"], tail["ends_after"]) for tail in found] == [(ENDS, 6), (ENDS, 6)]


def test_an_old_record_is_undecided_where_its_budgets_cannot_be_told(tmp_path: Path) -> None:
    record, _ = measure_cell(listed(None), "key")
    fewer = msgspec.structs.replace(record, points=[record.points[0], record.points[5]])  # of budgets that the learner no longer has
    assert not has_ended(read_record(as_of_schema_2(fewer, tmp_path, None)))
    for unknown in ({"game": "package.module:GAME"}, {"game": "chess"}, {"learner": "gone"}, {"options": {"gone": 1}}):
        cell = msgspec.structs.replace(record.cell, **unknown)
        assert not has_ended(read_record(as_of_schema_2(msgspec.structs.replace(record, cell=cell), tmp_path, None)))


@pytest.mark.parametrize("name", [name for name in LEARNERS if name not in ("uniform", "perfect", "shortest")])
def test_a_learner_that_says_it_has_ended_has_nothing_more_to_bring(name: str) -> None:
    """Held against fits with larger budgets: where one brings another last policy, the path had not ended."""
    task, learner = make_task("go-2x3"), make_learner(name, OPTIONS.get(name))
    largest = 8 if name in ("network", "local_search", "subspace", "selfplay") else 64
    for budgets in ([1, 2, 4, 8], [1, 3, largest]):
        path = FittedPath(learner, task, budgets, 0)
        *_, (_, last) = path
        if path.is_finished:
            *_, more = learner.fit_path(task, [*budgets, 2 * budgets[-1], 4 * budgets[-1]], 0)
            assert learner.encode(more, task) == learner.encode(last, task)


@pytest.mark.parametrize(
    ("game", "learner", "whole"),
    [
        ("tictactoe", make_learner("rulelist", IN_CONCEPTS), 6),  # as above
        ("random-hex-2x3", make_learner("tree"), 56),  # by a fit with budget 128, which no split takes further
        ("go-2x3", make_learner("random_order"), 25),  # by a fit with budget 801, the number of moves
        ("go-2x3", make_learner("human"), 9),  # the rules of policies/rules/lists/go_beginner.json
    ],
)
def test_a_fit_that_ends_at_the_last_budget_has_ended(game: str, learner, whole: int) -> None:
    task = make_task(game)
    ended = {}
    for last in (whole - 1, whole + 1):
        path = FittedPath(learner, task, [1, last], 0)
        sizes = [policy.size for _, policy in path]
        assert sizes == [1, min(last, whole)]
        ended[last] = path.is_finished
    assert ended == {whole - 1: False, whole + 1: True}


def test_a_path_that_stops_for_another_reason_has_not_ended() -> None:
    """No formula has 2 or 3 symbols, so the path stops there; one of 9 is known all the same."""

    class Planted(SymbolicLearner):
        def _best_by_size(self, task, seed):
            return {1: (0.5, Formula((1.0,))), 9: (0.1, Formula((1.0,)))}

    for budgets, sizes, is_finished in (([1, 3], 1, False), ([1, 9], 2, True)):
        path = FittedPath(Planted(), make_task("tictactoe"), budgets, 0)
        assert (len(list(path)), path.is_finished) == (sizes, is_finished)


def test_networks_never_end_by_themselves() -> None:
    path = FittedPath(make_learner("network", {"steps": 5}), make_task("tictactoe"), [1, 2], 0)
    assert (len(list(path)), path.is_finished) == (2, False)


def test_the_reference_counts_the_curves_whose_budgets_were_all_used() -> None:
    """Counted by another program: policies held against the budgets of the suite, or those that the learner has for the game."""
    evidence = read_evidence(REFERENCE)
    ends = {
        record.cell.seed: tail_of(curve_of_record(record)) for record in evidence.of_game("go-2x3") if record.cell.label == "random-order"
    }
    assert {seed: (tail.verdict, tail.ends_after) for seed, tail in ends.items()} == {0: (ENDS, 26), 1: (ENDS, 17), 2: (ENDS, 29)}
    assert ends[1].words == "ends, 46.0% out of reach"  # 1 - 0.53958, the gain of its last point
    assert "132 of 650 curves, a seed each, reach their last budget short of a gain of 1" in " ".join(
        sentence.text for sentence in limits(evidence)
    )


def test_a_sampled_curve_is_fitted_anew_to_its_sample(tmp_path: Path, shell: Shell) -> None:
    cell = msgspec.structs.replace(listed(None, "go-2x3"), options={}, held_out=0.7)
    record, _ = measure_cell(cell, "key")
    path = record_path(tmp_path, cell.id)
    path.parent.mkdir()
    path.write_bytes(seal(json.loads(msgspec.json.encode(record))))
    recorded, fitted = (shell.json("tails", str(path), *words)["tails"][0] for words in ([], ["--refit"]))
    assert fitted["ends_after"] == recorded["ends_after"]
    assert fitted["left_at_end"] == pytest.approx(recorded["left_at_end"], abs=1e-12)
    assert recorded["left_at_end"] > 0.01  # what is held out is left


def seeded(own: str, other: str) -> Evidence:
    """A run of two learners on two games; `own` and `other`: the seeds of the suite, and those of the learner `table`."""
    learners = f'[[learners]]\nname = "rulelist"\n[[learners]]\nname = "table"\nseeds = {other}\n'
    suite = parse_suite(f'name = "s"\ngames = ["tictactoe", "go-2x3"]\nseeds = {own}\n{learners}', "s.toml")
    records = [Record(cell, cell.id, "key", "rules", 9, points=[point(1, 0.1), point(2, 0.2 + cell.seed / 10)]) for cell in cells(suite)]
    return Evidence(Path("nowhere"), suite, tuple(records), {}, {})


@pytest.mark.parametrize(
    ("own", "other", "said"),
    [
        ("[0]", "[0]", "Of 4 curves, each a learner on a game, 4 were measured with 1 seed."),
        ("[0]", "[0, 1, 2]", "Of 4 curves, each a learner on a game, 2 were measured with 1 seed and 2 were measured with 3 seeds."),
        ("[0, 1]", "[5]", "Of 4 curves, each a learner on a game, 2 were measured with 1 seed and 2 were measured with 2 seeds."),
    ],
)
def test_a_report_says_with_how_many_seeds_its_curves_were_measured(own: str, other: str, said: str) -> None:
    text = " ".join(sentence.text for sentence in limits(seeded(own, other)))
    assert said in text
    assert "Every cell" not in text


def test_seeds_of_one_learner_alone_are_told_apart_and_all_drawn() -> None:
    evidence = seeded("[0]", "[0, 1, 2]")
    names = ["rulelist", "table, seed 0", "table, seed 1", "table, seed 2"]
    assert [evidence.name(record) for record in evidence.of_game("go-2x3")] == names
    (block,) = curve_drawing(evidence, "go-2x3")
    assert isinstance(block, Drawing)
    assert [line.get_label() for line in block.figure.axes[0].lines if len(line.get_xdata()) == 2 and line.get_label() in names] == names
    (made_with,) = (table for table in tables_of([how_it_was_measured(evidence)]) if table.name == "provenance")
    assert dict(row.values for row in made_with.rows)["seeds"].startswith("0, 1, 2;")
