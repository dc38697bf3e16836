"""Planted curves: lists of rules whose gains are known, and positions drawn for them, to try the verdicts of bench/tails/verdict.py on.

A list of rules has a law of gains. Each of n positions is drawn to be one that rule k puts right with a probability in proportion to
that law, and to cost 1 to 4 points until then. The list is then sorted by what each rule really gains, as a greedy fit would,
and ends where nothing is left to gain. So these curves are noisy, sorted, selected and bounded, as fitted ones are.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.tails.curves import Curve, PathRegrets, curve_of_regrets
from bench.tails.verdict import ENDS, EXPONENTIAL, HEAVIER, LIGHTER, POWER, UNDECIDED
from games.arrays import Float64s
from policies.api import budget_ladder

Law = Callable[[Float64s, np.random.Generator], Float64s]
MAX_POINTS = 4
HEAVY = (HEAVIER, POWER)


@dataclass(frozen=True)
class Control:
    """A kind of planted curve: the gains of rules 1 ... n_rules follow `law` up to a factor; no rule gains the share `floor`."""

    name: str
    law: Law
    n_rules: int
    n_positions: int
    right: tuple[str, ...]  # the verdicts that are right
    exponent: float | None = None  # of a power law of gains
    floor: float = 0.0
    cut: int | None = None  # the last size measured, the list going on


def geometric(ratio: float) -> Law:
    """Gains that fall by one ratio."""
    return lambda k, rng: ratio**k


def zipf(exponent: float) -> Law:
    """Gains that fall as a power of the rank."""
    return lambda k, rng: k**-exponent


def rough(law: Law) -> Law:
    """Each gain times a log-normal number that scatters by a factor of e^0.5."""
    return lambda k, rng: law(k, rng) * np.exp(0.5 * rng.standard_normal(len(k)))


def stretched(shape: float, scale: float) -> Law:
    """Gains whose residual is a stretched exponential."""
    return lambda k, rng: np.exp(-(((k - 1.0) / scale) ** shape)) - np.exp(-((k / scale) ** shape))


def two_stages(first: float, second: float) -> Law:
    """Half of the gain in each of two geometric sequences."""
    return lambda k, rng: (1.0 - first) * first ** (k - 1.0) + (1.0 - second) * second ** (k - 1.0)


def classes(*sizes_and_gains: tuple[int, float]) -> Law:
    """Ranges of numbers of rules, each of which gains the same."""
    gains = np.concatenate([np.full(size, gain) for size, gain in sizes_and_gains])
    return lambda k, rng: gains


def phases(*scales: float) -> Law:
    """The same gain in each of several exponentials."""
    return lambda k, rng: np.sum([np.exp(-k / scale) / scale for scale in scales], axis=0)


def luck(k: Float64s, rng: np.random.Generator) -> Float64s:
    """Patterns that know nothing, whose coverage is Zipf's: by luck each gains the square root of what it covers, times a normal number."""
    return k**-0.5 * np.abs(rng.standard_normal(len(k)))


GEOMETRIC = [
    Control("geometric, ratio 0.5", geometric(0.5), 2000, 2_000, (ENDS,)),
    Control("geometric, ratio 0.9", geometric(0.9), 2000, 2_000, (EXPONENTIAL,)),
    Control("geometric, ratio 0.95", geometric(0.95), 2000, 10_000, (EXPONENTIAL,)),
    Control("geometric, ratio 0.98", geometric(0.98), 2000, 2_000, (EXPONENTIAL,)),
    Control("geometric, ratio 0.99", geometric(0.99), 2000, 10_000, (EXPONENTIAL,)),
    Control("geometric, ratio 0.95, a fifth out of reach", geometric(0.95), 2000, 2_000, (EXPONENTIAL,), floor=0.2),
    Control("geometric, ratio 0.95, rough", rough(geometric(0.95)), 2000, 10_000, (EXPONENTIAL,)),
    Control("geometric, ratio 0.95, 1,000 positions", geometric(0.95), 2000, 1_000, (EXPONENTIAL,)),
    Control("geometric, ratio 0.9, fewest positions", geometric(0.9), 2000, 400, (EXPONENTIAL, UNDECIDED)),
]
LIGHT = [
    Control("300 equal gains", lambda k, rng: np.ones_like(k), 300, 2_000, (LIGHTER,)),
    Control("300 gains falling linearly", lambda k, rng: 301.0 - k, 300, 2_000, (LIGHTER,)),
    Control("half-normal, scale 60", lambda k, rng: np.exp(-((k / 60.0) ** 2)), 400, 10_000, (LIGHTER,)),
    Control("300 exponential draws, sorted", lambda k, rng: rng.standard_exponential(len(k)), 300, 10_000, (LIGHTER, EXPONENTIAL)),
]
HEAVIES = [
    Control("Zipf, exponent 0.7, 300 rules", zipf(0.7), 300, 10_000, HEAVY, 0.7),
    Control("Zipf, exponent 1, 300 rules, fewest positions", zipf(1.0), 300, 4_000, HEAVY, 1.0),
    Control("Zipf, exponent 1, 300 rules", zipf(1.0), 300, 5_000, HEAVY, 1.0),
    Control("Zipf, exponent 1, 3,000 rules", zipf(1.0), 3000, 10_000, HEAVY, 1.0),
    Control("Zipf, exponent 1, 3,000 rules, more positions", zipf(1.0), 3000, 50_000, (POWER,), 1.0),
    Control("Zipf, exponent 1, 3,000 rules, a fifth out of reach", zipf(1.0), 3000, 10_000, HEAVY, 1.0, 0.2),
    Control("Zipf, exponent 1, 3,000 rules, rough", rough(zipf(1.0)), 3000, 10_000, HEAVY, 1.0),
    Control("Zipf, exponent 1.5, 3,000 rules", zipf(1.5), 3000, 20_000, HEAVY, 1.5),
    Control("Zipf, exponent 2, 3,000 rules", zipf(2.0), 3000, 150_000, HEAVY, 2.0),
    Control("300 Pareto draws, index 1.5, sorted", lambda k, rng: 1.0 + rng.pareto(1.5, len(k)), 300, 10_000, HEAVY, 2.0 / 3.0),
    Control("stretched exponential, shape 0.5, scale 10", stretched(0.5, 10.0), 5000, 10_000, (HEAVIER,)),
    Control("stretched exponential, shape 0.5, scale 50", stretched(0.5, 50.0), 5000, 10_000, (HEAVIER,)),
    Control("log-normal, middle 10, sigma 2", lambda k, rng: np.exp(-(np.log(k / 10.0) ** 2) / 8.0) / k, 5000, 10_000, (HEAVIER,)),
    Control("Zipf, exponent 1, cut off at 200", lambda k, rng: np.exp(-k / 200.0) / k, 5000, 10_000, HEAVY),
]
ONE_SCALE = (EXPONENTIAL, UNDECIDED)
TWO, LONG = ("two geometric stages, ratios 0.5 and 0.98", "two geometric stages, ratios 0.8 and 0.99")
STAGES = [  # a few great rules, then an exponential: no heavy tail
    Control(TWO, two_stages(0.5, 0.98), 2000, 10_000, ONE_SCALE),
    Control(f"{TWO}, first 16 rules", two_stages(0.5, 0.98), 2000, 10_000, ONE_SCALE, cut=16),
    Control(f"{TWO}, first 64 rules", two_stages(0.5, 0.98), 2000, 10_000, ONE_SCALE, cut=64),
    Control(f"{TWO}, 2,000 positions", two_stages(0.5, 0.98), 2000, 2_000, ONE_SCALE),
    Control(f"{TWO}, 3,000 positions", two_stages(0.5, 0.98), 2000, 3_000, ONE_SCALE),
    Control(LONG, two_stages(0.8, 0.99), 2000, 50_000, ONE_SCALE),
    Control(f"{LONG}, first 128 rules", two_stages(0.8, 0.99), 2000, 50_000, ONE_SCALE, cut=128),
    Control(f"{LONG}, 3,000 positions", two_stages(0.8, 0.99), 2000, 3_000, ONE_SCALE),
    Control(f"{LONG}, 4,000 positions", two_stages(0.8, 0.99), 2000, 4_000, ONE_SCALE),
    Control("two geometric stages, ratios 0.7 and 0.995", two_stages(0.7, 0.995), 3000, 5_000, ONE_SCALE),
]
NOT_HEAVY = (LIGHTER, EXPONENTIAL, UNDECIDED)
CLASSES = [  # rules of a few sizes
    Control("classes of 3, 30 and 300 equal rules", classes((3, 100), (30, 10), (300, 1)), 333, 10_000, NOT_HEAVY),
    Control("classes of 10, 60 and 360 equal rules", classes((10, 36), (60, 6), (360, 1)), 430, 10_000, NOT_HEAVY),
    Control("classes of 4, 16, 64 and 256 equal rules", classes((4, 64), (16, 16), (64, 4), (256, 1)), 340, 10_000, NOT_HEAVY),
    Control("classes of 3, 12, 50 and 200 equal rules", classes((3, 400), (12, 50), (50, 6), (200, 1)), 265, 10_000, NOT_HEAVY),
    Control("classes of 3, 20, 100 and 400 equal rules", classes((3, 27), (20, 9), (100, 3), (400, 1)), 523, 50_000, NOT_HEAVY),
]
CUTS = [  # straight up to a rule behind which nothing comes
    Control("Zipf, exponent 1, 100 rules", zipf(1.0), 100, 10_000, NOT_HEAVY, 1.0),
    Control("Zipf, exponent 1, 100 rules, more positions", zipf(1.0), 100, 50_000, NOT_HEAVY, 1.0),
    Control("Zipf, exponent 1.5, 100 rules", zipf(1.5), 100, 50_000, NOT_HEAVY, 1.5),
]
OPEN = [  # two answers are right: shown to say what the verdicts cannot tell apart
    Control("luck over patterns of Zipf coverage", luck, 3000, 10_000, ()),
    Control("luck over patterns of Zipf coverage, more positions", luck, 3000, 50_000, ()),
    Control("three geometric stages, ratios 0.5, 0.9 and 0.99", lambda k, rng: 0.5**k + 0.03 * 0.9**k + 0.003 * 0.99**k, 2000, 50_000, ()),
    Control("six phases, scales 1 to 243", phases(1.0, 3.0, 9.0, 27.0, 81.0, 243.0), 2000, 50_000, ()),
    Control("stretched exponential, shape 0.3, scale 10", stretched(0.3, 10.0), 5000, 10_000, ()),
    Control("300 log-normal draws, sigma 1, sorted", lambda k, rng: rng.lognormal(0.0, 1.0, len(k)), 300, 10_000, ()),
]
CONTROLS = [*GEOMETRIC, *LIGHT, *HEAVIES, *STAGES, *CLASSES, *CUTS, *OPEN]


def planted_curve(control: Control, seed: int) -> Curve:
    """A curve of this kind; another seed draws other positions."""
    rng = np.random.default_rng([seed, zlib.crc32(control.name.encode())])
    law = control.law(np.arange(1.0, control.n_rules + 1.0), rng)
    rule = rng.choice(control.n_rules, control.n_positions, p=law / law.sum())
    points = rng.integers(1, MAX_POINTS + 1, control.n_positions).astype(np.float64)
    by_gain = np.argsort(-np.bincount(rule, points, control.n_rules), kind="stable")
    rank = np.empty(control.n_rules)
    rank[by_gain] = np.arange(1, control.n_rules + 1)
    solved_by = np.where(rng.random(control.n_positions) < control.floor, np.inf, rank[rule])
    sizes = sorted({*range(1, 17), *budget_ladder(len(np.unique(rule)))})
    sizes = [size for size in sizes if size <= min(len(np.unique(rule)), control.cut or len(rule))]
    regrets = points * (solved_by > np.array(sizes, dtype=np.float64)[:, None])
    weights = np.full(control.n_positions, 1.0 / control.n_positions)
    return curve_of_regrets(PathRegrets(sizes, regrets, points, weights, is_finished=control.cut is None), seed)
