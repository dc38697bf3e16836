"""What a dry run says: the state of every cell, and what it will cost, told from planted records."""

from pathlib import Path

import msgspec
import pytest

from bench.harness.estimate import Estimator, Known, line_at, power_at
from bench.harness.keys import cell_key
from bench.harness.plan import PlannedCell, plan
from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import policy_path, record_path, write_record
from bench.suites.grid import Cell, cells
from bench.suites.load import parse_suite
from games.errors import UsageError

SUITE = parse_suite(
    'name = "small"\ngames = ["tictactoe"]\n[[learners]]\nname = "table"\n[[learners]]\nname = "uniform"\n',
    "small.toml",
)
TABLE, UNIFORM = cells(SUITE)
POINT = Point(1, 1, 0.5, 0.1, 8, 8, 0, 1.0, 0.1, {})


def record_of(cell: Cell, seconds: float, n_states: int = 765, memory_mib: float | None = None, error: str = "") -> Record:
    points = [] if error else [POINT]
    return Record(
        cell, cell.id, cell_key(cell), points=points, n_states=n_states, seconds={"total": seconds}, memory_mib=memory_mib, error=error
    )


def keep(folder: Path, record: Record) -> None:
    write_record(folder, record)
    policy_path(folder, record.cell_id).parent.mkdir(exist_ok=True)
    policy_path(folder, record.cell_id).write_bytes(b"")


def planned(runs: Path) -> dict[str, PlannedCell]:
    return {found.cell.id: found for found in plan(SUITE, runs / "small", "*", runs)}


def test_a_cell_is_missing_measured_stale_failed_or_damaged(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    assert {found.state for found in planned(tmp_path).values()} == {"missing"}
    assert all(found.seconds is None and "no estimate" in found.why for found in planned(tmp_path).values())
    keep(folder, record_of(TABLE, 2.0, memory_mib=90.0))
    assert planned(tmp_path)[TABLE.id] == PlannedCell(TABLE, cell_key(TABLE), "measured", 2.0, 90.0, "measured")
    keep(folder, msgspec.structs.replace(record_of(TABLE, 2.0, memory_mib=90.0), key="of other sources"))
    assert planned(tmp_path)[TABLE.id][2:5] == ("stale", 2.0, 90.0)
    keep(folder, record_of(TABLE, 2.0, error="as planned"))
    assert planned(tmp_path)[TABLE.id].state == "failed"
    assert "as planned" in planned(tmp_path)[TABLE.id].why
    record_path(folder, TABLE.id).write_text("{")
    assert planned(tmp_path)[TABLE.id].state == "damaged"
    keep(folder, record_of(TABLE, 2.0))
    policy_path(folder, TABLE.id).unlink()
    assert planned(tmp_path)[TABLE.id].state == "damaged"
    assert planned(tmp_path)[UNIFORM.id].state == "missing"


def test_only_the_cells_of_a_pattern_are_planned(tmp_path: Path) -> None:
    assert [found.cell for found in plan(SUITE, tmp_path / "small", "*/uniform/*", tmp_path)] == [UNIFORM]
    with pytest.raises(UsageError, match=r"no cell of small matches 'go-\*'"):
        plan(SUITE, tmp_path / "small", "go-*", tmp_path)


def test_the_same_cell_in_another_run_tells_what_it_takes(tmp_path: Path) -> None:
    keep(tmp_path / "runs" / "other", msgspec.structs.replace(record_of(TABLE, 7.0, memory_mib=100.0), key="of other sources"))
    keep(tmp_path / "reference", record_of(UNIFORM, 3.0))
    assert planned(tmp_path / "runs")[TABLE.id][2:5] == ("missing", 7.0, 100.0)
    assert planned(tmp_path / "runs")[UNIFORM.id][2:4] == ("missing", 3.0)


def test_another_game_is_judged_by_the_number_of_its_states() -> None:
    """Planted: seconds = states^1.5 / 1000, memory = 50 + states / 100 MiB, and learners that have nothing to do with it."""

    def known(n_states: int, learner: str = "table") -> Known:
        cost = (n_states**1.5 / 1000, 50 + n_states / 100) if learner == "table" else (1e6, 1e6)
        return Known(Cell(f"nim-{n_states}", learner, learner), n_states, *cost, "2026-01-01")

    cell = Cell("go-2x3", "table", "table")
    size = Known(Cell("go-2x3", "human", "human"), 5000, 1.0, None, "")
    estimator = Estimator([*map(known, (100, 1000, 10_000)), known(5000, "rulelist"), size])
    seconds, memory, source = estimator.estimate(cell)
    assert seconds == pytest.approx(5000**1.5 / 1000)
    assert memory == pytest.approx(100.0)
    assert source == "judged by table on 3 games"
    assert estimator.estimate(Cell("go-2x3", "tree", "tree")).seconds is None
    seeded = estimator.estimate(Cell("nim-1000", "table", "table", seed=7))
    assert seeded == (1000**1.5 / 1000, 60.0, "as long as with another seed")


def test_one_size_scales_seconds_in_proportion_and_says_nothing_of_memory_beyond_it() -> None:
    assert power_at(400.0, [(100, 2.0), (100, 8.0)]) == pytest.approx(16.0)  # the geometric mean, 4, times 4
    assert line_at(100.0, [(100, 60.0), (100, 70.0)]) == 70.0
    assert line_at(101.0, [(100, 60.0), (100, 70.0)]) is None
    assert line_at(5000.0, [(100, 70.0), (1000, 60.0)]) == pytest.approx(65.0)  # memory does not fall as games grow
