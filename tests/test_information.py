"""Games left and missing bits, against published counts, plain recursion and arithmetic by hand."""

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from bench.measures.information import games_left, missing_bits
from games.solving.graph import GameGraph
from policies.api import action_probabilities, uniform_probabilities
from policies.registry import make_learner
from policies.task import make_task

FACTS = tomllib.loads((Path(__file__).parent / "facts.toml").read_text())


def count_games(graph: GameGraph, allowed: np.ndarray, state: int, follows: bool, plies: int) -> int:
    """Games from a state, one by one, whose mover plays allowed moves only if it `follows`."""
    first, last = graph.edge_start[state], graph.edge_start[state + 1]
    if first == last:
        return 1
    if plies == 0:
        return 0
    edges = [edge for edge in range(first, last) if allowed[edge] or not follows]
    return sum(count_games(graph, allowed, int(graph.edge_child[edge]), not follows, plies - 1) for edge in edges)


def test_without_a_policy_all_games_of_tictactoe_are_left() -> None:
    graph = make_task("tictactoe").graph
    found = games_left(graph, uniform_probabilities(graph), 9)
    assert round(10**found.first) == round(10**found.second) == FACTS["tictactoe"]["games"]
    assert found.plies == 0


@pytest.mark.parametrize(("game", "n_cells", "plies"), [("tictactoe", 9, 99), ("nim-1-2-3", 3, 99), ("go-1x3", 3, 9)])
def test_games_are_counted_as_walking_through_them_counts(game: str, n_cells: int, plies: int) -> None:
    task = make_task(game)
    scores = np.random.default_rng(0).integers(0, 3, task.graph.n_edges).astype(np.float64)
    weights = action_probabilities(task.graph, scores)
    found = games_left(task.graph, weights, n_cells)
    assert (found.plies or 99) == plies
    for count, follows in ((found.first, True), (found.second, False)):
        assert 10**count == pytest.approx(count_games(task.graph, weights > 0, 0, follows, plies))


def test_a_better_list_leaves_fewer_games_and_fewer_bits() -> None:
    task = make_task("tictactoe")
    policies = make_learner("rulelist", {"language": "words"}).fit_path(task, [1, 3, 6], 0)
    weights = [uniform_probabilities(task.graph), *(action_probabilities(task.graph, policy.scores(task)) for policy in policies)]
    games = [games_left(task.graph, each, 9) for each in weights]
    bits = [missing_bits(task, each) for each in weights]
    assert [count.first for count in games] == sorted((count.first for count in games), reverse=True)
    assert bits == sorted(bits, reverse=True)
    assert bits[0] > bits[-1] + 0.5


def test_what_is_to_be_known_is_the_logarithm_of_the_share_of_optimal_moves() -> None:
    task = make_task("go-2x3")
    graph = task.graph
    shares = []
    for state in graph.positions:
        edges = slice(graph.edge_start[state], graph.edge_start[state + 1])
        shares.append(-math.log2(task.solution.optimal[edges].mean()) * task.weights[state])
    assert missing_bits(task, uniform_probabilities(graph)) == pytest.approx(sum(shares))
    assert missing_bits(task, action_probabilities(graph, -task.solution.regret.astype(np.float64))) == pytest.approx(0.0, abs=1e-9)


def test_the_mixture_is_the_best_of_all() -> None:
    task = make_task("nim-1-2-3")
    graph = task.graph
    weights = action_probabilities(graph, np.random.default_rng(1).random(graph.n_edges))
    optimal = task.solution.optimal

    def bits(mixture: float) -> float:
        mixed = (1 - mixture) * weights + mixture * uniform_probabilities(graph)
        right = np.bincount(graph.edge_parent, mixed * optimal, graph.n_states)[graph.positions]
        return float(-np.dot(task.weights[graph.positions], np.log2(np.maximum(right, 1e-300))))

    assert missing_bits(task, weights) == pytest.approx(min(bits(m) for m in np.linspace(0, 1, 20_001)), abs=1e-6)
