"""Figure 1 of the paper (Lillicrap & Kording 2019) as it was measured, panel by panel."""

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from bench.curves.curve import PERFECT, steps
from bench.curves.envelope import drawn_in_panel_b, hull_steps
from bench.curves.figure1 import LEVEL, PAPER_MARKS, SEARCHES, added_rules, growing, numbers_of, shortest_at_level, tictactoe_in_concepts
from bench.curves.proved import band_of
from bench.harness.records import Record
from bench.report.plots.band import SHADE, draw_band
from bench.report.plots.style import CONTROL_LOOKS, STYLE, THIN, looks_of, power_of_ten, set_logarithmic
from bench.scaling.axis import family_of, is_control

BOLD: Any = {"markersize": 3.5, "linewidth": 1.5}  # envelopes
LIST: Any = {"linewidth": 0.8, "linestyle": "-", "zorder": 1}  # nested lists of single atoms


def draw_figure_1(records: Sequence[Record]) -> Figure:
    """The three panels together, for a page of paper."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, sum(HEIGHTS.values())), layout="constrained")
        parts: Any = figure.subfigures(len(PANELS), 1, height_ratios=list(HEIGHTS.values()))
        for part, (letter, draw) in zip(parts, PANELS.items(), strict=True):
            draw(part, records)
            part.suptitle(f"{letter}   {TITLES[letter]}", x=0.01, ha="left", fontweight="bold", fontsize=10)
    return figure


def draw_panels(records: Sequence[Record]) -> dict[str, Figure]:
    """The same panels one by one, for the screen: A, B and C."""
    panels = {}
    with mpl.rc_context(STYLE):
        for letter, draw in PANELS.items():
            panels[letter] = Figure(figsize=(7.2, HEIGHTS[letter]), layout="constrained")
            draw(panels[letter], records)
    return panels


def rules_in_order(figure: FigureBase, records: Sequence[Record]) -> None:
    """Panel A: tic-tac-toe, what each rule adds to the gain, in the order in which the rules were found."""
    axes = figure.subplots()
    record = tictactoe_in_concepts(records)
    if record is None:
        return _nothing(axes, "no rule list on tic-tac-toe has been measured")
    points = growing(record)
    numbered = zip(numbers_of(points), added_rules(points), strict=True)
    labels = [f"{number}. {_wrap(text or '(rules rearranged)')}" for number, text in numbered]
    gains = np.array([0.0, *(point.gain for point in points)])
    rows = np.arange(len(points))
    axes.barh(rows, np.diff(gains), left=gains[:-1], height=0.7, color="#56B4E9", edgecolor="black", linewidth=0.6)
    unbeaten = next((row for row, point in enumerate(points) if point.is_proved("never_loses")), None)
    for row, step in enumerate(np.diff(gains)):
        axes.text(1.02, row, f"{step:+.3f}" + (" never loses" if row == unbeaten else ""), va="center", fontsize=8)
    axes.barh([len(points)], [1 - gains[-1]], left=[gains[-1]], height=0.7, color="white", edgecolor="black", linewidth=0.6, hatch="////")
    axes.text(1.02, len(points), f"{1 - gains[-1]:.3f}", va="center", fontsize=8)
    axes.set_yticks(np.arange(len(points) + 1), [*labels, "left to perfect play"])
    axes.invert_yaxis()
    axes.set_xlim(min(0.0, gains.min()), 1.0)
    axes.set_xlabel("gain (0 random, 1 perfect)")
    axes.tick_params(axis="y", length=0)
    return None


def best_in_go(figure: FigureBase, records: Sequence[Record]) -> None:
    """Panel B: what the best policies known gain with each further unit (left) and leave (right); thin, a nested list of single atoms.

    Only in a nested list is the k-th rule added to the k - 1 rules before it: thin on the left, the gain of each rule. The best policy of a
    size need not contain the best smaller one. So the left panel draws the slope of the envelope's convex hull, the gain per unit of the
    best policies; it falls by construction. Shaded, of lists of single atoms: from what each is proved to leave to what the best one found
    leaves.
    """
    curves = drawn_in_panel_b(records)
    looks = looks_of([envelope.game for envelope, _ in curves])
    left, right = figure.subplots(1, 2)
    if not curves:
        right.set_axis_off()
        return _nothing(left, "no policy of rules, weights or leaves has been measured")
    lists = [plain for _, plain in curves if plain is not None]
    known = [1.0 - policy.gain for envelope, _ in curves for policy in envelope.best] + [1.0 - p.gain for r in lists for p in r.points]
    floor = min((left for left in known if left > PERFECT), default=1.0) / 4
    for envelope, plain in curves:
        color = looks[envelope.game]["color"]
        look = looks[envelope.game] | BOLD
        if plain is not None:
            found = steps(plain.points)
            gaining = [step for step in found if step.gain_per_unit > 0]
            left.plot([step.middle for step in gaining], [step.gain_per_unit for step in gaining], color=color, **LIST)
            lacking = [step for step in found if step.residual > PERFECT]
            right.plot([step.last_unit for step in lacking], [step.residual for step in lacking], color=color, **LIST)
        slopes = hull_steps(envelope)
        left.plot([step.middle for step in slopes], [step.gain_per_unit for step in slopes], label=envelope.game, **look)
        lacking_sizes = [policy.size for policy in envelope.best if policy.gain < 1.0 - PERFECT]
        residuals = [1.0 - policy.gain for policy in envelope.best if policy.gain < 1.0 - PERFECT]
        right.plot(lacking_sizes, residuals, **look)
        if (band := band_of(envelope.game, records)) is not None:
            draw_band(right, band, color, floor)
        if envelope.best[-1].gain >= 1.0 - PERFECT:
            right.plot([envelope.best[-1].size], [floor], marker="x", markersize=7, color=color, clip_on=False)
    for axes, label in ((left, "gain per unit"), (right, "residual, 1 - gain")):
        set_logarithmic(axes, "xy")
        axes.set_xlabel("rules, weights or leaves")
        axes.set_ylabel(label)
        axes.grid(color="0.92", linewidth=0.6)
    _legend_of_panel_b(figure, left, has_lists=bool(lists), has_bands=any(band_of(envelope.game, records) for envelope, _ in curves))
    return None


def _legend_of_panel_b(figure: FigureBase, axes: Axes, has_lists: bool, has_bands: bool) -> None:
    """The games, then what thin lines, shades and crosses mean."""
    handles, labels = axes.get_legend_handles_labels()
    if has_lists:
        handles.append(Line2D([], [], color="0.4", **LIST))
        labels.append("thin: a list of single atoms")
    if has_bands:
        handles.append(Patch(color="0.5", alpha=SHADE, linewidth=0))
        labels.append("such lists: proved to best found")
    handles.append(Line2D([], [], color="0.4", linestyle="none", marker="x", markersize=7))
    labels.append("nothing is left")
    figure.legend(handles, labels, loc="outside lower center", ncols=4, handlelength=3.2, columnspacing=1.4)


def axis_of_bits(figure: FigureBase, records: Sequence[Record]) -> None:
    """Panel C: bits of the shortest policy of each game at a gain of 0.9, against its positions, a line a family.

    The thin line above a marker ends where that game's shortest policy and its exceptions, which play perfectly, are.
    """
    axes = figure.subplots()
    best = shortest_at_level(records)
    if not best:
        return _nothing(axes, f"no policy that gains {LEVEL:g} has been measured yet")
    families: dict[str, list[tuple[int, int, int]]] = {}
    for game, (n_bits, record) in best.items():
        others = (other for other in records if other.cell.game == game and other.cell.learner not in SEARCHES)
        lengths = [point.codelength for other in others for point in other.points]
        codelength = min((length for length in lengths if length is not None), default=n_bits)
        families.setdefault(family_of(game), []).append((record.n_positions, max(1, n_bits), max(1, codelength)))
    looks = looks_of(family for family in families if not is_control(family))
    named = set()
    for family, games in families.items():
        positions, bits, perfect = zip(*sorted(games), strict=True)
        kind = family.partition("-")[0]
        look = looks[family] if family in looks else CONTROL_LOOKS.get(kind, CONTROL_LOOKS["random"])
        label = family if family in looks else f"{kind} (control)"
        axes.plot(positions, bits, label=None if label in named else label, **(THIN | look))
        axes.vlines(positions, bits, perfect, color=look["color"], linewidth=0.6)
        named.add(label)
    decades = np.log10([record.n_positions for _, record in best.values()])
    ends = np.array([10 ** (decades.min() - 0.4), 10 ** (decades.max() + 0.4)])
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
    order = sorted(range(len(labels)), key=lambda place: "(control)" in labels[place])
    handles = [*(handles[place] for place in order), Line2D([], [], color="0.3", marker="|", markersize=8, linestyle="none")]
    figure.legend(
        handles,
        [*(labels[place] for place in order), "up to: perfect play"],
        loc="outside lower center",
        ncols=4,
        columnspacing=1.2,
        handlelength=2.6,
    )
    return None


PANELS: dict[str, Callable[[FigureBase, Sequence[Record]], None]] = {"A": rules_in_order, "B": best_in_go, "C": axis_of_bits}
HEIGHTS = {"A": 2.9, "B": 3.5, "C": 4.3}  # inches
TITLES = {
    "A": "Tic-tac-toe: what each rule adds",
    "B": "Go: what the best policies known gain and leave",
    "C": f"The axis: bits to a gain of {LEVEL:g}",
}


def _nothing(axes: Axes, reason: str) -> None:
    axes.set_axis_off()
    axes.text(0.5, 0.5, reason, ha="center", va="center", transform=axes.transAxes)


def _wrap(text: str, width: int = 50) -> str:
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
