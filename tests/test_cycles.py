"""Play that goes round in circles: exact where a component is small, bounded elsewhere, however rarely play leaves it.

The right numbers come from algebra (ladders), from rational arithmetic (`fractions`), and from scipy's sparse LU on Go.
"""

import functools
import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np
import pytest
from scipy.sparse import csr_matrix, identity
from scipy.sparse.linalg import spsolve

from bench.cli.diff import _row
from bench.cli.measures import measures, print_measures
from bench.harness import measure
from bench.harness.point import Point, bounds, in_words
from bench.harness.records import Record
from bench.measures.elimination import eliminate
from bench.measures.expected_scores import Results, results
from bench.measures.play_graph import PlayGraph, play_graph
from bench.report.parts.game_tables import POINT_COLUMNS, _point_values
from bench.report.parts.losses import loss_rate
from bench.runs.diff import BY_NAME, exact_changes
from bench.runs.export import Source
from bench.suites.grid import Cell
from games.arrays import Bools, Float64s
from games.contract import Game
from games.solving.graph import GameGraph
from games.solving.solve import Solution, solve
from policies.api import action_probabilities, uniform_probabilities
from policies.registry import make_learner
from policies.task import make_task
from tests.test_measure import graph_of, random_graph, random_weights

Solved = tuple[Game, GameGraph, Solution]


def ladder(n_rungs: int, n_moves: int) -> GameGraph:
    """State 2 * rung + side. The first move climbs a rung, the others fall to the lowest; the top is a win of the first player, side 0."""
    moves = {2 * r + s: [2 * (r + 1) + 1 - s] + [1 - s] * (n_moves - 1) for r in range(n_rungs) for s in (0, 1)}
    return graph_of(moves, {2 * n_rungs: 1, 2 * n_rungs + 1: -1})


# Two or more moves and two or more rungs. Uniform play climbs n_rungs times in a row, with probability n_moves^-n_rungs, and else tries
# again, so it reaches the top with probability one: payoff 1 to the first player. A second player who falls whenever it moves keeps the
# first from ever climbing twice: 0. A first player who climbs whenever it moves needs the second to climb by chance every other time,
# which happens in the end: 1. So exploitability is (0 + 1) / 2.
LADDERS = [
    *((3, 2), (4, 1000), (10, 40), (30, 2), (36, 2), (50, 2), (64, 2), (18, 2), (6, 12), (2, 2000), (2, 2), (2, 3)),
    *((499, 2), (499, 3), (499, 300), (999, 2), (999, 40)),  # 300^-499 is no float64
]


@pytest.mark.parametrize(("n_rungs", "n_moves"), LADDERS)
def test_uniform_play_on_a_ladder(n_rungs: int, n_moves: int) -> None:
    graph = ladder(n_rungs, n_moves)
    found = results(graph, solve(graph), uniform_probabilities(graph))
    assert found.is_exact
    assert found.exploitability == pytest.approx(0.5, abs=1e-12)
    assert found.first.itself == pytest.approx((1, 1, 0, 0), abs=1e-12)
    assert found.second.itself == pytest.approx((-1, 0, 0, 1), abs=1e-12)
    assert (found.first.best, found.second.best) == pytest.approx((0, -1), abs=1e-12)
    assert (found.first.best_loss, found.second.best_loss) == pytest.approx((0, 1), abs=1e-12)


def test_a_ladder_that_is_swept_in_vain_is_not_called_exact() -> None:
    graph = ladder(64, 2)
    found = results(graph, solve(graph), uniform_probabilities(graph), max_exact=0, max_sweeps=500)
    assert not found.is_exact
    assert found.low is not None
    assert found.high is not None
    assert found.low.first.itself.payoff <= 1 <= found.high.first.itself.payoff
    assert found.low.exploitability <= 0.5 <= found.high.exploitability


# What a chain is worth is a system of equations in rational numbers: floats are fractions, and so are their sums.


def test_one_opponent_that_is_not_settled_is_enough_to_give_bounds() -> None:
    """Whoever ends the game wins. Only two players who hardly ever end it take long: the first wins x = .001 + .999 * (1 - x)."""
    graph = graph_of({0: [0, 1]}, {1: -1})
    weights = np.array([0.999, 0.001])
    found = results(graph, solve(graph), weights, max_exact=0, max_sweeps=100)
    assert not found.is_exact
    assert found.low is not None
    assert found.high is not None
    exact = 2 * (1 / 1.999) - 1
    assert found.low.first.itself.payoff <= exact <= found.high.first.itself.payoff
    settled = results(graph, solve(graph), weights)
    assert settled.is_exact
    assert settled.first.itself.payoff == pytest.approx(exact, abs=1e-12)


def exact_chain(rows: list[dict[int, Fraction]], worth: dict[int, Fraction]) -> list[Fraction]:
    """Expected worth of the end, from each node: `rows` gives the chances of its children, none for an end; endless play is worth 0."""
    ending = set(worth)
    while more := {i for i, row in enumerate(rows) if i not in ending and any(child in ending for child in row)}:
        ending |= more
    inner = [i for i in sorted(ending) if i not in worth]
    left = {i: {j: p for j, p in rows[i].items() if j in ending and j not in worth} for i in inner}
    right = {i: sum((p * worth[j] for j, p in rows[i].items() if j in worth), Fraction(0)) for i in inner}
    for i in inner:
        stays = left[i].pop(i, Fraction(0))
        left[i] = {j: p / (1 - stays) for j, p in left[i].items()}
        right[i] /= 1 - stays
        for k in inner:
            if k != i and (p := left[k].pop(i, None)):
                right[k] += p * right[i]
                for j, q in left[i].items():
                    left[k][j] = left[k].get(j, Fraction(0)) + p * q
    values = {**worth, **right}
    return [values.get(i, Fraction(0)) for i in range(len(rows))]


def rows_of(graph: GameGraph, policy: Float64s, opponent: Float64s) -> list[dict[int, Fraction]]:
    """Nodes 2 * state + role; chances in each row add up to one exactly, as they are meant to."""
    rows: list[dict[int, Fraction]] = []
    for node in range(2 * graph.n_states):
        chances = policy if node & 1 == 0 else opponent
        row: dict[int, Fraction] = {}
        for edge in range(graph.edge_start[node >> 1], graph.edge_start[(node >> 1) + 1]):
            if chances[edge] > 0:
                child = 2 * int(graph.edge_child[edge]) + 1 - (node & 1)
                row[child] = row.get(child, Fraction(0)) + Fraction(float(chances[edge]))
        whole = sum(row.values(), Fraction(0))
        rows.append({child: p / whole for child, p in row.items()})
    return rows


def worth_of(graph: GameGraph, of: Callable[[int], int]) -> dict[int, Fraction]:
    return {
        2 * int(s) + role: Fraction(of(int(graph.payoff[s]) * (1 - 2 * role))) for s in np.flatnonzero(graph.terminal) for role in (0, 1)
    }


def payoff_of(payoff: int) -> int:
    return payoff


def is_loss(payoff: int) -> int:
    return int(payoff < 0)


def exact_results(graph: GameGraph, policy: Float64s) -> tuple[list[Fraction], list[Fraction], list[Fraction], list[Fraction]]:
    """Payoff and loss against a uniform opponent; least payoff and largest loss over all deterministic responses; by seat."""
    uniform = rows_of(graph, policy, uniform_probabilities(graph))
    payoff, loss = (exact_chain(uniform, worth_of(graph, of))[:2] for of in (payoff_of, is_loss))
    least, most = [Fraction(99)] * 2, [Fraction(-1)] * 2
    choices = [range(graph.edge_start[s], graph.edge_start[s + 1]) for s in range(graph.n_states) if not graph.terminal[s]]
    for chosen in itertools.product(*choices):
        response = np.zeros(graph.n_edges)
        response[list(chosen)] = 1.0
        rows = rows_of(graph, policy, response)
        least = [min(pair) for pair in zip(least, exact_chain(rows, worth_of(graph, payoff_of))[:2], strict=True)]
        most = [max(pair) for pair in zip(most, exact_chain(rows, worth_of(graph, is_loss))[:2], strict=True)]
    return payoff, loss, least, most


def numbers(found: Results) -> list[float]:
    seats = (found.first, found.second)
    return [
        *(seat.uniform.payoff for seat in seats),
        *(seat.uniform.loss for seat in seats),
        *(seat.best for seat in seats),
        *(seat.best_loss for seat in seats),
    ]


def rare(graph: GameGraph, seed: int) -> Float64s:
    """A policy that chooses some moves with probabilities down to 2^-60."""
    rng = np.random.default_rng([seed, 2])
    return random_weights(graph, seed) if seed % 3 == 0 else _normed(graph, 2.0 ** -rng.integers(0, 61, graph.n_edges))


def _normed(graph: GameGraph, weights: Float64s) -> Float64s:
    return weights / np.bincount(graph.edge_parent, weights, graph.n_states)[graph.edge_parent]


@pytest.mark.parametrize("seed", range(24))
def test_random_graphs_agree_with_fractions_and_all_responses(seed: int) -> None:
    graph = random_graph(seed, n_positions=4)
    policy = rare(graph, seed)
    right = [float(value) for row in exact_results(graph, policy) for value in row]
    found = results(graph, solve(graph), policy)
    assert found.is_exact
    assert numbers(found) == pytest.approx(right, rel=1e-12, abs=1e-14)
    for max_sweeps in (1, 3, 10, 2_000):  # every component counts as large
        swept = results(graph, solve(graph), policy, max_exact=0, max_sweeps=max_sweeps)
        low, high = (swept.low or swept, swept.high or swept)
        slack = 1e-12 if swept.low else swept.error + 1e-12
        assert all(a - slack <= b <= c + slack for a, b, c in zip(numbers(low), right, numbers(high), strict=True))


def test_sweeps_meet_where_play_leaves_soon() -> None:
    graph = random_graph(1)
    policy = uniform_probabilities(graph)
    exact = results(graph, solve(graph), policy)
    swept = results(graph, solve(graph), policy, max_exact=0)
    assert swept.is_exact
    assert 0 < swept.error <= 5e-10
    assert numbers(swept) == pytest.approx(numbers(exact), abs=1e-9)


def test_elimination_keeps_every_digit_of_rare_events() -> None:
    """From 0 to 1 and back, leaving 0 with chance 2^-900 for an exit worth 3, and 1 with chance 2^-901 for one worth 0: 2 and 2."""
    tiny = 2.0**-900
    found = eliminate(
        np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32), np.ones(2), np.array([tiny, tiny / 2]), np.array([[3 * tiny], [0.0]])
    )
    assert found[:, 0] == pytest.approx([2, 2], rel=1e-15)


# Random policies on Go, by scipy's sparse LU, whose condition is good there, and by policy iteration over it.


def lu_values(matrix: Any, ends: Float64s, settled: Bools) -> Float64s:
    """The solution of v = ends where settled, else v = matrix v, from a sparse LU."""
    n = len(ends)
    keep = csr_matrix((1.0 * ~settled, (np.arange(n), np.arange(n))), (n, n))
    values: Float64s = spsolve((identity(n, format="csr") - keep @ matrix).tocsc(), np.where(settled, ends, 0.0))
    return values


def can_end(matrix: Any, over: Bools) -> Bools:
    while (more := over | ((matrix > 0) @ over)).sum() > over.sum():
        over = more
    return over


def lu_chain(play: PlayGraph) -> Float64s:
    n = len(play.nodes)
    matrix = csr_matrix((play.probability, play.child, play.start), (n, n), copy=True)
    over = np.diff(play.start) == 0
    settled = over | ~can_end(matrix, over)
    return lu_values(matrix, play.ends(), settled)[play.starts]


def lu_response(play: PlayGraph, ends: Float64s) -> Float64s:
    """The most that a responder can make of ends worth so much to it, where it may also stop for nothing if it can surely go on."""
    n, over = len(play.nodes), np.diff(play.start) == 0
    parent = np.repeat(np.arange(n), np.diff(play.start))
    goes_on, n_moves = ~over, np.diff(play.start)
    while True:
        inside = np.bincount(parent, goes_on[play.child], n)
        fewer = goes_on & (inside > 0) & (play.opponents | (inside == n_moves))
        if (fewer == goes_on).all():
            break
        goes_on = fewer
    values = np.where(over, ends, -np.abs(ends).max())
    for _ in range(3_000):
        best = np.full(n, -np.inf)
        np.maximum.at(best, parent, values[play.child])
        mean = np.bincount(parent, play.probability * values[play.child], n)
        new = np.where(over, ends, np.where(play.opponents, best, mean))
        new = np.where(goes_on & play.opponents, np.maximum(new, 0.0), new)
        if (new == values).all():
            break
        values = new
    return values[play.starts]


BOARDS = {"go-1x5": 73, "go-2x2": 73, "go-1x6": 73, "go-2x3": 73, "go-2x4": 73}


def check_random_policy(graph: GameGraph, solution: Solution, seed: int) -> None:
    rng = np.random.default_rng([seed, 3])
    kind = seed % 4
    weights = (
        _normed(graph, rng.random(graph.n_edges) + 0.01) if kind == 0
        else action_probabilities(graph, rng.random(graph.n_edges)) if kind == 1
        else action_probabilities(graph, rng.integers(0, 3, graph.n_edges).astype(float)) if kind == 2
        else random_weights(graph, seed)
    )  # fmt: skip
    found = results(graph, solution, weights)
    assert found.is_exact
    uniform = play_graph(graph, weights, uniform_probabilities(graph))
    payoffs = [seat.uniform.payoff for seat in (found.first, found.second)]
    assert payoffs == pytest.approx(list(lu_chain(uniform)), abs=1e-9)
    itself = play_graph(graph, weights, weights)
    assert [seat.itself.payoff for seat in (found.first, found.second)] == pytest.approx(list(lu_chain(itself)), abs=1e-9)
    ends = -uniform.ends()
    best = [-seat.best for seat in (found.first, found.second)]
    assert best == pytest.approx(list(lu_response(uniform, ends)), abs=1e-9)
    losses = [seat.best_loss for seat in (found.first, found.second)]
    assert losses == pytest.approx(list(lu_response(uniform, (ends > 0).astype(float))), abs=1e-9)


@pytest.mark.parametrize("board", BOARDS)
def test_a_few_random_policies_on_go(solved: Callable[[str], Solved], board: str) -> None:
    _, graph, solution = solved(board)
    for seed in range(4):
        check_random_policy(graph, solution, seed)


@pytest.mark.slow
@pytest.mark.parametrize("board", BOARDS)
def test_random_policies_on_go(solved: Callable[[str], Solved], board: str) -> None:
    _, graph, solution = solved(board)
    for seed in range(BOARDS[board]):
        check_random_policy(graph, solution, seed)


def test_go_3x4_is_known_to_a_billionth(solved: Callable[[str], Solved]) -> None:
    """Its component has 325,712 nodes. Bounds are checked against far more sweeps, synchronous ones in numpy, from both ends."""
    _, graph, solution = solved("go-3x4")
    found = results(graph, solution, uniform_probabilities(graph))
    assert found.is_exact
    assert found.error <= 5e-10
    play = play_graph(graph, uniform_probabilities(graph), uniform_probabilities(graph))
    matrix = csr_matrix((play.probability, play.child, play.start), (len(play.nodes),) * 2, copy=True)
    ends, over = play.ends(), np.diff(play.start) == 0
    values = ends.copy()
    for _ in range(400):
        values = np.where(over, ends, matrix @ values)
    assert [found.first.uniform.payoff, found.second.uniform.payoff] == pytest.approx(list(values[play.starts]), abs=1e-9)


@pytest.fixture
def bounded(monkeypatch: pytest.MonkeyPatch) -> Point:
    """A point whose expected results were swept in vain: the uniform policy on Go 2x3, three sweeps."""
    monkeypatch.setattr(measure, "results", functools.partial(results, max_exact=0, max_sweeps=3))
    task, learner = make_task("go-2x3"), make_learner("uniform")
    return measure.measure_policy(task, learner, next(iter(learner.fit_path(task, [1], 0))), 1, 0.0, with_results=True)[0]


def test_a_record_keeps_bounds_and_whatever_prints_a_number_prints_them(bounded: Point, capsys: pytest.CaptureFixture[str]) -> None:
    """The exact numbers are those of elimination, which fractions confirm above."""
    kept = msgspec.json.decode(msgspec.json.encode(bounded), type=Point)
    assert kept == bounded
    found = kept.results or {}
    task = make_task("go-2x3")
    exact = results(task.graph, task.solution, uniform_probabilities(task.graph))
    assert found["is_exact"] is False
    for name in ("exploitability", "loss_rate", "best_loss_rate"):
        assert found["low"][name] < found["high"][name]
        assert found["low"][name] <= getattr(exact, name) <= found["high"][name]
        assert kept.bounds(name) == (found["low"][name], found["high"][name])
    assert found["low"]["first"]["uniform"]["payoff"] < exact.first.uniform.payoff < found["high"]["first"]["uniform"]["payoff"]

    low, high = found["low"], found["high"]
    losses, exploited = f"{low['loss_rate']:.2%} to {high['loss_rate']:.2%}", f"{low['exploitability']:.4f} to {high['exploitability']:.4f}"
    print_measures({**measures(kept), "game": "go-2x3", "unit": "units", "file": None}, "uniform", "as asked")
    printed = capsys.readouterr().out
    assert f"loses to a uniform opponent {losses}, to the best " in printed
    assert f"exploitability {exploited};" in printed
    shown = dict(zip((column.key for column in POINT_COLUMNS), _point_values(kept), strict=True))
    assert (shown["loss_rate"], shown["exploitability"]) == (losses, exploited)
    assert loss_rate(kept, "loss_rate") is None  # no curve is drawn through numbers that are not known

    row = Source("run", Cell("go-2x3", "uniform", "uniform"), "measured", point=kept)
    assert BY_NAME["exploitability_low"].value(row) == low["exploitability"]
    assert BY_NAME["loss_rate_high"].value(row) == high["loss_rate"]


def test_runs_differ_only_where_bounds_are_apart(bounded: Point) -> None:
    results_there = bounded.results or {}
    inside = {**results_there, "is_exact": True, "exploitability": sum(bounded.bounds("exploitability") or ()) / 2}
    below = {**inside, "exploitability": -1.0}
    cell = Cell("go-2x3", "uniform", "uniform")
    records = [
        Record(cell, cell.id, "key", points=[msgspec.structs.replace(bounded, results=one, exploitability=one["exploitability"])])
        for one in (results_there, inside, below)
    ]
    assert "exploitability" not in [change.measure for change in exact_changes(records[0], records[1])]
    changes = {change.measure: change for change in exact_changes(records[0], records[2])}
    assert changes["exploitability"].bounds_before == bounded.bounds("exploitability")
    assert " to " in str(_row([changes["exploitability"]])[5])


def test_records_without_bounds_are_read_as_they_were() -> None:
    older = {"exploitability": 1.5, "converged": True, "error": 1e-11}
    assert bounds(older, "exploitability") is None
    assert in_words(older, "exploitability", ".4f") == "1.5000"
    assert in_words({"exploitability": -1e-12}, "exploitability", ".4f") == "0.0000"
