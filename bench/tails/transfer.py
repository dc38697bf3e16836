"""The knowledge tail: the share of what the rules behind the k-th gain where fitted that they gain on held-out boards too.

    T(k) = (H_end - H_k) / (F_end - F_k)

H and F are the gains, on held-out and on fitted boards, of the policy that a learner fits at budget k to one side of a split. T is 1 if
the rules behind the k-th are knowledge of the game and 0 if they remember the boards that they were fitted to. It compares policies of
one split at two budgets, so it needs no nested policies and serves every learner. It is None where F_end - F_k is below MIN_GAIN or below
MIN_POSITIONS average positions: a ratio of two small numbers says nothing.

The held-out verdict. The mean held-out gain over the splits has its peak at some budget. A budget k is *short of the peak* if between k
and the peak the held-out gain grows by more than SIGMAS standard errors and by more than CARRIED of what the fitted gain grows by. Let k
be the first budget behind the last one that is short of the peak. The first that holds of:

    undecided                   no error is known, or all rules together gain less where fitted than T needs
    knowledge to the last rule  behind k so little is gained where fitted that T(k) is None, and the fit ended by itself
    memory from the first rule  k is 0 and the band of T(0), from the mean curve of the splits, lies below MEMORY
    knowledge to about the k-th rule, memory after   k is above 0 and the band of T(k) lies below MEMORY
    undecided                   anything else
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bench.harness.point import SplitCurve
from bench.wording import singular
from games.arrays import Float64s, Int64s

AT = (16, 64, 256)  # rules behind which T is published
MIN_GAIN = 0.005  # of fitted gain behind k
MIN_POSITIONS = 20.0  # the same, in average positions
NORMAL = 1.96  # standard errors of a band of 95 %
SIGMAS = 3.0  # a peak is the largest of many, so luck alone often reaches 2
CARRIED = 0.1  # of the fitted gain: less is not called knowledge, however certain
MEMORY = 0.5  # of the fitted gain: more is not called memory

UNDECIDED = "undecided"


@dataclass(frozen=True)
class Transfer:
    """The mean of T over splits, and the widest reach of their bands of 95 %, each over the boards held out."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class HeldOutVerdict:
    """How far the rules of a curve are knowledge."""

    words: str
    k: int | None  # budget to which they are; None if undecided
    reason: str


def transfer(splits: Sequence[SplitCurve], k: int) -> Transfer | None:
    """T(k), of the policies with the largest budgets up to k; None where no split has enough behind k, or its errors are not known.

    >>> split = SplitCurve(0, 100, 100, 100.0, [1, 2], [0.5, 1.0], [0.5, 0.75], [0.02, 0.02], [0.02, 0.02])
    >>> found = transfer([split], 1)
    >>> round(found.mean, 4), round(found.low, 4), round(found.high, 4)
    (0.5, 0.4216, 0.5784)
    """
    found = [one for one in (_tail(_mean_curve([split]), k) for split in splits if _is_known(split)) if one is not None]
    if not found:
        return None
    return Transfer(float(np.mean([one.mean for one in found])), min(one.low for one in found), max(one.high for one in found))


def held_out_verdict(splits: Sequence[SplitCurve], unit: str, is_finished: bool) -> HeldOutVerdict:
    """The held-out verdict on a curve, by the rule of this module. `unit` is what its budgets count, in the plural."""
    known = [split for split in splits if _is_known(split)]
    if not known:
        return HeldOutVerdict(UNDECIDED, None, "no split was measured whose errors are known")
    curve = _mean_curve(known)
    if _tail(curve, 0) is None:
        return HeldOutVerdict(UNDECIDED, None, f"all {unit} together gain too little where fitted")
    peak = int(curve.held.argmax())
    short = [place for place in range(peak) if _is_short(curve, place, peak)]
    k = int(curve.budgets[short[-1] + 1 if short else 0])
    behind, one = _tail(curve, k), singular(unit)
    if behind is None:
        if not is_finished:
            return HeldOutVerdict(UNDECIDED, None, f"held-out gain grows to the {k:,}-th {one}, and there the measured {unit} end")
        return HeldOutVerdict(f"knowledge to the last {one}", k, f"behind the {k:,}-th {one} almost nothing is gained where fitted")
    reason = f"T({k:,}) is {behind.mean:.2f} ({behind.low:.2f} to {behind.high:.2f})"
    if behind.high >= MEMORY:
        return HeldOutVerdict(UNDECIDED, None, reason)
    if k == 0:
        return HeldOutVerdict(f"memory from the first {one}", 0, reason)
    return HeldOutVerdict(f"knowledge to about the {k:,}-th {one}, memory after", k, reason)


class _MeanCurve(NamedTuple):
    """Gains of splits at every budget from 0 on, in the mean over the splits."""

    budgets: Int64s
    fitted: Float64s
    held: Float64s
    step_errors: Float64s  # of the held-out gain from the budget before: root mean square
    effective_fitted: float

    def error(self, first: int, last: int) -> float:
        """The standard error of the held-out gain between two places, as if the steps between them were independent."""
        return math.sqrt(float(np.square(self.step_errors[first + 1 : last + 1]).sum()))


def _mean_curve(splits: Sequence[SplitCurve]) -> _MeanCurve:
    """A split that has ended keeps its gains at every larger budget."""
    budgets = np.array([0, *sorted({budget for split in splits for budget in split.budgets})], dtype=np.int64)
    fitted, held, squares = (np.zeros((len(splits), len(budgets))) for _ in range(3))
    for row, split in enumerate(splits):
        place = np.searchsorted([0, *split.budgets], budgets, side="right") - 1
        fitted[row] = np.array([0.0, *split.gains_fitted], dtype=np.float64)[place]
        held[row] = np.array([0.0, *split.gains], dtype=np.float64)[place]
        squares[row, np.isin(budgets, split.budgets)] = np.square(np.array(split.step_errors, dtype=np.float64))
    effective = float(np.mean([split.effective_fitted for split in splits]))
    return _MeanCurve(budgets, fitted.mean(axis=0), held.mean(axis=0), np.sqrt(squares.mean(axis=0)), effective)


def _tail(curve: _MeanCurve, k: int) -> Transfer | None:
    """T(k) of a curve with its band; None where too little is gained behind k."""
    place = int(np.searchsorted(curve.budgets, k, side="right")) - 1
    gained = float(curve.fitted[-1] - curve.fitted[place])
    if gained < max(MIN_GAIN, MIN_POSITIONS / curve.effective_fitted):
        return None
    carried = float(curve.held[-1] - curve.held[place]) / gained
    half = NORMAL * curve.error(place, len(curve.budgets) - 1) / gained
    return Transfer(carried, carried - half, carried + half)


def _is_known(split: SplitCurve) -> bool:
    return bool(split.budgets) and None not in (*split.gains_fitted, *split.gains, *split.step_errors)


def _is_short(curve: _MeanCurve, place: int, peak: int) -> bool:
    """Whether the held-out gain still grows from this place to its peak, for sure and by enough of what the fitted gain grows by."""
    grows = float(curve.held[peak] - curve.held[place])
    return grows > SIGMAS * curve.error(place, peak) and grows > CARRIED * float(curve.fitted[peak] - curve.fitted[place])
