"""Figure 1 of the paper (Lillicrap & Kording 2019) as it was measured, panel by panel; a panel without data is left out."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bench.curves.curve import PERFECT, steps
from bench.curves.envelope import UNITS, Envelope, drawn_in_panel_b, hull_steps
from bench.curves.families import family_of, is_control
from bench.curves.figure1 import LEVEL, NAMES, PAPER_MARKS, SEARCHES, added_rules, growing, numbers_of, shortest_at_level, waterfall_list
from bench.curves.proved import band_of
from bench.harness.records import Record
from bench.report.plots.band import SHADE, draw_band
from bench.report.plots.colors import oklch
from bench.report.plots.looks import look_of
from bench.report.plots.named import name_curve, name_part
from bench.report.plots.style import STYLE, THIN, power_of_ten, set_logarithmic

BOLD: Any = {"markersize": 3.5, "linewidth": 1.5}  # envelopes
LIST: Any = {"linewidth": 0.8, "linestyle": "-", "zorder": 1}  # nested lists of single atoms
BAR = oklch(0.75, 0.10, 245.0)  # of a rule
WIDTH = 7.2  # inches
ROW, LINE = 0.24, 0.13  # inches of panel A: of a row of one line, of each further line
MAX_LINES = 3  # of a rule in words


class Panel(NamedTuple):
    """One panel: its title, its height in inches, and what draws it."""

    title: str
    height: float
    draw: Callable[[FigureBase], None]


def panels_of(records: Sequence[Record]) -> dict[str, Panel]:
    """By letter the panels for which there is something to draw; the records are under one kind of weights."""
    panels = {}
    if (shown := waterfall_list(records)) is not None:
        name = NAMES.get(shown.cell.game, shown.cell.game)
        n_lines = sum(label.count("\n") for label in _labels(shown))
        height = 0.8 + ROW * (len(growing(shown)) + 1) + LINE * n_lines
        panels["A"] = Panel(f"{name}: what each rule adds", height, partial(_rules_in_order, shown))
    if curves := drawn_in_panel_b(records):
        panels["B"] = Panel(f"{_games_in_words(curves)}: what the best policies known gain and leave", 3.5, partial(_best, curves, records))
    if best := shortest_at_level(records):
        panels["C"] = Panel(f"The axis: bits to a gain of {LEVEL:g}", 4.3, partial(_axis_of_bits, best, records))
    return panels


def draw_figure_1(records: Sequence[Record]) -> Figure | None:
    """The panels together, for a page of paper; None where there is nothing to draw."""
    panels = panels_of(records)
    if not panels:
        return None
    heights = [panel.height for panel in panels.values()]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
        parts = figure.subfigures(len(panels), 1, squeeze=False, height_ratios=heights).flat
        for part, (letter, panel) in zip(parts, panels.items(), strict=True):
            panel.draw(part)
            lead = f"{letter}   " if len(panels) > 1 else ""
            part.suptitle(f"{lead}{panel.title}", x=0.01, ha="left", fontweight="bold", fontsize=10)
    return figure


def draw_panels(records: Sequence[Record]) -> dict[str, Figure]:
    """The same panels one by one, for the screen, by letter."""
    figures = {}
    with mpl.rc_context(STYLE):
        for letter, panel in panels_of(records).items():
            figures[letter] = Figure(figsize=(WIDTH, panel.height), layout="constrained")
            panel.draw(figures[letter])
    return figures


def _labels(record: Record) -> list[str]:
    """The rules of panel A with their numbers, in lines."""
    points = growing(record)
    return [f"{n}. {_wrap(text or '(rules rearranged)')}" for n, text in zip(numbers_of(points), added_rules(points), strict=True)]


def _rules_in_order(record: Record, figure: FigureBase) -> None:
    """Panel A: what each rule of a list adds to the gain, in the order in which the rules were found."""
    axes = figure.subplots()
    points, labels = growing(record), [*_labels(record), "left to perfect play"]
    gains = np.array([0.0, *(point.gain for point in points)])
    heights = np.array([ROW + LINE * label.count("\n") for label in labels]) / ROW
    rows = np.cumsum(heights) - heights / 2
    axes.barh(rows[:-1], np.diff(gains), left=gains[:-1], height=0.7, color=BAR, edgecolor="black", linewidth=0.6)
    unbeaten = next((row for row, point in enumerate(points) if point.is_proved("never_loses")), None)
    said = [f"{step:+.3f}" + (" never loses" if row == unbeaten else "") for row, step in enumerate(np.diff(gains))]
    axes.barh(rows[-1:], [1 - gains[-1]], left=[gains[-1]], height=0.7, color="white", edgecolor="black", linewidth=0.6, hatch="////")
    for row, text in zip(rows, [*said, f"{1 - gains[-1]:.3f}"], strict=True):
        axes.text(1.02, row, text, va="center", fontsize=8)
    axes.set_yticks(rows, labels)
    axes.set_ylim(heights.sum() + 0.1, -0.1)
    axes.set_xlim(min(0.0, gains.min()), 1.0)
    axes.set_xlabel(f"gain (0 random, 1 perfect) of the list {record.cell.label} on {record.cell.game}")
    axes.tick_params(axis="y", length=0)


def _best(curves: Sequence[tuple[Envelope, Record | None]], records: Sequence[Record], figure: FigureBase) -> None:
    """Panel B: what the best policies known gain with each further unit (left) and leave (right); thin, a nested list of single atoms.

    Only in a nested list is the k-th rule added to the k - 1 rules before it: thin on the left, the gain of each rule. The best policy of a
    size need not contain the best smaller one. So the left panel draws the slope of the envelope's convex hull, the gain per unit of the
    best policies; it falls by construction. Shaded, of lists of single atoms: from what each is proved to leave to what the best one found
    leaves.
    """
    left, right = figure.subplots(1, 2)
    lists = [plain for _, plain in curves if plain is not None]
    known = [1.0 - policy.gain for envelope, _ in curves for policy in envelope.best] + [1.0 - p.gain for r in lists for p in r.points]
    floor = min((left for left in known if left > PERFECT), default=1.0) / 4
    has_bands = is_done = False
    for envelope, plain in curves:
        game, look = envelope.game, look_of(envelope.game)
        color = look["color"]
        if plain is not None:
            found, name = steps(plain.points), f"{game}, {plain.cell.label}"
            gaining = [step for step in found if step.gain_per_unit > 0]
            (line,) = left.plot([step.middle for step in gaining], [step.gain_per_unit for step in gaining], color=color, **LIST)
            name_curve(line, game, f"{name}: gain per rule")
            lacking = [step for step in found if step.residual > PERFECT]
            (line,) = right.plot([step.last_unit for step in lacking], [step.residual for step in lacking], color=color, **LIST)
            name_curve(line, game, f"{name}: residual")
        slopes = hull_steps(envelope)
        (line,) = left.plot([step.middle for step in slopes], [step.gain_per_unit for step in slopes], label=game, **(look | BOLD))
        name_curve(line, game, f"{game}: gain per {envelope.unit}")
        left_over = [policy for policy in envelope.best if policy.gain < 1.0 - PERFECT]
        (line,) = right.plot([policy.size for policy in left_over], [1.0 - policy.gain for policy in left_over], **(look | BOLD))
        name_curve(line, game, f"{game}: residual")
        if envelope.measure == UNITS and (band := band_of(game, records)) is not None:
            draw_band(right, band, color, floor, game)
            has_bands = True
        if envelope.best[-1].gain >= 1.0 - PERFECT:
            (cross,) = right.plot([envelope.best[-1].size], [floor], marker="x", markersize=7, color=color, clip_on=False)
            name_part(cross, game)
            is_done = True
    unit = curves[0][0].unit
    for axes, label in ((left, f"gain per {unit}"), (right, "residual, 1 - gain")):
        set_logarithmic(axes, "xy")
        axes.set_xlabel("rules, weights or leaves" if unit == "unit" else "policy bits")
        axes.set_ylabel(label)
        axes.grid(color="0.92", linewidth=0.6)
    handles, labels = left.get_legend_handles_labels()
    explained: dict[str, Any] = {
        "thin: one nested list": Line2D([], [], color="0.4", **LIST) if lists else None,
        "lists of single atoms: proved to best found": Patch(color="0.5", alpha=SHADE, linewidth=0) if has_bands else None,
        "nothing is left": Line2D([], [], color="0.4", linestyle="none", marker="x", markersize=7) if is_done else None,
    }
    shown = {name: handle for name, handle in explained.items() if handle is not None}
    place: Any = {"loc": "outside lower center", "ncols": 4, "handlelength": 3.2, "columnspacing": 1.4}
    figure.legend([*handles, *shown.values()], [*labels, *shown], **place)


def _axis_of_bits(best: dict[str, tuple[int, Record]], records: Sequence[Record], figure: FigureBase) -> None:
    """Panel C: bits of the shortest policy of each game at a gain of 0.9, against its positions, a line a family.

    The thin line above a marker ends where that game's shortest policy and its exceptions, which play perfectly, are.
    """
    axes = figure.subplots()
    families: dict[str, list[tuple[int, int, int]]] = {}
    for game, (n_bits, record) in best.items():
        others = (other for other in records if other.cell.game == game and other.cell.learner not in SEARCHES)
        lengths = [point.codelength for other in others for point in other.points]
        codelength = min((length for length in lengths if length is not None), default=n_bits)
        families.setdefault(family_of(game), []).append((record.n_positions, max(1, n_bits), max(1, codelength)))
    entries = {family: f"{family.partition('-')[0]} (control)" if is_control(family) else family for family in families}
    for family in sorted(families, key=is_control):
        positions, bits, perfect = zip(*sorted(families[family]), strict=True)
        look, entry = look_of(family), entries[family]
        label = entry if entry not in axes.get_legend_handles_labels()[1] else None
        (line,) = axes.plot(positions, bits, label=label, **(THIN | look))
        name_curve(line, entry, family)
        name_part(axes.vlines(positions, bits, perfect, color=look["color"], linewidth=0.6), entry)
    decades = np.log10([record.n_positions for _, record in best.values()])
    first, last = decades.min() - 0.4, decades.max() + 0.4
    if np.floor(last) - np.ceil(first) < 1:  # too few powers of ten to read the axis by
        first, last = np.floor(first), np.ceil(last)
    ends = np.array([10**first, 10**last])
    axes.plot(ends, ends, color="0.6", linewidth=0.8, linestyle=(0, (6, 3)), zorder=0)
    axes.annotate("a bit a position ", (ends[1], ends[1]), ha="right", va="bottom", fontsize=8, color="0.35")
    set_logarithmic(axes, "xy")
    axes.set_ylim(1, 4e10)
    axes.set_xlim(*ends)
    axes.set_xlabel("positions of the game, up to symmetry")
    axes.set_ylabel(f"shortest description\nat gain {LEVEL:g} (bits)")
    axes.grid(color="0.92", linewidth=0.6)
    marks = axes.secondary_yaxis("right")
    names = [f"{mark.short},\n{mark.detail}".replace("100,000", power_of_ten(1e5)) for mark in PAPER_MARKS]
    marks.set_yticks([mark.bits for mark in PAPER_MARKS], names)
    marks.minorticks_off()
    _, language, imagenet = marks.get_yticklabels()
    language.set_verticalalignment("bottom")
    imagenet.set_verticalalignment("top")
    for mark in PAPER_MARKS:
        axes.axhline(mark.bits, color="0.55", linewidth=0.7, linestyle=(0, (2, 3)), zorder=0)
    handles, labels = axes.get_legend_handles_labels()
    handles.append(Line2D([], [], color="0.3", marker="|", markersize=8, linestyle="none"))
    figure.legend(handles, [*labels, "up to: perfect play"], loc="outside lower center", ncols=4, columnspacing=1.2, handlelength=2.6)


def _games_in_words(curves: Sequence[tuple[Envelope, Record | None]]) -> str:
    """The family that panel B shows, or the game, or how many games."""
    games = [envelope.game for envelope, _ in curves]
    families = [family_of(game) for game in games]
    family = max(families, key=families.count)
    if families.count(family) > 1 or len(games) == 1:
        return NAMES.get(family, family)
    return f"{len(games)} games"


def _wrap(text: str, width: int = 50) -> str:
    """Text in lines of about `width` letters, MAX_LINES at most."""
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines if len(lines) <= MAX_LINES else [*lines[: MAX_LINES - 1], f"{lines[MAX_LINES - 1]} …"])
