"""Pruning the weights of a network: the smallest, those that the loss is least sensitive to, and those that reach no output.

Magnitudes as in Han et al. 2015 ("Learning both weights and connections"), saliencies as in Optimal Brain Damage (LeCun, Denker &
Solla 1990).
"""

from collections.abc import Sequence

import numpy as np

from games.arrays import Bools, Float64s
from games.errors import UsageError
from policies.networks.architectures import layers_of
from policies.networks.forward import matrices_of
from policies.networks.layers import Layer
from policies.networks.policy import NetworkPolicy
from policies.networks.retraining import BETWEEN, TUNING, Lessons, as_network, retrain

ROUNDS = 4  # the share of weights left falls by the same factor in each


def prune(policy: NetworkPolicy, number: float, lessons: Lessons) -> NetworkPolicy:
    """Take away `number` per cent of the weights, the smallest relative to their layer's, in rounds with retraining after each."""
    return _prune(policy, number, lessons, by_saliency=False)


def optimal_brain_damage(policy: NetworkPolicy, number: float, lessons: Lessons) -> NetworkPolicy:
    """The same for the weights whose loss raises the training loss least, to second order."""
    return _prune(policy, number, lessons, by_saliency=True)


def _prune(policy: NetworkPolicy, percent: float, lessons: Lessons, by_saliency: bool) -> NetworkPolicy:
    from policies.networks.hessian import hessian_diagonal

    layers, values = layers_of(policy.design, lessons.task.game), policy.parameters
    n_all = sum(len(part) for part in values)
    for number in range(ROUNDS):
        scores = [magnitudes(values)]
        if by_saliency:
            diagonal = hessian_diagonal(layers, lessons.samples, np.concatenate(values), lessons.goal, lessons.seed + number)
            scores.insert(0, saliencies(values, diagonal.values))
        left = n_left(n_all, 100 * (1 - (1 - percent / 100) ** ((number + 1) / ROUNDS)))
        kept = np.split(keep_largest(values, scores, left), np.cumsum([len(part) for part in values])[:-1])
        values = [part * mask for part, mask in zip(values, kept, strict=True)]
        values = [part * mask for part, mask in zip(values, heard(layers, values), strict=True)]
        pace = TUNING if number == ROUNDS - 1 else BETWEEN
        values = retrain(policy.design, values, lessons._replace(seed=lessons.seed + number), pace)
    return as_network(policy, values)


def n_left(n_parameters: int, percent: float) -> int:
    """How many weights are left. Raises UsageError where that is none."""
    found = round(n_parameters * (1 - percent / 100))
    if found < 1:
        raise UsageError(f"pruning {percent:g} % leaves none of {n_parameters} weights: give less, or a larger network")
    return found


def magnitudes(values: Sequence[Float64s]) -> Float64s:
    """The size of every weight in units of the root mean square of those of its layer that are not zero. [n_parameters]"""
    return np.concatenate(
        [np.abs(part) / max(1e-30, float(np.sqrt(np.mean(part[part != 0] ** 2)))) if part.any() else part for part in values]
    )


def saliencies(values: Sequence[Float64s], diagonal: Float64s) -> Float64s:
    """By how much the loss rises where a weight is set to zero, to second order: h w**2 / 2, negative curvature h counted as none.

    `diagonal` is that of the Hessian; all [n_parameters].
    """
    found: Float64s = np.maximum(diagonal, 0.0) * np.concatenate(values) ** 2 / 2
    return found


def keep_largest(values: Sequence[Float64s], scores: Sequence[Float64s], n_kept: int) -> Bools:
    """The `n_kept` weights other than zero with the greatest scores, earlier scores first: [n_parameters].

    Ties go to the weight that comes first.
    """
    is_zero = np.concatenate(values) == 0
    order = np.lexsort((*(-score for score in reversed(scores)), is_zero))
    kept = np.zeros(len(is_zero), dtype=np.bool_)
    kept[order[:n_kept]] = True
    kept[is_zero] = False
    return kept


def heard(layers: Sequence[Layer], values: Sequence[Float64s]) -> list[Bools]:
    """The weights that can make a difference to the outputs, for each layer: [n_parameters of the layer].

    Left out are zeros, weights into units that no later layer looks at, and weights from units that are always zero.
    """
    last = len(layers) - 1
    skipped_to = {layer.skip for layer in layers}
    found = [part != 0 for part in values]
    while True:
        before = sum(int(kept.sum()) for kept in found)
        matrices = matrices_of(layers, [part * kept for part, kept in zip(values, found, strict=True)])
        silent = np.zeros(layers[0].weights.shape[1], dtype=np.bool_)  # inputs of the layer at hand
        for number, layer in enumerate(layers):
            weights, biases = matrices[number]
            is_open = number in (last, *skipped_to) or layer.activation == "paths"
            listened = np.ones(len(weights), dtype=np.bool_) if is_open else (matrices[number + 1][0] != 0).any(axis=0)
            places = layer.weights[np.ix_(listened, ~silent)]
            useful = np.union1d(places[places >= 0], layer.biases[listened])
            found[number] &= np.isin(np.arange(len(values[number])), useful)
            constant = biases[:, 0] <= 0 if layer.activation == "relu" else biases[:, 0] == 0
            silent = ~(weights[:, ~silent] != 0).any(axis=1) & constant & (layer.skip is None)
            if layer.activation == "paths":
                silent = np.zeros(layer.n_outputs, dtype=np.bool_)
        if sum(int(kept.sum()) for kept in found) == before:
            return found
