"""How description lengths grow with the size of a game: bits ~ positions^kappa within a family, with Student t bands.

What is fitted is ln bits = a + kappa ln positions, by least squares; its bands hold LEVEL_OF_BAND if the law is a power and the
scatter of the games about it is normal and independent. No band shows that the law itself bends. With two sizes there is no band.

The rule of the verdict: kappa is `below 1` or `above 1` where its band is, if the largest size lies in the band that the law of the
others predicts for it, which takes four sizes; else it is undecided. A prediction is undecided where the verdict's conditions are not
met, and where its band holds both no growth beyond the largest game measured and growth in proportion to positions.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.curves.families import family_of
from bench.curves.figure1 import LEVEL
from bench.scaling.axis import AxisRow

LEVEL_OF_BAND = 0.95
ROUNDING = 1e-9  # of a logarithm: a number exactly on a law whose band has no width is in it
SLOWER, FASTER, UNDECIDED = "below 1", "above 1", "undecided"
HOLDS, FAILS = "holds", "fails"
BEST = "shortest of all"  # of each game the fewest bits of any curve
ALONE = "exceptions alone"  # perfect play without any policy: what a kappa below 1 must be held against
CODELENGTH, BITS_TO = "codelength", f"bits to {LEVEL:.0%} gain"
Band = tuple[float, float]

# Legal arrangements of stones, exact (Tromp & Farneback, "Combinatorics of Go", 2007), and symmetries of the board.
GO_LEGAL = {"go-4x4": (24_318_165, 8), "go-4x5": (1_840_058_693, 4), "go-5x5": (414_295_148_741, 8)}
PASSES = 2  # a position is an arrangement seen from the player to move, after a pass or not
# By family, larger boards whose bits to LEVEL are predicted: few enough positions that a sample of them can test it.
LARGER = {"go": {game: PASSES * legal / symmetries for game, (legal, symmetries) in GO_LEGAL.items()}}


@dataclass(frozen=True)
class Sample:
    """The bits and the positions of one game of a family."""

    game: str
    n_positions: float
    bits: float


@dataclass(frozen=True)
class PowerLaw:
    """ln bits = intercept + kappa (ln positions - middle), fitted by least squares."""

    kappa: float
    kappa_band: Band | None  # None with two sizes
    n_sizes: int
    intercept: float
    middle: float  # mean of ln positions
    spread: float  # sum of squares of ln positions about it
    scatter: float  # standard deviation of ln bits about the law


@dataclass(frozen=True)
class Prediction:
    """The prediction of a law for one more game of the family: log10 of its bits."""

    game: str
    log10_positions: float
    log10_bits: float
    band: Band | None  # for that game's own number, not only for the mean; None with two sizes


@dataclass(frozen=True)
class Check:
    """The largest game predicted from the others, and its measured bits."""

    predicted: Prediction
    log10_measured: float

    @property
    def verdict(self) -> str:
        """Whether the measured number is in the predicted band, where there is one."""
        if self.predicted.band is None:
            return UNDECIDED
        low, high = self.predicted.band
        return HOLDS if low - ROUNDING <= self.log10_measured <= high + ROUNDING else FAILS


@dataclass(frozen=True)
class Scaling:
    """How one quantity of one curve grows within a family."""

    family: str
    curve: str
    quantity: str  # CODELENGTH or BITS_TO
    samples: tuple[Sample, ...]  # by positions
    missing: tuple[str, ...]  # games of the family in the run without a number, each with the reason
    law: PowerLaw | None  # None where fewer than two sizes are measured
    check: Check | None  # None where fewer than three are
    extrapolated: tuple[Prediction, ...]  # to LARGER boards, for BITS_TO of BEST alone

    @property
    def doubt(self) -> str:
        """The reason why no verdict is possible, whatever the band is; empty if one is."""
        if self.law is None:
            return "one size" if len(self.samples) == 1 else "games of one size" if self.samples else "no size"
        if self.check is None:
            return "too few sizes" if self.law.kappa_band else "only two sizes"
        if self.check.predicted.band is None:
            return "only three sizes"
        return "" if self.check.verdict == HOLDS else "the largest is off the law"

    @property
    def kappa_is(self) -> str:
        """SLOWER, FASTER or UNDECIDED."""
        if self.doubt or self.law is None or self.law.kappa_band is None:
            return UNDECIDED
        low, high = self.law.kappa_band
        return SLOWER if high < 1.0 - ROUNDING else FASTER if low > 1.0 + ROUNDING else UNDECIDED

    @property
    def open_because(self) -> str:
        """Why kappa is UNDECIDED."""
        return self.doubt or "the band holds 1"

    @property
    def verdict(self) -> str:
        """Whether kappa is below 1 or above, or that this is undecided, and why."""
        return f"{UNDECIDED}: {self.open_because}" if self.kappa_is == UNDECIDED else self.kappa_is

    def decides(self, further: Prediction) -> bool:
        """Whether a prediction tells no growth at all from growth in proportion to positions."""
        if self.doubt or further.band is None:
            return False
        largest = self.samples[-1]
        constant = math.log10(largest.bits)
        in_proportion = constant + further.log10_positions - math.log10(largest.n_positions)
        return not further.band[0] <= constant <= in_proportion <= further.band[1]


def fit_power(samples: Sequence[Sample]) -> PowerLaw | None:
    """The power law of two or more games of different size, with the Student t band of kappa; None with fewer.

    The band is kappa ± t(n - 2) scatter / sqrt(spread), as of any slope of simple linear regression.
    """
    x, y = (np.log(np.array([getattr(sample, name) for sample in samples])) for name in ("n_positions", "bits"))
    if len(set(x.tolist())) < 2:
        return None
    spread = float(((x - x.mean()) ** 2).sum())
    kappa = float(((x - x.mean()) * (y - y.mean())).sum() / spread)
    if len(x) == 2:
        return PowerLaw(kappa, None, 2, float(y.mean()), float(x.mean()), spread, 0.0)
    left = y - y.mean() - kappa * (x - x.mean())
    scatter = math.sqrt(float((left**2).sum()) / (len(x) - 2))
    half = _student(len(x) - 2) * scatter / math.sqrt(spread)
    return PowerLaw(kappa, (kappa - half, kappa + half), len(x), float(y.mean()), float(x.mean()), spread, scatter)


def predict(law: PowerLaw, game: str, n_positions: float) -> Prediction:
    """The bits that a law predicts for a game of `n_positions`, with the band for one new game."""
    away = math.log(n_positions) - law.middle
    log10_bits = (law.intercept + law.kappa * away) / math.log(10.0)
    if law.kappa_band is None:
        return Prediction(game, math.log10(n_positions), log10_bits, None)
    error = law.scatter * math.sqrt(1.0 + 1.0 / law.n_sizes + away**2 / law.spread)
    half = _student(law.n_sizes - 2) * error / math.log(10.0)
    return Prediction(game, math.log10(n_positions), log10_bits, (log10_bits - half, log10_bits + half))


def scalings(rows: Sequence[AxisRow]) -> list[Scaling]:
    """For each family how exceptions alone grow, and for the shortest of all curves and for each curve its codelength and bits to LEVEL."""
    found = []
    for family in dict.fromkeys(family_of(row.game) for row in rows):
        of_family = [row for row in rows if family_of(row.game) == family]
        drawn = [row for row in of_family if row.is_drawn]
        by_game: dict[str, list[AxisRow]] = {row.game: [] for row in of_family}
        found.append(_scaling(family, ALONE, CODELENGTH, by_game, of_family))
        for curve in [BEST, *dict.fromkeys(row.curve for row in drawn)]:
            of_curve = [row for row in drawn if curve in (BEST, row.curve)]
            found += [_scaling(family, curve, quantity, by_game, of_curve) for quantity in (CODELENGTH, BITS_TO)]
    return found


def share_left(found: Sequence[Scaling], family: str) -> tuple[tuple[Sample, ...], PowerLaw | None]:
    """What the shortest codelength of each game is as a share of exceptions alone, and how that share grows with positions.

    Both have the same games in them, so this says more of whether policies pay better on larger games than two bands side by side.
    """
    of_curve = {scaling.curve: scaling.samples for scaling in found if scaling.family == family and scaling.quantity == CODELENGTH}
    alone = {sample.game: sample.bits for sample in of_curve.get(ALONE, ())}
    of_both = [sample for sample in of_curve.get(BEST, ()) if sample.game in alone]
    shares = tuple(Sample(sample.game, sample.n_positions, sample.bits / alone[sample.game]) for sample in of_both)
    return shares, fit_power(shares)


def _scaling(family: str, curve: str, quantity: str, games: Iterable[str], rows: Sequence[AxisRow]) -> Scaling:
    samples: list[Sample] = []
    missing: list[str] = []
    for game in games:
        of_game = [row for row in rows if row.game == game]
        numbers = [(row, _number(row, curve, quantity)) for row in of_game]
        measured = [float(bits) for _, bits in numbers if bits]
        n_positions = next((row.n_positions for row in of_game if row.n_positions), None)
        if measured and n_positions:  # of one curve the geometric mean of its seeds, as the fit is to logarithms
            bits = math.exp(sum(map(math.log, measured)) / len(measured))
            samples.append(Sample(game, float(n_positions), bits if curve not in (BEST, ALONE) else min(measured)))
        if curve not in (BEST, ALONE):
            several = len(of_game) > 1
            missing += [f"{game}{f', seed {row.seed}' if several else ''}: {_why(row, number)}" for row, number in numbers if not number]
        if not of_game:
            missing.append(f"{game}: not in the suite")
        elif not measured and curve in (BEST, ALONE):
            missing.append(f"{game}: no cell has this number")
    samples.sort(key=lambda sample: sample.n_positions)
    law, smaller = fit_power(samples), fit_power(samples[:-1])
    largest = samples[-1] if samples else None
    check = further = None
    if law and smaller and largest:
        check = Check(predict(smaller, largest.game, largest.n_positions), math.log10(largest.bits))
    if law and largest and (curve, quantity) == (BEST, BITS_TO):
        further = [predict(law, game, n) for game, n in LARGER.get(family, {}).items() if n > largest.n_positions]
    return Scaling(family, curve, quantity, tuple(samples), tuple(missing), law, check, tuple(further or ()))


def _number(row: AxisRow, curve: str, quantity: str) -> int | None:
    if curve == ALONE:
        return row.exceptions_alone
    return row.codelength if quantity == CODELENGTH else row.bits_to_level


def _why(row: AxisRow, number: int | None) -> str:
    return str(row.hole or "") or ("0 bits, which have no logarithm" if number == 0 else "no measured policy gains that much")


def _student(n_freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(n_freedom, 0.5 + LEVEL_OF_BAND / 2.0))
