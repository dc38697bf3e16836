"""Figures for a journal: names at lines, axes that are broken at 0, what is held out, proved minima, and captions."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from bench.curves.held_out_lists import held_out_lists
from bench.curves.minima import minima_of
from bench.harness.point import Point
from bench.harness.records import Record
from bench.measures.split_curve import SplitCurve
from bench.report.parts.captions import caption_of_figure_1, caption_of_figure_2
from bench.report.plots.bounded import draw_bounded
from bench.report.plots.figure1 import draw_panels
from bench.report.plots.journal import break_at_zero, spread
from bench.report.plots.style import set_logarithmic
from bench.scaling.bounded import LIMITS, largest_of_families
from bench.suites.grid import Cell
from policies.task import POSITIONS
from tests.support.planted_runs import graded_point as point


@pytest.mark.parametrize("seed", range(20))
def test_names_move_as_little_as_keeps_them_apart(seed: int) -> None:
    """The least squares of the moves: where names touch, their moves add up to 0; elsewhere nothing moves."""
    rng = np.random.default_rng(seed)
    places = sorted(rng.uniform(0, 1, size=8).tolist())
    found = spread(places, 0.08)
    gaps = np.diff(found)
    assert (gaps > 0.08 - 1e-12).all()
    groups = np.split(np.arange(8), np.flatnonzero(gaps > 0.08 + 1e-9) + 1)
    assert [sum(found[i] - places[i] for i in group) for group in groups] == pytest.approx([0.0] * len(groups), abs=1e-12)


def test_a_broken_axis_names_zero_and_the_powers_above_the_break() -> None:
    figure = Figure()
    axes = figure.subplots()
    set_logarithmic(axes, "x")
    axes.set_xlim(1e-4, 20)
    break_at_zero(axes, "x", 1e-4)
    figure.draw_without_rendering()
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹"]


def split(gains: list[float], fitted: list[float], seed: int = 0) -> SplitCurve:
    known = [0.01] * len(gains)
    return SplitCurve(seed, 50, 40, 50.0, [1, 2], [*fitted], [*gains], [*known], [*known])


def held(game: str, splits: list[SplitCurve], nulls: list[SplitCurve], **others: object) -> Record:
    cell = Cell(
        game, "rulelist", "single-atom-list", options={"atoms": "single", "polish": False}, held_out=0.5, splits=len(splits), **others
    )
    points = [point(1, 0.5, 8), point(2, 0.8, 16)]
    return Record(cell, cell.id, "key", "rules", 90, 100, 500, 0.5, points, splits=splits, nulls=nulls)


TWO = held("go-2x3", [split([0.4, 0.5], [0.5, 0.8]), split([0.2, 0.7], [0.6, 0.9])], [split([0.0, -0.1], [0.1, 0.2])])


def test_what_is_held_out_is_the_mean_of_the_splits_with_their_reach() -> None:
    """By hand: gains of .4 and .2 at the first budget leave .7 in the mean, from .6 to .8."""
    (found,) = held_out_lists([TWO, held("go-2x4", [split([0.1, 0.2], [0.3, 0.4])], [], split=POSITIONS)], ["go-2x2", "go-2x3", "go-2x4"])
    assert (found.game, found.label, found.n_splits, found.n_held_out) == ("go-2x3", "single-atom-list", 2, 40)
    assert found.budgets.tolist() == [1, 2]
    assert found.held == pytest.approx([0.7, 0.4])
    assert found.fitted == pytest.approx([0.45, 0.15])
    assert (found.low, found.high) == (pytest.approx([0.6, 0.3]), pytest.approx([0.8, 0.5]))
    assert found.null is not None
    assert found.null[1] == pytest.approx([1.0, 1.1])


def test_panel_b_draws_what_is_held_out_beside_what_is_known() -> None:
    panel = draw_panels([TWO])["B"]
    left, _ = panel.axes
    drawn = {str(line.get_gid()).split("\t")[-1]: line for line in left.lines}
    assert np.asarray(drawn["go-2x3: left on boards held out"].get_ydata()) == pytest.approx([0.7, 0.4])
    thin, thick = (drawn[f"go-2x3: left {name}"].get_linewidth() for name in ("where fitted", "on boards held out"))
    assert thin < thick
    assert len(set(to_rgb(drawn["moves shuffled: left on boards held out"].get_color()))) == 1  # grey


def shortest(seat: str, n_rules: int, **options: str) -> Record:
    cell = Cell("tictactoe", "shortest", f"shortest-{seat}{len(options)}", options={"seat": seat, **options})
    return Record(cell, cell.id, "key", "rules", points=[point(n_rules, 0.9, 8 * n_rules)])


MINIMA = [shortest("first", 3), shortest("second", 5), shortest("both", 5), shortest("both", 3, language="lookahead+centre")]
WATERFALL = Record(
    Cell("tictactoe", "rulelist", "rulelist", options={"language": "concepts"}),
    "cell",
    "key",
    "rules",
    627,
    points=[point(1, 0.6), point(2, 0.9)],
)


def test_proved_minima_are_those_of_the_records() -> None:
    found = minima_of([*MINIMA, WATERFALL], "tictactoe")
    assert [(least.name, least.n_rules) for least in found] == [
        ("first player", 3),
        ("second player", 5),
        ("both players", 5),
        ("both players, lookahead", 3),
    ]
    rules, proved = draw_panels([*MINIMA, WATERFALL])["A"].axes
    (dots,) = proved.lines
    assert list(dots.get_xdata()) == [3, 5, 5, 3]
    assert rules.patches


def played(game: str, n_positions: int, *measured: tuple[float, int, int, float]) -> Record:
    """Points by gain, policy bits, language bits and operations."""
    points = [
        Point(1, 1, gain, 1 - gain, bits, 0, 0, operations, 0.1, None, comparable_language_bits=language)
        for gain, bits, language, operations in measured
    ]
    return Record(Cell(game, "tree", "tree"), f"{game}/tree/seed=0", "key", "leaves", n_positions, points=points)


GAMES = [
    played("tictactoe", 627, (0.95, 100, 50_000, 50.0)),
    played("go-2x2", 18, (0.95, 10, 50_000, 50.0)),
    played("go-3x3", 3496, (0.95, 9000, 50_000, 50.0), (0.92, 100, 60_000, 5000.0), (0.5, 1, 1, 1.0)),
    played("random-hex-3", 2000, (0.95, 90_000, 50_000, 50.0)),
]


def test_panel_c_has_the_largest_of_each_family_with_the_language_as_a_floor() -> None:
    codes = largest_of_families(GAMES)
    assert list(dict.fromkeys(code.game for code in codes)) == ["tictactoe", "go-3x3", "random-hex-3"]
    assert [code.bits for code in codes if code.game == "go-3x3"] == [59_000] * len(LIMITS)  # 60,100 with thought is no shorter
    _, axes = draw_bounded(codes).axes
    floors = [patch.get_x() + patch.get_width() for patch in axes.patches]
    assert floors == pytest.approx([50_000, 50_000, 50_000])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["tictactoe", "go-3x3", "random-hex-3"]
    assert axes.get_yticklabels()[2].get_color() != axes.get_yticklabels()[1].get_color()  # a null is grey


def test_marks_of_the_paper_stand_only_where_language_is_counted() -> None:
    with_marks = [
        letter
        for letter, panel in draw_panels([*GAMES, WATERFALL, TWO]).items()
        if any("genome" in text.get_text() for axes in panel.axes for text in axes.texts)
    ]
    assert with_marks == ["C"]


def test_captions_tell_numbers_and_panels_that_are_there() -> None:
    told = caption_of_figure_1([*GAMES, *MINIMA, WATERFALL, TWO])
    assert all(f"**{letter}**" in told for letter in "ABC")
    assert "(n = 627 positions)" in told
    assert "first player 3, second player 5, both players 5, both players, lookahead 3" in told
    assert "go-2x3 2 and 40" in told  # splits, and positions held out
    assert "largest game of each family (n = 3;" in told
    assert "**C**" not in caption_of_figure_1([WATERFALL])
    assert caption_of_figure_1([]) == caption_of_figure_2([]) == ""
    assert "go-3x3 (n = 3,496 positions)" in caption_of_figure_2(GAMES)
    assert "(seeds: tree 1)" in caption_of_figure_2(GAMES)
