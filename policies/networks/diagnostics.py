"""Diagnostics of a network: its units over all positions, the loss without each, the cells that its choice depends on, its filters.

Activation statistics and filters as in Zeiler & Fergus, "Visualizing and understanding convolutional networks" (2014); a unit
taken away is the network's counterpart of a rule left out of a list (bench/measures/ablate.py), and of a weight pruned (LeCun, Denker
& Solla 1990; Han, Mao & Dally 2016). All is exact, over all positions, with their weights.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, UInt8s
from policies.api import Scores, Task, action_probabilities
from policies.networks.architectures import inputs_of, layers_of, uses_planes
from policies.networks.forward import GRID, MAX_ACTIVATION, PLAY, Arithmetic, forward, matrices_of, settle
from policies.networks.layers import Layer
from policies.networks.policy import NetworkPolicy, chunk_of

N_BINS = 2 + round(np.log2(MAX_ACTIVATION / GRID))  # of the size of activations: zero, then up to GRID * 2, * 4, ...


class Unit(NamedTuple):
    """A hidden unit, or all copies of one that share their weights: the channel of a filter, the copies of an equivariant unit."""

    layer: int
    number: int
    rows: tuple[int, ...]  # of the layer's matrix

    @property
    def name(self) -> str:
        """Layer and number, counted from 1."""
        return f"{self.layer + 1}.{self.number + 1}"


class Activity(NamedTuple):
    """How units behave over all positions, by weight, and over the copies of a unit."""

    active: Float64s  # [n_units] share in which the activation is not zero
    mean: Float64s  # [n_units] activation
    most: Float64s  # [n_units] largest size of an activation; 0: the unit is dead
    histogram: Float64s  # [n_hidden_layers, N_BINS] share of a layer's activations by size


class Filter(NamedTuple):
    """The weights of one unit as pictures: one for each content of a cell; and those of inputs that lie on no board."""

    name: str
    pictures: dict[str, Float64s]  # [rows, columns] each
    rest: Float64s


class Watch:
    """Rounds activations as play does, shows them layer by layer, and silences the units taken away."""

    def __init__(self, n_layers: int, removed: Sequence[Unit], see: Callable[[int, Float64s], None] | None) -> None:
        self._n_layers, self._see, self._n_seen = n_layers, see, 0
        self._silent = [[row for unit in removed if unit.layer == layer for row in unit.rows] for layer in range(n_layers)]

    def __call__(self, activations: Float64s) -> Float64s:
        layer = self._n_seen % self._n_layers
        self._n_seen += 1
        found = settle(activations)
        found[self._silent[layer]] = 0.0
        if self._see is not None:
            self._see(layer, found)
        return found


@dataclass(frozen=True, eq=False)
class Probe:
    """A network on a task, to be played with units taken away or other inputs."""

    policy: NetworkPolicy
    task: Task

    @cached_property
    def layers(self) -> list[Layer]:
        return layers_of(self.policy.design, self.task.game)

    @cached_property
    def inputs(self) -> UInt8s:
        """[n_inputs, n_positions]"""
        return inputs_of(self.policy.design, self.task.game, self.task.graph.states[self.task.graph.positions])

    @cached_property
    def units(self) -> list[Unit]:
        """The hidden units, layer by layer; none in a soft tree, whose hidden numbers are shares of positions."""
        hidden = self.layers[:-1]
        if any(layer.activation == "paths" for layer in hidden):
            return []
        found = []
        for number, layer in enumerate(hidden):
            keys = layer.biases if (layer.biases >= 0).all() else np.arange(len(layer.biases))
            rows = [np.flatnonzero(keys == key).tolist() for key in np.unique(keys)]
            found += [Unit(number, place, tuple(each)) for place, each in enumerate(rows)]
        return found

    def scores(
        self, removed: Sequence[Unit] = (), inputs: UInt8s | None = None, see: Callable[[int, Float64s], None] | None = None
    ) -> Scores:
        """A score for every edge, as the network gives without some units, or for other inputs. [n_edges]

        `see` is called for each layer of each chunk of positions, in order, with the activations [n_rows, n_positions of the chunk].
        """
        graph, inputs = self.task.graph, self.inputs if inputs is None else inputs
        watched = Arithmetic(PLAY.stack, PLAY.gate, Watch(len(self.layers) - 1, removed, see)) if self.units else PLAY
        matrices = matrices_of(self.layers, self.policy.parameters)
        scores = np.zeros(graph.n_edges)
        chunk = chunk_of(self.layers)
        for first in range(0, len(graph.positions), chunk):
            positions = graph.positions[first : first + chunk]
            logits = forward(self.layers, matrices, inputs[:, first : first + chunk].astype(np.float64), watched)
            edges = slice(graph.edge_start[positions[0]], graph.edge_start[positions[-1] + 1])
            scores[edges] = logits[graph.edge_action[edges], np.searchsorted(positions, graph.edge_parent[edges])]
        return scores

    def gain(self, removed: Sequence[Unit] = ()) -> float:
        """The gain without some units."""
        return self.task.gain(action_probabilities(self.task.graph, self.scores(removed)))


def activity(probe: Probe) -> Activity:
    """What every unit does over all positions."""
    weights = probe.task.weights[probe.task.graph.positions]
    n_hidden = len(probe.layers) - 1 if probe.units else 0
    sums = [np.zeros((3, len(layer.weights))) for layer in probe.layers[:n_hidden]]  # active, total, largest
    histogram = np.zeros((n_hidden, N_BINS))
    n_seen = [0] * n_hidden

    def see(layer: int, activations: Float64s) -> None:
        weight = weights[n_seen[layer] : n_seen[layer] + activations.shape[1]]
        n_seen[layer] += activations.shape[1]
        size = np.abs(activations)
        sums[layer][0] += (size > 0) @ weight
        sums[layer][1] += activations @ weight
        sums[layer][2] = np.maximum(sums[layer][2], size.max(axis=1))
        bins = np.where(size > 0, 1 + np.log2(np.maximum(size, GRID) / GRID).astype(np.int64), 0)
        spread = np.broadcast_to(weight / len(size), size.shape)
        histogram[layer] += np.bincount(bins.ravel(), spread.ravel(), N_BINS)

    probe.scores(see=see)
    of_unit = [(sums[unit.layer][:, list(unit.rows)], unit) for unit in probe.units]
    return Activity(
        np.array([found[0].mean() for found, _ in of_unit]),
        np.array([found[1].mean() for found, _ in of_unit]),
        np.array([found[2].max() for found, _ in of_unit]),
        histogram,
    )


def losses_without(probe: Probe) -> Float64s:
    """The gain lost without each unit alone; below 0 where the network plays better without it. [n_units]"""
    whole = probe.gain()
    return np.array([whole - probe.gain([unit]) for unit in probe.units])


def removal_order(probe: Probe) -> list[tuple[Unit, float]]:
    """Units in the order of a greedy removal, each the one without which most gain is left, and the gain after it."""
    left = list(probe.units)
    found: list[tuple[Unit, float]] = []
    while left:
        gains = [probe.gain([*(unit for unit, _ in found), each]) for each in left]
        best = int(np.argmax(gains))  # the first of equals
        found.append((left.pop(best), gains[best]))
    return found


def sensitivity(probe: Probe) -> Float64s:
    """How often the choice depends on each cell: `flips` in the mean over all positions, by weight. [n_cells]"""
    means: Float64s = flips(probe) @ probe.task.weights[probe.task.graph.positions]
    return means


def flips(probe: Probe) -> Float64s:
    """Where the choice depends on each cell, as `Game.cells` numbers them. [n_cells, n_positions]

    A cell's content is changed, in every position, to each of the other contents that it has in some position of the game; all
    else, the legal moves too, stays as it is. Counted is the share of those contents with which the set of best-scored moves
    changes. Changed are the inputs that are decided by the cell's content alone, over all positions; a cell that decides none
    counts 0.
    """
    graph, game = probe.task.graph, probe.task.game
    cells = game.cells(graph.states[graph.positions])
    first = graph.edge_start[graph.positions]
    chosen = _chosen(probe, probe.inputs)
    found = np.zeros((cells.shape[1], len(cells)))
    for cell in range(cells.shape[1]):
        contents = np.unique(cells[:, cell])
        present = [probe.inputs[:, cells[:, cell] == content] for content in contents]
        decided = np.logical_and.reduce([(part.min(axis=1) == part.max(axis=1)) for part in present])
        for content, part in zip(contents, present, strict=True):
            changed = probe.inputs.copy()
            changed[decided] = part[decided, :1]
            differs = np.logical_or.reduceat(_chosen(probe, changed) != chosen, first)
            found[cell] += differs & (cells[:, cell] != content)
        found[cell] /= max(1, len(contents) - 1)
    return found


def _chosen(probe: Probe, inputs: UInt8s) -> Bools:
    return action_probabilities(probe.task.graph, probe.scores(inputs=inputs)) > 0


def filters(probe: Probe) -> list[Filter]:
    """The weights of each unit of the first layer, or of each action where there is no other, as pictures on the board.

    Of copies that share their weights the first one with most of them is drawn: a filter in the middle of the board, not at its
    edge. Without a board, cells are the columns of one picture and contents its rows.
    """
    matrix, _ = matrices_of(probe.layers[:1], probe.policy.parameters[:1])[0]
    units = [unit for unit in probe.units if unit.layer == 0]
    game = probe.task.game
    if units:
        n_there = (probe.layers[0].weights >= 0).sum(axis=1)
        chosen = [(f"unit {unit.name}", unit.rows[int(np.argmax(n_there[list(unit.rows)]))]) for unit in units]
    elif len(probe.layers) == 1:
        chosen = [(game.action_name(action), action) for action in range(len(matrix))]
    else:
        chosen = [(f"node {row + 1}", row) for row in range(len(matrix))]
    split = _split_planes if uses_planes(probe.policy.design) else _split_cells
    return [Filter(name, *split(matrix[row], probe.task)) for name, row in chosen]


def _split_planes(weights: Float64s, task: Task) -> tuple[dict[str, Float64s], Float64s]:
    board = task.game.board
    assert board is not None  # else there are no planes
    pictures = weights.reshape(-1, board.rows, board.columns)
    return {f"plane {i + 1}" if i < len(pictures) - 1 else "always": picture for i, picture in enumerate(pictures)}, np.empty(0)


def _split_cells(weights: Float64s, task: Task) -> tuple[dict[str, Float64s], Float64s]:
    board, levels = task.game.board, np.array(task.game.cell_levels())
    by_cell = np.split(weights, np.cumsum(levels - 1)[:-1])
    if board is None:
        picture = np.zeros((levels.max() - 1, len(levels)))
        for cell, part in enumerate(by_cell):
            picture[: len(part), cell] = part
        return {"content by cell": picture}, np.empty(0)
    shape, pictures = (board.rows, board.columns), {}
    rest: list[float] = []
    on_board = by_cell[: board.n_cells]
    for content in range(max(len(part) for part in on_board)):
        name = {0: "own", 1: "other's"}[content] if max(len(part) for part in on_board) == 2 else f"content {content + 1}"
        pictures[name] = np.array([part[content] if content < len(part) else 0.0 for part in on_board]).reshape(shape)
    for number, part in enumerate(by_cell[board.n_cells :], start=board.n_cells + 1):
        if len(part) == board.n_cells:  # it names a place: the ko point, say
            pictures[f"cell {number}"] = part.reshape(shape)
        else:
            rest.extend(part.tolist())
    return pictures, np.array(rest)
