"""The tail of a curve in words: whether a list of rules ends, falls off like an exponential, faster, slower, or like a power law.

The rule of the verdict (docs/tails.md gives its reasons). A curve is judged on its convex hull, from its first unit to where units gain
less than TABLE average positions each (bench/tails/judged.py); and once more, `later`, on the last LATER of its bins, so that a few great
rules at the front do not pass for a tail. A unit is a rule, or a byte where sizes are bits; positions are effective ones. The first that
holds of:

    ends                      the list has ended within SHORT units
    undecided                 fewer than MIN_BINS bins, less than MIN_DECADES, or fewer than MIN_POSITIONS
    power-law-like            heavier as below, and over at least HEAVY_DECADES, reaching into the last decade, gains are straight
                              on log-log axes: the band of the change of their slope is within -STRAIGHT ... STRAIGHT
    heavier than exponential  the band of the shape of the stretched exponential is below LOW, later below LATER_LOW, and in
                              CONFIDENCE of the replicates some heavy model predicts unseen units better than every light one;
                              undecided all the same unless
                              - there are HEAVY_POSITIONS;
                              - what is judged spans HEAVY_DECADES, or CUT_DECADES where the list is cut off behind it;
                              - two stages and a few classes of equal rules are further off (bench/tails/stages.py) than a heavy
                                model in CLOSER of the replicates, or than great rules before a power law in GREAT_CLOSER of them
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
from dataclasses import dataclass, replace

import numpy as np

from bench.curves.curve import PERFECT
from bench.tails.curves import Curve
from bench.tails.judged import Judged, in_units, judged_part
from bench.tails.models import HEAVY, LIGHT, MODELS, SHAPE_MODELS, Bins, best_parameters, extrapolation_errors, make_bins, tables
from bench.tails.slopes import STRAIGHT, Band, Slope, Stretch, band, local_slopes, straight_stretch
from bench.tails.stages import closeness
from bench.wording import count
from games.arrays import Float64s

ENDS, LIGHTER, EXPONENTIAL, HEAVIER, POWER, UNDECIDED = VERDICTS = (
    "ends",
    "lighter than exponential",
    "exponential",
    "heavier than exponential",
    "power-law-like",
    "undecided",
)
SHORT = 30  # units: a list that a person can hold in mind has no tail
MIN_BINS = 8
MIN_DECADES = 1.0
MIN_POSITIONS = 400
HEAVY_DECADES = 2.0
CUT_DECADES = 2.4
HEAVY_POSITIONS = 4_000
LOW, HIGH = 0.75, 1.0 / 0.75
LATER, LATER_LOW = 0.5, 0.9
CONFIDENCE = 0.95
CLOSER, GREAT_CLOSER = 0.2, 0.9
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
    n_positions: float  # effective number
    whole: Part | None = None  # all that is judged
    later: Part | None = None  # the later bins of it alone, so that a few great rules at the front do not decide
    heavy_share: float = 0.0  # of the replicates in which some heavy model predicts better than every light one
    closer_share: float = 0.0  # of the replicates in which one is closer than two stages and than a few classes
    great_share: float = 0.0  # of the replicates in which great rules before a power law are closer than these
    is_cut: bool = False  # nearly nothing is gained behind the judged units, though these are no entries of a table
    stretch: Stretch | None = None
    models: tuple[ModelScore, ...] = ()
    slopes: tuple[Slope, ...] = ()


def tail_of(curve: Curve, seed: int = 0) -> Tail:
    """Judge the tail of a curve by the rule of this module; the same curve and seed give the same answer.

    Every number of units is in `curve.unit`, so that the same list gets the same verdict whichever abscissa it has.
    """
    sizes = in_units(curve)
    ended = np.flatnonzero(curve.residuals <= PERFECT)
    ends_after = int(sizes[ended[0] if len(ended) else -1]) if curve.has_ended else None
    is_short = ends_after is not None and ends_after <= SHORT
    left, n_positions = float(max(0.0, curve.residuals[-1])), round(1.0 / curve.quantum, 3)
    part = judged_part(curve, sizes)
    if len(part.edges) < 2:
        kind, words = (ENDS, _ends(left)) if is_short else (UNDECIDED, UNDECIDED)
        return Tail(kind, words, "no unit gains as much as a few positions", ends_after, left, 0, 0, 0.0, n_positions)
    bins = make_bins(part.edges)
    what = (ends_after, left, int(bins.last[-1]), len(bins.last), bins.decades, n_positions)
    if ends_after is not None and is_short:
        return Tail(ENDS, _ends(left), f"after {count(ends_after, 'unit')}", *what)
    if len(bins.last) < MIN_BINS or bins.decades < MIN_DECADES:
        return Tail(UNDECIDED, UNDECIDED, f"{len(bins.last)} bins over {bins.decades:.1f} decades are too few to tell", *what)
    if n_positions < MIN_POSITIONS:
        return Tail(UNDECIDED, UNDECIDED, f"{n_positions:,.0f} positions are too few to tell", *what)
    log_gains, weights = _rows(part, bins, seed)
    grids = tables(bins, MODELS)
    names = list(grids)
    errors = np.stack([extrapolation_errors(grid, bins, log_gains, weights) for grid in grids.values()])  # [n_models, n_rows]
    plain, great = closeness(bins, grids, log_gains, weights, curve.quantum)
    parameters = {name: best_parameters(grid, log_gains, weights) for name, grid in grids.items()}
    n_later = max(MIN_BINS, math.ceil(LATER * len(bins.last)))
    end, rows = bins.last_ones(n_later), (log_gains[:, -n_later:], weights[:, -n_later:])
    tail = Tail(
        *(UNDECIDED, UNDECIDED, "", *what),
        whole=_part(bins, parameters),
        later=_part(end, {name: best_parameters(grid, *rows) for name, grid in tables(end, SHAPE_MODELS).items()}),
        heavy_share=float((_least(errors, names, HEAVY) < _least(errors, names, LIGHT)).mean()),
        closer_share=float(plain[1:].mean()),
        great_share=float(great[1:].mean()),
        is_cut=part.is_cut,
        stretch=straight_stretch(bins, log_gains, weights),
        models=tuple(_score(name, errors, i, parameters[name]) for i, name in enumerate(names)),
        slopes=local_slopes(bins, log_gains, weights),
    )
    verdict, reason = _verdict(tail)
    words = f"{POWER} over {tail.stretch.decades:.1f} decades" if verdict == POWER and tail.stretch else verdict
    return replace(tail, verdict=verdict, words=words, reason=reason)


def _ends(left: float) -> str:
    return ENDS if left <= PERFECT else f"{ENDS}, {left:.1%} out of reach"


def _verdict(tail: Tail) -> tuple[str, str]:
    """The verdict and its reason in words, from the numbers that decide it; see the rule of the module."""
    whole, later = tail.whole, tail.later
    assert whole is not None
    assert later is not None
    said = f"{whole}; {later}; heavy models predict better in {tail.heavy_share:.0%} of replicates"
    if whole.shape_band[1] < LOW and later.shape_band[1] < LATER_LOW and tail.heavy_share >= CONFIDENCE:
        if doubt := _doubt(tail):
            return UNDECIDED, f"{said}; {doubt}"
        said += f" and are closer in {max(tail.closer_share, tail.great_share):.0%}"
        stretch = tail.stretch
        if stretch and stretch.decades >= HEAVY_DECADES and max(map(abs, stretch.bend_band)) <= STRAIGHT:
            low, high = stretch.exponent_band
            return POWER, f"{said}; gains fall as k^-{stretch.exponent:.2f} ({low:.2f} to {high:.2f})"
        return HEAVIER, said
    for part in (whole, later):
        if part.shape_band[0] <= LOW:
            continue
        if part.power_band[0] > HIGH:
            return LIGHTER, f"{said}; gains fall as exp(-k^power), power {part.power_band[0]:.2f} to {part.power_band[1]:.2f}"
        left = 0.0 if tail.ends_after is None else math.exp((part.first - 1 - tail.ends_after) / part.scale)
        if left > CUT_SHORT:
            return LIGHTER, f"{said}; the list ends after {tail.ends_after} units, where an exponential would still leave {left:.0%}"
        if part.shape_band[1] < HIGH:
            return EXPONENTIAL, said
    return UNDECIDED, said


def _doubt(tail: Tail) -> str:
    """Why a tail that looks heavy is not called so; empty where nothing speaks against it."""
    if tail.n_positions < HEAVY_POSITIONS:
        return f"{tail.n_positions:,.0f} positions, and {HEAVY_POSITIONS:,} are needed to tell a heavy tail from two stages"
    if tail.decades < HEAVY_DECADES:
        return f"{HEAVY_DECADES:g} decades are needed to tell a heavy tail from a few great rules before a light one"
    if tail.is_cut and tail.decades < CUT_DECADES:
        return f"the list is cut off, and {CUT_DECADES:g} decades of such a list are needed to tell a heavy tail"
    if tail.closer_share < CLOSER and tail.great_share < GREAT_CLOSER:
        return f"two stages or a few classes of equal rules are closer in {1.0 - tail.closer_share:.0%}"
    return ""


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


def _rows(part: Judged, bins: Bins, seed: int) -> tuple[Float64s, Float64s]:
    """Logarithms of the mean gain of each bin, and weights: as measured, then a row a replicate with bins weighted at random."""
    n_units = bins.last - bins.first + 1
    measured = -np.diff(part.residuals) / n_units
    drawn = np.maximum(-np.diff(part.replicates, axis=1) / n_units, MIN_SHARE * measured)
    log_gains = np.log(np.concatenate([measured[None, :], drawn]))
    weights = bins.length / (NOISE**2 + 1.0 / bins.middle + log_gains[1:].var(axis=0))
    random = np.random.default_rng(seed).standard_exponential(drawn.shape)
    return log_gains, weights * np.concatenate([np.ones((1, len(n_units))), random])
