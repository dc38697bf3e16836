"""What a record says of the truth set that it was measured on."""

from collections.abc import Sequence
from typing import Any

import msgspec

from bench.harness.path import FittedPath
from bench.harness.point import Point
from bench.measures.residual_bounds import left_unseen
from policies.api import Learner, Task
from policies.proved_task import ProvedTask

Bounds = tuple[float, float]


class FromTruthSet(msgspec.Struct, frozen=True):
    """The truth set of a record: how it was drawn, what of it is open, and what the policies leave whatever the open values are."""

    draw: str
    seed: int
    sha256: str  # of the file
    n_positions: int  # the first ones of the set, the open ones among them
    open_share: float  # of these, those with a move whose value is only bounded; nothing is fitted to them
    residual: list[Bounds | None] = []  # the least and the greatest of each point, at the positions that it was not fitted to


def from_truth_set(found: ProvedTask, learner: Learner[Any], part: Task | None, points: Sequence[Point], random_seed: int) -> FromTruthSet:
    """The facts of a set, and the bounds of what the policies of a curve leave; where positions are open, they are fitted once more."""
    task, drawn = found.exact, found.drawn
    residual: list[Bounds | None] = []
    if found.rest is None:
        known = [1.0 - point.gain if point.held_out is None or part is None else point.held_out["residual"] for point in points]
        residual = [None if left is None else (left, left) for left in known]
    else:
        for _, policy in FittedPath(learner, part or task, [point.budget for point in points], random_seed):
            residual.append(left_unseen(found, part, learner.decode(learner.encode(policy, task), task)))
    return FromTruthSet(drawn.draw, drawn.seed, drawn.sha256, len(drawn.positions), found.open_share, residual)
