"""The axis of a run: rows hold what the records say, holes keep their rows, and the verb prints and fits what is planted."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from bench.curves.curve import LEVELS
from bench.curves.families import family_of
from bench.curves.figure1 import shortest_at_level
from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import CellStatus, read_record, record_path, write_record, write_suite
from bench.scaling.axis import AxisRow, Place, axis_of_run, axis_rows, places
from bench.suites.grid import Cell, LearnerEntry, Suite, cells
from bench.tails.curves import curve_of_record
from bench.tails.verdict import tail_of
from games.errors import WorkError
from tests.support.shell import Shell

REFERENCE = Path(__file__).parents[1] / "reports" / "reference"
GAMES = {"mnk-3x3x3": 600, "mnk-3x4x3": 10_000, "mnk-4x4x3": 300_000, "mnk-4x5x3": 8_000_000}
SUITE = Suite("planted", list(GAMES), [LearnerEntry("uniform"), LearnerEntry("rulelist"), LearnerEntry("table", games=["mnk-3x3x3"])])


def of_measured(record: Record) -> CellStatus:
    return CellStatus("measured", "", record)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capfd)


def point(size: int, gain: float, policy_bits: int, exception_bits: int) -> Point:
    return Point(size, size, gain, 1.0 - gain, policy_bits, exception_bits, 0, 1.0, 0.0, {})


def planted_record(cell: Cell) -> Record:
    """Bits that grow as the square root of positions; exceptions alone grow as positions do."""
    n_positions = GAMES[cell.game]
    unit = 8 * round(n_positions**0.5)
    points = [point(0, 0.0, 0, 8 * n_positions)]
    if cell.learner != "uniform":
        points = [point(1, 0.55, unit, 4 * n_positions), point(2, 0.9, 2 * unit, unit), point(4, 0.995, 4 * unit, unit)]
    return Record(cell, cell.id, "key", unit="rules", n_positions=n_positions, points=points)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "planted"
    write_suite(folder, SUITE)
    for cell in cells(SUITE):
        write_record(folder, planted_record(cell))
    return folder


def row_of(rows: list[AxisRow], game: str, curve: str) -> AxisRow:
    (row,) = [row for row in rows if (row.game, row.curve) == (game, curve)]
    return row


def test_a_row_holds_what_each_level_takes_and_the_shortest_file_of_perfect_play(run: Path) -> None:
    row = row_of(axis_of_run(run), "mnk-3x4x3", "rulelist")
    assert LEVELS == (0.5, 0.9, 0.99, 1.0)
    assert row.units == (1, 2, 4, None)
    assert row.bits == (800, 1600, 3200, None)
    assert row.codelength == 1600 + 800
    assert row.exceptions_alone == 80_000
    assert row.ratio == pytest.approx(0.03)
    assert (row.n_positions, row.unit, row.written_in, row.hole) == (10_000, "rules", "concepts+patterns+positions", None)
    assert row_of(axis_of_run(run), "mnk-3x4x3", "uniform").ratio == 1.0


def test_rows_come_in_the_order_of_the_suite_one_a_cell(run: Path) -> None:
    found = [(row.game, row.curve) for row in axis_of_run(run)]
    assert found == [(cell.game, cell.label) for cell in cells(SUITE)]


def test_missing_failed_and_damaged_cells_keep_their_rows_and_say_why(run: Path) -> None:
    record_path(run, "mnk-3x3x3/rulelist/seed=0").unlink()
    failed = planted_record(Cell("mnk-3x4x3", "rulelist", "rulelist"))
    write_record(run, msgspec.structs.replace(failed, points=[], error="out of memory"))
    path = record_path(run, "mnk-4x4x3/rulelist/seed=0")
    path.write_text(path.read_text().replace('"n_positions": 300000', '"n_positions": 300001'))
    write_record(run, msgspec.structs.replace(planted_record(Cell("mnk-4x5x3", "rulelist", "rulelist")), points=[]))
    rows = axis_of_run(run)
    assert len(rows) == len(cells(SUITE))
    holes = [row_of(rows, game, "rulelist") for game in GAMES]
    assert [hole.hole.state for hole in holes if hole.hole] == ["missing", "failed", "damaged", "failed"]
    assert "out of memory" in str(holes[1].hole)
    assert "checksum" in str(holes[2].hole)
    assert {(hole.codelength, hole.ratio, hole.n_positions, hole.bits_to_level) for hole in holes} == {(None, None, None, None)}
    assert all(row_of(rows, game, "uniform").codelength for game in GAMES)


def test_a_cell_under_weights_of_its_own_is_not_compared(run: Path) -> None:
    cell = Cell("mnk-3x3x3", "rulelist", "rulelist", weights="play")
    write_record(run, planted_record(cell))
    assert str(row_of(axis_of_run(run), "mnk-3x3x3", "rulelist").hole) == (
        "not compared: measured with weights = 'play', where the suite has 'uniform'"
    )
    assert row_of(axis_of_run(run), "mnk-3x4x3", "rulelist").hole is None


def test_without_a_file_that_has_no_policy_there_is_no_ratio() -> None:
    cell = Cell("mnk-3x3x3", "rulelist", "rulelist")
    (row,) = axis_rows([(cell, of_measured(planted_record(cell)))])
    assert (row.exceptions_alone, row.ratio) == (None, None)
    assert row.codelength


def test_the_smallest_file_without_a_policy_is_the_reference() -> None:
    cell = Cell("mnk-3x3x3", "uniform", "uniform")
    other = Cell("mnk-3x3x3", "uniform", "uniform", seed=1)
    records = [msgspec.structs.replace(planted_record(cell), points=[point(0, 0.0, 0, bits)]) for bits in (480, 400)]
    assert [row.exceptions_alone for row in axis_rows([(cell, of_measured(records[0])), (other, of_measured(records[1]))])] == [400, 400]


@pytest.mark.parametrize("learner", ["minimax", "mcts"])
def test_a_search_has_a_row_but_no_place_among_the_shortest(learner: str) -> None:
    """Its eight bits play perfectly by its work, so that they say nothing of how briefly the game is described."""
    search, listed = Cell("mnk-3x3x3", learner, learner), Cell("mnk-3x3x3", "rulelist", "rulelist")
    plays = msgspec.structs.replace(planted_record(search), points=[point(4, 1.0, 8, 0)])
    rows = axis_rows([(search, of_measured(plays)), (listed, of_measured(planted_record(listed)))])
    assert [row.is_drawn for row in rows] == [False, True]
    assert rows[0].bits[-1] == 8
    assert [place.name for place in places(rows)] == ["mnk-3x3x3 (rulelist)"]
    assert [record.cell.learner for _, record in shortest_at_level([plays, planted_record(listed)]).values()] == ["rulelist"]


def test_a_learner_that_is_not_known_here_has_a_row_all_the_same() -> None:
    cell = Cell("mnk-3x3x3", "of-another-package", "other", {"architecture": "mlp"})
    (row,) = axis_rows([(cell, of_measured(msgspec.structs.replace(planted_record(cell), cell=cell)))])
    assert (row.written_in, row.hole) == ("mlp", None)


@pytest.mark.parametrize(
    ("game", "family"),
    [
        ("tictactoe", "tictactoe"),
        ("go-3x4", "go"),
        ("nim-3-4-5", "nim"),
        ("random-nim-3-4-5", "random-nim"),
        ("random-tictactoe", "random-tictactoe"),
        ("planted-zipf-12", "planted-zipf"),
        ("planted-geometric-12", "planted-geometric"),
    ],
)
def test_families_are_told_by_the_id_and_controls_by_what_they_are_made_of(game: str, family: str) -> None:
    assert family_of(game) == family


def test_the_shortest_policies_stand_by_bits(run: Path) -> None:
    found = places(axis_of_run(run))
    assert found == sorted(found, key=lambda place: place.bits)
    assert found == [Place(f"{game} (rulelist)", 16 * round(n**0.5)) for game, n in GAMES.items()]


@pytest.mark.parametrize("cell_id", ["go-2x3/rulelist/seed=0", "tictactoe/uniform/seed=0"])
def test_a_tail_is_the_verdict_on_the_record(cell_id: str) -> None:
    record = read_record(record_path(REFERENCE, cell_id))
    (row,) = axis_rows([(record.cell, of_measured(record))])
    if record.cell.learner == "uniform":
        assert row.tail == "no curve: one size"
    else:
        assert row.tail == tail_of(curve_of_record(record)).words


def test_the_verb_gives_rows_places_and_the_planted_exponents(shell: Shell, run: Path) -> None:
    answer = shell.json("axis", str(run))
    assert [row["game"] for row in answer["rows"] if row["curve"] == "rulelist"] == list(GAMES)
    first = next(row for row in answer["rows"] if row["curve"] == "rulelist")
    assert (first["bits"]["0.9"], first["units"]["0.99"], first["bits"]["1"]) == (16 * round(600**0.5), 4, None)
    assert first["family"] == "mnk"
    assert (first["bits_at_levels"]["0.5"], first["bits_at_levels"]["0.99"]) == (first["bits"]["0.5"], first["bits"]["0.99"])
    assert (first["bits_at_levels"]["0.6"], first["bits_at_levels"]["value"]) == (first["bits"]["0.9"], None)
    by_curve = {(each["curve"], each["quantity"]): each for each in answer["scaling"]}
    for quantity in ("codelength", "bits to 90% gain"):
        found = by_curve["rulelist", quantity]
        low, high = found["law"]["kappa_band"]
        assert low - 1e-3 < 0.5 < high + 1e-3
        assert found["verdict"] == "below 1"
        assert found["check"]["verdict"] == "holds"
    assert by_curve["exceptions alone", "codelength"]["law"]["kappa"] == pytest.approx(1.0)
    assert by_curve["exceptions alone", "codelength"]["verdict"] == "undecided: the band holds 1"
    assert by_curve["table", "codelength"]["verdict"] == "undecided: one size"
    assert [place["bits"] for place in answer["places"]] == [16 * round(n**0.5) for n in GAMES.values()]
    assert {(code["bits"], code["reason"]) for code in answer["kt"]} == {
        (None, "its records hold no comparable language bits: measure them again")
    }
    assert {code["gain"] for code in answer["kt"]} == {*LEVELS, "value"}


def test_the_verb_gives_kappa_for_each_family_kind_and_level(shell: Shell, run: Path) -> None:
    found = shell.json("axis", str(run))["kappa"]
    assert [(each["kind"], each["level"]) for each in found] == [
        (kind, level) for kind in ("best", "rules") for level in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0, "value")
    ]
    for each in found[:7]:
        assert each.keys() == {"family", "kind", "level", "exponent", "low", "high", "loo_low", "loo_high", "n_boards", "verdict"}
        numbers = [each[name] for name in ("exponent", "low", "high", "loo_low", "loo_high")]
        assert numbers == pytest.approx([0.5] * 5, abs=8e-3)  # bits as the square root of positions, in whole bytes
        assert (each["family"], each["n_boards"], each["verdict"]) == ("mnk", 4, "between 0 and 1")
    assert found[7] | {"kind": "best", "level": 1.0} == {
        "family": "mnk",
        "kind": "best",
        "level": 1.0,
        **dict.fromkeys(("exponent", "low", "high", "loo_low", "loo_high")),
        "n_boards": 0,
        "verdict": "no number: 0 of 4 boards reach it, a fit needs 3",
    }


def test_other_records_give_other_words(shell: Shell, run: Path) -> None:
    status, before, _ = shell("axis", str(run))
    assert status == 0
    assert re.search(r"mnk +shortest of all +codelength +4 +0\.50 .* below 1", before)
    assert re.search(r"mnk +rules +(0\.50 +){7}- +-", before)
    assert "mnk +tables" not in before
    assert "9 cells, 0 of them without numbers" in before
    for game, n_positions in GAMES.items():
        cell = Cell(game, "rulelist", "rulelist")
        n_bits = 8 * round(n_positions**1.5)
        write_record(run, msgspec.structs.replace(planted_record(cell), points=[point(1, 0.95, n_bits, 0)]))
    record_path(run, "mnk-3x3x3/table/seed=0").unlink()
    _, after, _ = shell("axis", str(run))
    assert re.search(r"mnk +shortest of all +codelength +4 +1\.50 .* above 1", after)
    assert re.search(r"mnk +best +(1\.50 +){6}- ", after)
    assert "9 cells, 1 of them without numbers" in after
    assert re.search(r"mnk-3x3x3 +table .* missing", after)


def test_a_run_of_one_game_says_that_no_exponent_can_be_fitted(shell: Shell, tmp_path: Path) -> None:
    suite = Suite("one", ["mnk-3x3x3"], [LearnerEntry("uniform")])
    write_suite(tmp_path / "one", suite)
    status, out, _ = shell("axis", "one", "--runs", str(tmp_path))
    assert status == 0
    assert "mnk: no size, so no exponent can be fitted" in out
    assert "Extrapolated" not in out


def test_what_is_no_run_is_refused_in_one_line(shell: Shell, tmp_path: Path) -> None:
    status, out, err = shell("axis", "nothing", "--runs", str(tmp_path))
    assert (status, out, err.count("\n")) == (2, "", 1)
    (tmp_path / "suite.json").write_text(json.dumps({"name": 3}))
    status, out, err = shell("axis", str(tmp_path))
    assert (status, out, err.count("\n")) == (1, "", 1)
    with pytest.raises(WorkError, match="damaged"):
        axis_of_run(tmp_path)
