"""Perceptrons whose hidden activations are 1 or -1: a hidden unit is a yes-or-no question about the position.

Courbariaux, Hubara, Soudry, El-Yaniv & Bengio, "Binarized neural networks" (2016). Weights are whole multiples of a step, as those of
`network` are, and the outputs are sums. A file is that of a perceptron: the learner alone decides that a hidden sum counts by its sign.
"""

import dataclasses
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from games.arrays import Float64s
from games.contract import Game
from games.errors import UsageError, WorkError
from policies.api import Range, Scores, Task, action_probabilities, check_budgets
from policies.explanation import Entry, Explanation
from policies.networks import architectures, coding, forward
from policies.networks.architectures import Design, inputs_of, layers_of, parts_of
from policies.networks.layers import Layer
from policies.networks.network import Coarseness, Depth, LearningRate, NetworkLearner, Steps, effort, lessons_of, written_uniform
from policies.networks.policy import NetworkPolicy, chunk_of

MAX_SHOWN = 8  # units that are explained


def signs(sums: Float64s) -> Float64s:
    """1 where a sum is 0 or more, else -1."""
    return np.where(sums >= 0, 1.0, -1.0)


PLAY = forward.Arithmetic(np.stack, forward.gate, signs)


def signed(design: Design, game: Game) -> list[Layer]:
    """The layers of a perceptron whose hidden sums are not cut off at zero: rounding them to their signs is left to the arithmetic."""
    return [layer._replace(activation="none") for layer in layers_of(design, game)]


@dataclass(frozen=True, eq=False)
class BinarisedPolicy:
    """The perceptron whose parameters it has; its hidden sums count by their signs."""

    network: NetworkPolicy

    @property
    def size(self) -> int:
        return self.network.size

    @property
    def n_parameters(self) -> int:
        """Parameters that are not zero."""
        return self.network.n_parameters

    def scores(self, task: Task) -> Scores:
        graph = task.graph
        scores = np.zeros(graph.n_edges)
        for first, layers in self.layers(task):
            positions = graph.positions[first : first + layers[-1].shape[1]]
            edges = slice(graph.edge_start[positions[0]], graph.edge_start[positions[-1] + 1])
            scores[edges] = layers[-1][graph.edge_action[edges], np.searchsorted(positions, graph.edge_parent[edges])]
        return scores

    def layers(self, task: Task) -> Iterator[tuple[int, list[Float64s]]]:
        """Chunk by chunk the place of the first position, and what each layer puts out: [n_units, n_positions of the chunk]."""
        graph, design = task.graph, self.network.design
        layers = signed(design, task.game)
        matrices, chunk = forward.matrices_of(layers, self.network.parameters), chunk_of(layers)
        for first in range(0, len(graph.positions), chunk):
            seen: list[Float64s] = []

            def settle(sums: Float64s, seen: list[Float64s] = seen) -> Float64s:
                seen.append(signs(sums))
                return seen[-1]

            inputs = inputs_of(design, task.game, graph.states[graph.positions[first : first + chunk]]).astype(np.float64)
            outputs = forward.forward(layers, matrices, inputs, PLAY._replace(settle=settle))
            yield first, [*seen, outputs]

    def operations(self, task: Task) -> float:
        """Additions of numbers other than zero: the same for every position."""
        return self.network.operations(task)


@dataclass(frozen=True)
class BinarisedLearner:
    """Trains one perceptron for each number of hidden units a layer, with the signs of its sums from the first step on."""

    depth: Depth = 1
    steps: Steps = 1500
    learning_rate: LearningRate = 0.2
    coarseness: Coarseness = 0.5
    most: Annotated[int, Range(1, coding.MAX_SYMBOL), "the largest weight, in steps: 1 makes them ternary"] = coding.MAX_SYMBOL

    name = "binarised"
    unit = "hidden units"
    is_nested = False

    def __post_init__(self) -> None:
        dataclasses.replace(self.perceptron)  # checks the options

    @property
    def perceptron(self) -> NetworkLearner:
        """The learner of the ordinary perceptron with these options."""
        return NetworkLearner(
            depth=self.depth, steps=self.steps, learning_rate=self.learning_rate, coarseness=self.coarseness, most=self.most
        )

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Those of the ordinary perceptron."""
        return self.perceptron.default_budgets(task)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[BinarisedPolicy]:
        for size in check_budgets(budgets):
            yield fit(self, task, size, seed)

    def encode(self, policy: BinarisedPolicy, task: Task) -> bytes:
        return self.perceptron.encode(policy.network, task)

    def decode(self, data: bytes, task: Task) -> BinarisedPolicy:
        network = self.perceptron.decode(data, task)
        if network.design != Design("mlp", network.design.size, network.design.depth):
            raise UsageError(f"these {len(data)} bytes hold a network with other layers: only perceptrons are binarised")
        return BinarisedPolicy(network)

    def source(self, policy: BinarisedPolicy, task: Task) -> str:
        """The forward pass with signs, and the perceptron."""
        parts: list[Any] = [*parts_of(policy.network.design), architectures.inputs_of, forward.forward, forward.matrices_of, signed, signs]
        return "\n".join(inspect.getsource(part) for part in parts)

    def explain(self, policy: BinarisedPolicy, task: Task) -> Explanation:
        """The layers, and of the first units of one hidden layer the moves that they raise and lower where they say yes."""
        design, (*_, last) = policy.network.design, policy.network.parameters
        lead = (
            f"A perceptron with {design.depth} x {design.size} hidden units, each 1 or -1; {policy.n_parameters} parameters are not zero."
        )
        out, _ = forward.matrices_of(layers_of(design, task.game)[-1:], [last])[0]
        entries = []
        for unit in range(min(MAX_SHOWN, design.size)):
            best, worst = (task.game.action_name(int(pick(out[:, unit]))) for pick in (np.argmax, np.argmin))
            entries.append(Entry(f"unit {design.depth}.{unit + 1}: at 1 speaks for {best}, against {worst}; at -1 the other way round"))
        return Explanation(lead, tuple(entries))


def fit(learner: BinarisedLearner, task: Task, size: int, seed: int) -> BinarisedPolicy:
    """Train perceptrons from several starts; the one that plays best, as its rounded weights play. Raises WorkError if all diverge."""
    from policies.networks.binarised_training import train
    from policies.networks.training import Rounding, Schedule, start

    perceptron = learner.perceptron
    design = perceptron.design(size)
    layers, lessons = signed(design, task.game), lessons_of(perceptron, task, design, seed)
    if len(lessons.samples.weight) == 0:
        blanks = (np.zeros(layer.n_parameters, dtype=np.int64) for layer in layers)
        return BinarisedPolicy(NetworkPolicy(design, tuple(coding.Written("uniform", blank, np.ones(1)) for blank in blanks)))
    _, n_starts = effort(layers, len(lessons.samples.weight), len(task.graph.positions))
    trained = train(
        layers,
        lessons.samples,
        start(layers, n_starts, lessons.samples.n_active, lessons.seed),
        Schedule(lessons.batch, lessons.n_steps, lessons.learning_rate),
        lessons.goal,
        Rounding(learner.coarseness, int(learner.most)),
        lessons.seed,
    )
    found = [written_uniform(layers, values, steps) for values, steps in zip(trained.values, trained.steps, strict=True)]
    starts = [BinarisedPolicy(NetworkPolicy(design, parts)) for parts in found if parts is not None and coding.is_exact(layers, parts)]
    if not starts:
        raise WorkError(f"training {size} binarised units on {task.game.id} diverged: lower learning_rate ({learner.learning_rate})")
    return max(starts, key=lambda each: task.gain(action_probabilities(task.graph, each.scores(task))))
