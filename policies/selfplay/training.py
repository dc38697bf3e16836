"""The network in torch: what it says of many positions at once, and the steps by which it learns.

torch takes seconds to import, so only self-play imports this module. Every parameter is trained in units of the spread that it starts with,
as in policies/networks/training.py, by Adam (Kingma & Ba 2015) at a constant rate. The network that plays has the running mean of the
parameters (Polyak & Juditsky 1992), which plays better than any of those that went into it.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from games.arrays import Float32s, Float64s, Int64s, UInt8s
from games.contract import Game, States
from policies.networks.architectures import Design, inputs_of
from policies.networks.forward import forward
from policies.networks.layers import Layer
from policies.networks.training import TRAINING, Assembly, spreads
from policies.selfplay.games import Lessons
from policies.selfplay.known import Evaluate
from policies.selfplay.weights import Loss, Weights

BETAS, EPSILON = (0.9, 0.999), 1e-8  # of Adam
VALUE_WEIGHT = 1.0  # of the squared error of the value, beside the cross-entropy of the policy


def fresh(n_parameters: int, seed: int) -> Weights:
    """Random parameters to start from."""
    free = torch.randn(n_parameters, generator=torch.Generator().manual_seed(seed)).numpy()
    return Weights(free, free.copy(), np.zeros_like(free), np.zeros_like(free))


def evaluator(design: Design, game: Game, layers: Sequence[Layer], parameters: Float32s) -> Evaluate:
    """The function that tells the numbers of all actions and the value of a batch of states."""
    parts = Assembly(layers, torch.device("cpu"))
    matrices = [(weights[0], biases[0]) for weights, biases in parts.matrices(parts.parts(torch.from_numpy(parameters)[None]))]

    @torch.no_grad()
    def evaluate(states: States) -> tuple[Float64s, Float64s]:
        inputs = torch.from_numpy(inputs_of(design, game, states)).float()
        found = forward(layers, matrices, inputs, TRAINING).T.double().numpy()
        return found[:, :-1], np.clip(found[:, -1], -1.0, 1.0)

    return evaluate


def train(
    layers: Sequence[Layer],
    scale: Float32s,
    weights: Weights,
    n_before: int,
    lessons: Lessons,
    inputs: UInt8s,
    batches: Int64s,
    learning_rate: float,
    memory: float,
) -> tuple[Weights, Loss]:
    """Take a step for each row of `batches` [n_steps, batch], which are places among the lessons.

    scale: the spread of each parameter [n_parameters]; n_before: the steps taken before; inputs: of all lessons [n_inputs, n]; memory: how
    many steps the running mean of the parameters goes back.
    """
    chart = Assembly(layers, torch.device("cpu"))
    spread = torch.from_numpy(scale)
    free, mean, first, second = (torch.from_numpy(array.copy()) for array in weights)
    free.requires_grad_()
    all_inputs, target, value = torch.from_numpy(inputs), torch.from_numpy(lessons.target.T.copy()), torch.from_numpy(lessons.value)
    losses = []
    for step, rows in enumerate(torch.from_numpy(batches), n_before + 1):
        said = forward(layers, chart.matrices(chart.parts((free * spread)[None])), all_inputs[:, rows].float(), TRAINING)[0]
        cross_entropy, error = loss_of(said, target[:, rows], value[rows])
        (slope,) = torch.autograd.grad(cross_entropy + VALUE_WEIGHT * error, free)
        with torch.no_grad():
            first.lerp_(slope, 1 - BETAS[0])
            second.lerp_(slope.square(), 1 - BETAS[1])
            known = second / (1 - BETAS[1] ** step)
            free.sub_(learning_rate / (1 - BETAS[0] ** step) * first / (known.sqrt() + EPSILON))
            mean.lerp_(free, 1 / min(step, memory))
        losses.append((cross_entropy.item(), error.item()))
    found = np.array(losses).mean(axis=0)
    return Weights(*(tensor.detach().numpy() for tensor in (free, mean, first, second))), Loss(float(found[0] / np.log(2)), float(found[1]))


def loss_of(said: Tensor, target: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """The mean cross-entropy to the target policies [n_actions, n], in nats, and the mean squared error of the values [n]."""
    legal = target >= 0
    chance = torch.log_softmax(torch.where(legal, said[:-1], -torch.inf), 0)
    cross_entropy = -torch.where(legal, target * torch.where(legal, chance, 0.0), 0.0).sum(0).mean()
    return cross_entropy, (said[-1] - value).square().mean()


def starting_spreads(design: Design, game: Game, layers: Sequence[Layer], states: States) -> Float32s:
    """The spread that each parameter starts with, from how many inputs are on in some states. [n_parameters]"""
    return spreads(layers, max(1.0, float(inputs_of(design, game, states).sum(axis=0).mean())))
