"""K_T drawn: policy and language of each game on one axis of bits, at several budgets of operations, within the paper's own axis."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bench.curves.families import is_control
from bench.curves.figure1 import PAPER_MARKS
from bench.report.plots.journal import PRINT, SMALL, break_at_zero, in_grey, shades
from bench.report.plots.named import name_curve
from bench.report.plots.style import power_of_ten, set_logarithmic
from bench.scaling.bounded import LIMITS, BoundedCode

FLOOR: dict[str, Any] = {"facecolor": "0.92", "edgecolor": "0.6", "hatch": "////", "linewidth": 0.0}  # what the language takes
WIDTH = 4.25  # inches
ROW = 0.155  # inches
MIN_ROWS = 7  # room for the names of the marks


def height_of(codes: Sequence[BoundedCode]) -> float:
    """Inches of the drawing of some codes."""
    return 1.55 + ROW * max(MIN_ROWS, len(_by_bits(codes)))


def draw_bounded(codes: Sequence[BoundedCode]) -> Figure:
    """K_T of every game, a row each; games whose K_T is not known have none."""
    with mpl.rc_context(PRINT):
        figure = Figure(figsize=(WIDTH, height_of(codes)), layout="constrained")
        bounded_panel(codes, figure)
    return figure


def bounded_panel(codes: Sequence[BoundedCode], figure: FigureBase) -> None:
    """A dot for each limit of operations, darker for more; hatched from 0: the language; dotted: marks of the paper; above: its axis.

    The axis is broken between 0 and the power of ten below the shortest language. Controls are grey. `codes`: of one gain.
    """
    best = _by_bits(codes)
    games, n_rows = list(best), max(MIN_ROWS, len(best))
    frame, axes = figure.subplots(2, 1, sharex=True, height_ratios=[1.0, ROW * n_rows / 0.3])
    set_logarithmic(axes, "x")
    zero = 10.0 ** (math.floor(math.log10(min(code.language_bits or 1 for code in best.values()) or 1)) - 1)
    axes.set_xlim(zero, 6 * max(mark.bits for mark in PAPER_MARKS))
    for row, game in enumerate(games):
        axes.barh(row, (best[game].language_bits or 0) - zero, left=zero, height=0.8, zorder=0, **FLOOR)
    looks: list[dict[str, Any]] = [
        {"marker": "o", "linestyle": "none", "markersize": 6.5 - 1.3 * number, "color": color, "zorder": 2 + number}
        for number, color in enumerate(shades(len(LIMITS)))
    ]
    for limit, look in zip(LIMITS, looks, strict=True):
        for is_null in (False, True):
            drawn = [code for code in codes if (code.operations_limit, is_control(code.game)) == (limit, is_null) and code.bits is not None]
            shown = look | ({"color": in_grey(look["color"])} if is_null else {})
            (dots,) = axes.plot([code.bits or 0 for code in drawn], [games.index(code.game) for code in drawn], **shown)
            name_curve(dots, f"T = {power_of_ten(limit)}", f"at most {limit:,} operations a decision")
    for mark in PAPER_MARKS:
        axes.axvline(mark.bits, color="0.45", linewidth=0.6, linestyle=(0, (2, 3)), zorder=0)
        side = ("left", 3) if mark.short == "human language" else ("right", -2)
        axes.annotate(
            mark.short, (mark.bits, n_rows / 2 - 0.5), (side[1], 0), textcoords="offset points", rotation=90, ha=side[0], va="center"
        )
    axes.set_yticks(range(len(games)), games)
    for label, game in zip(axes.get_yticklabels(), games, strict=True):
        label.set_color("0.45" if is_control(game) else "black")
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(n_rows - 0.4, -0.6)
    break_at_zero(axes, "x", zero)
    axes.set_xlabel("K_T: bits of policy and language, the fewest\nwith at most T operations a decision", loc="right")
    _draw_papers_axis(frame, best)
    handles = [Line2D([], [], label=f"T = {power_of_ten(limit)}", **look) for limit, look in zip(LIMITS, looks, strict=True)]
    place: Any = {"loc": "outside lower center", "ncols": 5, "handlelength": 1.0, "handletextpad": 0.3, "columnspacing": 0.9}
    figure.legend(handles=[*handles, Patch(label="language", **FLOOR)], **place)


def _by_bits(codes: Sequence[BoundedCode]) -> dict[str, BoundedCode]:
    """Of each game with a K_T that of the largest limit, by bits; controls last."""
    best = {code.game: code for code in codes if code.bits is not None}  # the largest limit comes last
    return {game: best[game] for game in sorted(best, key=lambda game: (is_control(game), best[game].bits or 0, game))}


def _draw_papers_axis(axes: Axes, best: Mapping[str, BoundedCode]) -> None:
    """The paper's one axis, from what is easy to describe to what is not, with those of its points that are measured."""
    axes.annotate("", (1.0, 0.5), (0.0, 0.5), xycoords="axes fraction", arrowprops={"arrowstyle": "->", "color": "black", "linewidth": 0.8})
    go = max((game for game in best if game.startswith("go-")), key=lambda game: best[game].bits or 0, default="")
    for game, name, is_above in (("tictactoe", "tic-tac-toe", False), (go, f"Go {go.partition('-')[2]}", True)):
        if game in best:
            place = (best[game].bits or 0, 0.5)
            axes.plot(*place, marker="|", markersize=8, color="black", transform=axes.get_xaxis_transform())
            look: Any = {"textcoords": "offset points", "ha": "center", "va": "bottom" if is_above else "top", "fontsize": SMALL}
            axes.annotate(name, place, (0, 5 if is_above else -5), xycoords=axes.get_xaxis_transform(), **look)
    axes.annotate("brain ?", (0.97, 0.6), xycoords="axes fraction", ha="right", va="bottom", fontsize=SMALL)
    axes.set_ylim(0, 1)
    axes.set_axis_off()
