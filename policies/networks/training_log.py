"""The optional log of training: losses, gradients, and histograms at a few steps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from torch import Tensor

from games.arrays import Float64s, Int64s

N_BINS = 24


class Histogram(NamedTuple):
    """Counts [N_BINS] between edges [N_BINS + 1], equally wide from the least to the most."""

    counts: Int64s
    edges: Float64s


class Moment(NamedTuple):
    """One step: the activations of each hidden layer, before any rounding, and the gradients of each layer, of all networks."""

    step: int
    activations: list[Histogram]
    gradients: list[Histogram]


@dataclass(frozen=True)
class Log:
    """What was seen, a row a step; with histograms at the steps `at`."""

    at: tuple[int, ...] = ()
    loss: list[list[float]] = field(default_factory=list)  # [n_steps, n_networks] mean over the batch
    gradient: list[list[float]] = field(default_factory=list)  # [n_steps, n_layers] root mean square
    moments: list[Moment] = field(default_factory=list)

    def note(self, loss: Tensor, gradients: Sequence[Tensor]) -> None:
        """Take up a step. loss: [n_networks, batch]; gradients: [n_networks, n_parameters of the layer] each."""
        self.loss.append(loss.detach().mean(1).tolist())
        self.gradient.append([float(part.square().mean().sqrt()) for part in gradients])

    def note_moment(self, step: int, activations: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
        """Take up histograms at a step."""
        self.moments.append(Moment(step, *([_histogram(part) for part in parts] for parts in (activations, gradients))))


def _histogram(part: Tensor) -> Histogram:
    counts, edges = np.histogram(part.detach().cpu().double().numpy(), N_BINS)
    return Histogram(counts.astype(np.int64), edges)
