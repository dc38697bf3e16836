"""Figure of boards up to 10^12 positions: what policies of one size leave on positions held out, a panel a family."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from bench.report.plots.boards import name_boards
from bench.report.plots.style import STYLE, THIN, looks_of, set_logarithmic
from bench.scaling.boards import Growth

WIDTH, HEIGHT = 7.2, 4.9  # inches
COLUMNS = 3
APART = 1.1  # times the positions: by this the bars of curves stand beside each other


def draw_families(families: Mapping[str, Sequence[Growth]], intervals: Mapping[str, Mapping[str, tuple[float, float]]]) -> Figure:
    """Residual against positions, a curve a kind of policy; bars: the reach of the bands of all seeds; wider: with the proved bounds.

    intervals: by kind and game, what is left at least and at most on all positions of a truth set with open moves.
    """
    kinds = dict.fromkeys(growth.kind for found in families.values() for growth in found)
    looks = looks_of(kinds)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        panels = figure.subplots(-(-len(families) // COLUMNS), COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
        entries: dict[str, Any] = {}
        for axes, (family, found) in zip(panels, families.items(), strict=False):
            for place, growth in enumerate(found):
                look: dict[str, Any] = looks[growth.kind] | THIN
                shift = APART ** (place - (len(found) - 1) / 2)
                x = np.array([shift * board.n_positions for board in growth.boards])
                low, high = np.array([(board.found.low, board.found.high) for board in growth.boards]).T
                bars = np.stack([low, high, np.full(len(x), np.nan)], axis=1).ravel()
                axes.plot(np.repeat(x, 3), bars, color=look["color"], alpha=0.5, linewidth=0.8)
                for at, board in zip(x, growth.boards, strict=True):
                    if (ends := intervals.get(growth.kind, {}).get(board.game)) is not None:
                        axes.plot([at, at], ends, color=look["color"], alpha=0.25, linewidth=4, solid_capstyle="butt")
                (line,) = axes.plot(x, [board.found.mean for board in growth.boards], **look)
                entries.setdefault(f"{growth.kind}, {growth.at}", line)
            axes.set_title(family, loc="left")
            axes.grid(color="0.92", linewidth=0.6)
            name_boards(axes, found)
        panels[0].set_ylim(0.0, 1.0)
        set_logarithmic(panels[0], "x")
        panels[0].minorticks_off()
        for axes in panels[len(families) :]:
            axes.set_visible(False)
        for axes in panels[len(families) - COLUMNS : len(families)]:
            axes.set_xlabel("positions up to symmetry")
            axes.tick_params(labelbottom=True)
        for axes in panels[::COLUMNS]:
            axes.set_ylabel("left on positions held out")
        figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=3, handlelength=3.2)
    return figure
