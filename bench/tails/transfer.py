"""The held-out verdict on a curve: to which rule it is knowledge, and from which on it remembers the boards that it was fitted to.

The mean held-out gain over the splits has its peak at some budget. A budget k is *short of the peak* if between k and the peak the
held-out gain grows by more than SIGMAS standard errors and by more than CARRIED of what the fitted gain grows by. Let k be the first
budget behind the last one that is short of the peak. T is that of the mean curve (bench/measures/transfer.py). The first that holds of:

    undecided                   no error is known, or all rules together gain less where fitted than T needs
    knowledge to the last rule  behind k so little is gained where fitted that T(k) is None, and the fit ended by itself
    memory from the first rule  k is 0 and the band of T(0) lies below MEMORY
    knowledge to about the k-th rule, memory after   k is above 0 and the band of T(k) lies below MEMORY
    undecided                   anything else

docs/heldout.md gives its reasons and how often it errs on planted curves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.measures.split_curve import SplitCurve
from bench.measures.transfer import MeanCurve, is_known, mean_curve, tail
from bench.wording import singular

SIGMAS = 3.0  # a peak is the largest of many, so luck alone often reaches 2
CARRIED = 0.1  # of the fitted gain: less is not called knowledge, however certain
MEMORY = 0.5  # of the fitted gain: more is not called memory

UNDECIDED = "undecided"


@dataclass(frozen=True)
class HeldOutVerdict:
    """How far the rules of a curve are knowledge."""

    words: str
    k: int | None  # budget to which they are; None if undecided
    reason: str


def held_out_verdict(splits: Sequence[SplitCurve], unit: str, is_finished: bool) -> HeldOutVerdict:
    """The held-out verdict on a curve, by the rule of this module. `unit` is what its budgets count, in the plural."""
    known = [split for split in splits if is_known(split)]
    if not known:
        return HeldOutVerdict(UNDECIDED, None, "no split was measured whose errors are known")
    curve = mean_curve(known)
    if tail(curve, 0) is None:
        return HeldOutVerdict(UNDECIDED, None, f"all {unit} together gain too little where fitted")
    peak = int(curve.held.argmax())
    short = [place for place in range(peak) if _is_short(curve, place, peak)]
    k = int(curve.budgets[short[-1] + 1 if short else 0])
    behind, one = tail(curve, k), singular(unit)
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


def _is_short(curve: MeanCurve, place: int, peak: int) -> bool:
    """Whether the held-out gain still grows from this place to its peak, for sure and by enough of what the fitted gain grows by."""
    grows = float(curve.held[peak] - curve.held[place])
    return grows > SIGMAS * curve.error(place, peak) and grows > CARRIED * float(curve.fitted[peak] - curve.fitted[place])
