"""Training of networks in torch: many of one shape at once, as one batch of matrix products.

torch takes seconds to import, so only fitting imports this module. Small networks cost what calling torch a few dozen times
costs: so they are stacked, inputs and moves are laid out for many steps beforehand, and batches are large rather than steps
many. Moves run along the second axis and positions along the last, which keeps reductions over the moves fast.

Every parameter is trained in units of the spread that it starts with, so that one learning rate serves layers of all widths.
Adam (Kingma & Ba 2015). From `round_from` on, parameters are rounded as the `Rounding` says, gradients passing straight
through (Bengio et al. 2013), so that the rest of the training learns to live with the rounding.
"""

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from games.arrays import Bools, Float32s, Int32s
from policies.networks.coding import round_step
from policies.networks.forward import Arithmetic, forward, is_plain
from policies.networks.layers import Layer
from policies.networks.samples import Goal, Samples, draw_order, lay_out, losses
from policies.networks.training_log import Log

WARM_UP = 100  # steps until the full learning rate
HOLD = 0.2  # part of the training before the learning rate starts to fall, along a cosine, to zero
MAX_WHOLE = 1 << 24  # whole numbers beyond this are not exact in float32
LAID_OUT = 1 << 15  # samples whose batches are laid out at a time
ADAM: Any = {"betas": (0.9, 0.999), "eps": 1e-8}


class Schedule(NamedTuple):
    """How long to train, in what steps. Rounding, where there is any, begins after `round_from` of the steps.

    `noise` is the standard deviation of what is added to hidden activations, in units of the root mean square of those of the layer.
    """

    batch: int
    n_steps: int
    learning_rate: float
    round_from: float = 0.7
    noise: float = 0.0


class Rounding(NamedTuple):
    """Whole multiples of a step, from -most to most: `coarseness` in units of the root mean square of the parameters of a layer."""

    coarseness: float
    most: int = MAX_WHOLE
    steps: tuple[float, ...] = ()  # the step of each layer, where it is not to be chosen
    is_binary: bool = False  # to one step up or down, never to zero


class Trained(NamedTuple):
    """The parameters of each network of a stack: real ones, and as they are rounded; `steps` says to multiples of what."""

    values: Float32s  # [n_networks, n_parameters]
    steps: Float32s  # [n_networks, n_layers] 0 where nothing is rounded


class SoftGate(torch.autograd.Function):
    """The cut-off gate of play with the slope of the logistic function of the same steepness, which is nowhere flat."""

    @staticmethod
    def forward(ctx: Any, sums: Tensor) -> Tensor:
        ctx.save_for_backward(sums)
        return (sums + 0.5).clamp(0, 1)

    @staticmethod
    def backward(ctx: Any, slope: Tensor) -> Tensor:
        share = torch.sigmoid(4 * ctx.saved_tensors[0])
        return slope * 4 * share * (1 - share)


TRAINING = Arithmetic(lambda parts, axis: torch.stack(tuple(parts), axis), SoftGate.apply, lambda activations: activations)


def noisy(noise: float, seed: int, device: torch.device) -> Callable[[Tensor], Tensor]:
    """Adds Gaussian noise to the activations of a layer [n_networks, n_units, n_rows], `noise` times their root mean square."""
    generator = torch.Generator(device).manual_seed(seed)

    def settle(activations: Tensor) -> Tensor:
        spread = activations.detach().square().mean((1, 2), keepdim=True).sqrt()
        return activations + noise * spread * torch.randn(activations.shape, generator=generator, device=device)

    return settle


class Chart(Protocol):
    """From the numbers that are trained, one row a network, to the networks."""

    def parts(self, parameters: Tensor) -> list[Tensor]:
        """The same numbers in parts that are rounded to one step each."""

    def matrices(self, parts: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
        """The weights [n_networks, n_units, n_inputs] and biases [n_networks, n_units, 1] of each layer."""


class Assembly:
    """Puts flat parameters into the matrices of a stack of networks."""

    def __init__(self, layers: Sequence[Layer], device: torch.device) -> None:
        self.layers = layers
        self.starts = np.cumsum([0, *(layer.n_parameters for layer in layers)]).tolist()
        self._plain = [is_plain(layer) for layer in layers]
        self._places = [
            (self._index(layer.weights, layer, device), self._index(layer.biases, layer, device)) if not plain else None
            for layer, plain in zip(layers, self._plain, strict=True)
        ]

    @staticmethod
    def _index(places: Int32s, layer: Layer, device: torch.device) -> Tensor:
        absent = layer.n_parameters
        return torch.from_numpy(np.where(places < 0, absent, places).ravel().astype(np.int64)).to(device)

    def parts(self, parameters: Tensor) -> list[Tensor]:
        """The parameters of each layer: [n_networks, n_parameters of the layer]."""
        return list(torch.split_with_sizes(parameters, np.diff(self.starts).tolist(), 1))

    def matrices(self, parts: Sequence[Tensor]) -> list[tuple[Tensor, Tensor]]:
        """[n_networks, n_units, n_inputs] and [n_networks, n_units, 1] for each layer."""
        found = []
        for layer, part, places in zip(self.layers, parts, self._places, strict=True):
            n_networks, (n_units, n_inputs) = len(part), layer.weights.shape
            if places is None:
                weights = part[:, : layer.weights.size].view(n_networks, n_units, n_inputs)
                rest = part[:, layer.weights.size :]
                biases = rest.unsqueeze(2) if rest.shape[1] else part.new_zeros(1, 1, 1)
            else:
                padded = torch.nn.functional.pad(part, (0, 1))
                weights = padded.index_select(1, places[0]).view(n_networks, n_units, n_inputs)
                biases = padded.index_select(1, places[1]).unsqueeze(2)
            found.append((weights, biases))
        return found


def spreads(layers: Sequence[Layer], n_active: float) -> Float32s:
    """The standard deviation with which each parameter starts, after how many inputs its units sum up. [n_parameters]

    One over the root of that number, more by the root of two behind a rectifier (He et al. 2015), half of it where a way round
    the layer is added.
    """
    found = []
    for number, layer in enumerate(layers):
        fan_in = n_active if number == 0 else float((layer.weights >= 0).sum(1).mean())
        if number == 0 and (layer.weights < 0).any():  # filters see a part of the board
            fan_in *= float((layer.weights >= 0).mean())
        spread = 1 / math.sqrt(max(1.0, fan_in))
        if number and layers[number - 1].activation == "relu" and layer.activation == "relu":
            spread *= math.sqrt(2)
        found.append(np.full(layer.n_parameters, spread * (0.5 if layer.skip is not None else 1.0), dtype=np.float32))
    return np.concatenate(found)


def start(layers: Sequence[Layer], n_networks: int, n_active: float, seed: int) -> Float32s:
    """Random parameters to start from: [n_networks, n_parameters]."""
    generator = torch.Generator().manual_seed(seed)  # on the CPU, so that every device starts from the same weights
    scale = spreads(layers, n_active)
    found: Float32s = (torch.randn(n_networks, len(scale), generator=generator) * torch.from_numpy(scale)).numpy()
    return found


def train(
    layers: Sequence[Layer],
    samples: Samples,
    values: Float32s,
    schedule: Schedule,
    goal: Goal,
    rounding: Rounding | None,
    seed: int,
    kept: Bools | None = None,
    log: Log | None = None,
) -> Trained:
    """Train a stack of networks from the given parameters [n_networks, n_parameters]; on a machine the same each time.

    Where `kept` is false, a parameter is and stays zero: [n_networks, n_parameters] or [n_parameters].
    """
    scale = torch.from_numpy(spreads(layers, samples.n_active))
    if kept is not None:
        scale = scale * torch.from_numpy(kept)
    chart = Assembly(layers, samples.inputs.device)
    return train_through(chart, layers, samples, values, scale, schedule, goal, rounding, seed, log)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Use one thread: sums then have a fixed order, and threads do not wait for each other on busy cores."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)


@one_thread()
def train_through(
    chart: Chart,
    layers: Sequence[Layer],
    samples: Samples,
    values: Float32s,
    scale: Tensor,
    schedule: Schedule,
    goal: Goal,
    rounding: Rounding | None,
    seed: int,
    log: Log | None = None,
) -> Trained:
    """The same for numbers [n_networks, n_numbers] from which a chart makes the networks, each trained in units of its `scale`."""
    device, (batch, n_steps, learning_rate, round_from, noise) = samples.inputs.device, schedule
    arithmetic = TRAINING._replace(settle=noisy(noise, seed, device)) if noise else TRAINING
    generator = torch.Generator().manual_seed(seed)
    scale = scale.to(device)
    free = torch.where(scale > 0, torch.from_numpy(values).to(device) / scale, 0.0).requires_grad_()
    order = draw_order(samples.weight, n_steps * batch, generator).view(n_steps, batch)
    adam = torch.optim.Adam([free], fused=True, **ADAM)
    share = torch.full((len(values), batch), 1 / batch, device=device)
    turn, steps = int(round_from * n_steps), None
    blocks = torch.split(order, max(1, LAID_OUT // batch))
    for step, laid_out in enumerate(part for rows in blocks for part in lay_out(samples, rows.to(device))):
        if step == turn and rounding is not None:
            steps = choose_steps(chart.parts(free * scale), rounding)
        rate = learning_rate * min(1.0, (step + 1) / WARM_UP)
        if step > HOLD * n_steps:
            rate *= 0.5 + 0.5 * math.cos(math.pi * (step / n_steps - HOLD) / (1 - HOLD))
        adam.param_groups[0]["lr"] = rate
        adam.zero_grad()
        parts = chart.parts(free * scale)
        if steps is not None and rounding is not None:
            parts = round_parts(parts, steps, rounding)
        loss = losses(laid_out, forward(layers, chart.matrices(parts), laid_out.inputs, arithmetic), goal)
        torch.autograd.backward(loss, share)
        if log is not None and free.grad is not None:
            log.note(loss, chart.parts(free.grad))
            if step in log.at:
                log.note_moment(step, activations_of(layers, chart.matrices(parts), laid_out.inputs), chart.parts(free.grad))
        adam.step()
    with torch.no_grad():
        found = free * scale
        parts = chart.parts(found)
        if rounding is not None:
            steps = choose_steps(parts, rounding) if steps is None else steps
            # rounding makes numbers even of what is none: let it be seen that training diverged
            found = torch.where(torch.cat(parts, 1).isfinite(), torch.cat(round_parts(parts, steps, rounding), 1), torch.nan)
    chosen = torch.zeros(len(values), len(parts)) if steps is None else steps
    return Trained(found.cpu().numpy(), chosen.cpu().numpy())


@torch.no_grad()
def activations_of(layers: Sequence[Layer], matrices: Sequence[tuple[Tensor, Tensor]], inputs: Tensor) -> list[Tensor]:
    """What the hidden layers put out in training, in order: [n_networks, n_units, n_rows] each; of a tree some shares only."""
    seen: list[Tensor] = []

    def settle(activations: Tensor) -> Tensor:
        seen.append(activations)
        return activations

    forward(layers, matrices, inputs, TRAINING._replace(settle=settle))
    return seen


@torch.no_grad()
def choose_steps(parts: Sequence[Tensor], rounding: Rounding) -> Tensor:
    """For each network and layer `coarseness` times the root mean square of its parameters that are not zero. [n_networks, n_layers]"""
    if rounding.steps:
        return torch.tensor([rounding.steps] * len(parts[0]), dtype=torch.float32, device=parts[0].device)
    found = []
    for part in parts:
        n_kept = (part != 0).sum(1).clamp(min=1)
        size = (part.square().sum(1) / n_kept).sqrt()
        found.append(
            [round_step(max(1e-9, min(100.0, rounding.coarseness * float(each)))) if math.isfinite(each) else 1.0 for each in size]
        )
    return torch.tensor(found, dtype=torch.float32, device=parts[0].device).T.contiguous()


def round_parts(parts: Sequence[Tensor], steps: Tensor, rounding: Rounding) -> list[Tensor]:
    """The parameters as multiples of their steps; gradients pass straight through, but not beyond the largest."""
    zero = torch.zeros(len(steps), dtype=torch.int32, device=steps.device)
    most = rounding.most
    if rounding.is_binary:  # a step down, and from there to 0 or two steps up
        ups = [steps[:, i].contiguous() for i in range(len(parts))]
        shifted = zip(parts, ups, strict=True)
        signs = [torch.fake_quantize_per_channel_affine(part - up[:, None], 2 * up, zero, 0, -1, 0) + up[:, None] for part, up in shifted]
        return [torch.where(part == 0, 0.0, sign) for part, sign in zip(parts, signs, strict=True)]
    return [torch.fake_quantize_per_channel_affine(part, steps[:, i].contiguous(), zero, 0, -most, most) for i, part in enumerate(parts)]
