"""The file of a network that learned by self-play: its design, the number of iterations, its layers, and the layer of its value."""

import numpy as np

from games.contract import Game
from games.errors import UsageError
from policies.api import MAX_BUDGET
from policies.codec.adaptive_coder import code_count
from policies.networks.architectures import Design, layers_of
from policies.networks.coding import (
    MAX_MISSING,
    Written,
    code_design,
    code_layer,
    finish_writing,
    groups_of,
    is_exact,
    start_reading,
    start_writing,
)
from policies.networks.policy import NetworkPolicy
from policies.selfplay.heads import SelfPlayPolicy, value_layer


def encode(game: Game, policy: SelfPlayPolicy) -> bytes:
    """The file of a policy."""
    network = policy.network
    wire = start_writing(network.method)
    code_design(wire.coder, network.design)
    code_count(wire.coder, "iterations", policy.size)
    for number, (layer, written) in enumerate(zip(layers_of(network.design, game), network.layers, strict=True)):
        code_layer(wire, written, layer, groups_of(layer, number, network.design, game))
    value = value_layer(network.design, game)
    code_layer(wire, policy.value, value, [np.arange(value.n_parameters)])
    return finish_writing(wire, network.method)


def decode(data: bytes, game: Game) -> SelfPlayPolicy:
    """What `encode` wrote. Raises UsageError for bytes that it did not write."""
    wire, method = start_reading(data)
    design = code_design(wire.coder, Design("linear", 0))
    size = code_count(wire.coder, "iterations", 0)
    if size > MAX_BUDGET:
        raise UsageError("the file is damaged: it names too many iterations")
    layers, value = layers_of(design, game), value_layer(design, game)
    found: list[Written] = []
    for number, layer in enumerate([*layers, value]):
        blank = Written("uniform", np.zeros(layer.n_parameters, dtype=np.int64), np.empty(0))
        groups = [np.arange(layer.n_parameters)] if number == len(layers) else groups_of(layer, number, design, game)
        found.append(code_layer(wire, blank, layer, groups))
        if wire.coder.n_missing > MAX_MISSING:
            raise UsageError(f"these {len(data)} bytes are no whole network")
    if not is_exact(layers, found[:-1]) or not is_exact([*layers[:-1], value], [*found[:-2], found[-1]]):
        raise UsageError("the weights of this network are too large for exact sums")
    policy = SelfPlayPolicy(NetworkPolicy(design, tuple(found[:-1]), method), found[-1], size)
    if encode(game, policy) != data:
        raise UsageError("the file is damaged or another learner wrote it")
    return policy
