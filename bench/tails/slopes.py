"""Slopes of gains on log-log axes: along the whole of a curve, and the longest part of it along which the slope stays the same."""

from dataclasses import dataclass

import numpy as np

from bench.tails.models import Bins
from games.arrays import Float64s

Band = tuple[float, float]

STRAIGHT = 0.5  # by how much the slope may change along a part that is called straight
MIN_RUN = 5  # bins of a straight part
REACHES = 10.0  # a straight part ends no further than this factor before the last unit
AROUND = 0.5  # decades to either side that a local slope looks at
MIN_HALF_BAND = 0.05  # of an exponent: what bins and rounding resolve


@dataclass(frozen=True)
class Slope:
    """The local slope of the gains on log-log axes, sign reversed: gains fall as units^-slope here."""

    units: float
    slope: float
    band: Band


@dataclass(frozen=True)
class Stretch:
    """The part of a curve along which the gains are straight on log-log axes."""

    first: int
    last: int
    decades: float
    exponent: float  # gains fall as k^-exponent
    exponent_band: Band
    bend: float  # by how much the slope grows along it
    bend_band: Band


def band(values: Float64s) -> Band:
    """The middle 95 % of the replicates, which are all but the first value."""
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return float(low), float(high)


def local_slopes(bins: Bins, log_gains: Float64s, weights: Float64s) -> tuple[Slope, ...]:
    """The slope around each bin, fitted to the bins within half a decade of it, at least three. log_gains, weights: [n_rows, n_bins]."""
    x = np.log10(bins.middle)
    found = []
    for i in range(len(x)):
        near = np.argsort(np.abs(x - x[i]), kind="stable")
        near = near[: max(3, int((np.abs(x - x[i]) <= AROUND).sum()))]
        slopes = -_polynomial(np.log(bins.middle)[near], log_gains[:, near], weights[:, near], 1)[:, 1]
        found.append(Slope(float(bins.middle[i]), float(slopes[0]), band(slopes)))
    return tuple(found)


def straight_stretch(bins: Bins, log_gains: Float64s, weights: Float64s) -> Stretch | None:
    """The longest run of bins, ending in the last decade, along which the fitted slope is positive and changes by at most STRAIGHT."""
    best: tuple[float, int, int] | None = None
    for start in range(len(bins.last) - MIN_RUN + 1):
        for end in range(start + MIN_RUN, len(bins.last) + 1):
            decades = float(np.log10(bins.last[end - 1] / bins.first[start]))
            if bins.last[end - 1] * REACHES < bins.last[-1] or (best and decades <= best[0]):
                continue
            exponent, bend = _straightness(bins, log_gains[:1], weights[:1], start, end)
            if abs(bend[0]) <= STRAIGHT and exponent[0] > 0.0:
                best = decades, start, end
    if best is None:
        return None
    decades, start, end = best
    exponents, bends = _straightness(bins, log_gains, weights, start, end)
    middle = float(exponents[0])
    luck = middle * _luck_of_ranks(bins, len(log_gains) - 1)
    redrawn = np.concatenate([log_gains[:1], log_gains[1:] + luck])
    low, high = band(_straightness(bins, redrawn, weights, start, end)[0])
    return Stretch(
        first=int(bins.first[start]),
        last=int(bins.last[end - 1]),
        decades=decades,
        exponent=middle,
        exponent_band=(min(low, middle - MIN_HALF_BAND), max(high, middle + MIN_HALF_BAND)),
        bend=float(bends[0]),
        bend_band=band(bends),
    )


def _straightness(bins: Bins, log_gains: Float64s, weights: Float64s, start: int, end: int) -> tuple[Float64s, Float64s]:
    """The exponent, and by how much the slope grows from the first unit of the run to the last, for each row."""
    x, run = np.log(bins.middle)[start:end], slice(start, end)
    exponent = -_polynomial(x, log_gains[:, run], weights[:, run], 1)[:, 1]
    curvature = _polynomial(x, log_gains[:, run], weights[:, run], 2)[:, 2]
    return exponent, -2.0 * curvature * np.log(bins.last[end - 1] / bins.first[start])


def _luck_of_ranks(bins: Bins, n_rows: int) -> Float64s:
    """How the logarithms of sorted independent draws from a power law of gains scatter about it, for an exponent of 1: [n_rows, n_bins].

    From the last rank on, each rank k adds an exponential draw over k (Renyi's representation of order statistics); the draws of a
    bin are added up as one normal draw.
    """
    steps = np.random.default_rng(0).standard_normal((n_rows, len(bins.last))) * np.sqrt(1.0 / (bins.first - 0.5) - 1.0 / (bins.last + 0.5))
    scatter: Float64s = np.cumsum(steps[:, ::-1], axis=1)[:, ::-1] - steps / 2.0
    return scatter


def _polynomial(x: Float64s, y: Float64s, weights: Float64s, degree: int) -> Float64s:
    """Coefficients of the weighted least-squares polynomial of each row, constant first, x from its middle: [n_rows, degree + 1]."""
    powers = (x - x.mean())[:, None] ** np.arange(degree + 1)
    normal = np.einsum("rb,bi,bj->rij", weights, powers, powers)
    right = np.einsum("rb,rb,bi->ri", weights, y, powers)
    normal += 1e-12 * np.trace(normal, axis1=1, axis2=2)[:, None, None] * np.eye(degree + 1)
    solved: Float64s = np.linalg.solve(normal, right[:, :, None])[:, :, 0]
    return solved
