"""How the band of single-atom lists is drawn: shaded from what is proved to the best list found, a dot where they meet."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bench.curves.proved import Band
from bench.report.plots.named import name_part

SHADE = 0.16


def draw_band(axes: Axes, band: Band, color: Any, floor: float, entry: str) -> None:
    """Shade a band of residuals; what lies below `floor` ends there. A ringed dot says that no list is better.

    `entry`: the one of the legend that the band belongs to.
    """
    low = np.maximum([float(left) for left in band.proved], floor)
    high = np.maximum(band.found, low)
    shade = axes.fill_between(band.sizes, low, high, step="post", color=color, alpha=SHADE, linewidth=0, zorder=0)
    meet = [place for place, k in enumerate(band.sizes) if k in band.optimal]
    (dots,) = axes.plot(
        [band.sizes[place] for place in meet],
        [band.found[place] for place in meet],
        linestyle="none",
        marker="o",
        markersize=7,
        markerfacecolor="none",
        markeredgecolor=color,
        label="_optimal",
        zorder=5,
    )
    for artist in (shade, dots):
        name_part(artist, entry)
