"""Perceptrons whose hidden units are 1 or -1 beside ordinary ones, for docs/soft-trees.md: their gains, and what their units stand for."""

import functools
import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from bench.measures.heuristics import Facts, activations, best_conjunction, explain_play, facts_of
from games.arrays import Float64s
from policies.api import Learner, Policy, Scores, Task, action_probabilities
from policies.networks.binarised import BinarisedLearner, BinarisedPolicy
from policies.networks.diagnostics import Probe
from policies.networks.forward import matrices_of
from policies.networks.network import NetworkLearner
from policies.networks.policy import NetworkPolicy
from policies.registry import make_learner
from policies.task import make_task

SEEDS = (0, 1, 2)
STEPS = 600
SIZES = (4, 8, 16, 32)  # hidden units
KINDS: dict[str, Learner[Any]] = {
    "ordinary": NetworkLearner(steps=STEPS),
    "binarised": BinarisedLearner(steps=STEPS),
    "ordinary, ternary": NetworkLearner(steps=STEPS, most=1),
    "binarised, ternary": BinarisedLearner(steps=STEPS, most=1),
}
EQUAL = 1.05  # times the bits: files up to this long count as equally long
UNITS = 16  # hidden units of the perceptrons whose units are described
FEW = 4  # inputs
SURE = 1 - 1e-9
UNDECIDED = "undecided"
Values = Sequence[float]


def measured(learner: Learner[Any], task: Task, policy: Policy) -> tuple[int, Policy]:
    """The bits of a file and the policy that it decodes to."""
    data = learner.encode(policy, task)
    return 8 * len(data), learner.decode(data, task)


def gain_of(task: Task, scores: Scores) -> float:
    """The gain of these scores. scores: [n_edges]."""
    return task.gain(action_probabilities(task.graph, scores))


def band(values: Values, digits: int = 2) -> str:
    """A mean with the lowest and the highest of several numbers."""
    if len(values) == 1 or min(values) == max(values):
        return f"{values[0]:,.{digits}f}"
    return f"{statistics.mean(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


class Signed(NamedTuple):
    """A perceptron as its file plays it."""

    bits: int
    gain: float
    policy: Policy


@functools.cache
def perceptrons(game: str, kind: str, size: int) -> list[Signed]:
    """Perceptrons of a kind, seed by seed."""
    task, learner = make_task(game), KINDS[kind]
    found = []
    for seed in SEEDS:
        (fitted,) = learner.fit_path(task, [size], seed)
        bits, policy = measured(learner, task, fitted)
        found.append(Signed(bits, gain_of(task, policy.scores(task)), policy))
    return found


def verdict(ours: Values, theirs: Values) -> str:
    """Which of two bands is the higher; undecided where they overlap."""
    return "higher" if min(ours) > max(theirs) else "lower" if max(ours) < min(theirs) else UNDECIDED


def at_bits(game: str, kind: str, size: int) -> tuple[list[float], str]:
    """The best gains of ordinary perceptrons in at most EQUAL times the bits, seed by seed, and the verdict on a kind beside them."""
    ours = perceptrons(game, kind, size)
    weights = "ordinary, ternary" if "ternary" in kind else "ordinary"
    theirs = []
    for place, one in enumerate(ours):
        within = [each.gain for n in SIZES if (each := perceptrons(game, weights, n)[place]).bits <= EQUAL * one.bits]
        if not within:
            return [], "none is as short"
        theirs.append(max(within))
    return theirs, verdict([one.gain for one in ours], theirs)


SIGNED_HEAD = "| hidden units | units | bits | gain | beside ordinary, equal units | equal bits |\n|---|--:|--:|---|---|---|"


def measure_signs(game: str) -> dict[str, str]:
    """The tables of perceptrons of a game: their gains, and what their units stand for."""
    lines = [SIGNED_HEAD]
    for kind in KINDS:
        for size in SIZES:
            ours = perceptrons(game, kind, size)
            gains = [one.gain for one in ours]
            lead = f"| {kind} | {size} | {statistics.mean(one.bits for one in ours):,.0f} | {band(gains)} |"
            if kind.startswith("binarised"):
                other = [one.gain for one in perceptrons(game, kind.replace("binarised", "ordinary"), size)]
                lead += f" {verdict(gains, other)} | {at_bits(game, kind, size)[1]} |"
            else:
                lead += " | |"
            lines.append(lead)
    return {f"signs-{game}": "\n".join(lines), f"signs-{game}.units": unit_table(game)}


class Meaning(NamedTuple):
    """What the hidden units of one perceptron stand for."""

    n_units: int  # that are not constant
    excess: float  # mean F1 of the best conjunctions, over that of `always`, as a share of what is possible above it
    exact: int  # units that are exactly a conjunction
    few: int  # units of at most FEW inputs
    inputs: float  # other than zero, a unit
    rules: float  # for 90 % of the choices


def unit_values(policy: Policy, task: Task) -> Float64s:
    """The activations of the hidden units of one layer: [n_units, n_positions]."""
    if isinstance(policy, BinarisedPolicy):
        return np.concatenate([layers[0] for _, layers in policy.layers(task)], axis=1)
    assert isinstance(policy, NetworkPolicy)
    return activations(Probe(policy, task))[1]


def meaning(policy: Policy, task: Task, facts: Facts) -> Meaning:
    """What the units stand for, by the measures of docs/heuristics.md."""
    weights = task.weights[task.graph.positions]
    network = policy.network if isinstance(policy, BinarisedPolicy) else policy
    assert isinstance(network, NetworkPolicy)
    layers = Probe(network, task).layers
    n_inputs = (matrices_of(layers[:1], network.parameters[:1])[0][0] != 0).sum(axis=1)
    excesses, exact, few = [], 0, 0
    for values, count in zip(unit_values(policy, task), n_inputs, strict=True):
        active = values > np.dot(weights, values) + 1e-9
        share = float(weights[active].sum())
        if not active.any() or active.all():
            continue
        _, f1 = best_conjunction(active, weights, facts)
        always = 2 * share / (1 + share)
        excesses.append((f1 - always) / (1 - always))
        exact += f1 > SURE
        few += int(count) <= FEW
    play = explain_play(task, policy.scores(task), make_learner("rulelist"))
    rules = float(play.n_rules(0.9) or play.sizes[-1])
    return Meaning(len(excesses), statistics.mean(excesses), exact, few, float(n_inputs.mean()), rules)


UNITS_HEAD = (
    "| hidden units | not constant | F1 above `always` | exactly a conjunction | of few inputs | inputs of a unit | rules for 90 % |\n"
    "|---|--:|---|--:|--:|---|---|"
)


def unit_table(game: str) -> str:
    """What the units of perceptrons of UNITS units stand for; counts are over all seeds."""
    task = make_task(game)
    facts, lines = facts_of(task), [UNITS_HEAD]
    for kind in KINDS:
        each = [meaning(one.policy, task, facts) for one in perceptrons(game, kind, UNITS)]
        counts = [str(sum(one[place] for one in each)) for place in (0, 2, 3)]
        cells = [counts[0], band([one.excess for one in each]), *counts[1:]]
        cells += [band([one.inputs for one in each], 1), band([one.rules for one in each], 0)]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)
