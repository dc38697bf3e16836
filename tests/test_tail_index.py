"""Tail indices against the package powerlaw, against draws of known index, and against brute force."""

import math

import numpy as np
import powerlaw
import pytest

from bench.tails.index import discrete_index, hill
from games.errors import UsageError


@pytest.mark.filterwarnings("ignore:Initial guess is not within the specified bounds")  # powerlaw's own guess, then clipped
@pytest.mark.parametrize("index", [0.8, 1.5, 3.5])
@pytest.mark.parametrize("least", [1, 4])
def test_the_discrete_index_is_that_of_powerlaw(index: float, least: int) -> None:
    """powerlaw 2.0 caps the exponent at 3 unless told otherwise."""
    draws = np.random.default_rng(5).zipf(1.0 + index, 3000)
    theirs = powerlaw.Fit(draws, discrete=True, xmin=least, estimate_discrete=False, parameter_ranges={"alpha": [1, 20]}, verbose=False)
    ours = discrete_index(draws, least)
    assert ours.index + 1.0 == pytest.approx(theirs.power_law.alpha, abs=2e-3)
    assert ours.n_gains == (draws >= least).sum()


@pytest.mark.parametrize("index", [0.8, 1.5, 3.5])
def test_hill_is_the_continuous_maximum_likelihood_of_powerlaw(index: float) -> None:
    draws = 1.0 + np.random.default_rng(6).pareto(index, 2000)
    theirs = powerlaw.Fit(draws, xmin=2.0, parameter_ranges={"alpha": [1, 20]}, verbose=False)
    assert hill(draws, 2.0).index + 1.0 == pytest.approx(theirs.power_law.alpha, abs=2e-3)


def test_hill_by_hand() -> None:
    """Logarithms of 1, 2 and 4 over 1 are 0, ln 2 and 2 ln 2, in the mean ln 2; what is below the threshold does not count."""
    found = hill([4.0, 0.5, 1.0, 2.0], 1.0)
    assert (found.n_gains, found.index) == (3, pytest.approx(1 / math.log(2)))
    assert found.band == pytest.approx((0.0, found.index * (1 + 1.959964 / math.sqrt(3))))  # no index is below 0
    found = hill([1.0, 2.0, 4.0] * 4, 1.0)
    assert found.band == pytest.approx([found.index * (1 + sign * 1.959964 / math.sqrt(12)) for sign in (-1, 1)])


def test_bands_of_independent_draws_hold_the_truth_in_about_95_of_100() -> None:
    """Of 200 samples 180 or fewer would have a chance of 1 in 1,000 if the band held 95 %."""
    rng = np.random.default_rng(7)
    discrete = [discrete_index(rng.zipf(2.5, 300), 1) for _ in range(200)]
    continuous = [hill(1.0 + rng.pareto(1.5, 300), 1.0) for _ in range(200)]
    for found in (discrete, continuous):
        assert sum(estimate.band[0] <= 1.5 <= estimate.band[1] for estimate in found) > 180
        assert sum(estimate.band[0] <= 1.9 <= estimate.band[1] for estimate in found) < 100


def test_ranks_of_draws_fall_with_the_inverse_of_the_index() -> None:
    estimate = hill(1.0 / np.arange(1.0, 2001.0) ** 0.5, 1.0 / 2000.0**0.5)
    assert estimate.rank_exponent == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("values", [[], [5], [4, 4, 4], [1, 2, 3]])
def test_too_few_gains_are_refused(values: list[int]) -> None:
    with pytest.raises(UsageError):
        discrete_index(values, 4)
    with pytest.raises(UsageError):
        hill(values, 4.0)


@pytest.mark.parametrize(("index", "least"), [(1.5, 1), (2.5, 3)])
def test_the_band_of_the_discrete_index_is_that_of_its_information(index: float, least: int) -> None:
    """A number's information on the exponent is the variance of its logarithm; the sums over 10^6 numbers are right to a hundredth."""
    draws = np.random.default_rng(7).zipf(1.0 + index, 2000)
    found = discrete_index(draws, least)
    numbers = np.arange(least, 1_000_000, dtype=np.float64)
    shares = numbers ** -(found.index + 1.0)
    shares /= shares.sum()
    mean = np.dot(shares, np.log(numbers))
    variance = np.dot(shares, (np.log(numbers) - mean) ** 2)
    half = 1.959964 / math.sqrt(found.n_gains * variance)
    assert found.band == pytest.approx((found.index - half, found.index + half), rel=1e-2)
