"""Figure of a soft tree: its gates as boards of weights, its leaves as boards of preferred moves, and how many positions come where."""

from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bench.measures.soft_tree import SoftTree
from bench.report.plots.diagnostics import draw_squares
from bench.report.plots.journal import MM, PRINT, SMALL, WIDE
from games.arrays import Float64s
from games.errors import UsageError
from policies.networks.diagnostics import Filter, Probe, filters
from policies.networks.layers import action_places

MAX_LEVELS = 3  # that are drawn: 8 leaves stand side by side in print
LINE = 3.0  # mm, of text
HEAD = 2 * LINE  # of the lines above a board
GAP = 9.0  # between levels
TOP = 12.0  # for the title
CELL = 3.6  # the largest cell of a board
RANKED = 3  # moves of a leaf that are numbered, of those on a board


class Place(NamedTuple):
    """The middle of a node, and its upper edge, in mm from the upper left corner."""

    x: float
    y: float


def draw_soft_tree(probe: Probe) -> Figure:
    """The tree down to MAX_LEVELS, where deeper ones have the mean of the leaves below. Raises UsageError for a game without a board.

    Squares as in `draw_filters`: white sends right, black left, the area is the weight. In a leaf, cells are darker the better their moves,
    and the best are numbered. Beside each line stands the share of the positions whose path it is.
    """
    tree, board = SoftTree(probe.policy, probe.task), probe.task.game.board
    if board is None:
        raise UsageError(f"{probe.task.game.id} has no board to draw a tree on: the filters show its weights")
    depth = min(tree.n_levels, MAX_LEVELS)
    gates, slot = filters(probe)[: (1 << depth) - 1], WIDE / (1 << depth)
    n_boards = max((len(each.pictures) for each in gates), default=1)
    cell = min(CELL, 0.9 * slot / (board.columns * 1.15), 1.8 * slot / ((board.columns + 1) * n_boards))
    height = HEAD + cell * board.rows + LINE
    total = TOP + (depth + 1) * height + depth * GAP + 2 * LINE
    weights, biases, _ = tree.matrices
    largest = float(np.abs(weights[: len(gates)]).max(initial=0.0)) or 1.0
    with mpl.rc_context(PRINT):
        figure = Figure(figsize=(WIDE * MM, total * MM))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDE), ylim=(total, 0), aspect="equal")
        axes.set_axis_off()
        design = probe.policy.design
        left_out = f", the first {depth}, with means of the leaves below" if depth < design.size else ""
        title = f"soft tree of {design.size} levels{left_out}, on {probe.task.game.id}"
        axes.text(WIDE / 2, 1.5, title, ha="center", va="top", fontsize=SMALL + 1)
        told = (
            "gates: white squares send right, black ones left; goes right if their sum and the bias are above 0; leaves: best moves first"
        )
        axes.text(WIDE / 2, 6.5, told, ha="center", va="top", fontsize=SMALL)
        places = [_place(node, depth, height) for node in range((2 << depth) - 1)]
        _lines(axes, tree, places, depth, height)
        for number, gate in enumerate(gates):
            _gate(axes, gate, float(biases[number]), places[number], cell, largest)
        scores = tree.node_scores(depth)
        for leaf in range(1 << depth):
            _leaf(axes, probe, scores[:, leaf], places[len(gates) + leaf], cell)
    return figure


def _place(node: int, depth: int, height: float) -> Place:
    level = (node + 1).bit_length() - 1
    column = node - ((1 << level) - 1)
    return Place((column + 0.5) * WIDE / (1 << level), TOP + level * (height + GAP))


def _lines(axes: Axes, tree: SoftTree, places: list[Place], depth: int, height: float) -> None:
    """A line to each child, with the share of the positions that take it."""
    weight = tree.task.weights[tree.task.graph.positions]
    for level in range(1, depth + 1):
        shares = np.bincount(tree.node(level), weight, minlength=(2 << level) - 1)
        for node in range((1 << level) - 1, (2 << level) - 1):
            parent, child = places[(node - 1) // 2], places[node]
            start, end = parent.y + height + 0.3, child.y + (LINE if level == depth else 0) - 0.3
            axes.plot([parent.x, child.x], [start, end], color="0.3", linewidth=0.7, solid_capstyle="butt")
            side = -1 if node % 2 else 1
            middle = (0.35 * parent.x + 0.65 * child.x, 0.35 * start + 0.65 * end)
            axes.text(
                middle[0] + side * 1.0, middle[1], f"{shares[node]:.0%}", ha="right" if side < 0 else "left", va="bottom", fontsize=SMALL
            )


def _gate(axes: Axes, gate: Filter, bias: float, place: Place, cell: float, largest: float) -> None:
    rows, columns = next(iter(gate.pictures.values())).shape
    width = len(gate.pictures) * columns * cell + (len(gate.pictures) - 1) * cell
    name = gate.name.replace("node", "gate")
    axes.text(place.x, place.y, f"{name}, bias {bias:+.2f}", ha="center", va="top", fontsize=SMALL)
    for number, (content, picture) in enumerate(gate.pictures.items()):
        left = place.x - width / 2 + number * (columns + 1) * cell
        draw_squares(axes, picture, (left, place.y + HEAD), cell, largest)
        axes.text(left + columns * cell / 2, place.y + HEAD - 0.4, content, ha="center", va="bottom", fontsize=SMALL)
    if len(gate.rest):
        told = "off the board " + " ".join(f"{weight:+.2f}" for weight in gate.rest)
        axes.text(place.x, place.y + HEAD + rows * cell + 0.4, told, ha="center", va="top", fontsize=SMALL)


def _leaf(axes: Axes, probe: Probe, scores: Float64s, place: Place, cell: float) -> None:
    game = probe.task.game
    board = game.board
    assert board is not None  # else nothing is drawn
    order = np.argsort(-scores, kind="stable")
    rank = np.empty(len(scores), dtype=np.int64)
    rank[order] = np.arange(1, len(scores) + 1)
    cells, kinds = action_places(game, False)
    on_board = [action for action in range(game.n_actions) if cells[action] >= 0 and kinds[action] == 0]
    left, top = place.x - board.columns * cell / 2, place.y + HEAD
    axes.text(place.x, top - 0.4, f"best: {game.action_name(int(order[0]))}", ha="center", va="bottom", fontsize=SMALL)
    for action in on_board:
        row, column = divmod(int(cells[action]), board.columns)
        shade = 1.0 - 0.75 * (len(scores) - rank[action]) / max(1, len(scores) - 1)
        corner = (left + column * cell, top + row * cell)
        axes.add_patch(Rectangle(corner, cell, cell, facecolor=str(shade), edgecolor="0.3", linewidth=0.5))
        if rank[action] <= RANKED and cell >= 2.4:
            ink = "white" if shade < 0.55 else "black"
            middle = (corner[0] + cell / 2, corner[1] + cell / 2)
            axes.text(*middle, str(rank[action]), ha="center", va="center_baseline", fontsize=SMALL, color=ink)
    others = [f"{game.action_name(action)}: rank {rank[action]}" for action in range(game.n_actions) if cells[action] < 0]
    axes.text(place.x, top + board.rows * cell + 0.4, "; ".join(others), ha="center", va="top", fontsize=SMALL)
