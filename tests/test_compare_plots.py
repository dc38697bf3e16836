"""The figure of a comparison, drawn from planted points: its lines, shades and marks stand where they were planted."""

import re

import msgspec
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from bench.curves.compare import Comparison
from bench.curves.front import Run
from bench.harness.point import Point
from bench.report.plots.comparison import best_within, draw_comparison

UNITS = {"rulelist": "rules", "network": "hidden units", "table": "entries"}


def point(size: int, bits: int, operations: float, gain: float) -> Point:
    return Point(size, size, gain, 1 - gain, bits, 0, 100, operations, 0.0, {})


LIST = [point(1, 8, 5, 0.5), point(3, 40, 9, 0.8), point(4, 60, 12, 0.7), point(9, 90, 20, 1.0)]  # the third is beaten by the second
NETS = [
    [point(1, 100, 30, 0.4), point(2, 180, 60, 0.9)],
    [point(1, 110, 30, 0.6), point(2, 190, 60, 0.7)],
    [point(1, 105, 30, 0.5), point(2, 185, 60, 0.8)],
]
TABLE = [point(1, 16, 1, 0.1), point(50, 400, 1, 0.99)]


def planted() -> Comparison:
    nets = [Run(seed, points, False) for seed, points in enumerate(NETS)]
    return Comparison({"rulelist": [Run(0, LIST, True)], "network": nets, "table": [Run(0, TABLE, False)]})


def panels(figure: Figure) -> list[Axes]:
    figure.draw_without_rendering()
    return figure.axes


def test_the_best_within_is_a_running_maximum_that_begins_at_the_first_point() -> None:
    found = best_within(LIST, lambda each: each.policy_bits, np.array([7.0, 8.0, 39.0, 40.0, 60.0, 90.0, 500.0]))
    assert found.tolist()[1:] == [0.5, 0.5, 0.8, 0.8, 1.0, 1.0]
    assert np.isnan(found[0])


def test_lines_are_medians_and_shades_reach_from_the_least_to_the_greatest() -> None:
    for axes, places in zip(panels(draw_comparison("go-3x3", planted(), UNITS)), ("bits", "size", "operations"), strict=True):
        steps = [line for line in axes.lines if line.get_drawstyle() == "steps-post" and line.get_color() != "0.8"]
        assert len(steps) == len(UNITS)
        (shade,) = [part for part in axes.collections if isinstance(part, PolyCollection)]  # of the only learner with several seeds
        heights = shade.get_paths()[0].vertices[:, 1]
        assert (np.nanmin(heights), np.nanmax(heights)) == (0.4, 0.9)
        medians = [0.5, 0.6, 0.8, 0.8] if places == "bits" else [0.5, 0.8]  # from 110 bits on, where all three seeds have a file
        assert [y for y in steps[1].get_ydata().tolist() if not np.isnan(y)] == medians


def test_only_what_no_other_beats_in_all_three_is_large() -> None:
    """The table is cheapest a decision; the list beats every network, and its own third point."""
    axes = panels(draw_comparison("go-3x3", planted(), UNITS))[0]
    large = [line for line in axes.lines if line.get_marker() != "None" and line.get_markersize() == 5.0]
    marked = sorted((x, y) for line in large for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True))
    assert marked == [(8, 0.5), (16, 0.1), (40, 0.8), (90, 1.0), (400, 0.99)]


def test_perfect_play_has_a_place_on_the_axis_of_residuals() -> None:
    axes = panels(draw_comparison("go-3x3", planted(), UNITS, residual=True))[0]
    assert axes.get_yscale() == "log"
    drawn = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in axes.lines])
    assert np.nanmin(drawn) == pytest.approx(0.01 / 3)  # below the least residual that is left anywhere, 1 - 0.99
    assert np.nanmin(drawn) > axes.get_ylim()[0]


def test_the_language_is_counted_where_asked() -> None:
    axes = panels(draw_comparison("go-3x3", planted(), UNITS, with_language=True))[0]
    assert min(x for line in axes.lines for x in np.asarray(line.get_xdata(), dtype=float)) == 108
    assert "with language" in axes.get_xlabel()


def test_no_two_learners_look_alike_without_colour_and_no_texts_overlap() -> None:
    figure = draw_comparison("go-3x3", planted(), UNITS)
    handles = figure.legends[0].legend_handles[: len(UNITS)]
    assert len({(handle.get_marker(), handle.get_linestyle()) for handle in handles}) == len(UNITS)
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    boxes = [
        (text.get_text(), text.get_window_extent().padded(-1)) for text in texts if not re.fullmatch(r"10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", text.get_text())
    ]
    drawn = [(text, box) for text, box in boxes if box.width > 0 and box.height > 0]
    assert {"go-3x3", "operations a decision", "rulelist (rules)"} <= {text for text, _ in drawn}
    assert [(a, b) for i, (a, box) in enumerate(drawn) for b, other in drawn[i + 1 :] if box.overlaps(other)] == []


def test_networks_are_drawn_at_the_number_of_their_parameters() -> None:
    grown = [msgspec.structs.replace(each, n_parameters=50 * each.size) for each in LIST]
    axes = panels(draw_comparison("go-3x3", Comparison({"network": [Run(0, grown, True)]}), {"network": "hidden units"}))[1]
    assert axes.get_xlabel() == "size (parameters)"
    marked = [x for line in axes.lines if line.get_marker() not in ("None", "") for x in np.asarray(line.get_xdata()).tolist()]
    assert sorted(marked) == [50 * each.size for each in LIST]
