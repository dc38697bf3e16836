"""Training of the small integer network in torch: all starts of one width at once, as one batch of matrix products.

torch takes seconds to import, so only fitting imports this module. At these sizes a step costs what calling torch a few dozen
times costs: so networks are stacked, inputs and moves are laid out for many steps beforehand, and batches are large rather than
steps many. Moves run along the second axis and positions along the last, which keeps reductions over the moves fast.

The loss of a position is its expected regret under the softmax over its legal moves, plus 0.3 times its mean regret times the
cross-entropy -log P(optimal moves). Regrets are in units of the mean regret of random play. Adam (Kingma & Ba 2015). After
70 % of the steps the weights are rounded to multiples of a step, gradients passing straight through (Bengio et al. 2013), so
that the rest of the training learns to live with the rounding.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from policies.api import Task

CROSS_ENTROPY = 0.3  # measured on go-3x4: 0 gives 2 % less gain, anything from 0.1 to 1 about the same
WARM_UP = 100  # steps until the full learning rate
HOLD = 0.2  # part of the training before the learning rate starts to fall, along a cosine, to zero
ROUND_FROM = 0.7  # part of the training after which weights are rounded
LARGEST = 1 << 24  # whole numbers beyond this are not exact in float32
LAID_OUT = 1 << 15  # samples whose batches are laid out at a time


class Samples(NamedTuple):
    """The contested positions, the moves of each and what they cost."""

    inputs: Tensor  # [n_samples, n_cells] columns of the first weight matrix that are on; the bias's for a cell that turns none on
    regret: Tensor  # [n_samples, n_actions] in units of the mean regret of random play; infinite where the action is illegal
    weight: Tensor  # [n_samples] how often a sample is drawn, relative to the others; always on the CPU
    n_inputs: int  # the bias not counted


class Batch(NamedTuple):
    """What one step trains on."""

    inputs: Tensor  # [n_inputs + 1, batch] one where on, zero elsewhere
    illegal: Tensor  # [n_actions, batch] minus infinity, zero where legal
    regret: Tensor  # [n_actions, batch] zero where illegal
    optimal: Tensor  # [n_actions, batch] one, zero elsewhere
    emphasis: Tensor  # [batch] weight of the cross-entropy


class Schedule(NamedTuple):
    """How to train."""

    n_starts: int
    batch: int
    n_steps: int
    learning_rate: float
    coarseness: float  # rounding step in units of the root mean square of the weights that it rounds


class Whole(NamedTuple):
    """One trained network in whole numbers, as floats: where training diverged they are large, infinite or not a number."""

    into: npt.NDArray[np.float32]  # [n_inputs + 1, width] the last row is the bias
    out: npt.NDArray[np.float32]  # [n_actions, width + 1] the last column is the bias, counted in units
    unit: float


class Rounding(NamedTuple):
    """How real weights become whole, for each start: multiples of a step each; the constant hidden unit holds `unit` of the first."""

    into_step: Tensor  # [n_starts]
    out_step: Tensor
    unit: Tensor


def contested_samples(task: Task, inputs: npt.NDArray[np.int32], n_inputs: int) -> Samples:
    """The positions where moves differ in value; `inputs` holds the inputs that are on, else -1: [n_positions, n_cells].

    On a graphics processor where there is one; training then runs there.
    """
    graph = task.graph
    total = np.bincount(graph.edge_parent, task.solution.regret, minlength=graph.n_states)
    contested = (total > 0) & (task.weights > 0)
    edges = np.flatnonzero(contested[graph.edge_parent])
    regret = np.full((int(contested.sum()), task.game.n_actions), np.inf, dtype=np.float32)
    if len(edges):
        row = np.cumsum(contested) - 1
        regret[row[graph.edge_parent[edges]], graph.edge_action[edges]] = task.solution.regret[edges] / task.uniform_regret
    on = inputs[contested[graph.positions]]
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return Samples(
        inputs=torch.from_numpy(np.where(on < 0, n_inputs, on).astype(np.int32)).to(device),
        regret=torch.from_numpy(regret).to(device),
        weight=torch.from_numpy(task.weights[contested]),
        n_inputs=n_inputs,
    )


def draw_order(weight: Tensor, n_draws: int, generator: torch.Generator) -> Tensor:
    """Samples to visit, in shuffled rounds; each round draws every sample in proportion to its weight, by systematic sampling.

    With equal weights a round visits every sample exactly once. [n_draws]
    """
    n = len(weight)
    ends = torch.cumsum(weight, 0) / weight.sum() * n
    rounds = []
    for _ in range(-(-n_draws // n)):
        ticks = torch.arange(n, dtype=torch.float64) + torch.rand((), generator=generator, dtype=torch.float64)
        rounds.append(torch.searchsorted(ends, ticks).clamp(max=n - 1)[torch.randperm(n, generator=generator)])
    return torch.cat(rounds)[:n_draws]


def lay_out(samples: Samples, rows: Tensor) -> Iterator[Batch]:
    """The batches made of the samples `rows` [n_batches, batch]."""
    inputs = torch.zeros(len(rows), samples.n_inputs + 1, rows.shape[1], device=rows.device)
    inputs.scatter_(1, samples.inputs[rows].transpose(1, 2).long(), 1.0)
    inputs[:, -1] = 1.0
    regret = samples.regret[rows].transpose(1, 2).contiguous()
    legal = torch.isfinite(regret)
    optimal = (regret == 0).float()
    illegal = torch.where(legal, 0.0, -torch.inf)
    regret = torch.where(legal, regret, 0.0)
    emphasis = CROSS_ENTROPY * regret.sum(1) / legal.sum(1)
    return map(Batch._make, zip(inputs, illegal, regret, optimal, emphasis, strict=True))


def losses(batch: Batch, into: Tensor, out: Tensor, bias: Tensor) -> Tensor:
    """The loss of every position under every network: [n_starts, batch].

    `into` is [n_starts, width, n_inputs + 1], `out` [n_starts, n_actions, width] and `bias` [n_starts, n_actions, 1].
    """
    n_starts, width, _ = into.shape
    hidden = torch.relu(into.flatten(0, 1) @ batch.inputs).view(n_starts, width, -1)
    chance = torch.softmax(torch.baddbmm(batch.illegal, out, hidden) + bias, 1)
    on_optimal = (chance * batch.optimal).sum(1)
    return (chance * batch.regret).sum(1) - batch.emphasis * torch.log(on_optimal + 1e-9)


def train(samples: Samples, width: int, schedule: Schedule, seed: int) -> list[Whole]:
    """Networks of one width from several random starts; on a machine the same each time, whatever was trained before."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums then have one order; and threads that wait for each other crawl where cores are busy
    try:
        return _train(samples, width, schedule, seed)
    finally:
        torch.set_num_threads(n_threads)


def _train(samples: Samples, width: int, schedule: Schedule, seed: int) -> list[Whole]:
    device, (n_starts, batch, n_steps, learning_rate, coarseness) = samples.inputs.device, schedule
    generator = torch.Generator().manual_seed(seed)  # on the CPU, so that every device starts from the same weights
    n_active = max(1.0, float((samples.inputs < samples.n_inputs).sum(1).double().mean()))
    n_actions = samples.regret.shape[1]
    shapes = ((width, samples.n_inputs + 1, n_active), (n_actions, width, width), (n_actions, 1, width))
    into, out, bias = (
        (torch.randn(n_starts, n_rows, n_columns, generator=generator) / math.sqrt(fan_in)).to(device).requires_grad_()
        for n_rows, n_columns, fan_in in shapes
    )
    order = draw_order(samples.weight, n_steps * batch, generator).view(n_steps, batch)
    adam = torch.optim.Adam([into, out, bias], fused=True)
    share = torch.full((n_starts, batch), 1 / batch, device=device)
    turn, rounding = int(ROUND_FROM * n_steps), None
    blocks = torch.split(order, max(1, LAID_OUT // batch))
    for step, laid_out in enumerate(part for rows in blocks for part in lay_out(samples, rows.to(device))):
        if step == turn:
            rounding = choose_rounding(into, out, coarseness)
        rate = learning_rate * min(1.0, (step + 1) / WARM_UP)
        if step > HOLD * n_steps:
            rate *= 0.5 + 0.5 * math.cos(math.pi * (step / n_steps - HOLD) / (1 - HOLD))
        adam.param_groups[0]["lr"] = rate
        adam.zero_grad()
        used = (into, out, bias) if rounding is None else round_weights(into, out, bias, rounding)
        torch.autograd.backward(losses(laid_out, *used), share)
        adam.step()
    return whole_networks(into, out, bias, rounding or choose_rounding(into, out, coarseness))


@torch.no_grad()
def choose_rounding(into: Tensor, out: Tensor, coarseness: float) -> Rounding:
    """Steps of `coarseness` times the root mean square of each start's weights."""
    into_step, out_step = ((coarseness * part.square().mean((1, 2)).sqrt()).clamp(min=1e-12) for part in (into, out))
    return Rounding(into_step, out_step, torch.round(1 / into_step).clamp(min=1))


def round_weights(into: Tensor, out: Tensor, bias: Tensor, rounding: Rounding) -> tuple[Tensor, Tensor, Tensor]:
    """The weights as the whole numbers will act, at the scale of the real ones; gradients pass straight through."""
    into_step, out_step, unit = rounding
    zero = torch.zeros_like(unit, dtype=torch.int32)
    rounded = [
        torch.fake_quantize_per_channel_affine(part, steps, zero, 0, -LARGEST, LARGEST)
        for part, steps in ((into, into_step), (out, out_step), (bias, out_step))
    ]
    return rounded[0], rounded[1], rounded[2] * (unit * into_step)[:, None, None]


@torch.no_grad()
def whole_networks(into: Tensor, out: Tensor, bias: Tensor, rounding: Rounding) -> list[Whole]:
    """The multiples that the weights round to, for each start."""
    into_step, out_step, unit = (part[:, None, None] for part in rounding)
    first = torch.round(into / into_step).transpose(1, 2).cpu().numpy()
    second = torch.round(torch.cat([out, bias], 2) / out_step).cpu().numpy()
    return [Whole(*parts) for parts in zip(first, second, unit.flatten().tolist(), strict=True)]
