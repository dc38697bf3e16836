"""What methods of neuroscience record of a network: signals over all positions, a row for each unit, pair, cell or move.

A network is looked at from its last hidden layer on: what its units do at every position, and the weights with which they speak for
moves. A lesion holds units at zero; it shows at a position where the set of best-scored moves changes. A *sham lesion* disturbs as much
but elsewhere: it takes away what the unit does at another position, drawn at random.
"""

import itertools
from typing import NamedTuple

import numpy as np

from bench.measures.heuristics import Facts, activations, best_conjunction
from games.arrays import Bools, Float64s
from games.errors import UsageError
from policies.api import Task, action_probabilities
from policies.networks.diagnostics import Probe
from policies.networks.forward import matrices_of


class Circuit(NamedTuple):
    """The last hidden layer of a network and its outputs."""

    task: Task
    active: Float64s  # [n_units, n_positions]
    out: Float64s  # [n_actions, n_units]
    bias: Float64s  # [n_actions, 1]


def circuit_of(probe: Probe) -> Circuit:
    """The circuit of a network. Raises UsageError for one whose units have copies, or that has none."""
    units, active = activations(probe)
    last = [place for place, unit in enumerate(units) if unit.layer == len(probe.layers) - 2]
    if not last or any(len(units[place].rows) > 1 for place in last):
        raise UsageError("lesions and recordings are made of networks with hidden units that share no weights: choose an mlp")
    out, bias = matrices_of(probe.layers[-1:], probe.policy.parameters[-1:])[0]
    return Circuit(probe.task, active[last], out, bias)


def choice(circuit: Circuit, active: Float64s) -> Bools:
    """The best-scored moves when the units do what is given: [n_units, n_positions] to [n_edges]."""
    graph = circuit.task.graph
    column = np.full(graph.n_states, -1)
    column[graph.positions] = np.arange(len(graph.positions))
    scores = (circuit.out @ active + circuit.bias)[graph.edge_action, column[graph.edge_parent]]
    best: Bools = action_probabilities(graph, scores) > 0
    return best


def lesioned(circuit: Circuit, units: tuple[int, ...], taken: Float64s) -> Float64s:
    """The activity when of some units what is `taken` [n_units, n_positions] is missing."""
    active = circuit.active.copy()
    active[list(units)] -= taken[list(units)]
    return active


def groups_of(circuit: Circuit, size: int) -> list[tuple[int, ...]]:
    """All groups of `size` units, by their indices."""
    return [*itertools.combinations(range(len(circuit.active)), size)]


def elsewhere(circuit: Circuit, seed: int) -> Float64s:
    """The activity of each unit at another position, by a random order of its own: what sham lesions take. [n_units, n_positions]"""
    return np.random.default_rng(seed).permuted(circuit.active, axis=1)


def lesions(circuit: Circuit, size: int, taken: Float64s | None = None) -> Float64s:
    """Where the choice changes without each group of `size` units, 1 or 0. [n_groups, n_positions]"""
    graph = circuit.task.graph
    whole, first = choice(circuit, circuit.active), graph.edge_start[graph.positions]
    taken = circuit.active if taken is None else taken
    after = (choice(circuit, lesioned(circuit, units, taken)) for units in groups_of(circuit, size))
    return np.array([np.logical_or.reduceat(each != whole, first) for each in after], dtype=np.float64)


def losses(circuit: Circuit, size: int, parts: Bools, taken: Float64s | None = None) -> Float64s:
    """The gain that each group of `size` units loses when it is taken away, on each part of the positions. [n_groups, n_parts]

    parts: [n_parts, n_positions]; the gain on a part is that of a task in which only its positions have weight, and each part has some
    at which moves differ.
    """
    graph, task = circuit.task.graph, circuit.task
    taken = circuit.active if taken is None else taken
    regret = task.weights[graph.edge_parent] * task.solution.regret
    first = graph.edge_start[graph.positions]

    def regrets(chosen: Float64s) -> Float64s:
        on_parts: Float64s = parts.astype(np.float64) @ np.add.reduceat(regret * chosen, first)
        return on_parts

    def shares(active: Float64s) -> Float64s:
        best = choice(circuit, active)
        return best / np.bincount(graph.edge_parent[best], minlength=graph.n_states)[graph.edge_parent]

    whole, uniform = regrets(shares(circuit.active)), regrets(1.0 / graph.n_moves[graph.edge_parent])
    return np.array([regrets(shares(lesioned(circuit, units, taken))) - whole for units in groups_of(circuit, size)]) / uniform


def moves_played(circuit: Circuit) -> Float64s:
    """Whether each move is among the best-scored ones: what is seen of the network from outside. [n_actions, n_positions]"""
    graph = circuit.task.graph
    column = np.full(graph.n_states, -1)
    column[graph.positions] = np.arange(len(graph.positions))
    edges = np.flatnonzero(choice(circuit, circuit.active))
    found = np.zeros((circuit.task.game.n_actions, len(graph.positions)))
    found[graph.edge_action[edges], column[graph.edge_parent[edges]]] = 1.0
    return found


def contents(task: Task) -> Float64s:
    """Whether each cell has each of its contents: the position itself, without a network. [n_contents, n_positions]"""
    cells = task.game.cells(task.graph.states[task.graph.positions])
    rows = [cells[:, cell] == content for cell in range(cells.shape[1]) for content in np.unique(cells[:, cell])]
    return np.array(rows, dtype=np.float64)


def conjunctions(circuit: Circuit, facts: Facts) -> Float64s:
    """Where the best conjunction for each unit holds (bench/measures/heuristics.py), 1 or 0; nowhere for a constant unit."""
    weights = circuit.task.weights[circuit.task.graph.positions]
    found = np.zeros_like(circuit.active)
    for row, values in zip(found, circuit.active, strict=True):
        chosen, _ = best_conjunction(values > np.dot(weights, values) + 1e-9, weights, facts)
        if chosen:
            row[:] = np.logical_and.reduce(facts.holds[chosen])
    return found


def participation_ratio(signals: Float64s, weights: Float64s) -> float:
    """The number of dimensions over which signals spread: (sum of the eigenvalues of their covariance)^2 / sum of their squares.

    Between 1 and the number of signals; 0 where none varies. As in Gao et al. (2017) and Farrell et al. (2019).
    signals: [n_signals, n_positions], weights: [n_positions] that sum to one.
    """
    centred = signals - (signals @ weights)[:, None]
    covariance = (centred * weights) @ centred.T
    squares = float((covariance**2).sum())
    return float(np.trace(covariance)) ** 2 / squares if squares > 0 else 0.0
