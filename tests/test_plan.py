"""What a dry run says: the state of every cell, and what it will cost, told from planted records."""

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bench.harness.estimate import Estimator, Known, line_at, power_at, read_known
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
    assert planned(tmp_path)[TABLE.id] == PlannedCell(TABLE, cell_key(TABLE), "measured", 2.0, 90.0, "")
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


def test_what_small_games_cost_to_start_does_not_hide_how_large_ones_grow() -> None:
    """Planted: 1 s for the start, and seconds = states^1.5 / 10^5 beside it, which 40 games below 1,000 states do not show."""
    pairs = [(n, 1 + n**1.5 / 1e5) for n in [*range(20, 1000, 25), 20_000, 50_000, 100_000]]
    assert power_at(1e6, pairs) == pytest.approx(1e4, rel=0.3)
    assert power_at(300.0, pairs) == pytest.approx(1.05, rel=0.1)


def test_of_several_records_of_a_cell_the_last_made_is_taken_whatever_their_order() -> None:
    cell = Cell("nim-1-2", "table", "table")
    old, new = (Known(cell, 6, seconds, seconds * 10, made) for seconds, made in ((5.0, "2026-01-02"), (3.0, "2026-11-01")))
    for known in ([old, new], [new, old]):
        assert Estimator(known).estimate(cell) == (3.0, 30.0, "as long as last time")


def test_records_with_the_same_options_are_asked_before_others() -> None:
    """Planted: 10 s with the options asked for, 1000 s with others, on games of one size; and nothing of another seed with others."""
    known = [
        Known(Cell(f"nim-{i}", "table", label, {"rules": rules}), 100, seconds, None, "2026-01-01")
        for i, (label, rules, seconds) in enumerate([("a", 1, 10.0), ("b", 2, 1000.0), ("b", 2, 1000.0)])
    ]
    size = Known(Cell("nim-1-2", "human", "human"), 100, 1.0, None, "")
    estimator = Estimator([*known, size])
    for rules, seconds in ((1, 10.0), (2, 1000.0)):
        assert estimator.estimate(Cell("nim-1-2", "table", "c", {"rules": rules})).seconds == pytest.approx(seconds)
    assert estimator.estimate(Cell("nim-0", "table", "c", {"rules": 2}, seed=1)).seconds == pytest.approx(1000.0)
    assert estimator.estimate(Cell("nim-1-2", "table", "c", {"rules": 3})).seconds == pytest.approx((10.0 * 1000.0**2) ** (1 / 3))


def test_seconds_are_taken_to_grow_between_the_root_and_the_square_of_the_states() -> None:
    for power, taken in ((5.0, 2.0), (1.3, 1.3), (0.1, 0.5), (-1.0, 0.5)):
        pairs = [(float(n), 1e-3 * float(n) ** power) for n in (10, 100, 1000)]
        assert power_at(2e5, pairs) / power_at(1e5, pairs) == pytest.approx(2**taken)


def test_the_page_says_how_good_estimates_are() -> None:
    """From the reference results with each game left out, or with all games left out that are not smaller."""
    root = Path(__file__).parents[1]
    known = read_known([root / "reports" / "reference"])
    sizes = {one.cell.game: one.size for one in known}
    errors: dict[str, list[float]] = {"all": [], "larger": []}
    for game, n_states in sizes.items():
        others = {"all": [one for one in known if one.cell.game != game], "larger": [one for one in known if one.size < n_states]}
        for which, rest in others.items():
            estimator = Estimator([*rest, Known(Cell(game, "none", "none"), n_states, 1.0, None, "")])
            for one in known:
                if one.cell.game == game and (which == "all" or n_states > 50_000):
                    estimate = estimator.estimate(one.cell)
                    if estimate.seconds is not None:
                        errors[which].append(abs(math.log(estimate.seconds / one.seconds)))
    middle = math.exp(np.median(errors["all"]))
    shares = [np.mean(np.array(errors[which]) < math.log(3)) for which in ("all", "larger")]
    n_all, n_larger = len(errors["all"]), len(errors["larger"])
    said = f"half of the {n_all} estimates are within a factor of {middle:.1f} of what was measured, and {shares[0]:.0%} within 3"
    beyond = f"{shares[1]:.0%} of {n_larger} estimates are within 3"
    text = " ".join((root / "docs" / "suites.md").read_text().split())
    assert (said in text, beyond in text) == (True, True), (said, beyond)


def test_one_size_scales_seconds_in_proportion_and_says_nothing_of_memory_beyond_it() -> None:
    assert power_at(400.0, [(100, 2.0), (100, 8.0)]) == pytest.approx(16.0)  # the geometric mean, 4, times 4
    assert line_at(100.0, [(100, 60.0), (100, 70.0)]) == 70.0
    assert line_at(101.0, [(100, 60.0), (100, 70.0)]) is None
    assert line_at(5000.0, [(100, 70.0), (1000, 60.0)]) == pytest.approx(65.0)  # memory does not fall as games grow
