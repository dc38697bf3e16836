"""Shortest lists against the published minima, the certificate against a plain-Python walk, and planted answers."""

import dataclasses
import tomllib
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from bench.measure import grades, results
from games.errors import UsageError
from games.words import Word, words_of
from policies.api import edge_weights
from policies.atoms import Literal
from policies.exact import shortest_policy
from policies.rulelist import RuleList, RuleListLearner
from policies.shortest import shortest_list, verify_certificate
from policies.task import make_task

FACTS = tomllib.loads((Path(__file__).parent / "facts.toml").read_text())["tictactoe"]["shortest_never_losing_list"]
LOOKAHEAD = "lookahead+centre+corner+side"


@pytest.fixture(scope="module")
def task():
    return make_task("tictactoe")


def graded(task, policy):
    return grades(task.graph, task.solution, edge_weights(task.graph, policy.scores(task)))


@pytest.mark.parametrize(
    ("grade", "seat", "fact"),
    [
        ("never_loses", "first", "x"),
        ("never_loses", "second", "o"),
        ("never_loses", "both", "both"),
        ("keeps_value", "both", "keeps_value_both"),
    ],
)
def test_published_minima_with_the_twelve_words(task, grade, seat, fact):
    found = shortest_policy(task, RuleListLearner(language="words"), grade, seat)
    assert len(words_of(task.game)) == 12
    assert found.policy is not None
    assert found.policy.size == FACTS[fact]
    walked = graded(task, found.policy)
    assert getattr(walked, grade if seat == "both" else f"{grade}_{seat}")
    assert verify_certificate(found.certificate, task.graph, task.solution, words_of(task.game)) > 20


@pytest.mark.parametrize(("seat", "length"), [("first", 5), ("second", 5)])
def test_minima_that_also_punish_errors(task, seat, length):
    # Source: exhaustive search reported with the published minima (never lose and punish errors: 5 as first, 5 as second player).
    found = shortest_policy(task, RuleListLearner(language="words"), "keeps_value", seat)
    assert found.policy is not None
    assert found.policy.size == length
    assert getattr(graded(task, found.policy), f"keeps_value_{seat}")


def test_no_list_of_up_to_five_words_is_optimal_everywhere(task):
    found = shortest_policy(task, RuleListLearner(language="words"), "optimal_everywhere", "both", longest=5)
    assert found.policy is None
    assert verify_certificate(found.certificate, task.graph, task.solution, words_of(task.game)) > 20


def test_three_rules_with_lookahead_suffice_and_two_do_not(task):
    found = shortest_policy(task, RuleListLearner(language=LOOKAHEAD, semantics="lexicographic"), "never_loses", "both")
    assert found.policy is not None
    assert found.policy.size == 3  # the claim of Lillicrap & Kording (2019), Figure 1A, in this language
    assert graded(task, found.policy).never_loses
    everything = RuleListLearner(language="words+lookahead", semantics="lexicographic")
    assert set(found.certificate.words) < {word.name for word in (*words_of(task.game), *lookahead_words())}
    assert shortest_policy(task, everything, "never_loses", "both", longest=3).policy is not None


def lookahead_words():
    from policies import lookahead

    return lookahead.WORDS


def words_named(task, names):
    known = {word.name: word for word in (*words_of(task.game), *lookahead_words())}
    return tuple(known[name] for name in names)


@pytest.mark.parametrize("semantics", ["first-match", "lexicographic"])
@pytest.mark.parametrize("grade", ["never_loses", "keeps_value", "optimal_everywhere"])
def test_search_without_pruning_agrees(task, semantics, grade):
    """Every list of up to three of five words, graded by the walk of bench/grades.py."""
    names = ("win", "block", "fork", "centre", "safe_from_force")
    words = words_named(task, names)
    index = {word.name: Literal("word", i) for i, word in enumerate(words_of(task.game))}
    index |= {word.name: Literal("lookahead", i) for i, word in enumerate(lookahead_words())}
    for seat in ("first", "second", "both"):
        attribute = grade if seat == "both" or grade == "optimal_everywhere" else f"{grade}_{seat}"
        passing = [
            length
            for length in range(4)
            for chosen in permutations(names, length)
            if getattr(graded(task, RuleList(semantics, tuple((index[name],) for name in chosen))), attribute)
        ]
        found = shortest_list(task.graph, task.solution, words, semantics, grade, seat, longest=3).found
        assert (None if found is None else len(found)) == (min(passing) if passing else None)


def test_a_forged_certificate_is_refused(task):
    words = words_of(task.game)
    honest = shortest_policy(task, RuleListLearner(language="words"), "never_loses", "both").certificate
    gap = dataclasses.replace(honest, beginnings=honest.beginnings[1:])
    with pytest.raises(AssertionError, match="not covered"):
        verify_certificate(gap, task.graph, task.solution, words)
    found = (0, 1, 4, 5, 6)  # win, block, block_fork_2, centre, corner: reaches the grade
    lie = dataclasses.replace(honest, lists=(*honest.lists, found))
    with pytest.raises(AssertionError, match="not refuted"):
        verify_certificate(lie, task.graph, task.solution, words)


def test_a_word_that_says_it_all_is_enough(task):
    oracle = Word("oracle", "is optimal", lambda graph: task.solution.optimal)
    noise = Word("noise", "takes an even cell", lambda graph: graph.edge_action % 2 == 0)
    result = shortest_list(task.graph, task.solution, (noise, oracle), "first-match", "optimal_everywhere", "both")
    assert result.found == (1,)


def test_cycles_are_no_obstacle():
    task = make_task("go-2x2")
    oracle = Word("oracle", "is optimal", lambda graph: task.solution.optimal)
    result = shortest_list(task.graph, task.solution, (oracle,), "first-match", "never_loses", "both")
    assert result.found == (0,)
    assert result.certificate.lists == ((),)


def test_best_lists_by_number_of_rules_reach_the_published_loss_rates(task):
    """Mean loss rate over both seats against a uniform opponent: the published lists of k rules are reached, k = 0, 1, 2, 5."""
    published = FACTS["loss_rate_by_rules"]

    def rate(chosen):
        policy = RuleList("first-match", tuple((Literal("word", i),) for i in chosen))
        return results(task.graph, task.solution, edge_weights(task.graph, policy.scores(task))).loss_rate

    assert rate(()) == pytest.approx(published[0], abs=5e-5)
    assert min(rate((i,)) for i in range(12)) == pytest.approx(published[1], abs=5e-5)
    level = sorted(permutations(range(12), 2), key=rate)[:25]  # a beam of width 25, as in the published search
    assert rate(level[0]) == pytest.approx(published[2], abs=5e-5)
    for length in (3, 4, 5):
        level = sorted(((*chosen, i) for chosen in level for i in range(12) if i not in chosen), key=rate)[:25]
        assert rate(level[0]) <= published[length] + 5e-5
        assert rate(level[0]) == pytest.approx(published[length], abs=2e-3)


def test_bad_words_are_refused(task):
    with pytest.raises(UsageError, match="unknown grade"):
        shortest_list(task.graph, task.solution, words_of(task.game), "first-match", "never_looses", "both")
    with pytest.raises(UsageError, match="searched among words"):
        shortest_policy(task, RuleListLearner(language="patterns"), "never_loses", "both")


def test_the_empty_list_is_found_where_nothing_is_needed():
    task = make_task("nim-1")
    assert np.all(task.solution.regret == 0)
    assert shortest_list(task.graph, task.solution, (), "first-match", "optimal_everywhere", "both").found == ()
