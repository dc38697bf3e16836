"""Our policies as OpenSpiel's, so that its own algorithms judge them: best responses, exploitability, matches, its bots."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyspiel
from open_spiel.python import policy

from games.arrays import Float64s, Int64s
from games.errors import UsageError
from games.rules.openspiel import OpenSpielGame
from policies.api import Task


class GraphPolicy(policy.Policy):  # type: ignore[misc]  # OpenSpiel's own, which its algorithms ask for; it ships no types
    """A policy on an `openspiel:` game, for both players."""

    def __init__(self, task: Task, weights: Float64s) -> None:
        """`weights` is a probability on every edge of the task's graph, as `policies.api.action_probabilities` gives it. [n_edges]

        Raises UsageError when the task's game is not one of OpenSpiel's.
        """
        game = _game_of(task)
        super().__init__(game.reference, [0, 1])
        self._index = game.walk.index
        self._place = _places(task)
        self._graph, self._weights = task.graph, weights

    def action_probabilities(self, state: pyspiel.State, player_id: int | None = None) -> dict[int, float]:
        """A probability for every legal action of a state that is not terminal."""
        at: Any = self._place[self._index[str(state), state.current_player()]]
        edges = slice(self._graph.edge_start[at], self._graph.edge_start[at + 1])
        return dict(zip(self._graph.edge_action[edges].tolist(), self._weights[edges].tolist(), strict=True))


def graph_states(task: Task) -> Iterator[tuple[int, Any]]:
    """OpenSpiel's own state for every position, with the position's index in the task's graph.

    Each is reached by the first line of play that the walk found, and is yielded once: the caller may change it.

    Raises UsageError when the task's game is not one of OpenSpiel's.
    """
    game, places = _game_of(task), _places(task)
    walk = game.walk
    known, n_known = {0: game.reference.new_initial_state()}, 1
    for number, place in enumerate(places.tolist()):
        state = known.pop(number)
        edges = range(walk.edge_start[number], walk.edge_start[number + 1])
        for edge in edges:
            child = int(walk.edge_child[edge])
            if child == n_known:  # states are numbered as they were found
                known[child] = state.child(int(walk.edge_action[edge]))
                n_known += 1
        if edges:
            yield place, state


def _game_of(task: Task) -> OpenSpielGame:
    if not isinstance(task.game, OpenSpielGame):
        raise UsageError(
            f"{task.game.id} is not a game of OpenSpiel: fit the policy on an openspiel: game, for example openspiel:tic_tac_toe"
        )
    return task.game


def _places(task: Task) -> Int64s:
    """The graph's index of each state of the walk. [n_states]"""
    return np.argsort(task.graph.states)
