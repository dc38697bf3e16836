"""The lower convex hull of a curve: the least that any sorted list of gains leaves that passes through no point below it."""

import numpy as np

from games.arrays import Float64s, Int64s

FLAT = 1e-12  # what rounding may add to a residual


def convex_hull(x: Int64s, y: Float64s) -> Int64s:
    """The points on the lower convex hull of a curve, x ascending; points within rounding of an edge are on it. Places in x.

    >>> convex_hull(np.array([0, 1, 2, 3, 4]), np.array([1.0, 0.5, 0.45, 0.2, 0.1])).tolist()
    [0, 1, 3, 4]
    """
    kept: list[int] = []
    for i in range(len(x)):
        while len(kept) > 1:
            first, middle = kept[-2:]
            chord = y[first] + (y[i] - y[first]) * ((x[middle] - x[first]) / (x[i] - x[first]))
            if y[middle] <= chord + FLAT:
                break
            kept.pop()
        kept.append(i)
    return np.array(kept, dtype=np.int64)
