"""Figure of what methods recover of planted rules: a panel for each reading, a line for each method."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.report.plots.style import LOOKS, STYLE

WIDTH, HEIGHT = 7.2, 4.0  # inches
CHANCE = 0.5
SHIFT = 0.22  # of a line, between the marks of two kinds of networks
LINES: dict[str, dict[str, Any]] = {  # the look of each kind of network
    "trained": {"color": LOOKS[0][0], "marker": "o"},
    "untrained": {"color": "0.55", "marker": "o", "markerfacecolor": "white"},
    "built by hand": {"color": LOOKS[2][0], "marker": "^"},
}


class Mark(NamedTuple):
    """The mean recovery of a method in one kind of networks, and the half width of its band."""

    method: str
    kind: str
    mean: float
    half: float


def draw_recovery(marks: Mapping[str, Sequence[Mark]]) -> Figure:
    """The marks by reading; methods from the first to the last, downwards; the line of chance is dotted."""
    methods = list(dict.fromkeys(mark.method for each in marks.values() for mark in each))
    kinds = list(dict.fromkeys(mark.kind for each in marks.values() for mark in each))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        panels = figure.subplots(1, len(marks), sharex=True, sharey=True, squeeze=False)[0]
        for axes, (reading, each) in zip(panels, marks.items(), strict=True):
            axes.axvline(CHANCE, color="0.5", linewidth=0.9, linestyle=":")
            for place, kind in enumerate(kinds):
                shown = [mark for mark in each if mark.kind == kind]
                rows = [methods.index(mark.method) + SHIFT * (place - (len(kinds) - 1) / 2) for mark in shown]
                axes.errorbar(
                    [mark.mean for mark in shown],
                    rows,
                    xerr=[mark.half for mark in shown],
                    linestyle="none",
                    markersize=4.5,
                    elinewidth=1.1,
                    label=kind,
                    **LINES[kind],
                )
            axes.set(xlabel="recovery: area under the ROC curve", xlim=(0.25, 1.03))
            axes.set_title(reading, loc="left")
            axes.grid(axis="x", color="0.92", linewidth=0.6)
        panels[0].set_yticks(range(len(methods)), methods)
        panels[0].set_ylim(len(methods) - 0.5, -0.5)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(kinds))
    return figure
