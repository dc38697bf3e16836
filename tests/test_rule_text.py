"""Rule lists in words."""

import pytest
from hypothesis import given, settings

from policies.rules.rulelist import RuleList, RuleListLearner
from policies.task import make_task
from tests.support.rule_lists import everything, rule_lists


@pytest.mark.parametrize("game_id", ["tictactoe", "nim-3-4-5", "go-3x3"])
def test_the_explanation_says_every_rule_in_order(game_id: str) -> None:
    task, atoms = make_task(game_id), everything(game_id).atoms

    @given(rule_lists(game_id))
    @settings(max_examples=20, deadline=None, derandomize=True)
    def check(policy: RuleList) -> None:
        first = policy.semantics == "first-match"
        lines = str(RuleListLearner().explain(policy, task)).splitlines()
        assert ("at the first rule" in lines[0]) == first
        heads = [i for i, line in enumerate(lines) if line[:3].strip().isdigit()]
        assert [int(lines[i][:3]) for i in heads] == list(range(1, policy.size + 1))
        for begin, rule in zip(heads, policy.rules, strict=True):
            at = begin
            for k, literal in enumerate(rule):
                described = atoms.describe(literal)
                assert lines[at].endswith("     and " + described.text if k else "a move that " + described.text)
                assert lines[at + 1 : at + 1 + len(described.picture)] == [" " * 8 + line for line in described.picture]
                at += 1 + len(described.picture)
        assert (lines[-1].strip() == "Else play any legal move.") == first

    check()
