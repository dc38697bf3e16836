"""The randomisation test of connection weights: which inputs a network uses for which outputs.

Olden & Jackson, "Illuminating the black box" (2002): the connection weight of an input and an output is the sum, over the ways between
them, of the products of the weights along the way. It counts where it is larger than those of networks that were trained from the same
start on shuffled answers. Here the losses of the moves are shuffled within every position, and the test has two sides.
"""

import numpy as np

from games.arrays import Bools, Float64s
from policies.api import Learner, Task
from policies.networks.diagnostics import Probe
from policies.networks.forward import matrices_of
from policies.networks.policy import NetworkPolicy
from policies.task import shuffled_task

LEVEL = 0.05  # of the test


def connection_weights(probe: Probe) -> Float64s:
    """The sum of the products of weights along all ways from each input to each output. [n_actions, n_inputs]"""
    found = np.eye(len(probe.inputs))
    for weights, _ in matrices_of(probe.layers, probe.policy.parameters):
        found = weights @ found
    return found


def null_weights(learner: Learner[NetworkPolicy], task: Task, size: int, seed: int, n_nulls: int) -> Float64s:
    """The connection weights of networks trained from the same start on shuffled answers. [n_nulls, n_actions, n_inputs]"""
    found = []
    for number in range(n_nulls):
        (policy,) = learner.fit_path(shuffled_task(task, number), [size], seed)
        found.append(connection_weights(Probe(policy, task)))
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
