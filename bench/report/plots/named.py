"""Which parts of a figure belong together, so that a page can name a curve, show its values and mute it with its entry in the legend.

A drawn line with a label is a curve of that name. Where the label says less, or there is none, `name_curve` names it, and `name_part` ties
a band or a marker to an entry of the legend.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter

from bench.report.blocks import Series
from games.arrays import Float64s

CURVE, PART, SAMPLE, KEY, PLOT = "curve", "part", "sample", "key", "plot"
MIN_APART = 3.0  # points of the figure between points of a curve whose values are told


@dataclass(frozen=True)
class Named:
    """What the SVG says of one drawn thing: the class of its group, and its attributes."""

    kind: str
    attributes: dict[str, str]


def name_curve(line: Line2D, entry: str, name: str = "") -> None:
    """Say to which entry of the legend a line belongs, and under which name its values are shown: that of the entry unless given."""
    line.set_gid("\t".join((CURVE, entry, name or entry)))


def name_part(artist: Artist, entry: str) -> None:
    """Say to which entry of the legend a band or a marker belongs."""
    artist.set_gid("\t".join((PART, entry)))


@contextlib.contextmanager
def named_parts(figure: Figure, series: Sequence[Series]) -> Iterator[dict[str, Named]]:
    """While a figure is written, give each named thing an id of its own; yields what is said of each, by that id.

    The figure must be laid out already. `series`: labels of points are looked up in those that have the name of the curve.
    """
    labels = {one.name: dict(zip(zip(one.x, one.y, strict=True), one.labels, strict=True)) for one in series if one.labels}
    entries: dict[str, int] = {}
    found: dict[str, Named] = {}
    before: list[tuple[Artist, str | None]] = []

    def say(artist: Artist, kind: str, **attributes: Any) -> None:
        before.append((artist, artist.get_gid()))
        artist.set_gid(f"named-{len(found)}")
        found[f"named-{len(found)}"] = Named(kind, {f"data-{name}": str(value) for name, value in attributes.items()})

    for legend in figure.findobj(Legend):
        assert isinstance(legend, Legend)
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
            number = entries.setdefault(text.get_text(), len(entries))
            if handle is not None:
                say(handle, SAMPLE, of=number)
            say(text, KEY, of=number)
    for axes in figure.findobj(Axes):
        assert isinstance(axes, Axes)
        say(axes, PLOT, x=_said_of(figure, axes, "x"), y=_said_of(figure, axes, "y"))
        for artist in axes.get_children():
            kind, entry, name = _named(artist)
            if kind == CURVE and isinstance(artist, Line2D):
                number = entries.setdefault(entry, len(entries))
                say(artist, CURVE, of=number, name=name, at=_points(figure, artist, labels.get(name, {})))
            elif kind == PART:
                say(artist, PART, of=entries.setdefault(entry, len(entries)))
    try:
        yield found
    finally:
        for artist, gid in before:
            artist.set_gid(gid)


def _named(artist: Artist) -> tuple[str, str, str]:
    """The kind of a drawn thing, its entry of the legend and its name; empty where it has none."""
    kind, entry, name = ([*(artist.get_gid() or "").split("\t"), "", ""])[:3]
    label = str(artist.get_label())
    if kind:
        return kind, entry, name
    return (CURVE, label, label) if isinstance(artist, Line2D) and label and not label.startswith("_") else ("", "", "")


def _said_of(figure: Figure, axes: Axes, which: str) -> str:
    """What an axis is, in one line: of panels that share a label, that of the first that has one. Empty where no axis has."""
    labels = [axis.get_label_text() for axis in (_axis(axes, which), *(_axis(other, which) for other in figure.axes))]
    return " ".join(next((label for label in labels if label), "").split())


def _axis(axes: Axes, which: str) -> Axis:
    return axes.xaxis if which == "x" else axes.yaxis


def _points(figure: Figure, line: Line2D, labels: dict[tuple[float, float], str]) -> str:
    """The points of a curve that can be told apart: place in the svg, values, and their label."""
    values: Float64s = np.asarray(line.get_xydata(), dtype=np.float64)
    values = values[np.isfinite(values).all(axis=1)]
    if not len(values):
        return ""
    places = line.get_transform().transform(values) * 72.0 / figure.dpi
    places[:, 1] = figure.get_figheight() * 72.0 - places[:, 1]
    names = [_names_of_ticks(axis) for axis in (line.axes.xaxis, line.axes.yaxis)] if line.axes else [None, None]
    told: list[str] = []
    last = np.full(2, -np.inf)
    for place, (x, y) in zip(places, values.tolist(), strict=True):
        if np.isfinite(place).all() and np.abs(place - last).max() >= MIN_APART:
            last = place
            label = labels.get((x, y), "").replace("|", "/")
            shown = [_short(value) if ticks is None else ticks.get(value, "") for value, ticks in zip((x, y), names, strict=True)]
            told.append(f"{place[0]:.0f},{place[1]:.0f},{','.join(shown)}" + (f",{label}" if label else ""))
    return "|".join(told)


def _names_of_ticks(axis: Axis) -> dict[float, str] | None:
    """Of an axis whose ticks have names in place of numbers, these by their places."""
    formatter = axis.get_major_formatter()
    if not (isinstance(axis.get_major_locator(), FixedLocator) and isinstance(formatter, FuncFormatter)):
        return None
    return {place: formatter(place) for place in axis.get_majorticklocs().tolist()}


def _short(value: float) -> str:
    """A value with all its digits where it is whole, else with four."""
    return str(round(value)) if value == round(value) and abs(value) < 1e15 else f"{value:.4g}"
