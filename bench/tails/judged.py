"""What of a curve is judged: bins on its convex hull, up to where a unit gains no more than a few positions.

A list of sorted gains has a convex residual. A curve of another kind need not: where a learner is measured at few sizes, or the best
of several learners is taken, it falls in steps. So its points are first cut down to the lower convex hull, which is the least that any
sorted list with these residuals leaves; half-octave bins are made of the points on it.
"""

from dataclasses import dataclass

import numpy as np

from bench.curves.curve import PERFECT
from bench.curves.hull import convex_hull
from bench.tails.curves import Curve
from bench.tails.models import bin_edges
from games.arrays import Float64s, Int64s

TABLE = 4.0  # quanta: a unit that gains less on average is an entry of a table
CUT = 0.1  # of what the last octave that is judged gains: where the next gains less, the list is cut there


@dataclass(frozen=True, eq=False)
class Judged:
    """The bins of a curve that are judged."""

    edges: Int64s  # [n_bins + 1] in units
    residuals: Float64s  # [n_bins + 1]
    replicates: Float64s  # [n_replicates, n_bins + 1]
    is_cut: bool  # nearly nothing is gained behind them, though their last units gain more than entries of a table


def in_units(curve: Curve) -> Int64s:
    """The sizes of a curve in whole units: in `curve.unit`, or in the smallest step between two sizes where that is None.

    >>> from bench.tails.curves import counted_curve
    >>> in_units(counted_curve(np.array([0, 16, 24, 40]), np.array([1.0, 0.5, 0.4, 0.3]), 0.001, is_finished=True)).tolist()
    [0, 2, 3, 5]
    """
    unit = curve.unit or float(np.diff(curve.sizes).min(initial=curve.sizes[-1] - curve.sizes[0]) or 1)
    sizes: Int64s = np.floor(curve.sizes / unit + 0.5).astype(np.int64)
    return sizes


def judged_part(curve: Curve, sizes: Int64s) -> Judged:
    """The bins of a curve that are judged, its sizes in units; none where not even the first units gain enough."""
    hull = convex_hull(sizes, curve.residuals)
    hull = hull[: int(np.argmax(curve.residuals[hull] <= curve.residuals.min() + PERFECT)) + 1]
    places = [0]
    for place in hull[bin_edges(sizes[hull])[1:]].tolist():
        gain = curve.residuals[places[-1]] - curve.residuals[place]
        if gain <= PERFECT or gain < TABLE * curve.quantum * (sizes[place] - sizes[places[-1]]):
            break
        places.append(place)
    return Judged(sizes[places], curve.residuals[places], curve.replicates[:, places], _is_cut(curve, sizes, int(sizes[places[-1]])))


def _is_cut(curve: Curve, sizes: Int64s, last: int) -> bool:
    """Whether the octave behind the last unit judged gains less than CUT of what the octave before gains, as far as that is known."""
    if not curve.has_ended and sizes[-1] < 2 * last:
        return False
    before, here, behind = np.interp([last / 2, last, 2 * last], sizes, curve.residuals)
    return bool(here - behind < CUT * (before - here))
