"""What each rule of a list does, against an interpreter in plain Python; and its bits against files."""

import numpy as np
import pytest
from hypothesis import given, settings

from bench.measures.rule_facts import MAX_FILES, RuleFacts, rule_facts
from policies.api import Task, action_probabilities
from policies.language.atoms import SEMANTICS
from policies.rules.format.file import rule_parts
from policies.rules.rulelist import RuleList, RuleListLearner
from policies.task import make_task
from tests.support.rule_lists import everything, rule_lists

GAMES = ["tictactoe", "nim-3-4-5", "go-2x3"]


def decided(policy: RuleList, task: Task) -> list[tuple[int, int, list[int], list[int]]]:
    """(position, rule, moves left before it, moves left after it) wherever a rule decides."""
    held = [set(everything(task.game.id).rule_edges(rule).tolist()) for rule in policy.rules]
    found = []
    for state in task.graph.positions.tolist():
        left = list(range(task.graph.edge_start[state], task.graph.edge_start[state + 1]))
        for number, edges in enumerate(held):
            kept = [edge for edge in left if edge in edges]
            if policy.semantics == "first-match" and kept:
                found.append((state, number, left, kept))
                break
            if kept and len(kept) < len(left):
                found.append((state, number, left, kept))
                left = kept
    return found


def check_cases(policy: RuleList, task: Task, facts: RuleFacts, shown: list[tuple[int, int, list[int], list[int]]]) -> None:
    """The example of each kind is one of the positions at which its rule decides, right or wrong, and shows what it leaves there."""
    regret, game, graph = task.solution.regret, task.game, task.graph
    for number in range(policy.size):
        right, wrong = [], []
        for state, rule, before, after in shown:
            if rule == number:
                moves = {game.action_name(int(graph.edge_action[edge])): int(regret[edge]) for edge in after}
                case = (game.render(int(graph.states[state])).splitlines(), moves)
                spoils = not any(regret[edge] == 0 for edge in after) and any(regret[edge] == 0 for edge in before)
                errs = any(moves.values()) if policy.semantics == "first-match" else spoils
                (wrong if errs else right).append(case)
        assert facts.n_errors[number] == len(wrong)
        for case, cases in ((facts.right[number], right), (facts.wrong[number], wrong)):
            assert (case is None) == (not cases)
            assert case is None or (case.position, case.moves) in cases


@pytest.mark.parametrize("weights", ["uniform", "play"])
@pytest.mark.parametrize("game_id", GAMES)
def test_each_rule_is_measured_where_it_decides(game_id: str, weights: str) -> None:
    task = make_task(game_id, weights)

    @given(rule_lists(game_id, largest=8))
    @settings(max_examples=25, deadline=None, derandomize=True)
    def check(policy: RuleList) -> None:
        facts, shown = rule_facts(policy, task, range(policy.size)), decided(policy, task)
        regret = task.solution.regret
        saved, coverage, count = np.zeros(policy.size), np.zeros(policy.size), np.zeros(policy.size, dtype=int)
        for state, rule, before, after in shown:
            saved[rule] += task.weights[state] * (regret[before].mean() - regret[after].mean())
            coverage[rule] += task.weights[state]
            count[rule] += 1
        np.testing.assert_allclose(facts.gain, saved / task.uniform_regret, atol=1e-12)
        np.testing.assert_allclose(facts.coverage, coverage, atol=1e-12)
        assert facts.n_decided.tolist() == count.tolist()
        gain = task.gain(action_probabilities(task.graph, policy.scores(task)))
        assert facts.gain.sum() == pytest.approx(gain, abs=1e-12)
        check_cases(policy, task, facts, shown)

    check()


@pytest.mark.parametrize("semantics", SEMANTICS)
def test_the_bits_of_the_rules_add_up_to_the_file(semantics: str) -> None:
    """A range coder writes whole bytes, and at most two more than the ideal length."""
    task, learner = make_task("go-3x3"), RuleListLearner("lookahead+patterns", semantics)
    (policy,) = learner.fit_path(task, [150], seed=0)
    facts = rule_facts(policy, task, range(policy.size))
    assert ideal(policy, 0, task) + facts.bits.sum() == pytest.approx(8 * len(learner.encode(policy, task)), abs=16)
    assert len(facts.bits) == policy.size
    assert policy.size > MAX_FILES or semantics == "lexicographic"
    some = rule_facts(policy, task, range(2, 5))
    assert some.bits.sum() == pytest.approx(ideal(policy, 5, task) - ideal(policy, 2, task))
    assert [i for i, case in enumerate(some.right) if case] == [i for i in (2, 3, 4) if facts.right[i]]


def ideal(policy: RuleList, n_rules: int, task: Task) -> float:
    return sum(rule_parts(policy.semantics, policy.rules[:n_rules], task).values())
