"""Explanations as data: text for a terminal, and boards as an independent drawer, or the cells of the state, give them."""

from pathlib import Path

import numpy as np
import pytest

from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import read_record, record_path, write_record
from games.registry import make_game
from games.solving.store import load_truth
from policies.explanation import Entry, Explanation
from policies.language.atoms import Literal, atoms_of
from policies.language.patterns import WINDOWS
from policies.language.pictures import draw_window
from policies.rules.text import list_in_words
from tests.support.report_planted import point, record


def test_the_text_is_lead_legend_entries_and_end_a_line_each() -> None:
    two = (Entry("wins", lines=("  1. Play a move that wins",)), Entry("unit 2"))
    assert str(Explanation("Go down.", two, "     Else any.", "* the move")) == (
        "Go down.\n* the move\n  1. Play a move that wins\nunit 2\n     Else any."
    )
    assert str(Explanation("Play any legal move.")) == "Play any legal move."


def test_an_entry_is_the_same_at_another_place_of_a_list_but_not_with_another_board() -> None:
    assert Entry("wins", lines=("  1. Play a move that wins",)) == Entry("wins", lines=("  2. Else play a move that wins",))
    assert Entry("fits this picture", (("X * .",),)) != Entry("fits this picture", (("O * .",),))


def test_a_record_gives_entries_back_and_is_read_without_them(tmp_path: Path) -> None:
    said = Explanation("Go down.", (Entry("wins [win]", ((". * X",),), 3, "wins", ("  1. wins",)),), "Else any.", "* the move")
    for explained in (said, None):
        written = record("tictactoe", "rulelist", [point(1, 0.5, explanation=str(said), explained=explained)])
        write_record(tmp_path, written)
        found = read_record(record_path(tmp_path, written.cell_id))
        assert isinstance(found, Record)
        assert isinstance(found.points[0], Point)
        assert found == written
        assert str(found.points[0].explained or "") == (str(said) if explained else "")


@pytest.mark.parametrize("kind", list(WINDOWS))
def test_every_window_of_a_game_is_drawn_as_hand_written_rules_draw_it(kind: str) -> None:
    game = make_game("go-2x3")
    graph, _ = load_truth(game)
    atoms = atoms_of(game, graph)
    for value in map(int, np.random.default_rng(0).choice(atoms.column(kind).values, 40)):
        (rule,) = list_in_words(atoms, "first-match", [(Literal(kind, value),)]).entries
        assert (rule.text, rule.boards) == ("fits this picture", (tuple(draw_window(kind, value)),))
        assert rule.lines[0].endswith(f"fits this picture ({kind})")


def test_every_position_shows_the_stones_of_its_state_and_the_move() -> None:
    game = make_game("tictactoe")
    graph, _ = load_truth(game)
    atoms = atoms_of(game, graph)
    for edge in np.random.default_rng(1).integers(graph.n_edges, size=40).tolist():
        (rule,) = list_in_words(atoms, "first-match", [(Literal("position", edge),)]).entries
        ((*rows,),) = rule.boards
        cells = game.cells(graph.states[graph.edge_parent[edge]][None])[0]
        expected = [".XO"[content] for content in cells]
        assert expected[int(graph.edge_action[edge])] == "."
        expected[int(graph.edge_action[edge])] = "*"  # actions are cells here
        assert "".join(rows).replace(" ", "") == "".join(expected)


def test_the_stone_that_moves_is_not_hidden_by_the_mark_of_its_move() -> None:
    game = make_game("breakthrough-3x4")
    graph, _ = load_truth(game)
    edge = int(graph.edge_start[0])
    (rule,) = list_in_words(atoms_of(game, graph), "first-match", [(Literal("position", edge),)]).entries
    ((*rows,),) = rule.boards
    cells = game.cells(graph.states[graph.edge_parent[edge]][None])[0]
    assert "".join(rows).replace(" ", "") == "".join(".XO"[content] for content in cells)


def test_what_else_is_said_of_a_position_stands_beside_its_board_and_a_position_without_a_board_in_words() -> None:
    go = make_game("go-2x3")
    graph, _ = load_truth(go)
    drawn = [go.render(int(state)).splitlines() for state in graph.states]
    state = next(i for i in graph.positions.tolist() if len(drawn[i]) > 3)  # two rows, the names of columns, and a note
    (rule,) = list_in_words(atoms_of(go, graph), "first-match", [(Literal("position", int(graph.edge_start[state])),)]).entries
    assert rule.text.endswith(" ".join(f"({note.strip()})" for note in drawn[state][3:]))
    assert len(rule.boards) == 1
    nim = make_game("nim-1-2")
    graph, _ = load_truth(nim)
    (rule,) = list_in_words(atoms_of(nim, graph), "first-match", [(Literal("position", 0),)]).entries
    assert rule.boards == ()
    said = " ".join(line.strip() for line in nim.render(int(graph.states[graph.edge_parent[0]])).splitlines())
    assert rule.text == f"is {nim.action_name(int(graph.edge_action[0]))} in just this position {said}"
