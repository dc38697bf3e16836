"""Every concept against a definition in plain Python, written from its meaning: lists and loops, no masks."""

from collections.abc import Callable, Iterable
from functools import cache, reduce
from operator import xor
from typing import Any

import numpy as np
import pytest

from games.concepts import go as go_concepts
from games.concepts import nim as nim_concepts
from games.concepts import tictactoe as tictactoe_concepts
from games.concepts.concept import Concept
from games.solving.graph import GameGraph
from policies.api import Task
from policies.language import lookahead
from policies.task import make_task
from tests.twins.boards import GoState, GoTwin, swap_sides

Cells = list[int]  # 0 empty, 1 the mover's, 2 the other's
LINES = [[3 * i + j for j in range(3)] for i in range(3)]
LINES += [list(column) for column in zip(*LINES, strict=True)]
LINES += [[LINES[i][i] for i in range(3)], [LINES[i][2 - i] for i in range(3)]]


def edges_of(graph: GameGraph, n: int | None = None) -> list[tuple[int, int, int]]:
    """All edges, or a seeded sample of n, as (edge, packed state, action)."""
    chosen = range(graph.n_edges) if n is None else np.random.default_rng(0).choice(graph.n_edges, n, replace=False).tolist()
    return [(edge, int(graph.states[graph.edge_parent[edge]]), int(graph.edge_action[edge])) for edge in chosen]


def check_concepts(
    task: Task, concepts: Iterable[Concept], twins: dict[str, Callable[..., bool]], moves: dict[int, tuple[Any, ...]]
) -> None:
    """Each concept holds on exactly those of the given edges on which its twin does, and neither never nor always."""
    assert [concept.name for concept in concepts] == list(twins)
    for concept in concepts:
        found = concept.holds(task.game, task.graph)
        expected = {edge: bool(twins[concept.name](*move)) for edge, move in moves.items()}
        assert {edge: bool(found[edge]) for edge in moves} == expected, concept.name
        assert len(set(expected.values())) == 2, concept.name


# Tic-tac-toe


def with_stone(board: Cells, player: int, cell: int) -> Cells:
    return [player if i == cell else content for i, content in enumerate(board)]


def completes(board: Cells, player: int, cell: int) -> bool:
    filled = with_stone(board, player, cell)
    return any(cell in line and all(filled[i] == player for i in line) for line in LINES)


def threats(board: Cells, player: int) -> Cells:
    return [cell for cell in range(9) if board[cell] == 0 and completes(board, player, cell)]


def occupies_fork(board: Cells, cell: int) -> bool:
    return len(threats(with_stone(board, 2, cell), 2)) >= 2


def good_threat(board: Cells, cell: int) -> bool:
    """The move threatens, and wherever the other has to answer, the answer makes him no fork."""
    mine = with_stone(board, 1, cell)
    return bool(threats(mine, 1)) and all(len(threats(with_stone(mine, 2, answer), 2)) < 2 for answer in threats(mine, 1))


def meets_fork(board: Cells, cell: int) -> bool:
    empty = [i for i in range(9) if board[i] == 0]
    if not any(occupies_fork(board, i) for i in empty):
        return False
    return good_threat(board, cell) if any(good_threat(board, i) for i in empty) else occupies_fork(board, cell)


OPPOSITE = {0: 8, 2: 6, 6: 2, 8: 0}
BESIDE = {0: (1, 3), 2: (1, 5), 6: (3, 7), 8: (5, 7)}
TICTACTOE: dict[str, Callable[[Cells, int], bool]] = {
    "win": lambda board, cell: completes(board, 1, cell),
    "block": lambda board, cell: completes(board, 2, cell),
    "fork": lambda board, cell: len(threats(with_stone(board, 1, cell), 1)) >= 2,
    "block_fork": occupies_fork,
    "block_fork_2": meets_fork,
    "centre": lambda board, cell: cell == 4,
    "corner": lambda board, cell: cell in OPPOSITE,
    "side": lambda board, cell: cell in (1, 3, 5, 7),
    "opposite_theirs": lambda board, cell: cell in OPPOSITE and board[OPPOSITE[cell]] == 2,
    "opposite_ours": lambda board, cell: cell in OPPOSITE and board[OPPOSITE[cell]] == 1,
    "make_threat": lambda board, cell: bool(threats(with_stone(board, 1, cell), 1)),
    "corner_by_side": lambda board, cell: any(board[side] == 2 for side in BESIDE.get(cell, ())),
}


def test_tictactoe_concepts_mean_what_they_say() -> None:
    graph = make_task("tictactoe").graph
    moves = {
        edge: ([1 if state >> i & 1 else 2 if state >> (9 + i) & 1 else 0 for i in range(9)], action)
        for edge, state, action in edges_of(graph)
    }
    check_concepts(make_task("tictactoe"), tictactoe_concepts.CONCEPTS, TICTACTOE, moves)


# Nim


NIM: dict[str, Callable[[list[int], list[int]], bool]] = {
    "xor_zero": lambda before, after: reduce(xor, after) == 0,
    "empties": lambda before, after: after.count(0) > before.count(0),
    "one_heap": lambda before, after: len(after) - after.count(0) == 1,
    "twins": lambda before, after: len(left := [heap for heap in after if heap]) == 2 and left[0] == left[1],
    "takes_one": lambda before, after: sum(before) - sum(after) == 1,
    "even_left": lambda before, after: sum(after) % 2 == 0,
}


@pytest.mark.parametrize("heaps", [(3, 4, 5), (1, 2, 2, 3)])
def test_nim_concepts_mean_what_they_say(heaps: tuple[int, ...]) -> None:
    task = make_task("nim-" + "-".join(map(str, heaps)))
    moves = {}
    for edge, state, action in edges_of(task.graph):
        before = [state >> 8 * i & 255 for i in range(len(heaps))]
        heap, taken = divmod(action, max(heaps))
        moves[edge] = before, [size - (taken + 1) * (i == heap) for i, size in enumerate(before)]
    check_concepts(task, nim_concepts.CONCEPTS, NIM, moves)


# Go


class GoMove:
    """What a move does on the board of the plain-Python twin; `after` is the board it leaves, seen by who played it."""

    def __init__(self, twin: GoTwin, columns: int, state: int, point: int) -> None:
        self.twin, self.point = twin, point
        self.before = [1 if state >> i & 1 else 2 if state >> (25 + i) & 1 else 0 for i in range(twin.n)]
        self.answers_pass = state >> 55 == 1
        self.is_pass = point == twin.n
        if self.is_pass:
            return
        position = GoState(tuple(self.before), None, 0)
        self.after = list(twin.after(position, point) or ())
        self.row, self.column = divmod(point, columns)
        self.to_edge = min(self.row, twin.n // columns - 1 - self.row, self.column, columns - 1 - self.column)

    def liberties(self, board: Cells, point: int) -> int:
        return len({near for stone in self.twin.region(board, point) for near in self.twin.next_to[stone] if board[near] == 0})

    @property
    def around(self) -> Cells:
        return self.twin.next_to[self.point]

    @property
    def n_taken(self) -> int:
        return self.before.count(2) - self.after.count(2)

    @property
    def own_liberties(self) -> int:
        return self.liberties(self.after, self.point)

    def touched(self, board: Cells, player: int) -> set[frozenset[int]]:
        """The player's groups next to the move."""
        return {frozenset(self.twin.region(board, near)) for near in self.around if board[near] == player}

    @property
    def rescued(self) -> bool:
        """A group that the stone joins had one liberty and now has more."""
        return self.own_liberties > 1 and any(self.liberties(self.before, min(group)) == 1 for group in self.touched(self.before, 1))

    @property
    def gives_atari(self) -> bool:
        return any(self.liberties(self.after, min(group)) == 1 for group in self.touched(self.after, 2))

    @property
    def surrounded_by(self) -> set[int]:
        return {self.before[near] for near in self.around}

    @property
    def takes_ko(self) -> bool:
        """Retaking at once would bring the old board back."""
        taken = [i for i in range(self.twin.n) if self.before[i] == 2 and self.after[i] == 0]
        if len(taken) != 1:
            return False
        retaken = self.twin.after(GoState(swap_sides(tuple(self.after)), None, 0), taken[0])
        return retaken == swap_sides(tuple(self.before))

    @property
    def margin(self) -> int:
        return self.twin.payoff(GoState(tuple(self.before), None, 2))


STONES: dict[str, Callable[[GoMove], bool]] = {
    "captures": lambda move: move.n_taken >= 1,
    "captures_2": lambda move: move.n_taken >= 2,
    "captures_3": lambda move: move.n_taken >= 3,
    "saves": lambda move: move.rescued,
    "atari": lambda move: move.gives_atari,
    "self_atari": lambda move: move.own_liberties == 1,
    "liberties_2": lambda move: move.own_liberties >= 2,
    "liberties_3": lambda move: move.own_liberties >= 3,
    "liberties_4": lambda move: move.own_liberties >= 4,
    "own_eye": lambda move: move.surrounded_by == {1},
    "their_eye": lambda move: move.surrounded_by == {2},
    "connects": lambda move: len(move.touched(move.before, 1)) >= 2,
    "extends": lambda move: 1 in move.surrounded_by,
    "contact": lambda move: 2 in move.surrounded_by,
    "first_line": lambda move: move.to_edge == 0,
    "second_line": lambda move: move.to_edge >= 1,
    "takes_ko": lambda move: move.takes_ko,
    "plays_safely": lambda move: move.surrounded_by != {1} and move.own_liberties >= 2,
}
PASSES: dict[str, Callable[[GoMove], bool]] = {
    "pass": lambda move: True,
    "pass_ahead": lambda move: move.answers_pass and move.margin > 0,
    "pass_answer": lambda move: move.answers_pass,
}
NEVER = {(2, 3): {"second_line"}}  # a board of two rows has no second line


@pytest.mark.parametrize(("rows", "columns", "n_sampled"), [(2, 3, None), (3, 3, None), (3, 4, 4000)])
def test_go_concepts_mean_what_they_say(rows: int, columns: int, n_sampled: int | None) -> None:
    task, twin = make_task(f"go-{rows}x{columns}"), GoTwin(rows, columns)
    game, graph = task.game, task.graph
    moves = {edge: GoMove(twin, columns, state, point) for edge, state, point in edges_of(graph, n_sampled)}
    for concept in go_concepts.CONCEPTS:
        found = concept.holds(game, graph)
        about_stones, holds = concept.name in STONES, (STONES | PASSES)[concept.name]
        expected = {edge: move.is_pass != about_stones and holds(move) for edge, move in moves.items()}
        assert {edge: bool(found[edge]) for edge in moves} == expected, concept.name
        assert set(expected.values()) == ({False} if concept.name in NEVER.get((rows, columns), ()) else {False, True}), concept.name
    assert {concept.name for concept in go_concepts.CONCEPTS} == STONES.keys() | PASSES.keys()


# Lookahead


class Lookahead:
    """Recursive search of the game tree, move by move, from the rules alone. A game that is over has no moves."""

    def __init__(self, game_id: str) -> None:
        self.game = make_task(game_id).game
        self.look, self.lets_win, self.wins = cache(self._look), cache(self._lets_win), cache(self._wins)

    def _look(self, state: int) -> tuple[list[int], int]:
        """The states that the moves lead to, and the payoff of the player to move if the game is over."""
        expansion = self.game.expand(np.array([state], dtype=np.uint64))
        return expansion.edge_child.tolist(), int(expansion.payoff[0])

    def _wins(self, state: int, within: int) -> bool:
        """Whether the player to move has won, can win at once, or can force a win within so many own moves."""
        moves, payoff = self.look(state)
        return payoff > 0 or any(self.look(child)[1] < 0 or (within > 1 and self.lets_win(child, within - 1)) for child in moves)

    def _lets_win(self, state: int, within: int) -> bool:
        """Whether every answer to the move that led here loses at once or lets its player win within so many more own moves."""
        answers = self.look(state)[0]
        return bool(answers) and all(self.wins(answer, within) for answer in answers)


@pytest.mark.parametrize(("game_id", "n_sampled"), [("tictactoe", None), ("nim-3-4-5", None), ("go-2x3", None), ("go-3x3", 1000)])
def test_lookahead_words_mean_what_they_say(game_id: str, n_sampled: int | None) -> None:
    graph, tree = make_task(game_id).graph, Lookahead(game_id)
    twins: dict[str, Callable[[int], bool]] = {
        "wins_now": lambda child: tree.look(child)[1] < 0,
        "safe": lambda child: not tree.wins(child, 1),
        "forces_win": lambda child: tree.lets_win(child, 1),
        "safe_from_force": lambda child: not tree.wins(child, 2),
        "forces_win_5": lambda child: tree.lets_win(child, 2),
        "safe_for_6": lambda child: not tree.wins(child, 3),
        "forces_win_7": lambda child: tree.lets_win(child, 3),
        "safe_for_8": lambda child: not tree.wins(child, 4),
    }
    moves = {edge: (int(graph.states[graph.edge_child[edge]]),) for edge, *_ in edges_of(graph, n_sampled)}
    check_concepts(make_task(game_id), lookahead.CONCEPTS, twins, moves)


def test_words_say_how_far_they_look_ahead() -> None:
    assert [concept.depth for concept in lookahead.CONCEPTS] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {concept.depth for concept in (*tictactoe_concepts.CONCEPTS, *go_concepts.CONCEPTS, *nim_concepts.CONCEPTS)} == {0}
