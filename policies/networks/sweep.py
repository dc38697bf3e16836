"""Sweeps: networks of many sizes and seeds trained as one stack, which costs little more than the largest of them alone.

A smaller network is trained as a part of the largest: its units are the first ones of each layer, and the parameters of all
others are held at zero. It starts from where it would start alone, and sees the same batches as all the others.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from games.arrays import Int64s
from games.errors import UsageError, WorkError
from policies.api import Task
from policies.networks import coding
from policies.networks.architectures import inputs_of, layers_of
from policies.networks.layers import Layer
from policies.networks.network import NetworkLearner, effort, pace, written_uniform
from policies.networks.policy import NetworkPolicy

if TYPE_CHECKING:
    from policies.networks.samples import Samples


def sweep(learner: NetworkLearner, task: Task, members: Iterable[tuple[int, int]], order_seed: int = 0) -> list[NetworkPolicy]:
    """One network for each (size, seed), trained together as the learner's options say; a seed decides where a network starts.

    Raises UsageError where smaller networks of the architecture are no parts of larger ones, WorkError where training diverged.
    """
    import torch

    from policies.networks.samples import Goal, contested_samples
    from policies.networks.training import Assembly, Rounding, Schedule, spreads, start, train_through

    if learner.stages:
        raise UsageError(f"a sweep cannot apply stages={learner.stages}: fit these networks one by one")
    if learner.noise or learner.groups > 1:
        raise UsageError(f"a sweep cannot apply noise={learner.noise:g} or groups={learner.groups}: fit these networks one by one")
    pairs = list(members)
    largest = learner.design(max(size for size, _ in pairs))
    layers = layers_of(largest, task.game)
    samples: Samples = contested_samples(task, inputs_of(largest, task.game, task.graph.states[task.graph.positions]))
    n_parameters = sum(layer.n_parameters for layer in layers)
    values, scale = np.zeros((2, len(pairs), n_parameters), dtype=np.float32)
    places = {size: places_within(layers_of(learner.design(size), task.game), layers) for size, _ in pairs}
    for row, (size, seed) in enumerate(pairs):
        own = layers_of(learner.design(size), task.game)
        values[row, places[size]] = start(own, 1, samples.n_active, seed)[0]
        scale[row, places[size]] = spreads(own, samples.n_active) * pace(own)  # the unit in which a parameter is trained
    batch, _ = effort(layers, len(samples.weight), len(task.graph.positions))
    trained = train_through(
        Assembly(layers, samples.inputs.device),
        layers,
        samples,
        values,
        torch.from_numpy(scale),
        Schedule(batch, int(learner.steps), learner.learning_rate),
        Goal(learner.target, learner.temperature / task.uniform_regret),
        Rounding(learner.coarseness, int(learner.most)),
        order_seed,
    )
    found = []
    for (size, seed), parameters, steps in zip(pairs, trained.values, trained.steps, strict=True):
        own = layers_of(learner.design(size), task.game)
        written = written_uniform(own, parameters[places[size]], steps)
        if written is None or not coding.is_exact(own, written):
            raise WorkError(f"training a network of size {size} with seed {seed} diverged: lower learning_rate ({learner.learning_rate})")
        found.append(NetworkPolicy(learner.design(size), written, learner.method))
    return found


def places_within(small: list[Layer], large: list[Layer]) -> Int64s:
    """Which parameter of the large network each parameter of the small one is. [n_parameters of the small one]"""
    refusal = UsageError("these networks are no parts of one another: sweep mlp, conv or separable")
    if len(small) != len(large) or any(part.activation == "paths" for part in small if len(small[0].weights) < len(large[0].weights)):
        raise refusal
    found, offset = [], 0
    for part, whole in zip(small, large, strict=True):
        (n_units, n_inputs), place = part.weights.shape, np.full(part.n_parameters, -1, dtype=np.int64)
        around = whole.weights[:n_units, :n_inputs]
        place[part.weights[part.weights >= 0]] = around[part.weights >= 0]
        place[part.biases[part.biases >= 0]] = whole.biases[:n_units][part.biases >= 0]
        same = np.array_equal(place[part.weights][part.weights >= 0], around[around >= 0]) and (place >= 0).all()
        if not same or len(np.unique(place)) != len(place):
            raise refusal
        found.append(place + offset)
        offset += whole.n_parameters
    return np.concatenate(found)
