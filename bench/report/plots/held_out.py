"""Figures of held-out boards: what is left where fitted and where held out, and the share of each tail that carries over."""

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from bench.curves.held_out_lists import left_of
from bench.measures.split_curve import SplitCurve
from bench.measures.transfer import Transfer, is_known, transfer
from bench.report.plots.axis import WIDTH
from bench.report.plots.looks import look_of
from bench.report.plots.named import name_curve, name_part
from bench.report.plots.style import MAX_CURVES, STYLE, THIN, looks_of, set_logarithmic

SHADE = 0.22
LOWEST = -1.0  # of T that is drawn
NULL = "random"  # whose look all nulls have
NULLS = "nulls: moves shuffled, random games"  # their one entry in the legend


class Entry(NamedTuple):
    """The splits of a curve or of a null, by its name."""

    name: str
    splits: tuple[SplitCurve, ...]
    is_null: bool


def tails_of(splits: Sequence[SplitCurve]) -> list[tuple[int, Transfer]]:
    """T at every budget that has one."""
    budgets = sorted({budget for split in splits if is_known(split) for budget in split.budgets})
    return [(budget, found) for budget in budgets if (found := transfer(splits, budget)) is not None]


def draw_held_out(entries: Sequence[Entry]) -> Figure:
    """Two panels, one below the other: residuals of the curves on log-log axes, and T(k) of curves and nulls with its band."""
    curves = [entry for entry in entries if not entry.is_null][:MAX_CURVES]
    looks = looks_of([entry.name for entry in curves])
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 5.2 + 0.15 * (len(curves) + 1)), layout="constrained")
        above, below = figure.subplots(2, 1)
        for entry in curves:
            budgets, fitted, held = left_of(entry.splits)
            look = looks[entry.name] | THIN
            for said, left, pale in (("where fitted", fitted, {"alpha": 0.45}), ("held out", held, {})):
                (line,) = above.plot(budgets, np.maximum(left, 1e-4), **(look | pale))
                name_curve(line, entry.name, f"{entry.name}: {said}")
        set_logarithmic(above, "xy")
        above.set(xlabel="budget", ylabel="residual, 1 - gain")
        above.set_title("what is left; pale: where fitted", loc="left")
        below.axhline(0.0, color="0.6", linewidth=0.8)
        for entry in [*curves, *(entry for entry in entries if entry.is_null)]:
            found = tails_of(entry.splits)
            look = (look_of(NULL) if entry.is_null else looks[entry.name]) | THIN
            x = [budget for budget, _ in found]
            low, high = [one.low for _, one in found], [one.high for _, one in found]
            named = NULLS if entry.is_null else entry.name
            name_part(below.fill_between(x, low, high, color=look["color"], alpha=SHADE, linewidth=0), named)
            is_told = named in below.get_legend_handles_labels()[1]
            (line,) = below.plot(x, [one.mean for _, one in found], label=None if is_told else named, **look)
            name_curve(line, named, f"{entry.name}: T(k)")
        set_logarithmic(below, "x")
        below.set_ylim(LOWEST, 1.3)
        below.set(xlabel="k, rules or other units", ylabel="T(k)")
        below.set_title("what carries over; dotted: nulls", loc="left")
        for axes in (above, below):
            axes.grid(color="0.92", linewidth=0.6)
        figure.legend(*below.get_legend_handles_labels(), loc="outside lower center", handlelength=3.2)
    return figure
