"""Figures of tails: what is left against the number of units, on log-log and on semi-log axes, and the local slope of the gains."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.curves.curve import PERFECT
from bench.curves.proved import Band
from bench.report.plots.axis import WIDTH
from bench.report.plots.band import draw_band
from bench.report.plots.named import name_curve, name_part
from bench.report.plots.style import MAX_CURVES, STYLE, looks_of, set_logarithmic
from bench.tails.curves import Curve
from bench.tails.verdict import Tail

STEEPEST = 6.0  # slopes that are drawn
SHADE = 0.22
NO_BANDS: Mapping[str, Band] = MappingProxyType({})

Entry = tuple[str, str, Curve, Tail]  # name, unit, curve, verdict


def draw_tails(entries: Sequence[Entry], bands: Mapping[str, Band] = NO_BANDS) -> Figure:
    """Three panels, one below the other: residual log-log, residual semi-log, local slope with its band; at most MAX_CURVES curves.

    `bands`: of a curve by its name what is shaded below it. Without the slopes where no curve has any. A residual of nothing is drawn as a
    cross on the lower edge.
    """
    shown = entries[:MAX_CURVES]
    looks = looks_of([name for name, _, _, _ in shown])
    sloped = [entry for entry in shown if entry[3].slopes]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 6.6 + 0.2 * len(shown) if sloped else 4.6 + 0.2 * len(shown)), layout="constrained")
        panels: list[Axes] = list(figure.subplots(3 if sloped else 2, 1))
        floor = min((float(left) for _, _, curve, _ in shown for left in curve.residuals if left > PERFECT), default=0.1) / 3
        for name, _, curve, _ in shown:
            gone = np.flatnonzero(curve.residuals <= PERFECT)
            for axes, first in ((panels[0], 1), (panels[1], 0)):
                kept = slice(int(np.searchsorted(curve.sizes, first)), int(gone[0]) + 1 if len(gone) else None)
                sizes, left = curve.sizes[kept], np.maximum(curve.residuals[kept], floor)
                look = looks[name] | {"markersize": 3.0, "linewidth": 1.1}
                axes.plot(sizes, left, label=name, markevery=max(1, len(sizes) // 12), **look)
                if name in bands:
                    draw_band(axes, bands[name], looks[name]["color"], floor, name)
                if len(gone):
                    (cross,) = axes.plot(sizes[-1:], left[-1:], marker="x", markersize=7, color=looks[name]["color"])
                    name_part(cross, name)
        set_logarithmic(panels[0], "xy")
        set_logarithmic(panels[1], "y")
        units = ", ".join(dict.fromkeys(unit for _, unit, _, _ in shown))
        for axes, scale in zip(panels, ("log-log", "semi-log"), strict=False):
            axes.set_ylim(floor * 0.8, 1.3)
            axes.set(xlabel=f"number of {units}" if len(units) < 30 else "number of units", ylabel="residual, 1 - gain")
            axes.set_title(f"what is left, {scale}" + ("; cross: nothing" if scale == "log-log" else ""), loc="left")
        panels[1].set_xlim(0, _most_judged(shown))
        if sloped:
            _draw_slopes(panels[2], sloped, looks)
        for axes in panels:
            axes.grid(color="0.92", linewidth=0.6)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, handlelength=3.2)
        if len(entries) > len(shown):
            figure.suptitle(f"the first {len(shown)} of {len(entries)} curves", fontsize=9)
    return figure


def _draw_slopes(axes: Axes, entries: Sequence[Entry], looks: dict[str, dict[str, Any]]) -> None:
    steepest = 1.0
    for name, _, _, tail in entries:
        units = [slope.units for slope in tail.slopes]
        low, high = ([slope.band[side] for slope in tail.slopes] for side in (0, 1))
        steepest = max(steepest, *(slope.slope for slope in tail.slopes))
        name_part(axes.fill_between(units, low, high, color=looks[name]["color"], alpha=SHADE, linewidth=0), name)
        (line,) = axes.plot(units, [slope.slope for slope in tail.slopes], **(looks[name] | {"markersize": 3.0, "linewidth": 1.1}))
        name_curve(line, name)
    set_logarithmic(axes, "x")
    axes.set_ylim(-0.5, min(STEEPEST, steepest + 1.0))
    axes.set(xlabel="number of units", ylabel="slope: gains as k^-slope")
    axes.set_title("how fast the gains fall, with the band of 95 %", loc="left")


def _most_judged(entries: Sequence[Entry]) -> float:
    """Where the semi-log panel ends: beyond what is judged of every curve there are single positions only."""
    judged = [tail.judged_to for _, _, _, tail in entries]
    whole = [float(curve.sizes[-1]) for _, _, curve, _ in entries]
    return max(1.0, min(max(whole), 1.3 * max([30, *judged])))
