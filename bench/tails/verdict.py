"""The tail of a curve in words: whether a list of rules ends, falls off like an exponential, faster, slower, or like a power law.

The rule of the verdict (docs/tails.md gives its reasons). A curve is judged from its first unit to where units gain less than TABLE
average positions each, which is no more than a table does; and once more, `later`, on the last LATER of its bins, so that a few great
rules at the front do not pass for a tail. The first that holds of:

    ends                      the list has ended within SHORT units
    undecided                 fewer than MIN_BINS bins, or less than MIN_DECADES
    power-law-like            heavier as below, and over at least HEAVY_DECADES, reaching into the last decade, gains are straight
                              on log-log axes: the band of the change of their slope is within -STRAIGHT ... STRAIGHT
    heavier than exponential  the band of the shape of the stretched exponential is below LOW, later below LATER_LOW, and in
                              CONFIDENCE of the replicates some heavy model predicts unseen units better than every light one;
                              undecided all the same where what is judged spans less than HEAVY_DECADES
    then, first for the whole and then for the later part, if the band of the shape is above LOW there:
    lighter than exponential  gains fall as exp(-k^power), and the band of the power is above HIGH
    lighter than exponential  the list ends where an exponential would still leave more than CUT_SHORT of this part
    exponential               the band of the shape is below HIGH
    and else:
    undecided

Bands hold the middle 95 % of the replicates: those of positions and seeds (bench/tails/curves.py), with the bins weighted at random
besides, so that a model that fits badly has a wide band.
"""

import math
from dataclasses import dataclass

import numpy as np

from bench.curves.curve import PERFECT
from bench.tails.curves import Curve
from bench.tails.models import HEAVY, LIGHT, MODELS, SHAPE_MODELS, Bins, best_parameters, bin_edges, extrapolation_errors, make_bins, tables
from bench.tails.slopes import STRAIGHT, Band, Slope, Stretch, band, local_slopes, straight_stretch
from bench.wording import count
from games.arrays import Float64s, Int64s

ENDS, LIGHTER, EXPONENTIAL, HEAVIER, POWER, UNDECIDED = VERDICTS = (
    "ends",
    "lighter than exponential",
    "exponential",
    "heavier than exponential",
    "power-law-like",
    "undecided",
)
SHORT = 30  # units: a list that a person can hold in mind has no tail to speak of
MIN_BINS = 8
MIN_DECADES = 1.0
HEAVY_DECADES = 2.0
TABLE = 4.0
LOW, HIGH = 0.75, 1.0 / 0.75
LATER, LATER_LOW = 0.5, 0.9
CONFIDENCE = 0.95
CUT_SHORT = 0.1
NOISE = 0.1  # of the ln of a bin's gain: what no bootstrap over positions shows, which rules happen to exist
MIN_SHARE = 0.05  # of the measured gain of a bin: a replicate has at least so much


@dataclass(frozen=True)
class ModelScore:
    """How well a model predicts, and what it says of the whole curve."""

    name: str
    error: float  # decades by which predicted gains are off: the mean over the bins and splits that were not fitted
    error_band: Band
    best_share: float  # of the replicates in which no other model predicts better
    parameters: dict[str, float]  # fitted to all bins


@dataclass(frozen=True)
class Part:
    """What exponentials and their kin say of a range of units."""

    first: int
    last: int
    shape: float  # of the stretched exponential: 1 is an exponential, towards 0 a power law
    shape_band: Band
    power_band: Band  # of the compressed exponential, 1 to 4
    scale: float  # of the exponential, in units

    def __str__(self) -> str:
        return f"shape {self.shape_band[0]:.2f} to {self.shape_band[1]:.2f} from unit {self.first} on"


@dataclass(frozen=True)
class Tail:
    """What can be said of the tail of a curve."""

    verdict: str  # one of VERDICTS
    words: str  # the verdict, and how far it reaches
    reason: str
    ends_after: int | None  # units after which the list has ended, if it has
    left_at_end: float  # the residual of the last point
    judged_to: int  # the last unit that is judged
    n_bins: int
    decades: float  # that the judged units span
    whole: Part | None = None  # all that is judged
    later: Part | None = None  # the later bins of it alone, so that a few great rules at the front do not decide
    heavy_share: float | None = None  # of the replicates in which some heavy model predicts better than every light one
    stretch: Stretch | None = None
    models: tuple[ModelScore, ...] = ()
    slopes: tuple[Slope, ...] = ()


def tail_of(curve: Curve, seed: int = 0) -> Tail:
    """Judge the tail of a curve by the rule of this module; the same curve and seed give the same answer."""
    ended = np.flatnonzero(curve.residuals <= PERFECT)
    last = int(ended[0]) if len(ended) else len(curve.sizes) - 1
    ends_after = int(curve.sizes[last]) if curve.has_ended else None
    left = float(max(0.0, curve.residuals[-1]))
    places = _judged_places(curve, last)
    if len(places) < 2:
        kind, words = (ENDS, _ends(left)) if ends_after is not None and ends_after <= SHORT else (UNDECIDED, UNDECIDED)
        return Tail(kind, words, "no unit gains as much as a few positions", ends_after, left, 0, 0, 0.0)
    bins = make_bins(curve.sizes[places])
    what = (ends_after, left, int(bins.last[-1]), len(bins.last), bins.decades)
    if ends_after is not None and ends_after <= SHORT:
        return Tail(ENDS, _ends(left), f"after {count(ends_after, 'unit')}", *what)
    if len(bins.last) < MIN_BINS or bins.decades < MIN_DECADES:
        return Tail(UNDECIDED, UNDECIDED, f"{len(bins.last)} bins over {bins.decades:.1f} decades are too few to tell", *what)
    log_gains, weights = _rows(curve, places, bins, seed)
    grids = tables(bins, MODELS)
    names = list(grids)
    errors = np.stack([extrapolation_errors(grid, bins, log_gains, weights) for grid in grids.values()])  # [n_models, n_rows]
    heavy_share = float((_least(errors, names, HEAVY) < _least(errors, names, LIGHT)).mean())
    parameters = {name: best_parameters(grid, log_gains, weights) for name, grid in grids.items()}
    n_later = max(MIN_BINS, math.ceil(LATER * len(bins.last)))
    end, rows = bins.last_ones(n_later), (log_gains[:, -n_later:], weights[:, -n_later:])
    whole = _part(bins, parameters)
    later = _part(end, {name: best_parameters(grid, *rows) for name, grid in tables(end, SHAPE_MODELS).items()})
    stretch = straight_stretch(bins, log_gains, weights)
    verdict, reason = _verdict(ends_after, whole, later, heavy_share, stretch)
    return Tail(
        verdict,
        f"{POWER} over {stretch.decades:.1f} decades" if verdict == POWER and stretch else verdict,
        reason,
        *what,
        whole=whole,
        later=later,
        heavy_share=heavy_share,
        stretch=stretch,
        models=tuple(_score(name, errors, i, parameters[name]) for i, name in enumerate(names)),
        slopes=local_slopes(bins, log_gains, weights),
    )


def _ends(left: float) -> str:
    return ENDS if left <= PERFECT else f"{ENDS}, {left:.1%} out of reach"


def _verdict(ends_after: int | None, whole: Part, later: Part, heavy_share: float, stretch: Stretch | None) -> tuple[str, str]:
    """The verdict and its reason in words, from the numbers that decide it; see the rule of the module."""
    said = f"{whole}; {later}; heavy models predict better in {heavy_share:.0%} of replicates"
    is_heavy = whole.shape_band[1] < LOW and later.shape_band[1] < LATER_LOW and heavy_share >= CONFIDENCE
    if is_heavy and math.log10(whole.last / whole.first) < HEAVY_DECADES:
        return UNDECIDED, f"{said}; {HEAVY_DECADES:g} decades are needed to tell a heavy tail from a few great rules before a light one"
    if is_heavy:
        if stretch and stretch.decades >= HEAVY_DECADES and max(map(abs, stretch.bend_band)) <= STRAIGHT:
            low, high = stretch.exponent_band
            return POWER, f"{said}; gains fall as k^-{stretch.exponent:.2f} ({low:.2f} to {high:.2f})"
        return HEAVIER, said
    for part in (whole, later):
        if part.shape_band[0] <= LOW:
            continue
        if part.power_band[0] > HIGH:
            return LIGHTER, f"{said}; gains fall as exp(-k^power), power {part.power_band[0]:.2f} to {part.power_band[1]:.2f}"
        left = 0.0 if ends_after is None else math.exp((part.first - 1 - ends_after) / part.scale)
        if left > CUT_SHORT:
            return LIGHTER, f"{said}; the list ends after {ends_after} units, where an exponential would still leave {left:.0%}"
        if part.shape_band[1] < HIGH:
            return EXPONENTIAL, said
    return UNDECIDED, said


def _part(bins: Bins, parameters: dict[str, dict[str, Float64s]]) -> Part:
    shapes, powers = parameters["stretched exponential"]["shape"], parameters["compressed exponential"]["power"]
    scale = float(parameters["exponential"]["scale"][0])
    return Part(int(bins.first[0]), int(bins.last[-1]), float(shapes[0]), band(shapes), band(powers), scale)


def _least(errors: Float64s, names: list[str], among: tuple[str, ...]) -> Float64s:
    """The error of the best of some models in each replicate. errors: [n_models, n_rows]"""
    least: Float64s = errors[[names.index(name) for name in among], 1:].min(axis=0)
    return least


def _score(name: str, errors: Float64s, place: int, parameters: dict[str, Float64s]) -> ModelScore:
    best = (errors[place] <= errors.min(axis=0))[1:].mean()
    first = {parameter: float(values[0]) for parameter, values in parameters.items()}
    return ModelScore(name, float(errors[place, 0]), band(errors[place]), float(best), first)


def _judged_places(curve: Curve, last: int) -> Int64s:
    """The points that part a curve into bins, each of which gains something, up to where rules are entries of a table."""
    places = [0]
    for place in bin_edges(curve.sizes[: last + 1])[1:]:
        gain = curve.residuals[places[-1]] - curve.residuals[place]
        if gain <= PERFECT:
            continue
        if gain < TABLE * curve.quantum * (curve.sizes[place] - curve.sizes[places[-1]]):
            break
        places.append(place)
    return np.array(places, dtype=np.int64)


def _rows(curve: Curve, places: Int64s, bins: Bins, seed: int) -> tuple[Float64s, Float64s]:
    """Logarithms of the mean gain of each bin, and weights: as measured, then a row a replicate with bins weighted at random."""
    n_units = bins.last - bins.first + 1
    measured = -np.diff(curve.residuals[places]) / n_units
    drawn = np.maximum(-np.diff(curve.replicates[:, places], axis=1) / n_units, MIN_SHARE * measured)
    log_gains = np.log(np.concatenate([measured[None, :], drawn]))
    weights = bins.length / (NOISE**2 + 1.0 / bins.middle + log_gains[1:].var(axis=0))
    random = np.random.default_rng(seed).standard_exponential(drawn.shape)
    return log_gains, weights * np.concatenate([np.ones((1, len(n_units))), random])
