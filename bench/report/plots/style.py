"""The style of figures: made for paper first (greyscale, labelled axes, each colour doubled by a marker or a line style)."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure

from bench.report.plots.looks import OPEN, Look, look_of

STYLE: Any = {  # matplotlib types its settings as one endless literal
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "gaincurve",
    "figure.dpi": 150,
}
# Of what is neither a policy nor a game, by its place: colours of Okabe & Ito, and two more, in an order of clearly different greys.
LOOKS = [
    ("#0072B2", "o", "-"), ("#E69F00", "s", "--"), ("#000000", "^", "-."), ("#CC79A7", "D", ":"), ("#009E73", "v", (0, (5, 1, 1, 1, 1, 1))),
    ("#D55E00", "P", (0, (1, 1))), ("#56B4E9", "X", (0, (8, 2))), ("#7F7F7F", "p", (0, (3, 1))), ("#8C510A", "<", (0, (6, 1, 1, 1))),
]  # fmt: skip
MAX_CURVES = 9  # in one set of axes
THIN: Any = {"markersize": 3.5, "linewidth": 1.1}
DOT: Any = {"linestyle": "none", "markersize": 5}
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def lay_out(figure: Figure) -> None:
    """Find the place of everything in a figure once; it would otherwise be found anew for every format."""
    if figure.get_layout_engine() is not None:
        with mpl.rc_context(STYLE):
            figure.draw_without_rendering()
        figure.set_layout_engine(None)


def looks_of(names: Iterable[str]) -> dict[str, Look]:
    """Colour, marker and line style of each name: of what has a name, from it (bench/report/plots/looks.py), wherever it stands."""
    return {name: look_of(name) for name in names}


def looks_in_order(names: Iterable[str]) -> dict[str, Look]:
    """The same of what is numbered, such as layers, by its place; beyond LOOKS the colours come again, with other markers, left open."""
    found: dict[str, Look] = {}
    for i, name in enumerate(names):
        again, place = divmod(i, len(LOOKS))
        marker, style = LOOKS[(place + 4 * again) % len(LOOKS)][1], LOOKS[(place + 2 * again) % len(LOOKS)][2]
        found[name] = {"color": LOOKS[place][0], "marker": marker, "linestyle": style} | (OPEN if again else {})
    return found


def set_logarithmic(axes: Axes, names: str) -> None:
    """Set axes to a logarithmic scale with names at the powers of ten, and between them where there are too few of these in view."""
    for name in names:
        axes.set(**{f"{name}scale": "log"})
        axis = getattr(axes, f"{name}axis")
        axis.set_major_formatter(power_of_ten)
        axis.set_minor_formatter(_name_between(axis))


def _name_between(axis: Axis) -> Callable[[float, int | None], str]:
    """Names for ticks between powers of ten: 2 and 5 where less than a decade and a third is in view, all where little is."""

    def name(value: float, _: int | None = None) -> str:
        low, high = sorted(axis.get_view_interval())
        digit = round(value / 10 ** math.floor(math.log10(value)))
        return f"{value:g}" if high < 4 * low or (high < 20 * low and digit in (2, 5)) else ""

    return name


def power_of_ten(value: float, _: int | None = None) -> str:
    """A power of ten with its exponent raised, in letters that need no mathematical typesetting."""
    return "10" + str(round(math.log10(value))).translate(RAISED)
