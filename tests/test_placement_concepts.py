"""The concepts of m,n,k-games, connect four, Hex and Domineering against definitions in plain Python, written from their meanings."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from games.concepts import domineering as domineering_words
from games.concepts import hex as hex_words
from games.concepts import lines as line_words
from games.concepts import tictactoe as tictactoe_concepts
from policies.task import make_task
from tests.test_concepts import check_concepts, edges_of

Cells = list[int]  # 0 empty, 1 the mover's, 2 the other's
Move = tuple[Cells, int, list[int]]  # the board, the action, and all legal actions
AROUND = ((0, 1), (0, -1), (1, 0), (-1, 0), (-1, 1), (1, -1))  # the cells that touch one of Hex, as (down, right)


def moves_of(game_id: str, n: int | None = None) -> dict[int, Move]:
    """Edges, all or a seeded sample, as the boards and actions that they are."""
    game, graph = make_task(game_id).game, make_task(game_id).graph
    found = {}
    for edge, state, action in edges_of(graph, n):
        parent = graph.edge_parent[edge]
        legal = graph.edge_action[graph.edge_start[parent] : graph.edge_start[parent + 1]].tolist()
        found[edge] = (game.cells(np.array([state], dtype=np.uint64))[0].tolist(), action, legal)
    return found


def with_stone(board: Cells, player: int, cell: int) -> Cells:
    return [player if i == cell else owner for i, owner in enumerate(board)]


def is_most(number: Callable[[int], int], action: int, legal: list[int]) -> bool:
    return number(action) == max(map(number, legal))


class Lines:
    def __init__(self, rows: int, columns: int, length: int) -> None:
        self.columns = columns
        self.lines = []
        for row, column, (down, right) in product(range(rows), range(columns), ((0, 1), (1, 0), (1, 1), (1, -1))):
            line = [(row + i * down, column + i * right) for i in range(length)]
            if all(r < rows and 0 <= c < columns for r, c in line):
                self.lines.append([r * columns + c for r, c in line])

    def completes(self, board: Cells, player: int, cell: int) -> bool:
        filled = with_stone(board, player, cell)
        return any(cell in line and all(filled[i] == player for i in line) for line in self.lines)

    def winning(self, board: Cells, player: int) -> Cells:
        return [cell for cell, owner in enumerate(board) if owner == 0 and self.completes(board, player, cell)]

    def free_of(self, board: Cells, player: int, cell: int) -> int:
        return sum(cell in line and all(board[i] != player for i in line) for line in self.lines)

    def touches(self, board: Cells, cell: int) -> bool:
        row, column = divmod(cell, self.columns)
        return any(owner == 1 and max(abs(i // self.columns - row), abs(i % self.columns - column)) == 1 for i, owner in enumerate(board))

    def twins(self) -> dict[str, Callable[..., bool]]:
        return {
            "win": lambda board, cell, _: self.completes(board, 1, cell),
            "block": lambda board, cell, _: self.completes(board, 2, cell),
            "fork": lambda board, cell, _: len(self.winning(with_stone(board, 1, cell), 1)) >= 2,
            "block_fork": lambda board, cell, _: len(self.winning(with_stone(board, 2, cell), 2)) >= 2,
            "make_threat": lambda board, cell, _: len(self.winning(with_stone(board, 1, cell), 1)) >= 1,
            "open": lambda board, cell, legal: is_most(lambda c: self.free_of(board, 2, c), cell, legal),
            "hinders": lambda board, cell, legal: is_most(lambda c: self.free_of(board, 1, c), cell, legal),
            "touches": lambda board, cell, _: self.touches(board, cell),
        }

    def falling_twins(self) -> dict[str, Callable[..., bool]]:
        def above(board: Cells, cell: int, player: int) -> bool:
            return cell - self.columns in self.winning(with_stone(board, 1, cell), player)

        return self.twins() | {
            "no_gift": lambda board, cell, _: not above(board, cell, 2),
            "no_waste": lambda board, cell, _: not above(board, cell, 1),
        }


@pytest.mark.parametrize(("game_id", "size"), [("mnk-3x4x3", (3, 4, 3)), ("mnk-2x5x3", (2, 5, 3))])
def test_words_of_lines_mean_what_they_say(game_id: str, size: tuple[int, int, int]) -> None:
    check_concepts(make_task(game_id), line_words.CONCEPTS, Lines(*size).twins(), moves_of(game_id, 1500))


def test_words_of_connect_four_mean_what_they_say() -> None:
    check_concepts(
        make_task("connect_four-4x4"), line_words.FALLING_CONCEPTS, Lines(4, 4, 4).falling_twins(), moves_of("connect_four-4x4", 1500)
    )


def test_on_three_by_three_words_of_lines_are_those_of_tic_tac_toe() -> None:
    ours, theirs = make_task("mnk-3x3x3"), make_task("tictactoe")
    known = {concept.name: concept for concept in tictactoe_concepts.CONCEPTS}
    shared = [concept for concept in line_words.CONCEPTS if concept.name in known]
    assert [concept.name for concept in shared] == ["win", "block", "fork", "block_fork", "make_threat"]
    for concept in shared:
        assert np.array_equal(concept.holds(ours.game, ours.graph), known[concept.name].holds(theirs.game, theirs.graph)), concept.name


def fits(board: Cells, side: int, flat: bool) -> list[tuple[int, int]]:
    """The dominoes of one player that can be laid, as pairs of cells."""
    down, right = (0, 1) if flat else (1, 0)
    found = []
    for row, column in product(range(side - down), range(side - right)):
        cells = (row * side + column, (row + down) * side + column + right)
        if board[cells[0]] == board[cells[1]] == 0:
            found.append(cells)
    return found


def in_reserve(board: Cells, side: int, flat: bool) -> int:
    """Run by run: the cells that no domino of the other's can cover, halved."""
    exposed = {cell for domino in fits(board, side, not flat) for cell in domino}
    safe = "".join("s" if owner == 0 and cell not in exposed else " " for cell, owner in enumerate(board))
    lines = [safe[row * side : (row + 1) * side] if flat else safe[row::side] for row in range(side)]
    return sum(len(run) // 2 for line in lines for run in line.split())


def domineering_twins(side: int) -> dict[str, Callable[..., bool]]:
    def after(board: Cells, action: int) -> Cells:
        return with_stone(with_stone(board, 2, action), 2, action + side)

    def own(board: Cells, action: int) -> int:
        return len(fits(after(board, action), side, flat=False))

    def theirs(board: Cells, action: int) -> int:
        return len(fits(after(board, action), side, flat=True))

    def gained(board: Cells, action: int, flat: bool) -> int:
        return in_reserve(after(board, action), side, flat) - in_reserve(board, side, flat)

    return {
        "denies": lambda board, action, legal: is_most(lambda a: -theirs(board, a), action, legal),
        "thrifty": lambda board, action, legal: is_most(lambda a: own(board, a), action, legal),
        "margin": lambda board, action, legal: is_most(lambda a: own(board, a) - theirs(board, a), action, legal),
        "reserves": lambda board, action, _: gained(board, action, flat=False) > 0,
        "saves": lambda board, action, _: gained(board, action, flat=False) >= 0,
        "concedes": lambda board, action, _: gained(board, action, flat=True) > 0,
        "edge": lambda _, action, __: action % side in (0, side - 1),
    }


@pytest.mark.parametrize(("game_id", "side"), [("domineering-4x4", 4), ("domineering-3x5", 5)])
def test_words_of_domineering_mean_what_they_say(game_id: str, side: int) -> None:
    check_concepts(make_task(game_id), domineering_words.CONCEPTS, domineering_twins(side), moves_of(game_id, 1000))


def way(board: Cells, size: int, player: int) -> int:
    """Stones wanting, by relaxing every cell's cost until nothing changes; one more than there are cells where none will do."""
    never = size * size + 1
    price = {divmod(i, size): {0: 1, player: 0}.get(owner, never) for i, owner in enumerate(board)}
    along = 0 if player == 1 else 1
    cost = {cell: price[cell] if cell[along] == 0 else never for cell in price}
    for _ in price:
        for (row, column), own_price in price.items():
            reached = min(cost.get((row + down, column + right), never) for down, right in AROUND)
            cost[row, column] = min(cost[row, column], reached + own_price)
    return min(never, *(cost[cell] for cell in price if cell[along] == size - 1))


def hex_twins(size: int, n_beyond: int = 0) -> dict[str, Callable[..., bool]]:
    """On a square of which some lines, on top or on the right, are beyond the board and filled."""

    def at(board: Cells, row: int, column: int) -> int:
        return board[row * size + column] if 0 <= row < size and 0 <= column < size else -1

    def bridge_ends(row: int, column: int) -> list[tuple[tuple[int, int], tuple[int, int], tuple[int, int]]]:
        """The six far ends of bridges from a cell, each with the two cells between."""
        ring = ((-1, 0), (-1, 1), (0, 1), (1, 0), (1, -1), (0, -1))
        return [
            ((row + a + c, column + b + d), (row + a, column + b), (row + c, column + d))
            for (a, b), (c, d) in zip(ring, ring[1:] + ring[:1], strict=True)
        ]

    def bridges(board: Cells, cell: int) -> bool:
        ends = bridge_ends(*divmod(cell, size))
        return any(at(board, *end) == 1 and at(board, *one) == at(board, *two) == 0 for end, one, two in ends)

    def rescues(board: Cells, cell: int) -> bool:
        here = divmod(cell, size)
        for i, owner in enumerate(board):
            for end, one, two in bridge_ends(*divmod(i, size)) if owner == 1 else []:
                other = two if one == here else one
                if here in (one, two) and at(board, *end) == 1 and at(board, *other) == 2:
                    return True
        return False

    def mine(board: Cells, cell: int) -> int:
        return way(with_stone(board, 1, cell), size, 1)

    def theirs(board: Cells, cell: int) -> int:
        return way(with_stone(board, 1, cell), size, 2)

    def off_centre(board: Cells, cell: int) -> float:
        on_top = n_beyond if board[size - 1] == 1 else 0
        middle = ((on_top + size - 1) / 2, (size - 1 - (n_beyond - on_top)) / 2)
        return abs(cell // size - middle[0]) + abs(cell % size - middle[1])

    return {
        "shortens": lambda board, cell, legal: is_most(lambda c: -mine(board, c), cell, legal),
        "lengthens": lambda board, cell, legal: is_most(lambda c: theirs(board, c), cell, legal),
        "both": lambda board, cell, legal: is_most(lambda c: theirs(board, c) - mine(board, c), cell, legal),
        "bridges": lambda board, cell, _: bridges(board, cell),
        "rescues": lambda board, cell, _: rescues(board, cell),
        "touches": lambda board, cell, _: any(at(board, cell // size + a, cell % size + b) == 1 for a, b in AROUND),
        "central": lambda board, cell, legal: is_most(lambda c: -off_centre(board, c), cell, legal),
    }


@pytest.mark.parametrize(
    ("game_id", "size", "n_beyond", "n_moves"), [("hex-3", 3, 0, 1000), ("hex-2x4", 4, 2, 250), ("hex-4x3", 4, 1, 250)]
)
def test_words_of_hex_mean_what_they_say(game_id: str, size: int, n_beyond: int, n_moves: int) -> None:
    check_concepts(make_task(game_id), hex_words.CONCEPTS, hex_twins(size, n_beyond), moves_of(game_id, n_moves))
