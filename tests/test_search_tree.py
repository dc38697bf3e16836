"""The trees of Monte Carlo search against a plain Python twin, and policies that value the leaves of a search."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from bench.harness.measure import measure_curve
from bench.suites.load import load_suite
from games.arrays import Float64s
from games.solving.sample import sample_graph
from games.solving.solve import topological_order
from games.splitmix import splitmix64
from policies.api import HasValues, Scores, Task, action_probabilities
from policies.registry import make_learner
from policies.sampled_task import sampled_task
from policies.search import ahead
from policies.search.guides import guide_of
from policies.search.mcts import Mcts, Settings, search
from policies.search.minimax import Minimax
from policies.task import make_task
from tests.twins.search import Twin

SIMULATIONS, SEED = 40, 5
MAX_STATES = 100_000  # of games that minimax is compared with the solution of


@pytest.mark.parametrize("over", ["", "weighted@4"])
@pytest.mark.parametrize("selection", ["uct", "puct", "gumbel"])
@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3"])
def test_moves_are_tried_as_often_as_a_plain_python_twin_tries_them(game_id: str, selection: str, over: str) -> None:
    """Go has an evaluation, which takes the place of playouts but with UCT; a policy below gives nine tenths of the prior to its best."""
    if selection == "uct" and over:
        pytest.skip("then the playouts are those of the policy below, of which test_search.py compares two drivers")
    task = make_task(game_id)
    learner = make_learner("mcts", {"selection": selection, "over": over})
    (policy,) = learner.fit_path(task, [SIMULATIONS], SEED)
    graph = task.graph
    prior = 1.0 / graph.n_moves[graph.edge_parent]
    if over:
        listed = policy.over.scores(task)
        best = np.array([listed[edge] == listed[graph.edge_parent == parent].max() for edge, parent in enumerate(graph.edge_parent)])
        prior = 0.9 * best / np.bincount(graph.edge_parent, best)[graph.edge_parent] + 0.1 * prior
    leaves = task.game.evaluate(graph.states) if selection != "uct" and game_id == "go-2x3" else None
    roots = graph.positions[:: len(graph.positions) // 12]
    found, _ = search(task, policy.settings, policy.over, roots)
    for root in roots.tolist():
        key = int(splitmix64(graph.states[[root]] ^ splitmix64(np.array([SEED], dtype=np.uint64)))[0])
        twin = Twin(task, selection, prior, leaves, key, SIMULATIONS)
        scores = found[graph.edge_start[root] : graph.edge_start[root + 1]]
        assert np.round(scores).astype(int).tolist() == twin.search(root)
        assert selection == "gumbel" or np.array_equal(scores, np.round(scores))


@dataclass(frozen=True)
class Valued:
    """A policy that values positions as it is told to, and has no wish among moves."""

    told: Float64s
    size: int = 1

    def scores(self, task: Task) -> Scores:
        return np.zeros(task.graph.n_edges)

    def values(self, task: Task) -> Float64s:
        return self.told

    def operations(self, task: Task) -> float:
        return 3.0


@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3", "nim-3-4-5"])
def test_a_search_over_exact_values_plays_perfectly(game_id: str) -> None:
    """One ply over the values of the solution gives the values of moves; they are the leaves of Monte Carlo search too."""
    task = make_task(game_id)
    below = Valued(task.solution.value.astype(np.float64))
    assert isinstance(below, HasValues)
    policy = Minimax(1, below)
    assert task.gain(action_probabilities(task.graph, policy.scores(task))) == pytest.approx(1.0, abs=1e-12)
    alone = Minimax(1)
    more = policy.operations(task) - alone.operations(task)
    assert more.min() >= 3.0  # the policy itself and the leaves, at 3 each
    assert np.array_equal(guide_of(task, below, "puct", "uniform", False).leaves * task.game.max_payoff, below.told)
    played = [Mcts(Settings(200, 0, "puct", 1.0, "search_first", "uniform"), over) for over in (None, below)]
    without, over_values = (1.0 - task.gain(action_probabilities(task.graph, each.scores(task))) for each in played)
    assert over_values < without / 2


def part_of(task: Task) -> tuple[Task, Any]:
    """Every 17th position with one ply as an open task, and where the edges of these positions are in the whole."""
    at = task.graph.positions[::17]
    graph = sample_graph(task.game, task.graph.states[at], 1)
    whole = np.concatenate([np.arange(*task.graph.edge_start[place : place + 2]) for place in at])
    return Task(task.game, graph, None, np.where(np.arange(graph.n_states) < len(at), 1 / len(at), 0.0)), whole


@pytest.mark.parametrize(("game_id", "upper", "lower"), [("tictactoe", 1, 2), ("tictactoe", 2, 3), ("go-2x3", 3, 2)])
def test_minimax_over_minimax_looks_the_sum_of_both_depths_ahead(game_id: str, upper: int, lower: int) -> None:
    task = make_task(game_id)
    (policy,) = make_learner("minimax", {"over": f"minimax@{lower}"}).fit_path(task, [upper], 0)
    chosen = action_probabilities(task.graph, policy.scores(task)) > 0
    deep = action_probabilities(task.graph, Minimax(upper + lower).scores(task)) > 0
    assert not (chosen & ~deep).any()  # the policy below breaks ties
    values = ahead.move_values(ahead.moves_of(task.graph), policy.leaves(task, task.graph), upper)
    assert np.array_equal(values, Minimax(upper + lower).scores(task))
    part, whole = part_of(task)
    assert np.array_equal(policy.scores(part)[: len(whole)], policy.scores(task)[whole])


def test_minimax_values_positions_on_a_sample_as_on_the_graph() -> None:
    task = make_task("go-2x3")
    part, _ = part_of(task)
    places = {int(state): place for place, state in enumerate(task.graph.states)}
    whole = Minimax(3).values(task)
    assert Minimax(3).values(part).tolist() == [whole[places[int(state)]] for state in part.graph.states]
    best = np.full(task.graph.n_states, -np.inf)
    np.maximum.at(best, task.graph.edge_parent, Minimax(3).scores(task))
    assert np.array_equal(whole, np.where(task.graph.terminal, task.graph.payoff, best))


@pytest.mark.parametrize("selection", ["puct", "gumbel"])
def test_list_first_searches_among_the_best_moves_of_the_list_alone(selection: str) -> None:
    """Search first: the best moves are those tried most often, ties apart. List first: no other move of the root is tried."""
    task = make_task("tictactoe")
    options = {"over": "rulelist:language=concepts@3", "selection": selection}
    (first,) = make_learner("mcts", options).fit_path(task, [30], 0)
    (listed,) = make_learner("mcts", {**options, "order": "list_first"}).fit_path(task, [30], 0)
    best_of_list = action_probabilities(task.graph, first.over.scores(task)) > 0
    tried, _ = search(task, listed.settings, listed.over, task.graph.positions)
    assert not (tried >= 1)[~best_of_list].any()
    assert (np.bincount(task.graph.edge_parent, np.round(tried), task.graph.n_states)[task.graph.positions] == 30).all()
    assert not (action_probabilities(task.graph, listed.scores(task)) > 0)[~best_of_list].any()
    tried, _ = search(task, first.settings, first.over, task.graph.positions)
    by_search = action_probabilities(task.graph, tried) > 0
    assert not (action_probabilities(task.graph, first.scores(task)) > 0)[~by_search].any()
    assert not np.array_equal(first.scores(task), listed.scores(task))


@pytest.mark.parametrize(("name", "budgets"), [("minimax", [1, 3]), ("mcts", [4, 16])])
def test_a_curve_over_a_random_part_has_the_gain_of_all_positions_in_its_band(name: str, budgets: list[int]) -> None:
    """On the whole graph the same policies are measured exactly; three standard errors hold their gain."""
    task, sample = make_task("go-3x3"), sampled_task("go-3x3", 300, 0)
    learner = make_learner(name)
    measured = measure_curve(sample, learner, budgets, [], None, SEED)
    for point, policy in zip(measured.points, learner.fit_path(task, budgets, SEED), strict=True):
        assert point.gain_error is not None
        assert point.gain_error > 0
        assert abs(point.gain - task.gain(action_probabilities(task.graph, policy.scores(task)))) < 3 * point.gain_error


SOLVED = [game for game in load_suite("standard").games if not game.startswith("planted")]


@pytest.mark.parametrize("game_id", SOLVED)
def test_minimax_to_the_end_is_the_solution(game_id: str) -> None:
    """On every game of the suite that ends by itself and is small; the solver's values come from backward induction, another way."""
    task = make_task(game_id)
    graph = task.graph
    if graph.n_states > MAX_STATES:
        pytest.skip(f"{graph.n_states:,} states take long")
    if len(topological_order(graph.edge_start, graph.edge_child)) < graph.n_states:
        pytest.skip("play may go on for ever, and no depth is the end")
    assert np.array_equal(Minimax(100).scores(task), task.solution.edge_value)
