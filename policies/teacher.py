"""Distilling one policy from another: a task whose solution is a teacher's instead of the exact one.

As in Bastani, Pu & Solar-Lezama, "Verifiable reinforcement learning via policy extraction" (VIPER, 2018), a mistake weighs what the
teacher thinks it costs; unlike there, all positions are at hand, so none need be gathered by play.
"""

import dataclasses

import numpy as np

from games.arrays import Int16s
from games.errors import WorkError
from policies.api import Scores, Task, action_probabilities

MAX_REGRET = (1 << 15) - 1  # of a Solution, in 16 bits


def taught(task: Task, scores: Scores) -> Task:
    """The task whose optimal moves are those that a teacher scores best, and whose regrets are how much lower it scores the others.

    Whole scores whose differences stay below 2**15 are taken as they are, so that those of perfect play give the truth's own
    regrets; others are scaled so that the largest difference is 2**15 - 1, and rounded, but never to nothing. Every position is
    worth 0, since a teacher says only how moves compare. scores: [n_edges].

    Raises WorkError for a teacher that prefers no move to another, or whose scores are not finite.
    """
    graph = task.graph
    if not np.isfinite(scores).all():
        raise WorkError(f"the teacher gives scores on {task.game.id} that are not finite: fit it again")
    best = np.zeros(graph.n_states)
    best[graph.positions] = np.maximum.reduceat(scores, graph.edge_start[graph.positions]) if len(scores) else 0.0
    short = best[graph.edge_parent] - scores
    largest = float(short.max(initial=0.0))
    if largest == 0.0:
        raise WorkError(f"the teacher prefers no move of {task.game.id} to another: there is nothing to learn from it")
    if largest > MAX_REGRET or (short != np.rint(short)).any():
        short = np.where(short > 0, np.maximum(1.0, np.rint(short * (MAX_REGRET / largest))), 0.0)
    regret: Int16s = short.astype(np.int16)
    nothing = np.zeros_like(task.solution.value)
    solution = dataclasses.replace(task.solution, value=nothing, lower=nothing, upper=nothing, edge_value=-regret, regret=regret)
    return dataclasses.replace(task, truth=solution)


def fidelity(task: Task, student: Scores, teacher: Scores) -> float:
    """The share of the positions, by weight, in which a student chooses among the teacher's best moves only. scores: [n_edges]."""
    chosen, right = action_probabilities(task.graph, student) > 0, action_probabilities(task.graph, teacher) > 0
    strays = np.zeros(task.graph.n_states, dtype=np.bool_)
    strays[task.graph.edge_parent[chosen & ~right]] = True
    return float(task.weights[~strays].sum())
