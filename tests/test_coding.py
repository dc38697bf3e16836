"""Description length: policy and exceptions decode to perfect play, and cost no more than their ideal code."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.measures.coding import compressed_source, describe, encode_exceptions, perfect_moves
from games.errors import WorkError
from policies.endpoints import AnchorLearner
from policies.rules.human import HumanLearner
from policies.rules.rulelist import RuleListLearner
from policies.task import make_task

GAMES = ["tictactoe", "nim-3-4-5", "go-2x2", "go-2x3", "go-3x3"]


@pytest.mark.parametrize("game", GAMES)
def test_any_scores_and_their_exceptions_decode_to_perfect_play(game):
    task = make_task(game)
    rng = np.random.default_rng(1)
    for scores in (
        np.zeros(task.graph.n_edges),
        rng.random(task.graph.n_edges),
        rng.integers(3, size=task.graph.n_edges).astype(float),
        -task.solution.regret.astype(float),
        task.solution.regret.astype(float),
    ):
        chosen = perfect_moves(task.graph, scores, encode_exceptions(task.graph, scores, task.solution.optimal))
        assert np.array_equal(task.graph.edge_parent[chosen], task.graph.positions)
        assert task.solution.optimal[chosen].all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95))
def test_any_set_of_wanted_moves_decodes(seed, share):
    graph = make_task("go-2x3").graph
    rng = np.random.default_rng(seed)
    wanted = rng.random(graph.n_edges) < share
    wanted[graph.edge_start[:-1][graph.n_moves > 0] + rng.integers(graph.n_moves[graph.n_moves > 0])] = True
    scores = rng.integers(4, size=graph.n_edges).astype(float)
    assert wanted[perfect_moves(graph, scores, encode_exceptions(graph, scores, wanted))].all()


def test_perfect_scores_need_next_to_no_exceptions():
    task = make_task("go-3x3")
    optimal = describe(task, AnchorLearner(is_optimal=True), AnchorLearner(is_optimal=True).fit_path(task, [1], 0).__next__())
    assert optimal.policy_bits == 0
    assert optimal.exception_bits <= 16
    assert optimal.language_bits > 8 * 1000  # the solver is what this policy is written in


def test_random_wishes_cost_their_entropy():
    """One wanted move a position, drawn uniformly: no code can beat the sum of log2(number of moves), ours comes near it."""
    graph = make_task("go-3x3").graph
    rng = np.random.default_rng(2)
    moving = np.flatnonzero(graph.n_moves > 0)
    wanted = np.zeros(graph.n_edges, dtype=bool)
    wanted[graph.edge_start[moving] + rng.integers(graph.n_moves[moving])] = True
    ideal = float(np.log2(graph.n_moves[moving]).sum())
    written = 8 * len(encode_exceptions(graph, np.zeros(graph.n_edges), wanted))
    assert ideal * 0.98 < written < ideal * 1.05


@pytest.mark.parametrize("learner", [HumanLearner(), RuleListLearner(), AnchorLearner()])
def test_a_description_is_measured_from_what_the_bytes_say(learner):
    task = make_task("tictactoe")
    for policy in learner.fit_path(task, [1, 3, 6], 0):
        description = describe(task, learner, policy)
        assert description.policy_bits == 8 * len(description.data)
        assert np.array_equal(learner.decode(description.data, task).scores(task), description.scores)
        assert description.codelength == description.policy_bits + description.exception_bits


class Coarse:
    """A learner whose files keep no more of its scores than which of them are above a half, and lose the first position's."""

    name = "coarse"

    def encode(self, policy, task):
        return np.packbits(policy.scores(task) > 0.5).tobytes()

    def decode(self, data, task):
        read = np.unpackbits(np.frombuffer(data, dtype=np.uint8))[: task.graph.n_edges].astype(float)
        read[: task.graph.edge_start[1]] = 0.0
        return Scored(read)

    def source(self, policy, task):
        return ""


class Scored:
    size = 1

    def __init__(self, scores):
        self.values = scores

    def scores(self, task):
        return self.values


def test_scores_and_exceptions_are_those_of_the_file_and_not_of_the_policy_in_memory():
    """A file that says less than the policy knew needs the exceptions that its own reading needs: those of perfect play take nothing."""
    task = make_task("go-2x3")
    fitted = Scored(np.where(task.solution.optimal, 0.5, 0.0))
    description = describe(task, Coarse(), fitted)
    assert not description.scores.any()
    assert description.policy.scores(task) is description.scores
    assert description.exception_bits == 8 * len(encode_exceptions(task.graph, np.zeros(task.graph.n_edges), task.solution.optimal)) > 100


def test_a_code_that_does_not_decode_is_noticed(monkeypatch):
    task = make_task("tictactoe")
    monkeypatch.setattr("bench.measures.coding.encode_exceptions", lambda graph, scores, optimal: b"")
    with pytest.raises(WorkError, match="do not decode to optimal moves"):
        describe(task, AnchorLearner(), AnchorLearner().fit_path(task, [1], 0).__next__())


def test_each_rule_that_saves_exceptions_pays():
    """Nim's one rule is a perfect policy: the whole game in a few bytes, against hundreds of bits without it."""
    task = make_task("nim-3-4-5")
    rule = describe(task, HumanLearner(), HumanLearner().fit_path(task, [1], 0).__next__())
    nothing = describe(task, AnchorLearner(), AnchorLearner().fit_path(task, [1], 0).__next__())
    assert rule.codelength <= 40 < nothing.codelength
    contested = np.maximum.reduceat(task.solution.regret, task.graph.edge_start[:-1][task.graph.n_moves > 0]) > 0
    assert nothing.codelength > contested.sum()
    assert math.isclose(task.gain(np.where(task.solution.optimal, 1.0, 0.0)), 1.0)


def test_source_is_counted_without_comments_and_docstrings():
    bare = "def f(x):\n    return x + 1\n"
    dressed = 'def f(x):\n    """What it does."""\n    # why\n    return (x  +  1)\n'
    assert compressed_source(bare) == compressed_source(dressed)
    assert compressed_source("") == b""
