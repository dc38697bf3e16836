"""Splits fitted beside a curve: the same learner and budgets on one side of each draw, and the gains on both sides."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from bench.harness.path import FittedPath
from bench.harness.point import Point
from bench.measures.heldout import Sides, sides_of
from bench.measures.split_curve import SplitCurve
from games.arrays import Float64s
from policies.api import Learner, Task, action_probabilities
from policies.position_weights import effective_positions
from policies.task import fitted_part

MAX_NULL = 5_000  # units fitted to shuffled moves


class SplitGains:
    """Collects the gains of policies of growing budget on both sides of a split."""

    def __init__(self, sides: Sides, part: Task, seed: int) -> None:
        self._sides = sides
        self._before = sides.uniform
        self._curve = SplitCurve(seed, sides.n_fitted, sides.n_held_out, effective_positions(part.weights), [], [], [], [], [])

    def add(self, budget: int, chosen: Float64s) -> None:
        """Add a policy, given as a probability on every edge."""
        sides, curve = self._sides, self._curve
        losses = sides.losses(chosen)
        curve.budgets.append(budget)
        curve.gains_fitted.append(sides.gain(losses, is_held_out=False))
        curve.gains.append(sides.gain(losses, is_held_out=True))
        curve.errors.append(sides.error(losses))
        curve.step_errors.append(sides.error(losses - self._before))
        self._before = losses

    def curve(self) -> SplitCurve:
        """The gains that were collected."""
        return self._curve


def fit_split(
    task: Task, learner: Learner[Any], budgets: Sequence[int], random_seed: int, held_out: float, split: str, seed: int
) -> SplitCurve:
    """Fit a learner to what a split leaves, at these budgets, and measure what each policy's bytes decode to on both sides.

    `seed` draws the split (`policies.task.fitted_part`), `random_seed` is the learner's.
    """
    part = fitted_part(task, held_out, split, seed)
    found = SplitGains(sides_of(task, part, split), part, seed)
    for budget, policy in FittedPath(learner, part, budgets, random_seed):
        read = learner.decode(learner.encode(policy, task), task)
        found.add(budget, action_probabilities(task.graph, read.scores(task)))
    return found.curve()


def null_budgets(budgets: Sequence[int]) -> list[int]:
    """The budgets at which a learner is fitted to shuffled moves, on which its policies grow about as long as tables."""
    return [budget for budget in budgets if budget <= MAX_NULL] or [min(budgets)]


def with_splits(points: Sequence[Point], splits: Sequence[SplitCurve]) -> list[Point]:
    """The points of a curve with the gains of its splits at each budget: means over the splits.

    A split that ended before a budget counts with its last policy. `error` is the root mean square of the standard errors, that of a
    single split. There is no bound: it would be one for the policies of the splits, which no point holds.
    """
    return [msgspec.structs.replace(point, held_out=_at(splits, point.budget)) for point in points]


def _at(splits: Sequence[SplitCurve], budget: int) -> dict[str, Any]:
    places = [max(0, int(np.searchsorted(each.budgets, budget, side="right")) - 1) for each in splits]
    gain = _mean([each.gains[place] for each, place in zip(splits, places, strict=True)])
    squares = [None if error is None else error**2 for error in (each.errors[place] for each, place in zip(splits, places, strict=True))]
    error = _mean(squares)
    return {
        "n_fitted": round(np.mean([each.n_fitted for each in splits])),
        "n_held_out": round(np.mean([each.n_held_out for each in splits])),
        "gain_fitted": _mean([each.gains_fitted[place] for each, place in zip(splits, places, strict=True)]),
        "gain": gain,
        "residual": None if gain is None else 1.0 - gain,
        "error": None if error is None else float(np.sqrt(error)),
        "error_fitted": None,
        "splits": len(splits),
        "pac_bayes": None,
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None
