"""Sweeps: every network of a stack is the one that is trained alone, whatever stands beside it."""

from typing import Any

import numpy as np
import pytest

from games.errors import UsageError
from policies.networks.architectures import Design, layers_of
from policies.networks.network import NetworkLearner
from policies.networks.sweep import places_within, sweep
from policies.task import make_task


@pytest.mark.parametrize("options", [{}, {"depth": 2}, {"equivariant": True}, {"architecture": "conv"}, {"architecture": "separable"}])
def test_a_network_of_a_stack_is_the_one_that_is_trained_alone(options: dict[str, object]) -> None:
    task, learner = make_task("go-2x3"), NetworkLearner(steps=60, learning_rate=0.03, coarseness=0.002, **options)  # type: ignore[arg-type]
    members = [(1, 0), (3, 0), (2, 1), (3, 2)]
    together = sweep(learner, task, members)
    for member, network in zip(members, together, strict=True):
        (alone,) = sweep(learner, task, [member])
        assert network.design == alone.design == learner.design(member[0])
        # sums are taken in another order, and the fine steps are chosen from what comes of it
        assert np.allclose(np.concatenate(network.parameters), np.concatenate(alone.parameters), atol=0.02)
    one, other = (np.concatenate(together[i].parameters) for i in (1, 3))
    assert not np.allclose(one, other, atol=1e-1)  # other seeds, other weights


@pytest.mark.parametrize("family", ["mlp", "conv", "separable"])
def test_a_part_of_a_network_computes_what_the_small_network_computes(family: str) -> None:
    task = make_task("go-2x3")
    small, large = (layers_of(Design(family, size, depth=2), task.game) for size in (2, 5))
    places = places_within(small, large)
    offsets = np.cumsum([0, *(layer.n_parameters for layer in large)])
    for number, (part, whole) in enumerate(zip(small, large, strict=True)):
        start = sum(layer.n_parameters for layer in small[:number])
        own = places[start : start + part.n_parameters] - offsets[number]
        rows, columns = np.nonzero(part.weights >= 0)
        assert np.array_equal(own[part.weights[rows, columns]], whole.weights[rows, columns])
        assert np.array_equal(own[part.biases[part.biases >= 0]], whole.biases[: len(part.biases)][part.biases >= 0])


@pytest.mark.parametrize("architecture", ["linear", "fire", "softtree"])
def test_networks_that_are_no_parts_of_one_another_are_refused(architecture: str) -> None:
    with pytest.raises(UsageError, match="no parts of one another"):
        sweep(NetworkLearner(architecture=architecture, steps=2), make_task("go-2x3"), [(2, 0), (8, 0)])


@pytest.mark.parametrize("options", [{"noise": 0.5}, {"groups": 2, "depth": 2}])
def test_noise_and_groups_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="a sweep cannot apply noise="):
        sweep(NetworkLearner(steps=2, **options), make_task("go-2x3"), [(4, 0)])


def test_stages_are_refused() -> None:
    with pytest.raises(UsageError, match="cannot apply stages=prune-50"):
        sweep(NetworkLearner(stages="prune-50", steps=2), make_task("go-2x3"), [(2, 0)])
