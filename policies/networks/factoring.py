"""Low-rank factors: matrices as products of two that are narrow."""

import dataclasses

import numpy as np

from games.arrays import Float64s
from games.errors import UsageError
from policies.networks.architectures import layers_of
from policies.networks.policy import NetworkPolicy
from policies.networks.retraining import TUNING, Lessons, as_network, retrain


def low_rank(policy: NetworkPolicy, number: float, lessons: Lessons) -> NetworkPolicy:
    """Every matrix that takes fewer numbers as a product through `number` units, as the nearest such product; then train."""
    game, rank = lessons.task.game, int(number)
    if policy.design.ranks:
        raise UsageError("lowrank: the layers of this network are factored already")
    layers = layers_of(policy.design, game)
    if any((part == 0).any() for part in policy.parameters):
        raise UsageError("lowrank after pruning would bring the pruned weights back: put lowrank first")
    shapes = [layer.weights.shape for layer in layers]
    ranks = tuple(rank if rank * (n_units + n_before) < n_units * n_before else 0 for n_units, n_before in shapes)
    if not any(ranks):
        raise UsageError(f"lowrank-{rank} makes none of the layers smaller: give a smaller rank")
    design = policy.design._replace(ranks=ranks)
    layers_of(design, game)  # raises where layers are shared
    values: list[Float64s] = []
    for (n_units, n_before), part, own in zip(shapes, policy.parameters, ranks, strict=True):
        if own:
            left, sizes, right = np.linalg.svd(part[: n_units * n_before].reshape(n_units, n_before), full_matrices=False)
            root = np.sqrt(sizes[:own])
            biases = np.append(part[n_units * n_before :], np.zeros(n_units))[:n_units]
            values += [(root[:, None] * right[:own]).ravel(), np.append(left[:, :own] * root, biases)]
        else:
            values.append(part)
    return as_network(dataclasses.replace(policy, design=design), retrain(design, values, lessons, TUNING))
