"""The curves whose tails are judged: from a record, or from the regret of every position at every budget.

A curve comes with replicates of itself: other values that its residuals might as well have had, had other positions been drawn.
With the regret of every position they are bootstrapped over positions; with a record alone, the gain of every bin of rules is
taken to vary as if each of the positions that it changes were drawn by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from bench.curves.curve import PERFECT
from bench.curves.ending import has_ended
from bench.harness.path import FittedPath
from bench.harness.records import Record
from bench.wording import singular
from games.arrays import Float64s, Int64s
from games.errors import UsageError
from policies.api import Learner, Task, action_probabilities, uniform_probabilities
from policies.position_weights import effective_positions

N_REPLICATES = 100
CHUNK = 1 << 22  # numbers drawn at a time
TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Curve:
    """The residual at each number of rules (or other units of a budget), as a share of the residual without any."""

    sizes: Int64s  # [n_points] ascending; the first is 0 where the residual without rules is known
    residuals: Float64s  # [n_points]
    replicates: Float64s  # [n_replicates, n_points]
    quantum: float  # what a rule gains that puts one average position right: 1 / effective number of positions
    is_finished: bool  # the fit ended by itself: no further rule gains anything
    unit: float | None = None  # one rule, or byte, on the axis of sizes; None: the smallest step between two sizes

    @property
    def has_ended(self) -> bool:
        """Whether the last size leaves nothing, or nothing that a further rule could get."""
        return self.is_finished or float(self.residuals[-1]) <= PERFECT


class NoCurve(NamedTuple):
    """In place of a curve, why there is none."""

    reason: str


def curve_of_record(record: Record, measure: str = "regret", seed: int = 0) -> Curve:
    """The curve of a record's points: of the `regret`, or of the `exceptions`, bits that the policy lacks to perfect play.

    Without any rules the regret is that of uniform choice; how many exceptions there are then is not in the record, so that curve
    begins with its first point. Raises UsageError for a record of a single size, unless that is perfect.
    """
    points = {point.size: point for point in sorted(record.points, key=lambda point: point.gain)}  # of equal sizes, the best
    ordered = [points[size] for size in sorted(points)]
    is_finished = has_ended(record)
    is_perfect_at_once = measure == "regret" and len(ordered) == 1 and ordered[0].gain >= 1.0 - PERFECT
    if len(points.keys() - {0}) < 2 and not is_perfect_at_once:
        raise UsageError(f"{record.cell_id} is no curve: {_single_size(record.unit, is_finished)}")
    if measure == "exceptions":
        if any(point.exception_bits is None for point in ordered):
            raise UsageError(f"{record.cell_id} was measured on a sample of positions, which has no exceptions; ask for regret")
        bits = np.array([point.exception_bits for point in ordered], dtype=np.float64)
        left = bits / max(1.0, bits[0])
    else:
        left = np.array([1.0 - point.gain for point in ordered])
    sizes = np.array(sorted(points), dtype=np.int64)
    if measure == "regret" and sizes[0] > 0:
        sizes, left = np.concatenate([[0], sizes]), np.concatenate([[1.0], left])
    return counted_curve(
        sizes, np.maximum(left, 0.0), 1.0 / (record.effective_positions or record.n_positions), is_finished, seed, unit=1.0
    )


def _single_size(unit: str, is_finished: bool) -> str:
    what = f"after which no further {singular(unit)} gains" if is_finished else "so give more budgets"
    return f"it has a single size, {what}"


def counted_curve(sizes: Int64s, residuals: Float64s, quantum: float, is_finished: bool, seed: int = 0, unit: float | None = None) -> Curve:
    """A curve with replicates in which the gain of every step varies by 1 / sqrt(number of quanta in it)."""
    gains = -np.diff(residuals)
    drawn = gains + np.sqrt(quantum * np.abs(gains)) * np.random.default_rng(seed).standard_normal((N_REPLICATES, len(gains)))
    replicates = residuals[0] - np.concatenate([np.zeros((N_REPLICATES, 1)), np.cumsum(drawn, axis=1)], axis=1)
    return Curve(sizes, residuals, replicates, quantum, is_finished, unit)


@dataclass(frozen=True, eq=False)
class PathRegrets:
    """What policies of growing size lose in every position, in the game's units."""

    sizes: list[int]  # [n_points]
    regrets: Float64s  # [n_points, n_positions]
    uniform: Float64s  # [n_positions] what uniform choice loses
    weights: Float64s  # [n_positions]
    is_finished: bool  # the fit ended by itself


def curve_of_regrets(path: PathRegrets, seed: int = 0) -> Curve:
    """The curve of a path, with a bootstrap over its positions.

    In a replicate each position counts as often as it is drawn; residuals are shares of what uniform choice loses in those drawn.
    """
    losses = np.concatenate([path.uniform[None, :], path.regrets]) * path.weights
    totals = losses.sum(axis=1)
    rng = np.random.default_rng(seed)
    n_positions = losses.shape[1]
    drawn = np.zeros((N_REPLICATES, len(losses)))
    step = max(1, CHUNK // n_positions)
    for start in range(0, N_REPLICATES, step):
        rows = drawn[start : start + step]
        rows[:] = rng.poisson(1.0, (len(rows), n_positions)) @ losses.T
    drawn /= np.maximum(drawn[:, :1], TINY)
    quantum = 1.0 / effective_positions(path.weights / path.weights.sum())
    return Curve(np.array([0, *path.sizes], dtype=np.int64), totals / totals[0], drawn, quantum, path.is_finished, 1.0)


def regrets_of_path(task: Task, learner: Learner[Any], budgets: Sequence[int], seed: int = 0, part: Task | None = None) -> PathRegrets:
    """Fit a learner at these budgets, and see what each policy that is larger than the one before loses where.

    `part`: the part of the task that is fitted to, where that is not all of it.
    """
    positions = task.graph.positions
    sizes: list[int] = []
    regrets: list[Float64s] = []
    path = FittedPath(learner, part or task, budgets, seed)
    for _, policy in path:
        if policy.size > (sizes[-1] if sizes else 0):
            sizes.append(policy.size)
            regrets.append(position_regrets(task, action_probabilities(task.graph, policy.scores(task)))[positions])
    if not sizes:
        raise UsageError(f"{learner.name} on {task.game.id} has no policy with any {learner.unit}: there is no curve to judge")
    uniform = position_regrets(task, uniform_probabilities(task.graph))[positions]
    if len(sizes) == 1 and regrets[0] @ task.weights[positions] > PERFECT * (uniform @ task.weights[positions]):
        raise UsageError(f"{learner.name} on {task.game.id} is no curve: {_single_size(learner.unit, path.is_finished)}")
    return PathRegrets(sizes, np.array(regrets), uniform, task.weights[positions], path.is_finished)


def position_regrets(task: Task, edge_probability: Float64s) -> Float64s:
    """The expected regret of a policy in every state, in the game's units: [n_states]."""
    loss = edge_probability * task.solution.regret.astype(np.float64)
    regrets: Float64s = np.bincount(task.graph.edge_parent, loss, task.graph.n_states).astype(np.float64)
    return regrets


def pool(curves: Sequence[Curve]) -> Curve:
    """One curve of several seeds: the mean, at the sizes that all have, with the replicates of all, so that bands hold both spreads.

    A curve that has ended keeps its last residual at every larger size.
    """
    every = np.unique(np.concatenate([curve.sizes for curve in curves]))
    known = [np.isin(every, curve.sizes) | (curve.has_ended & (every > curve.sizes[-1])) for curve in curves]
    sizes = every[np.all(known, axis=0)].astype(np.int64)
    if len(sizes) < 3:
        hint = "" if all(curve.has_ended for curve in curves) else ": fit all seeds at the same budgets"
        raise UsageError(f"these curves have no three sizes in common{hint}")
    places = [np.minimum(np.searchsorted(curve.sizes, sizes), len(curve.sizes) - 1) for curve in curves]
    residuals = np.mean([curve.residuals[place] for curve, place in zip(curves, places, strict=True)], axis=0)
    replicates = np.concatenate([curve.replicates[:, place] for curve, place in zip(curves, places, strict=True)])
    quantum, has_ended = max(curve.quantum for curve in curves), all(curve.has_ended for curve in curves)
    return Curve(sizes, residuals, replicates, quantum, has_ended, curves[0].unit)
