"""Learners as scikit-learn estimators: held-out scores agree with those measured without scikit-learn, and its own checks hold."""

import dataclasses
import re
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.utils import estimator_checks

from bench.harness.cell import measure_cell
from bench.suites.grid import Cell
from games.errors import UsageError, WorkError
from policies.adapters.estimator import PolicyEstimator, positions
from policies.api import action_probabilities
from policies.registry import make_learner
from policies.task import POSITIONS, fitted_part, make_task
from policies.teacher import taught

X, Y = positions("tictactoe")
IN_CONCEPTS = {"language": "concepts", "atoms": "single", "polish": False}


def gain_by_hand(estimator: PolicyEstimator, rows: list[int], game: str = "tictactoe") -> float:
    """1 - what the actions lose / what random ones lose, summed position by position in plain Python."""
    task = make_task(game)
    graph, lost, random = task.graph, 0.0, 0.0
    chances = estimator.predict_proba(positions(game)[0])
    for row in rows:
        state = graph.positions[row]
        edges = range(graph.edge_start[state], graph.edge_start[state + 1])
        regrets = {int(graph.edge_action[edge]): int(task.solution.regret[edge]) for edge in edges}
        lost += sum(regret * chances[row, action] for action, regret in regrets.items())
        random += sum(regrets.values()) / len(regrets)
    return 1 - lost / random


def test_positions_are_those_of_the_game_with_an_optimal_action() -> None:
    task = make_task("tictactoe")
    assert X.shape == (627, 9)  # 765 states up to symmetry, 138 of them final (facts.toml)
    assert not X[0].any()  # the empty board comes first
    for row, action in list(zip(task.graph.positions, Y, strict=True))[::10]:
        edges = slice(task.graph.edge_start[row], task.graph.edge_start[row + 1])
        right = task.graph.edge_action[edges][task.solution.regret[edges] == 0]
        assert action == right.min()


@pytest.mark.parametrize(("learner", "options"), [("rulelist", IN_CONCEPTS), ("tree", {}), ("table", {})])
def test_fitted_to_everything_it_is_the_policy_that_the_benchmark_measures(learner: str, options: dict[str, str]) -> None:
    estimator = PolicyEstimator("tictactoe", learner, options, budget=6).fit(X)
    (point,) = measure_cell(Cell("tictactoe", learner, learner, options, [6]), "key")[0].points
    assert estimator.score(X) == pytest.approx(point.gain)
    assert (estimator.size_, estimator.n_bits_) == (point.size, point.policy_bits)
    assert estimator.score(X) == pytest.approx(gain_by_hand(estimator, list(range(627))))


@pytest.mark.parametrize("game", ["tictactoe", "go-2x3"])
def test_the_held_out_score_is_the_one_that_a_split_gives(game: str) -> None:
    """Fitted to the positions that `--held-out 0.6` leaves and scored on the others: the held-out gain of that record."""
    cell = Cell(game, "rulelist", "rulelist", {}, [8], held_out=0.6, split=POSITIONS, seed=3)
    (point,) = measure_cell(cell, "key")[0].points
    task, (rows, _) = make_task(game), positions(game)
    kept = fitted_part(task, 0.6, POSITIONS, 3).weights[task.graph.positions] > 0
    estimator = PolicyEstimator(game, "rulelist", budget=8, random_state=cell.random_seed).fit(rows[kept])
    assert estimator.score(rows[~kept]) == pytest.approx(point.held_out["gain"])
    assert estimator.score(rows[kept]) == pytest.approx(point.held_out["gain_fitted"])


def test_cross_validation_scores_every_fold_on_positions_that_were_not_seen() -> None:
    folds = KFold(4, shuffle=True, random_state=1)
    scores = cross_val_score(PolicyEstimator(options=IN_CONCEPTS, budget=4), X, cv=folds)
    for score, (seen, unseen) in zip(scores, folds.split(X), strict=True):
        fitted = PolicyEstimator(options=IN_CONCEPTS, budget=4).fit(X[seen])
        assert score == pytest.approx(gain_by_hand(fitted, unseen.tolist()))


def test_a_table_gains_nothing_on_a_fold_that_it_has_not_seen() -> None:
    scores = cross_val_score(PolicyEstimator(learner="table", budget=10_000), X, cv=KFold(3, shuffle=True, random_state=0))
    assert scores == pytest.approx(np.zeros(3), abs=1e-12)


def test_a_search_over_budgets_languages_and_learners_finds_what_does_best_on_unseen_positions() -> None:
    """A table is memory and ranks last; of rule lists of one to six concepts longer ones do better, up to the length that ends the gain."""
    grid = [{"learner": ["rulelist"], "options": [IN_CONCEPTS], "budget": [1, 3, 6]}, {"learner": ["table"], "budget": [600]}]
    found = GridSearchCV(PolicyEstimator(), grid, cv=KFold(3, shuffle=True, random_state=0)).fit(X)
    means = found.cv_results_["mean_test_score"]
    assert found.best_params_ == {"learner": "rulelist", "options": IN_CONCEPTS, "budget": 6}
    assert found.best_score_ == means.max() > means[:2].max()
    assert means[3] == pytest.approx(0, abs=1e-12)
    assert found.best_estimator_.score(X) == pytest.approx(0.9815, abs=5e-5)  # six concepts: README's list and one more, reports/reference
    assert found.predict(X).shape == (627,)


def test_with_y_it_learns_the_actions_of_a_teacher_and_is_scored_on_the_truth() -> None:
    """A table with room for all positions repeats any teacher; teaching by all rows is the teacher's own distillation."""
    worst = np.array([-1] * len(X))
    task = make_task("tictactoe")
    for number, state in enumerate(task.graph.positions):
        edges = slice(task.graph.edge_start[state], task.graph.edge_start[state + 1])
        worst[number] = task.graph.edge_action[edges][np.argmax(task.solution.regret[edges])]
    estimator = PolicyEstimator(learner="table", budget=10_000).fit(X, worst)
    assert (estimator.predict(X) == worst).all()
    assert estimator.score(X) < 0  # worse than random
    rules = PolicyEstimator(options=IN_CONCEPTS, budget=4).fit(X, Y)
    lessons = np.zeros(task.graph.n_edges)
    for state, action in zip(task.graph.positions, Y, strict=True):
        edges = np.arange(task.graph.edge_start[state], task.graph.edge_start[state + 1])
        lessons[edges[task.graph.edge_action[edges] == action]] = 1
    *_, direct = make_learner("rulelist", IN_CONCEPTS).fit_path(taught(task, lessons), [4], 0)
    assert rules.score(X) == pytest.approx(task.gain(action_probabilities(task.graph, direct.scores(task))))


def test_a_position_that_is_given_twice_counts_twice() -> None:
    estimator = PolicyEstimator(options=IN_CONCEPTS, budget=2).fit(X)
    rows = [5, 40, 40, 300]
    assert estimator.score(X[rows]) == pytest.approx(gain_by_hand(estimator, rows))


def test_probabilities_are_those_of_the_best_scored_actions() -> None:
    estimator = PolicyEstimator(options=IN_CONCEPTS, budget=1).fit(X)
    chances = estimator.predict_proba(X)
    assert chances.sum(axis=1) == pytest.approx(np.ones(627))
    assert (chances[X != 0] == 0).all()  # no stone on a stone
    assert (chances[np.arange(627), estimator.predict(X)] == chances.max(axis=1)).all()


def test_positions_may_count_by_how_often_play_comes_to_them() -> None:
    rows, _ = positions("tictactoe", "play")
    estimator = PolicyEstimator(options=IN_CONCEPTS, budget=3, weights="play").fit(rows)
    (point,) = measure_cell(Cell("tictactoe", "rulelist", "rulelist", IN_CONCEPTS, [3], weights="play"), "key")[0].points
    assert estimator.score(rows) == pytest.approx(point.gain)


CHECKS = ["check_no_attributes_set_in_init", "check_parameters_default_constructible", "check_get_params_invariance", "check_set_params"]
CHECKS += ["check_estimator_repr", "check_estimator_cloneable", "check_estimator_tags_renamed", "check_valid_tag_types"]


@pytest.mark.parametrize("check", CHECKS)
def test_scikit_learn_s_checks_that_need_no_samples_hold(check: str) -> None:
    """The others fit to random numbers, which are no positions of a game."""
    getattr(estimator_checks, check)("PolicyEstimator", PolicyEstimator())


def test_a_clone_has_the_parameters_and_nothing_that_was_fitted() -> None:
    copy = clone(PolicyEstimator(options=IN_CONCEPTS, budget=3).fit(X))
    assert (copy.options, copy.budget) == (IN_CONCEPTS, 3)
    with pytest.raises(NotFittedError):
        copy.predict(X)


@pytest.mark.parametrize(
    ("parameters", "rows", "said"),
    [
        ({}, X[:, :8], "has 9 cells, and these rows have 8"),
        ({}, np.full((1, 9), 1), "row 0 is no position of tictactoe"),
        ({}, X[:2] + 0.5, "row 0 is no position of tictactoe"),
        ({}, X[:2].astype(int) + 256, "row 0 is no position of tictactoe"),
        ({"learner": "tabel"}, X, "unknown learner 'tabel'; did you mean table"),
        ({"options": {"langauge": "concepts"}}, X, "no option 'langauge'"),
        ({"budget": 0}, X, "budget 0 is below 1"),
        ({"learner": "perfect"}, X, "perfect needs the true solution"),
        ({"game": "tictactow"}, X, "unknown game 'tictactow'"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(parameters: dict[str, object], rows: np.ndarray, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as error:
        PolicyEstimator(**parameters).fit(rows)
    assert "\n" not in str(error.value)


def test_actions_that_are_not_legal_are_refused() -> None:
    with pytest.raises(UsageError, match=r"y\[1\]: 0 is no legal action"):
        PolicyEstimator().fit(X[:2], [0, 0])  # the second position has a stone on cell 0
    with pytest.raises(UsageError, match="give an action for each"):
        PolicyEstimator().fit(X[:2], [0])
    with pytest.raises(WorkError, match="every move is optimal"):
        PolicyEstimator().fit(X[:1])  # every opening draws


def test_where_positions_look_alike_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    game = make_task("nim-1-2").game
    blind = type("Blind", (type(game),), {"cells": lambda self, states: np.zeros((len(states), 2), dtype=np.int8)})
    copied = dataclasses.replace(make_task("nim-1-2"), game=blind(**{f.name: getattr(game, f.name) for f in dataclasses.fields(game)}))
    monkeypatch.setattr("policies.adapters.estimator.make_task", lambda game, weights="uniform": copied)
    with pytest.raises(UsageError, match="look alike"):
        PolicyEstimator("nim-1-2").fit(np.zeros((1, 2)))


def test_without_scikit_learn_the_module_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    monkeypatch.delitem(sys.modules, "policies.adapters.estimator")
    with pytest.raises(WorkError, match=re.escape("pip install 'gaincurve[baselines]'")):
        import policies.adapters.estimator  # noqa: F401
