"""Other measures of a curve, on planted records: shares, halves, and sentences that change with them."""

import msgspec

from bench.harness.point import Point
from bench.harness.records import Record
from bench.report.parts.views import View, about_growth, about_views, views_of
from bench.suites.grid import Cell


def point(size: int, gain: float, missing: float | None = None, digits: float | None = None) -> Point:
    games = None if digits is None else {"first": digits - 1, "second": digits + 1, "plies": 0}
    return Point(size, size, gain, 0.0, 8, 0, 0, 1.0, 0.0, {}, missing_bits=missing, games_left=games)


def record(points: list[Point], whole: float | None = 2.0) -> Record:
    return Record(Cell("go-2x3", "rulelist", "rulelist"), "go-2x3/rulelist/seed=0", "key", points=points, uniform_missing_bits=whole)


CURVE = record([point(1, 0.6, 1.8, 9.0), point(2, 0.8, 1.5, 7.0), point(8, 0.9, 0.9, 4.0), point(20, 1.0, 0.0, 2.0)])
UNIFORM = record([point(0, 0.0, 2.0, 10.0)])


def test_shares_are_of_what_uniform_choice_leaves() -> None:
    regret, bits, games = views_of(CURVE, UNIFORM)
    assert [round(share, 9) for _, share in regret.left] == [0.4, 0.2, 0.1, 0.0]
    assert bits.left == [(1, 0.9), (2, 0.75), (8, 0.45), (20, 0.0)]
    assert games.left == [(1, 0.9), (2, 0.7), (8, 0.4), (20, 0.2)]  # mean of the seats
    assert [view.half for view in (regret, bits, games)] == [1, 8, 8]


def test_measures_that_were_not_taken_are_left_out() -> None:
    old = record([point(1, 0.6), point(2, 0.8)], whole=None)
    assert [view.name for view in views_of(old, None)] == ["regret"]
    assert [view.name for view in views_of(CURVE, None)] == ["regret", "missing bits"]
    sparse = record([CURVE.points[0], msgspec.structs.replace(CURVE.points[1], games_left=None), *CURVE.points[2:]])
    assert [view.name for view in views_of(sparse, UNIFORM)] == ["regret", "missing bits"]  # half would be said of too few points


def test_sentences_follow_the_records() -> None:
    views = views_of(CURVE, UNIFORM)
    said = about_views("go-2x3", views, "rules")
    assert "1 rule halves the regret, 8 rules halve the missing bits" in said
    worse = record([msgspec.structs.replace(each, gain=each.gain / 3) for each in CURVE.points])
    assert "none measured halves the regret" in about_views("go-2x3", views_of(worse, UNIFORM), "rules")


def test_growth_is_said_only_where_both_ends_reach_half() -> None:
    small = [View("regret", [(2, 0.4)]), View("missing bits", [(4, 0.4)]), View("games", [(1, 0.4)])]
    large = [View("regret", [(2, 0.4)]), View("missing bits", [(90, 0.4)]), View("games", [(1, 0.9)])]
    curves = [("go-3x4", 9000, large), ("go-2x3", 10, small)]
    assert (
        about_growth(curves) == "The number of units that halve a measure grows from go-2x3 to go-3x4 in missing bits only: "
        "regret 2 and 2, missing bits 4 and 90."
    )
    assert "in every measure" in about_growth([("go-3x4", 9000, large[1:2]), ("go-2x3", 10, small)])
    assert "in no measure" in about_growth([("go-3x4", 9000, large[:1]), ("go-2x3", 10, small)])
    assert about_growth(curves[:1]) == ""
