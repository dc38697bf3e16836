"""The gain of a policy on the positions that it was fitted to and on those held out: memory and knowledge told apart."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.measures.pac_bayes import regret_bound
from games.arrays import Bools, Float64s, Int64s
from games.errors import UsageError
from policies.api import Task, uniform_probabilities
from policies.task import split_keys

NEEDS_TRUTH = ("perfect", "shortest")  # the solution itself, and lists searched for a grade, along lines of play


def check_learner(learner: str) -> None:
    """Raises UsageError for a learner that looks beyond the regrets of the positions that count."""
    if learner in NEEDS_TRUTH:
        raise UsageError(f"{learner} needs the true solution of every position: it cannot be fitted to part of them or to a teacher")


@dataclass(frozen=True, eq=False)
class Sides:
    """The loss of random play on each side of a split, by the units that were drawn: boards, or positions.

    With unit u the sums run over its positions that count: `weight` of their weights, `uniform` of weight times the regret of random play.
    """

    task: Task
    unit_of: Int64s  # [n_positions] the unit of each of the task's positions
    is_fitted: Bools  # [n_units]
    weight: Float64s  # [n_units]
    uniform: Float64s  # [n_units]
    n_fitted: int  # positions
    n_held_out: int  # positions

    @property
    def held_out_positions(self) -> Int64s:
        """The positions of the held-out side, as states of the graph. Ascending."""
        positions = self.task.graph.positions
        return positions[(self.unit_of >= 0) & ~self.is_fitted[self.unit_of]]

    def losses(self, chosen: Float64s) -> Float64s:
        """Weight times the regret of a policy, given as a probability on every edge, summed over each unit: [n_units]."""
        return _by_unit(self.task, chosen, self.unit_of, len(self.weight))

    def gain(self, losses: Float64s, is_held_out: bool) -> float | None:
        """The gain on one side, in units of what random play loses there; None if nothing can be lost."""
        side = self.is_fitted != is_held_out
        even = float(self.uniform[side].sum())
        return 1.0 - float(losses[side].sum()) / even if even > 0.0 else None

    def error(self, losses: Float64s, is_held_out: bool = True) -> float | None:
        """The standard error of sum(losses) / sum(uniform) over the units of one side: the delta method of bench/measures/gain_error.py.

        With one policy's losses it is the error of its gain there, with the difference of two that of the step between them. None for
        a single unit or if nothing can be lost there.
        """
        side = self.is_fitted != is_held_out
        x, y = losses[side], self.uniform[side]
        n, total = len(y), float(y.sum())
        if n < 2 or total <= 0.0:
            return None
        apart = x - float(x.sum()) / total * y
        return math.sqrt(n / (n - 1) * float(np.dot(apart, apart))) / total


def sides_of(task: Task, part: Task, split: str) -> Sides:
    """The two sides of a split; `part` is the task restricted to the fitted positions (`policies.task.fitted_part`)."""
    positions = task.graph.positions
    counted = task.weights[positions] > 0
    _, unit_of = np.unique(split_keys(task, split, positions), return_inverse=True)
    keys, place = np.unique(unit_of[counted], return_inverse=True)
    compact = np.full(len(positions), -1, dtype=np.int64)
    compact[counted] = place
    is_fitted = np.zeros(len(keys), dtype=np.bool_)
    is_fitted[compact[part.weights[positions] > 0]] = True
    n_fitted = int(is_fitted[place].sum())
    weight = np.bincount(place, task.weights[positions][counted], len(keys)).astype(np.float64)
    uniform = _by_unit(task, uniform_probabilities(task.graph), compact, len(keys))
    return Sides(task, compact, is_fitted, weight, uniform, n_fitted, len(place) - n_fitted)


def held_out(sides: Sides, chosen: Float64s, policy_bits: int) -> dict[str, Any]:
    """Gains on both sides of a split as plain JSON; `chosen` is the policy as a probability on every edge.

    Both are measured against the truth, each in units of what random play loses there; None where nothing can be lost. `error` is the
    standard error of the held-out gain, over the units that were drawn, `error_fitted` that of the fitted gain. `pac_bayes` is what the
    length of the file promises for all units, judged by the fitted ones (bench/measures/pac_bayes.py); None if positions do not count
    alike.
    """
    losses = sides.losses(chosen)
    gain = sides.gain(losses, is_held_out=True)
    counted = sides.task.weights[sides.task.weights > 0]
    return {
        "n_fitted": sides.n_fitted,
        "n_held_out": sides.n_held_out,
        "gain_fitted": sides.gain(losses, is_held_out=False),
        "gain": gain,
        "residual": None if gain is None else 1.0 - gain,
        "error": sides.error(losses),
        "error_fitted": sides.error(losses, is_held_out=False),
        "splits": 1,
        "pac_bayes": None if np.ptp(counted) > 0.0 else _promise(sides, losses, policy_bits),
    }


def _promise(sides: Sides, losses: Float64s, policy_bits: int) -> dict[str, Any]:
    """The bound, in the mean over boards or positions: each loses the weighted mean of what its positions lose."""
    lost, even = losses / sides.weight, sides.uniform / sides.weight
    most = 2.0 * sides.task.game.max_payoff
    made = regret_bound(float(lost[sides.is_fitted].mean()), most, float(even.mean()), policy_bits, int(np.count_nonzero(sides.is_fitted)))
    return {**dataclasses.asdict(made), "is_vacuous": made.is_vacuous}


def _by_unit(task: Task, chosen: Float64s, unit_of: Int64s, n_units: int) -> Float64s:
    graph = task.graph
    regret = np.bincount(graph.edge_parent, chosen * task.solution.regret, graph.n_states)[graph.positions]
    counts = unit_of >= 0
    lost: Float64s = np.bincount(unit_of[counts], (task.weights[graph.positions] * regret)[counts], n_units).astype(np.float64)
    return lost
