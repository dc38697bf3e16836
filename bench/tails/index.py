"""How the sizes of marginal gains are distributed: the tail index, by Hill's estimator and by exact discrete maximum likelihood.

If the gain of the k-th best rule falls as k^-a, the share of rules that gain more than x falls as x^-(1/a). Both estimators take the
gains as independent draws. Those of a fitted list are sorted, selected and bounded instead, so these numbers describe a list; how sure
they are for independent draws is a lower bound of how unsure they are here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from games.arrays import Float64s, Int64s
from games.errors import UsageError

MAX_EXPONENT = 20.0
Z = 1.959964  # the normal deviate of a band of 95 %


@dataclass(frozen=True)
class TailIndex:
    """An estimate from the gains above a threshold."""

    index: float  # the share of gains above x falls as x^-index
    band: tuple[float, float]
    n_gains: int  # how many are above the threshold

    @property
    def rank_exponent(self) -> float:
        """How fast gains fall with rank if they follow this law: as k^-rank_exponent."""
        return 1.0 / self.index


def hill(gains: Sequence[float] | Float64s, least: float) -> TailIndex:
    """Hill's estimator from the gains of at least `least`, with the band of independent draws, index * (1 ± 1.96 / sqrt(n)).

    B. M. Hill, "A simple general approach to inference about the tail of a distribution", Annals of Statistics 3 (1975). Raises
    UsageError for fewer than two such gains, or none above `least`.
    """
    kept = np.asarray(gains, dtype=np.float64)
    kept = kept[kept >= least]
    if len(kept) < 2 or not np.any(kept > least):
        raise UsageError(f"{len(kept)} gains of at least {least:g} are too few for a tail index: choose a lower threshold")
    index = float(1.0 / np.log(kept / least).mean())
    return TailIndex(index, _around(index, index / math.sqrt(len(kept))), len(kept))


def discrete_index(counts: Sequence[int] | Int64s, least: int) -> TailIndex:
    """The maximum-likelihood index of whole numbers x >= least with probability x^-(1 + index) / zeta(1 + index, least).

    The likelihood is exact (the Hurwitz zeta function, no continuous approximation), the band from its curvature: Clauset, Shalizi &
    Newman, "Power-law distributions in empirical data", SIAM Review 51 (2009), equations 3.5 and 3.6. Raises UsageError as `hill`.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import zeta

    kept = np.asarray(counts, dtype=np.float64)
    kept = kept[kept >= least]
    if len(kept) < 2 or not np.any(kept > least):
        raise UsageError(f"{len(kept)} numbers of at least {least} are too few for a tail index: choose a lower threshold")
    mean_log = float(np.log(kept).mean())

    def cost(exponent: float) -> float:
        return exponent * mean_log + math.log(zeta(exponent, least))

    exponent = float(minimize_scalar(cost, bounds=(1.0 + 1e-6, MAX_EXPONENT), method="bounded", options={"xatol": 1e-9}).x)
    step = 1e-4 * exponent if exponent > 1.001 else (exponent - 1.0) / 10.0
    curvature = (cost(exponent + step) - 2.0 * cost(exponent) + cost(exponent - step)) / step**2
    index = exponent - 1.0
    return TailIndex(index, _around(index, 1.0 / math.sqrt(len(kept) * curvature)), len(kept))


def _around(index: float, standard_error: float) -> tuple[float, float]:
    return max(0.0, index - Z * standard_error), index + Z * standard_error
