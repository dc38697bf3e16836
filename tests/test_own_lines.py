"""The weak world: a policy's own lines against anything, and the corrections on them, against plain walks."""

from typing import Any

import numpy as np
import pytest

import gaincurve
from bench.measures.own_lines import decode_own_lines, encode_own_lines
from games.errors import UsageError
from games.solving.sample import sample_graph
from policies.task import make_task
from tests.support.hostile import damaged
from tests.support.shell import Shell

GAMES = ("tictactoe", "nim-3-4-5", "go-2x3", "hex-2x3", "kalah-2-2", "connect_four-3x4")


def scores_of(game_id: str, kind: str) -> tuple[Any, np.ndarray]:
    task = make_task(game_id)
    if kind == "random":
        return task, np.random.default_rng(5).integers(0, 4, task.graph.n_edges).astype(float)
    return task, {"none": np.zeros(task.graph.n_edges), "perfect": task.solution.optimal.astype(float)}[kind]


def walked(graph: Any, edge_of: dict[int, int]) -> set[int]:
    """The positions in which a player with one move a position is to move, from either seat, by a plain search."""
    found, pending = set(), [(0, True), (0, False)]
    seen = set(pending)
    while pending:
        state, is_own = pending.pop()
        if graph.terminal[state]:
            continue
        found |= {state} if is_own else set()
        edges = [edge_of[state]] if is_own else range(graph.edge_start[state], graph.edge_start[state + 1])
        for edge in edges:
            node = (int(graph.edge_child[edge]), not is_own)
            if node not in seen:
                seen.add(node)
                pending.append(node)
    return found


@pytest.mark.parametrize("kind", ["none", "random", "perfect"])
@pytest.mark.parametrize("game_id", GAMES)
def test_what_is_decoded_is_optimal_on_its_own_lines_and_these_are_all_of_them(game_id: str, kind: str) -> None:
    task, scores = scores_of(game_id, kind)
    data, lines = encode_own_lines(task.graph, scores, task.solution.optimal)
    read = decode_own_lines(task.graph, scores, data)
    assert np.array_equal(read.positions, lines.positions)
    assert np.array_equal(read.edges, lines.edges)
    assert task.solution.optimal[lines.edges].all()
    assert np.array_equal(task.graph.edge_parent[lines.edges], lines.positions)
    edge_of = dict(zip(lines.positions.tolist(), lines.edges.tolist(), strict=True))
    assert set(edge_of) == walked(task.graph, edge_of)
    assert data == b"" or kind != "perfect"


def test_the_first_of_the_best_moves_is_played_where_nothing_is_corrected() -> None:
    task, scores = scores_of("tictactoe", "perfect")
    _, lines = encode_own_lines(task.graph, scores, task.solution.optimal)
    for position, edge in zip(*lines, strict=True):
        first = int(task.graph.edge_start[position])
        assert edge == first + int(np.argmax(scores[first : task.graph.edge_start[position + 1]]))


@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3"])
def test_damaged_corrections_are_the_lines_of_some_policy(game_id: str) -> None:
    task, scores = scores_of(game_id, "random")
    data, _ = encode_own_lines(task.graph, scores, task.solution.optimal)
    rng = np.random.default_rng(7)
    for _ in range(30):
        lines = decode_own_lines(task.graph, scores, damaged(data, data[::-1], rng))
        edge_of = dict(zip(lines.positions.tolist(), lines.edges.tolist(), strict=True))
        assert set(edge_of) == walked(task.graph, edge_of)


def test_a_list_that_never_loses_from_either_seat_needs_no_correction_of_lines_that_end_in_a_draw(shell: Shell) -> None:
    """The list of README keeps the value from both seats if its first best moves do; its bits are then its file alone."""
    fitted = gaincurve.fit("tictactoe", "perfect")
    assert fitted.point.weak is not None
    assert fitted.point.weak["exception_bits"] == 0
    answer = shell.json("fit", "rulelist:language=concepts", "--game", "tictactoe", "--budget", "5")
    assert answer["weak"]["codelength"] == answer["bits"]["policy"] + answer["weak"]["exception_bits"]
    assert answer["weak"]["exception_bits"] <= answer["bits"]["exceptions"]
    assert 0 < answer["weak"]["positions"] < make_task("tictactoe").graph.n_states


def test_an_open_graph_has_no_own_lines() -> None:
    task = make_task("tictactoe")
    graph = sample_graph(task.game, task.graph.states[task.graph.positions[:20]])
    with pytest.raises(UsageError, match="own lines of play"):
        encode_own_lines(graph, np.zeros(graph.n_edges), np.ones(graph.n_edges, dtype=bool))


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capfd)
