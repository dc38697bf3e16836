"""Figure of boards of growing size: what is left at equal bits and at equal units, and T(k), against the positions of the board."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.curves.envelope import BITS, UNITS
from bench.report.plots.style import STYLE, THIN, looks_of, set_logarithmic
from bench.scaling.boards import DRAWN, NAMES, TAIL, Growth
from policies.task import BOARDS

LIMITS = {BITS: (0.0, 0.6), UNITS: (0.0, 0.6), TAIL: (-0.6, 1.3)}
WIDTH, HEIGHT = 7.2, 6.6  # inches
SHADE = 0.15
CLOSE = 1.6  # times the positions of a board: names of boards that are nearer would overlap
APART = 1.08  # times the positions: by this the bars of curves stand beside each other


def draw_boards(found: Sequence[Growth]) -> Figure:
    """Three rows of three panels; filled: boards apart, open and pale: positions apart.

    Shaded, or in panels of T(k) bars: the reach of the bands of all seeds. Bars reach past the panels of small boards, on which few
    positions are held out. Boards of two rows and wider ones are joined apart, since each curve is about boards of one shape.
    """
    looks = looks_of(dict.fromkeys(growth.kind for growth in found))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        grid = figure.subplots(3, 3, sharex=True, sharey="row")
        for row, (quantity, sizes) in zip(grid, DRAWN.items(), strict=True):
            for axes, size in zip(row, sizes, strict=True):
                for value in (0.0, 1.0) if quantity == TAIL else (0.0,):
                    axes.axhline(value, color="0.6", linewidth=0.8, zorder=0)
                shown = [growth for growth in found if (growth.quantity, growth.size) == (quantity, size)]
                for place, growth in enumerate(shown):
                    shift = APART ** (place - (len(shown) - 1) / 2) if quantity == TAIL else None
                    _draw(axes, growth, looks[growth.kind] | THIN, shift)
                axes.set_title(NAMES[quantity].format(f"{size:,}"), loc="left")
                axes.set_ylim(*LIMITS[quantity])
                axes.grid(color="0.92", linewidth=0.6)
                if quantity == BITS:
                    name_boards(axes, shown)
        set_logarithmic(grid[0, 0], "x")
        grid[0, 0].minorticks_off()
        for axes in grid[-1]:
            axes.set_xlabel("positions up to symmetry")
        entries: dict[str, Any] = {}
        for axes in grid.flat:
            for line, label in zip(*axes.get_legend_handles_labels(), strict=True):
                entries.setdefault(label, line)
        figure.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=5, handlelength=3.2)
    return figure


def _draw(axes: Axes, growth: Growth, look: dict[str, Any], shift: float | None) -> None:
    """A curve with its reach: shaded, or with a shift as bars at that many times the positions."""
    is_apart = growth.split == BOARDS
    pale: dict[str, Any] = {} if is_apart else {"markerfacecolor": "white", "alpha": 0.6}
    shapes = [[board for board in growth.boards if ("-2x" in board.game) == is_narrow] for is_narrow in (True, False)]
    every = [board for boards in shapes for board in boards]
    x, low, high = np.array([(board.n_positions, board.found.low, board.found.high) for board in every], dtype=float).T
    if shift is None:
        for part in (slice(len(shapes[0])), slice(len(shapes[0]), None)):
            band = [*low[part], *high[part][::-1]]
            axes.fill([*x[part], *x[part][::-1]], band, color=look["color"], alpha=SHADE if is_apart else SHADE / 2, linewidth=0)
    else:
        x *= shift
        ends = np.stack([low, high, np.full(len(x), np.nan)], axis=1).ravel()
        axes.plot(np.repeat(x, 3), ends, color=look["color"], alpha=0.6 if is_apart else 0.3, linewidth=0.8)
    mean = np.array([board.found.mean for board in every])
    gap = len(shapes[0])  # where a curve breaks between the boards of two rows and the others
    axes.plot(np.insert(x, gap, np.nan), np.insert(mean, gap, np.nan), label=growth.kind, **(look | pale))


def name_boards(axes: Axes, shown: Sequence[Growth]) -> None:
    """The names of the boards along the upper edge of a panel; boards too close to be told apart share a place."""
    sizes = sorted({(board.n_positions, board.game.partition("-")[2]) for growth in shown for board in growth.boards})
    places: list[tuple[float, str]] = []
    for n_positions, name in sizes:
        if places and n_positions < CLOSE * places[-1][0]:
            before, names = places.pop()
            places.append((math.sqrt(before * n_positions), f"{names}, {name}"))
        else:
            places.append((n_positions, name))
    for place, name in places:
        axes.annotate(name, (place, 1.0), xycoords=("data", "axes fraction"), rotation=90, ha="center", va="top", fontsize=6, color="0.4")
