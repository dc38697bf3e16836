"""The randomisation test of connection weights: which inputs a network uses for which outputs.

Olden & Jackson, "Illuminating the black box" (2002): the connection weight of an input and an output is the sum, over the ways between
them, of the products of the weights along the way. It counts where it is larger than those of networks that were trained on shuffled
answers. Here the losses of the moves are shuffled within every position, several starts are trained at once on each order, and the test
has two sides.
"""

from collections.abc import Sequence

import numpy as np

from games.arrays import Bools, Float64s
from policies.api import Task
from policies.networks.architectures import Design, layers_of
from policies.networks.diagnostics import Probe
from policies.networks.forward import matrices_of
from policies.networks.layers import Layer
from policies.networks.network import NetworkLearner, lessons_of
from policies.task import shuffled_task

LEVEL = 0.05  # of the test
N_ORDERS, N_STARTS = 5, 8  # orders of the answers, and starts that are trained on each


def connection_weights(probe: Probe) -> Float64s:
    """The sum of the products of weights along all ways from each input to each output. [n_actions, n_inputs]"""
    return _products(probe.layers, probe.policy.parameters)


def _products(layers: Sequence[Layer], parameters: Sequence[Float64s]) -> Float64s:
    (found, _), *others = matrices_of(layers, parameters)
    for weights, _ in others:
        found = weights @ found
    return found


def null_weights(learner: NetworkLearner, task: Task, design: Design, seed: int) -> Float64s:
    """The connection weights of networks trained on shuffled answers. [N_ORDERS * N_STARTS, n_actions, n_inputs]"""
    from policies.networks.training import Rounding, Schedule, start, train

    layers, found = layers_of(design, task.game), []
    ends = np.cumsum([layer.n_parameters for layer in layers])[:-1]
    for number in range(N_ORDERS):
        lessons = lessons_of(learner, shuffled_task(task, number), design, seed)
        starts = start(layers, N_STARTS, lessons.samples.n_active, lessons.seed + number)
        schedule = Schedule(lessons.batch, lessons.n_steps, lessons.learning_rate)
        rounding = Rounding(learner.coarseness, int(learner.most))
        trained = train(layers, lessons.samples, starts, schedule, lessons.goal, rounding, lessons.seed + number)
        found += [_products(layers, np.split(values.astype(np.float64), ends)) for values in trained.values]
    return np.array(found)


def significant(weights: Float64s, nulls: Float64s) -> Bools:
    """Which weights are among the LEVEL largest in size of themselves and their nulls. [n_actions, n_inputs]"""
    n_larger = (np.abs(nulls) >= np.abs(weights)).sum(axis=0)
    found: Bools = (1 + n_larger) / (1 + len(nulls)) <= LEVEL
    return found


def drives(probe: Probe, nulls: Float64s) -> Float64s:
    """What the inputs with a significant connection weight add to the score of each move. [n_actions, n_positions]"""
    weights = connection_weights(probe)
    found: Float64s = np.where(significant(weights, nulls), weights, 0.0) @ probe.inputs.astype(np.float64)
    return found
