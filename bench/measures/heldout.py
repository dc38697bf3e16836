"""What a policy that was fitted to some of the positions gains on those, and what on the others: memory and generalisation told apart."""

import dataclasses
from typing import Any

import numpy as np

from bench.measures.pac_bayes import regret_bound
from games.arrays import Float64s
from games.errors import UsageError
from policies.api import Task

NEEDS_TRUTH = ("perfect", "shortest")  # the solution itself, and lists searched for a grade, along lines of play


def check_learner(learner: str) -> None:
    """Raises UsageError for a learner that looks beyond the regrets of the positions that count."""
    if learner in NEEDS_TRUTH:
        raise UsageError(f"{learner} needs the true solution of every position: it can be fitted neither to a sample nor to a teacher")


def held_out(task: Task, sample: Task, chosen: Float64s, policy_bits: int) -> dict[str, Any]:
    """Gains on the positions of a sample and on the others, as plain JSON; `chosen` is the policy as a probability on every edge.

    Both are measured against the truth, each in units of what random play loses there; None where nothing can be lost. `bound` is the
    promise for all positions that the sample alone allows (bench/measures/pac_bayes.py); None where positions do not count alike.
    """
    is_fitted = sample.weights > 0
    others = np.where(is_fitted, 0.0, task.weights)
    fitted, unseen = dataclasses.replace(task, weights=sample.weights), dataclasses.replace(task, weights=others / others.sum())
    counted = task.weights[task.weights > 0]
    bound = None
    if np.ptp(counted) == 0.0:
        most = 2.0 * task.game.max_payoff
        made = regret_bound(fitted.regret(chosen), most, task.uniform_regret, policy_bits, int(is_fitted.sum()))
        bound = {**dataclasses.asdict(made), "is_vacuous": made.is_vacuous}
    return {
        "n_fitted": int(is_fitted.sum()),
        "n_held_out": len(counted) - int(is_fitted.sum()),
        "gain_fitted": fitted.gain(chosen) if fitted.uniform_regret > 0 else None,
        "gain_held_out": unseen.gain(chosen) if unseen.uniform_regret > 0 else None,
        "bound": bound,
    }
