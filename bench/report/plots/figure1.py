"""Figure 1 of the paper (Lillicrap & Kording 2019) as it was measured, panel by panel; a panel without data is left out.

The same code draws it for two columns of a journal, for one, and panel by panel for a page.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

from bench.curves.curve import PERFECT
from bench.curves.envelope import UNITS, Envelope, drawn_in_panel_b
from bench.curves.families import family_of
from bench.curves.figure1 import LEVEL, NAMES, added_rules, growing, numbers_of, waterfall_list
from bench.curves.held_out_lists import HeldOutList, held_out_lists
from bench.curves.minima import Minimum, minima_of
from bench.curves.proved import Band, band_of
from bench.harness.records import Record
from bench.report.plots.band import draw_band
from bench.report.plots.bounded import bounded_panel, height_of
from bench.report.plots.journal import (
    LARGE,
    MM,
    NULL,
    PRINT,
    WIDE,
    End,
    break_at_zero,
    is_wide,
    name_at_right,
    name_below,
    shade,
    shades,
)
from bench.report.plots.named import name_curve, name_part
from bench.report.plots.style import set_logarithmic
from bench.scaling.bounded import largest_of_families

ROW, LINE = 0.19, 0.115  # inches of panel A: of a row of one line, of each further line
MINIMUM_ROW = 0.17  # inches
MAX_LINES = 3  # of a rule in words
HEIGHT_B = 2.7  # inches of one set of axes of panel B
STRIP = 0.66  # inches below 0 in panel B, for names
BEST: Any = {"linewidth": 1.3, "marker": ".", "markersize": 4}
THIN: Any = {"linewidth": 0.6}
SHADE = 0.16


class Panel(NamedTuple):
    """One panel: its title, its height in inches, and what draws it."""

    title: str
    height: float
    draw: Callable[[FigureBase], None]


class Leftover(NamedTuple):
    """What panel B shows of one game."""

    envelope: Envelope
    color: str
    band: Band | None


def panels_of(records: Sequence[Record], width: float = WIDE) -> dict[str, Panel]:
    """By letter the panels for which there is something to draw, at a width in mm; the records are under one kind of weights."""
    panels = {}
    if (shown := waterfall_list(records)) is not None:
        name = NAMES.get(shown.cell.game, shown.cell.game)
        minima = minima_of(records, shown.cell.game)
        panels["A"] = Panel(f"{name}: what each rule adds", _height_a(shown, minima, width), partial(_draw_a, shown, minima, width))
    if curves := drawn_in_panel_b(records):
        envelopes = [envelope for envelope, _ in curves]
        held = held_out_lists(records, [envelope.game for envelope in envelopes])
        height = HEIGHT_B if is_wide(width) or not held else 2 * HEIGHT_B
        draw = partial(_draw_b, _leftovers(envelopes, records), held, width)
        panels["B"] = Panel(f"{_games_in_words(envelopes)}: what is left", height, draw)
    if codes := largest_of_families(records):
        panels["C"] = Panel(f"Policy and language to a gain of {LEVEL:g}", height_of(codes), partial(bounded_panel, codes))
    return panels


def draw_figure_1(records: Sequence[Record], width: float = WIDE) -> Figure | None:
    """The panels one below the other, `width` mm wide; None where there is nothing to draw."""
    panels = panels_of(records, width)
    if not panels:
        return None
    heights = [panel.height for panel in panels.values()]
    with mpl.rc_context(PRINT):
        figure = Figure(figsize=(width * MM, sum(heights)), layout="constrained")
        parts = figure.subfigures(len(panels), 1, squeeze=False, height_ratios=heights).flat
        for part, (letter, panel) in zip(parts, panels.items(), strict=True):
            panel.draw(part)
            lead = f"{letter}   " if len(panels) > 1 else ""
            part.suptitle(f"{lead}{panel.title}", x=0.01, ha="left", fontweight="bold", fontsize=LARGE)
    return figure


def draw_panels(records: Sequence[Record]) -> dict[str, Figure]:
    """The same panels one by one, for the screen, by letter."""
    figures = {}
    with mpl.rc_context(PRINT):
        for letter, panel in panels_of(records).items():
            figures[letter] = Figure(figsize=(WIDE * MM, panel.height), layout="constrained")
            panel.draw(figures[letter])
    return figures


# A


def _height_a(record: Record, minima: Sequence[Minimum], width: float) -> float:
    n_lines = sum(max(label.count("\n"), said.count("\n")) for label, said in zip(_labels(record, width), _steps(record), strict=True))
    rules = 0.75 + ROW * (len(growing(record)) + 1) + LINE * n_lines
    proved = 0.75 + MINIMUM_ROW * len(minima) if minima else 0.0
    return max(rules, proved) if is_wide(width) else rules + proved


def _labels(record: Record, width: float) -> list[str]:
    """The rules of panel A with their numbers, in lines."""
    points, letters = growing(record), 46 if is_wide(width) else 32
    return [f"{n}. {_wrap(text or '(rules rearranged)', letters)}" for n, text in zip(numbers_of(points), added_rules(points), strict=True)]


def _steps(record: Record) -> list[str]:
    """What each of these rules adds, and which list never loses first."""
    points = growing(record)
    unbeaten = next((row for row, point in enumerate(points) if point.is_proved("never_loses")), None)
    steps = np.diff([0.0, *(point.gain for point in points)])
    return [f"{step:+.3f}" + ("\nnever loses" if row == unbeaten else "") for row, step in enumerate(steps)]


def _draw_a(record: Record, minima: Sequence[Minimum], width: float, figure: FigureBase) -> None:
    """Panel A: what each rule of a list adds to the gain, and the fewest rules of any list with a grade, where these are proved."""
    if not minima:
        _rules_in_order(figure.subplots(), record, width)
    elif is_wide(width):
        rules, proved = figure.subplots(1, 2, width_ratios=(1.5, 1))
        _rules_in_order(rules, record, width)
        _proved_minima(proved, minima)
    else:
        heights = (_height_a(record, (), width), 0.75 + MINIMUM_ROW * len(minima))
        rules, proved = figure.subplots(2, 1, height_ratios=heights)
        _rules_in_order(rules, record, width)
        _proved_minima(proved, minima)


def _rules_in_order(axes: Axes, record: Record, width: float) -> None:
    """What each rule adds, in the order in which the rules were found."""
    points, labels = growing(record), [*_labels(record, width), "left to perfect play"]
    gains = np.array([0.0, *(point.gain for point in points)])
    said = [*_steps(record), f"{1 - gains[-1]:.3f}"]
    heights = np.array([ROW + LINE * max(one.count("\n") for one in pair) for pair in zip(labels, said, strict=True)]) / ROW
    rows = np.cumsum(heights) - heights / 2
    axes.barh(rows[:-1], np.diff(gains), left=gains[:-1], height=0.7, color=shade(0.5), edgecolor="black", linewidth=0.5)
    axes.barh(rows[-1:], [1 - gains[-1]], left=[gains[-1]], height=0.7, color="white", edgecolor="black", linewidth=0.5, hatch="////")
    for row, text in zip(rows, said, strict=True):
        axes.text(1.03, row, text, va="center")
    axes.set_yticks(rows, labels)
    axes.set_ylim(heights.sum() + 0.1, -0.1)
    axes.set_xlim(min(0.0, gains.min()), 1.0)
    axes.set_xlabel("gain (0 random, 1 perfect)")
    axes.tick_params(axis="y", length=0)


def _proved_minima(axes: Axes, minima: Sequence[Minimum]) -> None:
    """The fewest rules of any list with the grade of the first of these minima, a row for each language and seat."""
    shown = [minimum for minimum in minima if minimum.grade == minima[0].grade]
    rows, sizes = range(len(shown)), [minimum.n_rules for minimum in shown]
    axes.hlines(rows, 0, sizes, color="0.8", linewidth=0.6, zorder=0)
    axes.plot(sizes, rows, linestyle="none", marker="D", markersize=4, color=shade(1.0))
    axes.set_xlim(0, max(sizes) + 0.6)
    axes.set_xticks(range(max(sizes) + 1))
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_yticks(rows, [minimum.name for minimum in shown])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"fewest rules, proved\n({shown[0].grade})")


# B


def _leftovers(envelopes: Sequence[Envelope], records: Sequence[Record]) -> list[Leftover]:
    """The games with their shades: of the family with most boards from light to dark, of any other one the darkest grey."""
    families = [family_of(envelope.game) for envelope in envelopes]
    family = max(families, key=families.count)
    is_drawn_in_hue = [families.count(family) == 1 or one == family for one in families]
    colors = iter(shades(sum(is_drawn_in_hue)))
    return [
        Leftover(envelope, next(colors) if hue else "0.25", band_of(envelope.game, records) if envelope.measure == UNITS else None)
        for envelope, hue in zip(envelopes, is_drawn_in_hue, strict=True)
    ]


def _draw_b(shown: Sequence[Leftover], held: Sequence[HeldOutList], width: float, figure: FigureBase) -> None:
    """Panel B: what lists leave on boards held out, and what the best policies known and every list of single atoms leave on all."""
    if not held:
        _best_known(figure.subplots(), shown, width * MM)
        return
    shape = (1, 2) if is_wide(width) else (2, 1)
    left, right = figure.subplots(*shape)
    each = width * MM / shape[1]
    _on_held_out_boards(left, held, {one.envelope.game: one.color for one in shown})
    _best_known(right, shown, each)
    for axes, said in ((left, "boards held out; thin: fitted"), (right, "all boards; shaded: proved to found")):
        axes.set_title(said, loc="left")


def _on_held_out_boards(axes: Axes, held: Sequence[HeldOutList], colors: dict[str, str]) -> None:
    """What the plain list of each game leaves on boards held out, with the reach of its splits; thin where fitted, grey if shuffled."""
    names = _short_names(one.game for one in held)
    every = np.concatenate([one.held for one in held])
    floor = float(every[every > PERFECT].min(initial=1.0)) / 2
    ends = []
    for one in held:
        color = colors[one.game]
        low, high, mean, fitted = (np.maximum(values, floor / 10) for values in (one.low, one.high, one.held, one.fitted))
        name_part(axes.fill_between(one.budgets, low, high, color=color, alpha=SHADE, linewidth=0), one.game)
        (line,) = axes.plot(one.budgets, mean, color=color, **BEST)
        name_curve(line, one.game, f"{one.game}: left on boards held out")
        (line,) = axes.plot(one.budgets, fitted, color=color, **THIN)
        name_curve(line, one.game, f"{one.game}: left where fitted")
        ends.append(End(names[one.game], float(one.budgets[-1]), float(mean[-1]), color))
    nulls = [one.null for one in held if one.null is not None]
    for budgets, left in nulls:
        (line,) = axes.plot(budgets, left, color=NULL, **THIN)
        name_curve(line, "null", "moves shuffled: left on boards held out")
    set_logarithmic(axes, "xy")
    top = max([1.0, *(float(left.max()) for _, left in nulls), *(float(one.high.max()) for one in held)])
    axes.set_ylim(floor, 1.15 * top)
    if nulls:
        last = max(nulls, key=lambda null: int(null[0][-1]))
        ends.append(End("null", float(last[0][-1]), float(last[1][-1]), "0.4"))
    name_at_right(axes, ends, HEIGHT_B - 0.75)
    axes.set_xlabel("rules")
    axes.set_ylabel("residual, 1 - gain")


def _best_known(axes: Axes, shown: Sequence[Leftover], width: float) -> None:
    """What the best policy known of each size leaves; shaded, of lists of single atoms: from what is proved to what was found."""
    known = [1.0 - policy.gain for one in shown for policy in one.envelope.best]
    least = min((left for left in known if left > PERFECT), default=1.0)
    zero = least / 6
    names = _short_names(one.envelope.game for one in shown)
    done, open_ends = [], []
    for one in shown:
        game, envelope = one.envelope.game, one.envelope
        left_over = [policy for policy in envelope.best if policy.gain < 1.0 - PERFECT]
        (line,) = axes.plot([policy.size for policy in left_over], [1.0 - policy.gain for policy in left_over], color=one.color, **BEST)
        name_curve(line, game, f"{game}: residual")
        if one.band is not None:
            draw_band(axes, one.band, one.color, least / 2, game)
        last = envelope.best[-1]
        if last.gain >= 1.0 - PERFECT:
            (cross,) = axes.plot([last.size], [zero], marker="x", markersize=4, color=one.color)
            name_part(cross, game)
            done.append(End(names[game], last.size, zero, one.color))
        else:
            open_ends.append(End(names[game], last.size, 1.0 - last.gain, one.color))
    set_logarithmic(axes, "xy")
    high = 1.15
    strip = STRIP if done else 0.1
    share = strip / (HEIGHT_B - 0.75)
    axes.set_ylim(zero / (high / zero) ** (share / (1 - share)), high)
    low, far = axes.get_xlim()
    axes.set_xlim(low, far)
    break_at_zero(axes, "y", zero)
    axes.axhline(zero, color="0.8", linewidth=0.5, zorder=0)
    name_below(axes, done, width - 0.7)
    name_at_right(axes, open_ends, HEIGHT_B - 0.75)
    axes.set_xlabel("rules, weights or leaves" if shown[0].envelope.measure == UNITS else "policy bits")
    axes.set_ylabel("residual, 1 - gain")


def _games_in_words(envelopes: Sequence[Envelope]) -> str:
    """The family that panel B shows, or the game, or how many games."""
    games = [envelope.game for envelope in envelopes]
    families = [family_of(game) for game in games]
    family = max(families, key=families.count)
    if families.count(family) > 1 or len(games) == 1:
        return NAMES.get(family, family)
    return f"{len(games)} games"


def _short_names(games: Iterable[str]) -> dict[str, str]:
    """The names of games; of the family with most boards, which the title names, what stands behind the first `-`."""
    kept = list(games)
    families = [family_of(game) for game in kept]
    family = max(families, key=families.count)
    is_named = families.count(family) > 1
    return {game: game.partition("-")[2] or game if is_named and family_of(game) == family else game for game in kept}


def _wrap(text: str, width: int) -> str:
    """Text in lines of about `width` letters, MAX_LINES at most."""
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines if len(lines) <= MAX_LINES else [*lines[: MAX_LINES - 1], f"{lines[MAX_LINES - 1]} …"])
