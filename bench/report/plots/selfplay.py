"""The figure of a run of self-play: what its network leaves of perfect play, against the games played and the processor time taken."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.report.plots.axis import WIDTH
from bench.report.plots.style import STYLE, THIN, looks_in_order, set_logarithmic

MEASURES = {
    "residual": "1 - gain",
    "error_rate": "error rate",
    "error_rate_won": "error rate on won positions",
    "exploitability": "exploitability, in the game's units",
}
FLOOR = 1e-4  # of the axis, where what is 0 is drawn


def draw_self_play(title: str, log: Sequence[dict[str, Any]]) -> Figure:
    """Two panels side by side, on log-log axes: the measures of each line of a log against its games, and against its seconds."""
    looks = looks_in_order(MEASURES)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
        panels = figure.subplots(1, 2, sharey=True)
        for axes, name, label in zip(panels, ("games", "seconds"), ("games", "processor seconds"), strict=True):
            for measure, said in MEASURES.items():
                known = [(line[name], value) for line in log if (value := _value(line, measure)) is not None]
                if known:
                    x, y = zip(*known, strict=True)
                    axes.plot(x, [max(FLOOR, each) for each in y], label=said, **(looks[measure] | THIN))
            set_logarithmic(axes, "xy")
            axes.set(xlabel=label)
            axes.grid(color="0.92", linewidth=0.6)
        panels[0].set_ylim(bottom=FLOOR / 1.5)
        panels[0].set_title(f"{title}; 0 is drawn at {FLOOR:g}", loc="left")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, handlelength=3.2)
    return figure


def _value(line: dict[str, Any], measure: str) -> float | None:
    found = 1.0 - line["gain"] if measure == "residual" and "gain" in line else line.get(measure)
    return None if found is None else float(found)
