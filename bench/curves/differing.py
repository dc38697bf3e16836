"""Positions on which two policies differ: what each plays there, and what that loses."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from games.arrays import Float64s
from policies.api import Policy, Task, action_probabilities

MOST = 3  # positions shown


class Choice(NamedTuple):
    """The moves that a policy may choose in a position, as the game names them, and what they lose in the mean, in its units."""

    moves: tuple[str, ...]
    loss: float


class Difference(NamedTuple):
    """A position, drawn, and the choices of two policies."""

    state: int
    drawing: str
    choices: tuple[Choice, Choice]


def differences(task: Task, policies: Sequence[Policy], most: int = MOST) -> list[Difference]:
    """The positions at which what two policies lose differs most, by the task's weights; the first of equal ones."""
    chances = [action_probabilities(task.graph, policy.scores(task)) for policy in policies]
    losses = [_losses(task, chance) for chance in chances]
    weight = np.abs(losses[0] - losses[1]) * task.weights
    order = np.argsort(-weight, kind="stable")[:most]
    return [
        Difference(
            int(state),
            task.game.render(int(task.graph.states[state])),
            (_choice(task, chances[0], losses[0], int(state)), _choice(task, chances[1], losses[1], int(state))),
        )
        for state in order.tolist()
        if weight[state] > 0
    ]


def _losses(task: Task, chances: Float64s) -> Float64s:
    """The mean regret of a policy in each state. [n_states]"""
    regret = task.solution.regret.astype(np.float64)
    return np.bincount(task.graph.edge_parent, chances * regret, task.graph.n_states).astype(np.float64)


def _choice(task: Task, chances: Float64s, losses: Float64s, state: int) -> Choice:
    edges = range(*task.graph.edge_start[state : state + 2])
    moves = tuple(task.game.action_name(int(task.graph.edge_action[edge])) for edge in edges if chances[edge] > 0)
    return Choice(moves, float(losses[state]))
