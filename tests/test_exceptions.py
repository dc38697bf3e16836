"""The coder of exceptions: what it learns, what it needs nothing for, and that it predicts the same everywhere."""

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.measures.exception_coding import decode_choices, encode_choices, moves_of, rank_scores
from bench.measures.mixing import (
    FRESH,
    LIMIT,
    MOST,
    SQUASH,
    STRETCH,
    correct,
    fresh_corrections,
    fresh_weights,
    learn,
    learn_correction,
    mix,
)
from policies.task import make_task

ROOT = Path(__file__).parents[1]


def bits_without_a_policy(graph, wanted):
    return 8 * len(encode_choices(moves_of(graph, np.zeros(graph.n_edges)), wanted))


def one_wanted(graph, pick):
    """Wanted in every position: the move whose place among its moves `pick` gives, from the number of moves."""
    positions = graph.positions
    wanted = np.zeros(graph.n_edges, dtype=bool)
    wanted[graph.edge_start[positions] + pick(graph.n_moves[positions])] = True
    return wanted


SCRIPT = """
import numpy as np
from bench.measures.coding import encode_exceptions, perfect_moves
from policies.task import make_task
task = make_task("tictactoe")
scores = np.random.default_rng(3).integers(3, size=task.graph.n_edges).astype(float)
data = encode_exceptions(task.graph, scores, task.solution.optimal)
print(data.hex())
assert task.solution.optimal[perfect_moves(task.graph, scores, data)].all()
"""


def test_compiled_kernels_and_plain_python_write_the_same_bytes():
    """The kernels run as Python, without Numba, are a second implementation of their arithmetic (scalars wrap round with a warning)."""
    written = []
    for without_compiler in ("0", "1"):
        environment = {**os.environ, "NUMBA_DISABLE_JIT": without_compiler, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-W", "ignore::RuntimeWarning", "-c", SCRIPT]
        written.append(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert written[0] == written[1]
    assert len(written[0]) > 20


def test_the_logistic_function_is_the_exact_one_rounded_down():
    exact = [65536 / (1 + math.exp(-logit / 256)) for logit in range(-MOST, MOST + 1)]
    assert SQUASH.min() >= 1
    assert SQUASH.max() <= 65535
    assert max(abs(table - value) for table, value in zip(SQUASH.tolist(), exact, strict=True)) <= 1
    assert (SQUASH + SQUASH[::-1] == 65536)[: len(SQUASH) // 2].all()


def test_a_logit_undoes_the_logistic_function_as_far_as_twelve_bits_tell():
    middles = (np.arange(4096) * 16 + 8) / 65536
    exact = 256 * np.log(middles / (1 - middles))
    assert np.abs(STRETCH - exact)[64:-64].max() <= 1.0  # further out a step of SQUASH is more than a logit
    assert np.all(np.diff(STRETCH) >= 0)


def test_a_counter_is_the_share_of_ones_while_it_is_young_and_forgets_when_it_is_old():
    """Steps of 1 / (n + 1/2) from one half make (ones + 1/4) / (n + 1/2), by induction."""
    counters = np.full((1, 1), FRESH, dtype=np.int32)
    for n in range(1, 21):
        learn(counters, 0, 0, int(n % 4 == 0))
        ones = n // 4
        assert counters[0, 0] / 2**24 == pytest.approx((ones + 0.25) / (n + 0.5), abs=0.001)
    assert counters[0, 0] & 255 == 20
    for _ in range(1000):
        learn(counters, 0, 0, 1)
    assert counters[0, 0] & 255 == LIMIT
    assert counters[0, 0] / 2**24 > 0.998


def test_a_correction_learns_what_a_logit_means():
    knots = fresh_corrections(1)
    assert correct(knots, 0, 256) == pytest.approx(65536 / (1 + math.exp(-1)), rel=0.02)  # between knots it is a straight line
    rng = np.random.default_rng(0)
    for bit in rng.random(3000) < 0.2:
        learn_correction(knots, 0, 256, int(bit))
    assert correct(knots, 0, 256) / 65536 == pytest.approx(0.25 / (1 + math.exp(-1)) + 0.75 * 0.2, abs=0.08)


def test_inputs_that_know_nothing_mix_to_an_even_chance():
    logits, confidences = np.zeros((2, 3), dtype=np.int64), np.zeros((2, 3), dtype=np.int64)
    assert mix(fresh_weights(3), logits, confidences, 1) == 0
    logits[1] = MOST
    confidences[1] = 7
    assert mix(fresh_weights(3), logits, confidences, 1) > MOST / 2


def test_a_policy_that_needs_no_exceptions_has_an_empty_file():
    graph = make_task("go-3x3").graph
    rng = np.random.default_rng(4)
    scores = rng.permutation(graph.n_edges).astype(float)
    best = np.zeros(graph.n_edges, dtype=bool)
    starts = graph.edge_start[graph.positions]
    best[[start + np.argmax(scores[start : start + n]) for start, n in zip(starts, graph.n_moves[graph.positions], strict=True)]] = True
    moves = moves_of(graph, scores)
    assert encode_choices(moves, best) == b""
    assert best[decode_choices(moves, b"")].all()


@pytest.mark.parametrize("pick", [lambda n: n - 1, lambda n: 0 * n + 1 - (n == 1)], ids=["last", "second"])
def test_one_rule_for_all_positions_is_learned_without_a_policy(pick):
    """The last legal move of Go is always the pass. Which action is second depends on what is taken: neighbours know that."""
    graph = make_task("go-3x3").graph
    choice = float(np.log2(graph.n_moves[graph.positions]).sum())
    assert bits_without_a_policy(graph, one_wanted(graph, pick)) < choice / 4


def test_drawn_moves_cost_their_entropy_and_what_neighbours_share_does_not():
    """Wanted: a favourite action of each board without its lowest bits, or drawn anew in each position."""
    graph = make_task("go-3x3").graph
    rng = np.random.default_rng(5)
    drawn = one_wanted(graph, rng.integers)
    entropy = float(np.log2(graph.n_moves[graph.positions]).sum())
    assert entropy * 0.98 < bits_without_a_policy(graph, drawn) < entropy * 1.06
    _, kin = np.unique(graph.states >> np.uint64(4), return_inverse=True)
    favourite = rng.permuted(np.tile(np.arange(10), (kin.max() + 1, 1)), axis=1)
    liking = favourite[kin[graph.edge_parent], graph.edge_action]
    best = np.maximum.reduceat(liking, graph.edge_start[graph.positions])
    shared = liking == np.repeat(best, graph.n_moves[graph.positions])
    assert bits_without_a_policy(graph, shared) < entropy * 0.8


def test_a_better_policy_leaves_fewer_exceptions():
    """Scores of which a growing share of positions has the optimal moves on top."""
    task = make_task("go-3x3")
    graph, optimal = task.graph, task.solution.optimal
    rng = np.random.default_rng(6)
    luck = rng.random(graph.n_states)[graph.edge_parent]
    sizes = []
    for share in (0.0, 0.5, 0.8, 0.95, 1.0):
        scores = np.where(luck < share, optimal, rng.random(graph.n_edges) < 0.3).astype(float)
        sizes.append(len(encode_choices(moves_of(graph, scores), optimal)))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 0


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 2**32 - 1))
def test_foreign_bytes_choose_some_legal_move_everywhere(data, seed):
    graph = make_task("go-2x3").graph
    scores = np.random.default_rng(seed).integers(3, size=graph.n_edges).astype(float)
    chosen = decode_choices(moves_of(graph, scores), data)
    assert np.array_equal(graph.edge_parent[chosen], graph.positions)


def test_more_actions_than_are_told_apart_decode_all_the_same():
    graph = make_task("nim-24-24-24").graph
    assert graph.edge_action.max() == 71  # 24 a heap; results are kept by the action modulo 64
    rng = np.random.default_rng(7)
    wanted = one_wanted(graph, rng.integers)
    for scores in (np.zeros(graph.n_edges), rng.random(graph.n_edges)):
        moves = moves_of(graph, scores)
        assert wanted[decode_choices(moves, encode_choices(moves, wanted))].all()


def test_scores_are_ranked_as_numpy_ranks_them():
    rng = np.random.default_rng(8)
    for scores in (np.zeros(5), np.array([-0.0, 0.0, -1.5, np.inf, -np.inf, 1e300]), rng.normal(size=1000), rng.integers(-3, 4, 1000) / 7):
        distinct, expected = np.unique(scores, return_inverse=True)
        rank, n_ranks = rank_scores(scores)
        assert n_ranks == len(distinct)
        assert np.array_equal(rank, expected)
