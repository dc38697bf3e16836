"""Go solved without a graph: the same bounds for every state as with one, boards numbered without a gap, and published counts."""

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from bench.cli.games import solve as solve_verb
from games.errors import UsageError, WorkError
from games.go_large.boards import code_at, least_code, number_boards, number_of
from games.go_large.checkpoints import Checkpoints
from games.go_large.solve import PART, LargeSolution, solve_large
from games.rules.go import make
from tests.support.truth import FACTS, Solved
from tests.twins.boards import GoState, GoTwin, reachable

LEGAL = FACTS["go"]["legal_positions"]


@pytest.fixture
def kept(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path, PART, lambda stage, share: None)


def solved_without_graph(size: str) -> LargeSolution:
    return solve_large(make(size))


@pytest.mark.parametrize("size", ["1x1", "1x2", "1x5", "2x2", "2x3", "3x2", "2x4", "3x3", "3x4"])
def test_every_state_has_the_bounds_that_its_graph_gives_it(size: str, solved: Callable[[str], Solved]) -> None:
    _, graph, solution = solved(f"go-{size}")
    large = solved_without_graph(size)
    lower, upper, value = large.table.look_up(graph.states)
    assert np.array_equal(lower, solution.lower)
    assert np.array_equal(upper, solution.upper)
    assert np.array_equal(value, solution.value)
    n_reachable = np.count_nonzero(large.reachable)
    assert (n_reachable, large.n_terminal) == (np.count_nonzero(~graph.terminal), np.count_nonzero(graph.terminal))
    assert (large.n_edges, large.n_unfolded) == (graph.n_edges, graph.multiplicity.sum())
    assert large.cycle_share == solution.cycle_share


def test_a_state_turned_round_is_the_same_state() -> None:
    twin = GoTwin(2, 3)
    large = solved_without_graph("2x3")
    for packed, state in reachable(twin).items():
        images = np.array([twin.pack(image) for image in twin.images(state)], dtype=np.uint64)
        expected = [bound[0] for bound in large.table.look_up(np.array([packed], dtype=np.uint64))]
        assert [set(bound.tolist()) for bound in large.table.look_up(images)] == [{bound} for bound in expected]


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 4), (2, 2), (2, 3), (3, 2)])
def test_boards_are_numbered_without_a_gap_one_number_for_each_class_and_fuller_ones_first(
    rows: int, columns: int, kept: Checkpoints
) -> None:
    twin, boards = GoTwin(rows, columns), number_boards(rows, columns, kept)
    classes: dict[int, int] = {}
    n_stones: dict[int, int] = {}
    for cells in product((0, 1, 2), repeat=rows * columns):
        if not all(cell == 0 or twin.breathes(list(cells), point) for point, cell in enumerate(cells)):
            continue
        state = GoState(cells, None, 0)
        own, other = (np.uint64(sum(1 << i for i, cell in enumerate(cells) if cell == colour)) for colour in (1, 2))
        code, _ = least_code(own, other, -1, boards.tables)
        number = number_of(code, boards.index)
        assert code_at(number, boards.index) == code
        assert classes.setdefault(twin.pack(twin.canonical(state)), number) == number
        n_stones[number] = sum(cell > 0 for cell in cells)
    assert sorted(classes.values()) == list(range(boards.n_boards))
    assert [n_stones[number] for number in range(boards.n_boards)] == sorted(n_stones.values(), reverse=True)


@pytest.mark.parametrize("size", sorted(LEGAL))
def test_legal_boards_are_as_many_as_published(size: str, kept: Checkpoints) -> None:
    rows, columns = map(int, size.split("x"))
    assert number_boards(rows, columns, kept).n_unfolded == LEGAL[size]


@pytest.mark.slow
def test_4x4_has_the_published_value_and_counts() -> None:
    large = solved_without_graph("4x4")
    _, _, value = large.table.look_up(np.zeros(1, dtype=np.uint64))
    assert value == 1  # van der Werf (2004), table 5.1: basic ko; superko gives 2
    assert large.boards.n_unfolded == 24_318_165  # Tromp & Farneback (2007)
    # Counted apart: colours x (no pass, one pass) x boards, and states with a ko. The empty board is met by one side only.
    n_final = large.boards.n_unfolded - (2**16 - 2)
    assert 2 * (large.n_unfolded - n_final) - 2 == 99_133_034


def test_bounds_do_not_depend_on_how_the_threads_fall() -> None:
    first = solved_without_graph("3x3").bounds
    assert all(np.array_equal(first, solved_without_graph("3x3").bounds) for _ in range(10))


def test_a_board_that_would_not_fit_is_refused_at_once() -> None:
    with pytest.raises(WorkError, match=r"go-5x5 is too large to enumerate, and to solve without a graph takes about .* GB of memory"):
        solved_without_graph("5x5")


def test_the_command_line_gives_the_same_answer_without_a_graph(capsys: pytest.CaptureFixture[str]) -> None:
    answers = []
    for no_graph in (False, True):
        solve_verb("go-2x3", json=True, no_graph=no_graph)
        answers.append(json.loads(capsys.readouterr().out))
    of_its_own = ("is_cached", "kept")
    graph, large = (
        {name: value for name, value in answer.items() if "seconds" not in name and name not in of_its_own} for answer in answers
    )
    counted = [name for name in graph if name.startswith("positions_")]  # by walking the graph
    assert {name: large[name] for name in counted} == {"positions_semi_strong": None, "positions_semi_strong_region": None}
    assert graph == large | {name: graph[name] for name in counted}


@pytest.mark.parametrize(("game_id", "compress", "said"), [("go-2x2", True, "--compress needs a graph"), ("tictactoe", False, "is not Go")])
def test_what_needs_a_graph_says_so(game_id: str, compress: bool, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        solve_verb(game_id, compress=compress, no_graph=True)
