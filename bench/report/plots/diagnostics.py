"""Figures of what a network does and how it was trained, in the style of bench/report/plots/style.py."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from bench.report.plots.style import STYLE, looks_in_order
from games.arrays import Float64s
from policies.networks.diagnostics import N_BINS, Filter
from policies.networks.forward import GRID

if TYPE_CHECKING:
    from policies.networks.training_log import Log

MAX_DRAWN = 24  # units whose filters, and whose worth, are drawn
A_ROW = 16  # pictures side by side, at most


def draw_filters(filters: Sequence[Filter], title: str) -> Figure:
    """Hinton diagrams: a square's area is a weight's size, its colour the sign; one board for each content of a cell."""
    shown = filters[:MAX_DRAWN]
    n_columns = max(1, min(4, A_ROW // max((len(each.pictures) + bool(len(each.rest)) for each in shown), default=1)))
    n_rows = -(-len(shown) // n_columns)
    largest = max((float(np.abs(picture).max()) for each in shown for picture in each.pictures.values()), default=0.0) or 1.0
    with mpl.rc_context(STYLE):
        height = 0.5 + n_rows * (0.45 + 6.4 / n_columns * _shape(shown))
        figure = Figure(figsize=(7.2, height), layout="constrained")
        grid = figure.subplots(n_rows, n_columns, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for axes, each in zip(grid.flat, shown, strict=False):
            _hinton(axes, each, largest)
        left_out = f"; the first {len(shown)} of {len(filters)}" if len(shown) < len(filters) else ""
        figure.suptitle(f"{title}{left_out}\nweights: white above 0, black below; the largest is {largest:.3g}", fontsize=9)
    return figure


def _shape(filters: Sequence[Filter]) -> float:
    """The height of a unit's pictures over their width, all together."""
    pictures = list(filters[0].pictures.values()) if filters else []
    return max(0.3, max(p.shape[0] for p in pictures) / sum(p.shape[1] + 1 for p in pictures)) if pictures else 1.0


def _hinton(axes: Axes, each: Filter, largest: float) -> None:
    left = 0.0
    rest = {"off": each.rest[:, None]} if len(each.rest) else {}
    for name, picture in {**each.pictures, **rest}.items():
        rows, columns = picture.shape
        draw_squares(axes, picture, (left, 0.0), 1.0, largest)
        axes.text(left + columns / 2, rows + 0.15, name, ha="center", va="top", fontsize=6.5)
        left += columns + 0.3
    axes.set(xlim=(-0.8, left + 0.5), ylim=(max(p.shape[0] for p in each.pictures.values()) + 1.0, -0.1), aspect="equal")
    axes.set_title(each.name, fontsize=8, pad=3)


def draw_squares(axes: Axes, picture: Float64s, corner: tuple[float, float], cell: float, largest: float) -> None:
    """One Hinton diagram with its upper left corner at a place: white squares above 0, black below, of `cell` at the largest weight."""
    rows, columns = picture.shape
    axes.add_patch(Rectangle(corner, cell * columns, cell * rows, facecolor="0.65", edgecolor="0.3", linewidth=0.5))
    for (row, column), weight in np.ndenumerate(picture):
        side = 0.95 * np.sqrt(min(1.0, abs(weight) / largest))
        left, top = corner[0] + cell * (column + (1 - side) / 2), corner[1] + cell * (row + (1 - side) / 2)
        axes.add_patch(Rectangle((left, top), cell * side, cell * side, facecolor="white" if weight > 0 else "black", edgecolor="none"))


def draw_sensitivity(shares: Float64s, shape: tuple[int, int] | None, title: str) -> Figure:
    """How often the choice hangs on each cell: a board, darker for more often; other cells below it, or all as bars without a board."""
    n_board = shape[0] * shape[1] if shape else 0
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.6, 3.4), layout="constrained")
        axes = figure.subplots()
        if shape is None:
            axes.bar(np.arange(1, len(shares) + 1), shares, color="0.6", edgecolor="black", linewidth=0.6)
            axes.set(xlabel="cell", ylabel="share of positions whose choice hangs on it", xticks=np.arange(1, len(shares) + 1))
        else:
            board = shares[:n_board].reshape(shape)
            most = max(float(board.max()), 1e-9)
            axes.imshow(board, cmap="Greys", vmin=0, vmax=1.4 * most)
            for (row, column), share in np.ndenumerate(board):
                axes.text(column, row, f"{share:.1%}", ha="center", va="center", color="white" if share > 0.85 * most else "black")
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
            others = ", ".join(f"cell {n_board + 1 + i}: {share:.1%}" for i, share in enumerate(shares[n_board:]))
            axes.set_xlabel(f"off the board: {others}" if others else "")
        axes.set_title(title)
    return figure


def draw_units(names: Sequence[str], losses: Float64s, gains: Sequence[float], title: str) -> Figure:
    """Left the gain lost without each unit alone, the largest first; right the gain as units are removed in the greedy order, if given."""
    order = np.argsort(-losses, kind="stable")[:MAX_DRAWN]
    with mpl.rc_context(STYLE):
        n_panels = 2 if len(gains) else 1
        figure = Figure(figsize=(3.6 * n_panels, max(2.4, 0.9 + 0.16 * len(order))), layout="constrained")
        left, *others = figure.subplots(1, n_panels, squeeze=False)[0]
        left.barh(np.arange(len(order)), losses[order], color="#56B4E9", edgecolor="black", linewidth=0.6)
        left.set_yticks(np.arange(len(order)), [names[i] for i in order])
        left.invert_yaxis()
        left.axvline(0, color="black", linewidth=0.6)
        left_out = f", {len(order)} of {len(names)}" if len(order) < len(names) else ""
        left.xaxis.set_major_locator(MaxNLocator(5))
        left.set(xlabel="gain lost without it", ylabel=f"unit{left_out}")
        for right in others:
            look = looks_in_order(["gain"])["gain"]
            right.plot(np.arange(len(gains)), gains, markersize=3.5, linewidth=1.1, **look)
            right.set(xlabel="units removed, least missed first", ylabel="gain left")
            right.grid(color="0.92", linewidth=0.6)
        figure.suptitle(title, fontsize=10)
    return figure


def draw_activity(histogram: Float64s, title: str) -> Figure:
    """How large the activations of each hidden layer are over all positions: [n_hidden_layers, N_BINS]."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.6, 2.8), layout="constrained")
        axes = figure.subplots()
        names = [f"layer {i + 1}" for i in range(len(histogram))]
        for name, look in looks_in_order(names).items():
            axes.plot(np.arange(N_BINS), histogram[names.index(name)], label=name, markersize=3.5, linewidth=1.1, **look)
        first = round(np.log2(GRID))
        at = [place for place in range(1, N_BINS) if (place - 1 + first) % 4 == 0]
        axes.set_xticks([0, *at], ["0", *(f"$2^{{{place - 1 + first}}}$" for place in at)])
        axes.set(xlabel="size of an activation, from this to twice it", ylabel="share of positions and units", title=title)
        axes.legend()
    return figure


def draw_loss(log: "Log", title: str) -> Figure:
    """Left the loss of every network that was trained, and their mean; right the size of the gradients of each layer."""
    loss = np.array(log.loss)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 2.8), layout="constrained")
        left, right = figure.subplots(1, 2)
        smooth = _smooth(loss)
        left.plot(smooth, color="0.75", linewidth=0.6)
        left.plot(smooth.mean(axis=1), color="black", linewidth=1.2, label=f"mean of {loss.shape[1]} starts")
        left.set(xlabel="step", ylabel="loss, running mean", yscale="log")
        left.legend()
        gradient = _smooth(np.array(log.gradient))
        names = [f"layer {i + 1}" for i in range(gradient.shape[1])]
        for i, (name, look) in enumerate(looks_in_order(names).items()):
            right.plot(gradient[:, i], color=look["color"], linestyle=look["linestyle"], linewidth=1.1, label=name)
        right.set(xlabel="step", ylabel="root mean square of gradients", yscale="log")
        right.legend()
        figure.suptitle(title, fontsize=10)
    return figure


def draw_moments(log: "Log", title: str) -> Figure:
    """A row a layer: the density of activations and of gradients at a few steps of the training, as histograms give it."""
    n_layers = max((max(len(moment.activations), len(moment.gradients)) for moment in log.moments), default=1)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 0.7 + 1.7 * n_layers), layout="constrained")
        grid = figure.subplots(n_layers, 2, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        looks = looks_in_order(f"step {moment.step}" for moment in log.moments)
        for moment, (name, look) in zip(log.moments, looks.items(), strict=True):
            for side, parts in enumerate((moment.activations, moment.gradients)):
                for layer, part in enumerate(parts):
                    axes = grid[layer, side]
                    axes.set_axis_on()
                    line = {"color": look["color"], "linestyle": look["linestyle"], "linewidth": 1.1}
                    density = part.counts / part.counts.sum() / np.diff(part.edges)
                    there = density > 0
                    axes.plot(((part.edges[1:] + part.edges[:-1]) / 2)[there], density[there], label=name, **line)
                    axes.xaxis.set_major_locator(MaxNLocator(5))
                    axes.set(yscale="log", xlabel=f"{('activations', 'gradients')[side]} of layer {layer + 1}")
        for axes in grid[:, 0]:
            axes.set_ylabel("density")
        figure.legend(*grid[0, 1].get_legend_handles_labels(), loc="outside lower center", ncols=len(looks), handlelength=3.2)
        figure.suptitle(title, fontsize=10)
    return figure


def _smooth(values: Float64s) -> Float64s:
    """Running means over a fiftieth of the rows."""
    width = max(1, len(values) // 50)
    ends = np.cumsum(np.vstack([np.zeros((1, values.shape[1])), values]), axis=0)
    means: Float64s = (ends[width:] - ends[:-width]) / width
    return means
