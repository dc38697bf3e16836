"""The rule of the verdict on either side of each of its limits, as the docstring of bench/tails/verdict.py states it."""

import math

import pytest

from bench.tails.slopes import Band, Stretch
from bench.tails.verdict import EXPONENTIAL, HEAVIER, LIGHTER, POWER, UNDECIDED, Part, Tail, _verdict


def part(low: float, high: float, power: float = 1.0, first: int = 1, last: int = 100, scale: float = 10.0) -> Part:
    """A part whose shape is from `low` to `high`, and whose power is `power` or more."""
    return Part(first, last, (low + high) / 2, (low, high), (power, 4.0), scale)


def stretch(decades: float, bend_band: Band) -> Stretch:
    return Stretch(1, 100, decades, 1.5, (1.4, 1.6), 0.0, bend_band)


def verdict(ends_after: int | None, whole: Part, later: Part, share: float, straight: Stretch | None, **others: float) -> str:
    """The verdict on a curve of which these numbers are known; of others, such as speak for a heavy tail."""
    numbers = {"n_positions": 1e6, "closer_share": 1.0, "decades": math.log10(whole.last / whole.first), **others}
    tail = Tail("", "", "", ends_after, 0.0, whole.last, 20, whole=whole, later=later, heavy_share=share, stretch=straight, **numbers)
    return _verdict(tail)[0]


HEAVY = part(0.2, 0.74), part(0.2, 0.89, first=20), 0.95
OPEN = part(0.7, 2.0)  # says nothing


@pytest.mark.parametrize(
    ("whole", "later", "share", "found"),
    [
        (*HEAVY, HEAVIER),
        (part(0.2, 0.75), *HEAVY[1:], UNDECIDED),
        (HEAVY[0], part(0.2, 0.90, first=20), 0.95, UNDECIDED),
        (HEAVY[0], part(0.2, 0.80, first=20), 0.94, UNDECIDED),
        (part(0.2, 0.74, last=99), *HEAVY[1:], UNDECIDED),  # less than two decades
        (part(0.2, 0.74, first=2, last=199), *HEAVY[1:], UNDECIDED),
        (part(0.2, 0.74, first=2, last=200), *HEAVY[1:], HEAVIER),
    ],
)
def test_a_tail_is_heavy_where_the_whole_the_later_part_and_the_replicates_say_so(
    whole: Part, later: Part, share: float, found: str
) -> None:
    assert verdict(None, whole, later, share, None) == found


@pytest.mark.parametrize(
    ("decades", "bend_band", "found"),
    [
        (2.0, (-0.5, 0.5), POWER),
        (1.99, (-0.1, 0.1), HEAVIER),
        (3.0, (-0.51, 0.1), HEAVIER),
        (3.0, (-0.1, 0.51), HEAVIER),
    ],
)
def test_a_heavy_tail_is_like_a_power_law_where_it_is_straight_for_long_enough(decades: float, bend_band: Band, found: str) -> None:
    assert verdict(None, *HEAVY, stretch(decades, bend_band)) == found
    light = part(0.9, 1.1)
    assert verdict(None, light, light, 1.0, stretch(decades, bend_band)) == EXPONENTIAL  # what is not heavy is no power law


@pytest.mark.parametrize(
    ("tested", "ends_after", "found"),
    [
        (part(0.76, 1.33), None, EXPONENTIAL),
        (part(0.76, 1.34), None, UNDECIDED),
        (part(0.75, 1.33), None, UNDECIDED),
        (part(0.76, 1.34, power=1.34), None, LIGHTER),
        (part(0.76, 1.33, power=1.33), None, EXPONENTIAL),
        (part(0.75, 1.34, power=1.34), None, UNDECIDED),
        (part(0.76, 1.33, scale=44.0), 100, LIGHTER),  # exp(-100 / 44) = 0.103
        (part(0.76, 1.33, scale=43.0), 100, EXPONENTIAL),  # exp(-100 / 43) = 0.098
        (part(0.76, 1.33, scale=44.0), None, EXPONENTIAL),
        (part(0.76, 1.33, first=51, scale=22.0), 100, LIGHTER),  # of this part: exp(-50 / 22) = 0.103
        (part(0.76, 1.33, first=51, scale=21.5), 100, EXPONENTIAL),  # exp(-50 / 21.5) = 0.098
    ],
)
def test_what_is_not_heavy_is_judged_by_the_whole_and_then_by_the_later_part(tested: Part, ends_after: int | None, found: str) -> None:
    assert verdict(ends_after, tested, OPEN, 0.0, None) == found
    assert verdict(ends_after, OPEN, tested, 0.0, None) == found
    other = part(0.9, 1.1) if found == LIGHTER else part(0.9, 1.1, power=2.0)
    if found != UNDECIDED:
        assert verdict(ends_after, tested, other, 0.0, None) == found  # the whole speaks first


@pytest.mark.parametrize(
    ("others", "found"),
    [
        ({"n_positions": 4000.0}, HEAVIER),
        ({"n_positions": 3999.0}, UNDECIDED),
        ({"closer_share": 0.2}, HEAVIER),
        ({"closer_share": 0.19}, UNDECIDED),
        ({"closer_share": 0.0, "great_share": 0.9}, HEAVIER),
        ({"closer_share": 0.19, "great_share": 0.89}, UNDECIDED),
        ({"is_cut": True, "decades": 2.39}, UNDECIDED),
        ({"is_cut": True, "decades": 2.4}, HEAVIER),
    ],
)
def test_what_looks_heavy_is_so_only_where_it_can_be_told_from_stages_classes_and_cut_laws(others: dict[str, float], found: str) -> None:
    assert verdict(None, *HEAVY, None, **others) == found
    light = part(0.9, 1.1)
    assert verdict(None, light, light, 0.0, None, **others) == EXPONENTIAL  # these limits are those of heavy tails alone
