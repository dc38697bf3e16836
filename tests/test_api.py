"""Runs from Python: arrays hold what the records hold, and a policy comes back as it was measured."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gaincurve
from bench.api import RUNS
from bench.cli.options import RUNS as RUNS_OF_THE_COMMAND
from bench.harness.cell import measure_cell
from bench.harness.keys import cell_key
from bench.harness.policyfile import save_policy
from bench.harness.records import Record
from bench.harness.store import policy_path, record_path, write_record, write_suite
from bench.runs.export import COLUMNS, table
from bench.suites.grid import cells
from bench.suites.load import parse_suite
from bench.tails.curves import curve_of_record
from games.errors import UsageError, WorkError
from policies.task import make_task
from tests.support.planted_runs import NETWORKS, RULES, plant, point

ROOT = Path(__file__).parents[1]
SUITE = """
name = "small"
games = ["tictactoe"]
weights = "play"
[[learners]]
name = "table"
budgets = [1, 4, 400]
[[learners]]
name = "uniform"
"""
TABLE, UNIFORM = "tictactoe/table/seed=0", "tictactoe/uniform/seed=0"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run measured in this process."""
    folder, suite = tmp_path_factory.mktemp("runs") / "small", parse_suite(SUITE, "small.toml")
    write_suite(folder, suite)
    for cell in cells(suite):
        record, policy = measure_cell(cell, cell_key(cell))
        write_record(folder, record)
        save_policy(policy_path(folder, cell.id), policy)
    return folder


def test_runs_lie_where_the_command_line_puts_them() -> None:
    assert RUNS == RUNS_OF_THE_COMMAND


def test_columns_hold_the_values_of_the_table_row_by_row() -> None:
    folder = ROOT / "reports" / "reference"
    found, rows = gaincurve.load(folder).columns(), table(folder)
    assert list(found) == [column.name for column in COLUMNS]
    for column in COLUMNS:
        array, values = found[column.name], [row[column.name] for row in rows]
        assert array.shape == (len(rows),)
        if column.kind is str:
            assert array.tolist() == ["" if value is None else value for value in values]
        else:
            assert [None if value != value else value for value in array.tolist()] == values
    kinds = {name: found[name].dtype.kind for name in ("gain", "policy_bits", "never_loses", "n_parameters", "cell_id")}
    assert kinds == {"gain": "f", "policy_bits": "i", "never_loses": "f", "n_parameters": "f", "cell_id": "U"}  # not all have grades


def test_a_frame_has_the_same_columns_and_without_pandas_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    run = gaincurve.load(ROOT / "reports" / "reference")
    frame, columns = run.frame("go-3x3/*"), run.columns("go-3x3/*")
    assert list(frame.columns) == list(columns)
    assert frame["gain"].to_numpy().tolist() == columns["gain"].tolist()
    best = frame.loc[frame.groupby("label")["gain"].idxmax()].set_index("label")["gain"].to_dict()
    gains = [(r.cell.label, point.gain) for r in run.records.values() if r.cell.game == "go-3x3" for point in r.points]
    assert best == {label: max(gain for other, gain in gains if other == label) for label, _ in gains}
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(WorkError, match="needs pandas"):
        run.frame()


def test_a_policy_plays_as_it_was_measured_under_the_weights_of_its_suite(measured: Path) -> None:
    run = gaincurve.load(measured)
    fitted = run.policy(TABLE)
    last = run.record(TABLE).points[-1]
    assert (fitted.gain, fitted.policy.size) == (last.gain, last.size)
    assert fitted.gain != make_task("tictactoe").gain(fitted.action_probabilities)  # positions do not count alike in this suite
    assert fitted.action_probabilities.shape == (fitted.task.graph.n_edges,)
    assert 8 * len(fitted.learner.encode(fitted.policy, fitted.task)) == last.policy_bits


def test_a_curve_is_that_of_the_record(measured: Path) -> None:
    run = gaincurve.load("small", runs=measured.parent)
    for measure in ("regret", "exceptions"):
        found, expected = run.curve(TABLE, measure), curve_of_record(run.record(TABLE), measure)
        assert found.sizes.tolist() == expected.sizes.tolist()
        assert found.residuals.tolist() == expected.residuals.tolist()


def test_patterns_choose_cells_and_unknown_names_say_the_nearest(measured: Path) -> None:
    run = gaincurve.load(measured)
    assert run.columns("*/table/*")["budget"].tolist() == [1, 4, 400]
    assert run.columns(TABLE)["gain"].tolist() == [p.gain for p in run.record(TABLE).points]
    with pytest.raises(UsageError, match="no measured cell of small matches"):
        run.columns("go-*")
    with pytest.raises(UsageError, match=f"no cell 'tictactoe/tabel/seed=0'; did you mean {TABLE}"):
        run.record("tictactoe/tabel/seed=0")
    with pytest.raises(UsageError, match="no run 'smal'; did you mean small"):
        gaincurve.load("smal", runs=measured.parent)


def test_cells_without_a_measure_say_why(tmp_path: Path) -> None:
    plant(tmp_path, {RULES[0].id: [point(0.5)]})
    write_record(tmp_path, Record(RULES[1], RULES[1].id, "key", error="out of memory"))
    record_path(tmp_path, RULES[2].id).write_text("{")
    run = gaincurve.load(tmp_path)
    assert list(run.records) == [RULES[0].id]
    whys = [run.without[cell.id].partition(":")[0] for cell in (*RULES[1:], *NETWORKS)]
    assert whys == ["failed", "damaged", *["missing"] * 7]
    with pytest.raises(UsageError, match="was not measured: failed: out of memory"):
        run.record(RULES[1].id)


def test_a_damaged_policy_file_is_refused(measured: Path, tmp_path: Path) -> None:
    run = gaincurve.load(measured)
    elsewhere: Any = type(run)(tmp_path, run.suite, run.records, run.without)
    with pytest.raises(UsageError, match="cannot read"):
        elsewhere.policy(TABLE)


def test_run_measures_what_is_missing_and_returns_everything(measured: Path, tmp_path: Path) -> None:
    """In processes, as the command does: the same records, timings aside."""
    (tmp_path / "small.toml").write_text(SUITE)
    said: list[str] = []
    run = gaincurve.run(tmp_path / "small.toml", runs=tmp_path, jobs=1, only="*/table/*", say=said.append)
    assert (list(run.records), list(run.without)) == ([TABLE], [UNIFORM])
    assert any(line.startswith(f"{TABLE}: gain ") for line in said)
    here, there = run.columns(TABLE), gaincurve.load(measured).columns(TABLE)
    assert all(np.array_equal(here[name], there[name]) for name in ("key", "gain", "codelength", "never_loses", "exploitability"))
    before = record_path(run.folder, TABLE).read_bytes()
    gaincurve.run(parse_suite(SUITE, "small.toml"), runs=tmp_path, only="*/table/*", say=said.append)  # keeps what is there
    assert record_path(run.folder, TABLE).read_bytes() == before
    with pytest.raises(UsageError, match="unknown suite 'quikc'; did you mean quick"):
        gaincurve.run("quikc", runs=tmp_path)
