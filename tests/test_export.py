"""The table of all records: what was planted comes back from CSV and from Parquet, and no cell is dropped."""

import csv
import json
import re
import sys
from pathlib import Path

import pyarrow.parquet
import pytest

from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import read_record, read_suite, record_path, write_record, write_suite
from bench.runs.export import COLUMNS, Row, Value, table, write_table
from bench.suites.grid import Cell, cells
from bench.suites.load import parse_suite
from games.errors import UsageError, WorkError
from tests.support.shell import Shell

ROOT = Path(__file__).parents[1]
SUITE = parse_suite(
    """
    name = "planted"
    games = ["tictactoe", "go-2x3"]
    seeds = [7]
    [[learners]]
    name = "rulelist"
    label = "concepts, best"
    options = { best = true, language = "concepts" }
    [[learners]]
    name = "table"
    budgets = [5]
    """,
    "planted.toml",
)
LISTED, TABLE, FAILED, MISSING = cells(SUITE)
GAMES_LEFT = {"first": 4.70000000000001, "second": 1e-300, "plies": 0}
RESULTS = {"exploitability": 1 / 3, "loss_rate": 0.1, "best_loss_rate": 0.7, "error": 0.0, "first": {}, "second": {}, "is_exact": True}
PROVENANCE = {"commit": "0123456789ab", "python": "3.11.2", "libraries": {"numpy": "2.4.6", "torch": "2.13.0"}, "cores": 2}
POINTS = [
    Point(1, 1, 0.1 + 0.2, 2 / 3, 16, 376, 2080, 3.5, 0.25, {"never_loses": False, "stalls_first": True}),
    Point(2, 2, 1.0, 0.0, 24, 0, 2080, 4.5, 0.5, {"never_loses": True}, RESULTS, "in words", 0.125, GAMES_LEFT, 12, exploitability=1 / 3),
]
ERROR = 'ValueError: "1,5" is\nno number; größer'


def write(folder: Path) -> None:
    """A cell with two points, one that failed, one that was never measured, and one whose file is damaged."""
    write_suite(folder, SUITE)
    recipe = {"engine": 90_000, "learner": 70_000, "seed": 32}
    write_record(
        folder, Record(LISTED, LISTED.id, "a key", "rules", 627, 765, 2270, 0.6, POINTS, provenance=PROVENANCE, recipe_bits=recipe)
    )
    write_record(folder, Record(FAILED, FAILED.id, "b key", error=ERROR))
    record_path(folder, MISSING.id).unlink(missing_ok=True)
    record_path(folder, TABLE.id).write_text("{")


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    write(tmp_path)
    return table(tmp_path)


def value(text: str, kind: type) -> Value:
    """The documented way back from a field of the CSV file."""
    if text == "":
        return None
    if kind is bool:
        return {"true": True, "false": False}[text]
    found: Value = kind(text)
    return found


def read_csv(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return [{column.name: value(row[column.name], column.kind) for column in COLUMNS} for row in csv.DictReader(file)]


def test_a_row_holds_what_the_record_and_the_point_say(rows: list[Row]) -> None:
    first, second = rows[:2]
    expected = {"run": "planted", "status": "measured", "error": None, "cell_id": "tictactoe/concepts, best/seed=7", "game": "tictactoe"}
    expected |= {
        "learner": "rulelist",
        "label": "concepts, best",
        "seed": 7,
        "weights": "uniform",
        "held_out": None,
        "splits": 0,
        "split": "boards",
        "key": "a key",
    }
    expected |= {"commit": "0123456789ab", "numpy_version": "2.4.6", "numba_version": None, "python_version": "3.11.2", "cores": 2}
    expected |= {"n_positions": 627, "n_states": 765, "n_edges": 2270, "uniform_regret": 0.6, "unit": "rules"}
    expected |= {"recipe_engine_bits": 90_000, "recipe_learner_bits": 70_000, "recipe_seed_bits": 32}
    assert {name: first[name] for name in expected} == {name: second[name] for name in expected} == expected
    assert json.loads(str(first["options"])) == {"best": True, "language": "concepts"}
    measured = {"budget": 2, "size": 2, "n_parameters": 12, "gain": 1.0, "regret": 0.0, "policy_bits": 24, "exception_bits": 0}
    measured |= {"language_bits": 2080, "codelength": 24, "operations": 4.5, "fit_seconds": 0.5, "missing_bits": 0.125}
    measured |= {"never_loses": True, "never_loses_first": None, "exploitability": 1 / 3, "loss_rate": 0.1, "best_loss_rate": 0.7}
    measured |= {"games_left_first": 4.70000000000001, "games_left_second": 1e-300, "games_left_plies": 0}
    assert {name: second[name] for name in measured} == measured
    assert (first["gain"], first["codelength"], first["never_loses"], first["stalls_first"]) == (0.1 + 0.2, 392, False, True)
    assert [first[name] for name in ("exploitability", "n_parameters", "missing_bits", "games_left_plies")] == [None] * 4


def test_cells_without_a_measure_have_a_row_that_says_why(rows: list[Row]) -> None:
    assert [(row["cell_id"], row["status"]) for row in rows[2:]] == [
        (TABLE.id, "damaged"),
        (FAILED.id, "failed"),
        (MISSING.id, "missing"),
    ]
    assert [row["error"] for row in rows[3:]] == [ERROR, "not measured yet"]
    assert "is damaged" in str(rows[2]["error"])
    assert [row["asked_budgets"] for row in rows] == [None, None, "[5]", None, "[5]"]
    names = [column.name for column in COLUMNS]
    measures = names[names.index("key") :]
    assert {"n_positions", "unit", "budget", "gain", "never_loses"} <= set(measures)
    assert all(row[name] is None for row in rows[2:] for name in measures)


def test_csv_gives_back_every_value_exactly(rows: list[Row], tmp_path: Path) -> None:
    write_table(tmp_path / "all.csv", rows)
    assert read_csv(tmp_path / "all.csv") == rows
    assert {type(row["gain"]) for row in rows} == {float, type(None)}


def test_parquet_gives_back_every_value_exactly_in_its_type(rows: list[Row], tmp_path: Path) -> None:
    write_table(tmp_path / "all.parquet", rows)
    found = pyarrow.parquet.read_table(tmp_path / "all.parquet")
    assert found.to_pylist() == rows
    types = {str: "string", int: "int64", float: "double", bool: "bool"}
    assert [(field.name, str(field.type)) for field in found.schema] == [(column.name, types[column.kind]) for column in COLUMNS]
    assert found.schema.field("regret").metadata == {b"about": b"mean regret, in the game's units"}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_same_records_give_the_same_file(rows: list[Row], ending: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_table(tmp_path / f"{name}.{ending}", rows)
    assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()


def test_every_number_and_cell_of_the_reference_run_is_in_its_table() -> None:
    folder = ROOT / "reports" / "reference"
    listed = [cell.id for cell in cells(read_suite(folder))]
    paths = {cell_id: record_path(folder, cell_id) for cell_id in listed}
    records = {cell_id: read_record(path) for cell_id, path in paths.items() if path.exists()}
    without = [cell_id for cell_id in listed if cell_id not in records or not records[cell_id].points]
    points = [(record.cell_id, point) for record in records.values() for point in record.points]
    rows = table(folder)
    assert len(rows) == len(points) + len(without) > 200
    measured = [row for row in rows if row["status"] == "measured"]
    assert [(row["cell_id"], row["budget"], row["gain"], row["codelength"]) for row in measured] == [
        (cell_id, point.budget, point.gain, point.codelength) for cell_id, point in points
    ]
    grades = {name for _, point in points for name in point.grades or ()}
    assert grades | {"is_finished", "plays_perfectly"} == {column.name for column in COLUMNS if column.kind is bool}


def test_columns_have_stable_names_and_the_documents_list_them() -> None:
    names = [column.name for column in COLUMNS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    page = (ROOT / "docs" / "export.md").read_text()
    kinds = {str: "text", int: "integer", float: "float", bool: "truth value"}
    listed = re.findall(r"^\| `(\w+)` \| ([a-z ]+) \| (.*) \|$", page, re.MULTILINE)
    assert listed == [(column.name, kinds[column.kind], column.about) for column in COLUMNS]


def test_all_fields_of_a_cell_are_columns() -> None:
    renamed = {"budgets": "asked_budgets", "results_at": "asked_results"}
    assert {renamed.get(name, name) for name in Cell.__struct_fields__} <= {column.name for column in COLUMNS}


def test_without_pyarrow_csv_is_written_and_parquet_says_what_to_install(rows: list[Row], tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    write_table(tmp_path / "all.csv", rows)
    with pytest.raises(WorkError, match=re.escape("pip install 'gaincurve[export]'")):
        write_table(tmp_path / "all.parquet", rows)
    assert not (tmp_path / "all.parquet").exists()


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"written as \.csv or \.parquet"):
        write_table(tmp_path / "all.xlsx", [])


def test_the_verb_writes_the_table_and_counts_its_rows(monkeypatch, capfd, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell(monkeypatch, capfd)
    write(tmp_path / "reports" / "runs" / "planted")
    answer = shell.json("export", "planted", "--out", "tables/all.csv")
    assert (answer["rows"], answer["points"], answer["without"]) == (5, 2, {"damaged": 1, "failed": 1, "missing": 1})
    assert len(read_csv(tmp_path / "tables" / "all.csv")) == 5
    said = "wrote all.parquet: 2 policies, 1 damaged cell, 1 failed cell, 1 missing cell\n"
    assert shell("export", "--out", "all.parquet") == (0, said, "")
    assert (tmp_path / "all.parquet").read_bytes()[:4] == b"PAR1"  # the first bytes of every Parquet file
    status, out, err = shell("export", "planted", "--out", "all.txt")
    assert (status, out, err) == (2, "", "error: all.txt: tables are written as .csv or .parquet\n")
    assert shell("export", "planted")[0] == 2
