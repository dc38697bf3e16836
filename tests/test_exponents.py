"""Kappa at each gain: planted laws come back for each kind and level, leave-one-out is brute force, and doubt is said where it is due."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import pytest

from bench.curves.curve import bits_to_value
from bench.harness.point import Point
from bench.report.parts.exponents import about_family, about_gain
from bench.report.plots.exponents import draw_exponents, drawn_families
from bench.scaling.axis import AxisRow
from bench.scaling.exponents import CONSTANT, Exponent, best_of_games, exponents, leave_one_out
from bench.scaling.levels import BEST_KIND, LEVELS, VALUE, bits_at_levels, kind_of
from bench.scaling.power_law import FASTER, SLOWER, UNDECIDED, Sample
from bench.studies.axis import rows_of
from bench.studies.results import kappa_by_gain

SIZES = [200, 1_500, 9_000, 40_000, 250_000]


def planted(
    kappas: Sequence[float], scatter: float = 0.0, seed: int = 0, unit: str = "rules", sizes: Sequence[int] = SIZES
) -> list[AxisRow]:
    """A family of whose boards each level takes 1,000 positions^kappa bits, kappa one for each level, times a log-normal error."""
    draws = np.random.default_rng(seed).normal(0.0, scatter, (len(sizes), len(kappas)))
    rows = rows_of(list(sizes), [8] * len(sizes))
    return [
        dataclasses.replace(
            row,
            unit=unit,
            bits_at_levels=tuple(round(1000.0 * n**kappa * math.exp(draw)) for kappa, draw in zip(kappas, error, strict=True)),
        )
        for row, n, error in zip(rows, sizes, draws, strict=True)
    ]


def without(rows: Sequence[AxisRow], boards: Sequence[int], places: Sequence[int]) -> list[AxisRow]:
    """The same rows, where these boards do not reach these levels."""
    return [
        dataclasses.replace(
            row, bits_at_levels=tuple(None if i in boards and j in places else bits for j, bits in enumerate(row.bits_at_levels))
        )
        for i, row in enumerate(rows)
    ]


def of(found: Sequence[Exponent], level: float | str, kind: str = BEST_KIND) -> Exponent:
    (one,) = [each for each in found if (each.level, each.kind) == (level, kind)]
    return one


def point(gain: float, bits: int, *, keeps: bool, stalls: bool = False) -> Point:
    return Point(1, 1, gain, 1.0 - gain, bits, 0, 0, 1.0, 0.0, {"keeps_value": keeps, "stalls": stalls})


def test_planted_exponents_come_back_at_every_level() -> None:
    kappas = [0.0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.9, 1.0, 1.3]
    found = exponents(planted(kappas))
    assert [each.level for each in found if each.kind == BEST_KIND] == list(LEVELS)
    for level, kappa in zip(LEVELS, kappas, strict=True):
        each = of(found, level)
        assert each.law
        assert each.law.kappa == pytest.approx(kappa, abs=1e-4)  # bits are whole
        assert each.left_out == pytest.approx((kappa, kappa), abs=1e-3)
    assert [of(found, level).versus_one for level in (0.5, 0.6, VALUE)] == [CONSTANT, SLOWER, FASTER]


@pytest.mark.parametrize("kappa", [0.0, 0.5, 0.9])
def test_of_noisy_laws_the_band_holds_kappa_in_nine_of_ten_runs_and_none_is_put_on_the_wrong_side_of_1(kappa: float) -> None:
    runs = [of(exponents(planted([kappa] * len(LEVELS), 0.15, seed)), 0.9) for seed in range(200)]
    bands = [each.law.kappa_band for each in runs if each.law and each.law.kappa_band]
    assert len(bands) == 200
    assert sum(low <= kappa <= high for low, high in bands) >= 180  # 95 % of 200 are 190, and its standard deviation 3
    assert not any(each.versus_one == FASTER for each in runs)
    n_below = sum(each.versus_one == SLOWER for each in runs)
    assert n_below >= 180 if kappa < 0.9 else n_below <= 180


def test_growth_in_proportion_is_rarely_called_anything_but_undecided() -> None:
    runs = [of(exponents(planted([1.0] * len(LEVELS), 0.15, seed)), 1.0) for seed in range(200)]
    assert sum(each.versus_one != UNDECIDED for each in runs) <= 20  # 5 % by the band alone, and the leave-one-out range takes some away


def test_leave_one_out_is_the_range_of_numpys_fits_without_each_board() -> None:
    rng = np.random.default_rng(3)
    for n_boards in (3, 4, 7):
        x, y = rng.uniform(3, 12, n_boards), rng.uniform(3, 12, n_boards)
        samples = [Sample(str(i), math.exp(a), math.exp(b)) for i, (a, b) in enumerate(zip(x, y, strict=True))]
        slopes = [np.polyfit(np.delete(x, i), np.delete(y, i), 1)[0] for i in range(n_boards)]
        assert leave_one_out(samples) == pytest.approx((min(slopes), max(slopes)))
    assert leave_one_out([Sample("a", 5.0, 8.0), Sample("b", 5.0, 9.0), Sample("c", 7.0, 9.0)]) is None  # without c there is one size
    assert leave_one_out([]) is None


def test_each_kind_has_its_own_law_and_the_best_takes_the_fewest_bits_of_each_board() -> None:
    rows = [*planted([0.6] * len(LEVELS)), *planted([0.2] * len(LEVELS), unit="weights"), *planted([0.4] * len(LEVELS), unit="knots")]
    rows.append(dataclasses.replace(rows[0], is_drawn=False, bits_at_levels=(1,) * len(LEVELS)))  # an end of every curve counts nowhere
    found = exponents(rows)
    assert list(dict.fromkeys(each.kind for each in found)) == [BEST_KIND, "rules", "weights", "knots"]
    kappas = {each.kind: each.law.kappa for each in found if each.level == 0.9 and each.law}
    assert kappas == pytest.approx({BEST_KIND: 0.2, "rules": 0.6, "weights": 0.2, "knots": 0.4}, abs=1e-3)
    assert (kind_of("leaves"), kind_of("entries"), kind_of("hidden units")) == ("trees", "tables", "networks")


def test_without_boards_enough_there_is_no_number_and_the_reason_is_said() -> None:
    rows = planted([0.5] * len(LEVELS))
    none, two = of(exponents(without(rows, range(5), [4])), 0.9), of(exponents(without(rows, [2, 3, 4], [4])), 0.9)
    assert (none.law, none.verdict) == (None, "no number: 0 of 5 boards reach it, a fit needs 3")
    assert (two.law, two.left_out, two.verdict) == (None, None, "no number: 2 of 5 boards reach it, a fit needs 3")
    three = of(exponents(rows[:3]), 0.9)
    assert three.law
    assert three.verdict == "undecided: only 3 boards"
    assert exponents(rows[:1]) == []


def test_a_board_that_no_policy_brings_to_the_level_leaves_the_family_undecided() -> None:
    """Largest boards that miss the level take more bits than were measured: the law of the others is no law of the family."""
    found = of(exponents(without(planted([0.5] * len(LEVELS)), [4], [8])), VALUE)
    assert found.law
    assert found.law.kappa == pytest.approx(0.5, abs=1e-3)
    assert found.verdict == "undecided: not reached on go-4"


@pytest.mark.parametrize(
    ("bits", "verdict"),
    [
        ([64, 64, 64, 64, 64], "0"),
        ([100, 130, 180, 230, 300], "between 0 and 1"),
        ([300, 230, 180, 130, 100], "below 0"),
        ([100, 96, 104, 98, 101], "below 1, undecided whether above 0"),
        ([200, 3_000, 6_000, 50_000, 250_000], "above 0, undecided whether below 1"),
        ([200, 30, 60_000, 90, 250_000], "undecided: 0 and 1 are both possible"),
        ([20, 400, 6_000, 60_000, 900_000], "above 1"),
    ],
)
def test_the_verdict_names_each_of_0_and_1_that_the_band_leaves_open(bits: list[int], verdict: str) -> None:
    rows = [dataclasses.replace(row, bits_at_levels=(n,) * len(LEVELS)) for row, n in zip(planted([0.0] * 9), bits, strict=True)]
    assert of(exponents(rows), 0.9).verdict == verdict


def test_a_verdict_that_one_board_decides_is_undecided() -> None:
    """The band of all lies below 1; without the last board, at the far end, the slope does not."""
    samples = tuple(
        Sample(str(i), math.exp(x), math.exp(y)) for i, (x, y) in enumerate([(0, 0.0), (1, 0.95), (2, 2.05), (3, 3.0), (9, 6.0)])
    )
    each = of(exponents(planted([0.5] * len(LEVELS))), 0.9)
    assert each.law
    law = dataclasses.replace(each.law, kappa=0.7, kappa_band=(0.5, 0.9))
    left_out = leave_one_out(samples)
    assert left_out
    assert left_out[1] > 1.0
    judged = dataclasses.replace(each, law=law, left_out=left_out)
    assert (judged.versus_one, judged.verdict) == (UNDECIDED, "above 0, undecided whether below 1")
    assert dataclasses.replace(judged, left_out=(0.6, 0.8)).verdict == "between 0 and 1"


def test_keeping_the_value_takes_both_seats_and_no_stalling_whatever_the_gain() -> None:
    points = [
        point(0.97, 40, keeps=False),
        point(0.999, 48, keeps=True, stalls=True),
        point(0.98, 56, keeps=True),
        point(1.0, 80, keeps=True),
    ]
    assert bits_to_value(points) == 56
    assert bits_at_levels(points) == (40, 40, 40, 40, 40, 40, 48, 80, 56)
    assert bits_to_value(points[:2]) is None
    assert bits_to_value([Point(1, 1, 1.0, 0.0, 8, None, 0, 1.0, 0.0, None)]) is None  # on a sample of positions there are no grades


def test_sentences_count_families_and_tell_where_the_exponent_rises() -> None:
    rows = without(planted([0.0, 0.0, 0.1, 0.2, 0.3, 0.6, 1.0, 1.0, 0.5]), [3, 4], [8])
    summary, family = about_gain(exponents(rows), rows)
    assert summary.text == (
        "1 family of games has 4 boards or more. Kappa of the shortest policy is below 1, by its band and with any one board left out, "
        "in 1 of them at a gain of 0.5, 1 at 0.9, none at 0.99, none at 1, none for keeping the value; above 1 in none; "
        "undecided in the others."
    )
    assert family.text == (
        "go, kappa by gain: the same bits on every board from 0.5 (1,000 bits) to 0.6 (1,000 bits); below 1 from 0.7 (0.10) to "
        "0.95 (0.60); undecided from 0.99 (1.00) to 1 (1.00); undecided (not reached on go-3, go-4) for keeping the value (0.50)."
    )
    assert set(family.cells) == {f"go-{i}/planted/seed=0" for i in range(5)}
    few = exponents(planted([0.5] * len(LEVELS))[:3])
    assert about_gain(few, []) == []
    (told,) = [about_family(each, planted([0.5] * len(LEVELS))).text for each in best_of_games(few).values()]
    assert told == "go, kappa by gain: undecided (only 3 boards) from 0.5 (0.50) to keeping the value (0.50)."


def test_the_figure_has_a_line_for_each_family_and_a_panel_with_both_bands() -> None:
    kappas = [0.0, 0.0, 0.1, 0.2, 0.3, 0.6, 1.0, 1.0, 1.0]
    rows = planted(kappas, 0.05)
    rows += [dataclasses.replace(row, game=row.game.replace("go-", "nim-")) for row in planted([0.0] * 9)]
    rows += [dataclasses.replace(row, game=row.game.replace("go-", "hex-")) for row in planted([0.0] * 9)[:3]]
    families = drawn_families(exponents(rows))
    assert list(families) == ["go", "nim"]  # hex has too few boards for a verdict
    figure = draw_exponents(families)
    together, apart, *_ = figure.axes
    lines = {line.get_label(): line for line in together.lines}
    assert lines["go"].get_ydata() == pytest.approx([each.law.kappa for each in families["go"] if each.law])
    assert not together.collections
    assert [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")] == ["go"]
    assert len(apart.collections) == 2
    assert draw_exponents({"nim": families["nim"]}).axes


def test_the_table_by_gain_marks_what_is_undecided_and_leaves_few_boards_out() -> None:
    rows = without(planted([0.0, 0.0, 0.1, 0.2, 0.3, 0.6, 1.0, 1.0, 0.5]), [2, 3, 4], [8])
    rows += [dataclasses.replace(row, game=row.game.replace("go-", "hex-")) for row in planted([0.0] * 9)[:3]]
    assert kappa_by_gain(rows).splitlines()[2:-1] == [
        "| go | 5 | 0.00 | 0.00 | 0.10 | 0.20 | 0.30 | 0.60 | 1.00 ? | 1.00 ? | - |",
        "",
    ]
    assert kappa_by_gain(rows).endswith(about_gain(exponents(rows), rows)[0].text)


def test_a_level_that_tables_alone_reach_on_some_boards_is_named() -> None:
    rows = [*without(planted([0.2] * len(LEVELS)), [3, 4], range(5, 9)), *planted([1.0] * len(LEVELS), unit="entries")]
    found = exponents(rows)
    assert [of(found, level).tabled for level in (0.9, 0.95)] == [(), ("go-3", "go-4")]
    assert "0.95 on go-3, 0.95 on go-4. There kappa may be too high." in about_gain(found, rows)[1].text
    alone = planted([1.0] * len(LEVELS), unit="entries")  # where all boards take tables nothing is mixed
    assert not any("tables alone" in sentence.text for sentence in about_gain(exponents(alone), alone))
