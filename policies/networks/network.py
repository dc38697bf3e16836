"""Fits networks of several architectures to the exact solution: distilled, with few-bit weights."""

import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from games.arrays import Bools, Float32s
from games.errors import UsageError, WorkError, nearest
from policies.api import OneOf, Range, Task, action_probabilities, check_budgets
from policies.explanation import Entry, Explanation
from policies.networks import architectures, coding, forward
from policies.networks.architectures import FAMILIES, MAX_LAYERS, MAX_PARAMETERS, Design, family_of, inputs_of, layers_of, parts_of
from policies.networks.coding import Written
from policies.networks.layers import Layer
from policies.networks.policy import NetworkPolicy
from policies.networks.retraining import Lessons
from policies.networks.stages import check_stages, compress, parse_pipeline, written

if TYPE_CHECKING:
    from policies.networks.training_log import Log

TARGETS = ("regret", "optimal", "soft")
MAX_LARGER = 8  # from 16 units on a network still improves with more samples; larger batches serve it better than more steps
MAX_STARTS = 32  # narrow networks get stuck in poor minima: the best of several starts is kept; they are trained together,
FULL_PACE = 2000  # measured on go-3x4: the best rates at 3,341, 23,181 and 79,117 parameters are about .2, .1 and .05
START_WORK = 50_000  # as many as cost little more than one, in parameters times samples a step,
START_POSITIONS = 1_000_000  # and are soon scored

ABOVE_ZERO = Range(0, is_open=True)
Architecture = Annotated[str, OneOf(tuple(FAMILIES)), "how the network is built; the budget counts its knob"]
Depth = Annotated[int, Range(1, MAX_LAYERS), "hidden layers or blocks, where the budget counts something else"]
Width = Annotated[int, Range(1, MAX_PARAMETERS), "units of a layer, where the budget is the depth"]
Equivariant = Annotated[bool, "share weights over the symmetries of the board"]
Steps = Annotated[int, Range(1, 1_000_000), "steps of Adam"]
LearningRate = Annotated[float, ABOVE_ZERO, "learning rate, from which Adam goes down to zero"]
Target = Annotated[str, OneOf(TARGETS), "what is learned: to lower the regret, any best move, or the values of all moves"]
Temperature = Annotated[float, ABOVE_ZERO, "under the target soft: how far apart, in the game's units, values e times as likely are"]
Coarseness = Annotated[float, ABOVE_ZERO, "rounding step in units of the root mean square: larger makes shorter files and worse play"]
Noise = Annotated[float, Range(0), "noise on hidden activations in training, in units of their root mean square; stages train without"]
Groups = Annotated[int, Range(1, MAX_PARAMETERS), "of an mlp of depth 2 or more: groups of hidden units without weights between them"]
Method = Annotated[str, OneOf(tuple(coding.NAMES)), "how the file codes the weights"]


def check_pipeline(text: str) -> None:
    """Raises UsageError for a text that names no stages (policies/networks/stages.py); the empty one stands for none."""
    if text:
        parse_pipeline(text)


@dataclass(frozen=True)
class NetworkLearner:
    """Trains one network for each size, large ones at a slower pace. With `stages`, weights are trained as real numbers first."""

    architecture: Architecture = "mlp"
    depth: Depth = 1
    width: Width = 16
    equivariant: Equivariant = False
    steps: Steps = 1500
    learning_rate: LearningRate = 0.2
    target: Target = "regret"
    temperature: Temperature = 1.0
    coarseness: Coarseness = 0.5
    most: Annotated[int, Range(1, coding.MAX_SYMBOL), "the largest weight, in steps: 1 makes them ternary"] = coding.MAX_SYMBOL
    method: Method = "adaptive"
    noise: Noise = 0.0
    groups: Groups = 1
    stages: Annotated[str, check_pipeline, "what makes the trained network smaller, for example prune-80+share-16+range"] = ""

    name = "network"
    is_nested = False

    def __post_init__(self) -> None:
        for option in ("steps", "learning_rate", "coarseness", "temperature", "depth", "width", "most"):
            value = getattr(self, option)
            if not (isinstance(value, int | float) and math.isfinite(value) and value > 0):
                raise UsageError(f"network option {option}={value!r}: give a number above 0")
        for option in ("steps", "depth", "width", "most"):
            if getattr(self, option) != int(getattr(self, option)):
                raise UsageError(f"network option {option}={getattr(self, option)!r}: give a whole number from 1 up")
        for option, known in (("target", list(TARGETS)), ("method", coding.NAMES)):
            if getattr(self, option) not in known:
                raise UsageError(f"network option {option}={getattr(self, option)!r}: {nearest(str(getattr(self, option)), known)}")
        family_of(self.architecture)
        if not (math.isfinite(self.noise) and self.noise >= 0):
            raise UsageError(f"network option noise={self.noise!r}: give a number from 0 up")
        if self.noise and self.architecture == "softtree":
            raise UsageError("network option noise: a soft tree has no activations to add noise to; choose another architecture")
        if self.groups != 1 and (self.architecture != "mlp" or self.depth < 2 or self.equivariant or self.groups < 1):
            raise UsageError(
                f"network option groups={self.groups!r}: groups are those of architecture=mlp of depth 2 or more, not equivariant"
            )
        check_pipeline(self.stages)

    @property
    def unit(self) -> str:
        return family_of(self.architecture).unit

    def design(self, size: int) -> Design:
        """The design of a budget."""
        return Design(self.architecture, size, int(self.depth), int(self.width), self.equivariant)

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Those of the architecture; widths go beyond 64 while there are 256 positions or more for each unit."""
        budgets = family_of(self.architecture).budgets
        if self.equivariant and self.architecture == "linear":
            return [1]
        return [size for size in budgets if size <= max(64, len(task.graph.positions) // 256)]

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[NetworkPolicy]:
        for size in check_budgets(budgets):
            yield fit(self, task, self.design(size), seed)

    def encode(self, policy: NetworkPolicy, task: Task) -> bytes:
        return coding.encode_network(task.game, policy.design, policy.layers, policy.method)

    def decode(self, data: bytes, task: Task) -> NetworkPolicy:
        try:
            design, layers, method = coding.decode_network(data, task.game)
            policy = NetworkPolicy(design, layers, method)
            if self.encode(policy, task) == data:
                return policy
        except UsageError:
            pass
        raise UsageError(f"these {len(data)} bytes are no network for {task.game.id}: the file is damaged or another learner wrote it")

    def source(self, policy: NetworkPolicy, task: Task) -> str:
        """The forward pass, and the architecture with all that it is built of."""
        parts: list[Any] = [*parts_of(policy.design), architectures.inputs_of, forward.forward, forward.settle, forward.matrices_of]
        return "\n".join(inspect.getsource(part) for part in parts)

    def explain(self, policy: NetworkPolicy, task: Task) -> Explanation:
        """The layers, and the moves that each of the first eight units of a perceptron raises and lowers."""
        layers = layers_of(policy.design, task.game)
        shapes = " to ".join(str(n) for n in [layers[0].weights.shape[1], *(layer.n_outputs for layer in layers)])
        n_all = sum(layer.n_parameters for layer in layers)
        lead = f"A {policy.design.family} network: {shapes} units, {n_all} parameters, {policy.n_parameters} of them not zero."
        entries = []
        out, _ = forward.matrices_of(layers[-1:], policy.parameters[-1:])[0]
        for j in range(
            min(8, policy.size) if policy.design.family in ("linear", "mlp") and len(layers) > 1 and not policy.design.equivariant else 0
        ):
            best, worst = (task.game.action_name(int(pick(out[:, j]))) for pick in (np.argmax, np.argmin))
            entries.append(Entry(f"unit {j + 1} speaks for {best}, against {worst}"))
        return Explanation(lead, tuple(entries))


def fit(learner: NetworkLearner, task: Task, design: Design, seed: int, log: "Log | None" = None) -> NetworkPolicy:
    """Train networks of one design from several starts; the one that plays best, as its rounded weights play, after all stages."""
    *_, policy = fit_by_stages(learner, task, design, seed, log)
    if learner.stages:
        return written(policy, task, parse_pipeline(learner.stages)[1] or learner.method)
    return policy


def fit_by_stages(learner: NetworkLearner, task: Task, design: Design, seed: int, log: "Log | None" = None) -> Iterator[NetworkPolicy]:
    """The network as it is trained, then as each stage leaves it."""
    from policies.networks.training import Rounding, Schedule, start, train

    layers = layers_of(design, task.game)
    if learner.stages:
        stages, _ = parse_pipeline(learner.stages)
        check_stages(stages, layers)
    lessons = lessons_of(learner, task, design, seed)
    samples = lessons.samples
    if len(samples.weight) == 0:
        blanks = (np.zeros(layer.n_parameters, dtype=np.int64) for layer in layers)
        yield NetworkPolicy(design, tuple(Written("uniform", blank, np.ones(1)) for blank in blanks), learner.method)
        return
    _, n_starts = effort(layers, len(samples.weight), len(task.graph.positions))
    trained = train(
        layers,
        samples,
        start(layers, n_starts, samples.n_active, lessons.seed),
        Schedule(lessons.batch, lessons.n_steps, lessons.learning_rate, noise=learner.noise),
        lessons.goal,
        None if learner.stages else Rounding(learner.coarseness, int(learner.most)),
        lessons.seed,
        within_groups(layers, int(learner.groups)) if learner.groups > 1 else None,
        log,
    )
    place = f"a {design.family} network of size {design.size} on {task.game.id}"
    if learner.stages:
        found, method = [written_float(layers, values) for values in trained.values], "raw"
    else:
        found = [written_uniform(layers, values, steps) for values, steps in zip(trained.values, trained.steps, strict=True)]
        method = learner.method
    starts = [NetworkPolicy(design, parts, method) for parts in found if parts is not None and coding.is_exact(layers, parts)]
    if not starts:
        raise WorkError(f"training {place} diverged: lower learning_rate ({learner.learning_rate})")
    best = starts[0] if len(starts) == 1 else max(starts, key=lambda start: task.gain(action_probabilities(task.graph, start.scores(task))))
    yield best
    if learner.stages:
        yield from compress(best, stages, lessons)


def within_groups(layers: Sequence[Layer], n_groups: int) -> Bools:
    """Which parameters stay where the units of each hidden layer are in groups, and no weight leads from one group to another.

    Groups are neighbours in the order of the units, of equal size up to one; the layers of an mlp. [n_parameters]

    Raises UsageError where there are more groups than units.
    """
    size = len(layers[0].weights)
    if n_groups > size:
        raise UsageError(
            f"network option groups={n_groups}: a layer of {size} units has no {n_groups} groups; give a larger budget or fewer"
        )
    group = np.arange(size) * n_groups // size
    found = [np.ones(layer.n_parameters, dtype=np.bool_) for layer in layers]
    for layer, kept in zip(layers[1:-1], found[1:-1], strict=True):
        kept[layer.weights[group[:, None] != group]] = False
    return np.concatenate(found)


def lessons_of(learner: NetworkLearner, task: Task, design: Design, seed: int) -> Lessons:
    """What a network is trained on, and how long and fast."""
    from policies.networks.samples import Goal, contested_samples

    layers = layers_of(design, task.game)
    samples = contested_samples(task, inputs_of(design, task.game, task.graph.states[task.graph.positions]))
    batch, _ = effort(layers, len(samples.weight), len(task.graph.positions))
    goal = Goal(learner.target, learner.temperature / (task.uniform_regret or 1.0))
    n_parameters = sum(layer.n_parameters for layer in layers)
    own_seed = int(np.random.SeedSequence([seed, n_parameters]).generate_state(1, np.uint64)[0]) >> 1
    return Lessons(task, samples, goal, batch, int(learner.steps), learner.learning_rate * pace(layers), own_seed)


def pace(layers: Sequence[Layer]) -> float:
    """What the learning rate is multiplied by: less than one for networks of more than FULL_PACE parameters."""
    return float(min(1.0, (FULL_PACE / sum(layer.n_parameters for layer in layers)) ** (1 / 3)))


def effort(layers: Sequence[Layer], n_samples: int, n_positions: int) -> tuple[int, int]:
    """How many samples a step a network is trained on, and from how many starts."""
    units = sum(len(layer.weights) for layer in layers[:-1])
    batch = max(32, min(128, n_samples // 32) * max(1, min(MAX_LARGER, units // 8)))
    work = sum(layer.weights.size for layer in layers)
    return batch, max(1, min(MAX_STARTS, START_WORK // (batch * (work // 32 + 8)), START_POSITIONS // n_positions))


def written_uniform(layers: Sequence[Layer], values: Float32s, steps: Float32s) -> tuple[Written, ...] | None:
    """Parameters [n_parameters] that are multiples of a step a layer [n_layers]; None where they are infinite or too large."""
    parts = np.split(values.astype(np.float64), np.cumsum([layer.n_parameters for layer in layers])[:-1])
    found = []
    for part, step in zip(parts, steps.tolist(), strict=True):
        levels = np.round(part / step)
        if not (np.abs(levels) <= coding.MAX_SYMBOL).all():  # NaN is not
            return None
        found.append(Written("uniform", levels.astype(np.int64), np.array([step])))
    return tuple(found)


def written_float(layers: Sequence[Layer], values: Float32s) -> tuple[Written, ...] | None:
    """Parameters [n_parameters] as 32-bit floating-point numbers; None where they are infinite."""
    parts = np.split(values.astype(np.float64), np.cumsum([layer.n_parameters for layer in layers])[:-1])
    return tuple(coding.as_float(part) for part in parts) if np.isfinite(values).all() else None
