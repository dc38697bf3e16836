"""Figure 2 of the paper (Lillicrap & Kording 2019) as it was measured: what a policy is learned by, what comes of it, and what it takes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from bench.curves.recipe_parts import PARTS
from bench.report.plots.journal import MM, PRINT, WIDE, is_wide, shades

BAR = 0.32  # height of a bar, in rows
ROW, LINE = 0.34, 0.16  # inches of a row, and of its words above it on narrow paper
UNSPLIT = "not split"
COLORS = {**dict(zip(PARTS, shades(len(PARTS) + 1)[:-1], strict=True)), UNSPLIT: "0.85"}
PRODUCT: Any = {"facecolor": "black", "linewidth": 0}
COLUMNS = ("gain", "to learn", "to play (op)")


class Row(NamedTuple):
    """A learned policy: its recipe by part (UNSPLIT where it is known as a whole only, empty where it is not), its product and its work."""

    name: str
    recipe: Mapping[str, int]  # bits
    product: int  # bits, of the seed in the middle
    products: tuple[int, int]  # the least and the most of any seed
    gain: float
    fit_seconds: float
    operations: float  # mean a decision


def draw_figure_2(rows: Sequence[Row], width: float = WIDE) -> Figure | None:
    """Recipe above product for each policy, on one axis of bits from 0 on, with gain and work beside; None without a policy."""
    if not rows:
        return None
    with mpl.rc_context(PRINT):
        row_height = ROW if is_wide(width) else ROW + LINE
        figure = Figure(figsize=(width * MM, 1.35 + row_height * len(rows)), layout="constrained")
        if is_wide(width):
            bars, said = figure.subplots(1, 2, sharey=True, width_ratios=(1.8, 1))
            _write(said, -1, *COLUMNS)
            said.set_axis_off()
            bars.set_yticks(range(len(rows)), [row.name for row in rows])
            bars.tick_params(axis="y", length=0)
        else:
            bars = figure.subplots()
            bars.set_yticks([])
        for number, row in enumerate(rows):
            _draw_bars(bars, number, row)
            work = f"{row.gain:.3f}", _seconds(row.fit_seconds), f"{row.operations:,.0f}"
            if is_wide(width):
                _write(said, number, *work)
            else:
                text = f"{row.name}: {COLUMNS[0]} {', '.join(work)} op"
                bars.annotate(text, (0, number - BAR), (0, 1), textcoords="offset points", va="bottom")
        first = -1.4 if is_wide(width) else -0.95
        bars.set_ylim(len(rows) - 0.4, first)
        bars.spines["left"].set_bounds(len(rows) - 0.4, -0.5)
        bars.set_xlim(left=0)
        bars.set_xlabel("kilobits")
        shown = [part for part in COLORS if any(row.recipe.get(part) for row in rows)]
        handles = [Patch(facecolor=COLORS[part], edgecolor="black", linewidth=0.4, label=part) for part in shown]
        place: Any = {"loc": "outside lower center", "ncols": 3, "handlelength": 1.2, "columnspacing": 0.9, "handletextpad": 0.4}
        figure.legend(handles=[*handles, Patch(label="product", **PRODUCT)], **place)
    return figure


def _draw_bars(axes: Axes, number: int, row: Row) -> None:
    """The parts of the recipe, one right of the other, and below it the product with the reach of its seeds."""
    left, above, below = 0.0, number - BAR / 2, number + BAR / 2
    for part, bits in row.recipe.items():
        axes.barh(above, bits / 1000, BAR, left=left, facecolor=COLORS[part], edgecolor="black", linewidth=0.4)
        left += bits / 1000
    if not row.recipe:
        axes.annotate("recipe not recorded", (0, above), (3, 0), textcoords="offset points", va="center")
    axes.barh(below, row.product / 1000, BAR, **PRODUCT)
    low, high = (bits / 1000 for bits in row.products)
    if high > low:
        axes.plot([low, high], [below, below], color="0.6", linewidth=0.8, marker="|", markersize=3)
    axes.annotate(f"{row.product / 1000:,.3g}", (max(high, row.product / 1000), below), (3, 0), textcoords="offset points", va="center")


def _write(axes: Axes, row: int, *texts: str) -> None:
    """A row of the columns beside the bars, aligned right."""
    for place, text in enumerate(texts, start=1):
        axes.text(place / len(texts), row, text, ha="right", va="center")


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.2f} s" if seconds >= 0.01 else "< 0.01 s"
