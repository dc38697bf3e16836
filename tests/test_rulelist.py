"""Rule lists: their meaning against an interpreter in plain Python, their files, and what their learners promise."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from games.errors import UsageError
from policies.api import Task, action_probabilities
from policies.language.atoms import SEMANTICS, Literal, Rule, atoms_of
from policies.language.language import Language, make_language
from policies.language.work import looks, operations_of, work_of
from policies.rules.rulelist import RuleList, RuleListLearner
from policies.task import make_task

GAMES = ["tictactoe", "nim-3-4-5", "go-2x3", "go-3x3"]
LEARNER = RuleListLearner()


@cache
def full_language(game_id: str) -> Language:
    task = make_task(game_id)
    return make_language("concepts+lookahead+priority+patterns+cells+positions", task.game, task.graph)


@cache
def numbers_by_kind(game_id: str) -> list[range]:
    language = full_language(game_id)
    starts = [0, *language.column_start.tolist(), language.n_predicates]
    return [range(a, b) for a, b in pairwise(starts) if b > a]


def rule_of(language: Language, number: int) -> Rule:
    return (Literal(*language.predicate(number)),)


def held_on(task: Task, rule: Rule) -> set[int]:
    language = full_language(task.game.id)
    edges = set(range(task.graph.n_edges))
    for kind, value, holds in rule:
        found = set(language.edges(language.number((kind, value))).tolist())
        edges = edges & found if holds else edges - found
    return edges


def play(policy: RuleList, task: Task) -> dict[int, tuple[list[int], int]]:
    """At every position the moves that may be played, as the first line of `explain` says, and the number of rules looked at."""
    starts, held = task.graph.edge_start.tolist(), [held_on(task, rule) for rule in policy.rules]
    chosen = {}
    for state in task.graph.positions.tolist():
        left, n_looked_at = list(range(starts[state], starts[state + 1])), 0
        for edges in held:
            n_looked_at += 1
            satisfying = [edge for edge in left if edge in edges]
            left = satisfying or left
            if satisfying and policy.semantics == "first-match":
                break
        chosen[state] = left, n_looked_at
    return chosen


def random_list(task: Task, semantics: str, n_rules: int, seed: int) -> RuleList:
    language, rng = full_language(task.game.id), np.random.default_rng(seed)
    ranges = numbers_by_kind(task.game.id)
    numbers = {int(rng.integers(chosen.start, chosen.stop)) for chosen in (ranges[i] for i in rng.integers(len(ranges), size=n_rules))}
    return RuleList(semantics, tuple(rule_of(language, number) for number in rng.permutation(sorted(numbers)).tolist()))


@pytest.mark.parametrize("semantics", SEMANTICS)
@pytest.mark.parametrize("game_id", GAMES)
@pytest.mark.parametrize("n_rules", [0, 1, 4, 15])
def test_a_list_is_played_as_its_explanation_says(game_id: str, semantics: str, n_rules: int) -> None:
    task = make_task(game_id)
    for seed in range(3):
        policy = random_list(task, semantics, n_rules, seed)
        weights = action_probabilities(task.graph, policy.scores(task))
        expected = np.zeros(task.graph.n_edges)
        played = play(policy, task)
        for moves, _ in played.values():
            expected[moves] = 1 / len(moves)
        np.testing.assert_array_equal(weights, expected)
        atoms, expected = atoms_of(task.game, task.graph), np.zeros(task.graph.n_states)
        for state, (_, n_looked_at) in played.items():
            asked = [literal.atom for rule in policy.rules[:n_looked_at] for literal in rule]
            works = {work_of(atoms, atom) for atom in asked}  # computed once, whichever rules want them
            expected[state] = sum(operations_of(work, task.game, task.graph)[state] for work in works)
            expected[state] += sum(looks(atoms, atom) for atom in asked) * task.graph.n_moves[state]
        np.testing.assert_allclose(policy.operations(task), expected)


@pytest.mark.parametrize("semantics", SEMANTICS)
@pytest.mark.parametrize("game_id", GAMES)
def test_a_larger_budget_plays_no_worse(game_id: str, semantics: str) -> None:
    task, learner = make_task(game_id), RuleListLearner(semantics=semantics)
    budgets = learner.default_budgets(task)
    policies = list(learner.fit_path(task, budgets, seed=0))
    assert len(policies) <= len(budgets)
    gains = [task.gain(action_probabilities(task.graph, policy.scores(task))) for policy in policies]
    assert all(later > earlier for earlier, later in pairwise(gains))
    for policy, budget in zip(policies, budgets, strict=False):
        assert 1 <= policy.size <= budget
        assert learner.decode(learner.encode(policy, task), task) == policy
        assert next(iter(learner.fit_path(task, [budget], seed=1))) == policy
    assert len({frozenset(policy.rules) for policy in policies}) == len(policies)


def test_budgets_and_semantics_must_make_sense() -> None:
    with pytest.raises(UsageError, match="budget 0 is below 1"):
        list(LEARNER.fit_path(make_task("tictactoe"), [3, 0], seed=0))
    with pytest.raises(UsageError, match="unknown semantics 'first'"):
        RuleListLearner(semantics="first")
