"""The rules of a network: its hidden units, each with all copies that share its weights; or its outputs where it has no units."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from bench.measures.rule_columns import Columns, columns_by_adding
from games.arrays import Bools, Int32s
from policies.api import Scores, Task, action_probabilities
from policies.networks.diagnostics import Probe, Unit
from policies.networks.forward import matrices_of
from policies.networks.layers import ABSENT
from policies.networks.policy import NetworkPolicy

Encode = Callable[[NetworkPolicy], bytes]


def unit_columns(policy: NetworkPolicy, task: Task, encode: Encode | None) -> tuple[list[str], Columns]:
    """The texts and the numbers of the units, the one that is missed most alone first, of equal ones the first in the file.

    `encode` writes a network as a file; without it no bits are given to a unit.
    """
    probe = Probe(policy, task)
    units = probe.units or outputs_of(probe)
    whole = task.gain(action_probabilities(task.graph, probe.scores())) if task.uniform_regret else 0.0
    lost = [whole - task.gain(action_probabilities(task.graph, _without(probe, [unit]))) if task.uniform_regret else 0.0 for unit in units]
    order = [units[i] for i in np.argsort(-np.array(lost), kind="stable")]
    lengths = [0] * (len(order) + 1) if encode is None else [8 * len(encode(_blanked(probe, order[n:]))) for n in range(len(order) + 1)]
    steps: Iterable[Scores] = (_without(probe, order[n:]) for n in range(len(order) + 1))
    return [_text(probe, unit) for unit in order], columns_by_adding(task, steps, np.diff(lengths).astype(np.float64))


def outputs_of(probe: Probe) -> list[Unit]:
    """The outputs, those of one unit together that share their weights."""
    last = probe.layers[-1]
    keys = last.biases if (last.biases >= 0).all() else np.arange(len(last.biases))
    groups = [np.flatnonzero(keys == key).tolist() for key in np.unique(keys)]
    return [Unit(len(probe.layers) - 1, number, tuple(rows)) for number, rows in enumerate(groups)]


def _is_output(probe: Probe, unit: Unit) -> bool:
    return unit.layer == len(probe.layers) - 1


def _without(probe: Probe, absent: Sequence[Unit]) -> Scores:
    """The scores when some units are held at zero. [n_edges]"""
    if not any(_is_output(probe, unit) for unit in absent):
        return probe.scores(absent)
    scores = probe.scores()
    scores[np.isin(probe.task.graph.edge_action, [row for unit in absent for row in unit.rows])] = 0.0
    return scores


def _blanked(probe: Probe, absent: Sequence[Unit]) -> NetworkPolicy:
    """The network with the weights of some units zero, but for those that other units share."""
    absent_ones = set(absent)
    blank = _owned(probe, absent)
    kept = _owned(probe, [unit for unit in probe.units or outputs_of(probe) if unit not in absent_ones])
    parts = zip(probe.policy.layers, blank, kept, strict=True)
    layers = tuple(part._replace(symbols=np.where(gone & ~stays, 0, part.symbols)) for part, gone, stays in parts)
    return NetworkPolicy(probe.policy.design, layers, probe.policy.method)


def _owned(probe: Probe, units: Sequence[Unit]) -> list[Bools]:
    """Which parameters of each layer are the weights of some units: those into them, out of the last hidden layer also those on."""
    found = [np.zeros(layer.n_parameters, dtype=np.bool_) for layer in probe.layers]

    def take(layer: int, places: Int32s) -> None:
        found[layer][places[places != ABSENT]] = True

    for unit in units:
        rows = list(unit.rows)
        take(unit.layer, probe.layers[unit.layer].weights[rows].ravel())
        take(unit.layer, probe.layers[unit.layer].biases[rows])
        if unit.layer == len(probe.layers) - 2:
            take(unit.layer + 1, probe.layers[-1].weights[:, rows].ravel())
    return found


def _text(probe: Probe, unit: Unit) -> str:
    """The unit by name; one that the outputs see by the moves that it speaks for and against."""
    name = probe.task.game.action_name
    if _is_output(probe, unit):
        return "output " + ", ".join(name(row) for row in unit.rows)
    text = f"hidden unit {unit.name}"
    if len(unit.rows) > 1:
        return f"{text}, {len(unit.rows)} copies"
    if unit.layer < len(probe.layers) - 2:
        return text
    out, _ = matrices_of(probe.layers[-1:], probe.policy.parameters[-1:])[0]
    best, worst = (name(int(pick(out[:, unit.rows[0]]))) for pick in (np.argmax, np.argmin))
    return f"{text}: speaks for {best}, against {worst}"
