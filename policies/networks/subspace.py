"""Networks trained in a random subspace of their parameters: a file holds a seed and d whole numbers, whatever the network's size.

The parameters are theta0 + P z (Li, Farkhoor, Liu & Yosinski, "Measuring the intrinsic dimension of objective landscapes", 2018).
theta0 and P follow from a 32-bit seed by integers only, so every machine builds the same network. P has one entry a row, 1 or -1:
all parameters are dealt out at random, in shuffled order, to the d coordinates, so that its columns are orthogonal and equally long
to within one parameter, and d equal to the number of parameters spans everything (weights shared by hash: Chen et al. 2015).
theta0 is binomial, close to normal. Each layer is scaled by a power of two near the spread that its parameters would start with,
so every parameter is a multiple of a power of two and play is exact.
"""

import dataclasses
import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from games.contract import Game
from games.errors import UsageError, WorkError
from games.splitmix import splitmix64
from policies.api import FitPath, Range, Scores, Task, action_probabilities, check_budgets
from policies.codec.adaptive_coder import code_count, code_uniform
from policies.codec.integer_arrays import SymbolCoder
from policies.explanation import Explanation
from policies.networks import coding
from policies.networks.architectures import MAX_PARAMETERS, Design, inputs_of, layers_of
from policies.networks.coding import Written
from policies.networks.layers import ABSENT, Layer
from policies.networks.network import (
    Architecture,
    Coarseness,
    Depth,
    Equivariant,
    LearningRate,
    Method,
    NetworkLearner,
    Steps,
    Target,
    Temperature,
    Width,
    effort,
)
from policies.networks.policy import NetworkPolicy
from policies.networks.random_subspace import MAX_EXPONENT, ORIGIN_GRID, subspace

SEED_BITS = 32
HALF = 1 << (SEED_BITS // 2)


@dataclass(frozen=True, eq=False)
class SubspacePolicy:
    """A design, the seed of its subspace, a power of two for each layer, and the coordinates as they are written."""

    design: Design
    seed: int
    exponents: tuple[int, ...]  # the parameters of a layer are scaled by 2**-exponent
    coordinates: Written
    method: str = "adaptive"

    @property
    def size(self) -> int:
        return len(self.coordinates.symbols)

    def network(self, game: Game) -> NetworkPolicy:
        """The same as an ordinary network, its parameters written out. Raises UsageError where the layers are not the design's."""
        layers = layers_of(self.design, game)
        if len(layers) != len(self.exponents):
            raise UsageError(f"{len(self.exponents)} scales for a network of {len(layers)} layers: the file is damaged")
        ends = np.cumsum([layer.n_parameters for layer in layers])
        origin, rank, sign = subspace(int(ends[-1]), self.seed)
        unit = min(ORIGIN_GRID, self.coordinates.grid)  # both are powers of two
        moved = np.round(self.coordinates.values / unit).astype(np.int64)
        whole = origin * round(ORIGIN_GRID / unit) + sign * moved[rank % self.size]
        parts = zip(np.split(whole, ends[:-1]), self.exponents, strict=True)
        written = tuple(Written("uniform", part, np.array([math.ldexp(unit, -exponent)])) for part, exponent in parts)
        return NetworkPolicy(self.design, written, self.method)

    def scores(self, task: Task) -> Scores:
        return self.network(task.game).scores(task)

    def operations(self, task: Task) -> float:
        return self.network(task.game).operations(task)


@dataclass(frozen=True)
class SubspaceLearner:
    """Trains the network of one size in random subspaces, with the budget as their dimension, and keeps the best of several."""

    architecture: Architecture = "mlp"
    size: Annotated[int, Range(1, MAX_PARAMETERS), "what the knob of the architecture counts"] = 16
    depth: Depth = 1
    width: Width = 16
    equivariant: Equivariant = False
    steps: Steps = 1500
    learning_rate: LearningRate = 0.5  # measured on tictactoe in 91 dimensions: .12 gives a gain of .950, .35 .970, .6 .977, 1 .962
    target: Target = "regret"
    temperature: Temperature = 1.0
    coarseness: Coarseness = 0.25
    method: Method = "adaptive"

    name = "subspace"
    unit = "coordinates"
    is_nested = False

    def __post_init__(self) -> None:
        if not (isinstance(self.size, int) and self.size > 0):
            raise UsageError(f"subspace option size={self.size!r}: give a whole number from 1 up")
        dataclasses.replace(self.network, learning_rate=self.learning_rate)  # checks both

    @property
    def network(self) -> NetworkLearner:
        """The learner of the whole network, at a learning rate of its own. Raises UsageError for options that it does not take."""
        return NetworkLearner(
            architecture=self.architecture,
            depth=self.depth,
            width=self.width,
            equivariant=self.equivariant,
            steps=self.steps,
            target=self.target,
            temperature=self.temperature,
            coarseness=self.coarseness,
            method=self.method,
        )

    def n_parameters(self, game: Game) -> int:
        """Of the whole network: a subspace of more dimensions has nothing to add."""
        return sum(layer.n_parameters for layer in layers_of(self.network.design(self.size), game))

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Powers of two, and all dimensions."""
        n_parameters = self.n_parameters(task.game)
        return [*(1 << power for power in range((n_parameters - 1).bit_length())), n_parameters]

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[SubspacePolicy]:
        n_parameters = self.n_parameters(task.game)
        chosen = check_budgets(budgets)
        for dimension in sorted({min(budget, n_parameters) for budget in chosen}):
            yield fit(self, task, dimension, seed)
        return chosen[-1] >= n_parameters

    def encode(self, policy: SubspacePolicy, task: Task) -> bytes:
        wire = coding.start_writing(policy.method)
        _code(wire, policy, task.game)
        return coding.finish_writing(wire, policy.method)

    def decode(self, data: bytes, task: Task) -> SubspacePolicy:
        try:
            policy = _decode(data, task.game)
            if self.encode(policy, task) == data:
                return policy
        except UsageError:
            pass
        raise UsageError(f"these {len(data)} bytes are no subspace of a network for {task.game.id}: damaged, or of another learner")

    def source(self, policy: SubspacePolicy, task: Task) -> str:
        """That of the network, and how it follows from its seed and coordinates."""
        parts: list[Any] = [splitmix64, subspace, SubspacePolicy]
        return "\n".join([self.network.source(policy.network(task.game), task), *(inspect.getsource(part) for part in parts)])

    def explain(self, policy: SubspacePolicy, task: Task) -> Explanation:
        """The subspace, how far the coordinates go, and the network that they make."""
        most = float(np.abs(policy.coordinates.values).max(initial=0.0))
        place = f"{policy.size} coordinates from {-most:.3g} to {most:.3g} in the random subspace number {policy.seed} of its parameters:"
        found = self.network.explain(policy.network(task.game), task)
        return dataclasses.replace(found, lead=f"{place}\n{found.lead}")


def fit(learner: SubspaceLearner, task: Task, dimension: int, seed: int) -> SubspacePolicy:
    """Train in several subspaces at once; the one that plays best, as its rounded coordinates play. Raises WorkError on divergence."""
    from policies.networks.samples import Goal, contested_samples
    from policies.networks.subspace_training import train_subspaces
    from policies.networks.training import Rounding, Schedule

    network = learner.network
    design = network.design(learner.size)
    layers = layers_of(design, task.game)
    samples = contested_samples(task, inputs_of(design, task.game, task.graph.states[task.graph.positions]))
    batch, n_starts = effort(layers, max(1, len(samples.weight)), len(task.graph.positions))
    first, *seeds = np.random.SeedSequence([seed, learner.n_parameters(task.game)]).generate_state(1 + n_starts).tolist()
    if len(samples.weight) == 0:
        still = Written("uniform", np.zeros(dimension, dtype=np.int64), np.ones(1))
        return SubspacePolicy(design, seeds[0], (0,) * len(layers), still, learner.method)
    exponents, trained = train_subspaces(
        layers,
        samples,
        dimension,
        seeds,
        Schedule(batch, int(network.steps), learner.learning_rate),
        Goal(network.target, network.temperature / task.uniform_regret),
        Rounding(network.coarseness),
        first,
    )
    starts = []
    for start, values, step in zip(seeds, trained.values, trained.steps, strict=True):
        levels = np.round(values.astype(np.float64) / float(step[0]))
        if (np.abs(levels) <= coding.MAX_SYMBOL).all():  # NaN is not
            written = Written("uniform", levels.astype(np.int64), step.astype(np.float64))
            starts.append(SubspacePolicy(design, start, exponents, written, learner.method))
    starts = [start for start in starts if coding.is_exact(layers, start.network(task.game).layers)]
    if not starts:
        place = f"a {design.family} network of size {design.size} on {task.game.id} in {dimension} dimensions"
        raise WorkError(f"training {place} diverged: lower learning_rate ({learner.learning_rate})")
    return starts[0] if len(starts) == 1 else max(starts, key=lambda start: task.gain(action_probabilities(task.graph, start.scores(task))))


def _code(wire: SymbolCoder, policy: SubspacePolicy, game: Game) -> SubspacePolicy:
    """Write a policy, or read one and ignore what is given."""
    design = coding.code_design(wire.coder, policy.design)
    layers = layers_of(design, game)
    high, low = (code_uniform(wire.coder, half, HALF) for half in divmod(policy.seed, HALF))
    exponents = tuple(code_count(wire.coder, "exponent", exponent) for exponent in (policy.exponents or (0,) * len(layers)))
    dimension = code_count(wire.coder, "dimension", policy.size)
    if dimension > sum(layer.n_parameters for layer in layers) or max(exponents) > MAX_EXPONENT:
        raise UsageError("the file is damaged: a subspace of more dimensions than the network has, or one that is too fine")
    given = policy.coordinates if policy.size == dimension else Written("uniform", np.zeros(dimension, dtype=np.int64), np.empty(0))
    row = Layer(np.arange(dimension, dtype=np.int32)[None], np.array([ABSENT], dtype=np.int32))
    coordinates = coding.code_layer(wire, given, row, [np.arange(dimension)])
    return SubspacePolicy(design, high * HALF + low, exponents, coordinates, policy.method)


def _decode(data: bytes, game: Game) -> SubspacePolicy:
    """What `_code` wrote. Raises UsageError for other bytes."""
    wire, method = coding.start_reading(data)
    blank = SubspacePolicy(Design("linear", 0), 0, (), Written("uniform", np.zeros(0, dtype=np.int64), np.empty(0)), method)
    policy = _code(wire, blank, game)
    if wire.coder.n_missing > coding.MAX_MISSING or policy.size == 0:
        raise UsageError(f"these {len(data)} bytes are no whole file")
    if not coding.is_exact(layers_of(policy.design, game), policy.network(game).layers):
        raise UsageError("the parameters of this network are too large for exact sums")
    return policy
