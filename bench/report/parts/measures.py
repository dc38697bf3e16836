"""The same curves in every measure that a run recorded, and which conclusions survive them all.

Beside the measures of bench/report/parts/views.py stand the rates at which a policy loses (bench/report/parts/losses.py).
"""

import math
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from bench.curves.families import WRAPPERS, family_of
from bench.curves.figure1 import UNDRAWN, rank_of_list
from bench.harness.records import Record
from bench.report.blocks import Block, Column, Drawing, Filed, Section, Sentence, Series, Table, TableRow, words
from bench.report.parts.losses import LOSSES, NOTHING, about_list, about_losses, listed, loss_view, losses_of, losses_table
from bench.report.parts.views import View, about_growth, views_of
from bench.report.plots.axis import WIDTH
from bench.report.plots.style import LOOKS, STYLE, looks_of, set_logarithmic
from bench.report.run_data import Evidence, ids_of
from bench.report.tail_verdicts import Judged
from bench.tails.curves import curve_of_record
from bench.tails.verdict import tail_of
from bench.wording import count
from games.errors import UsageError

REGRET = "regret"  # the name of the view of bench/report/parts/views.py that gain is made of


def longest_lists(records: Sequence[Record]) -> list[Record]:
    """One curve a game: the plain rule list that goes furthest, else the curve of rules that does; planted and random games have none."""
    best: dict[str, Record] = {}
    for record in records:
        cell = record.cell
        if record.unit != "rules" or cell.learner in UNDRAWN or cell.game.startswith(WRAPPERS) or not record.points:
            continue
        other = best.get(cell.game)
        if other is None or rank_of_list(record) > rank_of_list(other):
            best[cell.game] = record
    return sorted(best.values(), key=lambda record: (family_of(record.cell.game), record.n_positions))


def all_views(record: Record, uniform: Record | None) -> list[View]:
    """The measures of bench/report/parts/views.py, and the loss rates, each where it was recorded at enough points."""
    return [*views_of(record, uniform), *(view for key in LOSSES if (view := loss_view(record, uniform, key)))]


def views_section(evidence: Evidence, judged: Sequence[Judged] = ()) -> Section:
    """How many units take half of each measure away, what the loss rates look like, and which conclusions hold in all measures.

    `judged`: tails of regret that were judged already.
    """
    title = "The same in other measures"
    lists = longest_lists(evidence.records)
    if not lists:
        return Section("measures", title, (words("No list of rules has been measured, so there is no curve to see in other measures."),))
    uniform = {record.cell.game: record for record in evidence.records if record.cell.learner == "uniform"}
    curves = [(record, all_views(record, uniform.get(record.cell.game))) for record in lists]
    blocks: list[Block] = [
        words(
            "The shape of a curve depends on its measure, so what is concluded from one is held against the others: what is left of the "
            "regret, of the missing bits, of the digits of the number of games that remain possible, and of the losses, each as a share of "
            "what random play leaves.",
            is_note=True,
        ),
        words(*about_measures(curves), *about_tails(lists, judged), *about_losses(evidence.records), is_list=True),
    ]
    blocks += [Filed(_table(curves)), Filed(losses_table(evidence.records))]
    return Section("measures", title, tuple(blocks), short="Measures")


def views_of_game(evidence: Evidence, game: str) -> list[Block]:
    """What is left of one game in every measure, along its longest list, and how often that loses; empty where only one was recorded."""
    records = evidence.of_game(game)
    uniform = next((record for record in records if record.cell.learner == "uniform"), None)
    drawn = [
        (record, views) for record in longest_lists(records) if len(views := all_views(record, uniform)) > 1 and len(record.points) > 1
    ]
    if not drawn:
        return []
    caption = Sentence("What is left in each measure, as a share of what random play leaves. A cross stands for nothing left.")
    series = tuple(
        Series(view.name, tuple(size for size, _ in view.left), tuple(share for _, share in view.left))
        for _, views in drawn
        for view in views
    )
    cells = ids_of([record for record, _ in drawn])
    losses = [about_list(each) for each in losses_of(records) if each.record.cell_id in cells]
    drawing = Drawing(f"measures-{game}", f"{game}: what is left in each measure", draw_views(drawn), series, (caption,), cells)
    return [*([words(*losses, is_list=True)] if losses else []), drawing]


def about_measures(curves: Sequence[tuple[Record, list[View]]]) -> list[Sentence]:
    """Which measure falls to half first, and in which measures the units to half grow with the size of a family's games."""
    said = []
    halves = [(record, {view.name: view.half for view in views}) for record, views in curves]
    for other in dict.fromkeys(name for _, half in halves for name in half if name != REGRET):
        both = [(record, half) for record, half in halves if other in half]
        later = [record.cell.game for record, half in both if _units(half[other]) > _units(half[REGRET])]
        earlier = [record.cell.game for record, half in both if _units(half[other]) < _units(half[REGRET])]
        said.append(
            Sentence(
                f"Along the longest rule list of each game, half of the {other} takes more units than half of the {REGRET} "
                f"on {len(later):,} of {count(len(both), 'game')}"
                + (f" ({listed(later)})" if later else "")
                + (f", fewer on {listed(earlier)}" if earlier else "")
                + ".",
                ids_of([record for record, _ in both]),
            )
        )
    for family in dict.fromkeys(family_of(record.cell.game) for record, _ in curves):
        of_family = [(record, views) for record, views in curves if family_of(record.cell.game) == family]
        growth = about_growth([(record.cell.game, record.n_positions, views) for record, views in of_family])
        if growth:
            text = f"{family}, along the longest rule lists: {growth[0].lower()}{growth[1:]}"
            said.append(Sentence(text, ids_of([record for record, _ in of_family])))
    return said


def _units(half: int | None) -> float:
    return math.inf if half is None else half


def about_tails(lists: Sequence[Record], judged: Sequence[Judged] = ()) -> list[Sentence]:
    """Whether the verdict on the tail of regret is also that on the tail of exceptions, list by list."""
    known = {cell: one.tail.verdict for one in judged if one.tail and not one.is_pooled for cell in one.cells}
    both: dict[str, tuple[Record, str, str]] = {}
    for record in lists:
        try:
            regret = known.get(record.cell_id) or tail_of(curve_of_record(record)).verdict
            both[record.cell.game] = record, regret, tail_of(curve_of_record(record, "exceptions")).verdict
        except UsageError:  # a curve of one size in either measure, or without exceptions
            continue
    if not both:
        return []
    differing = [f"{game} ({regret} in regret, {other} in exceptions)" for game, (_, regret, other) in both.items() if regret != other]
    n_same = len(both) - len(differing)
    same = f"The verdict on the fitted tail of the longest rule list is the same for regret and for bits of exceptions on {n_same:,} of "
    end = f"; it is not on {listed(differing)}." if differing else "."
    return [Sentence(f"{same}{count(len(both), 'game')}{end}", ids_of([record for record, _, _ in both.values()]))]


def draw_views(curves: Sequence[tuple[Record, list[View]]]) -> Figure:
    """A panel a game: the share that is left in each measure against the number of units, on semi-log axes, or log-log where many."""
    names = list(dict.fromkeys(view.name for _, views in curves for view in views))
    looks = looks_of(names)
    n_columns = min(2, len(curves))
    n_rows = -(-len(curves) // n_columns)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 0.9 + 2.0 * n_rows), layout="constrained")
        grid = figure.subplots(n_rows, n_columns, squeeze=False)
        for axes in grid.flat[len(curves) :]:
            axes.set_axis_off()
        for axes, (record, views) in zip(grid.flat, curves, strict=False):
            floor = min((share for view in views for _, share in view.left if share > NOTHING), default=0.1) / 2
            for view in views:
                end = next((i for i, (_, share) in enumerate(view.left) if share <= NOTHING), None)
                shown = view.left if end is None else view.left[: end + 1]
                look = looks[view.name] | {"markersize": 2.8, "linewidth": 1.0}
                axes.plot(
                    [size for size, _ in shown], [max(floor, share) for _, share in shown], markevery=max(1, len(shown) // 10), **look
                )
                if end is not None:
                    axes.plot([shown[-1][0]], [floor], marker="x", color=look["color"], markersize=6)
            set_logarithmic(axes, "xy" if record.points[-1].size > len(LOOKS) * 4 else "y")
            if axes.get_xscale() == "linear":
                axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.set_title(record.cell.game, loc="left", fontsize=9)
            axes.set_xlabel(record.unit)
            axes.grid(color="0.92", linewidth=0.6)
        for row in grid:
            row[0].set_ylabel("share that is left")
        handles = [Line2D([], [], label=name, **(looks[name] | {"markersize": 2.8, "linewidth": 1.0})) for name in names]
        figure.legend(handles=handles, loc="outside lower center", ncols=1, handlelength=3.2)
    return figure


def _table(curves: Sequence[tuple[Record, list[View]]]) -> Table:
    names = list(dict.fromkeys(view.name for _, views in curves for view in views))
    columns = [Column("game", "game", is_text=True), Column("curve", "curve", is_text=True), Column("largest", "largest size", "unit")]
    for name in names:
        key = name.replace(" ", "_")
        columns += [Column(f"half_{key}", f"units to half of the {name}", "measures")]
        columns += [Column(f"left_{key}", "left at the largest", "measures", ".2%", is_below=True)]
    rows = []
    for record, views in curves:
        by_name = {view.name: (view.half, view.left[-1][1]) for view in views}
        numbers = [number for name in names for number in by_name.get(name, (None, None))]
        rows.append(TableRow((record.cell.game, record.cell.label, record.points[-1].size, *numbers), record.cell_id))
    note = "Of the longest list of each game. Shares are of what random play leaves. A dash: never half, or not recorded at every size."
    return Table("measures", "Units to half, in every measure", tuple(columns), tuple(rows), note)
