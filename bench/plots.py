"""Figures: made for paper first (greyscale, labelled axes, no colour without a marker or a line style that says the same)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.curve import bits, bits_to, steps
from bench.store import Point, Record

FORMATS = ("png", "svg", "pdf")
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "gaincurve",
    "figure.dpi": 150,
}
# Colours of Okabe & Ito, told apart by people who see red and green alike, in an order of clearly different greys.
LOOKS = [
    ("#0072B2", "o", "-"), ("#E69F00", "s", "--"), ("#000000", "^", "-."), ("#CC79A7", "D", ":"), ("#009E73", "v", (0, (5, 1, 1, 1, 1, 1))),
    ("#D55E00", "P", (0, (1, 1))), ("#56B4E9", "X", (0, (8, 2))),
]  # fmt: skip
PAPER_MARKS = (  # Lillicrap & Kording (2019): what else is, or is not, described in so many bits
    ("human genome,\nupper limit", 6e9),
    ("human language,\n1.5 MB", 1.2e7),
    ("ImageNet network,\n10$^5$ weights of 32 bits", 3.2e6),
)
LEVEL = 0.9  # the gain at which panel C compares


def save_figure(figure: Figure, stem: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write a figure in several formats next to each other; the same figure gives the same files."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    written = []
    for name in formats:
        path = stem.with_suffix("." + name)
        with mpl.rc_context(STYLE):
            figure.savefig(path, metadata={"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[name], dpi=200)
        written.append(path)
    return written


def draw_figure_1(records: Sequence[Record]) -> Figure:
    """The three panels together, for a page of paper."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 10.2), layout="constrained")
        grid = figure.add_gridspec(3, 2, height_ratios=[1.0, 1.1, 1.35])
        rules_in_order(figure.add_subplot(grid[0, :]), records)
        gain_per_rule(figure.add_subplot(grid[1, 0]), records)
        residual_gain(figure.add_subplot(grid[1, 1]), records)
        axis_of_bits(figure.add_subplot(grid[2, :]), records)
        for axes, letter in zip(figure.axes, ("A", "B", "", "C"), strict=True):
            axes.set_title(letter, loc="left", fontweight="bold", fontsize=12)
    return figure


def draw_panels(records: Sequence[Record]) -> dict[str, Figure]:
    """The same panels one by one, for the screen: A, B and C."""
    with mpl.rc_context(STYLE):
        panels = {letter: Figure(figsize=(7.2, height), layout="constrained") for letter, height in (("A", 3.0), ("B", 3.3), ("C", 4.2))}
        rules_in_order(panels["A"].add_subplot(), records)
        left, right = panels["B"].subplots(1, 2)
        gain_per_rule(left, records)
        residual_gain(right, records)
        axis_of_bits(panels["C"].add_subplot(), records)
    return panels


def draw_gain_against_bits(game_id: str, curves: Mapping[str, Sequence[Point]], with_language: bool = False) -> Figure:
    """Gain against description length for every kind of policy on one game."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.6), layout="constrained")
        axes = figure.add_subplot()
        for (label, points), (colour, marker, line) in zip(curves.items(), _looks(len(curves)), strict=True):
            ordered = sorted((bits(point, with_language), point.gain) for point in points if bits(point, with_language) > 0)
            if ordered:
                axes.plot(*zip(*ordered, strict=True), color=colour, marker=marker, linestyle=line, markersize=4, linewidth=1.2, label=label)
        axes.set_xscale("log")
        axes.set_xlabel("description length of the policy" + (" and its language" if with_language else "") + " (bits)")
        axes.set_ylabel("gain (0 random, 1 perfect)")
        axes.axhline(1.0, color="0.6", linewidth=0.8)
        axes.set_title(game_id, loc="left")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def tictactoe_in_words(records: Sequence[Record]) -> Record | None:
    """The rule list on tic-tac-toe that was measured rule by rule for longest: what panel A shows."""
    lists = [record for record in records if record.cell.game == "tictactoe" and record.cell.learner == "rulelist" and record.points]
    return max(lists, key=lambda record: (sum(bool(p.explanation) for p in _one_by_one(record)), "words" in record.cell.label), default=None)


def added_rules(points: Sequence[Point]) -> list[str]:
    """For each point the rules that its list has and the previous point's list had not, in words."""
    before: set[str] = set()
    added = []
    for point in points:
        rules = [found.group(1) for line in point.explanation.splitlines() if (found := re.match(r"\s*\d+\.\s+(.*)", line))]
        rules = [re.sub(r"^(Play|Else play|Keep) a move that ", "", rule).rstrip(".") for rule in rules]
        added.append("; ".join(rule for rule in rules if rule not in before))
        before = set(rules)
    return added


def rules_in_order(axes: Axes, records: Sequence[Record]) -> None:
    """Panel A: tic-tac-toe, what each rule adds to the gain, in the order in which the rules were found."""
    record = tictactoe_in_words(records)
    if record is None:
        return _nothing(axes, "no rule list on tic-tac-toe has been measured")
    points = _one_by_one(record)
    labels = [f"{number}. {_wrap(text or '(rules rearranged)')}" for number, text in enumerate(added_rules(points), start=1)]
    gains = np.array([0.0, *(point.gain for point in points)])
    rows = np.arange(len(points))
    axes.barh(rows, np.diff(gains), left=gains[:-1], height=0.7, color="#56B4E9", edgecolor="black", linewidth=0.6)
    for row, (start, end) in enumerate(zip(gains[:-1], gains[1:], strict=True)):
        axes.text(max(start, end) + 0.008, row, f"{end - start:+.3f}", va="center", fontsize=8)
    axes.axvline(1.0, color="0.4", linewidth=0.8, linestyle=":")
    axes.set_yticks(rows, labels)
    axes.invert_yaxis()
    axes.set_xlim(min(0.0, gains.min()), 1.13)
    axes.set_xticks(np.arange(0, 1.01, 0.2))
    axes.set_xlabel(f"gain (0 random, 1 perfect); left after {len(points)} rules: {1 - gains[-1]:.3f}")
    axes.tick_params(axis="y", length=0)
    return None


def gain_per_rule(axes: Axes, records: Sequence[Record]) -> None:
    """Panel B, left: marginal gain per rule against the number of the rule, one line a game."""
    for record, (colour, marker, line) in _rule_curves(records):
        found = [step for step in steps(record.points) if step.gain_per_unit > 0]
        axes.plot([step.middle for step in found], [step.gain_per_unit for step in found], color=colour, marker=marker, linestyle=line,
                  markersize=3.5, linewidth=1.1, label=record.cell.game)  # fmt: skip
    _log_log(axes, "gain per rule (share of the way to perfect)")
    axes.legend(loc="lower left", handlelength=3.2)


def residual_gain(axes: Axes, records: Sequence[Record]) -> None:
    """Panel B, right: what is left to gain after so many rules; a list that becomes perfect ends in a cross on the lower edge."""
    floor = 1.0
    curves = [(record, look, [(s.last_unit, s.residual) for s in steps(record.points)]) for record, look in _rule_curves(records)]
    for record, (colour, marker, line), found in curves:
        left = [(unit, residual) for unit, residual in found if residual > 1e-12]
        if left:
            floor = min(floor, min(residual for _, residual in left))
            axes.plot(*zip(*left, strict=True), color=colour, marker=marker, linestyle=line, markersize=3.5, linewidth=1.1, label=record.cell.game)
    perfect = [(found[-1][0], look[0]) for _, look, found in curves if found and found[-1][1] <= 1e-12]
    for unit, colour in perfect:
        axes.plot([unit], [floor / 3], marker="x", markersize=7, color=colour, linestyle="none")
    _log_log(axes, "residual 1 − gain" + (" (× perfect)" if perfect else ""))


def axis_of_bits(axes: Axes, records: Sequence[Record]) -> None:
    """Panel C: bits to a gain of 0.9 against the number of positions, a column a game, a marker a kind of policy.

    Filled: the policy alone; the thin line above it ends where its language is counted too. Open: the gain was not reached
    with so many bits, the most that were tried.
    """
    shown = [record for record in records if record.points and record.cell.learner not in ("uniform", "optimal")]
    if not shown:
        return _nothing(axes, "nothing has been measured yet")
    kinds = list(dict.fromkeys(record.cell.label for record in shown))
    looks = dict(zip(kinds, _looks(len(kinds)), strict=True))
    games = {record.cell.game: record.n_positions for record in sorted(shown, key=lambda record: record.n_positions)}
    width = 0.028 * (np.log10(max(games.values())) - np.log10(min(games.values())) + 1)
    for record in shown:
        shift = 10 ** (width * (kinds.index(record.cell.label) - (len(kinds) - 1) / 2) / 1.6)
        x, (colour, marker, _) = record.n_positions * shift, looks[record.cell.label]
        n_bits = bits_to(record.points, LEVEL)
        if n_bits is None:
            most = max(point.policy_bits for point in record.points)
            axes.plot([x], [max(1, most)], marker=marker, markerfacecolor="white", markeredgecolor=colour, markersize=6, linestyle="none")
        else:
            axes.plot([x, x], [max(1, n_bits), bits_to(record.points, LEVEL, with_language=True) or n_bits], color=colour, linewidth=0.9)
            axes.plot([x], [max(1, n_bits)], marker=marker, color=colour, markersize=6, linestyle="none")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(1, 4e10)
    axes.set_xlim(min(games.values()) / 2.2, max(games.values()) * 2.2)
    axes.set_xlabel("positions of the game, up to symmetry")
    axes.set_ylabel(f"description length at gain {LEVEL:g} (bits)")
    axes.grid(axis="y", color="0.9", linewidth=0.6)
    for game, n_positions in games.items():
        axes.axvline(n_positions, color="0.9", linewidth=0.6, zorder=0)
        axes.text(n_positions, 2.5e10, game, rotation=90, ha="center", va="top", fontsize=8, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
    marks = axes.secondary_yaxis("right")
    marks.set_yticks([value for _, value in PAPER_MARKS], [text for text, _ in PAPER_MARKS])
    marks.minorticks_off()
    for label, place in zip(marks.get_yticklabels(), ("center", "bottom", "top"), strict=True):
        label.set_verticalalignment(place)
    for _, value in PAPER_MARKS:
        axes.axhline(value, color="0.55", linewidth=0.7, linestyle=(0, (2, 3)), zorder=0)
    handles = [Line2D([], [], color=looks[kind][0], marker=looks[kind][1], linestyle="none", markersize=6, label=kind) for kind in kinds]
    handles.append(Line2D([], [], color="0.3", marker="o", markerfacecolor="white", linestyle="none", markersize=6, label="gain not reached"))
    handles.append(Line2D([], [], color="0.3", linewidth=0.9, label="up to: language counted"))
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=4, columnspacing=1.2, handletextpad=0.5)
    return None


def _looks(n: int) -> list[tuple[str, str, object]]:
    return [LOOKS[i % len(LOOKS)] for i in range(n)]


def _rule_curves(records: Sequence[Record]) -> list[tuple[Record, tuple[str, str, object]]]:
    """One rule list a game, the one that goes furthest: Go by size of board, then tic-tac-toe for comparison."""
    best: dict[str, Record] = {}
    for record in records:
        if record.cell.learner == "rulelist" and record.points and (record.cell.game.startswith("go-") or record.cell.game == "tictactoe"):
            other = best.get(record.cell.game)
            if other is None or record.points[-1].size > other.points[-1].size:
                best[record.cell.game] = record
    ordered = sorted(best.values(), key=lambda record: (record.cell.game == "tictactoe", record.n_positions))
    return list(zip(ordered, _looks(len(ordered)), strict=True))


def _one_by_one(record: Record) -> list[Point]:
    """The first points of a curve, as long as each adds one unit of budget to the one before."""
    return [point for number, point in enumerate(record.points, start=1) if point.budget == number]


def _log_log(axes: Axes, label: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("number of rules")
    axes.set_ylabel(label)
    axes.grid(color="0.92", linewidth=0.6)


def _nothing(axes: Axes, reason: str) -> None:
    axes.set_axis_off()
    axes.text(0.5, 0.5, reason, ha="center", va="center", transform=axes.transAxes)


def _wrap(text: str, width: int = 46) -> str:
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
