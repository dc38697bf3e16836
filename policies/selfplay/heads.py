"""Networks with two heads: numbers of all actions, and the value of the position, both read off the last hidden layer.

The value is a weighted sum of the last hidden activations, cut off at the largest payoff, so that it is exact as all play is
(policies/networks/forward.py). Where a unit comes once for every symmetry, or once for every cell, these copies share a weight: the value
is then the same for all images of a position.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Float64s, Int32s
from games.contract import Game, States
from policies.api import Scores, Task
from policies.networks import forward
from policies.networks.architectures import Design, inputs_of, layers_of, n_inputs, uses_planes
from policies.networks.coding import Written
from policies.networks.layers import ABSENT, Layer, board_of, move_symmetries
from policies.networks.policy import NetworkPolicy, chunk_of


def value_layer(design: Design, game: Game) -> Layer:
    """The layer of the value alone: one unit."""
    layers = layers_of(design, game)
    n_before = layers[-2].n_outputs if len(layers) > 1 else n_inputs(design, game)
    weights = (np.arange(n_before, dtype=np.int32) // copies(design, game))[None, :]
    return Layer(weights, np.array([weights.max() + 1], dtype=np.int32), "none")


def copies(design: Design, game: Game) -> int:
    """How many neighbouring units of the last hidden layer are images of one under the symmetries, or the same at other cells."""
    if not uses_planes(design):
        return 1
    is_grouped = design.family in ("mlp", "deep") and len(layers_of(design, game)) > 1
    return len(move_symmetries(board_of(game))) if is_grouped else board_of(game).n_cells


def with_value(design: Design, game: Game) -> list[Layer]:
    """The layers of a network with two heads: in the last one, the units of all actions, then that of the value."""
    *hidden, head = layers_of(design, game)
    value = value_layer(design, game)
    return [*hidden, Layer(_joined(head.weights, value.weights, head), _joined(head.biases, value.biases, head), "none")]


def _joined(first: Int32s, second: Int32s, head: Layer) -> Int32s:
    return np.concatenate([first, np.where(second == ABSENT, ABSENT, second + head.n_parameters)]).astype(np.int32)


@dataclass(frozen=True, eq=False)
class SelfPlayPolicy:
    """A network that plays, and the parameters of the value beside it; `size` is the number of iterations that it learned from."""

    network: NetworkPolicy
    value: Written
    size: int

    def scores(self, task: Task) -> Scores:
        return self.network.scores(task)

    def values(self, task: Task) -> Float64s:
        """The value of each state to its mover, in the game's units; of final states nothing that counts. [n_states]"""
        return self.values_of(task.game, task.graph.states) * task.game.max_payoff

    def values_of(self, game: Game, states: States) -> Float64s:
        """The value of each state to its mover, over the largest payoff. [n]"""
        *hidden, _ = layers_of(self.network.design, game)
        layers = [*hidden, value_layer(self.network.design, game)]
        matrices = forward.matrices_of(layers, self._parameters)
        chunk, found = chunk_of(layers), [np.empty(0)]
        for part in np.split(states, range(chunk, len(states), chunk)):
            inputs = inputs_of(self.network.design, game, part).astype(np.float64)
            found.append(np.clip(forward.forward(layers, matrices, inputs, forward.PLAY)[0], -1.0, 1.0))
        return np.concatenate(found)

    @cached_property
    def _parameters(self) -> list[Float64s]:
        return [*self.network.parameters[:-1], self.value.values]

    def operations(self, task: Task) -> float:
        """Those of the network, and those of the value: a multiplication for each of its weights other than zero."""
        return self.network.operations(task) + forward.n_multiplications([value_layer(self.network.design, task.game)], [self.value.values])
