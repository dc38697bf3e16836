"""Explanations taken apart: words as they stand, and pictures as rows that an independent drawer of the same windows gives."""

import numpy as np
import pytest

from bench.report.parts.explained import lead_and_end, rules_in
from games.registry import make_game
from games.solving.store import load_truth
from policies.language.atoms import Literal, atoms_of
from policies.language.patterns import WINDOWS
from policies.language.pictures import draw_window
from policies.rules.text import list_in_words

LIST = """With 16 rules:
Go down the list.
In the pictures: * the move, X yours.
  1. Play a move that takes a stone or more [captures]
  2. Else play a move that joins two groups [connects]
     and fits this picture (cross)
          O
        # * X
          .
     and not: is the last
 12. Else play a move that is C2 in just this position
        2 . O X
        1 * X .
          A B C
        ko at A1
     Else play any legal move."""


def test_words_conditions_pictures_and_positions_are_told_apart() -> None:
    first, second, third = rules_in(LIST)
    assert (first.words, first.boards) == ("takes a stone or more [captures]", ())
    assert second.words == "joins two groups [connects] and fits this picture and not: is the last"
    assert second.boards == (("? O ?", "# * X", "? . ?"),)
    assert third.words == "is C2 in just this position (ko at A1)"
    assert third.boards == ((". O *", ". X ."),)  # the star is the move, the point of the ko is named
    assert lead_and_end(LIST) == ("Go down the list.", "Else play any legal move.")


def test_weights_are_facts_and_what_lists_no_rules_has_none() -> None:
    picture = "          X . .\n          O * ?\n          # # #"
    weighed = f"Give points.\n  +16  a move that wins [win]\n   -3  a move that fits this picture (3x3)\n{picture}"
    win, shape = rules_in(weighed)
    assert (win.words, win.facts) == ("wins [win]", ("weight +16",))
    assert (shape.facts, shape.boards) == (("weight -3",), (("X . .", "O * ?", "# # #"),))
    assert lead_and_end(weighed) == ("Give points.", "")
    assert rules_in("A mlp network: 18 to 4 to 9 units.\nunit 1 speaks for a3, against b2") == []
    assert rules_in("") == []
    assert lead_and_end("Play any legal move.") == ("Play any legal move.", "")


def test_a_position_without_a_board_is_told_in_words() -> None:
    (rule,) = rules_in("  1. Play a move that is take 1 from heap 1 in just this position\n        heap 1 (1): |\n        heap 2 (3): |||")
    assert (rule.words, rule.boards) == ("is take 1 from heap 1 in just this position heap 1 (1): | heap 2 (3): |||", ())


@pytest.mark.parametrize("kind", list(WINDOWS))
def test_every_window_of_a_game_comes_back_as_the_drawer_of_hand_written_rules_draws_it(kind: str) -> None:
    game = make_game("go-2x3")
    graph, _ = load_truth(game)
    atoms = atoms_of(game, graph)
    values = atoms.column(kind).values
    some = np.random.default_rng(0).choice(values, 40)
    for value in map(int, some):
        (rule,) = rules_in(list_in_words(atoms, "first-match", [(Literal(kind, value),)]))
        assert rule.boards == (tuple(draw_window(kind, value)),)
        assert rule.words == "fits this picture"


def test_every_position_shows_the_stones_of_its_state_and_the_move() -> None:
    game = make_game("tictactoe")
    graph, _ = load_truth(game)
    atoms = atoms_of(game, graph)
    for edge in np.random.default_rng(1).integers(graph.n_edges, size=40).tolist():
        (rule,) = rules_in(list_in_words(atoms, "first-match", [(Literal("position", edge),)]))
        ((*rows,),) = rule.boards
        cells = game.cells(graph.states[graph.edge_parent[edge]][None])[0]
        expected = [".XO"[content] for content in cells]
        assert expected[int(graph.edge_action[edge])] == "."
        expected[int(graph.edge_action[edge])] = "*"  # actions are cells here
        assert "".join(rows).replace(" ", "") == "".join(expected)
