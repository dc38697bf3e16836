"""The table: the best positions first, exact play at the end, and files near the least that any code could need."""

import contextlib
import dataclasses
import math

import numpy as np
import pytest

from games.errors import UsageError
from policies.api import Task, action_probabilities
from policies.conformance import check_learner
from policies.tables.table import TableLearner, TablePolicy, read_length, write_length
from policies.task import make_task

GAMES = ["tictactoe", "nim-3-4-5", "go-2x3", "go-3x3"]
LEARNER = TableLearner()


def removed_by_position(task: Task) -> list[float]:
    """What knowing each position is worth, in plain Python, largest first: its weight times its mean regret."""
    graph, regret = task.graph, task.solution.regret.tolist()
    worth = []
    for state in range(graph.n_states):
        of_moves = regret[graph.edge_start[state] : graph.edge_start[state + 1]]
        if any(of_moves):
            worth.append(float(task.weights[state]) * sum(of_moves) / len(of_moves))
    return sorted(worth, reverse=True)


@pytest.mark.parametrize("game_id", GAMES)
def test_a_table_of_all_contested_positions_plays_perfectly_and_nothing_less_does(game_id: str) -> None:
    task = make_task(game_id)
    n_contested = len(removed_by_position(task))
    assert LEARNER.default_budgets(task)[-1] == n_contested
    short, full = LEARNER.fit_path(task, [n_contested - 1, n_contested + 10], seed=0)
    assert full.size == n_contested
    assert task.gain(action_probabilities(task.graph, full.scores(task))) == 1.0
    assert task.gain(action_probabilities(task.graph, short.scores(task))) < 1.0


@pytest.mark.parametrize("game_id", GAMES[:3])
def test_each_budget_removes_as_much_regret_as_so_many_positions_can(game_id: str) -> None:
    task = make_task(game_id)
    worth = removed_by_position(task)
    tables = list(LEARNER.fit_path(task, range(1, len(worth) + 1), seed=0))
    left = [task.regret(action_probabilities(task.graph, table.scores(task))) for table in tables]
    assert [table.size for table in tables] == list(range(1, len(worth) + 1))
    np.testing.assert_allclose(left, sum(worth) - np.cumsum(worth), atol=1e-12)


def test_entries_follow_the_weights() -> None:
    task = make_task("tictactoe")
    only = int(task.graph.edge_parent[np.argmax(task.solution.regret)])
    pointed = dataclasses.replace(task, weights=np.eye(task.graph.n_states)[only])
    tables = list(LEARNER.fit_path(pointed, [1, 2, 3], seed=0))
    assert [task.graph.edge_parent[table.edges].tolist() for table in tables] == [[only]]


@pytest.mark.parametrize("game_id", GAMES)
def test_every_table_of_the_default_ladder_comes_back_from_its_file(game_id: str) -> None:
    task = make_task(game_id)
    for table in LEARNER.fit_path(task, LEARNER.default_budgets(task), seed=0):
        assert np.array_equal(LEARNER.decode(LEARNER.encode(table, task), task).edges, table.edges)


@pytest.mark.parametrize("n_entries", [1, 30, 1000, 3000])
def test_a_random_table_takes_at_most_a_tenth_more_than_counting_allows(n_entries: int) -> None:
    task = make_task("go-3x3")
    graph, rng = task.graph, np.random.default_rng(n_entries)
    open_positions = np.flatnonzero(graph.n_moves >= 2)
    members = np.sort(rng.choice(open_positions, n_entries, replace=False))
    edges = graph.edge_start[members] + rng.integers(0, graph.n_moves[members])
    # As many tables as there are choices of positions times choices of moves: their logarithm is what no code can undercut.
    least = math.log2(math.comb(len(open_positions), n_entries)) + np.log2(graph.n_moves[members]).sum()
    bits = 8 * len(LEARNER.encode(TablePolicy(edges), task))
    assert least - 16 < bits < 1.1 * least + 64


def test_moves_are_chosen_to_be_short_to_write() -> None:
    task = make_task("go-3x3")
    *_, full = LEARNER.fit_path(task, LEARNER.default_budgets(task), seed=0)
    first_optimal = np.flatnonzero(task.solution.optimal)
    _, first = np.unique(task.graph.edge_parent[first_optimal], return_index=True)
    same_positions = np.isin(task.graph.edge_parent[first_optimal[first]], task.graph.edge_parent[full.edges])
    careless = TablePolicy(first_optimal[first][same_positions])
    assert careless.size == full.size
    assert len(LEARNER.encode(full, task)) < 0.9 * len(LEARNER.encode(careless, task))  # measured: 0.84


def test_a_cut_or_changed_file_is_refused_or_is_another_table() -> None:
    task = make_task("go-3x3")
    (table,) = LEARNER.fit_path(task, [100], seed=0)
    data = LEARNER.encode(table, task)
    for damaged in (data[:-3], data + b"\1", bytes([data[0] ^ 255]) + data[1:]):
        with contextlib.suppress(UsageError):
            assert not np.array_equal(LEARNER.decode(damaged, task).edges, table.edges)
    with pytest.raises(UsageError, match="no table for go-3x3"):
        LEARNER.decode(data + b"\1", task)


def test_budgets_below_one_are_refused() -> None:
    with pytest.raises(UsageError, match="below 1"):
        next(LEARNER.fit_path(make_task("go-2x3"), [0, 4], seed=0))


def test_explain_draws_a_position_and_names_its_move() -> None:
    task = make_task("tictactoe")
    (table,) = LEARNER.fit_path(task, [1], seed=0)
    text = str(LEARNER.explain(table, task))
    assert text.startswith("1 of 627 positions")  # 765 - 138 terminal ones, up to symmetry
    assert task.game.action_name(int(task.graph.edge_action[table.edges[0]])) in text.splitlines()[-1]


@pytest.mark.parametrize("game_id", GAMES)
@pytest.mark.parametrize("default", ["concepts", "lookahead", "concepts+lookahead+patterns"])
def test_with_rules_elsewhere_only_their_mistakes_are_memorised_worst_first(game_id: str, default: str) -> None:
    task, learner = make_task(game_id), TableLearner(default=default, rules=5)
    graph = task.graph
    *_, full = learner.fit_path(task, learner.default_budgets(task), seed=0)
    assert full.default is not None
    assert full.default.size <= 5
    played = action_probabilities(graph, full.default.scores(task))
    cost = task.weights * np.bincount(graph.edge_parent, played * task.solution.regret, graph.n_states)
    assert set(graph.edge_parent[full.edges].tolist()) == set(np.flatnonzero(cost > 0).tolist())
    assert task.regret(action_probabilities(graph, full.scores(task))) == 0
    for table in learner.fit_path(task, [1, 2, 5, 13], seed=0):
        weights = action_probabilities(graph, table.scores(task))
        assert task.regret(weights) == pytest.approx(np.sort(cost)[: graph.n_states - table.size].sum(), abs=1e-12)
        elsewhere = ~np.isin(graph.edge_parent, graph.edge_parent[table.edges])
        np.testing.assert_array_equal(weights[elsewhere], played[elsewhere])


@pytest.mark.parametrize("game_id", GAMES)
def test_a_table_with_rules_keeps_the_contract_and_comes_back_from_its_file(game_id: str) -> None:
    task, learner = make_task(game_id), TableLearner(default="concepts", rules=3)
    check_learner(learner, task)
    for table in learner.fit_path(task, learner.default_budgets(task), seed=0):
        read = learner.decode(learner.encode(table, task), task)
        assert np.array_equal(read.edges, table.edges)
        assert read.default == table.default


def test_a_concept_that_gains_nothing_makes_no_rule() -> None:
    task, learner = make_task("tictactoe"), TableLearner(default="side", rules=1)  # a move to a side is seldom the best
    (table,), (plain,) = (list(each.fit_path(task, [9], seed=0)) for each in (learner, LEARNER))
    read = learner.decode(learner.encode(table, task), task)
    assert read.default is not None
    assert read.default.rules == ()
    assert np.array_equal(read.edges, plain.edges)


def test_rules_save_more_bits_than_they_take() -> None:
    """Measured on go-3x3: 2,904 bits of perfect play with eight concepts before the table, 5,344 without."""
    task = make_task("go-3x3")
    bits = []
    for learner in (LEARNER, TableLearner(default="concepts")):
        *_, full = learner.fit_path(task, learner.default_budgets(task), seed=0)
        bits.append(8 * len(learner.encode(full, task)))
    assert bits[1] < 0.6 * bits[0]


def test_the_rules_are_named_with_the_positions() -> None:
    """One rule plays Nim perfectly (Bouton, 1901), which leaves nothing to memorise."""
    task, learner = make_task("nim-3-4-5"), TableLearner(default="concepts", rules=1)
    (table,) = learner.fit_path(task, [10], seed=0)
    text = str(learner.explain(table, task))
    assert table.size == 0
    assert text.startswith("0 of 47 positions are known by heart; elsewhere the rules below decide.")
    assert "[xor_zero]" in text
    assert "xor_zero" in learner.source(table, task)
    n_read = len(task.game.cell_levels())
    has_move = task.graph.n_moves > 0
    assert np.array_equal(table.operations(task), (n_read + 1) * has_move + table.default.operations(task))


@pytest.mark.parametrize("n", [0, 1, 127, 128, 32767])
def test_lengths_are_read_back(n: int) -> None:
    assert read_length(write_length(n) + b"rest") == (n, b"rest")


def test_wrong_defaults_are_named() -> None:
    with pytest.raises(UsageError, match="unknown part 'wrods' of language 'wrods'"):
        next(TableLearner(default="wrods").fit_path(make_task("tictactoe"), [1], seed=0))
    for rules, message in ((0, "table option rules=0"), (1001, "at most 1,000")):
        with pytest.raises(UsageError, match=message):
            TableLearner(default="concepts", rules=rules)
