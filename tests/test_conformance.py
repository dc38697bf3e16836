"""`check_game` passes every shipped game, and finds what is wrong with games that were broken on purpose."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from games.concepts.concept import Concept
from games.conformance.check import check_game
from games.contract import Board, Draws, Expansion, Game, HasEvaluation, States, TellsBoardsApart, unfolded
from games.errors import WorkError
from games.registry import GAMES, make_game
from games.rules.board import rectangle

Change = Callable[[Game], Any]


class Altered:
    """A game with some of its attributes replaced."""

    def __init__(self, game: Game, **changes: Any) -> None:
        self.game, self.changes = game, changes

    def __getattr__(self, name: str) -> Any:
        return self.changes[name] if name in self.changes else getattr(self.game, name)


def fits(game: Game, n_states: int) -> bool:
    """Whether a game has at most so many states."""
    known, pending = {game.start()}, [game.start()]
    while pending and len(known) <= n_states:
        children = set(game.expand(np.array(pending, dtype=np.uint64)).edge_child.tolist())
        pending = sorted(children - known)
        known |= children
    return len(known) <= n_states


@pytest.mark.parametrize("game_id", [*" ".join(examples for _, examples in GAMES.values()).split(), "go-1x3", "go-4x5", "nim-9-1"])
def test_every_shipped_game_passes_all_checks_that_apply(game_id: str) -> None:
    game = make_game(game_id)
    optional = sum(isinstance(game, members) for members in (TellsBoardsApart, Draws, HasEvaluation))
    n_checks = 12 + 2 * (game.board is not None) + 2 * fits(game, 6_000) + optional
    names = check_game(game, n_states=6_000)
    assert len(names) == len(set(names)) == n_checks


def expanding(change: Callable[[Expansion], dict[str, Any]]) -> Change:
    """Expansions with some arrays replaced."""

    def alter(game: Game) -> Callable[[States], Expansion]:
        def expand(states: States, fold: bool = True) -> Expansion:
            expansion = game.expand(states) if fold else unfolded(game, states)
            return expansion._replace(**change(expansion))

        return expand

    return alter


def forgetful(game: Game) -> Callable[[States], Expansion]:
    """Every second call says that play is worth nothing."""
    calls = itertools.count()

    def expand(states: States) -> Expansion:
        expansion = game.expand(states)
        return expansion._replace(payoff=expansion.payoff * np.int16(next(calls) % 2))

    return expand


def upside_down(game: Game) -> Callable[[States], Expansion]:
    """From every other state the first move leads to the child turned upside down."""

    def expand(states: States) -> Expansion:
        expansion = game.expand(states)
        children = expansion.edge_child.copy()
        for edge in expansion.edge_start[:-1][(states % 2 == 1) & ~expansion.terminal]:
            child = int(children[edge])
            children[edge] = sum(1 << (9 * (i // 9) + (8 - i % 9)) for i in range(18) if child >> i & 1)
        return expansion._replace(edge_child=children)

    return expand


SQUARE = rectangle(3, 3)
BROKEN: dict[str, tuple[str, str, Change, str]] = {
    "start too large": ("nim-1-2", "start", lambda game: lambda: 1 << 64, "start gives .* not a whole number of 64 bits"),
    "types": ("nim-1-2", "expand", expanding(lambda e: {"payoff": e.payoff.astype(float)}), "payoff has the type float64, not int16"),
    "lengths": ("nim-1-2", "expand", expanding(lambda e: {"edge_child": e.edge_child[1:]}), "gives arrays of lengths"),
    "edge_start": ("nim-1-2", "expand", expanding(lambda e: {"edge_start": e.edge_start[::-1]}), "does not rise from 0"),
    "illegal action": (
        "nim-1-2",
        "expand",
        expanding(lambda e: {"edge_action": e.edge_action + np.int16(2)}),
        r"is not in 0\.\.3 at state",
    ),
    "one action too many": (
        "nim-1-2",
        "n_actions",
        lambda game: 3,  # of 4: only the last, two stones from the second heap, is beyond
        r"edge_action is not in 0\.\.2 at state",
    ),
    "unordered actions": ("nim-1-2", "expand", expanding(lambda e: {"edge_action": 0 * e.edge_action}), "does not ascend, or repeats"),
    "no end": (
        "nim-1-2",
        "expand",
        expanding(lambda e: {"terminal": ~e.terminal | True}),
        "disagrees with whether there are moves at state",
    ),
    "large payoff": (
        "nim-1-2",
        "expand",
        expanding(lambda e: {"payoff": 3 * e.payoff}),
        r"larger than max_payoff, 1, at state 0x0 \(1 of 1",
    ),
    "early payoff": ("nim-1-2", "expand", expanding(lambda e: {"payoff": e.payoff + np.int16(1)}), "is not 0 though the game goes on"),
    "chance": ("nim-1-2", "expand", forgetful, "does not give the same twice"),
    "not folded": ("tictactoe", "expand", upside_down, "folding leaves states .* alike"),
    "returns": ("go-2x2", "endless", lambda game: False, "endless is false, yet a line of play comes back"),
    "multiplicity": ("tictactoe", "multiplicity", lambda game: lambda states: game.multiplicity(states) * 0, "multiplicity is below 1"),
    "image count": ("go-2x2", "multiplicity", lambda game: lambda s: np.ones(len(s), np.int32), "is not the number of images at state"),
    "cell level": ("tictactoe", "cell_levels", lambda game: lambda: (2,) * 9, "goes beyond cell_levels at state"),
    "blind cells": ("tictactoe", "cells", lambda game: lambda s: 0 * game.cells(s), "cells leaves states 0x0 and .* alike"),
    "planes": ("tictactoe", "planes", lambda game: lambda s: 2 * game.planes(s), "other than 0 and 1"),
    "flat planes": ("go-2x3", "planes", lambda game: lambda s: game.planes(s).reshape(len(s), 4, 3, 2), r"on a board of \(2, 3\)"),
    "one picture": ("tictactoe", "render", lambda game: lambda state: "a board", "draws states .* alike"),
    "one name": ("tictactoe", "action_name", lambda game: lambda action: "move", "gives move to more than one action"),
    "no permutation": ("tictactoe", "board", lambda game: Board(3, 3, 0 * SQUARE.symmetries), "no permutation of the cells"),
    "no group": ("tictactoe", "board", lambda game: Board(3, 3, SQUARE.symmetries[:6]), "is not closed"),
    "no identity": ("tictactoe", "board", lambda game: Board(3, 3, SQUARE.symmetries[1:]), "does not begin with the identity"),
    "low estimate": ("tictactoe", "estimate_states", lambda game: lambda: 5.0, "says 5 where there are 765 states"),
    "a word of states": (
        "nim-1-2",
        "concepts",
        lambda game: (Concept("last", "ends", lambda _, graph: graph.terminal),),
        "concept last gives bool",
    ),
    "symmetry of no action": ("nim-1-2", "action_symmetries", lambda game: 0 * game.action_symmetries, "no permutation of the actions"),
    "actions that stay": ("breakthrough-3x3", "action_symmetries", lambda game: np.tile(np.arange(27), (2, 1)), "does not take the moves"),
    "no images": ("tictactoe", "fold", lambda game: lambda s: (s, np.zeros(len(s), np.int64)), "leads elsewhere without folding"),
    "fold moves": (
        "go-2x3",
        "fold",
        lambda game: lambda s: (game.fold(s)[0] ^ np.uint64(1), game.fold(s)[1]),
        "changes what `expand` hands out",
    ),
    "wrong symmetry": (
        "go-2x3",
        "fold",
        lambda game: lambda s: (game.fold(s)[0], 0 * game.fold(s)[1]),
        "does not take the moves of a state",
    ),
    "keys": ("go-2x3", "same_board", lambda game: lambda s: s[:1], "same_board gives uint64"),
    "draws twice": ("go-2x3", "draw_states", lambda game: lambda n, seed: np.zeros(n, np.uint64), "does not give 20 different states"),
    "draws what is not": (
        "go-2x3",
        "draw_states",
        lambda game: lambda n, seed: np.arange(n, dtype=np.uint64),
        "that play does not hand out",
    ),
    "evaluation": ("go-2x3", "evaluate", lambda game: lambda s: game.evaluate(s) + 1, "is not the payoff at state"),
    "a name with a space": ("nim-1-2", "id", lambda game: "nim 1 2", "has a space in it"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_game_is_told_what_is_wrong_in_one_line(case: str) -> None:
    game_id, attribute, change, message = BROKEN[case]
    game = make_game(game_id)
    with pytest.raises(WorkError, match=message) as error:
        check_game(Altered(game, **{attribute: change(game)}))
    assert "\n" not in str(error.value)
    assert "breaks its contract" in str(error.value)
