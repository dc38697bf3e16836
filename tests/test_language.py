"""Languages: which predicates they have, how these are numbered, and where they hold."""

import ast
from itertools import permutations

import numpy as np
import pytest

from games.errors import UsageError
from games.words import words_of
from policies import lookahead
from policies.language import KINDS, PARTS, Language, language_of, make_language
from policies.patterns import WINDOWS, pattern_codes
from policies.task import make_task

GAMES = ["tictactoe", "nim-3-4-5", "go-2x3", "go-3x3"]


def language(name: str, game_id: str) -> Language:
    task = make_task(game_id)
    return make_language(name, task.game, task.graph)


@pytest.mark.parametrize("game_id", GAMES)
def test_number_and_predicate_are_inverse(game_id: str) -> None:
    full = language("words+lookahead+patterns+positions", game_id)
    predicates = [full.predicate(number) for number in range(full.n_predicates)]
    assert len(set(predicates)) == full.n_predicates
    assert [full.number(predicate) for predicate in predicates] == list(range(full.n_predicates))
    kinds = [kind for kind, _ in predicates]
    assert list(dict.fromkeys(kinds)) == [kind for kind in KINDS if make_task(game_id).game.board or kind not in WINDOWS]
    assert kinds.count("position") == full.graph.n_edges


@pytest.mark.parametrize("game_id", GAMES)
def test_edges_are_those_on_which_the_predicate_holds(game_id: str) -> None:
    task = make_task(game_id)
    game, graph, full = task.game, task.graph, language("words+lookahead+patterns+positions", game_id)
    held: dict[tuple[str, int], list[int]] = {("position", edge): [edge] for edge in range(graph.n_edges)}
    for kind, words in (("word", words_of(game)), ("lookahead", lookahead.WORDS)):
        for i, word in enumerate(words):
            held[kind, i] = [edge for edge, holds in enumerate(word.holds(graph).tolist()) if holds]
    if game.board:
        on_cell = (graph.edge_action < game.board.n_cells).tolist()
        for window in WINDOWS.values():
            codes = pattern_codes(window, game.board, game.cells(graph.states), graph.edge_start, graph.edge_action).tolist()
            for edge, code in enumerate(codes):
                if on_cell[edge]:
                    held.setdefault((window.name, code), []).append(edge)
    assert full.n_predicates == len(held)
    for predicate, edges in held.items():
        assert full.edges(full.number(predicate)).tolist() == edges


def test_a_pattern_that_occurs_nowhere_holds_nowhere() -> None:
    full = language("words+patterns", "go-3x3")
    surrounded_by_edges = 0b11_11_11_11  # all four neighbours off the board
    for window, code in (("cross", surrounded_by_edges), ("5x5", 2**48 - 1), ("3x3", 2**64 - 1)):
        assert full.number((window, code)) == -1
    assert full.edges(-1).tolist() == []


def test_the_order_of_the_parts_makes_no_difference() -> None:
    names = {language("+".join(order), "go-2x3").name for order in permutations(PARTS)}
    assert names == {"words+lookahead+patterns+positions"}
    assert language("positions+words", "go-2x3") is language("words+positions+words", "go-2x3")


def test_a_language_may_name_single_words() -> None:
    named = language("corner+lookahead+centre", "tictactoe")
    assert [word.name for word in named.words] == ["centre", "corner", *(word.name for word in lookahead.WORDS)]
    whole = language("words+lookahead", "tictactoe")
    for number in range(named.n_predicates):
        predicate = named.predicate(number)
        assert named.edges(number).tolist() == whole.edges(whole.number(predicate)).tolist()
        assert named.number(predicate) == number


@pytest.mark.parametrize("name", ["word", "words+patern", "positions,words", "centr", "words+", ""])
def test_an_unknown_part_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="unknown part") as error:
        language(name, "tictactoe")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("wrong", "meant"), [("words+patern", "patterns"), ("lookahed", "lookahead"), ("centr", "centre"), ("word", "words")]
)
def test_an_unknown_part_is_answered_with_the_nearest(wrong: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"did you mean .*{meant}"):
        language(wrong, "tictactoe")


def test_the_words_of_another_game_are_unknown() -> None:
    with pytest.raises(UsageError, match="unknown part 'centre'"):
        language("centre", "go-2x3")


def test_patterns_need_a_board() -> None:
    assert language("patterns", "nim-3-4-5").n_predicates == 0
    assert language("patterns", "tictactoe").n_predicates > 0


def test_the_smallest_language_of_rules_has_their_kinds_and_no_others() -> None:
    task = make_task("go-2x3")
    rules = {"words": ("word", 3), "lookahead": ("lookahead", 0), "patterns": ("5x5", 0), "positions": ("position", 7)}
    for parts in (["words"], ["patterns"], ["lookahead", "positions"], list(PARTS)):
        assert language_of([rules[part] for part in parts], task.game, task.graph).name == "+".join(parts)


@pytest.mark.parametrize("game_id", GAMES)
def test_the_source_of_a_word_is_python_that_defines_it(game_id: str) -> None:
    full = language("words+lookahead+patterns", game_id)
    for predicate, word in zip(full.word_predicates, full.words, strict=True):
        functions = [node.name for node in ast.parse(full.source([predicate])).body if isinstance(node, ast.FunctionDef)]
        assert functions == [source.__name__ for source in word.sources]
        assert word.holds.__name__ in functions
    all_used = [full.predicate(number) for number in range(full.n_predicates)]
    functions = [node.name for node in ast.parse(full.source(all_used)).body if isinstance(node, ast.FunctionDef) and node.name != "holds"]
    assert len(functions) == len(set(functions))
    assert full.source([("position", 0)]) == ""


def test_a_description_names_the_word_or_draws_the_picture() -> None:
    task, full = make_task("tictactoe"), language("words+patterns+positions", "tictactoe")
    assert full.describe(("word", 0), task.game) == "completes your line [win]"
    start = int(np.flatnonzero(full.graph.edge_action == 4)[0])
    assert full.describe(("position", start), task.game) == "is b2 in just this position\n3 . . .\n2 . . .\n1 . . .\n  a b c"
    corner = min(code for code in full.codes[0].tolist() if full.edges(full.number(("cross", code)))[0] == 0)
    assert full.describe(("cross", corner), task.game).splitlines()[1:] == ["  #", "# * .", "  ."]
