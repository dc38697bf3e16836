"""Figures that hold kinds of policies against each other on one game: gain against bits, size and operations."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bench.curves.compare import Comparison
from bench.curves.curve import PERFECT, bits
from bench.curves.front import Run
from bench.harness.point import Point
from bench.report.blocks import Series
from bench.report.plots.style import STYLE, THIN, looks_of, set_logarithmic
from games.arrays import Float64s

BAND_SHADE = 0.25
SMALL, LARGE = 2.0, 5.0  # markers: policies that another beats in bits, operations and gain together, and those that none beats


def draw_gain_against_bits(game_id: str, curves: Mapping[str, Sequence[Point]], with_language: bool = False) -> Figure:
    """Gain against description length for every kind of policy on one game."""
    looks = looks_of(curves)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.6), layout="constrained")
        axes = figure.add_subplot()
        for label, points in curves.items():
            shown = [point for point in points if bits(point, with_language) > 0]
            axes.plot([bits(point, with_language) for point in shown], [point.gain for point in shown], label=label, **looks[label], **THIN)
        set_logarithmic(axes, "x")
        axes.set_xlabel("description length of the policy" + (" and its language" if with_language else "") + " (bits)")
        axes.set_ylabel("gain (0 random, 1 perfect)")
        axes.axhline(1.0, color="0.6", linewidth=0.8)
        axes.set_title(game_id, loc="left")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def draw_comparison(
    game_id: str, found: Comparison, units: Mapping[str, str], with_language: bool = False, residual: bool = False
) -> Figure:
    """Three panels: the best gain of each learner against its bits, its parameters or units, and its operations a decision.

    Lines are the lower median over seeds, shades reach from the least to the greatest. Large markers: policies that no other beats in
    bits, operations and gain together; small ones: all others. The grey step line is the front of each panel. `residual`: 1 - gain.
    """
    has_parameters = {name: any(point.n_parameters for run in runs for point in run.points) for name, runs in found.runs.items()}
    counted = {name: "parameters" if has_parameters[name] else units[name] for name in found.runs}
    panels: list[tuple[str, Callable[[Point], float]]] = [
        ("description length (bits)" + (", with language" if with_language else ""), lambda point: bits(point, with_language)),
        (f"size ({', '.join(dict.fromkeys(counted.values()))})", lambda point: point.n_parameters or point.size),
        ("operations a decision", lambda point: point.operations),
    ]
    looks = looks_of(found.runs)
    front = {id(point) for _, _, point in found.front(with_language)}
    gains = [point.gain for _, _, point in found.entries()]
    floor = min((1.0 - gain for gain in gains if 1.0 - gain > PERFECT), default=0.5) / 3  # where perfect play is drawn
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(10.8, 4.0), layout="constrained")
        all_axes: Sequence[Axes] = figure.subplots(1, 3, sharey=True)
        for axes, (label, place) in zip(all_axes, panels, strict=True):
            for name, runs in found.runs.items():
                _draw_runs(axes, runs, place, looks[name], front, floor if residual else None)
            if label != panels[1][0]:  # units of different learners cannot be held against each other
                xs = np.unique([place(point) for _, _, point in found.entries()])
                best = best_within([point for _, _, point in found.entries()], place, xs)
                axes.step(xs, _shown(best, floor if residual else None), where="post", color="0.8", linewidth=5, zorder=0)
            set_logarithmic(axes, "xy" if residual else "x")
            axes.set_xlabel(label)
            axes.grid(color="0.92", linewidth=0.6)
        all_axes[0].set_ylabel("residual, 1 - gain (lowest: none left)" if residual else "gain (0 random, 1 perfect)")
        all_axes[0].set_title(game_id, loc="left")
        handles: list[Artist] = [Line2D([], [], label=f"{name} ({units[name]})", **looks[name], **THIN) for name in found.runs]
        handles.append(Line2D([], [], color="0.8", linewidth=5, label="front of the panel"))
        if any(len(runs) > 1 for runs in found.runs.values()):
            handles.append(Patch(label="shade: least to greatest over seeds", color="0.3", alpha=BAND_SHADE, linewidth=0))
        large = "large: on the front of bits, operations and gain"
        handles.append(Line2D([], [], label=large, color="0.3", linestyle="none", marker="o", markersize=LARGE))
        figure.legend(handles=handles, loc="outside lower center", ncols=min(4, len(handles)), handlelength=3.2)
    return figure


def draw_crossings(found: Sequence[Series]) -> Figure:
    """Costs at which two kinds change places against positions of the game, a look for each cost."""
    looks = looks_of([series.name for series in found])
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.25, 3.4), layout="constrained")
        axes = figure.add_subplot()
        for series in found:
            axes.plot(series.x, series.y, label=series.name, **(looks[series.name] | {"linestyle": "none"}))
        set_logarithmic(axes, "xy")
        axes.set_xlabel("positions")
        axes.set_ylabel("bits, or operations")
        axes.grid(color="0.92", linewidth=0.6)
        figure.legend(loc="outside lower center", ncols=3)
    return figure


def best_within(points: Sequence[Point], place: Callable[[Point], float], xs: Float64s) -> Float64s:
    """The best gain of a point that lies at x or before, for each x; not a number where there is none. [n_xs]"""
    ordered = sorted(points, key=place)
    best = np.maximum.accumulate([point.gain for point in ordered])
    index = np.searchsorted([place(point) for point in ordered], xs, side="right")
    return np.where(index > 0, best[np.maximum(index, 1) - 1], np.nan)


def _draw_runs(
    axes: Axes,
    runs: Sequence[Run],
    place: Callable[[Point], float],
    look: Mapping[str, Any],
    front: set[int],
    floor: float | None,
) -> None:
    """One learner in one panel."""
    seen = {id(point): point for run in runs for point in run.points if place(point) > 0}
    if not seen:
        return
    xs = np.unique([place(point) for point in seen.values()])
    bands = np.sort(np.stack([best_within(run.points, place, xs) for run in runs]), axis=0)
    bands[:, np.isnan(bands).any(axis=0)] = np.nan  # lines and shades begin where every seed has a policy
    line = {"color": look["color"], "linestyle": look["linestyle"], "linewidth": THIN["linewidth"]}
    axes.step(xs, _shown(bands[(len(runs) - 1) // 2], floor), where="post", **line)
    if len(runs) > 1:
        low, high = _shown(bands[0], floor), _shown(bands[-1], floor)
        axes.fill_between(xs, low, high, step="post", color=look["color"], alpha=BAND_SHADE, linewidth=0)
    for is_front, size in ((False, SMALL), (True, LARGE)):
        chosen = [point for key, point in seen.items() if (key in front) == is_front]
        marks = _shown(np.array([point.gain for point in chosen]), floor)
        dots = {name: look[name] for name in ("marker", "color", "markerfacecolor") if name in look}
        axes.plot([place(point) for point in chosen], marks, linestyle="none", markersize=size, **dots)


def _shown(gains: Float64s, floor: float | None) -> Float64s:
    """Gains as they are drawn: as themselves, or as residuals of at least `floor`."""
    return gains if floor is None else np.maximum(1.0 - gains, floor)
