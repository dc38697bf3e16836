"""Networks as policies: the meaning of their parameters, and exact play."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Float64s
from policies.api import Scores, Task
from policies.networks import forward
from policies.networks.architectures import Design, inputs_of, layers_of
from policies.networks.coding import Written
from policies.networks.layers import Layer

CHUNK, MAX_ACTIVATIONS = 1 << 13, 1 << 22  # positions played at a time, fewer where their activations would take over 32 MiB


@dataclass(frozen=True, eq=False)
class NetworkPolicy:
    """A design and, for each of its layers, the parameters as they are written; `method` is how symbols become bits."""

    design: Design
    layers: tuple[Written, ...]
    method: str = "adaptive"

    @property
    def size(self) -> int:
        return self.design.size

    @property
    def n_parameters(self) -> int:
        """Parameters that are not zero."""
        return sum(int(np.count_nonzero(part.symbols)) for part in self.layers)

    @cached_property
    def parameters(self) -> list[Float64s]:
        """The parameters of each layer."""
        return [part.values for part in self.layers]

    def scores(self, task: Task) -> Scores:
        graph, layers = task.graph, layers_of(self.design, task.game)
        matrices = forward.matrices_of(layers, self.parameters)
        scores = np.zeros(graph.n_edges)
        chunk = chunk_of(layers)
        for first in range(0, len(graph.positions), chunk):
            positions = graph.positions[first : first + chunk]
            inputs = inputs_of(self.design, task.game, graph.states[positions]).astype(np.float64)
            logits = forward.forward(layers, matrices, inputs, forward.PLAY)
            edges = slice(graph.edge_start[positions[0]], graph.edge_start[positions[-1] + 1])
            column = np.searchsorted(positions, graph.edge_parent[edges])
            scores[edges] = logits[graph.edge_action[edges], column]
        return scores

    def operations(self, task: Task) -> float:
        """Multiplications with numbers other than zero, each with its addition: the same for every position."""
        return float(forward.n_multiplications(layers_of(self.design, task.game), self.parameters))


def chunk_of(layers: Sequence[Layer]) -> int:
    """How many positions to play at a time."""
    n_activations = layers[0].weights.shape[1] + sum(layer.n_outputs for layer in layers)
    return max(1, min(CHUNK, MAX_ACTIVATIONS // int(n_activations)))
