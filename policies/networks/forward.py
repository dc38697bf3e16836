"""The forward pass of every network: one text for training in torch and for play in whole numbers.

Play is exact: weights and activations are multiples of powers of two, few enough bits long that every sum is exact in float64,
in whatever order it is taken. So a file plays the same moves on every machine. After each hidden layer the activations are
rounded to GRID and cut off at MAX_ACTIVATION up and down, which training does not see.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from games.arrays import Float64s
from policies.networks.layers import ABSENT, Layer

GRID = 2.0**-10  # of the activations
MAX_ACTIVATION = 512.0  # activation
EXACT_BITS = 53  # whole numbers up to 2**53 are exact in float64


class Arithmetic(NamedTuple):
    """The operations that differ between training and play."""

    stack: Callable[[Sequence[Any], int], Any]
    gate: Callable[[Any], Any]  # from a sum to the share that goes right at an inner node of a tree: sum + 1/2 within 0 and 1
    settle: Callable[[Any], Any]  # rounding of activations


def gate(sums: Float64s) -> Float64s:
    """The share of a position that goes right at a node."""
    return settle(np.clip(sums + 0.5, 0.0, 1.0))


def settle(activations: Float64s) -> Float64s:
    """Activations rounded to the grid, half up, and cut off."""
    return np.clip(np.floor(activations / GRID + 0.5) * GRID, -MAX_ACTIVATION, MAX_ACTIVATION)


PLAY = Arithmetic(np.stack, gate, settle)


def forward(layers: Sequence[Layer], matrices: Sequence[tuple[Any, Any]], inputs: Any, arithmetic: Arithmetic) -> Any:
    """The numbers of all actions: [..., n_actions, n_rows].

    `matrices` are the weights [..., n_units, n_inputs] and biases [..., n_units, 1] of each layer, `inputs` is [n_inputs, n_rows].
    """
    outputs: list[Any] = []
    found = inputs
    for layer, (weights, biases) in zip(layers, matrices, strict=True):
        found = weights @ found + biases
        if layer.skip is not None:
            found = found + outputs[layer.skip]
        if layer.activation == "relu":
            found = arithmetic.settle(found.clip(min=0))
        elif layer.activation == "paths":
            found = paths(arithmetic.gate(found), arithmetic)
        elif layer is not layers[-1]:
            found = arithmetic.settle(found)
        outputs.append(found)
    return found


def paths(gates: Any, arithmetic: Arithmetic) -> Any:
    """The share of a position that reaches each leaf of a binary tree whose inner nodes, level by level, send `gates` of it right.

    [..., n_leaves - 1, n_rows] to [..., n_leaves, n_rows]
    """
    first, shares = 1, arithmetic.stack([1 - gates[..., 0, :], gates[..., 0, :]], -2)
    while first < gates.shape[-2]:
        right = arithmetic.settle(shares * gates[..., first : 2 * first + 1, :])
        shares = arithmetic.stack([shares - right, right], -2).reshape(*shares.shape[:-2], 2 * (first + 1), shares.shape[-1])
        first = 2 * first + 1
    return shares


def matrices_of(layers: Sequence[Layer], values: Sequence[Float64s]) -> list[tuple[Float64s, Float64s]]:
    """The weights and biases of each layer with their parameters [n_parameters of the layer] put in place."""
    found = []
    for layer, parameters in zip(layers, values, strict=True):
        padded = np.append(parameters, 0.0)  # ABSENT is the last
        found.append((padded[layer.weights], padded[layer.biases][:, None]))
    return found


def bits_needed(layers: Sequence[Layer], values: Sequence[Float64s], grids: Sequence[float]) -> float:
    """How many bits the largest sum of any layer may need, its parameters being multiples of its grid: up to EXACT_BITS is exact."""
    most = 0.0
    largest, spacing = 1.0, 1.0  # of what comes in
    for (weights, biases), grid in zip(matrices_of(layers, values), grids, strict=True):
        sums = largest * np.abs(weights).sum(axis=1) + np.abs(biases[:, 0]) + MAX_ACTIVATION
        most = max(most, float(np.log2(sums.max() / (grid * spacing))))
        largest, spacing = MAX_ACTIVATION, GRID
    return most


def n_multiplications(layers: Sequence[Layer], values: Sequence[Float64s]) -> int:
    """Multiply-adds a position, those with zero left out."""
    return sum(int(np.count_nonzero(weights)) + int(np.count_nonzero(biases)) for weights, biases in matrices_of(layers, values))


def is_plain(layer: Layer) -> bool:
    """Whether the parameters of a layer are simply its matrix row by row, then its biases."""
    n = layer.weights.size
    in_order = np.array_equal(layer.weights.ravel(), np.arange(n))
    return in_order and (np.array_equal(layer.biases, np.arange(n, n + len(layer.biases))) or bool((layer.biases == ABSENT).all()))
