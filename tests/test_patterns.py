"""Windows round a move against a twin that reads them off the drawn board."""

from functools import cache

import numpy as np
import pytest

from policies.api import Task
from policies.language.patterns import WINDOWS, Window, draw_pattern, pattern_codes
from policies.task import make_task
from tests.twins.boards import LAYINGS, Grid

SYMBOLS = ".XO#* "  # empty, own, the other's, off the board, the move, outside the window
OFF, MOVE, OUTSIDE = 3, 4, 5
NO_CELL = 2**64 - 1


@cache
def codes_of(game_id: str, name: str) -> list[int]:
    task = make_task(game_id)
    assert task.game.board
    cells = task.game.cells(task.graph.states)
    found: list[int] = pattern_codes(WINDOWS[name], task.game.board, cells, task.graph.edge_start, task.graph.edge_action).tolist()
    return found


def square_round(task: Task, edge: int, window: Window) -> Grid:
    """The cells round a move, read off the drawn board; those outside the window are left blank."""
    assert task.game.board
    rows, columns = task.game.board.rows, task.game.board.columns
    drawn = task.game.render(int(task.graph.states[task.graph.edge_parent[edge]])).replace("*", ".").splitlines()
    board = [[SYMBOLS.index(symbol) for symbol in line.split()[1:]] for line in drawn[:rows]]
    row, column = divmod(int(task.graph.edge_action[edge]), columns)
    square = []
    for r in range(row - window.reach, row + window.reach + 1):
        near = range(column - window.reach, column + window.reach + 1)
        square.append([board[r][c] if r in range(rows) and c in range(columns) else OFF for c in near])
    for r, line in enumerate(square):
        for c in range(len(line)):
            offset = r - window.reach, c - window.reach
            line[c] = MOVE if offset == (0, 0) else line[c] if offset in window.offsets else OUTSIDE
    return square


def number(window: Window, square: Grid) -> int:
    return sum(square[window.reach + row][window.reach + column] << 2 * i for i, (row, column) in enumerate(window.offsets))


def text(square: Grid) -> str:
    return "\n".join(" ".join(SYMBOLS[content] for content in line).rstrip() for line in square)


def sampled(game_id: str, n: int) -> list[int]:
    """A seeded sample of the moves on cells."""
    graph, board = make_task(game_id).graph, make_task(game_id).game.board
    assert board
    on_cells = np.flatnonzero(graph.edge_action < board.n_cells)
    edges: list[int] = np.random.default_rng(1).choice(on_cells, min(n, len(on_cells)), replace=False).tolist()
    return edges


def test_windows_hold_the_cells_that_their_names_say() -> None:
    shapes = {"cross": ".#.\n#*#\n.#.", "3x3": "###\n#*#\n###", "diamond": "..#..\n.###.\n##*##\n.###.\n..#..", "5x5": "#####\n" * 2}
    shapes["5x5"] += "##*##\n" + "#####\n#####"
    for name, shape in shapes.items():
        reach = WINDOWS[name].reach
        drawn = {(r - reach, c - reach) for r, line in enumerate(shape.splitlines()) for c, cell in enumerate(line) if cell == "#"}
        assert set(WINDOWS[name].offsets) == drawn
        assert len(WINDOWS[name].offsets) == len(drawn)
    assert list(WINDOWS) == list(shapes)


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3", "go-3x3", "go-3x4"])
def test_a_code_is_the_smallest_of_the_eight_images(game_id: str, name: str) -> None:
    task, window = make_task(game_id), WINDOWS[name]
    for edge in sampled(game_id, 250):
        square = square_round(task, edge, window)
        images = [lay(square) for lay in LAYINGS]
        smallest = min(images, key=lambda image: number(window, image))
        code = codes_of(game_id, name)[edge]
        assert code == number(window, smallest)
        assert draw_pattern(window, code) == text(smallest)


def test_a_pass_has_no_pattern() -> None:
    graph = make_task("go-3x3").graph
    for name in WINDOWS:
        assert [code == NO_CELL for code in codes_of("go-3x3", name)] == (graph.edge_action == 9).tolist()


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("game_id", ["go-3x3", "go-3x4"])
def test_turning_or_reflecting_the_board_and_the_move_changes_no_code(game_id: str, name: str) -> None:
    task = make_task(game_id)
    board = task.game.board
    assert board
    edges = np.array(sampled(game_id, 2000))
    cells = task.game.cells(task.graph.states[task.graph.edge_parent[edges]])[:, : board.n_cells]
    moves = task.graph.edge_action[edges]
    one_each = np.arange(len(edges) + 1)
    assert len(board.symmetries) == (8 if board.rows == board.columns else 4)
    for images in board.symmetries:
        turned = np.empty_like(cells)
        turned[:, images] = cells
        codes = pattern_codes(WINDOWS[name], board, turned, one_each, images[moves].astype(np.int16))
        assert codes.tolist() == [codes_of(game_id, name)[edge] for edge in edges]


@pytest.mark.parametrize("name", WINDOWS)
def test_moves_share_a_code_exactly_when_a_symmetry_takes_one_window_to_the_other(name: str) -> None:
    task, window = make_task("go-3x3"), WINDOWS[name]
    edges = [*range(200), *sampled("go-3x3", 200)]  # the first positions are near the empty board: many of their moves look alike
    edges = [edge for edge in edges if codes_of("go-3x3", name)[edge] != NO_CELL]
    squares = [square_round(task, edge, window) for edge in edges]
    orbits = [{text(lay(square)) for lay in LAYINGS} for square in squares]
    texts = [text(square) for square in squares]
    n_shared = 0
    for i, one in enumerate(edges):
        for j, other in enumerate(edges[:i]):
            same = codes_of("go-3x3", name)[one] == codes_of("go-3x3", name)[other]
            assert same == (texts[j] in orbits[i])
            n_shared += same
    assert n_shared > 100  # else the sample would say little about equal codes
