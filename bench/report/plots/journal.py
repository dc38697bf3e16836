"""How figures for a journal are drawn: two widths, one hue from light to dark, names at the lines, and axes that are broken at 0."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from bench.report.plots.colors import hex_of, linear_rgb, oklch
from bench.report.plots.style import STYLE, power_of_ten

WIDE, NARROW = 180.0, 90.0  # mm: of two columns and of one
MM = 1 / 25.4  # inches
SMALL, LARGE = 7.0, 8.0  # points
PRINT: Any = STYLE | {
    **dict.fromkeys(("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize"), SMALL),
    "axes.titlesize": SMALL,
    "axes.linewidth": 0.6,
    **{f"{axis}tick.{kind}.width": 0.6 for axis in "xy" for kind in ("major", "minor")},
}
HUE = 250.0  # degrees
LIGHT, DARK = 0.80, 0.26  # lightness
NULL = "0.62"  # the grey of nulls and controls
BREAK: Any = {"marker": [(-1, -0.6), (1, 0.6)], "markersize": 5, "linestyle": "none", "color": "black", "mew": 0.7, "clip_on": False}
APART = 1.35  # lines between the middles of names, one below the other


class End(NamedTuple):
    """The end of a line, which is to be named, in the units of its axes."""

    name: str
    x: float
    y: float
    color: str


def is_wide(width: float) -> bool:
    """Whether panels stand side by side at this width in mm."""
    return width > (WIDE + NARROW) / 2


def shade(place: float) -> str:
    """The one hue at a place from 0, light, to 1, dark."""
    return oklch(LIGHT + (DARK - LIGHT) * place, 0.12, HUE)


def in_grey(color: str) -> str:
    """The grey that is as light as a colour, by the luminance of sRGB (IEC 61966-2-1)."""
    return hex_of(np.full(3, np.array([0.2126, 0.7152, 0.0722]) @ linear_rgb(color)))


def shades(n: int) -> list[str]:
    """`n` shades from light to dark."""
    return [shade(number / max(1, n - 1)) for number in range(n)] if n > 1 else [shade(0.7)]


def break_at_zero(axes: Axes, which: str, zero: float) -> None:
    """Say on a logarithmic axis that the place `zero` stands for 0, with two strokes between it and the numbers.

    The limits of the axis must be set, and `zero` lie within them. Powers of ten from ten times `zero` up are named.
    """
    axis, along_x = (axes.xaxis, True) if which == "x" else (axes.yaxis, False)
    _, last = axis.get_view_interval()
    powers = [10.0**n for n in range(math.ceil(math.log10(zero) + 0.75), math.floor(math.log10(last) + 1e-9) + 1)]
    every = 1 + len(powers) // 7
    axis.set_major_locator(FixedLocator([zero, *powers[::every]]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: "0" if value <= zero * 1.0001 else power_of_ten(value)))
    for nudge in (0.30, 0.42):
        place = zero * 10**nudge
        transform = axes.get_xaxis_transform() if along_x else axes.get_yaxis_transform()
        axes.plot(*((place, 0.0) if along_x else (0.0, place)), transform=transform, **BREAK)


def name_at_right(axes: Axes, ends: Sequence[End], height: float) -> None:
    """Write the name of each line right of the axes, as near to its end as the names above and below allow, and join the two.

    `height` of the axes in inches; their limits must be set.
    """
    least = APART * SMALL / (72 * height)
    ordered = sorted(ends, key=lambda end: end.y)
    spots = spread([_share(axes, "y", end.y) for end in ordered], least)
    for end, spot in zip(ordered, spots, strict=True):
        axes.annotate(
            end.name,
            (end.x, end.y),
            (1.04, spot),
            textcoords="axes fraction",
            va="center",
            color=end.color,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": end.color, "linewidth": 0.4, "shrinkA": 1, "shrinkB": 2},
        )


def name_below(axes: Axes, ends: Sequence[End], width: float) -> None:
    """The same for lines that end on one height: their names upright below it, at places along the axis. `width` in inches."""
    least = 1.25 * APART * SMALL / (72 * width)  # the axes may be narrower by the names of their numbers
    ordered = sorted(ends, key=lambda end: end.x)
    spots = spread([_share(axes, "x", end.x) for end in ordered], least)
    for end, spot in zip(ordered, spots, strict=True):
        axes.annotate(
            end.name,
            (end.x, end.y),
            (spot, _share(axes, "y", end.y) - 0.05),
            textcoords="axes fraction",
            ha="center",
            va="top",
            rotation=90,
            color=end.color,
            arrowprops={"arrowstyle": "-", "color": end.color, "linewidth": 0.4, "shrinkA": 0, "shrinkB": 2},
        )


def spread(places: Sequence[float], least: float) -> list[float]:
    """Places moved as little as is needed to stand `least` apart, in their order; `places` must ascend.

    >>> [round(place, 2) for place in spread([0.1, 0.12, 0.5], 0.1)]
    [0.06, 0.16, 0.5]
    """
    groups: list[tuple[list[float], float]] = []  # of places that touch, and where the first of them stands
    for place in places:
        members, first = [place], place
        while groups and groups[-1][1] + least * len(groups[-1][0]) > first:
            members = [*groups.pop()[0], *members]
            first = sum(each - least * number for number, each in enumerate(members)) / len(members)
        groups.append((members, first))
    return [first + least * number for members, first in groups for number in range(len(members))]


def _share(axes: Axes, which: str, value: float) -> float:
    """Where a value lies along an axis, from 0 to 1."""
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    is_log = (axes.get_xscale() if which == "x" else axes.get_yscale()) == "log"
    low, high, value = (math.log10(one) if is_log else one for one in (low, high, value))
    return (value - low) / (high - low)
