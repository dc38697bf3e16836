"""What is read off a curve of measured points, against small curves by hand."""

import math

import pytest

from bench.curves.curve import bits_to, compare_all, gain_at, gain_in_reach, steps, units_to
from bench.harness.point import Point


def point(budget: int, size: int, gain: float, policy_bits: int, language_bits: int = 0) -> Point:
    return Point(budget, size, gain, 1 - gain, policy_bits, 0, language_bits, 1.0, 0.0, {})


@pytest.mark.parametrize("level", [0.5, 0.9, 1.0])
def test_a_gain_that_rounding_keeps_from_a_level_reaches_it(level: float) -> None:
    """Sums of a few thousand floats are off by less than 1e-12; what a whole position is worth is more than 1e-9 on every board here."""
    close, far = point(1, 3, level - 1e-13, 24), point(2, 2, level - 1e-9, 8)
    for points in ([close, far], [far, close]):
        assert (bits_to(points, level), units_to(points, level)) == (24, 3)
    assert (bits_to([far], level), units_to([far], level)) == (None, None)


def test_bits_count_the_language_where_asked_and_the_shortest_file_is_taken() -> None:
    points = [point(1, 5, 0.95, 40, 1), point(2, 1, 0.95, 16, 100), point(3, 9, 0.5, 8, 0)]
    assert (bits_to(points, 0.9), bits_to(points, 0.9, with_language=True), units_to(points, 0.9)) == (16, 41, 1)
    assert gain_at(points, 15) == 0.5
    assert gain_at(points, 16) == 0.95
    assert gain_at(points, 41, with_language=True) == 0.95
    assert gain_at(points, 40, with_language=True) == 0.5
    assert gain_at(points, 7) == 0.0


def test_a_step_holds_what_each_of_its_units_gains_and_what_is_left() -> None:
    """0.4 by the first unit, 0.3 by the next three; a second point of the same size is no step."""
    found = steps([point(4, 4, 0.75, 8), point(1, 1, 0.5, 8), point(5, 4, 0.8, 8)], gain_without=0.1)
    assert [(step.first_unit, step.last_unit) for step in found] == [(1, 1), (2, 4)]
    assert [step.gain_per_unit for step in found] == pytest.approx([0.4, 0.25 / 3])
    assert [step.residual for step in found] == [0.5, 0.25]
    assert [step.middle for step in found] == pytest.approx([1.0, math.sqrt(8)])


def test_between_two_budgets_a_policy_may_gain_what_the_next_longer_file_does() -> None:
    points = [point(1, 1, 0.4, 8), point(2, 2, 0.6, 16), point(4, 4, 0.9, 32)]
    assert gain_in_reach(points, 8) == 0.4  # no budget lies between 1 and 2
    assert gain_in_reach(points, 16) == gain_in_reach(points, 31) == 0.9  # budget 3 does, between 2 and 4
    assert gain_in_reach(points, 32) == gain_in_reach(points, 999) == 0.9
    assert gain_in_reach(points, 4) == 0.0


def test_curves_are_compared_at_the_lengths_that_all_of_them_cover() -> None:
    curves = {"a": [point(1, 1, 0.2, 8), point(2, 2, 0.7, 24)], "b": [point(1, 1, 0.5, 16), point(2, 2, 0.6, 40)]}
    assert compare_all(curves) == [(16, {"a": 0.2, "b": 0.5}), (24, {"a": 0.7, "b": 0.5})]
    longer = {name: [point(p.budget, p.size, p.gain, p.policy_bits, 1000) for p in points] for name, points in curves.items()}
    assert compare_all(longer) == compare_all(curves)  # the language does not count unless asked for
    assert [n_bits for n_bits, _ in compare_all(longer, with_language=True)] == [1016, 1024]
    assert compare_all({}) == compare_all({"a": curves["a"], "b": []}) == []
