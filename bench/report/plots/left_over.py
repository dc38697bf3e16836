"""The first figure of a report: what the best policies of each size leave, a curve a game."""

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from bench.curves.envelope import Envelope
from bench.report.plots.style import STYLE, looks_of

SIZE = (4.9, 2.75)  # inches: on a phone it is read without scrolling


def draw_left_over(envelopes: Sequence[Envelope]) -> Figure:
    """What is left, in percent, against the number of units on a logarithmic axis, as steps: nothing is gained between two sizes."""
    looks = looks_of(envelope.game for envelope in envelopes)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.add_subplot()
        for envelope in envelopes:
            sizes, left = envelope.sizes[1:], envelope.residuals[1:]
            look = looks[envelope.game] | {"markersize": 3, "linewidth": 1.3, "markevery": max(1, len(sizes) // 8)}
            axes.plot(sizes, left, label=envelope.game, drawstyle="steps-post", **look)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1 else ""))
        axes.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
        axes.set_ylim(0, max(1.0, *(float(envelope.residuals[1:].max()) for envelope in envelopes)))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_xlabel("rules, weights or leaves")
        axes.set_ylabel("left of random play's losses")
        axes.grid(color="0.92", linewidth=0.6)
        axes.legend(loc="upper right")
    return figure
