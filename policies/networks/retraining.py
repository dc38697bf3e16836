"""Retraining: what every stage that makes a network smaller (policies/networks/stages.py) ends with."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from games.arrays import Float32s, Float64s
from games.errors import WorkError
from policies.api import Task
from policies.networks.architectures import Design, layers_of
from policies.networks.coding import as_float
from policies.networks.policy import NetworkPolicy

if TYPE_CHECKING:
    from policies.networks.samples import Goal, Samples
    from policies.networks.training import Rounding, Schedule


class Lessons(NamedTuple):
    """What stages retrain on: as the network was trained, `n_steps` and `learning_rate` those of that training."""

    task: Task
    samples: "Samples"
    goal: "Goal"
    batch: int
    n_steps: int
    learning_rate: float
    seed: int


class Pace(NamedTuple):
    """How long a stage trains, and how fast it begins, in units of the training before it. Found on go-3x3 and go-3x4."""

    length: float
    rate: float


TUNING = Pace(1.0, 1.0)
BETWEEN = Pace(0.1, 1.0)  # two rounds of pruning
SHARING = Pace(0.3, 0.05)  # of all weights of a value at once
ROUNDING = Pace(0.8, 1.0)


def retrain(design: Design, values: Sequence[Float64s], lessons: Lessons, pace: Pace, rounding: "Rounding | None" = None) -> list[Float64s]:
    """Train on; zeros stay zero. Raises WorkError where that diverges."""
    from policies.networks.training import train

    flat = np.concatenate(values)
    layers, schedule = layers_of(design, lessons.task.game), schedule_of(lessons, pace)
    start = flat.astype(np.float32)[None]
    trained = train(layers, lessons.samples, start, schedule, lessons.goal, rounding, lessons.seed, kept=flat != 0)
    return split(finite(trained.values[0]), values)


def schedule_of(lessons: Lessons, pace: Pace) -> "Schedule":
    """The training of a stage."""
    from policies.networks.training import Schedule

    return Schedule(lessons.batch, max(1, round(pace.length * lessons.n_steps)), pace.rate * lessons.learning_rate, round_from=0.0)


def finite(values: Float32s) -> Float64s:
    """The same in float64. Raises WorkError where training diverged."""
    if not np.isfinite(values).all():
        raise WorkError("retraining diverged: lower learning_rate")
    return values.astype(np.float64)


def split(flat: Float64s, like: Sequence[Float64s]) -> list[Float64s]:
    """Parameters cut into those of each layer, as `like` is."""
    return np.split(flat, np.cumsum([len(part) for part in like])[:-1])


def as_network(policy: NetworkPolicy, values: Sequence[Float64s]) -> NetworkPolicy:
    """The network with these parameters in floating point."""
    return dataclasses.replace(policy, layers=tuple(as_float(part) for part in values), method="raw")


def tune(policy: NetworkPolicy, number: float, lessons: Lessons) -> NetworkPolicy:
    """Train on in full precision; zeros stay."""
    return as_network(policy, retrain(policy.design, policy.parameters, lessons, TUNING))
