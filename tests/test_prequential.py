"""The prequential code: it decodes to perfect play from the rules alone, and no fit sees what has not been sent."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.measures.coding import encode_exceptions, perfect_moves
from bench.measures.prequential import LADDER, MAX_BLOCKS, MAX_SEED, Plan, decode, default_blocks, encode, known_task, no_scores
from games.arrays import Float64s
from games.errors import UsageError, WorkError
from games.solving.solve import Solution
from policies.registry import make_learner
from policies.task import make_task
from tests.support.shell import Shell

UNIFORM = make_learner("uniform")


@pytest.fixture
def shell(monkeypatch, capfd):
    return Shell(monkeypatch, capfd)


def without_truth(task):
    """The same game to somebody who does not know its solution: every value 7, every move as good."""
    values, regrets = np.full(task.graph.n_states, 7, dtype=np.int16), np.zeros(task.graph.n_edges, dtype=np.int16)
    return dataclasses.replace(task, truth=Solution(values, values, values, regrets, regrets), weights=np.zeros(task.graph.n_states))


@pytest.mark.parametrize("ascending", [False, True])
@pytest.mark.parametrize("game", ["tictactoe", "go-2x3"])
@pytest.mark.parametrize("name", ["rulelist", "tree", "weighted", "table", "uniform"])
def test_the_file_decodes_to_perfect_play_without_the_truth(game, name, ascending):
    task, learner = make_task(game), make_learner(name)
    message = encode(task, learner, Plan(default_blocks(task.graph), 3, ascending))
    edges = decode(message.data, without_truth(task), make_learner(name))
    assert np.array_equal(edges, message.edges)
    assert np.array_equal(task.graph.edge_parent[edges], task.graph.positions)
    assert task.solution.optimal[edges].all()


@pytest.mark.parametrize("game", [pytest.param("tictactoe", marks=pytest.mark.slow), "go-2x3"])
def test_networks_are_fitted_anew_by_who_reads(game):
    task, learner = make_task(game), make_learner("network", {"steps": 8})
    message = encode(task, learner, Plan(2))
    assert task.solution.optimal[decode(message.data, without_truth(task), learner)].all()


@dataclasses.dataclass
class Opinion:
    """A policy with given scores."""

    given: Float64s
    size = 1

    def scores(self, task):
        return self.given


class Spy:
    """A learner that knows the moves of one game by heart, and notes what it was shown."""

    name, unit = "spy", "looks"

    def __init__(self, game):
        self.seen = []
        self.moves = make_task(game).solution.optimal.astype(float)

    def default_budgets(self, task):
        return [1, 2]

    def fit_path(self, task, budgets, seed):
        self.seen.append(task)
        yield Opinion(self.moves)


@pytest.mark.parametrize("ascending", [False, True])
def test_a_fit_sees_what_was_sent_before_and_nothing_else(ascending):
    task, spy = make_task("go-2x3"), Spy("go-2x3")
    graph, n = task.graph, int(np.count_nonzero(task.graph.n_moves > 1))
    message = encode(task, spy, Plan(4, 0, ascending))
    assert [block.positions for block in message.blocks] == [n // 8, n // 4 - n // 8, n // 2 - n // 4, n - n // 2]
    sent = np.zeros(graph.n_states, dtype=np.int64)
    sent[graph.positions] = message.edges
    sizes = [n // 8, n // 4, n // 2]
    for seen, size in zip(spy.seen, sizes * 2, strict=True):  # by the writer, and by the reader
        is_known = seen.weights > 0
        assert np.count_nonzero(is_known) == size
        assert set(seen.weights[is_known]) == {1 / size}
        expected = is_known[graph.edge_parent].astype(int)
        expected[sent[is_known]] = 0
        assert seen.solution.regret.tolist() == expected.tolist()
        assert not seen.solution.value.any()
        assert np.array_equal(seen.solution.edge_value, -seen.solution.regret)
    for earlier, later in itertools.pairwise(spy.seen[:3]):
        assert not (earlier.weights[later.weights == 0] > 0).any()
    if ascending:
        known = graph.states[spy.seen[0].weights > 0]
        assert known.max() < graph.states[(graph.n_moves > 1) & (spy.seen[0].weights == 0)].min()


def test_one_block_is_the_exceptions_of_no_policy():
    for game in ("tictactoe", "go-2x3", "go-3x3"):
        task = make_task(game)
        alone = encode_exceptions(task.graph, no_scores(task.graph), task.solution.optimal)
        for ascending in (False, True):
            message = encode(task, UNIFORM, Plan(1, 0, ascending))
            assert abs(len(message.data) - len(alone)) <= 1  # one more or less decision ahead of the moves
            assert np.array_equal(message.edges, perfect_moves(task.graph, no_scores(task.graph), alone))


def test_in_ascending_order_blocks_without_a_policy_cost_nothing():
    """The coder of the exceptions visits positions in that order too, so that it knows the same."""
    task = make_task("go-3x3")
    sizes = [sum(block.bits for block in encode(task, UNIFORM, Plan(n, 0, True)).blocks) for n in (1, 4, 8)]
    assert sizes == pytest.approx([sizes[0]] * 3)


def test_the_file_is_as_long_as_its_blocks_say():
    task = make_task("go-3x3")
    message = encode(task, make_learner("rulelist"), Plan(8))
    ideal = sum(block.bits for block in message.blocks)
    assert ideal <= 8 * len(message.data) <= ideal + 8 * 8  # the plan, the budgets, the last byte
    assert {block.budget for block in message.blocks} <= {0, *LADDER}


def test_rules_that_generalise_save_bits_and_memorised_positions_hardly_any():
    task = make_task("tictactoe")
    bits = {name: 8 * len(encode(task, make_learner(name), Plan(6)).data) for name in ("rulelist", "table", "uniform")}
    assert bits["rulelist"] < bits["uniform"] / 2
    assert abs(bits["table"] - bits["uniform"]) < bits["uniform"] / 20


def test_the_seed_gives_the_order():
    task = make_task("tictactoe")
    files = [encode(task, UNIFORM, Plan(4, seed)) for seed in (0, 0, 1)]
    assert files[0].data == files[1].data
    assert not np.array_equal(files[0].edges, files[2].edges)


def test_a_learner_that_fits_differently_the_second_time_is_noticed():
    class Fickle(Spy):
        def fit_path(self, task, budgets, seed):
            for policy in super().fit_path(task, budgets, seed):
                yield policy if len(self.seen) == 1 else Opinion(np.random.default_rng(0).random(task.graph.n_edges))

    with pytest.raises(WorkError, match="fitting again gave another policy"):
        encode(make_task("tictactoe"), Fickle("tictactoe"), Plan(2))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=40))
def test_foreign_bytes_give_some_moves_or_are_refused(data):
    task = make_task("go-2x2")
    try:
        edges = decode(data, task, UNIFORM)
    except UsageError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert np.array_equal(task.graph.edge_parent[edges], task.graph.positions)


def test_plans_out_of_range_are_refused():
    task = make_task("go-2x2")
    for plan in (Plan(0), Plan(MAX_BLOCKS + 1), Plan(2, -1), Plan(2, MAX_SEED)):
        with pytest.raises(UsageError, match="give a number from"):
            encode(task, UNIFORM, plan)


def test_more_blocks_than_positions_leave_the_first_ones_empty():
    task = make_task("go-2x2")
    message = encode(task, make_learner("rulelist"), Plan(12))
    assert message.blocks[0].positions == 0
    assert task.solution.optimal[message.edges].all()


def test_what_is_known_is_a_task():
    task = make_task("tictactoe")
    known = np.full(task.graph.n_states, -1)
    known[0] = task.graph.edge_start[0] + 1
    seen = known_task(task, known)
    assert seen.weights[0] == seen.weights.sum() == 1
    first = slice(*task.graph.edge_start[:2])
    assert seen.solution.regret[first].tolist() == [int(i != 1) for i in range(task.graph.n_moves[0])]
    assert not seen.solution.regret[task.graph.edge_start[1] :].any()


def test_the_verb_says_what_the_file_takes(shell):
    answer = shell.json("prequential", "rulelist", "--game", "tictactoe", "--seed", "2")
    task = make_task("tictactoe")
    message = encode(task, make_learner("rulelist"), Plan(default_blocks(task.graph), 2))
    assert answer["bits"] == 8 * len(message.data)
    assert answer["blocks"] == [dataclasses.asdict(block) for block in message.blocks]
    assert answer["no_policy_bits"] == 568  # docs/codelength.md
    status, text, _ = shell("prequential", "uniform", "--game", "tictactoe", "--blocks", "1", "--ascending")
    assert status == 0
    assert "568 bits without a policy" in text


def test_the_verb_refuses_learners_that_need_the_truth(shell):
    status, _, error = shell("prequential", "perfect", "--game", "tictactoe")
    assert status == 2
    assert "perfect needs the true solution" in error


@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3", "go-3x3", "nim-3-4-5"])
def test_default_blocks_leave_about_sixteen_positions_to_the_first(game_id):
    """Blocks double in size and the last is half of all, so the first of b blocks has a share of 2^(1 - b)."""
    graph = make_task(game_id).graph
    first = np.count_nonzero(graph.n_moves > 1) / 2 ** (default_blocks(graph) - 1)
    assert 16 <= first < 32
