"""What perfect play takes without a policy: tables that can be read back, and the files that codelengths are held against."""

import lzma

import numpy as np
import pytest

from bench.measures.coding import describe
from bench.measures.exception_coding import decode_choices, encode_choices
from bench.measures.references import TableBits, compress_moves, compress_values, value_choices
from policies.endpoints import AnchorLearner
from policies.task import make_task
from tests.support.shell import Shell

GAMES = ["tictactoe", "go-2x3", "go-3x3", "nim-3-4-5"]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capfd)


@pytest.mark.parametrize("game", GAMES)
def test_the_file_without_a_policy_is_that_of_the_policy_that_knows_nothing(game: str) -> None:
    task = make_task(game)
    (nothing,) = AnchorLearner().fit_path(task, [1], 0)
    assert compress_moves(task).coder == describe(task, AnchorLearner(), nothing).codelength


@pytest.mark.parametrize("game", GAMES)
def test_general_compressors_get_a_byte_a_position_and_choose_the_better_order(game: str) -> None:
    task = make_task(game)
    graph, optimal = task.graph, task.solution.optimal
    lowest = [min(int(graph.edge_action[e]) for e in range(*graph.edge_start[p : p + 2]) if optimal[e]) for p in graph.positions]
    ordered = [action for _, action in sorted(zip(graph.states[graph.positions].tolist(), lowest, strict=True))]
    table = compress_moves(task)
    assert table.raw == 8 * len(lowest)
    assert table.xz == 8 * min(len(lzma.compress(bytes(actions), preset=9 | lzma.PRESET_EXTREME)) for actions in (lowest, ordered))
    assert table.zstd < table.raw


@pytest.mark.parametrize("game", GAMES)
def test_the_values_are_read_back_from_what_was_written(game: str) -> None:
    task = make_task(game)
    moves, wanted = value_choices(task.graph, task.solution)
    data = encode_choices(moves, wanted)
    positions = task.graph.positions[np.argsort(task.graph.states[task.graph.positions])]
    value = np.unique(task.solution.value[positions])[moves.edge_action[decode_choices(moves, data)]]
    assert np.array_equal(value, task.solution.value[positions])
    assert compress_values(task).coder == 8 * len(data)


def test_a_table_of_two_values_takes_a_bit_each() -> None:
    """Nim has no draws; tic-tac-toe has."""
    nim, tictactoe = make_task("nim-3-4-5"), make_task("tictactoe")
    assert compress_values(nim).raw == -(-len(nim.graph.positions) // 8) * 8
    assert compress_values(tictactoe).raw == 8 * len(tictactoe.graph.positions)


def test_a_ratio_is_to_the_shortest_file() -> None:
    assert TableBits(raw=100, xz=40, zstd=30, coder=20).ratio(10) == 0.5
    assert TableBits(raw=100, xz=40, zstd=30, coder=60).ratio(60) == 2.0
    assert TableBits(raw=100, xz=40, zstd=30, coder=0).ratio(60) is None


def test_solve_and_compare_show_them(shell: Shell) -> None:
    tables = shell.json("solve", "go-2x3", "--compress")["tables"]
    assert set(tables) == {"moves", "values"}
    assert "tables" not in shell.json("solve", "go-2x3")
    status, out, _ = shell("solve", "go-2x3", "--compress")
    assert status == 0
    assert f"{tables['values']['coder']:,}" in out
    answer = shell.json("compare", "rulelist", "uniform", "--game", "go-2x3")["perfect_play"]
    assert answer["tables"] == tables["moves"]
    best = min(tables["moves"][name] for name in ("xz", "zstd", "coder"))
    for file in answer["files"].values():
        assert file["codelength"] == file["policy"] + file["exceptions"]
        assert file["ratio"] == file["codelength"] / best
    assert answer["files"]["uniform"]["codelength"] == tables["moves"]["coder"]
    assert "exceptions alone" in shell("compare", "rulelist", "uniform", "--game", "go-2x3")[1]


def test_a_game_solved_without_a_graph_has_no_tables(shell: Shell) -> None:
    status, _, error = shell("solve", "go-1x3", "--no-graph", "--compress")
    assert status == 2
    assert "--compress needs a graph" in error
