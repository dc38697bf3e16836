"""What `plays_perfectly` says: its exploitability is 0, by proof and as the measure has it; and what exploitability 0 does not say.

Responses are tried out in `best_by_exhaustion` of tests/test_measure.py; graphs and policies are random, most with cycles.
"""

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from bench.harness import measure
from bench.harness.point import Point
from bench.harness.records import migrate
from bench.measures.error_rate import error_rate
from bench.measures.expected_scores import exploitability_of, results
from bench.measures.grades import Grades, grades
from games.arrays import Float64s
from games.solving.graph import GameGraph
from games.solving.solve import Solution, solve
from policies.api import action_probabilities, uniform_probabilities
from policies.registry import make_learner
from policies.task import fitted_part, make_task
from tests.test_measure import best_by_exhaustion, graph_of, random_graph, random_weights

ROUNDING = 1e-12
Case = tuple[GameGraph, Solution, Float64s]


def among_optimal(graph: GameGraph, solution: Solution, seed: int) -> Float64s:
    """Any distribution over optimal moves; in some positions a move that is not optimal besides."""
    rng = np.random.default_rng([seed, 2])
    slips = rng.random(graph.n_states) < 0.15 * (seed % 2)
    weights = rng.random(graph.n_edges) * (solution.optimal | slips[graph.edge_parent])
    return weights / np.bincount(graph.edge_parent, weights, graph.n_states)[graph.edge_parent]


def small_cases() -> Iterator[Case]:
    for seed in range(150):
        graph = random_graph(seed, n_positions=2 + seed % 4)
        solution = solve(graph)
        yield graph, solution, random_weights(graph, seed)
        yield graph, solution, among_optimal(graph, solution, seed)


def errs_against_the_careful(graph: GameGraph, solution: Solution, weights: Float64s) -> bool:
    """Whether the policy may choose a move with regret where the opponent has chosen none: a plain walk from both starts."""
    pending = [(0, True), (0, False)]
    seen = set(pending)
    while pending:
        state, own = pending.pop()
        for edge in range(graph.edge_start[state], graph.edge_start[state + 1]):
            if (weights[edge] if own else float(solution.optimal[edge])) > 0:
                if solution.regret[edge] > 0:
                    return True
                node = (int(graph.edge_child[edge]), not own)
                if node not in seen:
                    seen.add(node)
                    pending.append(node)
    return False


def test_who_plays_perfectly_cannot_be_exploited_and_the_unexploited_do_not_err_first() -> None:
    """On 300 random policies of small games, against every deterministic response."""
    n_perfect = n_unexploited = 0
    for graph, solution, weights in small_cases():
        proved = grades(graph, solution, weights)
        payoffs, _ = best_by_exhaustion(graph, weights)
        value = float(solution.value[0])
        lost = [value - payoffs[0], -value - payoffs[1]]
        assert min(lost) > -1e-8  # a response can always hold it to the value
        assert exploitability_of(graph, weights) == pytest.approx(sum(lost) / 2, abs=1e-8)
        if proved.plays_perfectly:
            assert max(lost) < 1e-8
            n_perfect += 1
        if max(lost) < 1e-8:
            assert not errs_against_the_careful(graph, solution, weights)
            n_unexploited += 1
    assert 40 < n_perfect < n_unexploited - 10 < 270


@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3", "go-3x3", "nogo-2x3", "breakthrough-3x3", "kalah-2-2"])
def test_the_proof_and_a_best_response_alone_give_what_the_expected_results_give(game_id: str) -> None:
    task = make_task(game_id)
    rng = np.random.default_rng(3)
    loss = task.solution.regret.astype(float)
    tried = [uniform_probabilities(task.graph)]
    tried += [action_probabilities(task.graph, rng.random(task.graph.n_edges) / scale - loss) for scale in (0.5, 2, 2, 4)]
    kinds = set()
    for weights in tried:
        found = results(task.graph, task.solution, weights).exploitability
        assert exploitability_of(task.graph, weights) == found
        proved = grades(task.graph, task.solution, weights)
        if proved.plays_perfectly:
            assert abs(found) < ROUNDING
        kinds.add(proved.plays_perfectly)
    assert kinds == ({False} if game_id.startswith("go") else {True, False})  # any optimal move on Go, and play may go round for ever


def seats(graph: GameGraph, weights: Float64s) -> tuple[Grades, float]:
    found = exploitability_of(graph, weights)
    assert found is not None
    return grades(graph, solve(graph), weights), found


def test_exploitability_0_is_not_enough() -> None:
    """Three graphs by hand; the first seat is worth +1 in the first, 0 in the second, and +1 in the third."""
    # 0 wins at once by moving to 1, where the other has lost, or moves to 2. A policy that wins first and, second, cannot be hurt.
    lost_anyway = graph_of({0: [1, 2], 2: [3, 4]}, {1: -1, 3: -1, 4: 1})
    proved, exploited = seats(lost_anyway, np.array([1.0, 0.0, 0.0, 1.0]))
    assert (exploited, proved.keeps_value_first, proved.keeps_value_second, proved.plays_perfectly) == (0.0, True, False, False)
    # From 0 one draws at 1 or moves to 2, from where the other wins at 3 or draws at 4: a win that is given back costs nothing.
    given_back = graph_of({0: [1, 2], 2: [3, 4]}, {1: 0, 3: -1, 4: 0})
    proved, exploited = seats(given_back, np.array([1.0, 0.0, 0.0, 1.0]))
    assert (exploited, proved.keeps_value_second, proved.plays_perfectly) == (0.0, False, False)
    # From 0 one wins at 1, or goes on to 2, which leads back: tossing, the game is won in the end; never winning, it is not.
    tossed = graph_of({0: [1, 2], 2: [0]}, {1: -1})
    proved, exploited = seats(tossed, np.array([0.5, 0.5, 1.0]))
    assert proved.stalls_first
    assert not proved.plays_perfectly
    assert exploited == pytest.approx(0.0, abs=ROUNDING)
    proved, exploited = seats(tossed, np.array([0.0, 1.0, 1.0]))
    assert (proved.keeps_value_first, proved.stalls_first, proved.plays_perfectly) == (True, True, False)
    assert exploited == 0.5  # it never wins what is worth +1 to the first seat


@pytest.mark.parametrize("weights", ["uniform", "semi_strong", "play"])
def test_the_error_rate_is_the_mean_chance_of_a_move_with_regret(weights: str) -> None:
    task = make_task("go-2x2", weights)
    chosen = random_weights(task.graph, 5)
    expected = 0.0
    for state in task.graph.positions:
        edges = range(task.graph.edge_start[state], task.graph.edge_start[state + 1])
        expected += float(task.weights[state]) * sum(float(chosen[edge]) for edge in edges if task.solution.regret[edge] > 0)
    assert error_rate(task, chosen) == pytest.approx(expected, abs=ROUNDING)
    assert error_rate(task, action_probabilities(task.graph, -task.solution.regret.astype(float))) == 0.0


def test_every_point_of_a_curve_has_both_also_where_no_results_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree on Go 2x3, as on a game with more states than SMALL: results at the first and the last budget only."""
    monkeypatch.setattr(measure, "SMALL", 0)
    task, learner = make_task("go-2x3"), make_learner("tree")
    curve = measure.measure_curve(task, learner, [2, 4, 8, 64], [], None, 0)
    assert [point.results is None for point in curve.points] == [False, True, True, False]
    for point in curve.points:
        policy = next(iter(learner.fit_path(task, [point.budget], 0)))
        chosen = action_probabilities(task.graph, policy.scores(task))
        assert point.exploitability == pytest.approx(results(task.graph, task.solution, chosen).exploitability, abs=ROUNDING)
        assert point.error_rate == error_rate(task, chosen)
        assert point.plays_perfectly is grades(task.graph, task.solution, chosen).plays_perfectly
    exploited = [point.exploitability or 0.0 for point in curve.points]
    assert curve.points[-1].plays_perfectly
    assert exploited[0] > exploited[-1] == 0.0


def test_the_error_rate_counts_positions_that_were_not_fitted_too() -> None:
    task, learner = make_task("tictactoe"), make_learner("table")
    part = fitted_part(task, 0.5, "boards", 0)
    (point,) = measure.measure_curve(task, learner, [1000], [], part, 0).points
    (seen,) = measure.measure_curve(part, learner, [1000], [], None, 0).points
    assert (seen.error_rate, seen.gain) == (0.0, 1.0)
    assert (point.error_rate or 0.0) > 0.0


def test_a_record_of_schema_5_has_the_exploitability_of_its_results() -> None:
    plain = {"budget": 1, "results": None}
    content = {"cell": {}, "points": [plain, {**plain, "results": {"exploitability": 0.25}}], "schema": 5}
    after = migrate(content)["points"]
    assert [(point["error_rate"], point["exploitability"]) for point in after] == [(None, None), (None, 0.25)]


def test_nothing_is_said_of_a_policy_without_the_proof() -> None:
    point = Point(1, 1, 1.0, 0.0, 8, 0, 0, 1.0, 0.0, None)
    assert point.plays_perfectly is None
    assert msgspec.structs.replace(point, grades={"keeps_value": True}).plays_perfectly is None
    for keeps, stalls, perfect in ((True, False, True), (True, True, False), (False, False, False)):
        assert msgspec.structs.replace(point, grades={"keeps_value": keeps, "stalls": stalls}).plays_perfectly is perfect
