"""The diagonal of the Hessian of a network's training loss: what Optimal Brain Damage rests on.

torch takes seconds to import, so only fitting imports this module.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from games.arrays import Float64s
from policies.networks.forward import forward
from policies.networks.layers import Layer
from policies.networks.samples import Goal, Samples, draw_order, lay_out, losses
from policies.networks.training import TRAINING, Assembly

MAX_EXACT = 256  # parameters up to which every entry is computed
N_PROBES = 64  # beyond
MAX_SAMPLES = 1 << 12  # of the loss that is differentiated twice


class Diagonal(NamedTuple):
    """The second derivative of the mean loss after each parameter; exact for the samples it was taken over, or estimated."""

    values: Float64s  # [n_parameters]
    is_exact: bool


def hessian_diagonal(layers: Sequence[Layer], samples: Samples, values: Float64s, goal: Goal, seed: int) -> Diagonal:
    """The diagonal at the parameters `values` [n_parameters], over all samples or MAX_SAMPLES drawn by their weights.

    Up to MAX_EXACT parameters that are not zero each column is computed. Beyond, it is the mean of v * (H v) over N_PROBES vectors
    v of random signs (Hutchinson 1990; Bekas, Kokiopoulou & Saad 2007): unbiased, its variance the sum of the squares of the rest of
    the row over N_PROBES. Zeros are taken to be pruned and get 0.
    """
    generator = torch.Generator().manual_seed(seed)
    n_samples = len(samples.weight)
    rows = torch.arange(n_samples) if n_samples <= MAX_SAMPLES else draw_order(samples.weight, MAX_SAMPLES, generator)
    share = samples.weight[rows] if n_samples <= MAX_SAMPLES else torch.ones(MAX_SAMPLES)
    device = samples.inputs.device
    (batch,) = lay_out(samples, rows.view(1, -1).to(device))
    assembly = Assembly(layers, device)
    point = torch.from_numpy(values.astype(np.float32)).to(device).view(1, -1).requires_grad_()
    each = losses(batch, forward(layers, assembly.matrices(assembly.parts(point)), batch.inputs, TRAINING), goal)
    loss = (each[0] * (share / share.sum()).to(device=device, dtype=torch.float32)).sum()
    (gradient,) = torch.autograd.grad(loss, point, create_graph=True)

    def row(direction: Tensor) -> Tensor:
        (found,) = torch.autograd.grad(gradient, point, direction.view(1, -1), retain_graph=True)
        return found[0]

    kept = torch.from_numpy(np.flatnonzero(values))
    total = torch.zeros(len(values), dtype=torch.float64)
    is_exact = len(kept) <= MAX_EXACT
    if is_exact:
        for place in kept.tolist():
            total[place] = row(torch.nn.functional.one_hot(torch.tensor(place, device=device), len(values)).float())[place]
    else:
        for _ in range(N_PROBES):
            signs = torch.zeros(len(values))
            signs[kept] = torch.randint(0, 2, (len(kept),), generator=generator).float() * 2 - 1
            total += (signs.to(device) * row(signs.to(device))).double().cpu() / N_PROBES
    return Diagonal(total.numpy(), is_exact)
