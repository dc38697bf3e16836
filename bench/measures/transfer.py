"""The knowledge tail: the share of what the rules behind the k-th gain where fitted that they gain on held-out boards too.

    T(k) = (H_end - H_k) / (F_end - F_k)

H and F are the gains, on held-out and on fitted boards, of the policy that a learner fits at budget k to one side of a split. T is 1 if
the rules behind the k-th are knowledge of the game and 0 if they remember the boards that they were fitted to. It compares policies of
one split at two budgets, so it needs no nested policies and serves every learner. It is None where F_end - F_k is below MIN_GAIN or below
MIN_POSITIONS average positions: a ratio of two small numbers says nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bench.measures.split_curve import SplitCurve
from games.arrays import Float64s, Int64s

AT = (16, 64, 256)  # rules behind which T is published
MIN_GAIN = 0.005  # of fitted gain behind k
MIN_POSITIONS = 20.0  # the same, in average positions
NORMAL = 1.96  # standard errors of a band of 95 %


@dataclass(frozen=True)
class Transfer:
    """The mean of T over splits, and the widest reach of their bands of 95 %, each over the boards held out."""

    mean: float
    low: float
    high: float


class MeanCurve(NamedTuple):
    """Gains of splits at every budget from 0 on, in the mean over the splits."""

    budgets: Int64s
    fitted: Float64s
    held: Float64s
    step_errors: Float64s  # of the held-out gain from the budget before: root mean square
    effective_fitted: float

    def error(self, first: int, last: int) -> float:
        """The standard error of the held-out gain between two places, as if the steps between them were independent."""
        return math.sqrt(float(np.square(self.step_errors[first + 1 : last + 1]).sum()))


def transfer(splits: Sequence[SplitCurve], k: int) -> Transfer | None:
    """T(k), of the policies with the largest budgets up to k; None where no split has enough behind k, or its errors are not known.

    >>> split = SplitCurve(0, 100, 100, 100.0, [1, 2], [0.5, 1.0], [0.5, 0.75], [0.02, 0.02], [0.02, 0.02])
    >>> found = transfer([split], 1)
    >>> round(found.mean, 4), round(found.low, 4), round(found.high, 4)
    (0.5, 0.4216, 0.5784)
    """
    found = [one for one in (tail(mean_curve([split]), k) for split in splits if is_known(split)) if one is not None]
    if not found:
        return None
    return Transfer(float(np.mean([one.mean for one in found])), min(one.low for one in found), max(one.high for one in found))


def mean_curve(splits: Sequence[SplitCurve]) -> MeanCurve:
    """The mean curve of splits that are known; one that has ended keeps its gains at every larger budget."""
    budgets = np.array([0, *sorted({budget for split in splits for budget in split.budgets})], dtype=np.int64)
    fitted, held, squares = (np.zeros((len(splits), len(budgets))) for _ in range(3))
    for row, split in enumerate(splits):
        place = np.searchsorted([0, *split.budgets], budgets, side="right") - 1
        fitted[row] = np.array([0.0, *split.gains_fitted], dtype=np.float64)[place]
        held[row] = np.array([0.0, *split.gains], dtype=np.float64)[place]
        squares[row, np.isin(budgets, split.budgets)] = np.square(np.array(split.step_errors, dtype=np.float64))
    effective = float(np.mean([split.effective_fitted for split in splits]))
    return MeanCurve(budgets, fitted.mean(axis=0), held.mean(axis=0), np.sqrt(squares.mean(axis=0)), effective)


def tail(curve: MeanCurve, k: int) -> Transfer | None:
    """T(k) of a curve with its band; None where too little is gained behind k."""
    place = int(np.searchsorted(curve.budgets, k, side="right")) - 1
    gained = float(curve.fitted[-1] - curve.fitted[place])
    if gained < max(MIN_GAIN, MIN_POSITIONS / curve.effective_fitted):
        return None
    carried = float(curve.held[-1] - curve.held[place]) / gained
    half = NORMAL * curve.error(place, len(curve.budgets) - 1) / gained
    return Transfer(carried, carried - half, carried + half)


def is_known(split: SplitCurve) -> bool:
    """Whether a split has gains on both sides and an error at each of its budgets, which ascend: a record may be crafted."""
    columns = (split.gains_fitted, split.gains, split.step_errors)
    if not split.budgets or any(len(column) != len(split.budgets) or None in column for column in columns):
        return False
    numbers = np.array(columns, dtype=np.float64)
    ascends = bool((np.diff([0, *split.budgets]) > 0).all())
    return ascends and split.effective_fitted > 0.0 and bool(np.isfinite(numbers).all())
