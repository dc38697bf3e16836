"""Measures of a policy on a sample of the positions: the gain with its standard error, and None for whatever needs all of them."""

import math
from typing import Any

import msgspec
import numpy as np
import pytest

from bench.cli.measures import measures, print_measures
from bench.harness.measure import measure_curve, measure_policy
from bench.harness.point import Point, shortest_file
from bench.harness.store import CellStatus
from bench.measures.coding import describe
from bench.measures.gain_error import gain_error
from bench.report.parts.game_tables import CURVE_COLUMNS, POINT_COLUMNS, _curve_values, _point_values, proved
from bench.report.parts.measures import about_tails
from bench.runs.diff import _side_by_side
from bench.runs.export import COLUMNS, Source
from bench.scaling.axis import axis_rows
from bench.suites.grid import Cell
from bench.tails.curves import curve_of_record
from games.errors import UsageError, WorkError
from games.registry import make_game
from games.solving.oracle import GraphOracle, solve_sample
from games.solving.sample import draw_states, sample_graph
from games.solving.store import load_truth
from policies.api import Task, action_probabilities
from policies.language.atoms import Literal
from policies.position_weights import position_weights
from policies.registry import make_learner
from policies.rules.rulelist import RuleList
from tests.support.planted_runs import graded_record
from tests.test_open_graphs import edges_there

LIST = RuleList("first-match", ((Literal("concept", 0),), (Literal("concept", 2),)))
GAME = "go-3x3"


def sampled_task(n: int, seed: int) -> Task:
    game = make_game(GAME)
    graph = sample_graph(game, draw_states(game, n, seed), 1)
    return Task(game, graph, solve_sample(graph, GraphOracle(*load_truth(game))), position_weights(graph, None))


def whole_task() -> Task:
    game = make_game(GAME)
    graph, solution = load_truth(game)
    return Task(game, graph, solution, position_weights(graph, solution))


def losses(task: Task) -> list[tuple[float, float]]:
    """For each sampled position the mean regret of the moves that LIST chooses, and of all moves."""
    graph, scores = task.graph, LIST.scores(task).tolist()
    found = []
    for position in graph.positions.tolist():
        edges = range(graph.edge_start[position], graph.edge_start[position + 1])
        best = max(scores[edge] for edge in edges)
        chosen = [int(task.solution.regret[edge]) for edge in edges if scores[edge] == best]
        every = [int(task.solution.regret[edge]) for edge in edges]
        found.append((sum(chosen) / len(chosen), sum(every) / len(every)))
    return found


def error_of(task: Task) -> float:
    found = gain_error(task, action_probabilities(task.graph, LIST.scores(task)))
    assert found is not None
    return found


def test_the_error_of_a_gain_is_that_of_a_ratio() -> None:
    """Written out in plain Python, and held against the jackknife, which leaves out each position in turn (Tukey 1958)."""
    task = sampled_task(150, 3)
    pairs = losses(task)
    n, ratio = len(pairs), sum(x for x, _ in pairs) / sum(y for _, y in pairs)
    mean = sum(y for _, y in pairs) / n
    variance = sum((x - ratio * y) ** 2 for x, y in pairs) / (n - 1) / n / mean**2
    assert error_of(task) == pytest.approx(math.sqrt(variance))
    total_x, total_y = (sum(column) for column in zip(*pairs, strict=True))
    without = [(total_x - x) / (total_y - y) for x, y in pairs]
    centre = sum(without) / n
    jackknife = math.sqrt((n - 1) / n * sum((each - centre) ** 2 for each in without))
    assert error_of(task) == pytest.approx(jackknife, rel=0.05)


def test_gains_of_samples_spread_as_far_as_their_error() -> None:
    """Over 400 samples the root mean square of (gain - exact gain) / error is 1 within 4 of its own errors, 1 / sqrt(2 * 400)."""
    whole, n_samples = whole_task(), 400
    exact = whole.gain(action_probabilities(whole.graph, LIST.scores(whole)))
    n_positions = len(whole.graph.positions)
    off = []
    for seed in range(n_samples):
        task = sampled_task(60, seed)
        off.append((task.gain(action_probabilities(task.graph, LIST.scores(task))) - exact) / error_of(task))
    assert 60 / n_positions < 0.05  # so the sample is small beside the population, as the formula supposes
    assert np.sqrt(np.mean(np.square(off))) == pytest.approx(1, abs=4 / math.sqrt(2 * n_samples))


def test_an_exact_gain_and_one_position_have_no_error() -> None:
    whole, alone = whole_task(), next(task for seed in range(50) if (task := sampled_task(1, seed)).uniform_regret > 0)
    for task in (whole, alone):
        assert gain_error(task, action_probabilities(task.graph, LIST.scores(task))) is None


OPEN = {"language": "concepts+patterns", "code": "open"}


@pytest.mark.parametrize(
    ("name", "options"), [("rulelist", OPEN), ("weighted", OPEN), ("tree", OPEN), ("uniform", {}), ("network", {"steps": 50})]
)
def test_a_policy_is_measured_on_a_sample(name: str, options: dict[str, Any]) -> None:
    """Gain and regret are those of the sampled positions; whatever needs all positions is None, in tables and exports too."""
    task, learner = sampled_task(100, 0), make_learner(name, options)
    *_, policy = learner.fit_path(task, [5], 0)
    point, data = measure_policy(task, learner, policy, 5, 0.0, with_results=True)
    assert (point.exception_bits, point.codelength, point.grades, point.results, point.games_left) == (None,) * 5
    assert (point.weak, point.exploitability, point.plays_perfectly, point.digits_left) == (None,) * 4
    assert point.policy_bits == 8 * len(data)
    whole = whole_task()
    edges = edges_there(task, 100)
    regret = np.add.reduceat(
        action_probabilities(whole.graph, policy.scores(whole))[edges] * whole.solution.regret[edges], task.graph.edge_start[:100]
    )
    assert point.regret == pytest.approx(regret.mean())
    assert point.gain == pytest.approx(1 - regret.mean() / task.uniform_regret)
    assert point.gain_error == gain_error(task, action_probabilities(task.graph, policy.scores(task)))
    assert point.gain_error is not None
    assert (0 < point.gain_error < 0.2) == (name != "uniform")  # there the ratio is 1 in every position
    assert proved(point) is None
    values = dict(zip([column.key for column in POINT_COLUMNS], _point_values(point), strict=True))
    assert values["policy_bits"] == point.policy_bits
    assert values["codelength"] is values["optimal_everywhere"] is values["loss_rate"] is None
    columns = {column.name: column.value(Source("", Cell(GAME, name, name), "", point=point)) for column in COLUMNS}
    assert columns["gain_error"] == point.gain_error
    assert columns["exception_bits"] is columns["codelength"] is columns["never_loses"] is columns["exploitability"] is None
    assert point.is_proved("never_loses") is None
    with pytest.raises(WorkError, match=r"^a sample of positions has no codelength"):
        _ = describe(task, learner, policy).codelength


def test_on_the_closed_graph_everything_is_measured() -> None:
    task, learner = whole_task(), make_learner("rulelist", {"language": "concepts", "code": "open"})
    *_, policy = learner.fit_path(task, [3], 0)
    point, _ = measure_policy(task, learner, policy, 3, 0.0, with_results=True)
    assert point.gain_error is None
    assert point.exception_bits is not None
    assert point.is_proved("never_loses") is False
    assert point.results
    assert point.games_left
    assert point.gain == task.gain(action_probabilities(task.graph, policy.scores(task)))


@pytest.mark.parametrize("options", [{"architecture": "mlp"}, {"architecture": "conv"}, {"method": "raw", "equivariant": True}])
def test_a_network_fitted_to_a_sample_plays_the_same_on_the_whole_graph(options: dict[str, object]) -> None:
    """Its file names no positions: read on either graph, moves of the sampled positions have equal scores."""
    task, whole, learner = sampled_task(100, 1), whole_task(), make_learner("network", {"steps": 20, **options})
    *_, policy = learner.fit_path(task, [4], 0)
    data = learner.encode(policy, task)
    assert learner.encode(policy, whole) == data
    there = learner.decode(data, whole).scores(whole)
    here = learner.decode(data, task).scores(task)
    assert len(set(here.tolist())) > 10
    assert here[: int(task.graph.edge_start[100])].tolist() == there[edges_there(task, 100)].tolist()


def test_a_whole_curve_is_measured_on_a_sample() -> None:
    task, learner = sampled_task(80, 2), make_learner("rulelist", OPEN)
    curve = measure_curve(task, learner, [1, 3], [1], None, 0)
    assert [point.budget for point in curve.points] == [1, 3]
    assert all(point.grades is None and point.gain_error is not None for point in curve.points)


def test_who_reads_records_copes_with_points_of_a_sample(capsys: pytest.CaptureFixture[str]) -> None:
    """Tables leave out exceptions, grades and results; the tail of exceptions is refused in one line."""
    points = [
        Point(n, n, 0.2 * n, 1 - 0.2 * n, 16 * n, None, 100, 3.0, 0.1, None, missing_bits=1.0 / n, gain_error=0.01) for n in (1, 2, 4)
    ]
    record = graded_record(GAME, "rulelist", points)
    assert shortest_file(points) is None
    known = msgspec.structs.replace(points[1], exception_bits=40)
    assert shortest_file([*points, known]) is known
    (row,) = axis_rows([(record.cell, CellStatus("measured", "", record))])
    assert (row.codelength, row.ratio, row.exceptions_alone) == (None, None, None)
    assert len(curve_of_record(record).sizes) == 4
    with pytest.raises(UsageError, match="was measured on a sample of positions, which has no exceptions"):
        curve_of_record(record, "exceptions")
    assert about_tails([record]) == []
    assert not {"codelength", "never_loses", "loss_rate"} & {measure for _, measure, _, _ in _side_by_side([record], [record])}
    assert dict(zip([column.key for column in CURVE_COLUMNS], _curve_values("a list", record), strict=True))["codelength"] is None
    assert [point.codelength for point in points] == [None] * 3
    print_measures({"game": GAME, "unit": "rules", "file": None, **measures(points[0])}, "rulelist", "fitted")
    said = capsys.readouterr().out
    assert "16 policy" in said
    assert "proved" not in said
    assert "uniform opponent" not in said
    assert said.endswith("3.0 operations a decision\n")
