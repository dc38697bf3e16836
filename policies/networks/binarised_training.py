"""Training of perceptrons whose hidden activations are signs; only fitting imports this module, which needs torch.

A sign has no slope. Gradients pass through it as through tanh of the same sum: the straight-through estimator (Bengio, Léonard &
Courville 2013; Courbariaux et al. 2016 cut it off at 1 instead).
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from games.arrays import Float32s
from policies.networks.forward import forward
from policies.networks.layers import Layer
from policies.networks.samples import Goal, Samples, draw_order, lay_out, losses
from policies.networks.training import (
    ADAM,
    HOLD,
    LAID_OUT,
    TRAINING,
    WARM_UP,
    Assembly,
    Rounding,
    Schedule,
    Trained,
    choose_steps,
    one_thread,
    round_parts,
    spreads,
)


class Sign(torch.autograd.Function):
    """The sign of play, 1 at zero, with the slope of tanh."""

    @staticmethod
    def forward(ctx: Any, sums: Tensor) -> Tensor:
        ctx.save_for_backward(sums)
        return torch.where(sums >= 0, 1.0, -1.0)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> Tensor:
        return slope * (1 - torch.tanh(ctx.saved_tensors[0]).square())


@one_thread()
def train(
    layers: Sequence[Layer], samples: Samples, values: Float32s, schedule: Schedule, goal: Goal, rounding: Rounding, seed: int
) -> Trained:
    """Train a stack of perceptrons from the given parameters [n_networks, n_parameters] as `policies.networks.training.train` does.

    Batches, learning rates and rounding are those of ordinary networks; hidden activations are signs from the first step on.
    """
    device, (batch, n_steps, learning_rate, round_from, _) = samples.inputs.device, schedule
    arithmetic = TRAINING._replace(settle=Sign.apply)
    generator = torch.Generator().manual_seed(seed)
    scale = torch.from_numpy(spreads(layers, samples.n_active)).to(device)
    chart = Assembly(layers, device)
    free = (torch.from_numpy(values).to(device) / scale).requires_grad_()
    order = draw_order(samples.weight, n_steps * batch, generator).view(n_steps, batch)
    adam = torch.optim.Adam([free], fused=True, **ADAM)
    share = torch.full((len(values), batch), 1 / batch, device=device)
    turn, steps = int(round_from * n_steps), None
    blocks = torch.split(order, max(1, LAID_OUT // batch))
    for step, laid_out in enumerate(part for rows in blocks for part in lay_out(samples, rows.to(device))):
        if step == turn:
            steps = choose_steps(chart.parts(free * scale), rounding)
        rate = learning_rate * min(1.0, (step + 1) / WARM_UP)
        if step > HOLD * n_steps:
            rate *= 0.5 + 0.5 * math.cos(math.pi * (step / n_steps - HOLD) / (1 - HOLD))
        adam.param_groups[0]["lr"] = rate
        adam.zero_grad()
        parts = chart.parts(free * scale)
        if steps is not None:
            parts = round_parts(parts, steps, rounding)
        logits = forward(layers, chart.matrices(parts), laid_out.inputs, arithmetic)
        torch.autograd.backward(losses(laid_out, logits, goal), share)
        adam.step()
    with torch.no_grad():
        parts = chart.parts(free * scale)
        steps = choose_steps(parts, rounding) if steps is None else steps
        # rounding makes numbers even of what is none: let it be seen that training diverged
        rounded = torch.where((free * scale).isfinite(), torch.cat(round_parts(parts, steps, rounding), 1), torch.nan)
    return Trained(rounded.cpu().numpy(), steps.cpu().numpy())
