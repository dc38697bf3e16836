"""Games in lockstep with OpenSpiel, an implementation by others.

Its Go is not quite ours, and the differences are handled here:
- it ends a game as a draw when a stone brings back any earlier board (superko); ours goes on, and endless play is worth 0;
- it ends a game after a fixed number of moves, 2 x points unless told otherwise: here it is told a number never reached;
- it has komi, 7.5 unless told otherwise, and returns only who won: here komi is 0, then our margin, which must give a draw;
- boards are square and at least 2 x 2, and rows are counted from the bottom.
Its Nim returns the winner only, and keeps its heaps in order; ours sorts them.
"""

from collections import Counter
from random import Random
from typing import Any

import numpy as np
import pyspiel
import pytest

from games.contract import Expansion, Game
from games.registry import make_game

Cells = list[int]


def expand(game: Game, state: int) -> Expansion:
    return game.expand(np.array([state], dtype=np.uint64))


def cells_of(game: Game, state: int, n_cells: int) -> Cells:
    return [int(cell) for cell in game.cells(np.array([state], dtype=np.uint64))[0, :n_cells]]


def layings(game: Game, state: int, seen: Cells) -> list[list[int]]:
    """The symmetries that lay the canonical state over a board as the mover sees it: cell of that board -> canonical cell."""
    assert game.board is not None
    canonical = cells_of(game, state, len(seen))
    turns: list[list[int]] = game.board.symmetries.tolist()
    return [turn for turn in turns if [canonical[cell] for cell in turn] == seen]


def tictactoe_board(state: Any) -> Cells:
    mine = "xo"[len(state.history()) % 2]
    return [0 if mark == "." else 1 if mark == mine else 2 for mark in str(state).replace("\n", "")]


def test_tictactoe_agrees_on_every_state_of_the_whole_tree() -> None:
    game, reference = make_game("tictactoe"), pyspiel.load_game("tic_tac_toe")
    n_seen, n_ends = 0, Counter[float]()
    seen = set()
    pending = [(reference.new_initial_state(), game.start())]
    while pending:
        theirs, ours = pending.pop()
        if str(theirs) in seen:
            continue
        seen.add(str(theirs))
        n_seen += 1
        expansion = expand(game, ours)
        (turn, *_) = layings(game, ours, tictactoe_board(theirs))
        assert bool(expansion.terminal[0]) == theirs.is_terminal()
        if theirs.is_terminal():
            n_ends[theirs.returns()[0]] += 1
            assert int(expansion.payoff[0]) == theirs.returns()[len(theirs.history()) % 2]
            continue
        children = dict(zip(expansion.edge_action.tolist(), expansion.edge_child.tolist(), strict=True))
        legal = theirs.legal_actions()
        assert {turn[action] for action in legal} == children.keys()
        pending += [(theirs.child(action), children[turn[action]]) for action in legal]
    assert n_seen == 5478  # as in facts.toml: every position, the finished ones included
    assert n_ends == {1.0: 626, -1.0: 316, 0.0: 16}


def go_board(state: Any, size: int) -> str:
    return "".join(line.split()[1] for line in str(state).splitlines()[2 : 2 + size])


def seen_by_mover(board: str, n_moves: int) -> Cells:
    return [0 if mark == "+" else 1 if mark == "XO"[n_moves % 2] else 2 for mark in board]


def go_action(state: Any, action: int, size: int) -> int:
    """An action of OpenSpiel as a cell counted from the top, or as the pass."""
    name = state.action_to_string(state.current_player(), action).split()[1]
    return size * size if name == "PASS" else (size - int(name[1:])) * size + "abcdefgh".index(name[0])


@pytest.mark.parametrize(("size", "n_games"), [(2, 150), (3, 120), (4, 60), (5, 40)])
def test_go_agrees_on_random_games(size: int, n_games: int) -> None:
    game, random = make_game(f"go-{size}x{size}"), Random(size)
    settings = {"board_size": size, "max_game_length": 100_000}
    reference = pyspiel.load_game("go", {**settings, "komi": 0.0})
    ends = Counter[str]()
    n_captures = n_kos = 0
    for _ in range(n_games):
        theirs, ours = reference.new_initial_state(), game.start()
        past = [go_board(theirs, size)]
        while not theirs.is_terminal():
            expansion = expand(game, ours)
            assert not expansion.terminal[0]
            children = dict(zip(expansion.edge_action.tolist(), expansion.edge_child.tolist(), strict=True))
            legal = {go_action(theirs, action, size): action for action in theirs.legal_actions()}
            # Where the board is symmetric and the ko point is not, only some of the layings fit the legal moves too.
            turns = [[*turn, size * size] for turn in layings(game, ours, seen_by_mover(past[-1], len(theirs.history())))]
            (turn, *_) = [turn for turn in turns if {turn[cell] for cell in legal} == children.keys()]
            n_kos += "ko at" in game.render(ours)
            cell = random.choice([*legal] if random.random() < 0.2 else [*legal][:-1] or [*legal])
            theirs.apply_action(legal[cell])
            ours = children[turn[cell]]
            past.append(go_board(theirs, size))
            assert layings(game, ours, seen_by_mover(past[-1], len(theirs.history())))
            n_captures += past[-1].count("+") > past[-2].count("+")
            repeats = cell != size * size and past[-1] in past[:-1]
            assert not repeats or theirs.is_terminal()
        expansion = expand(game, ours)
        if not expansion.terminal[0]:
            ends["repetition"] += 1
            assert repeats
            assert theirs.returns() == [0, 0]
            continue
        ends["two passes"] += 1
        margin = int(expansion.payoff[0]) * (-1) ** len(theirs.history())
        assert theirs.returns() == [np.sign(margin), -np.sign(margin)]
        even = pyspiel.load_game("go", {**settings, "komi": float(margin)}).new_initial_state()
        for action in theirs.history():
            even.apply_action(action)
        assert even.returns() == [0, 0]
    assert n_captures > n_games
    assert n_kos > 0 or size == 2
    assert ends["two passes"] > n_games // 10
    assert ends["repetition"] > 0


@pytest.mark.parametrize("heaps", [(3, 4, 5), (2, 2), (1, 6)])
def test_nim_agrees_on_the_whole_tree(heaps: tuple[int, ...]) -> None:
    game = make_game("nim-" + "-".join(map(str, heaps)))
    reference = pyspiel.load_game("nim", {"pile_sizes": ";".join(map(str, heaps)), "is_misere": False})
    pending, seen = [(reference.new_initial_state(), game.start())], set()
    while pending:
        theirs, ours = pending.pop()
        if (str(theirs), theirs.current_player()) in seen:
            continue
        seen.add((str(theirs), theirs.current_player()))
        expansion = expand(game, ours)
        assert bool(expansion.terminal[0]) == theirs.is_terminal()
        if theirs.is_terminal():
            assert int(expansion.payoff[0]) == theirs.returns()[len(theirs.history()) % 2]
            continue
        children = [theirs.child(action) for action in theirs.legal_actions()]
        assert len(children) == len(expansion.edge_action)
        after = {tuple(cells_of(game, int(child), len(heaps))): int(child) for child in expansion.edge_child}
        assert {nim_heaps(child) for child in children} == after.keys()
        pending += [(child, after[nim_heaps(child)]) for child in children]
    assert len(seen) > np.prod([heap + 1 for heap in heaps])  # most piles come up with either player to move


def nim_heaps(state: Any) -> tuple[int, ...]:
    return tuple(sorted(int(size) for size in str(state).partition(": ")[2].split()))
