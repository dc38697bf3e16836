"""What carries over on boards of growing size: sizes read off curves, bands over seeds, laws, answers, and what the study writes."""

import math
from pathlib import Path

import pytest

from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import write_record, write_suite
from bench.measures.split_curve import SplitCurve
from bench.report.parts.boards import about_losses, about_tails, boards_sections, loss_of, tail_verdict
from bench.scaling.boards import BITS, COUNTED, ESTIMATED, TAIL, UNITS, Growth, growths, left_at, positions_of
from bench.scaling.power_law import LARGER
from bench.studies import larger_boards
from bench.studies.larger_boards import prediction_rows, results_of
from bench.suites.grid import Cell, LearnerEntry, Suite
from games.go_large.solve import solve_large
from games.proof.draws_arrangements import estimate_positions
from games.registry import make_game
from games.rules.domineering import Domineering
from games.rules.go import Go
from games.rules.hex import Hex
from games.rules.nogo import NoGo
from games.solving.graph import enumerate_graph
from tests.support.report_planted import drawings, evidence, point, sentences, table
from tests.support.shell import Shell

SIZES = {"go-3x3": 3_600, "go-2x6": 150_000, "go-3x4": 164_122, "go-4x4": 6_211_131}  # positions
LAST = 1_024  # units, of planted curves


def held(size: int, bits: int, left: float, error: float = 0.001) -> Point:
    """A policy that leaves this much on positions held out."""
    return point(size, 1.0 - left, bits, held_out={"n_fitted": 800, "gain": 1.0 - left, "residual": left, "error": error})


def curve(
    game: str, label: str, points: list[Point], tail: float = 0.0, seed: int = 0, learner: str = "rulelist", **others: bool
) -> Record:
    """A record of a curve with boards held out, whose units behind the 64-th carry over this share."""
    cell = Cell(game, learner, label, seed=seed, held_out=0.2, positions=800 if game == "go-4x4" else None)
    budgets, fitted = [64, LAST], [0.5, 0.7]
    errors: list[float | None] = [0.001, 0.001]
    split = SplitCurve(seed, 1_000, 1_000, 1_000.0, budgets, [*fitted], [0.5, 0.5 + 0.2 * tail], errors, errors)
    unit = "hidden units" if learner == "network" else "rules"
    return Record(cell, cell.id, "key", unit, n_positions=1_000 if cell.positions else SIZES[game], points=points, splits=[split], **others)


def only(found: list[Growth], quantity: str, size: int) -> Growth:
    (growth,) = [growth for growth in found if (growth.quantity, growth.size) == (quantity, size)]
    return growth


def test_between_two_sizes_a_curve_is_read_off_its_hull_and_nowhere_beyond_it() -> None:
    """By hand: from 500 bits to 1,500 the hull falls from .4 to .2, since .35 at 900 lies above it; errors are read off in the same way."""
    points = [held(4, 500, 0.4, 0.01), held(8, 900, 0.35, 0.5), held(16, 1_500, 0.2, 0.02)]
    record = curve("go-3x3", "list-boards", points, is_finished=False)
    half = left_at(record, BITS, 1_000)
    assert half is not None
    assert (half.mean, half.high - half.mean) == pytest.approx((0.3, 1.96 * 0.015))
    measured = left_at(record, UNITS, 8)
    assert measured is not None
    assert measured.mean == pytest.approx(0.35)
    assert left_at(record, BITS, 499) is None
    assert left_at(record, BITS, 1_501) is None
    ended = left_at(curve("go-3x3", "list-boards", points, is_finished=True), BITS, 16_000)
    assert ended is not None
    assert ended.mean == pytest.approx(0.2)


def test_a_band_reaches_over_all_seeds() -> None:
    records = [
        curve(game, "list-boards", [held(16, 100, left, error)], seed=seed)
        for game in SIZES
        for seed, (left, error) in enumerate([(0.30, 0.01), (0.34, 0.02), (0.29, 0.001)])
    ]
    board = only(growths(records), UNITS, 16).boards[0]
    assert board.found.mean == pytest.approx(0.31)
    assert (board.found.low, board.found.high) == pytest.approx((0.30 - 0.0196, 0.34 + 0.0392))
    assert board.cells == tuple(f"go-3x3/list-boards/seed={seed}" for seed in range(3))


def test_boards_stand_by_their_positions_and_samples_by_those_of_the_game() -> None:
    records = [curve(game, "list-boards", [held(16, 100, 0.3)]) for game in reversed(SIZES)]
    growth = only(growths(records), UNITS, 16)
    assert [(board.game, board.n_positions) for board in growth.boards] == [*SIZES.items()]
    assert (growth.kind, growth.split) == ("list", "boards")
    assert growths(records[:2]) == []  # two boards only


SLOW = ("go-4x5", "hex-4", "connect_four-5x4")


@pytest.mark.parametrize("game", [pytest.param(game, marks=pytest.mark.slow) if game in SLOW else game for game in COUNTED])
def test_positions_of_sampled_boards_are_counted(game: str) -> None:
    """By the solver of large boards of Go, and by enumerating the others."""
    rules = make_game(game)
    counted = solve_large(rules).counts.positions if isinstance(rules, Go) else len(enumerate_graph(rules).positions)
    assert counted == COUNTED[game]


@pytest.mark.parametrize(("game", "n_batches"), [("hex-3x4", 20), ("nogo-4x4", 40), ("domineering-5x5", 20), ("domineering-6x6", 100)])
def test_positions_of_other_boards_are_estimated(game: str, n_batches: int) -> None:
    """Within four standard errors of what is counted, or of the estimate of 400 batches that the table has."""
    rules = make_game(game)
    assert isinstance(rules, Hex | NoGo | Domineering)
    estimate, error = estimate_positions(rules, n_batches, seed=1)
    assert error < 0.01 * estimate
    assert abs(estimate - COUNTED.get(game, ESTIMATED.get(game, 0))) < 4 * error


def test_the_rule_for_uncounted_boards_is_close_where_they_are_counted() -> None:
    """Twice the published number of legal arrangements by the symmetries of the board (tests/facts.toml), 4x4 by 8, 4x5 by 4."""
    for game, counted in (("go-4x4", 6_211_131), ("go-4x5", 942_119_973)):
        assert positions_of("go", game) == counted
        assert LARGER["go"][game] == pytest.approx(counted, rel=0.03)
    assert positions_of("go", "go-5x5") == LARGER["go"]["go-5x5"]
    assert positions_of("hex", "hex-9") is None


def law_records(power: float) -> list[Record]:
    """Curves that leave and carry over by exact powers of the positions."""
    return [curve(game, "list-boards", [held(64, 1_000, 0.05 * n**power)], tail=1.0 - 2.0 * n**-power) for game, n in SIZES.items()]


def test_an_exact_law_is_found_and_extrapolated() -> None:
    found = growths(law_records(0.1))
    left, tail = only(found, UNITS, 64), only(found, TAIL, 64)
    assert left.law is not None
    assert left.law.kappa == pytest.approx(0.1)
    assert tail.law is not None
    assert tail.law.kappa == pytest.approx(-0.1)
    n = positions_of("go", "go-4x5")
    assert n is not None
    ahead, carried = left.predict("go-4x5"), tail.predict("go-4x5")
    assert ahead is not None
    assert carried is not None
    assert (ahead.low, ahead.mean, ahead.high) == pytest.approx([0.05 * n**0.1] * 3)
    assert (carried.low, carried.mean, carried.high) == pytest.approx([1.0 - 2.0 * n**-0.1] * 3)


def test_a_prediction_does_not_look_at_the_board_that_it_is_about() -> None:
    records = law_records(0.1)
    before = only(growths(records[:3]), UNITS, 64).predict("go-4x4")
    assert before is not None
    wild = curve("go-4x4", "list-boards", [held(64, 1_000, 0.9)])
    assert only(growths([*records[:3], wild]), UNITS, 64).predict("go-4x4") == before


@pytest.mark.parametrize(
    ("tails", "verdict"),
    [([0.0, 0.3, 0.31, 0.6], "tends to 1"), ([0.6, 0.31, 0.3, 0.0], "falls"), ([0.3, 0.5, 0.1, 0.4], "undecided")],
)
def test_what_the_tail_tends_to_follows_from_its_law(tails: list[float], verdict: str) -> None:
    records = [curve(game, "list-boards", [held(64, 1_000, 0.3)], tail) for game, tail in zip(SIZES, tails, strict=True)]
    found = growths(records)
    assert tail_verdict(only(found, TAIL, 64)) == verdict
    (said,) = about_tails(found)
    assert f"T(64) is {tails[0]:.2f} (" in said.text
    assert said.cells == tuple(record.cell_id for record in records)


def test_where_boards_differ_in_the_positions_fitted_to_it_is_said() -> None:
    records = law_records(0.1)
    (alike,) = about_tails(growths(records))
    assert "differ" not in alike.text
    more = held(64, 1_000, 0.3)
    assert more.held_out is not None
    more.held_out["n_fitted"] = 1_600
    records[-1].points[:] = [more]
    found = growths(records)
    assert [board.n_fitted for board in only(found, TAIL, 64).boards] == [800, 800, 800, 1_600]
    (unlike,) = about_tails(found)
    assert unlike.text.endswith("The boards also differ in how many positions are fitted to, 800 to 1,600, which alone moves T.")


def losing(of_list: float, of_net: float, error: float) -> list[Record]:
    """A list and a network that leave more on go-4x4 than on the other boards by these amounts."""
    return [
        curve(game, f"{kind}-boards", [held(16, 1_000, 0.2 + loss * (game == "go-4x4"), error)], learner=learner)
        for game in SIZES
        for kind, learner, loss in (("list", "rulelist", of_list), ("net", "network", of_net))
    ]


def test_losses_are_compared_and_overlapping_bands_leave_them_undecided() -> None:
    """By hand: the difference of two bands of 1.96 * .001 either side has one of 2 * 1.96 * .001, .4 points."""
    (sure,) = about_losses(growths(losing(0.10, 0.01, 0.001)))
    assert "list leaves more by 10.0 (9.6 to 10.4) points at 1,000 bits; net by 1.0 (0.6 to 1.4) points with 16 hidden units" in sure.text
    assert sure.text.endswith("The list loses more, at every size.")
    (turned,) = about_losses(growths(losing(0.01, 0.10, 0.001)))
    assert turned.text.endswith("The network loses more, at every size.")
    (doubtful,) = about_losses(growths(losing(0.10, 0.01, 0.02)))
    assert "undecided" in doubtful.text
    growth = only([one for one in growths(losing(0.10, 0.01, 0.001)) if one.kind == "net"], UNITS, 16)
    loss = loss_of(growth)
    assert loss is not None
    assert loss.mean == pytest.approx(0.01)


def test_a_report_tells_of_boards_where_samples_were_drawn() -> None:
    records = law_records(0.1)
    assert boards_sections(evidence([record for record in records if record.cell.positions is None])) == []
    (section,) = boards_sections(evidence(records))
    assert "T(64) tends to 1, if this holds on." in sentences(section)
    rows = table(section, "boards-go")
    assert [(row["game"], row["n_positions"]) for row in rows] == [*SIZES.items()]
    assert rows[-1]["t_64"] == pytest.approx(1.0 - 2.0 * 6_211_131**-0.1)
    assert rows[-1]["units_64"] == pytest.approx(0.05 * 6_211_131**0.1)
    drawing = drawings(section)["boards-go"]
    series = {one.name: one for one in drawing.series}
    assert series["list, boards apart: 64 rules"].x == tuple(map(float, SIZES.values()))
    panels = {axes.get_title(loc="left"): axes for axes in drawing.figure.axes}
    (drawn,) = [line.get_ydata() for line in panels["left with 64 units"].lines if len(line.get_xdata()) == len(SIZES) + 1]
    narrow, *wide = [0.05 * SIZES[game] ** 0.1 for game in ("go-2x6", "go-3x3", "go-3x4", "go-4x4")]
    assert [*drawn] == pytest.approx([narrow, math.nan, *wide], nan_ok=True)  # boards of two rows are joined apart


def planted_run(folder: Path, records: list[Record]) -> Path:
    first = records[0].cell
    entries = [
        LearnerEntry(first.learner, first.label, games=[record.cell.game], held_out=0.2, positions=record.cell.positions)
        for record in records
    ]
    write_suite(folder, Suite("run", [record.cell.game for record in records], entries))
    for record in records:
        write_record(folder, record)
    return folder


def test_the_verb_gives_every_growth_of_a_run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    folder = planted_run(tmp_path / "run", law_records(0.1))
    found = Shell(monkeypatch, capfd).json("tails", str(folder))["by_board"]
    (tail,) = [one for one in found if (one["quantity"], one["size"]) == ("T", 64)]
    assert tail["kappa"] == pytest.approx(-0.1)
    assert [board["game"] for board in tail["boards"]] == [*SIZES]


def test_the_study_writes_tables_answers_and_the_figure_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = planted_run(tmp_path / "run", law_records(0.1))
    monkeypatch.setattr(larger_boards, "former_prediction", lambda records: f"{len(records)} records")
    blocks = results_of(folder)
    left = " | ".join(f"{100 * 0.05 * n**0.1:.1f} ±0.2" for n in SIZES.values())
    assert f"| list | boards | left with 64 rules, % | {left} |" in blocks["results.table"]
    assert "tends to 1" in blocks["results.answers"]
    assert (folder / "boards.png").stat().st_size > 10_000
    assert "| T(64) | 0.75 | 0.75 to 0.75 | - | - | not measured |" in blocks["results.predicted"]
    assert blocks["results.former"] == "4 records"


def test_what_came_stands_beside_what_was_predicted() -> None:
    """The law leaves .05 * 942,119,973**.1, 39.5 %: a board that leaves that holds, one that leaves half of it fails."""
    for left, verdict in ((39.5, "holds"), (19.7, "fails")):
        came = curve("go-4x4", "list-boards", [held(64, 1_000, left / 100)])
        cell = Cell("go-4x5", "rulelist", "list-boards", held_out=0.2, positions=800)
        came = Record(cell, cell.id, "key", "rules", n_positions=1_000, points=came.points)
        (row,) = [row for row in prediction_rows(growths([*law_records(0.1), came])) if "64 rules" in row]
        assert row.startswith("| list | boards | left with 64 rules, % | 39.5 |")
        assert row.endswith(f"| {left:.1f} | {left - 0.2:.1f} to {left + 0.2:.1f} | {verdict} |")
