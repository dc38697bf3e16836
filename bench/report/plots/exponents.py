"""Figure of kappa against the gain: a line for each family, and each family with its bands."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.curves.families import is_control
from bench.report.plots.named import name_curve, name_part
from bench.report.plots.style import STYLE, looks_of
from bench.scaling.exponents import MIN_DECIDED, Exponent, best_of_games
from bench.scaling.levels import LEVELS
from bench.scaling.power_law import UNDECIDED

WIDTH, HEIGHT, ROW = 4.25, 3.9, 1.5  # inches: of the figure, of the panel of all families, of a row of small panels
LOWEST, HIGHEST = -0.5, 1.5  # kappa; a band of few boards reaches far beyond
BAND, LEFT_OUT = 0.12, 0.25  # shades
N_COLUMNS = 3
NAMES = [str(level) if isinstance(level, str) else f"{level:g}" for level in LEVELS]


def drawn_families(found: Sequence[Exponent]) -> dict[str, list[Exponent]]:
    """By family the exponents of the best policies that a figure shows: those of families with boards enough for a verdict."""
    of_best = best_of_games(found, controls=True)
    return {
        family: shown
        for family, of_family in of_best.items()
        if of_family[0].n_boards >= MIN_DECIDED and (shown := [each for each in of_family if each.law])
    }


def draw_exponents(families: dict[str, list[Exponent]]) -> Figure:
    """Above all families, grey where the answer is known; below each other family with its band and, darker, its leave-one-out range.

    Markers are filled where kappa is decided to be below 1, or above.
    """
    of_games = {family: of_family for family, of_family in families.items() if not is_control(family)}
    looks = {family: look | {"markerfacecolor": look["color"]} for family, look in looks_of(families).items()}
    n_rows = -(-len(of_games) // N_COLUMNS)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, HEIGHT + ROW * n_rows), layout="constrained")
        together, apart = figure.subfigures(2, 1, squeeze=False, height_ratios=(HEIGHT, max(0.1, ROW * n_rows))).flat
        axes = together.add_subplot()
        for family, of_family in families.items():
            _draw_line(axes, of_family, looks[family] | {"linewidth": 1.2, "markersize": 4.5, "label": family})
        _label(axes, range(len(LEVELS)))
        axes.set(xlabel="gain, or keeping the value", ylabel="kappa")
        together.legend(loc="outside lower center", ncols=N_COLUMNS, handlelength=3.2)
        grid = apart.subplots(max(1, n_rows), N_COLUMNS, squeeze=False, sharex=True, sharey=True)
        for small in grid.flat[len(of_games) :]:
            small.set_axis_off()
        for small, (family, of_family) in zip(grid.flat, of_games.items(), strict=False):
            _draw_band(small, of_family, looks[family]["color"])
            _draw_line(small, of_family, looks[family] | {"linewidth": 1.0, "markersize": 3.0})
            _label(small, (0, 4, 8))
            small.set_title(family, loc="left", fontsize=8)
    return figure


def _draw_line(axes: Axes, of_family: Sequence[Exponent], look: dict[str, Any]) -> None:
    points = [(LEVELS.index(each.level), each.law.kappa, each.versus_one) for each in of_family if each.law]
    entry = of_family[0].family
    (line,) = axes.plot([x for x, *_ in points], [kappa for _, kappa, _ in points], **look)
    name_curve(line, entry)
    undecided = [(x, kappa) for x, kappa, verdict in points if verdict == UNDECIDED]
    places = zip(*undecided, strict=True) if undecided else ((), ())
    (dots,) = axes.plot(*places, **look | {"markerfacecolor": "white", "linestyle": "none", "label": ""})
    name_part(dots, entry)


def _draw_band(axes: Axes, of_family: Sequence[Exponent], color: str) -> None:
    for bands, shade in (
        ([each.law.kappa_band for each in of_family if each.law], BAND),
        ([each.left_out for each in of_family], LEFT_OUT),
    ):
        shown = [(LEVELS.index(each.level), *band) for each, band in zip(of_family, bands, strict=True) if band]
        if shown:
            xs, low, high = zip(*shown, strict=True)
            name_part(axes.fill_between(xs, low, high, color=color, alpha=shade, linewidth=0), of_family[0].family)


def _label(axes: Axes, places: Sequence[int]) -> None:
    for value in (0.0, 1.0):
        axes.axhline(value, color="0.6", linewidth=0.8, zorder=0)
    axes.set_xticks(places, [NAMES[place] for place in places])
    axes.set(ylim=(LOWEST, HIGHEST), xlim=(-0.3, len(LEVELS) - 0.7))
