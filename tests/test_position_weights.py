"""Positions of semi-strong solutions and effective numbers of positions, against plain Python and published counts."""

import functools
import json
from typing import Any

import numpy as np
import pytest

import gaincurve
from bench.suites.grid import Cell, cells
from bench.suites.load import parse_suite
from games.errors import UsageError
from games.solving.semi_strong import semi_strong
from policies.position_weights import effective_positions, position_weights, read_kind
from policies.task import make_task
from tests.support.shell import Shell
from tests.twins.boards import NimTwin, TicTacToeTwin


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capfd)


def met_in_lines(twin: Any) -> tuple[set[int], set[int]]:
    """Every line from the start, on boards as they are played: packed canonical positions by whether the careful player is to move."""

    @functools.cache
    def value(state: Any) -> int:
        moves = twin.moves(state)
        return max(-value(child) for _, child in moves) if moves else twin.payoff(state)

    met: tuple[set[int], set[int]] = set(), set()
    pending, seen = [(twin.start(), True), (twin.start(), False)], set()
    while pending:
        state, is_careful = pending.pop()
        moves = twin.moves(state)
        if (state, is_careful) in seen or not moves:
            continue
        seen.add((state, is_careful))
        met[not is_careful].add(twin.pack(twin.canonical(state)))
        pending += [(child, not is_careful) for _, child in moves if not is_careful or -value(child) == value(state)]
    return met


@pytest.mark.parametrize(
    ("game_id", "twin"), [("tictactoe", TicTacToeTwin()), ("nim-1-2-3", NimTwin((1, 2, 3))), ("nim-3-4-5", NimTwin((3, 4, 5)))]
)
def test_the_semi_strong_positions_are_those_of_all_lines_with_one_careful_player(game_id: str, twin: Any) -> None:
    task = make_task(game_id)
    world, states = semi_strong(task.graph, task.solution), task.graph.states
    mover, other = met_in_lines(twin)
    assert {int(state) for state in states[world.mover]} == mover
    assert {int(state) for state in states[world.other]} == other
    assert {int(state) for state in states[world.region]} == mover | other


@pytest.mark.parametrize(("game_id", "careful", "region"), [("go-3x3", 2_041, 2_164), ("go-2x5", 15_104, 15_406)])
def test_counts_of_go_by_another_program(shell: Shell, game_id: str, careful: int, region: int) -> None:
    """The counts were made by an independent script before this function was written; Go 3x4 has 58,280 and 80,059."""
    answer = shell.json("solve", game_id)
    assert (answer["positions_semi_strong"], answer["positions_semi_strong_region"]) == (careful, region)
    task = make_task(game_id, "semi_strong")
    assert np.count_nonzero(task.weights) == careful
    assert effective_positions(task.weights) == pytest.approx(careful)


@pytest.mark.slow
def test_counts_of_go_3x4_by_another_program() -> None:
    task = make_task("go-3x4")
    world = semi_strong(task.graph, task.solution)
    assert (int(world.mover.sum()), int(world.region.sum())) == (58_280, 80_059)


def test_strong_is_uniform_everywhere(shell: Shell) -> None:
    assert np.array_equal(make_task("tictactoe", "strong").weights, make_task("tictactoe", "uniform").weights)
    assert Cell("tictactoe", "table", "table", weights="strong") == Cell("tictactoe", "table", "table", weights="uniform")
    text = 'name = "a"\ngames = ["tictactoe"]\nweights = "WEIGHTS"\n[[learners]]\nname = "table"\n'
    strong, uniform = (cells(parse_suite(text.replace("WEIGHTS", name), "a.toml")) for name in ("strong", "uniform"))
    assert strong == uniform
    asked = ("fit", "rulelist", "--game", "tictactoe", "--budget", "2", "--weights")
    assert (found := shell.json(*asked, "strong")).pop("seconds") > 0
    assert (expected := shell.json(*asked, "uniform")).pop("seconds") > 0
    assert found == expected
    assert found["weights"] == "uniform"


def test_a_fit_to_the_semi_strong_world_counts_no_other_position(shell: Shell) -> None:
    """The gain is one minus the share of random play's regret that is left at the positions of the world, each counted once."""
    fitted = gaincurve.fit("tictactoe", "rulelist", 4, weights="semi_strong")
    task, world = make_task("tictactoe"), semi_strong(make_task("tictactoe").graph, make_task("tictactoe").solution)
    graph, regret = task.graph, task.solution.regret.astype(float)
    left, bare = 0.0, 0.0
    for state in np.flatnonzero(world.mover):
        edges = slice(graph.edge_start[state], graph.edge_start[state + 1])
        scores = fitted.scores()[edges]
        left += regret[edges][scores == scores.max()].mean()
        bare += regret[edges].mean()
    assert fitted.gain == pytest.approx(1 - left / bare)
    status, out, _ = shell("fit", "rulelist", "--game", "tictactoe", "--budget", "4", "--weights", "semi_strong")
    assert status == 0
    assert "means by weights semi_strong: worth 440.0 positions of equal weight" in out


def test_effective_positions_of_play_are_fewer_than_its_positions() -> None:
    weights = make_task("tictactoe", "play").weights
    expected = 1 / sum(weight * weight for weight in weights.tolist())
    assert effective_positions(weights) == pytest.approx(expected)
    assert 1 < expected < np.count_nonzero(weights)


def test_records_hold_the_effective_number_and_their_quantum_is_its_inverse(tmp_path: Any) -> None:
    from bench.harness.cell import measure_cell
    from bench.tails.curves import curve_of_record

    record, _ = measure_cell(Cell("tictactoe", "table", "table", budgets=[1, 4, 9], weights="play"), "key")
    weights = make_task("tictactoe", "play").weights
    assert record.effective_positions == pytest.approx(1 / np.square(weights).sum())
    assert curve_of_record(record).quantum == pytest.approx(np.square(weights).sum())
    assert json.loads(json.dumps(record.effective_positions)) == record.effective_positions


def test_unknown_weights_are_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown weights 'semi-strong': did you mean semi_strong"):
        read_kind("semi-strong")
    with pytest.raises(UsageError, match="did you mean"):
        position_weights(make_task("tictactoe").graph, None, "stong")
