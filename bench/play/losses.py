"""The shortest game that a policy loses, on boards as a person sees them."""

from typing import NamedTuple

import numpy as np

from bench.measures.grades import witness
from bench.play.board import Line
from bench.play.players import fold_state
from games.arrays import Float64s
from policies.api import Task


class Loss(NamedTuple):
    """A game that a policy loses, each board seen by the player to move."""

    moves: list[str]
    edges: list[int]  # the same moves in the graph
    own: list[bool]  # whether the policy made the move
    boards: list[str]  # before each move, and at the end
    loss: int  # in the game's units
    probability: float  # that the policy chooses its moves of this game


def shortest_loss(task: Task, chosen: Float64s, *, is_first: bool) -> Loss | None:
    """The shortest game that a policy can lose in one seat, against the opponent that brings it about; None if it never loses.

    chosen: the probability of every edge under the policy: [n_edges].
    """
    graph = task.graph
    broken = witness(graph, task.solution, chosen, "never_loses", first=is_first)
    if broken is None:
        return None
    line, edges, own, probability = Line(task.game), [], [], 1.0
    for state, action in broken:
        own.append(line.first_to_move == is_first)
        first, last = graph.edge_start[state : state + 2].tolist()
        edges.append(first + int(np.searchsorted(graph.edge_action[first:last], action)))
        if own[-1]:
            probability *= float(chosen[edges[-1]])
        line.play(int(fold_state(task.game, line.state)[1][action]))
    return Loss(
        moves=[task.game.action_name(move) for move in line.moves],
        edges=edges,
        own=own,
        boards=[task.game.render(state) for state in line.states],
        loss=-line.payoff() if is_first else line.payoff(),
        probability=probability,
    )
