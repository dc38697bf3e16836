"""What each rule gains and decides, and the nulls that these are held against."""

from typing import Any

import numpy as np
import pytest

from bench.tails.nulls import Earnings, earnings, frequency_curve, frequency_null, gain_index, shuffled_task
from games.errors import UsageError
from policies.api import action_probabilities, uniform_probabilities
from policies.rules.rulelist import RuleListLearner
from policies.task import make_task

GREEDY: dict[str, Any] = {"atoms": "single", "polish": False}


@pytest.mark.parametrize("game", ["go-2x3", "tictactoe"])
@pytest.mark.parametrize("place", ["anywhere", "end"])
def test_gains_add_up_to_those_of_the_policies_at_every_budget(game: str, place: str) -> None:
    task, learner = make_task(game), RuleListLearner(place=place, **GREEDY)
    earned = earnings(task, learner, 12)
    total = np.cumsum(earned.gains)
    for n_rules in range(1, len(total) + 1):
        (policy,) = learner.fit_path(task, [n_rules], seed=0)
        assert total[n_rules - 1] == pytest.approx(task.gain(action_probabilities(task.graph, policy.scores(task))), abs=1e-6)


def test_a_planted_rule_decides_its_four_questions_and_gains_its_stake() -> None:
    task = make_task("planted-zipf-12")
    earned = earnings(task, RuleListLearner("concepts", **GREEDY), 20)
    assert earned.is_finished
    assert earned.weights == pytest.approx(np.full(12, 4 / len(task.graph.positions)))
    harmonic = sum(1.0 / k for k in range(1, 13))
    assert earned.gains == pytest.approx([1.0 / k / harmonic for k in range(1, 13)], abs=1e-4)  # stakes are whole points
    assert earned.curve.residuals[-1] == 0.0
    with pytest.raises(UsageError, match="decide, the same"):
        frequency_null(earned)  # frequency is the same for all: it explains nothing


def test_the_frequency_null_tells_proportion_from_independence() -> None:
    rng = np.random.default_rng(0)
    weights = rng.pareto(1.5, 400) + 1.0
    weights /= weights.sum()
    in_proportion = frequency_null(Earnings(0.9 * weights, weights, 10**6, is_finished=True))
    assert in_proportion.rank_correlation == pytest.approx(1.0)
    assert (in_proportion.slope, in_proportion.explained) == (pytest.approx(1.0), pytest.approx(1.0))
    assert in_proportion.explained_in_proportion == pytest.approx(1.0)
    by_root = frequency_null(Earnings(weights**0.5 / (weights**0.5).sum(), weights, 10**6, is_finished=True))
    assert (by_root.slope, by_root.explained) == (pytest.approx(0.5), pytest.approx(1.0))
    assert by_root.explained_in_proportion < by_root.explained
    unrelated = frequency_null(Earnings(rng.permutation(weights), weights, 10**6, is_finished=True))
    assert abs(unrelated.rank_correlation) < 4 / 400**0.5  # four standard errors of independence
    assert unrelated.explained < 0.05
    assert unrelated.explained_in_proportion < 0


def test_the_frequency_curve_gains_as_much_in_all_and_each_in_proportion() -> None:
    earned = Earnings(np.array([0.1, 0.5, 0.3]), np.array([0.2, 0.1, 0.1]), 100, is_finished=False)
    assert frequency_curve(earned).residuals == pytest.approx([1.0, 0.55, 0.325, 0.1])


def test_the_index_of_gains_that_fall_as_a_power_of_rank_is_its_inverse() -> None:
    """Gains of 4 * (1000 / k)^a positions: the thousandth is the last of at least four."""
    for exponent in (0.7, 1.0):
        gains = 4.0 * (1000.0 / np.arange(1.0, 2001.0)) ** exponent / 10**6
        found = gain_index(Earnings(gains, gains, 10**6, is_finished=False))
        assert found.hill.n_gains == 1000
        assert found.hill.index == pytest.approx(1.0 / exponent, rel=0.01)
        assert found.discrete.index == pytest.approx(1.0 / exponent, rel=0.1)  # rounding to whole positions
    with pytest.raises(UsageError, match="too few"):
        gain_index(Earnings(np.full(5, 1e-6), np.full(5, 1e-6), 10**6, is_finished=True))


def test_shuffling_keeps_every_position_and_what_its_moves_lose() -> None:
    task = make_task("go-2x3")
    shuffled = shuffled_task(task, 0)
    starts = task.graph.edge_start
    for position in task.graph.positions.tolist():
        edges = slice(starts[position], starts[position + 1])
        assert sorted(shuffled.solution.regret[edges]) == sorted(task.solution.regret[edges])
        value = task.solution.value[position]
        assert (shuffled.solution.edge_value[edges] == value - shuffled.solution.regret[edges]).all()
    assert (shuffled.solution.regret != task.solution.regret).any()
    assert shuffled.regret(uniform_probabilities(task.graph)) == pytest.approx(task.uniform_regret)
    assert (shuffled_task(task, 0).solution.regret == shuffled.solution.regret).all()
    assert (shuffled_task(task, 1).solution.regret != shuffled.solution.regret).any()


def test_rules_gain_less_on_shuffled_moves_than_on_the_game() -> None:
    task, learner = make_task("tictactoe"), RuleListLearner(**GREEDY)
    assert earnings(shuffled_task(task, 0), learner, 10).gains.sum() < earnings(task, learner, 10).gains.sum() / 2


@pytest.mark.parametrize("options", [{"semantics": "lexicographic"}, {"objective": "codelength"}, {"polish": False}, {"best": True}])
def test_lists_whose_rules_have_no_gain_of_their_own_are_refused(options: dict) -> None:
    with pytest.raises(UsageError, match="first-match lists"):
        earnings(make_task("tictactoe"), RuleListLearner(**options), 3)
