"""Figures of the axis: places of games, textbooks, bits against positions, and extrapolations."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.report.plots.bounded import FLOOR
from bench.report.plots.colors import oklch
from bench.report.plots.looks import INK, look_of
from bench.report.plots.named import name_curve, name_part
from bench.report.plots.style import STYLE, set_logarithmic
from bench.scaling.axis import Place
from bench.scaling.power_law import ALONE, BEST, CODELENGTH, Prediction, Scaling, predict
from bench.scaling.textbook import Textbook
from bench.wording import count

WIDTH = 4.25  # inches: on a phone the whole of a figure is seen, in letters of a legible size
SHADE = 0.18
MEASURED: Any = {"color": INK, "marker": "o"}
BOOKS = oklch(0.55, 0.15, 245.0)  # of a family's files beside its concepts
N_ALONG = 24  # places along a law and its band
NAME_OF = {  # by curve and whether it is the codelength
    (ALONE, True): "exceptions alone",
    (BEST, True): "shortest codelength",
    (BEST, False): "shortest to 90 % gain",
}


def draw_places(places: Sequence[Place]) -> Figure:
    """Games by bits on one logarithmic axis, a row each, named beside their dots."""
    with mpl.rc_context(STYLE):
        names = [_folded(place.name) for place in places]
        heights = [1.0 + 0.6 * name.count("\n") for name in names]  # of the rows, in lines
        rows = [sum(heights[:number]) + height / 2 for number, height in enumerate(heights)]
        figure = Figure(figsize=(WIDTH, 0.9 + 0.22 * sum(heights)), layout="constrained")
        axes = figure.add_subplot()
        for row, place in zip(rows, places, strict=True):
            bits = max(1.0, place.bits)
            axes.plot([1, bits], [row, row], color="0.85", linewidth=0.8, zorder=0)
            (dot,) = axes.plot([bits], [row], markersize=6, linestyle="none", **MEASURED)
            name_curve(dot, "measured", place.name)
        axes.set_yticks(rows, names)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(sum(heights), 0)
        set_logarithmic(axes, "x")
        axes.set_xlim(1, 10 ** (math.log10(max(10.0, *(place.bits for place in places))) + 0.5))
        axes.set_xlabel("bits")
        axes.grid(axis="x", color="0.92", linewidth=0.6)
    return figure


def draw_textbooks(books: Sequence[Textbook]) -> Figure:
    """Of each family the files of all its boards and its concepts once, as shares of exceptions alone; at 1 nothing is saved."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 1.0 + 0.3 * len(books)), layout="constrained")
        axes = figure.add_subplot()
        rows = range(len(books))
        axes.barh(rows, [book.ratio_without for book in books], height=0.6, color=BOOKS, label="policies and exceptions")
        widths = [book.ratio - book.ratio_without for book in books]
        axes.barh(rows, widths, left=[book.ratio_without for book in books], height=0.6, label="concepts, once", **FLOOR)
        axes.axvline(1.0, color="0.3", linewidth=0.8)
        axes.set_yticks(rows, [f"{book.family}, {count(len(book.boards), 'board')}" for book in books])
        axes.set_ylim(len(books) - 0.4, -0.6)
        axes.set_xlabel("share of exceptions alone")
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def draw_families(found: Sequence[Scaling]) -> Figure:
    """A panel a family: points, laws and bands of exceptions alone, the shortest codelength and the shortest to LEVEL."""
    families = list(dict.fromkeys(scaling.family for scaling in found))
    n_columns = min(2, len(families))
    n_rows = -(-len(families) // n_columns)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 0.8 + 2.3 * n_rows), layout="constrained")
        grid = figure.subplots(n_rows, n_columns, squeeze=False)
        for axes in grid.flat[len(families) :]:
            axes.set_axis_off()
        handles: dict[str, Any] = {}
        for axes, family in zip(grid.flat, families, strict=False):
            for scaling in (scaling for scaling in found if scaling.family == family):
                handles |= {NAME_OF[_key(scaling)]: _draw_law(axes, scaling)}
            axes.set_title(family, loc="left")
            set_logarithmic(axes, "xy")
            axes.set_xlabel("positions")
            axes.grid(color="0.92", linewidth=0.6)
        for row in grid:
            row[0].set_ylabel("bits")
        figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=2, handlelength=3.2)
    return figure


def draw_extrapolation(scaling: Scaling) -> Figure:
    """Measured games of one family, and the law drawn on to its larger boards with its band."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 3.3), layout="constrained")
        axes = figure.add_subplot()
        _draw_far(axes, scaling)
        axes.set_ylabel("bits: log10")
        axes.set_title(f"{scaling.quantity} of the shortest", loc="left", fontsize=9)
    return figure


def _draw_law(axes: Axes, scaling: Scaling) -> Any:
    look = look_of(NAME_OF[_key(scaling)])
    color, entry = look["color"], NAME_OF[_key(scaling)]
    (handle,) = axes.plot(
        [sample.n_positions for sample in scaling.samples],
        [sample.bits for sample in scaling.samples],
        color=color,
        marker=look["marker"],
        linestyle="none",
        markersize=4.5,
    )
    name_curve(handle, entry, f"{scaling.family}, {scaling.curve}: {scaling.quantity}")
    ahead = _along(scaling, math.log10(scaling.samples[0].n_positions), math.log10(scaling.samples[-1].n_positions))
    xs = [10**point.log10_positions for point in ahead]
    (line,) = axes.plot(xs, [10**point.log10_bits for point in ahead], color=color, linestyle=look["linestyle"], linewidth=1.1)
    name_part(line, entry)
    if all(point.band for point in ahead):
        low, high = ([10 ** point.band[side] for point in ahead if point.band] for side in (0, 1))
        top = axes.get_ylim()
        name_part(axes.fill_between(xs, low, high, color=color, alpha=SHADE, linewidth=0), entry)
        if high[-1] > 100 * scaling.samples[-1].bits:  # a band that says nothing must not press the points together
            axes.set_ylim(max(1.0, top[0]), max(top[1], 10 * scaling.samples[-1].bits))
    return handle


def _draw_far(axes: Axes, scaling: Scaling) -> None:
    """The law from the smallest game to the last board that it is drawn on to."""
    look = look_of(NAME_OF[_key(scaling)])
    color, marker = look["color"], look["marker"]
    first, last = (math.log10(scaling.samples[place].n_positions) for place in (0, -1))
    end = scaling.extrapolated[-1].log10_positions
    top = 1.25 * scaling.extrapolated[-1].log10_bits
    for points, style in ((_along(scaling, first, last), "-"), (_along(scaling, last, end), "--")):
        xs = [point.log10_positions for point in points]
        axes.plot(xs, [point.log10_bits for point in points], color=color, linestyle=style, linewidth=1.2)
        bands = [point.band for point in points if point.band]
        if len(bands) == len(points):
            low, high = ([min(2 * top, max(-top, band[side])) for band in bands] for side in (0, 1))
            axes.fill_between(xs, low, high, color=color, alpha=SHADE, linewidth=0)
    measured = [(math.log10(sample.n_positions), math.log10(sample.bits)) for sample in scaling.samples]
    name = f"{scaling.family}, {scaling.curve}: {scaling.quantity}"
    (dots,) = axes.plot(*zip(*measured, strict=True), color=color, marker=marker, linestyle="none", markersize=4)
    name_curve(dots, name)
    for ahead in scaling.extrapolated:
        place = [ahead.log10_positions], [ahead.log10_bits]
        (dot,) = axes.plot(*place, color=color, marker=marker, markerfacecolor="white", markersize=5.5)
        name_curve(dot, f"{name}, extrapolated")
        axes.annotate(ahead.game, (ahead.log10_positions, ahead.log10_bits), (3, -10), textcoords="offset points", fontsize=7)
    axes.set(xlim=(0, 1.12 * end), ylim=(0.0, top), xlabel="positions: log10")


def _along(scaling: Scaling, start: float, end: float) -> list[Prediction]:
    """What the law says between two logarithms of positions."""
    law = scaling.law
    assert law is not None  # only laws are drawn
    return [predict(law, "", 10.0**log10_positions) for log10_positions in np.linspace(start, end, N_ALONG).tolist()]


def _key(scaling: Scaling) -> tuple[str, bool]:
    return scaling.curve, scaling.quantity == CODELENGTH


def _folded(name: str) -> str:
    """A name in two lines where it is long."""
    return name.replace(" (", "\n(", 1) if len(name) > 24 and " (" in name else name.replace(", ", ",\n", 1) if len(name) > 24 else name
