"""The numbers behind figures: those of the records, in the units of the axes, and what matplotlib was given to draw."""

import math
from pathlib import Path

import pytest

from bench.harness.store import CellStatus
from bench.report.blocks import Drawing, Series
from bench.report.contents import contents_of
from bench.report.run_data import Evidence
from bench.report.series import extrapolated, gains_by_bits
from bench.scaling.power_law import BEST, CODELENGTH, Prediction, Sample, Scaling
from tests.support.planted_runs import GRADED_SUITE, graded_run


@pytest.fixture(scope="module")
def drawings() -> dict[str, Drawing]:
    missing = {"go-3x3/network/seed=0": CellStatus("missing", "not measured yet")}
    run = Evidence(Path("nowhere"), GRADED_SUITE, tuple(graded_run()), missing, {})
    return {drawing.name: drawing for drawing in contents_of(run).drawings}


def test_every_figure_of_a_report_has_its_numbers(drawings: dict[str, Drawing]) -> None:
    assert {"panel-A", "panel-B", "axis-places", "families-go", "bits-go-3x3", "tails-go-3x3", "left-over"} <= drawings.keys()
    for drawing in drawings.values():
        assert sum(len(series.x) for series in drawing.series) > 0, drawing.name


def test_the_series_are_the_planted_numbers(drawings: dict[str, Drawing]) -> None:
    lists, networks = drawings["bits-go-2x3"].series
    assert lists == Series("rulelist", (8, 300, 900), (0.3, 0.7, 1.0), ("1 rule", "40 rules", "200 rules"))
    assert (networks.x, networks.y) == ((400,), (0.5,))
    (gain,) = drawings["panel-A"].series
    assert (gain.x, gain.y) == ((0.6, 0.8), (1.0, 2.0))
    (places,) = drawings["axis-places"].series
    assert places.x == (900, 900, 9000)


@pytest.mark.parametrize("name", ["bits-go-2x3", "bits-tictactoe", "families-go", "axis-places", "left-over"])
def test_a_figure_draws_its_series(drawings: dict[str, Drawing], name: str) -> None:
    drawing = drawings[name]
    drawn = {float(x) for axes in drawing.figure.axes for line in axes.lines for x in line.get_xdata()}
    assert {float(x) for series in drawing.series for x in series.x} <= drawn


def test_what_is_extrapolated_is_in_logarithms_and_a_series_of_its_own() -> None:
    samples = (Sample("go-2x3", 100.0, 1000.0), Sample("go-3x3", 10000.0, 100.0))
    scaling = Scaling("go", BEST, CODELENGTH, samples, (), None, None, (Prediction("go-5x5", 11.0, 8.0, None),))
    measured, ahead = extrapolated([scaling])
    assert (measured.x, measured.y, measured.labels) == ((2.0, 4.0), (3.0, 2.0), ("go-2x3", "go-3x3"))
    assert (ahead.x, ahead.y, ahead.labels) == ((11.0,), (8.0,), ("go-5x5",))


def test_a_series_has_as_many_labels_as_points_or_none() -> None:
    with pytest.raises(ValueError, match="2 x, 1 y, 0 labels"):
        Series("odd", (1.0, 2.0), (1.0,))
    with pytest.raises(ValueError, match="1 x, 1 y, 2 labels"):
        Series("odd", (1.0,), (1.0,), ("a", "b"))


def test_an_empty_file_has_no_place_on_an_axis_of_bits() -> None:
    points = next(record.points for record in graded_run())
    (series,) = gains_by_bits({"list": (points, "rules")})
    assert all(math.isfinite(math.log10(x)) for x in series.x)
