"""What verdicts on tails are made from: replicates of curves, pooled seeds, straight stretches, bands, and errors of prediction."""

import dataclasses

import numpy as np
import pytest

from bench.tails.curves import counted_curve, pool
from bench.tails.models import Table, bin_edges, extrapolation_errors, make_bins
from bench.tails.slopes import band, straight_stretch
from tests.test_tails import exact_curve


def test_a_prediction_is_judged_on_sizes_up_to_ten_times_the_last_one_fitted() -> None:
    """Nine bins, of which 5, 6 and 7 are fitted: sizes up to 50, 60 and 1,200 are judged, the last bin's middle at 100,000 never."""
    bins = make_bins(np.array([0, 1, 2, 3, 4, 5, 6, 120, 10_000, 1_000_000]))
    gains, weights = np.zeros((1, 9)), np.ones((1, 9))
    right, late, early = np.zeros((1, 9)), np.zeros((1, 9)), np.zeros((1, 9))
    late[0, 8] = early[0, 7] = np.log(10.0)
    errors = [extrapolation_errors(Table("any", {}, log_means), bins, gains, weights)[0] for log_means in (right, late, early)]
    assert errors == pytest.approx([0.0, 0.0, 1 / 3])  # a decade off in all that one split of three judges


def test_seeds_are_pooled_at_the_sizes_that_all_have() -> None:
    """The mean of the residuals, the replicates of both, the coarser quantum; a curve that has ended stays where it is."""
    whole = (exact_curve(np.ones(n), n_positions=n_positions) for n, n_positions in ((8, 100), (16, 1000)))
    one, other = (dataclasses.replace(curve, residuals=curve.residuals + 0.5) for curve in whole)  # something is left at the end
    pooled = pool([one, other])
    assert pooled.sizes.tolist() == list(range(9))
    assert pooled.residuals == pytest.approx((one.residuals + other.residuals[:9]) / 2)
    assert pooled.replicates.shape == (len(one.replicates) + len(other.replicates), 9)
    assert pooled.quantum == pytest.approx(0.01)
    ended = [dataclasses.replace(one, is_finished=True) for _ in range(2)]
    assert pool(ended).is_finished
    assert not pool([ended[0], one]).is_finished
    both = pool([ended[0], dataclasses.replace(other, is_finished=True)])
    assert both.is_finished
    assert both.sizes.tolist() == list(range(17))
    assert both.residuals[9:] == pytest.approx((0.5 + other.residuals[9:]) / 2)


def test_a_counted_curve_varies_as_the_square_root_of_what_its_steps_count() -> None:
    """Steps of 100, 25 and 4 positions of 1,000: their shares scatter by 10, 5 and 2 thousandths."""
    curve = counted_curve(np.array([0, 1, 2, 3]), 1.0 - np.array([0, 100, 125, 129]) / 1000, 1 / 1000, is_finished=False)
    scatter = np.diff(curve.replicates, axis=1).std(axis=0)
    assert scatter == pytest.approx([0.010, 0.005, 0.002], rel=0.25)  # of 100 replicates: within 3.5 standard errors
    assert np.diff(curve.replicates, axis=1).mean(axis=0) == pytest.approx([-0.1, -0.025, -0.004], abs=0.004)


def test_a_straight_stretch_reaches_into_the_last_decade() -> None:
    """Gains fall as k^-1.5 up to rule 100 and are level from there to rule 5,000: the longest straight part ends too early to tell."""
    k = np.arange(1.0, 5001.0)
    curve = exact_curve(np.maximum(k**-1.5, 1e-3))
    edges = curve.sizes[bin_edges(curve.sizes)]
    bins = make_bins(edges)
    gains = np.log(-np.diff(curve.residuals[bin_edges(curve.sizes)]) / np.diff(edges))
    rows = np.tile(gains, (20, 1))
    stretch = straight_stretch(bins, rows, np.ones_like(rows))
    assert stretch is None or stretch.last >= 500


def test_a_band_holds_the_middle_of_the_replicates_and_leaves_out_the_curve_itself() -> None:
    assert band(np.array([1e9, *range(1001)])) == pytest.approx((25.0, 975.0))


def test_the_band_of_an_exponent_holds_the_luck_of_the_draw() -> None:
    """Sorted draws from a power law: the exponents fitted to 60 sets scatter as the band of each says, within a factor of two."""
    rng, found = np.random.default_rng(0), []
    for _ in range(60):
        gains = np.sort(rng.pareto(1.0, 600) + 1.0)[::-1]
        sizes = np.arange(601)
        edges = sizes[bin_edges(sizes)]
        bins, means = make_bins(edges), np.add.reduceat(gains, edges[:-1]) / np.diff(edges)
        rows = np.tile(np.log(means), (101, 1))
        if stretch := straight_stretch(bins, rows, np.ones_like(rows)):
            found.append((stretch.exponent, np.ptp(stretch.exponent_band)))
    assert len(found) > 40
    exponents, widths = np.array(found).T
    assert 0.5 < widths.mean() / (2 * 1.96 * exponents.std()) < 2.0
