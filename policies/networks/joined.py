"""One network for several boards: the same filters on all of them, trained on all their positions at once.

The boards stand side by side in one network: its matrices have a block for each, with the same parameters in every block. The inputs of
the boards that a position is not of are zero, and their actions are illegal. So each game counts the same, by the regret of random play.
"""

from collections.abc import Sequence

import numpy as np
import torch

from games.arrays import Int32s
from games.errors import UsageError, WorkError
from policies.api import Task, action_probabilities
from policies.networks import coding
from policies.networks.architectures import Design, inputs_of, layers_of
from policies.networks.layers import ABSENT, Layer
from policies.networks.network import NetworkLearner, effort, pace, written_uniform
from policies.networks.policy import NetworkPolicy
from policies.networks.samples import Goal, Samples, contested_samples
from policies.networks.training import Assembly, Rounding, Schedule, spreads, start, train_through


def side_by_side(boards: Sequence[Sequence[Layer]]) -> list[Layer]:
    """The layers of one network on several boards as those of a network on all of them; layer by layer the parameters are the same.

    Raises UsageError where a layer has other parameters on another board.
    """
    found = []
    for parts in zip(*boards, strict=True):
        if len({(part.n_parameters, part.activation, part.skip) for part in parts}) > 1:
            raise UsageError("this architecture has weights for each cell, which other boards lack: choose conv, separable or fire")
        first = parts[0]
        biases: Int32s = np.concatenate([part.biases for part in parts])
        found.append(Layer(_diagonal([part.weights for part in parts]), biases, first.activation, first.skip))
    return found


def _diagonal(blocks: Sequence[Int32s]) -> Int32s:
    whole: Int32s = np.full(np.sum([block.shape for block in blocks], axis=0), ABSENT, dtype=np.int32)
    row = column = 0
    for block in blocks:
        whole[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return whole


def all_samples(tasks: Sequence[Task], design: Design) -> Samples:
    """The contested positions of all games, with the inputs and actions of each game in places of their own."""
    parts = [contested_samples(task, inputs_of(design, task.game, task.graph.states[task.graph.positions])) for task in tasks]
    inputs, regret = [part.inputs for part in parts], [part.regret for part in parts]
    n = sum(len(part.weight) for part in parts)
    joined = Samples(
        torch.zeros((sum(map(len, inputs)), n), dtype=torch.uint8, device=inputs[0].device),
        torch.full((sum(map(len, regret)), n), torch.inf, device=inputs[0].device),
        torch.cat([part.weight for part in parts]),
    )
    first_input = first_action = first = 0
    for part in parts:
        columns = slice(first, first + len(part.weight))
        joined.inputs[first_input : first_input + len(part.inputs), columns] = part.inputs
        joined.regret[first_action : first_action + len(part.regret), columns] = part.regret
        first_input, first_action, first = first_input + len(part.inputs), first_action + len(part.regret), columns.stop
    return joined


def fit_joined_network(learner: NetworkLearner, tasks: Sequence[Task], size: int, seed: int) -> NetworkPolicy:
    """A network of one size for several games, trained as the learner trains one for a single game; the best of its starts in mean gain.

    Raises UsageError where the architecture has other parameters on another board, WorkError where training diverged.
    """
    design = learner.design(size)
    boards = [layers_of(design, task.game) for task in tasks]
    layers, samples = side_by_side(boards), all_samples(tasks, design)
    batch, n_starts = effort(boards[-1], len(samples.weight), sum(len(task.graph.positions) for task in tasks))
    n_parameters = sum(layer.n_parameters for layer in layers)
    own_seed = int(np.random.SeedSequence([seed, n_parameters]).generate_state(1, np.uint64)[0]) >> 1
    scale = spreads(boards[-1], samples.n_active)  # of one board, since a unit sees no more than one
    trained = train_through(
        Assembly(layers, samples.inputs.device),
        layers,
        samples,
        start(boards[-1], n_starts, samples.n_active, own_seed),
        torch.from_numpy(scale),
        Schedule(batch, int(learner.steps), learner.learning_rate * pace(layers)),
        Goal(learner.target),
        Rounding(learner.coarseness, int(learner.most)),
        own_seed,
    )
    rounded = [written_uniform(layers, values, steps) for values, steps in zip(trained.values, trained.steps, strict=True)]
    exact = [parts for parts in rounded if parts is not None and all(coding.is_exact(board, parts) for board in boards)]
    if not exact:
        raise WorkError(f"training a joined network of size {size} diverged: lower learning_rate ({learner.learning_rate})")
    starts = [NetworkPolicy(design, parts, learner.method) for parts in exact]
    return max(starts, key=lambda each: sum(task.gain(action_probabilities(task.graph, each.scores(task))) for task in tasks))
