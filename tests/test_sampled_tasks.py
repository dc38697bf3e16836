"""Tasks over a sample of the positions: what is drawn, by which oracle, what is fitted to it and what is measured on it."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.harness.policyfile import load_policy
from bench.measures.coding import encode_exceptions, exception_rate
from bench.measures.gain_error import gain_error
from bench.measures.heldout import held_out, sides_of
from games.errors import UsageError, WorkError
from games.registry import make_game
from games.solving.oracle import GraphOracle
from games.solving.store import load_truth
from policies.api import Task, action_probabilities, uniform_probabilities
from policies.position_weights import position_weights
from policies.registry import LEARNERS, make_learner
from policies.sampled_task import draw_by_weight, n_drawn, sample_options, sampled_task, table_of, task_over
from policies.task import BOARDS, POSITIONS, fitted_part, make_task
from tests.support.shell import Shell
from tests.test_heldout import QUICK, splitmix
from tests.test_open_graphs import edges_there


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def fitted_file(task: Task, name: str = "rulelist", budget: int = 8, **options: Any) -> bytes:
    learner = make_learner(name, sample_options(name, options))
    *_, policy = learner.fit_path(task, [budget], 0)
    return learner.encode(policy, task)


@pytest.mark.parametrize("game_id", ["go-2x4", "go-3x3"])
def test_from_graph_and_table_the_same_task_and_the_same_file(game_id: str) -> None:
    game = make_game(game_id)
    states = game.draw_states(300, 4)
    by_graph, by_table = (task_over(game, states, None, oracle) for oracle in (GraphOracle(*load_truth(game)), table_of(game)))
    for name in ("value", "lower", "upper", "edge_value", "regret"):
        one, other = getattr(by_graph.solution, name), getattr(by_table.solution, name)
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist()
    assert fitted_file(by_graph) == fitted_file(by_table)


def test_a_seed_draws_the_same_again_and_the_start_of_more() -> None:
    for game_id in ("go-2x4", "hex-3"):
        few, again, more, other = (
            sampled_task(game_id, n, seed).graph.states[:n].tolist() for n, seed in ((60, 7), (60, 7), (90, 7), (60, 8))
        )
        assert few == again == more[:60]
        assert few != other


def test_equal_weights_draw_the_smallest_hashes() -> None:
    """In plain Python; a priority 1 / u is largest where u, the hash, is smallest."""
    game = make_game("tictactoe")
    graph, solution = load_truth(game)
    states, weights = draw_by_weight(game, graph.states, position_weights(graph, solution), 100, 5)
    ranked = sorted(graph.states[graph.positions].tolist(), key=lambda state: splitmix(state ^ splitmix(5)))
    assert states.tolist() == ranked[:100]
    assert np.ptp(weights) == 0
    assert sampled_task("tictactoe", 100, 5).weights[:100] == pytest.approx(np.full(100, 0.01))


def test_sums_over_draws_by_weight_estimate_sums_over_all() -> None:
    """The mean over 400 seeds of an estimated sum of weights over part of the positions is exact within four of its standard errors."""
    game = make_game("go-2x3")
    graph, solution = load_truth(game)
    weights = position_weights(graph, solution, "play")
    order = np.argsort(graph.states)
    parts = np.random.default_rng(0).random((3, graph.n_states)) < 0.3
    found = []
    for seed in range(400):
        states, drawn = draw_by_weight(game, graph.states, weights, 50, seed)
        place = order[np.searchsorted(graph.states, states, sorter=order)]
        assert len(np.unique(place)) == 50
        found.append([float(drawn[part[place]].sum()) for part in parts])
    error = np.std(found, axis=0) / math.sqrt(400)
    assert np.all(np.abs(np.mean(found, axis=0) - [weights[part].sum() for part in parts]) < 4 * error)
    assert np.all(error > 0)
    everything, exact = draw_by_weight(game, graph.states, weights, int(np.count_nonzero(weights)), 0)
    assert exact == pytest.approx(weights[order[np.searchsorted(graph.states, everything, sorter=order)]])


def test_semi_strong_positions_alone_are_drawn_by_these_weights() -> None:
    graph, solution = load_truth(make_game("go-2x4"))
    careful = set(graph.states[position_weights(graph, solution, "semi_strong") > 0].tolist())
    task = sampled_task("go-2x4", 200, 0, "semi_strong")
    assert {*task.graph.states[:200].tolist()} <= careful
    assert task.weights[:200] == pytest.approx(np.full(200, 0.005))


def test_what_cannot_be_drawn_is_refused_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path))  # no table is kept there
    with pytest.raises(UsageError, match=r"^positions 0: give the number of positions to draw, a whole number from 1 up$"):
        sampled_task("tictactoe", 0, 0)
    with pytest.raises(WorkError, match=r"^tictactoe has 627 positions that count, not 628: ask for fewer$"):  # 765 states, 138 final
        sampled_task("tictactoe", 628, 0)
    with pytest.raises(WorkError, match=r"^go-4x5 is solved .* in minutes, not in seconds: run `gaincurve solve go-4x5 --keep` once$"):
        sampled_task("go-4x5", 10, 0)
    for weights in ("semi_strong", "play"):
        with pytest.raises(WorkError, match=r"^go-5x5 is too large to enumerate"):
            sampled_task("go-5x5", 10, 0, weights)


def test_a_number_held_out_comes_on_top() -> None:
    assert [n_drawn(100, *beside) for beside in ((None,), (0.2,), (30.0,), (30.0, 2))] == [100, 100, 130, 100]


NEED_ALL = ("shortest", "table", "symbolic")


def played(learner: Any, task: Task, other: Task) -> np.ndarray:
    """The scores on one task of the policy that a file fitted to another one decodes to."""
    *_, policy = learner.fit_path(task, [3], 0)
    return learner.decode(learner.encode(policy, task), other).scores(other)


@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_fits_a_sample_or_says_why_it_cannot(name: str) -> None:
    """A file of a sample is read on another sample, and there plays as on the closed graph."""
    task, other = sampled_task("go-2x3", 80, 0), sampled_task("go-2x3", 60, 1)
    options = dict(part.split("=") for part in QUICK.get(name, "").removeprefix(":").split(",") if part)
    learner = make_learner(name, sample_options(name, options))
    if name in NEED_ALL:
        with pytest.raises(UsageError, match=r"^an? .* needs every state that play can reach; this sample of go-2x3 has 1: [^\n]*$"):
            played(learner, task, task)
        return
    whole = make_task("go-2x3")
    n_edges = int(other.graph.edge_start[60])
    here, there = (played(learner, task, each) for each in (other, whole))
    assert here[:n_edges].tolist() == there[edges_there(other, 60)].tolist()


def test_exceptions_of_every_position_are_those_of_the_closed_graph_and_a_perfect_policy_has_none() -> None:
    task = make_task("go-2x3")
    scores = np.zeros(task.graph.n_edges)
    written = 8 * len(encode_exceptions(task.graph, scores, task.solution.optimal))
    assert exception_rate(task, scores, task.graph.positions) == written / len(task.graph.positions)
    some = task.graph.positions[::3]
    right_there = np.where(np.isin(task.graph.edge_parent, some), -task.solution.regret.astype(float), 0.0)
    assert exception_rate(task, right_there, some) == 0
    assert exception_rate(task, right_there, np.setdiff1d(task.graph.positions, some)) > 0.3


@pytest.mark.parametrize("split", [BOARDS, POSITIONS])
def test_the_error_of_the_fitted_gain_is_that_of_the_other_side(split: str) -> None:
    task = sampled_task("go-2x4", 400, 3)
    part = fitted_part(task, 150, split, 0)
    sides = sides_of(task, part, split)
    chosen = uniform_probabilities(task.graph) ** 2  # any policy will do: this one passes more than it plays
    chosen = chosen / np.bincount(task.graph.edge_parent, chosen)[task.graph.edge_parent]
    chosen[task.graph.edge_start[1:401] - 1] *= 0.5
    found, losses = held_out(sides, chosen, 8), sides.losses(chosen)
    kept = sides.is_fitted
    ratio = losses[kept].sum() / sides.uniform[kept].sum()
    apart, n = losses[kept] - ratio * sides.uniform[kept], int(kept.sum())
    assert found["error_fitted"] == pytest.approx(math.sqrt(apart @ apart * n / (n - 1)) / sides.uniform[kept].sum())
    assert sides.held_out_positions.tolist() == np.flatnonzero((task.weights > 0) & (part.weights == 0)).tolist()


def test_on_3x4_bands_of_two_errors_hold_the_truth() -> None:
    """Of 200 samples of 1,500 positions, the band of 1.96 standard errors holds the gain on all 162,624 positions in 90 to 99 %.

    The policy is a list of 16 rules fitted to another sample; with bands that hold it in 95 %, fewer than 90 or more than 99 % of 200
    have a probability below 0.004 (binomial).
    """
    learner = make_learner("rulelist", sample_options("rulelist", {"atoms": "single", "polish": False}))
    data = fitted_file(sampled_task("go-3x4", 3000, 999), budget=16, atoms="single", polish=False)
    whole = make_task("go-3x4")
    exact = whole.gain(action_probabilities(whole.graph, learner.decode(data, whole).scores(whole)))
    n_held = 0
    for seed in range(200):
        task = sampled_task("go-3x4", 1500, seed)
        chosen = action_probabilities(task.graph, learner.decode(data, task).scores(task))
        error = gain_error(task, chosen)
        assert error
        n_held += abs(task.gain(chosen) - exact) < 1.96 * error
    assert 180 <= n_held <= 198


def test_fit_says_what_a_sample_cannot_tell(shell: Shell) -> None:
    words = ("fit", "rulelist", "--game", "go-3x3", "--positions", "900", "--held-out", "300", "--split", "positions", "--budget", "4")
    answer = shell.json(*words, "--out", "four.policy")
    assert answer["asked"] == {"held_out": 300, "split": "positions", "positions": 900}
    assert (answer["held_out"]["n_fitted"], answer["held_out"]["n_held_out"]) == (900, 300)
    assert answer["options"] == {"code": "open", "language": "concepts+patterns"}
    assert [answer[name] for name in ("grades", "results", "weak")] == [None] * 3
    assert answer["bits"]["exceptions"] is answer["bits"]["codelength"] is None
    assert 0 < answer["bits"]["exceptions_a_position"] < 1
    assert 0 < answer["held_out"]["error_fitted"] < answer["held_out"]["error"] < 0.1
    _, out, _ = shell(*words)
    assert f"gain {answer['gain']:.4f} (residual {answer['residual']:.2g}) on positions fitted and held out together, fitted in" in out
    assert "grades, expected scores and games left need every position" in out
    assert (
        "fitted to 900 positions, gain {:.4f} (standard error {:.4f}) there; held out 300".format(
            answer["held_out"]["gain_fitted"], answer["held_out"]["error_fitted"]
        )
        in out
    )
    assert "proved" not in out
    task, _, policy, _ = load_policy(Path("four.policy"), positions=500, seed=9)
    assert len(task.graph.positions) == 500
    assert policy.size == 4
    assert "left to chance" in shell("explain", "four.policy", "--positions", "500")[1]


def test_the_gain_at_one_position_has_no_standard_error(shell: Shell) -> None:
    assert shell.json("score", "go_short", "--game", "go-3x3", "--positions", "1", "--seed", "1")["gain_error"] is None
    _, out, _ = shell("score", "go_short", "--game", "go-3x3", "--positions", "1", "--seed", "1")
    assert "one position gives the gain no standard error; grades, expected scores and games left need every position" in out
    assert "held out" not in out


def test_a_written_list_is_scored_on_a_sample(shell: Shell) -> None:
    answer = shell.json("score", "go_short", "--game", "go-3x3", "--positions", "400", "--seed", "2", "--out", "short.policy")
    assert answer["gain_error"] > 0
    assert answer["grades"] is None
    assert load_policy(Path("short.policy"), positions=400, seed=2)[2].size == answer["size"]
