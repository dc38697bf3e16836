"""Our policies as OpenSpiel's, so that its own algorithms judge them: best responses, exploitability, matches, its bots."""

from typing import Any

import numpy as np
import pyspiel
from open_spiel.python import policy

from games.arrays import Float64s
from games.errors import UsageError
from games.rules.openspiel import OpenSpielGame, load_reference
from policies.api import Task


class GraphPolicy(policy.Policy):  # type: ignore[misc]  # OpenSpiel's own, which its algorithms ask for; it ships no types
    """A policy on an `openspiel:` game, for both players."""

    def __init__(self, task: Task, weights: Float64s) -> None:
        """`weights` is a probability on every edge of the task's graph, as `policies.api.action_probabilities` gives it. [n_edges]

        Raises UsageError when the task's game is not one of OpenSpiel's.
        """
        if not isinstance(task.game, OpenSpielGame):
            raise UsageError(
                f"{task.game.id} is not a game of OpenSpiel: fit the policy on an openspiel: game, for example openspiel:tic_tac_toe"
            )
        super().__init__(load_reference(task.game.text), [0, 1])
        self._index = task.game.walk.index
        self._place = np.argsort(task.graph.states)  # the graph's number of each state of the walk
        self._graph, self._weights = task.graph, weights

    def action_probabilities(self, state: pyspiel.State, player_id: int | None = None) -> dict[int, float]:
        """A probability for every legal action of a state that is not terminal."""
        at: Any = self._place[self._index[str(state), state.current_player()]]
        edges = slice(self._graph.edge_start[at], self._graph.edge_start[at + 1])
        return dict(zip(self._graph.edge_action[edges].tolist(), self._weights[edges].tolist(), strict=True))
