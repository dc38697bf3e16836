"""A learner as a scikit-learn estimator, whose samples are positions: for cross-validation and searches over budgets and options.

X holds positions as their players see them, one row a position as `game.cells` writes it; `positions` returns all of a game. `fit` reads
the solution only at the positions whose rows are given, so a fold that is held out stays unseen.
"""
# ruff: noqa: N803  scikit-learn passes samples by the name X

import functools
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from games.arrays import Float64s, Int8s, Int16s, Int64s
from games.errors import UsageError, WorkError
from policies.api import Policy, Task, action_probabilities, check_budgets
from policies.registry import make_learner
from policies.task import known_only, make_task
from policies.teacher import taught

try:
    from sklearn.base import BaseEstimator
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:
    raise WorkError("policies.adapters.estimator needs scikit-learn, which is missing: pip install 'gaincurve[baselines]'") from None


NEEDS_TRUTH = ("perfect", "shortest")  # they look at the solution of positions beyond those given


def positions(game: str, weights: str = "uniform") -> tuple[Int8s, Int16s]:
    """All positions of a game that count, and of each the first optimal action: X [n_positions, n_cells] and y [n_positions]."""
    task = make_task(game, weights)
    counted = np.flatnonzero(task.weights > 0)
    best = _first_best(task, -task.solution.regret.astype(np.float64), counted)
    return task.game.cells(task.graph.states[counted]), task.graph.edge_action[best]


class PolicyEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn asks its estimators for this base
    """Fits a learner to the positions given, and chooses and scores actions in any position of the game.

    learner, options, budget and random_state are those of `policies.registry.make_learner` and of `fit_path`; weights those of
    `policies.task.make_task`. After fitting `policy_` is the policy as its file decodes, `size_` the units it uses, `n_bits_` the
    length of its file.
    """

    def __init__(
        self,
        game: str = "tictactoe",
        learner: str = "rulelist",
        options: dict[str, Any] | None = None,
        budget: int = 10,
        weights: str = "uniform",
        random_state: int = 0,
    ) -> None:
        self.game = game
        self.learner = learner
        self.options = options
        self.budget = budget
        self.weights = weights
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike | None = None) -> Self:
        """Fit to the true regrets of these positions; with y, an action for each, to these actions as the only right ones.

        A position that is given several times counts as often. Raises UsageError for rows that are no positions of the game, for
        actions that are not legal there, and for learners that need the whole solution; WorkError where every move is right.
        """
        if self.learner in NEEDS_TRUTH:
            raise UsageError(f"{self.learner} needs the true solution of every position: it cannot be fitted to some of them")
        learner, task = make_learner(self.learner, self.options), make_task(self.game, self.weights)
        rows = _states(task, validate_data(self, X, reset=True))
        lessons = task if y is None else taught(task, _votes(task, rows, np.asarray(y)))
        budgets = check_budgets([self.budget])
        *_, policy = learner.fit_path(known_only(lessons, _counts(lessons, rows)), budgets, self.random_state)
        data = learner.encode(policy, task)
        self.policy_: Policy = learner.decode(data, task)
        self.size_ = self.policy_.size
        self.n_bits_ = 8 * len(data)
        self.classes_ = np.arange(task.game.n_actions)
        return self

    def predict(self, X: npt.ArrayLike) -> Int16s:
        """The action chosen in each position, of several that are scored best the first. [n_samples]"""
        task, rows = self._rows(X)
        return task.graph.edge_action[_first_best(task, self.policy_.scores(task), rows)]

    def predict_proba(self, X: npt.ArrayLike) -> Float64s:
        """The probability of every action: equal among those scored best. [n_samples, n_actions]"""
        task, rows = self._rows(X)
        graph, chosen = task.graph, action_probabilities(task.graph, self.policy_.scores(task))
        found = np.zeros((len(rows), task.game.n_actions))
        for i, row in enumerate(rows):
            edges = slice(graph.edge_start[row], graph.edge_start[row + 1])
            found[i, graph.edge_action[edges]] = chosen[edges]
        return found

    def score(self, X: npt.ArrayLike, y: object = None) -> float:
        """The gain on these positions against the truth, whatever it was fitted to: 1 - regret / regret of random play there.

        Raises WorkError where no move of any of these positions is worse than another.
        """
        task, rows = self._rows(X)
        return known_only(task, _counts(task, rows)).gain(action_probabilities(task.graph, self.policy_.scores(task)))

    def _rows(self, X: npt.ArrayLike) -> tuple[Task, Int64s]:
        check_is_fitted(self)
        task = make_task(self.game, self.weights)
        return task, _states(task, validate_data(self, X, reset=False))


@functools.lru_cache(maxsize=2)
def _index(task: Task) -> tuple[npt.NDArray[np.bytes_], Int64s]:
    """The rows of all positions as bytes, sorted, and the state of each."""
    states = task.graph.positions
    rows = _as_bytes(task.game.cells(task.graph.states[states]))
    order = np.argsort(rows)
    if (rows[order][1:] == rows[order][:-1]).any():
        raise UsageError(f"positions of {task.game.id} look alike to their players: they cannot be the samples of an estimator")
    return rows[order], states[order]


def _as_bytes(cells: Int8s) -> npt.NDArray[np.bytes_]:
    return np.ascontiguousarray(cells).view(f"S{cells.shape[1]}").ravel()


def _states(task: Task, cells: npt.NDArray[Any]) -> Int64s:
    """The state of each row of cells. [n_samples]"""
    rows, states = _index(task)
    wanted = cells.astype(np.int8)
    n_cells = len(task.game.cell_levels())
    if cells.shape[1] != n_cells:
        raise UsageError(f"a position of {task.game.id} has {n_cells} cells, and these rows have {cells.shape[1]}")
    keys = _as_bytes(wanted)
    places = np.minimum(np.searchsorted(rows, keys), len(rows) - 1)
    wrong = np.flatnonzero((rows[places] != keys) | (wanted != cells).any(axis=1))
    if len(wrong):
        raise UsageError(
            f"row {wrong[0]} is no position of {task.game.id}: take rows of policies.adapters.estimator.positions({task.game.id!r})"
        )
    return states[places]


def _first_best(task: Task, scores: Float64s, states: Int64s) -> Int64s:
    """In each of these states the first edge of the best score. [n_states given]"""
    best = action_probabilities(task.graph, scores) > 0
    edges = np.flatnonzero(best)
    return edges[np.searchsorted(edges, task.graph.edge_start[states])]


def _votes(task: Task, states: Int64s, actions: npt.NDArray[Any]) -> Float64s:
    """For each edge how many samples name its action. [n_edges]"""
    if actions.shape != states.shape:
        raise UsageError(f"y has the shape {actions.shape} where X has {len(states)} positions: give an action for each")
    votes = np.zeros(task.graph.n_edges)
    for number, (state, action) in enumerate(zip(states.tolist(), actions.tolist(), strict=True)):
        first, last = task.graph.edge_start[state], task.graph.edge_start[state + 1]
        edge = first + np.searchsorted(task.graph.edge_action[first:last], action)
        if edge == last or task.graph.edge_action[edge] != action:
            raise UsageError(f"y[{number}]: {action!r} is no legal action in its position")
        votes[edge] += 1
    return votes


def _counts(task: Task, states: Int64s) -> Float64s:
    """The weight of each position that counts, as often as it is given. [n_states]"""
    weights = task.weights * np.bincount(states, minlength=task.graph.n_states)
    if not weights.any():
        raise UsageError(f"none of these positions of {task.game.id} counts: give some that do")
    return weights
