"""Our policies as bots of OpenSpiel: for `pyspiel.evaluate_bots`, its matches and its tournaments.

A policy on an `openspiel:` game plays that game. One on a game of this project plays OpenSpiel's version of it where there is one: the
moves so far are played again by our rules, the position is laid on the canonical one, and the move is turned back.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pyspiel

from games.arrays import Int64s
from games.contract import Folds, Game, unfolded
from games.errors import UsageError
from games.rules.go import Go
from games.rules.openspiel import OpenSpielGame
from policies.api import Scores, Task


class Counterpart(NamedTuple):
    """OpenSpiel's version of a game: its name, the parameters that must agree, and each of our actions as one of its."""

    name: str
    parameters: dict[str, Any]
    actions: Int64s  # [n_actions]


class PolicyBot(pyspiel.Bot):  # type: ignore[misc]  # OpenSpiel's own, which its matches ask for; it ships no types
    """A bot that plays a policy for either player: one of the best-scored legal moves, drawn at random."""

    def __init__(self, task: Task, scores: Scores, seed: int = 0) -> None:
        """`scores` are those of the policy on every edge of the task's graph: [n_edges].

        Raises UsageError for a game that no bot plays.
        """
        pyspiel.Bot.__init__(self)
        self._task, self._scores = task, scores
        self._random = np.random.default_rng(seed)
        self._order = np.argsort(task.graph.states)
        self._find: Callable[[Any], tuple[int, Int64s]]
        if isinstance(task.game, OpenSpielGame):
            self._game = Counterpart(task.game.reference.get_type().short_name, task.game.reference.get_parameters(), np.empty(0, np.int64))
            self._walk = task.game.walk
            self._find = self._in_walk
        else:
            self._game = counterpart_of(task.game)
            self._theirs = {theirs: ours for ours, theirs in enumerate(self._game.actions.tolist())}
            self._find = self._by_replay

    def restart(self) -> None:
        """Nothing is remembered from one move to the next."""

    def restart_at(self, state: Any) -> None:
        """Nothing is remembered from one move to the next."""

    def inform_action(self, state: Any, player_id: int, action: int) -> None:
        """Nothing is remembered from one move to the next."""

    def step(self, state: Any) -> int:
        """An action for the player to move. Raises UsageError for a state of another game."""
        best = self.choices(state)
        return best[int(self._random.integers(len(best)))]

    def choices(self, state: Any) -> list[int]:
        """All actions that `step` may choose: the best-scored ones that are legal in a state of OpenSpiel's, ascending."""
        self._check(state.get_game())
        at, actions = self._find(state)
        graph = self._task.graph
        edges = slice(graph.edge_start[at], graph.edge_start[at + 1])
        found = dict(zip(actions.tolist(), self._scores[edges].tolist(), strict=True))
        legal = {action: found[action] for action in state.legal_actions()}
        return [action for action, score in legal.items() if score == max(legal.values())]

    def _check(self, game: Any) -> None:
        given = game.get_parameters()
        if game.get_type().short_name != self._game.name or any(given.get(key) != value for key, value in self._game.parameters.items()):
            shown = ",".join(f"{key}={value}" for key, value in self._game.parameters.items())
            want = f"{self._game.name}({shown})" if shown else self._game.name
            raise UsageError(f"a policy for {self._task.game.id} plays OpenSpiel's {want}, not {game}")

    def _in_walk(self, state: Any) -> tuple[int, Int64s]:
        """The position in the graph of an `openspiel:` game, and its moves as OpenSpiel numbers them."""
        graph = self._task.graph
        at = int(self._order[self._walk.index[str(state), state.current_player()]])
        return at, graph.edge_action[graph.edge_start[at] : graph.edge_start[at + 1]].astype(np.int64)

    def _by_replay(self, state: Any) -> tuple[int, Int64s]:
        """The canonical position after the moves so far, and its moves as OpenSpiel numbers them on the board as it lies."""
        game, graph = self._task.game, self._task.graph
        raw = np.array([game.start()], dtype=np.uint64)
        for action in state.history():
            expansion = unfolded(game, raw)
            raw = expansion.edge_child[expansion.edge_action == self._theirs[action]]
        assert isinstance(game, Folds)  # all of counterpart_of
        (canonical,), (symmetry,) = game.fold(raw)
        at = int(self._order[np.searchsorted(graph.states, canonical, sorter=self._order)])
        back = np.argsort(game.action_symmetries[symmetry])  # from an action of the canonical position to that of the board
        edges = slice(graph.edge_start[at], graph.edge_start[at + 1])
        return at, self._game.actions[back[graph.edge_action[edges]]]


def counterpart_of(game: Game) -> Counterpart:
    """OpenSpiel's version of a game. Raises UsageError for a game without one."""
    if game.id == "tictactoe":
        return Counterpart("tic_tac_toe", {}, np.arange(game.n_actions))
    if isinstance(game, Go) and game.rows == game.columns >= 2:
        rows = np.arange(game.rows * game.columns).reshape(game.rows, game.columns)[::-1]  # OpenSpiel counts rows from the bottom
        return Counterpart("go", {"board_size": game.rows}, np.append(rows.ravel(), rows.size))
    raise UsageError(f"a bot plays tictactoe, Go on square boards from 2x2 up, and openspiel: games, not {game.id}")
