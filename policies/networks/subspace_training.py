"""Training of networks in random subspaces of their parameters in torch; policies/networks/subspace.py defines these."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from policies.networks.layers import Layer
from policies.networks.random_subspace import MAX_EXPONENT, ORIGIN_GRID, subspace
from policies.networks.samples import Goal, Samples
from policies.networks.training import Assembly, Rounding, Schedule, Trained, spreads, train_through


class Projection:
    """Makes the parameters of a stack of networks from their coordinates, each network in a subspace of its own."""

    def __init__(self, layers: Sequence[Layer], dimension: int, seeds: Sequence[int], scale: Tensor) -> None:
        drawn = [subspace(len(scale), seed) for seed in seeds]
        origin, rank, sign = (torch.from_numpy(np.stack(each)).to(scale.device) for each in zip(*drawn, strict=True))
        self._assembly = Assembly(layers, scale.device)
        self._n_repeats = -(-len(scale) // dimension)
        self._origin, self._rank, self._sign = origin * ORIGIN_GRID * scale, rank, sign * scale

    def parts(self, parameters: Tensor) -> list[Tensor]:
        """The coordinates, which share one step: [n_networks, dimension]."""
        return [parameters]

    def matrices(self, parts: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
        repeated = parts[0].repeat(1, self._n_repeats)  # no place is read twice, so that gradients add up in the same order each time
        found = self._origin + self._sign * repeated.gather(1, self._rank)
        return self._assembly.matrices(self._assembly.parts(found))


def train_subspaces(
    layers: Sequence[Layer],
    samples: Samples,
    dimension: int,
    seeds: Sequence[int],
    schedule: Schedule,
    goal: Goal,
    rounding: Rounding,
    seed: int,
) -> tuple[tuple[int, ...], Trained]:
    """Train one network for each of `seeds`, which draw the subspaces, starting at theta0; `seed` draws the batches.

    Returns the exponents of the layers' scales, and the coordinates.
    """
    starts = np.cumsum([0, *(layer.n_parameters for layer in layers)])[:-1]
    exponents = tuple(int(each) for each in np.clip(np.round(-np.log2(spreads(layers, samples.n_active)[starts])), 0, MAX_EXPONENT))
    scale = np.repeat(np.exp2(-np.array(exponents)), [layer.n_parameters for layer in layers]).astype(np.float32)
    chart = Projection(layers, dimension, seeds, torch.from_numpy(scale).to(samples.inputs.device))
    still = np.zeros((len(seeds), dimension), dtype=np.float32)
    return exponents, train_through(chart, layers, samples, still, torch.ones(dimension), schedule, goal, rounding, seed)
