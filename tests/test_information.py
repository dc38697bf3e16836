"""Games left and missing bits, against published counts, plain recursion and arithmetic by hand."""

import dataclasses
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


def graph_of(moves: list[list[int]]) -> GameGraph:
    """The graph in which state s leads to the states `moves[s]`, and is over where there are none."""
    n, children = len(moves), [child for each in moves for child in each]
    starts = np.concatenate([[0], np.cumsum([len(each) for each in moves])]).astype(np.int64)
    actions = np.concatenate([np.arange(len(each), dtype=np.int16) for each in moves])
    payoff, one, over = np.zeros(n, dtype=np.int16), np.ones(n, dtype=np.int32), np.diff(starts) == 0
    return GameGraph("x", np.arange(n, dtype=np.uint64), starts, actions, np.array(children, dtype=np.int32), over, payoff, one)


@pytest.mark.parametrize("n", [1, 511, 512, 513, 1023, 1024, 1025, 5000])  # a double holds 2**1023, and not 2**1024
def test_a_row_of_choices_between_two_moves_leaves_two_to_the_number_of_plies(n: int) -> None:
    graph = graph_of([*([state + 1, state + 1] for state in range(n)), []])
    found = games_left(graph, uniform_probabilities(graph), 1)
    assert found.first == found.second == pytest.approx(n * math.log10(2), rel=1e-14)
    one_move = np.tile([1.0, 0.0], n)  # who follows it has no choice: the first player moves at every other ply, beginning with the first
    found = games_left(graph, one_move, 1)
    assert found.first == pytest.approx(n // 2 * math.log10(2), rel=1e-14)
    assert found.second == pytest.approx((n + 1) // 2 * math.log10(2), rel=1e-14)


@pytest.mark.parametrize("is_endless", [False, True])
def test_numbers_of_games_of_any_size_are_those_of_whole_numbers(is_endless: bool) -> None:
    rng = np.random.default_rng(3)
    n = 120 if is_endless else 1500
    spans = [(0, n) if is_endless else (state + 1, min(n, state + 6)) for state in range(n)]
    widths = rng.integers(100, 180, n) if is_endless else rng.integers(1, 90, n)
    moves = [[*rng.integers(low, high + 1, width).tolist(), n] for (low, high), width in zip(spans, widths, strict=True)]
    graph = graph_of([*moves, []])
    allowed = rng.random(graph.n_edges) < 0.5
    found = games_left(graph, allowed.astype(np.float64), 100)
    assert (found.plies > 0) == is_endless
    counts = {(n, True): 1, (n, False): 1}  # games from a state whose mover follows, or does not, in Python's whole numbers
    passes = range(found.plies) if is_endless else [0]
    for _ in passes:
        before = dict(counts) if is_endless else counts
        for state in range(n - 1, -1, -1):
            for follows in (True, False):
                edges = range(graph.edge_start[state], graph.edge_start[state + 1])
                chosen = [int(graph.edge_child[edge]) for edge in edges if allowed[edge] or not follows]
                counts[state, follows] = sum(before.get((child, not follows), 0) for child in chosen)
    assert min(counts[0, False], counts[0, True]) > 2**1024  # a double holds neither
    for number, follows in ((found.first, True), (found.second, False)):
        assert number == pytest.approx(math.log10(counts[0, follows]), rel=1e-13)


def test_where_no_game_is_left_there_is_no_logarithm() -> None:
    graph = graph_of([[1, 2], [0, 2], []])  # both may end the game, or give the move back
    stays = np.array([1.0, 0.0, 1.0, 0.0])
    found = games_left(graph, stays, 1)
    # The other ends the game: as second player at its first move, as first player at its first or second, within three plies.
    assert found == (math.log10(1), math.log10(2), 3)
    locked = graph_of([[1], [0, 2], []])
    assert games_left(locked, np.array([1.0, 1.0, 0.0]), 1).second is None


def test_a_better_list_leaves_fewer_games_and_fewer_bits() -> None:
    task = make_task("tictactoe")
    policies = make_learner("rulelist", {"language": "concepts"}).fit_path(task, [1, 3, 6], 0)
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


def test_positions_count_with_the_weights_of_the_task() -> None:
    """Nim with heaps 1, 2 in the weights of play: every term by hand, for uniform choice."""
    task = make_task("nim-1-2", "play")
    graph = task.graph
    assert len(set(np.round(task.weights[graph.positions], 9))) > 1
    terms = {}
    for state in graph.positions:
        edges = slice(graph.edge_start[state], graph.edge_start[state + 1])
        terms[state] = -math.log2(np.count_nonzero(task.solution.optimal[edges]) / graph.n_moves[state])
    expected = sum(task.weights[state] * bits for state, bits in terms.items())
    assert missing_bits(task, uniform_probabilities(graph)) == pytest.approx(expected, rel=1e-12)
    assert expected != pytest.approx(sum(terms.values()) / len(terms), rel=1e-2)
    only = next(state for state, bits in terms.items() if bits > 0)
    alone = dataclasses.replace(task, weights=np.where(np.arange(graph.n_states) == only, 1.0, 0.0))
    assert missing_bits(alone, uniform_probabilities(graph)) == pytest.approx(terms[only], rel=1e-12)


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
