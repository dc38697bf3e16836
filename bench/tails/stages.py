"""Curves that look heavy and are not: two stages of one scale each, or a few classes of rules that gain alike.

Beside the models of bench/tails/models.py, which are not enough to refuse such curves, stand

    two stages                    gains as exp(-(k - c) / first) + exp(-(k - c) / second), second > first
    great rules, then a power law gains as exp(-(k - c) / scale) + (k / c)^-exponent; the exponential is the steeper one at k = c
    classes                       at most CLASSES ranges of rules, each of one gain

The first two have the same number of parameters. Sorting adds the noise of counting to a class: the rule at the quantile u of its class
gains 1 + s z(1 - u) times the gain of the class, where z is the normal quantile and s = sqrt(LUCK * quantum / gain). One bin between two
classes may hold rules of both; it is not judged, and counts as a parameter. All parameters are searched exhaustively. Models are compared
by Schwarz's criterion, n ln(mean square) + p ln n for n bins and p parameters (G. Schwarz, "Estimating the dimension of a model", Annals
of Statistics 6, 1978).
"""

import itertools
import math

import numpy as np
from scipy.special import ndtri

from bench.tails.models import HEAVY, Bins, Gains, Table, fit, make_table
from games.arrays import Bools, Float64s

CLASSES = 4
LUCK = 1.2  # squared losses in squares of the mean loss, where losses are 1 to 4 points
LEAST_PROFILE = 0.05  # of the gain of a class: no rule of it gains less
TINY = 1e-12  # stands for the squares that a perfect fit leaves
BEHIND = 30.0  # a power law behind great rules begins at this part of the last unit or before: it spans a decade and a half


def closeness(bins: Bins, grids: dict[str, Table], log_gains: Float64s, weights: Float64s, quantum: float) -> tuple[Bools, Bools]:
    """In which rows a heavy model is closest: a plain one, and great rules before a power law. Two arrays of shape [n_rows].

    grids: the tables of the heavy models over these bins. log_gains, weights: [n_rows, n_bins]. A plain one must be closer than two
    stages, and no classes may be closer than either heavy kind; great rules before a power law must be closer than both others.
    """

    def score(table: Table) -> Float64s:
        return _criterion(misfits(table, log_gains, weights), len(bins.last), 1 + len(table.parameters))

    plain = np.min([score(grids[name]) for name in HEAVY], axis=0)
    great = score(make_table("great rules, then a power law", _great_rules, bins))
    stages = score(make_table("two stages", _two_stages, bins))
    left = _classes(bins, log_gains, weights, quantum)
    classes = np.min([_criterion(left[n], len(bins.last), 3 * n - 2) for n in range(2, CLASSES + 1)], axis=0)
    return (plain < stages) & (np.minimum(plain, great) < classes), great < np.minimum(stages, classes)


def _criterion(squares: Float64s, n_bins: int, n_parameters: int) -> Float64s:
    """Schwarz's criterion, less is better. squares: as `misfits` has them."""
    found: Float64s = n_bins * np.log(np.maximum(squares, TINY) / n_bins) + n_parameters * math.log(n_bins)
    return found


def misfits(table: Table, log_gains: Float64s, weights: Float64s) -> Float64s:
    """The weighted sum of squares that the best fit leaves of each row, weights taken to add up to the number of bins: [n_rows]."""
    best, amplitude = fit(table, log_gains, weights)
    off = log_gains - table.log_means[best] - amplitude[:, None]
    found: Float64s = (weights * off**2).sum(axis=1) / weights.mean(axis=1)
    return found


def _classes(bins: Bins, log_gains: Float64s, weights: Float64s, quantum: float) -> list[Float64s]:
    """The sums of squares that the best 0, 1, ... CLASSES classes leave, weighted as in `misfits`: each [n_rows]."""
    n_bins, n_units = len(bins.last), (bins.last - bins.first + 1).astype(np.float64)
    weights = weights / weights.mean(axis=1)[:, None]
    left = {
        (i, j): _one_class(n_units[i:j], log_gains[:, i:j], weights[:, i:j], quantum)
        for i, j in itertools.combinations(range(n_bins + 1), 2)
    }
    never = np.full(len(log_gains), np.inf)
    before = [np.zeros(len(log_gains)), *[never] * n_bins]  # by the number of bins that the classes so far take
    found = [before[-1]]
    for n_classes in range(1, CLASSES + 1):
        now = [never] * (n_bins + 1)
        for (i, j), squares in left.items():
            start = before[i] if n_classes == 1 or i == 0 else np.minimum(before[i], before[i - 1])
            now[j] = np.minimum(now[j], start + squares)
        before = now
        found.append(before[-1])
    return found


def _one_class(n_units: Float64s, log_gains: Float64s, weights: Float64s, quantum: float) -> Float64s:
    """The weighted sum of squares that one class leaves of these bins: [n_rows]."""
    gain = np.exp(log_gains) @ n_units / n_units.sum()
    scores = ndtri(1.0 - (np.cumsum(n_units) - n_units / 2.0) / n_units.sum())
    profile = np.log(np.maximum(1.0 + np.sqrt(LUCK * quantum / gain)[:, None] * scores, LEAST_PROFILE))
    off = log_gains - profile
    off -= ((weights * off).sum(axis=1) / weights.sum(axis=1))[:, None]
    left: Float64s = (weights * off**2).sum(axis=1)
    return left


def _two_stages(k: Float64s, bins: Bins) -> Gains:
    end = float(bins.last[-1])
    scales = np.geomspace(0.4, 10.0 * end, 36)
    first, second = (scales[places] for places in np.triu_indices(len(scales), 1))
    crossings = np.geomspace(0.7, 2.0 * end, 20)
    flat = {"first": np.repeat(first, 20), "second": np.repeat(second, 20), "crossing": np.tile(crossings, len(first))}
    first, second, crossing = (values[:, None, None] for values in flat.values())
    return flat, np.logaddexp((crossing - k) / first, (crossing - k) / second)


def _great_rules(k: Float64s, bins: Bins) -> Gains:
    last = max(1.0, bins.last[-1] / BEHIND)
    axes = np.meshgrid(np.geomspace(0.3, last, 20), np.geomspace(1.0, last, 20), np.arange(0.1, 4.01, 0.15), indexing="ij")
    scale, crossing, exponent = (axis.ravel() for axis in axes)
    is_steeper = crossing > exponent * scale
    flat = {"scale": scale[is_steeper], "crossing": crossing[is_steeper], "exponent": exponent[is_steeper]}
    scale, crossing, exponent = (values[:, None, None] for values in flat.values())
    return flat, np.logaddexp((crossing - k) / scale, -exponent * np.log(k / crossing))
