"""What of a curve is judged, and that verdicts do not depend on how a curve is drawn: its abscissa, its points, noise below a position."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from bench.curves.hull import convex_hull
from bench.harness.store import read_record
from bench.studies.tail_controls import CLASSES, CUTS, GEOMETRIC, HEAVIES, LIGHT, STAGES, Control, planted_curve
from bench.tails import stages
from bench.tails.curves import Curve, counted_curve
from bench.tails.judged import in_units, judged_part
from bench.tails.models import HEAVY, make_bins, make_table, tables
from bench.tails.verdict import EXPONENTIAL, HEAVIER, LIGHTER, POWER, UNDECIDED, Tail, tail_of
from tests.test_tails import exact_curve

REFERENCE = Path(__file__).parents[1] / "reports" / "reference" / "records"


def judged_to(curve: Curve) -> int:
    return int(judged_part(curve, in_units(curve)).edges[-1])


def verdict_of(control: Control, seed: int = 1) -> str:
    return tail_of(planted_curve(control, seed), seed).verdict


# The hull


@pytest.mark.parametrize("seed", range(5))
def test_the_hull_is_the_lower_part_of_that_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = np.sort(rng.choice(1000, 60, replace=False)), np.sort(rng.random(60))[::-1]
    around = ConvexHull(np.column_stack([x, y]))
    edges = {int(place) for facet, normal in zip(around.simplices, around.equations, strict=True) if normal[1] < 0 for place in facet}
    assert convex_hull(x, y).tolist() == sorted(edges)


def test_points_on_an_edge_of_the_hull_stay() -> None:
    assert convex_hull(np.arange(7), np.array([1.0, 0.75, 0.5, 0.25, 0.25, 0.0, 0.0])).tolist() == [0, 1, 2, 3, 5, 6]


def test_one_weak_bin_does_not_end_what_is_judged() -> None:
    """Gains of 1 / k, but rules 9 to 16 gain nothing and the next as much more: of 10^6 positions rules gain 4 up to the last."""
    gains = 1.0 / np.arange(1.0, 1001.0)
    gains[16:24] += gains[8:16]
    gains[8:16] = 0.0
    curve = exact_curve(gains, n_positions=10**6)
    assert judged_to(curve) == 1000
    assert tail_of(curve).verdict in (HEAVIER, POWER)


def test_the_envelope_of_rule_lists_on_go_is_judged_beyond_the_sizes_of_the_best_learner() -> None:
    """The best lists of concepts end at rule 11. Lists of one atom a rule gain 5 positions a rule up to 1,024 and beyond."""
    best = {0: 1.0}
    for path in REFERENCE.glob("go-3x4__*.json"):
        record = read_record(path)
        if record.cell.label in ("optimal-list", "single-atom-list") and not record.error:
            for point in record.points:
                best[point.size] = min(best.get(point.size, 1.0), 1.0 - point.gain)
    sizes = np.array(sorted(best))
    left = np.minimum.accumulate([best[size] for size in sizes.tolist()])
    curve = counted_curve(sizes, np.maximum(left, 0.0), 1.0 / 164_122, is_finished=True)
    assert judged_to(curve) >= 1000


def test_a_list_is_cut_where_the_next_octave_gains_nearly_nothing() -> None:
    """1 / k to rule 100 and a tenth out of reach; with sizes up to 150 alone nobody can know; behind rule 100 of 200 half comes."""
    gains = np.concatenate([1.0 / np.arange(1.0, 101.0), np.full(300, 1e-9)])
    curve = exact_curve(gains, offset=0.1)
    first = curve.sizes <= 150
    short = dataclasses.replace(curve, sizes=curve.sizes[first], residuals=curve.residuals[first], replicates=curve.replicates[:, first])
    whole = exact_curve(1.0 / np.arange(1.0, 201.0), offset=0.1)
    quantum = 1e-4  # rules worth 1e-9 are not judged
    found = [judged_part(dataclasses.replace(each, quantum=quantum), in_units(each)).is_cut for each in (curve, short, whole)]
    assert found == [True, False, False]
    ended = judged_part(dataclasses.replace(whole, is_finished=True), in_units(whole))
    assert ended.is_cut


# What a verdict does not depend on


def numbers(tail: Tail) -> Tail:
    """A tail without the words that round its numbers."""
    return dataclasses.replace(tail, reason="")


@pytest.mark.parametrize("factor", [2, 8, 1000])
@pytest.mark.parametrize("control", [GEOMETRIC[2], LIGHT[0], HEAVIES[2], STAGES[0]], ids=lambda control: control.name)
def test_the_same_curve_on_a_longer_abscissa_gets_the_same_tail(control: Control, factor: int) -> None:
    curve = dataclasses.replace(planted_curve(control, 2), unit=None)
    assert numbers(tail_of(dataclasses.replace(curve, sizes=factor * curve.sizes))) == numbers(tail_of(curve))


def test_a_unit_that_is_told_holds_whatever_the_steps_are() -> None:
    """Lists of 16, 32 ... 480 equal rules: they end after 480, not after 30 steps."""
    sizes = np.arange(0, 481, 16)
    curve = counted_curve(sizes, 1.0 - sizes / 480, 1e-6, is_finished=True, unit=1.0)
    assert tail_of(curve).ends_after == 480
    assert tail_of(dataclasses.replace(curve, unit=None)).ends_after == 30


@pytest.mark.parametrize(
    ("gains", "found"),
    [
        (np.repeat(0.96 ** np.arange(1.0, 151.0), 2), EXPONENTIAL),
        (np.repeat(1.0 / np.arange(1.0, 501.0), 2), POWER),
        (np.ones(300), LIGHTER),
    ],
)
def test_merging_equal_neighbouring_steps_changes_no_verdict(gains: np.ndarray, found: str) -> None:
    """Every rule measured, and without each second point behind rule 16, where the two rules beside it gain the same."""
    sizes, residuals = np.arange(len(gains) + 1), 1.0 - np.concatenate([[0.0], np.cumsum(gains)]) / gains.sum() * 0.9
    kept = (sizes <= 16) | (sizes % 2 == 0)
    every, some = (counted_curve(sizes[places], residuals[places], 1e-6, is_finished=True) for places in (kept | True, kept))
    assert (tail_of(every).verdict, tail_of(some).verdict) == (found, found)


@pytest.mark.parametrize("control", [GEOMETRIC[2], LIGHT[1], HEAVIES[2], STAGES[0]], ids=lambda control: control.name)
def test_noise_below_a_position_changes_the_verdict_of_at_most_one_draw_in_ten(control: Control) -> None:
    curve, rng = planted_curve(control, 4), np.random.default_rng(0)
    light = [verdict in (HEAVIER, POWER) for verdict in (tail_of(curve).verdict, *noisy_verdicts(curve, rng, 10))]
    assert light.count(light[0]) >= 10


def noisy_verdicts(curve: Curve, rng: np.random.Generator, n_draws: int) -> list[str]:
    """Verdicts on a curve of which every point but the first moves by up to half a quantum."""
    found = []
    for _ in range(n_draws):
        noise = np.concatenate([[0.0], rng.uniform(-0.5, 0.5, len(curve.sizes) - 1) * curve.quantum])
        moved = dataclasses.replace(curve, residuals=np.maximum(curve.residuals + noise, 0.0), replicates=curve.replicates + noise)
        found.append(tail_of(moved).verdict)
    return found


# What only looks heavy


@pytest.mark.parametrize("control", [*STAGES, *CLASSES, *CUTS], ids=lambda control: control.name)
def test_stages_classes_and_cut_laws_are_not_called_heavy(control: Control) -> None:
    assert verdict_of(control) in control.right


@pytest.mark.parametrize("control", HEAVIES, ids=lambda control: control.name)
def test_planted_heavy_tails_are_called_heavy(control: Control) -> None:
    assert verdict_of(control) in control.right


@pytest.mark.parametrize("n_positions", [2000, 3000, 3999])
def test_no_heavy_verdict_rests_on_fewer_positions_than_the_calibration_had(n_positions: int) -> None:
    curve = exact_curve(1.0 / np.arange(1.0, 1001.0))
    assert tail_of(dataclasses.replace(curve, quantum=1e-9)).verdict == POWER
    gains = np.arange(1.0, 301.0) ** -0.5  # rule 128 gains 4 of 2,000 positions: 2.1 decades
    tail = tail_of(exact_curve(gains, offset=0.2, n_positions=n_positions))
    assert (tail.verdict, tail.n_positions) == (UNDECIDED, n_positions)


# The models of stages and classes

BINS = make_bins(np.array([0, 1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128]))


def means(gains: np.ndarray) -> np.ndarray:
    """Logarithms of the mean gain of each bin: [1, n_bins]."""
    return np.log([[gains[first - 1 : last].mean() for first, last in zip(BINS.first.tolist(), BINS.last.tolist(), strict=True)]])


@pytest.mark.parametrize(
    ("model", "law"),
    [
        (stages._two_stages, lambda k: np.exp(-(k - 9.0) / 3.0) + np.exp(-(k - 9.0) / 70.0)),
        (stages._great_rules, lambda k: np.exp(-(k - 3.5) / 1.2) + (k / 3.5) ** -0.8),
    ],
)
def test_a_sum_of_two_stages_is_found_again(model, law) -> None:
    """Grids whose scales step by a quarter leave about a tenth of ln gain, models of one stage more than twice as much."""
    rows, weights = means(law(np.arange(1.0, 129.0))), np.ones((1, len(BINS.last)))
    assert stages.misfits(make_table("any", model, BINS), rows, weights)[0] / len(BINS.last) < 0.12**2
    assert min(stages.misfits(table, rows, weights)[0] for table in tables(BINS, HEAVY).values()) / len(BINS.last) > 0.18**2


def test_misfits_are_weighted_squares_of_what_a_table_leaves() -> None:
    """By hand: a level table and gains of 0, 0, ..., 14 leave 1 and 13 of 14 squared; a doubled weight scale changes nothing."""
    table = make_table("level", lambda k, bins: ({"none": np.zeros(1)}, np.zeros((1, *k.shape))), BINS)
    rows = np.zeros((1, 14))
    rows[0, -1] = 14.0
    for scale in (1.0, 2.0):
        assert stages.misfits(table, rows, np.full((1, 14), scale)) == pytest.approx([13.0 + 13.0**2])


def test_the_best_classes_are_those_of_brute_force() -> None:
    """All ways to part 8 bins into at most 3 runs, with or without a bin between two of them, each run at its own mean."""
    rng = np.random.default_rng(0)
    bins = make_bins(np.array([0, 1, 2, 3, 4, 6, 8, 11, 16]))
    rows, weights = rng.standard_normal((4, 8)), rng.standard_exponential((4, 8))
    found = stages._classes(bins, rows, weights, quantum=0.0)
    for row, weight, squares in zip(rows, weights / weights.mean(axis=1)[:, None], np.transpose(found[1:4]), strict=True):
        for n_classes in (1, 2, 3):
            assert squares[n_classes - 1] == pytest.approx(min(left(row, weight, runs) for runs in parts(8, n_classes)), abs=1e-12)


def parts(n_bins: int, n_classes: int) -> list[list[tuple[int, int]]]:
    """Runs of bins, one a class, from the first bin to the last, at most one bin missing between two neighbours."""
    runs = list(itertools.combinations(range(n_bins + 1), 2))
    return [
        list(chosen)
        for chosen in itertools.combinations(runs, n_classes)
        if chosen[0][0] == 0 and chosen[-1][1] == n_bins and all(0 <= b[0] - a[1] <= 1 for a, b in itertools.pairwise(chosen))
    ]


def left(row: np.ndarray, weight: np.ndarray, runs: list[tuple[int, int]]) -> float:
    return sum(float(np.dot(weight[a:b], (row[a:b] - np.average(row[a:b], weights=weight[a:b])) ** 2)) for a, b in runs)


def test_a_class_is_sorted_as_counted_positions_are() -> None:
    """4,000 positions of 1 to 4 points fall on 256 equal rules: sorted, the profile of a class leaves less than a third of a level's."""
    rng, wins = np.random.default_rng(0), []
    for _ in range(20):
        gains = np.sort(np.bincount(rng.integers(256, size=4000), rng.integers(1, 5, 4000), 256))[::-1] / 10_000
        rows = means(gains)
        both = [stages._one_class(BINS.last - BINS.first + 1.0, rows, BINS.length[None, :], quantum)[0] for quantum in (1 / 4000, 0.0)]
        wins.append(both[0] / both[1])
    assert np.mean(wins) < 1 / 3
