"""Shapes that a curve of rules may have, fitted to what each further rule gains, and judged on rules that the fit has not seen.

All are shapes S(k) of the residual, up to two numbers that are always free: residual(k) = offset + amplitude * S(k). What a rule gains,
S(k - 1) - S(k), does not depend on the offset, so the fits are to gains: an offset above zero (the language cannot reach
perfection) or below (the list ends although the shape goes on) is never estimated, only read off afterwards.

    finite list              S = (1 - k / K)^p up to K, then zero; p = 1, 1.5, 2, 3, 4
    compressed exponential   gains as exp(-(k / scale)^power), power 1 to 4
    exponential              S = exp(-k / scale)
    stretched exponential    S = exp(-(k / scale)^shape)
    power law                gains as k^-exponent
    power law with cut-off   gains as k^-exponent * exp(-k / scale)
    log-normal               gains as exp(-exponent * x - bend * x^2), x = ln(k / middle), bend > 0

Gains are averaged within bins of about half an octave, so that every part of the logarithmic axis counts alike, and logarithms are
fitted by weighted least squares. Parameters are tried out on a fixed grid, the amplitude is solved for: the best of the grid is
found for certain, in the same way for every replicate of a curve.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from games.arrays import Float64s, Int64s
from policies.api import budget_ladder

N_NODES = 8
LEAST = 1e-300  # stands for a gain of zero, whose logarithm would not be finite
WORST = 2.0  # decades: a prediction that is off by more counts as off by this much
MAX_AHEAD = 10.0  # a prediction is judged on sizes up to this multiple of the last one fitted
MAX_TABLES = 96  # kept, as most curves of a run have the bins of another: at most some tens of MB
SPLITS = (0.5, 0.65, 0.8)  # shares of the bins that are fitted, the rest being predicted
MIN_FITTED = 5  # bins
SHAPES = np.round(np.geomspace(0.05, 4.0, 45), 4)  # of stretched exponentials
EXPONENTS = np.round(np.arange(-0.5, 6.01, 0.02), 2)


@dataclass(frozen=True, eq=False)
class Bins:
    """Consecutive ranges of rules, and the nodes at which a density is averaged over each."""

    first: Int64s  # [n_bins] the first rule of each bin, counted from 1
    last: Int64s  # [n_bins]
    nodes: Float64s  # [n_bins, N_NODES]
    shares: Float64s  # [n_bins, N_NODES] rows add up to 1

    @property
    def middle(self) -> Float64s:
        """The geometric middle of each bin, in rules."""
        middle: Float64s = np.sqrt(self.first * self.last)
        return middle

    @property
    def decades(self) -> float:
        """How far all bins together reach on a logarithmic axis."""
        return float(np.log10(self.last[-1] / self.first[0]))

    @property
    def length(self) -> Float64s:
        """The length of each bin on the axis of ln k."""
        length: Float64s = np.log((self.last + 0.5) / (self.first - 0.5))
        return length

    def last_ones(self, n_bins: int) -> "Bins":
        """The last `n_bins` bins."""
        return Bins(self.first[-n_bins:], self.last[-n_bins:], self.nodes[-n_bins:], self.shares[-n_bins:])


@dataclass(frozen=True, eq=False)
class Table:
    """What a model says of every bin for all parameters of its grid: ln of the mean gain, up to the amplitude."""

    name: str
    parameters: dict[str, Float64s]  # each [n_grid]
    log_means: Float64s  # [n_grid, n_bins]


Gains = tuple[dict[str, Float64s], Float64s]
Model = Callable[[Float64s, Bins], Gains]


def bin_edges(sizes: Int64s) -> list[int]:
    """Which of the sizes of a curve, ascending, part it into bins of about half an octave: [n_bins + 1] places in `sizes`."""
    kept = [0]
    ladder = budget_ladder(int(sizes[-1]))
    for place in range(1, len(sizes)):
        if place == len(sizes) - 1 or any(sizes[kept[-1]] < step <= sizes[place] for step in ladder):
            kept.append(place)
    return kept


def make_bins(edges: Int64s) -> Bins:
    """Bins of the rules edges[i] + 1 ... edges[i + 1]: few rules are summed one by one, many by Gauss-Legendre in ln k."""
    first, last = edges[:-1] + 1, edges[1:]
    nodes, shares = np.ones((len(first), N_NODES)), np.zeros((len(first), N_NODES))
    points, weights = np.polynomial.legendre.leggauss(N_NODES)
    for i, (low, high) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        if high - low < N_NODES:
            n = high - low + 1
            nodes[i, :n], nodes[i, n:], shares[i, :n] = np.arange(low, high + 1), high, 1.0 / n
        else:
            start, end = np.log(low - 0.5), np.log(high + 0.5)
            nodes[i] = np.exp(start + (points + 1.0) / 2.0 * (end - start))
            shares[i] = weights * nodes[i] / np.dot(weights, nodes[i])
    return Bins(first, last, nodes, shares)


def tables(bins: Bins, names: Iterable[str]) -> dict[str, Table]:
    """The grids of some models over these bins."""
    return {name: make_table(name, MODELS[name], bins) for name in names}


def make_table(name: str, model: Model, bins: Bins) -> Table:
    """The grid of a model over these bins; the same table for the same bins."""
    return _table(name, model, (int(bins.first[0]) - 1, *bins.last.tolist()))


@functools.lru_cache(maxsize=MAX_TABLES)
def _table(name: str, model: Model, edges: tuple[int, ...]) -> Table:
    bins = make_bins(np.array(edges))
    parameters, log_gains = model(bins.nodes, bins)
    top = log_gains.max(axis=2, where=bins.shares > 0, initial=-np.inf)
    means = np.where(bins.shares > 0, np.exp(log_gains - top[:, :, None]), 0.0)
    return Table(name, parameters, np.log((means * bins.shares).sum(axis=2)) + top)


def fit(table: Table, log_gains: Float64s, weights: Float64s) -> tuple[Int64s, Float64s]:
    """The best place in the grid and the ln of the amplitude, for each row of ln mean gains and weights, both [n_rows, n_bins]."""
    total = weights.sum(axis=1)
    weights = weights / total[:, None]
    mean, means = (weights * log_gains).sum(axis=1), weights @ table.log_means.T
    errors = np.hstack([weights, -2.0 * weights * log_gains]) @ np.hstack([table.log_means**2, table.log_means]).T
    errors -= (mean[:, None] - means) ** 2
    best = np.argmin(errors, axis=1)
    return best, mean - means[np.arange(len(best)), best]


def best_parameters(table: Table, log_gains: Float64s, weights: Float64s) -> dict[str, Float64s]:
    """The parameters of the best fit to each row: each [n_rows]."""
    best, _ = fit(table, log_gains, weights)
    return {name: values[best] for name, values in table.parameters.items()}


def extrapolation_errors(table: Table, bins: Bins, log_gains: Float64s, weights: Float64s) -> Float64s:
    """How far off, in decades, the gains are that a model predicts when fitted to the first bins only: the mean over splits. [n_rows]"""
    errors = []
    for n_fitted in split_places(bins):
        ahead = np.arange(len(bins.last)) >= n_fitted
        judged = ahead & (bins.middle <= MAX_AHEAD * bins.last[n_fitted - 1])
        best, amplitude = fit(table, log_gains, weights * ~ahead)
        off = np.abs(table.log_means[best] + amplitude[:, None] - log_gains)[:, judged] / np.log(10.0)
        errors.append(np.minimum(off, WORST) @ bins.length[judged] / bins.length[judged].sum())
    mean: Float64s = np.mean(errors, axis=0)
    return mean


def split_places(bins: Bins) -> list[int]:
    """How many bins are fitted, for each split; at least one is left to be predicted."""
    n = len(bins.last)
    return sorted({min(max(MIN_FITTED, round(share * n)), n - 1) for share in SPLITS})


def _grid(**axes: Float64s) -> tuple[dict[str, Float64s], list[Float64s]]:
    """All combinations, each axis flat, and once more shaped to be broadcast over bins and nodes."""
    flat = {name: axis.ravel() for name, axis in zip(axes, np.meshgrid(*axes.values(), indexing="ij"), strict=True)}
    return flat, [axis[:, None, None] for axis in flat.values()]


def _finite(k: Float64s, bins: Bins) -> Gains:
    end = float(bins.last[-1])
    flat, (length, power) = _grid(length=np.geomspace(1.0, 30.0 * end, 150), power=np.array([1.0, 1.5, 2.0, 3.0, 4.0]))
    left = np.maximum(1.0 - (k - 1.0) / length, 0.0) ** power - np.maximum(1.0 - k / length, 0.0) ** power
    return flat, np.log(np.maximum(left, LEAST))


def _compressed(k: Float64s, bins: Bins) -> Gains:
    flat, (power, scale) = _grid(power=np.round(np.geomspace(1.0, 4.0, 25), 4), scale=np.geomspace(0.5, 30.0 * bins.last[-1], 100))
    return flat, -((k / scale) ** power)


def _exponential(k: Float64s, bins: Bins) -> Gains:
    flat, (scale,) = _grid(scale=np.geomspace(0.3, 100.0 * bins.last[-1], 300))
    return flat, -k / scale


def _stretched(k: Float64s, bins: Bins) -> Gains:
    middle = float(np.sqrt(bins.last[-1]))
    flat, (shape, spent) = _grid(shape=SHAPES, spent=np.geomspace(1e-3, 200.0, 60))  # spent: -ln S in the middle
    before, after = spent * (np.maximum(k - 1.0, 0.0) / middle) ** shape, spent * (k / middle) ** shape
    return flat, -before + np.log(np.maximum(-np.expm1(before - after), LEAST))


def _power(k: Float64s, bins: Bins) -> Gains:
    flat, (exponent,) = _grid(exponent=EXPONENTS)
    return flat, -exponent * np.log(k)


def _cut_off(k: Float64s, bins: Bins) -> Gains:
    flat, (exponent, scale) = _grid(exponent=np.arange(0.0, 4.01, 0.05), scale=np.geomspace(0.5, 30.0 * bins.last[-1], 40))
    return flat, -exponent * np.log(k) - k / scale


def _log_normal(k: Float64s, bins: Bins) -> Gains:
    flat, (exponent, bend) = _grid(exponent=np.arange(-1.0, 6.01, 0.05), bend=np.geomspace(0.01, 1.5, 25))
    x = np.log(k) - np.log(bins.last[-1]) / 2.0
    return flat, -exponent * x - bend * x**2


MODELS: dict[str, Model] = {
    "finite list": _finite,
    "compressed exponential": _compressed,
    "exponential": _exponential,
    "stretched exponential": _stretched,
    "power law": _power,
    "power law with cut-off": _cut_off,
    "log-normal": _log_normal,
}
LIGHT = ("finite list", "compressed exponential", "exponential")
HEAVY = ("stretched exponential", "power law", "power law with cut-off", "log-normal")
SHAPE_MODELS = ("stretched exponential", "compressed exponential", "exponential")
