"""The training data of networks: the contested positions, drawn into batches, and the loss of play there.

The loss of a position is one of three (`Goal.target`). `regret`: its expected regret under the softmax over its legal moves,
plus 0.3 times its mean regret times the cross-entropy -log P(optimal moves). `optimal`: that cross-entropy alone. `soft`: the
cross-entropy to the softmax of the move values divided by a temperature (Hinton, Vinyals & Dean 2015), weighted likewise.
Regrets are in units of the mean regret of random play.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from games.arrays import UInt8s
from policies.api import Task

CROSS_ENTROPY = 0.3  # measured on go-3x4: 0 gives 2 % less gain, anything from 0.1 to 1 about the same


@dataclass(frozen=True, eq=False)
class Samples:
    """The contested positions, the moves of each and what they cost."""

    inputs: Tensor  # [n_inputs, n_samples] 0 or 1, a byte each
    regret: Tensor  # [n_actions, n_samples] in units of the mean regret of random play; infinite where the action is illegal
    weight: Tensor  # [n_samples] how often a sample is drawn, relative to the others; always on the CPU

    @property
    def n_active(self) -> float:
        """How many inputs are on, on average."""
        return max(1.0, float(self.inputs.sum(0, dtype=torch.float32).mean()))


class Batch(NamedTuple):
    """What one step trains on."""

    inputs: Tensor  # [n_inputs, batch]
    illegal: Tensor  # [n_actions, batch] minus infinity, zero where legal
    regret: Tensor  # [n_actions, batch] zero where illegal
    optimal: Tensor  # [n_actions, batch] one, zero elsewhere
    emphasis: Tensor  # [batch] the mean regret of the position's moves


class Goal(NamedTuple):
    """The target of training; `temperature` is in units of the mean regret of random play."""

    target: str = "regret"  # regret, optimal or soft
    temperature: float = 1.0


def contested_samples(task: Task, inputs: UInt8s) -> Samples:
    """The positions where moves differ in value; `inputs` are those of all positions: [n_inputs, n_positions].

    On a graphics processor where there is one; training then runs there.
    """
    graph = task.graph
    total = np.bincount(graph.edge_parent, task.solution.regret, minlength=graph.n_states)
    contested = (total > 0) & (task.weights > 0)
    edges = np.flatnonzero(contested[graph.edge_parent])
    regret = np.full((task.game.n_actions, int(contested.sum())), np.inf, dtype=np.float32)
    if len(edges):
        column = np.cumsum(contested) - 1
        regret[graph.edge_action[edges], column[graph.edge_parent[edges]]] = task.solution.regret[edges] / task.uniform_regret
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    chosen = np.ascontiguousarray(inputs[:, contested[graph.positions]])
    return Samples(torch.from_numpy(chosen).to(device), torch.from_numpy(regret).to(device), torch.from_numpy(task.weights[contested]))


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

    def of(tensor: Tensor) -> Tensor:
        """[n, n_samples] to [n_batches, n, batch]"""
        return tensor[:, rows.flatten()].view(len(tensor), *rows.shape).transpose(0, 1).contiguous()

    regret = of(samples.regret)
    legal = torch.isfinite(regret)
    illegal = torch.where(legal, 0.0, -torch.inf)
    optimal = (regret == 0).float()
    regret = torch.where(legal, regret, 0.0)
    emphasis = regret.sum(1) / legal.sum(1)
    return map(Batch._make, zip(of(samples.inputs).float(), illegal, regret, optimal, emphasis, strict=True))


def losses(batch: Batch, logits: Tensor, goal: Goal) -> Tensor:
    """The loss of every position under every network: [n_networks, batch]. `logits` is [n_networks, n_actions, batch]."""
    if goal.target == "soft":
        wanted = torch.softmax(batch.illegal - batch.regret / goal.temperature, 0)
        chance = torch.log_softmax(logits + batch.illegal, 1).clamp(min=-1e4)
        return -batch.emphasis * (wanted * chance).sum(1)
    chance = torch.softmax(logits + batch.illegal, 1)
    cross_entropy = -batch.emphasis * torch.log((chance * batch.optimal).sum(1) + 1e-9)
    return cross_entropy if goal.target == "optimal" else (chance * batch.regret).sum(1) + CROSS_ENTROPY * cross_entropy
