"""docs/networks.md: how small a network of each architecture can be that gains almost all, and how far each goes.

Sizes go up until a network reaches the gain of LEVEL from one of the seeds; the file is then written again with coarser and coarser
rounding while it still does.
"""

import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from bench.measures.grades import grades
from bench.studies import sweeps
from bench.studies.page import Page, Part
from policies.api import Task, action_probabilities
from policies.networks.network import NetworkLearner
from policies.networks.policy import NetworkPolicy
from policies.task import make_task

LEVEL = 0.999
METHODS: dict[str, dict[str, Any]] = {
    "linear": {"architecture": "linear"},
    "mlp": {},
    "mlp, equivariant": {"equivariant": True},
    "mlp, two layers": {"depth": 2},
    "mlp, two layers, equivariant": {"depth": 2, "equivariant": True},
    "mlp, three layers": {"depth": 3},
    "conv": {"architecture": "conv"},
    "conv, equivariant": {"architecture": "conv", "equivariant": True},
    "separable": {"architecture": "separable", "depth": 2},
    "fire": {"architecture": "fire", "depth": 2},
    "soft tree": {"architecture": "softtree"},
}
COARSER = (0.7, 1.0)


class Effort(NamedTuple):
    """What is spent on a game: seeds, steps of training, and the sizes to try; a method without any is left out."""

    seeds: tuple[int, ...]
    steps: int
    sizes: dict[str, tuple[int, ...]]


EFFORTS = {
    "tictactoe": Effort(
        (0, 1),
        1500,
        {
            "linear": (1, 4, 9),
            "mlp": (4, 6, 7, 8, 10, 12, 16),
            "mlp, equivariant": (2, 3, 4, 5, 6, 8),
            "mlp, two layers": (3, 4, 5, 6, 8),
            "mlp, two layers, equivariant": (1, 2, 3, 4),
            "mlp, three layers": (3, 4, 5, 6, 8),
            "conv": (2, 3, 4, 6, 8),
            "conv, equivariant": (3, 4, 5, 6, 8),
            "separable": (3, 4, 6, 8, 12),
            "fire": (4, 6, 8, 12),
            "soft tree": (3, 4, 5, 6),
        },
    ),
    "go-3x3": Effort(
        (0,),
        4000,
        {
            "linear": (9,),
            "mlp": (32, 64, 96, 128),
            "mlp, equivariant": (8, 16, 24, 32, 48),
            "mlp, two layers": (16, 24, 32, 48, 64),
            "mlp, two layers, equivariant": (4, 6, 8, 12, 16),
            "mlp, three layers": (16, 24, 32, 48, 64),
            "conv": (8, 16, 24),
            "conv, equivariant": (16, 32),
            "separable": (16, 32),
            "fire": (16, 32),
            "soft tree": (6, 8),
        },
    ),
    "go-3x4": Effort(
        (0,),
        6000,
        {
            "linear": (12,),
            "mlp": (256,),
            "mlp, equivariant": (96,),
            "mlp, two layers": (320,),
            "mlp, two layers, equivariant": (64, 112),
            "mlp, three layers": (192,),
            "conv": (12,),
            "soft tree": (7,),
        },
    ),
}


class Reached(NamedTuple):
    """One network, measured from its file."""

    size: int
    n_parameters: int
    coarseness: float
    bits: int
    gain: float
    never_loses: bool
    seconds: float


def measure(task: Task, learner: NetworkLearner, size: int, seed: int) -> Reached:
    """Train one network and measure what its file decodes to."""
    began = time.process_time()
    (fitted,) = learner.fit_path(task, [size], seed)
    seconds = time.process_time() - began
    data = learner.encode(fitted, task)
    policy: NetworkPolicy = learner.decode(data, task)
    weights = action_probabilities(task.graph, policy.scores(task))
    n_parameters = sum(len(part.symbols) for part in policy.layers)
    proved = grades(task.graph, task.solution, weights)
    return Reached(size, n_parameters, learner.coarseness, 8 * len(data), task.gain(weights), proved.never_loses, seconds)


def climb(game: str, method: str) -> Iterator[Reached]:
    """Networks of growing size until one reaches LEVEL, then the same size with coarser rounding while that still does."""
    task, effort, options = make_task(game), EFFORTS[game], METHODS[method]
    learner = NetworkLearner(steps=effort.steps, **options)
    for size in effort.sizes.get(method, ()):
        for seed in effort.seeds:
            found = measure(task, learner, size, seed)
            yield found
            if found.gain >= LEVEL:
                for coarseness in COARSER:
                    found = measure(task, NetworkLearner(steps=effort.steps, coarseness=coarseness, **options), size, seed)
                    yield found
                    if found.gain < LEVEL:
                        return
                return


def row(method: str, found: list[Reached]) -> str:
    """The smallest file that reaches LEVEL, or the best network where none does."""
    reaching = [each for each in found if each.gain >= LEVEL]
    best = min(reaching, key=lambda each: each.bits) if reaching else max(found, key=lambda each: each.gain)
    gain = f"{best.gain:.4f}" + ("" if reaching else ", not reached")
    cells = [method, f"{best.size}", f"{best.n_parameters:,}", f"{best.bits:,}", gain, "yes" if best.never_loses else "no"]
    return f"| {' | '.join([*cells, f'{sum(each.seconds for each in found):,.0f}'])} |"


def section(game: str) -> str:
    """The table of a game."""
    effort = EFFORTS[game]
    lines = [f"{effort.steps:,} steps, seeds {', '.join(map(str, effort.seeds))}.", ""]
    lines += ["| architecture | size | parameters | bits | gain | never loses | seconds in all |", "|---|--:|--:|--:|--:|---|--:|"]
    for method in METHODS:
        found = []
        for reached in climb(game, method):
            found.append(reached)
            print(f"{game}, {method}: {reached}", file=sys.stderr, flush=True)
        lines += [row(method, found)] if found else []
    return "\n".join(lines)


def measured(game: str) -> dict[str, str]:
    """The block of a game, measured."""
    return {game: section(game)}


TAKES = {"tictactoe": "some minutes", "go-3x3": "some minutes", "go-3x4": "the better part of an hour on one core"}
PAGES = (
    Page(
        "networks.md",
        {
            "sweeps": Part(sweeps.measured, "some minutes"),
            **{game: Part(partial(measured, game), takes) for game, takes in TAKES.items()},
        },
        phrases=(f"Sizes go up until a network reaches a gain of {LEVEL:g} from one of the seeds",),
    ),
)
