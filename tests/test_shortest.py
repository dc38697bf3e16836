"""Shortest lists against the published minima, all lists one by one, and planted answers; certificates against forgeries."""

import dataclasses
import tomllib
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from bench.measures.expected_scores import results
from bench.measures.grades import grades
from games.concepts.concept import concepts_of
from games.errors import UsageError
from policies.api import action_probabilities
from policies.exact.check import Certificate, verify_certificate
from policies.exact.search import GRADES, SEATS, shortest_list
from policies.language import lookahead
from policies.language.atoms import Literal
from policies.rules.rulelist import RuleList, RuleListLearner
from policies.rules.shortest import candidates, shortest_policy
from policies.task import make_task

FACTS = tomllib.loads((Path(__file__).parent / "facts.toml").read_text())["tictactoe"]["shortest_never_losing_list"]
PLACES = "lookahead+centre+corner+side"


class Named(NamedTuple):
    """A rule by its name and the edges on which it holds."""

    name: str
    holds: npt.NDArray[np.bool_]


def named(task):
    return [Named(concept.name, concept.holds(task.game, task.graph)) for concept in concepts_of(task.game)]


@pytest.fixture(scope="module")
def task():
    return make_task("tictactoe")


def graded(task, policy):
    return grades(task.graph, task.solution, action_probabilities(task.graph, policy.scores(task)))


def reaches(task, policy, grade, seat):
    return getattr(graded(task, policy), grade if seat == "both" or grade == "optimal_everywhere" else f"{grade}_{seat}")


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
    found = shortest_policy(task, RuleListLearner(language="concepts"), grade, seat)
    assert len(concepts_of(task.game)) == 12
    assert found.policy is not None
    assert found.policy.size == found.certificate.length == FACTS[fact]
    assert reaches(task, found.policy, grade, seat)
    assert found.n_replayed == verify_certificate(found.certificate, task.graph, task.solution, named(task)) > 20


@pytest.mark.parametrize(("seat", "length"), [("first", 5), ("second", 5)])
def test_minima_that_also_punish_errors(task, seat, length):
    # Source: exhaustive search reported with the published minima (never lose and punish errors: 5 as first, 5 as second player).
    found = shortest_policy(task, RuleListLearner(language="concepts"), "keeps_value", seat)
    assert found.policy is not None
    assert found.policy.size == length
    assert reaches(task, found.policy, "keeps_value", seat)


@pytest.mark.parametrize("semantics", ["first-match", "lexicographic"])
def test_no_list_of_words_is_optimal_everywhere_because_they_do_not_tell_good_moves_from_bad(task, semantics):
    # Source: published for first-match lists of up to five of these concepts.
    found = shortest_policy(task, RuleListLearner("concepts", semantics), "optimal_everywhere", "both", longest=5)
    assert (found.policy, found.certificate.length, found.certificate.beginnings) == (None, None, ())
    assert any(not outcomes(task, state, semantics) for state in task.graph.positions)


def outcomes(task, state, semantics):
    """All that lists of concepts can leave at a position, without a wrong move: one step after another, every concept at every step."""
    first, last = task.graph.edge_start[state : state + 2]
    optimal = task.solution.optimal[first:last]
    holds = [concept.holds(task.game, task.graph)[first:last] for concept in concepts_of(task.game)]
    found, pending = set(), [frozenset(range(last - first))]
    while pending:
        left = pending.pop()
        if left not in found:
            found.add(left)
            narrowed = [frozenset(edge for edge in left if on[edge]) for on in holds]
            pending += [each for each in narrowed if each and (semantics == "lexicographic" or len(left) == last - first)]
    return [left for left in found if all(optimal[edge] for edge in left)]


def test_three_rules_with_lookahead_suffice_and_two_do_not(task):
    found = shortest_policy(task, RuleListLearner(PLACES, "lexicographic"), "never_loses", "both")
    assert found.policy is not None
    assert found.policy.size == 3  # the claim of Lillicrap & Kording (2019), Figure 1A, in this language
    assert graded(task, found.policy).never_loses


def test_two_rules_suffice_where_a_rule_may_join_two_words_or_deny_them(task):
    found = shortest_policy(task, RuleListLearner(PLACES, "lexicographic"), "never_loses", "both", literals=2)
    assert found.policy is not None
    assert found.policy.size == 2
    assert graded(task, found.policy).never_loses


@pytest.mark.parametrize("semantics", ["first-match", "lexicographic"])
@pytest.mark.parametrize("grade", GRADES)
def test_all_lists_one_by_one_agree(task, semantics, grade):
    """Every list of up to three of five concepts, graded by the walk of bench/measures/grades.py."""
    index = {concept.name: Literal("concept", i) for i, concept in enumerate(concepts_of(task.game))}
    index |= {concept.name: Literal("lookahead", i) for i, concept in enumerate(lookahead.CONCEPTS)}
    concepts = (*concepts_of(task.game), *lookahead.CONCEPTS)
    known = {concept.name: Named(concept.name, concept.holds(task.game, task.graph)) for concept in concepts}
    names = ("win", "block", "fork", "centre", "safe_from_force")
    for seat in SEATS:
        passing = [
            length
            for length in range(4)
            for chosen in permutations(names, length)
            if reaches(task, RuleList(semantics, tuple((index[name],) for name in chosen)), grade, seat)
        ]
        found = shortest_list(task.graph, task.solution, [known[name] for name in names], semantics, grade, seat, longest=3).found
        assert (None if found is None else len(found)) == (min(passing) if passing else None)


@pytest.mark.parametrize("game_id", ["nim-1-2-3", "mnk-2x3x3", "nogo-2x3", "domineering-3x3", "go-1x4", "go-2x2"])
@pytest.mark.parametrize("semantics", ["first-match", "lexicographic"])
def test_lists_of_random_words_one_by_one_agree(game_id, semantics):
    """Every list of four concepts, each true on most good and on fewer bad moves; the last two games have cycles."""
    task = make_task(game_id)
    rng = np.random.default_rng(0)
    n_found = n_none = 0
    for noise in (0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.0):
        holds = [rng.random(task.graph.n_edges) < np.where(task.solution.optimal, 1 - noise / 2, noise) for _ in range(4)]
        concepts = [Named(f"word_{i}", on) for i, on in enumerate(holds)]
        lists = [chosen for length in range(5) for chosen in permutations(range(4), length)]
        reached = {chosen: graded_by_hand(task, [holds[i] for i in chosen], semantics) for chosen in lists}
        for grade in GRADES:
            for seat in SEATS:
                key = grade if seat == "both" or grade == "optimal_everywhere" else f"{grade}_{seat}"
                shortest = min((len(chosen) for chosen in lists if getattr(reached[chosen], key)), default=None)
                result = shortest_list(task.graph, task.solution, concepts, semantics, grade, seat)
                assert (None if result.found is None else len(result.found)) == result.certificate.length == shortest
                assert result.found is None or getattr(reached[result.found], key)
                n_found, n_none = n_found + (shortest is not None), n_none + (shortest is None)
                if "go-" not in game_id:
                    assert verify_certificate(result.certificate, task.graph, task.solution, concepts) >= (shortest != 0)
    assert n_found > 0
    assert n_none > 0


def graded_by_hand(task, holds, semantics):
    """The grades of a list, from its own plain reading of what a list leaves at a position."""
    graph, weights = task.graph, np.zeros(task.graph.n_edges)
    for state in graph.positions:
        edges = list(range(graph.edge_start[state], graph.edge_start[state + 1]))
        for on in holds:
            matching = [edge for edge in edges if on[edge]]
            edges = matching or edges
            if matching and semantics == "first-match":
                break
        weights[edges] = 1 / len(edges)
    return grades(graph, task.solution, weights)


def test_a_forged_certificate_is_refused(task):
    concepts = named(task)
    honest = shortest_policy(task, RuleListLearner("concepts", "lexicographic"), "never_loses", "second").certificate

    def refused(message, **forged):
        with pytest.raises(AssertionError, match=message):
            verify_certificate(dataclasses.replace(honest, **forged), task.graph, task.solution, concepts)

    assert verify_certificate(honest, task.graph, task.solution, concepts) > 100
    last, (each, _) = honest.beginnings[-1], honest.equal[-1]
    refused("neither followed up nor refuted", beginnings=honest.beginnings[:-1])
    refused("hangs in the air", beginnings=tuple(b for b in honest.beginnings if b != last[:-1]))
    refused("differs in effect", equal=(*honest.equal[:-1], (each, ())))
    refused("not followed up", equal=(*honest.equal[:-1], (each, (3,) * len(each))))
    refused("neither followed up nor refuted", equal=honest.equal[:-1])
    refused("about other rules", rules=honest.rules[::-1])
    refused("neither followed up nor refuted", length=None)
    oracle = Named("oracle", task.solution.optimal)
    none_shorter = shortest_list(task.graph, task.solution, [oracle], "first-match", "never_loses", "both").certificate
    lie = dataclasses.replace(none_shorter, length=2, beginnings=((),))
    with pytest.raises(AssertionError, match="reaches the grade"):
        verify_certificate(lie, task.graph, task.solution, [oracle])


def claim(concepts, beginnings, equal):
    """A certificate in which nothing but the list that it calls equal to another can be wrong."""
    return Certificate(tuple(concept.name for concept in concepts), "first-match", "never_loses", "first", None, beginnings, equal, 0)


def test_a_list_may_not_stand_for_a_shorter_one(task):
    """Induction over the length runs downwards: with a concept that never holds, a list and its longer twin would vouch for each other."""
    never = Named("never", np.zeros(task.graph.n_edges, dtype=bool))
    concepts = (never, named(task)[0])
    followed = ((), (0,), (0, 1))
    assert verify_certificate(claim(concepts, (*followed, (1,), (1, 0)), ()), task.graph, task.solution, concepts) == 5
    with pytest.raises(AssertionError, match=r"\(1,\) refers to \(0, 1\), which is longer"):
        verify_certificate(claim(concepts, followed, (((1,), (0, 1)),)), task.graph, task.solution, concepts)


def test_two_lists_that_leave_other_moves_at_the_same_positions_are_not_equal(task):
    """Block, then centre, and block alone can be lost at the same ten positions, but at one of them by other moves."""
    known = {concept.name: concept for concept in named(task)}
    concepts = (known["block"], known["block_fork"], known["centre"])
    beginnings = ((), (0,), (1,), (2,), (0, 1))
    with pytest.raises(AssertionError, match=r"\(0, 2\) differs in effect from \(0,\)"):
        verify_certificate(claim(concepts, beginnings, (((0, 2), (0,)),)), task.graph, task.solution, concepts)


def test_a_quick_look_replays_a_part(task):
    concepts = named(task)
    certificate = shortest_policy(task, RuleListLearner("concepts"), "never_loses", "both").certificate
    whole = verify_certificate(certificate, task.graph, task.solution, concepts)
    assert verify_certificate(certificate, task.graph, task.solution, concepts, only_every=10) == whole // 10


def test_an_effort_that_is_used_up_leaves_the_lengths_that_were_finished(task):
    concepts = named(task)
    for most_tried in (1, 20, 40):
        result = shortest_list(task.graph, task.solution, concepts, "first-match", "never_loses", "both", most_tried=most_tried)
        assert result.found is None
        assert 1 <= result.certificate.length < FACTS["both"]
        assert verify_certificate(result.certificate, task.graph, task.solution, concepts) >= 1


def test_a_refusal_says_how_far_it_reaches_and_what_it_took(task):
    none = shortest_policy(task, RuleListLearner("lookahead-3"), "never_loses", "both")
    assert none.refusal("it").startswith("no list of up to 6 rules reaches it, nor does any longer one: ")
    short = shortest_policy(task, RuleListLearner("concepts"), "never_loses", "both", longest=FACTS["both"] - 1)
    assert short.refusal("it").startswith("no list of up to 4 rules reaches it: ")
    assert short.refusal("it").endswith(f"{short.certificate.n_tried} lists were tried, {short.n_replayed} refutations replayed")


def test_a_word_that_says_it_all_is_enough(task):
    oracle = Named("oracle", task.solution.optimal)
    noise = Named("noise", task.graph.edge_action % 2 == 0)
    result = shortest_list(task.graph, task.solution, (noise, oracle), "first-match", "optimal_everywhere", "both")
    assert result.found == (1,)


def test_candidates_are_all_atoms_and_pairs_that_differ(task):
    single = candidates(task, "centre+corner", literals=1)
    assert [rule.name for rule in single] == ["centre", "corner"]
    pairs = candidates(task, "centre+corner", literals=2)  # centre, corner, their negations, side; the other pairs hold nowhere or repeat
    assert [rule.name for rule in pairs] == ["centre", "corner", "not centre", "not corner", "not centre and not corner"]
    assert len(candidates(task, "cells")) == 9 * 3 + 9
    for rule in pairs:
        assert np.array_equal(np.flatnonzero(rule.holds), task_edges(task, rule.rule))


def task_edges(task, rule):
    scores = RuleList("first-match", (rule,)).scores(task)
    return np.flatnonzero(scores)


def test_best_lists_by_number_of_rules_reach_the_published_loss_rates(task):
    """Mean loss rate over both seats against a uniform opponent: the published lists of k rules are reached, k = 0, 1, 2, 5."""
    published = FACTS["loss_rate_by_rules"]

    def rate(chosen):
        policy = RuleList("first-match", tuple((Literal("concept", i),) for i in chosen))
        return results(task.graph, task.solution, action_probabilities(task.graph, policy.scores(task))).loss_rate

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
        shortest_list(task.graph, task.solution, concepts_of(task.game), "first-match", "never_looses", "both")
    with pytest.raises(UsageError, match="searched among concepts"):
        shortest_policy(task, RuleListLearner(language="patterns"), "never_loses", "both")
    with pytest.raises(UsageError, match="literals=3"):
        shortest_policy(task, RuleListLearner(language="concepts"), "never_loses", "both", literals=3)


def test_the_empty_list_is_found_where_nothing_is_needed():
    task = make_task("nim-1")
    assert np.all(task.solution.regret == 0)
    assert shortest_list(task.graph, task.solution, (), "first-match", "optimal_everywhere", "both").found == ()
