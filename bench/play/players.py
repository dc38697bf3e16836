"""The players of a game: a policy, from a file or fitted here, or another program by way of GTP."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bench.harness.policyfile import load_policy, read_policy
from games.arrays import Float64s, Int64s
from games.contract import Folds, Game
from games.errors import UsageError, WorkError
from games.registry import make_game
from games.solving.sample import sample_graph
from policies.api import Learner, Policy, Task, check_budgets
from policies.networks.network import NetworkLearner
from policies.registry import make_learner, parse_learner
from policies.search.base import is_file
from policies.search.mcts import Mcts, MctsLearner
from policies.search.minimax import Minimax, MinimaxLearner
from policies.selfplay.learner import SelfPlayLearner
from policies.task import make_task


class Player(Protocol):
    """One side of a game. Boards are as a person sees them: not made canonical."""

    @property
    def name(self) -> str:
        """The name in results."""

    def start(self) -> None:
        """A new game begins."""

    def told(self, action: int, is_first: bool) -> None:
        """The first or second player made a move that this player did not choose."""

    def choose(self, state: int, is_first: bool) -> int | None:
        """A legal action in a state that is not final, for the first or second player; None to resign."""

    def close(self) -> None:
        """No further game is played."""


class PolicyPlayer:
    """Plays a policy: one of the best-scored moves, drawn at random."""

    def __init__(self, name: str, task: Task, policy: Policy, seed: int) -> None:
        """`task` holds the closed graph of its game; a search also plays from a task that is open, by the rules alone."""
        self.name, self._task, self._policy = name, task, policy
        self._random = np.random.default_rng(seed)
        is_whole = task.graph.is_closed and not isinstance(policy, Mcts | Minimax)
        self._scores = policy.scores(task) if is_whole else None
        self._order = np.argsort(task.graph.states) if is_whole else np.empty(0, dtype=np.int64)

    def start(self) -> None:
        """Nothing is remembered from one move to the next."""

    def told(self, action: int, is_first: bool) -> None:
        """Nothing is remembered from one move to the next."""

    def close(self) -> None:
        """Nothing was opened."""

    def choose(self, state: int, is_first: bool) -> int:
        """One of the best-scored actions. Raises WorkError for a state that play cannot reach, on a game that was enumerated."""
        canonical, back = fold_state(self._task.game, state)
        actions, scores = self._scored(canonical)
        best = np.flatnonzero(scores == scores.max())
        return int(back[actions[best[self._random.integers(len(best))]]])

    def _scored(self, state: int) -> tuple[Int64s, Float64s]:
        """The actions of a canonical state, and their scores."""
        if self._scores is None:
            graph = sample_graph(self._task.game, np.array([state], dtype=np.uint64))
            alone = Task(self._task.game, graph, None, np.eye(1, graph.n_states)[0])
            edges = slice(0, int(graph.edge_start[1]))
            return graph.edge_action[edges].astype(np.int64), self._policy.scores(alone)[edges]
        graph = self._task.graph
        place = np.searchsorted(graph.states, np.uint64(state), sorter=self._order)
        at = int(self._order[min(int(place), graph.n_states - 1)])
        if int(graph.states[at]) != state:
            raise WorkError(f"play of {graph.game_id} cannot reach this position, and {self.name} has no move for it")
        edges = slice(int(graph.edge_start[at]), int(graph.edge_start[at + 1]))
        return graph.edge_action[edges].astype(np.int64), self._scores[edges]


def fold_state(game: Game, state: int) -> tuple[int, Int64s]:
    """The canonical state of a board as it lies, and for each of its actions the one on the board: [n_actions]."""
    if not isinstance(game, Folds):
        return state, np.arange(game.n_actions)
    (canonical,), (symmetry,) = game.fold(np.array([state], dtype=np.uint64))
    return int(canonical), np.argsort(game.action_symmetries[symmetry])


def policy_player(text: str, game_id: str, seed: int) -> PolicyPlayer:
    """The player of a policy file, or of a learner's text with its budget: `mcts@200`, `rulelist:language=concepts@16`.

    Raises UsageError for a text that is neither and for a file of another game.
    """
    if is_file(text):
        header, data = read_policy(Path(text))
        if header.game != game_id:
            raise UsageError(f"{text} is a policy for {header.game}, not for {game_id}")
        learner = make_learner(header.learner, header.options)
        if needs_no_graph(learner):
            task = start_task(game_id)
            return PolicyPlayer(text, task, learner.decode(data, task), seed)
        task, _, policy, _ = load_policy(Path(text), game_id)
        return PolicyPlayer(text, task, policy, seed)
    if text.endswith(".policy"):
        raise UsageError(f"{text}: there is no such file")
    whole, at, budget = text.rpartition("@")
    if at and not budget.isdecimal():
        raise UsageError(f"{text!r}: after @ stands the budget, a whole number, for example mcts@200")
    name, options = parse_learner(whole if at else text)
    learner = make_learner(name, options)
    is_taught = isinstance(learner, NetworkLearner)  # by the solution
    task = start_task(game_id) if needs_no_graph(learner) and not is_taught else make_task(game_id)
    budgets = [int(budget)] if at else list(learner.default_budgets(task))
    if len(budgets) > 1:
        raise UsageError(f"{text!r} needs a budget: write {text}@N, in {learner.unit}; or give a policy file")
    policies: list[Any] = list(learner.fit_path(task, check_budgets(budgets), seed))
    if not policies:
        raise WorkError(f"{text} found no policy on {game_id}: give a larger budget")
    return PolicyPlayer(text, task, policies[-1], seed)


def needs_no_graph(learner: Learner[Any]) -> bool:
    """Whether a learner's policies play from the rules alone: searches over nothing or over a network in a file, and networks."""
    if isinstance(learner, MinimaxLearner | MctsLearner):
        return learner.base is None or (learner.base.data is not None and needs_no_graph(learner.base.learner))
    return isinstance(learner, NetworkLearner | SelfPlayLearner)


def start_task(game_id: str) -> Task:
    """The game with its start alone as a sample, unsolved. Raises UsageError for a game that is over at the start."""
    game = make_game(game_id)
    graph = sample_graph(game, np.array([game.start()], dtype=np.uint64))
    return Task(game, graph, None, np.eye(1, graph.n_states)[0])
