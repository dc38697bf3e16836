"""Shared code of the learners that use other libraries: an error if one is missing, and a sample of the positions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, NamedTuple

import numpy as np

from games.arrays import Int64s
from games.errors import UsageError, WorkError
from policies.api import Range, Task
from policies.language.features import contested_edges

NPositions = Annotated[int, Range(1, 100_000_000), "about how many positions are drawn to fit to, by their weights"]
NFeatures = Annotated[int, Range(1, 1_000_000), "how many atoms are offered: those that tell most about regret"]


class Sample(NamedTuple):
    """Contested positions, ascending; the number of times that each was drawn; and all their moves, ascending."""

    positions: Int64s  # [n_positions]
    counts: Int64s  # [n_positions]
    edges: Int64s  # [n_edges]


@contextmanager
def needs_extra(learner: str) -> Iterator[None]:
    """Turns a failed import inside into a WorkError that says what to install."""
    try:
        yield
    except ImportError as error:
        library = str(error.name).partition(".")[0]
        raise WorkError(f"learner {learner} needs {library}, which is missing: pip install 'gaincurve[baselines]'") from None


def check_options(learner: object, **least: int) -> None:
    """Raises UsageError unless each named option is a whole number and at least the given minimum."""
    for option, smallest in least.items():
        value = getattr(learner, option)
        if not isinstance(value, int) or value < smallest:
            raise UsageError(f"{getattr(learner, 'name', '')} option {option}={value!r}: give a whole number from {smallest} up")


def sample_positions(task: Task, n: int, seed: int) -> Sample:
    """About `n` contested positions drawn by their weights.

    Systematic sampling: a position with the share w of all weight is drawn n w times, rounded down or up at random. Of equally
    weighted positions none is drawn twice, and all are drawn once where there are no more than `n`.
    """
    edges = contested_edges(task)
    parent = task.graph.edge_parent[edges]
    positions = np.unique(parent).astype(np.int64)
    weights = task.weights[positions]
    if len(positions) <= n and np.all(weights == weights[:1]):
        return Sample(positions, np.ones(len(positions), dtype=np.int64), edges)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(positions))
    marks = np.floor(np.cumsum(weights[order]) * (n / weights.sum()) + rng.random()).astype(np.int64)
    counts = np.zeros(len(positions), dtype=np.int64)
    counts[order] = np.diff(marks, prepend=0)
    drawn = counts > 0
    return Sample(positions[drawn], counts[drawn], edges[np.isin(parent, positions[drawn])])
