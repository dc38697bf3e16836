"""Networks trained as one stack beside the same networks trained one by one, on one core: a part of docs/networks.md."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from policies.api import Task, action_probabilities
from policies.networks.network import NetworkLearner
from policies.networks.policy import NetworkPolicy
from policies.networks.sweep import sweep
from policies.task import make_task

STEPS = 600
SWEEPS: dict[str, tuple[str, Sequence[tuple[int, int]]]] = {
    "32 seeds of 8 units": ("go-3x3", [(8, seed) for seed in range(32)]),
    "24 seeds of 16 units": ("go-3x3", [(16, seed) for seed in range(24)]),
    "6 widths from 1 to 8, 6 seeds": ("go-3x3", [(size, seed) for size in (1, 2, 3, 4, 6, 8) for seed in range(6)]),
    "24 seeds of 32 units": ("go-3x4", [(32, seed) for seed in range(24)]),
}


class Race(NamedTuple):
    """The same networks, trained both ways."""

    seconds_together: float
    seconds_alone: float
    gain_together: float
    gain_alone: float


def race(game: str, members: Sequence[tuple[int, int]], steps: int) -> Race:
    """Train the members together, then each alone, from the same starts with the same batches."""
    task, learner = make_task(game), NetworkLearner(steps=steps)
    sweep(NetworkLearner(steps=2), task, members[:1])  # torch is loaded and the inputs of the game are read once
    began = time.perf_counter()
    together = sweep(learner, task, members)
    middle = time.perf_counter()
    alone = [sweep(learner, task, [member])[0] for member in members]
    ended = time.perf_counter()
    return Race(middle - began, ended - middle, mean_gain(task, together), mean_gain(task, alone))


def mean_gain(task: Task, networks: Sequence[NetworkPolicy]) -> float:
    """The mean gain of several networks."""
    return float(np.mean([task.gain(action_probabilities(task.graph, network.scores(task))) for network in networks]))


def table(races: dict[str, Race]) -> list[str]:
    """The table of races."""
    rows = [
        f"| {name} on {SWEEPS[name][0]} | {r.seconds_together:.1f} s | {r.seconds_alone:.1f} s "
        f"| {r.seconds_alone / r.seconds_together:.1f} | {r.gain_together:.4f} | {r.gain_alone:.4f} |"
        for name, r in races.items()
    ]
    head = "| networks | together | one by one | times as fast | mean gain, together | one by one |"
    return [head, "|---|--:|--:|--:|--:|--:|", *rows]


def measured() -> dict[str, str]:
    """The table, measured."""
    races = {name: race(game, members, STEPS) for name, (game, members) in SWEEPS.items()}
    return {"sweeps": "\n".join([f"{STEPS} steps each.", "", *table(races)])}
