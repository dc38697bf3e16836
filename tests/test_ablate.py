"""How much each rule matters: against all subsets, against another way to the same play, and on a list whose answer is known."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

from bench.measures.ablate import EXACT, importance
from policies.api import Task, action_probabilities
from policies.language.atoms import Literal
from policies.rules.rulelist import RuleList
from policies.task import make_task
from tests.support.rule_lists import rule_lists


def gain(policy: RuleList, chosen: tuple[int, ...], task: Task) -> float:
    """The gain of the list of some of the rules."""
    part = RuleList(policy.semantics, tuple(policy.rules[i] for i in chosen))
    return task.gain(action_probabilities(task.graph, part.scores(task)))


@pytest.mark.parametrize("weights", ["uniform", "play"])
@pytest.mark.parametrize("game_id", ["tictactoe", "nim-3-4-5", "go-2x3"])
def test_importance_is_what_all_subsets_of_the_rules_say(game_id: str, weights: str) -> None:
    task = make_task(game_id, weights)

    @given(rule_lists(game_id, largest=5))
    @settings(max_examples=15, deadline=None, derandomize=True)
    def check(policy: RuleList) -> None:
        n = policy.size
        worth = {chosen: gain(policy, chosen, task) for size in range(n + 1) for chosen in combinations(range(n), size)}
        whole = tuple(range(n))
        shapley = np.zeros(n)
        for chosen, value in worth.items():
            share = math.factorial(len(chosen)) * math.factorial(n - len(chosen) - 1) / math.factorial(n) if len(chosen) < n else 0
            for k in set(whole) - set(chosen):
                shapley[k] += share * (worth[tuple(sorted((*chosen, k)))] - value)
        found = importance(policy, task)
        np.testing.assert_allclose(found.in_order, [worth[whole[: k + 1]] - worth[whole[:k]] for k in whole], atol=1e-12)
        np.testing.assert_allclose(found.without, [worth[whole] - worth[whole[:k] + whole[k + 1 :]] for k in whole], atol=1e-12)
        np.testing.assert_allclose(found.shapley, shapley, atol=1e-12)
        assert (found.n_samples, found.errors.tolist()) == (0, [0.0] * n)

    check()


def test_estimates_agree_with_the_closed_form_within_their_standard_errors() -> None:
    """Rules that name a single move play the same under both semantics: one splits them up exactly, the other by random orders."""
    task = make_task("nim-3-4-5")
    rules = tuple((Literal("move", action),) for action in range(task.game.n_actions - 1, -1, -1))
    assert task.graph.n_moves.max() > EXACT
    exact = importance(RuleList("first-match", rules), task)
    estimated = importance(RuleList("lexicographic", rules), task, n_samples=200, seed=3)
    np.testing.assert_allclose(estimated.in_order, exact.in_order, atol=1e-12)
    np.testing.assert_allclose(estimated.without, exact.without, atol=1e-12)
    assert estimated.n_samples == 200
    assert (np.abs(estimated.shapley - exact.shapley) <= 5 * estimated.errors + 1e-12).all()
    assert (estimated.shapley != exact.shapley).any()
    assert estimated.shapley.sum() == pytest.approx(exact.shapley.sum())
    again = importance(RuleList("lexicographic", rules), task, n_samples=200, seed=3)
    np.testing.assert_array_equal(again.shapley, estimated.shapley)
    finer = importance(RuleList("lexicographic", rules), task, n_samples=3200, seed=4)
    assert finer.errors.sum() == pytest.approx(estimated.errors.sum() / 4, rel=0.1)  # sixteen times the samples


def test_standard_errors_are_neither_too_small_nor_too_large() -> None:
    """The variance that is stated is an unbiased estimate of the mean square of the error: equal in the mean over rules and seeds."""
    task = make_task("nim-3-4-5")
    rules = tuple((Literal("move", action),) for action in range(task.game.n_actions - 1, -1, -1))
    exact = importance(RuleList("first-match", rules), task).shapley
    found = [importance(RuleList("lexicographic", rules), task, n_samples=40, seed=seed) for seed in range(40)]
    made = np.mean([(each.shapley - exact) ** 2 for each in found])
    assert made == pytest.approx(np.mean([each.errors**2 for each in found]), rel=0.25)


def test_planted_rules_matter_in_the_order_of_their_stakes_however_they_are_listed() -> None:
    """Each planted rule has situations of its own: all three measures are its stake, and only the place in the list differs."""
    task = make_task("planted-geometric-6")
    in_order = importance(RuleList("first-match", tuple((Literal("concept", i),) for i in range(6))), task)
    assert set(in_order.rank_correlations().values()) == {1.0}
    assert in_order.shapley.sum() == pytest.approx(1)
    backwards = importance(RuleList("first-match", tuple((Literal("concept", i),) for i in reversed(range(6)))), task)
    taus = backwards.rank_correlations()
    assert {tau for pair, tau in taus.items() if "place" in pair} == {-1.0}
    assert {tau for pair, tau in taus.items() if "place" not in pair} == {1.0}
    np.testing.assert_allclose(backwards.shapley[::-1], in_order.shapley)


def test_a_rule_that_matters_only_where_another_does_is_seen_by_its_share_alone() -> None:
    """The same rule twice, said in two ways: neither is missed, and each gets half."""
    task = make_task("tictactoe")
    wins = (Literal("concept", 0),), (Literal("lookahead", 0),)
    found = importance(RuleList("first-match", wins), task)
    assert found.without == pytest.approx([0, 0])
    assert found.in_order == pytest.approx([found.shapley.sum(), 0])
    assert found.shapley[0] == pytest.approx(found.shapley[1])
    taus = found.rank_correlations()
    assert {pair for pair, tau in taus.items() if tau is None} == {
        pair
        for pair in taus
        if "Shapley value" in pair or "without it" in pair  # of two equal numbers there is no order
    }
    assert taus["place", "in order"] == 1.0
