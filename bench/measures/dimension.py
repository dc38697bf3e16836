"""Intrinsic dimension: in how few dimensions a network can be trained and still play as well.

Li, Farkhoor, Liu & Yosinski, "Measuring the intrinsic dimension of objective landscapes" (2018): train a network in random
subspaces of growing dimension d. d90 is the smallest d whose network reaches 90 % of the gain of the whole network, d100 the
smallest that falls at most TOLERANCE short of it. Both are upper bounds found by search: of the dimensions on a ladder, with the
steps, starts and seeds that were spent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from policies.api import Learner, Policy, Task, action_probabilities, budget_ladder
from policies.networks.subspace import SubspaceLearner

TOLERANCE = 0.001  # of gain, at which two networks are taken to play equally well


@dataclass(frozen=True)
class Measured:
    """A fitted network as read back from its file."""

    seed: int
    dimension: int
    gain: float
    bits: int


@dataclass(frozen=True)
class Ladder:
    """The whole network of each seed, and the rungs that were trained, ascending by seed."""

    n_parameters: int
    full: list[Measured]
    rungs: list[Measured]

    def d90(self) -> list[int | None]:
        """For each seed the smallest dimension that reaches 90 % of the whole network's gain, None where none does."""
        return [self._smallest(whole.seed, 0.9 * whole.gain) for whole in self.full]

    def d100(self) -> list[int | None]:
        """The same for all of the gain but TOLERANCE."""
        return [self._smallest(whole.seed, whole.gain - TOLERANCE) for whole in self.full]

    def _smallest(self, seed: int, gain: float) -> int | None:
        return min((rung.dimension for rung in self.rungs if rung.seed == seed and rung.gain >= gain), default=None)


def climb(task: Task, learner: SubspaceLearner, seeds: Sequence[int], report: Callable[[str], None]) -> Ladder:
    """Train the whole network, then subspaces of 1, 2, 3, 4, 6, 8, 11, ... dimensions until one plays as well, for each seed."""
    network, n_parameters = learner.network, learner.n_parameters(task.game)
    full, rungs = [], []
    for seed in seeds:
        report(f"all {n_parameters:,} dimensions, seed {seed}")
        (policy,) = network.fit_path(task, [learner.size], seed)
        whole = _measured(task, network, policy, seed, n_parameters)
        full.append(whole)
        for dimension in budget_ladder(n_parameters):
            report(f"{dimension:,} dimensions, seed {seed}")
            (found,) = learner.fit_path(task, [dimension], seed)
            rungs.append(_measured(task, learner, found, seed, dimension))
            if rungs[-1].gain >= whole.gain - TOLERANCE:
                break
    return Ladder(n_parameters, full, rungs)


def _measured(task: Task, learner: Learner[Any], policy: Policy, seed: int, dimension: int) -> Measured:
    data = learner.encode(policy, task)
    scores = learner.decode(data, task).scores(task)
    return Measured(seed, dimension, task.gain(action_probabilities(task.graph, scores)), 8 * len(data))
