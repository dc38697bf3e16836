"""What can be read off a curve of measured points: marginal gains, residuals, and bits for a given gain or gain for given bits.

Every number is about policies that were measured: between two points nothing is interpolated, so bits to reach a gain are an
upper bound that more budgets could lower.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.harness.point import Point

LEVELS = (0.5, 0.9, 0.99, 1.0)
PERFECT = 1e-12  # rounding error of a gain that is exactly 1


@dataclass(frozen=True)
class Step:
    """From one point of a curve to the next: what each of the units in between brought."""

    first_unit: int  # the first unit added, counted from 1
    last_unit: int
    gain_per_unit: float
    residual: float  # 1 - gain at the end of the step

    @property
    def middle(self) -> float:
        """The geometric middle of the units: where the step belongs on a logarithmic axis."""
        return math.sqrt(self.first_unit * self.last_unit)


def steps(points: Sequence[Point], gain_without: float = 0.0) -> list[Step]:
    """The steps between points of growing size, from no units, where the gain is `gain_without` (0: uniform choice).

    >>> import gaincurve
    >>> points = [gaincurve.fit("tictactoe", "rulelist:atoms=single", n).point for n in (1, 2, 4)]
    >>> [(step.first_unit, step.last_unit, round(step.gain_per_unit, 3)) for step in steps(points)]
    [(1, 1, 0.625), (2, 2, 0.259), (3, 4, 0.042)]
    """
    found = []
    size, gain = 0, gain_without
    for point in sorted(points, key=lambda point: point.size):
        if point.size > size:
            found.append(Step(size + 1, point.size, (point.gain - gain) / (point.size - size), 1.0 - point.gain))
            size, gain = point.size, point.gain
    return found


def bits(point: Point, with_language: bool) -> int:
    """A policy's description length, with or without the language that it is written in."""
    return point.total_bits if with_language else point.policy_bits


def bits_to(points: Sequence[Point], level: float, with_language: bool = False) -> int | None:
    """The fewest bits of a measured policy whose gain is at least `level`; None when none reaches it."""
    reaching = [bits(point, with_language) for point in points if point.gain >= level - PERFECT]
    return min(reaching, default=None)


def units_to(points: Sequence[Point], level: float) -> int | None:
    """The smallest size of a measured policy whose gain is at least `level`; None when none reaches it."""
    return min((point.size for point in points if point.gain >= level - PERFECT), default=None)


def bits_to_value(points: Sequence[Point], with_language: bool = False) -> int | None:
    """The fewest bits of a measured policy that keeps the value of the game from both seats and cannot stall; None when none does."""
    return min((bits(point, with_language) for point in points if point.plays_perfectly), default=None)


def units_to_value(points: Sequence[Point]) -> int | None:
    """The smallest size of a measured policy that keeps the value from both seats and cannot stall; None when none does."""
    return min((point.size for point in points if point.plays_perfectly), default=None)


def gain_at(points: Sequence[Point], n_bits: float, with_language: bool = False) -> float:
    """The best gain of a measured policy of at most `n_bits` bits; 0, the gain of uniform choice, if there is none."""
    return max((point.gain for point in points if bits(point, with_language) <= n_bits), default=0.0)


def gain_in_reach(points: Sequence[Point], n_bits: float, with_language: bool = False) -> float:
    """An upper bound on the gain of a policy of at most `n_bits` bits at a budget that was not measured: the gain of the next longer file.

    This assumes that gain grows with the budget. What was measured where no budget lies between, or no file is longer.
    """
    held = max((point.budget for point in points if bits(point, with_language) <= n_bits), default=0)
    longer = sorted((bits(point, with_language), point.budget, point.gain) for point in points if bits(point, with_language) > n_bits)
    beyond = longer[0][2] if longer and longer[0][1] > held + 1 else -math.inf
    return max(gain_at(points, n_bits, with_language), beyond)


def compare_all(curves: Mapping[str, Sequence[Point]], with_language: bool = False) -> list[tuple[int, dict[str, float]]]:
    """The best gain of each curve at equal bits: (bits, gain by curve), ascending, a row for each measured policy's length.

    Only lengths that every curve covers: none below a curve's first policy, and none above its last.

    >>> import gaincurve
    >>> def curve(learner, budgets):
    ...     return [gaincurve.fit("tictactoe", learner, n).point for n in budgets]
    >>> rows = compare_all({"rulelist": curve("rulelist:atoms=single", [1, 2, 4]), "table": curve("table", [1, 2, 4])})
    >>> [(bits, {name: round(gain, 2) for name, gain in gains.items()}) for bits, gains in rows]
    [(24, {'rulelist': 0.88, 'table': 0.0}), (32, {'rulelist': 0.97, 'table': 0.01})]
    """
    if not curves or not all(curves.values()):
        return []
    lengths = [sorted(bits(point, with_language) for point in points) for points in curves.values()]
    low, high = max(curve[0] for curve in lengths), min(curve[-1] for curve in lengths)
    shared = sorted({length for curve in lengths for length in curve if low <= length <= high})
    return [(n, {name: gain_at(points, n, with_language) for name, points in curves.items()}) for n in shared]
