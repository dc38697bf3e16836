"""Published numbers, reproduced from the engine by counting; the numbers and their sources are in facts.toml."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, reduce
from itertools import product
from operator import xor

import numpy as np
import pytest

from games.contract import Board, Game
from games.rules.go import stones
from games.solving.graph import GameGraph
from policies.tables.smallest import smallest_never_losing_table
from tests.support.truth import FACTS, Solved

TICTACTOE, GO = FACTS["tictactoe"], FACTS["go"]
Cells = tuple[int, ...]


@pytest.fixture(scope="module")
def tictactoe(solved: Callable[[str], Solved]) -> Solved:
    return solved("tictactoe")


def unfold(game: Game, graph: GameGraph) -> dict[Cells, tuple[int, Cells]]:
    """Every state before folding, as the mover sees it: its folded state, and the symmetry that takes the folded board to it."""
    assert game.board is not None
    found: dict[Cells, tuple[int, Cells]] = {}
    for state, cells in enumerate(game.cells(graph.states)[:, : game.board.n_cells].tolist()):
        for symmetry in game.board.symmetries.tolist():
            image = [0] * len(cells)
            for cell, target in enumerate(symmetry):
                image[target] = cells[cell]
            found.setdefault(tuple(image), (state, tuple(symmetry)))
    return found


def games_of_tictactoe(game: Game, graph: GameGraph) -> Iterator[tuple[Cells, int]]:
    """Every game, one by one: the cells in the order in which they are taken on the board as it lies, and the result for X.

    Moves and results are the engine's; the symmetry that folding used is undone move by move.
    """
    real = unfold(game, graph)

    @cache
    def moves(board: Cells) -> list[tuple[int, Cells]]:
        state, symmetry = real[board]
        found = []
        for edge in range(graph.edge_start[state], graph.edge_start[state + 1]):
            cell = symmetry[graph.edge_action[edge]]
            after = tuple(1 if i == cell else seen for i, seen in enumerate(board))
            child = tuple((0, 2, 1)[seen] for seen in after)
            assert real[child][0] == graph.edge_child[edge]
            found.append((cell, child))
        return found

    def walk(board: Cells, played: Cells) -> Iterator[tuple[Cells, int]]:
        state = real[board][0]
        if graph.terminal[state]:
            yield played, int(graph.payoff[state]) * (-1) ** len(played)
        for cell, child in moves(board):
            yield from walk(child, (*played, cell))

    yield from walk((0,) * 9, ())


@pytest.fixture(scope="module")
def all_games(tictactoe: Solved) -> list[tuple[Cells, int]]:
    return list(games_of_tictactoe(tictactoe[0], tictactoe[1]))


def test_tictactoe_has_the_published_games_by_length_and_winner(all_games: list[tuple[Cells, int]]) -> None:
    assert len(all_games) == len(set(all_games)) == TICTACTOE["games"]
    results = Counter(result for _, result in all_games)
    assert (results[1], results[-1], results[0]) == tuple(TICTACTOE[f"games_{end}"] for end in ("x_wins", "o_wins", "drawn"))
    by_length = Counter(len(played) for played, _ in all_games)
    assert {str(length): n for length, n in by_length.items()} == TICTACTOE["games_by_length"]
    beginnings = {played[:n] for played, _ in all_games for n in range(len(played) + 1)}
    assert len(beginnings) == TICTACTOE["nodes"]


def test_tictactoe_games_fold_into_the_published_number_of_orbits(tictactoe: Solved, all_games: list[tuple[Cells, int]]) -> None:
    board = tictactoe[0].board
    assert board is not None
    sequences = np.array([(*played, *[9] * (9 - len(played))) for played, _ in all_games])
    images = [np.append(symmetry, 9)[sequences] @ 10 ** np.arange(9) for symmetry in board.symmetries]
    assert len(np.unique(np.min(images, axis=0))) == TICTACTOE["games_as_orbits_of_sequences"]


def test_tictactoe_has_the_published_number_of_paths_between_folded_positions(tictactoe: Solved) -> None:
    graph = tictactoe[1]
    children = [sorted(set(graph.edge_child[graph.edge_start[s] : graph.edge_start[s + 1]].tolist())) for s in range(graph.n_states)]

    def n_paths(state: int) -> int:
        return sum(map(n_paths, children[state])) if children[state] else 1

    assert n_paths(0) == TICTACTOE["games_as_paths_in_folded_graph"]


def test_tictactoe_has_the_published_positions_and_ends(tictactoe: Solved) -> None:
    game, graph, solution = tictactoe
    n_stones = (game.cells(graph.states) > 0).sum(axis=1)
    result_for_x = graph.payoff * np.where(n_stones % 2, -1, 1)
    assert graph.multiplicity.sum() == len(unfold(game, graph)) == TICTACTOE["positions"]
    assert graph.multiplicity[graph.terminal].sum() == TICTACTOE["terminal"]
    assert graph.n_states == TICTACTOE["positions_up_to_symmetry"]
    assert graph.terminal.sum() == TICTACTOE["terminal_up_to_symmetry"]
    for end, result in (("x_wins", 1), ("o_wins", -1), ("drawn", 0)):
        chosen = graph.terminal & (result_for_x == result)
        assert graph.multiplicity[chosen].sum() == TICTACTOE[f"terminal_{end}"]
        assert chosen.sum() == TICTACTOE[f"terminal_up_to_symmetry_{end}"]
    assert solution.value[0] == 0


@pytest.mark.parametrize(("seat", "name"), [(0, "x"), (1, "o")])
def test_the_smallest_never_losing_tables_of_tictactoe_have_the_published_sizes(tictactoe: Solved, seat: int, name: str) -> None:
    _, graph, solution = tictactoe
    published = TICTACTOE["never_losing_table"]
    table = smallest_never_losing_table(graph, solution, seat)
    assert table.n_entries == published[f"{name}_positions"]
    assert smallest_never_losing_table(graph, solution, seat, cost="bits").bits == pytest.approx(published[f"{name}_bits"], abs=0.05)


def neighbours_of(rows: int, columns: int) -> list[list[int]]:
    cells = list(product(range(rows), range(columns)))
    return [[i for i, (r, c) in enumerate(cells) if abs(r - row) + abs(c - column) == 1] for row, column in cells]


def legal_arrangements(rows: int, columns: int) -> int:
    """Of all ways to put nothing, a black or a white stone on every point, those in which every stone's group has a liberty."""
    n = rows * columns
    boards = (np.arange(3**n)[:, None] // 3 ** np.arange(n)) % 3
    near = neighbours_of(rows, columns)
    free = [boards[:, i] == 0 for i in range(n)]  # empty, or known to be connected to an empty point
    before = -1
    while before != (before := sum(int(cells.sum()) for cells in free)):
        for i in range(n):
            for j in near[i]:
                free[i] = free[i] | (free[j] & ((boards[:, i] == boards[:, j]) | (boards[:, j] == 0)))
    return int(np.all(free, axis=0).sum())


def reached_boards(graph: GameGraph, board: Board) -> int:
    """The number of different boards among all states, unfolded; ko and passes left aside."""
    cells = np.arange(board.n_cells, dtype=np.uint64)
    own, other = (((masks[:, None] >> cells) & np.uint64(1)).astype(np.int64) for masks in stones(graph.states))
    weights = 3**board.symmetries
    return len(np.unique(np.concatenate([(own + 2 * other) @ weight for weight in weights])))


@pytest.mark.parametrize("size", GO["legal_positions"])
def test_go_has_the_published_number_of_legal_positions(size: str, solved: Callable[[str], Solved]) -> None:
    game, graph, _ = solved(f"go-{size}")
    assert game.board is not None
    assert reached_boards(graph, game.board) == GO["legal_positions"][size]
    assert legal_arrangements(game.board.rows, game.board.columns) == GO["legal_positions"][size]


@pytest.mark.parametrize("size", GO["value"])
def test_go_has_the_published_value_on_every_small_board(size: str, solved: Callable[[str], Solved]) -> None:
    assert solved(f"go-{size}")[2].value[0] == GO["value"][size]


@pytest.mark.parametrize("heaps", [(1,), (2, 2), (1, 2, 3), (3, 4, 5), (1, 4, 5), (2, 3, 6, 7), (5, 9)])
def test_nim_is_lost_exactly_where_the_heaps_add_up_to_zero_without_carry(heaps: Cells, solved: Callable[[str], Solved]) -> None:
    game, graph, solution = solved("nim-" + "-".join(map(str, heaps)))  # Bouton (1901), "Nim, a game with a complete mathematical theory"
    sums = [reduce(xor, row) for row in game.cells(graph.states).tolist()]
    assert solution.value.tolist() == [1 if total else -1 for total in sums]
    assert (solution.value[0] == -1) == (reduce(xor, heaps) == 0)
    assert solution.optimal.tolist() == [sums[s] == 0 or sums[c] == 0 for s, c in zip(graph.edge_parent, graph.edge_child, strict=True)]
