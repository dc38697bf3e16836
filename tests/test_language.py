"""Languages: which predicates they have, how these are numbered, and where they hold."""

import ast
from itertools import permutations

import numpy as np
import pytest

from games.concepts.concept import concepts_of
from games.errors import UsageError
from policies.language import lookahead
from policies.language.atoms import KINDS, LEVELS, Literal
from policies.language.language import PARTS, Language, make_language
from policies.language.patterns import ANYTHING, WINDOWS, canonical, contents, pattern, pattern_codes
from policies.task import make_task

GAMES = ["tictactoe", "nim-3-4-5", "go-2x3", "go-3x3"]


EVERYTHING = "concepts+lookahead-8+priority+patterns+cells+positions"


def language(name: str, game_id: str) -> Language:
    task = make_task(game_id)
    return make_language(name, task.game, task.graph)


@pytest.mark.parametrize("game_id", GAMES)
def test_number_and_predicate_are_inverse(game_id: str) -> None:
    full = language(EVERYTHING, game_id)
    predicates = [full.predicate(number) for number in range(full.n_predicates)]
    assert len(set(predicates)) == full.n_predicates
    assert [full.number(predicate) for predicate in predicates] == list(range(full.n_predicates))
    kinds = [kind for kind, _ in predicates]
    assert list(dict.fromkeys(kinds)) == [kind for kind in KINDS if make_task(game_id).game.board or kind not in WINDOWS]
    assert kinds.count("position") == full.graph.n_edges


@pytest.mark.parametrize("game_id", GAMES)
def test_edges_are_those_on_which_the_predicate_holds(game_id: str) -> None:
    task = make_task(game_id)
    game, graph, full = task.game, task.graph, language(EVERYTHING, game_id)
    held: dict[tuple[str, int], list[int]] = {("position", edge): [edge] for edge in range(graph.n_edges)}
    for kind, concepts in (("concept", concepts_of(game)), ("lookahead", lookahead.CONCEPTS)):
        for i, concept in enumerate(concepts):
            held[kind, i] = [edge for edge, holds in enumerate(concept.holds(game, graph).tolist()) if holds]
            parents = [int(graph.edge_parent[edge]) for edge in held[kind, i]]
            held[f"only-{kind}", i] = [edge for edge, parent in zip(held[kind, i], parents, strict=True) if parents.count(parent) == 1]
    cells = game.cells(graph.states).tolist()
    for edge, (parent, action) in enumerate(zip(graph.edge_parent.tolist(), graph.edge_action.tolist(), strict=True)):
        held.setdefault(("move", action), []).append(edge)
        for entry, content in enumerate(cells[parent]):
            held.setdefault(("cell", entry * LEVELS + content), []).append(edge)
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
    full = language("concepts+patterns", "go-3x3")
    surrounded_by_edges = 0b11_11_11_11  # all four neighbours off the board
    for window, code in (("cross", surrounded_by_edges), ("5x5", 2**48 - 1), ("3x3", 2**64 - 1)):
        assert full.number((window, code)) == -1
    assert full.edges(-1).tolist() == []


def test_the_order_of_the_parts_makes_no_difference() -> None:
    names = {language("+".join(order), "go-2x3").name for order in permutations(part for part in PARTS if part != "mechanical")}
    assert names == {"concepts+lookahead+priority+patterns+cells+positions"}
    assert language("positions+concepts", "go-2x3") is language("concepts+positions+concepts", "go-2x3")


def test_a_language_may_name_single_words() -> None:
    named = language("corner+lookahead+centre", "tictactoe")
    assert [concept.name for concept in named.concepts] == ["centre", "corner", *(concept.name for concept in lookahead.CONCEPTS[:4])]
    whole = language("concepts+lookahead-8", "tictactoe")
    for number in range(named.n_predicates):
        predicate = named.predicate(number)
        assert named.edges(number).tolist() == whole.edges(whole.number(predicate)).tolist()
        assert named.number(predicate) == number


@pytest.mark.parametrize("name", ["concept", "concepts+patern", "positions,concepts", "centr", "concepts+", ""])
def test_an_unknown_part_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="unknown part") as error:
        language(name, "tictactoe")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("wrong", "meant"), [("concepts+patern", "patterns"), ("lookahed", "lookahead"), ("centr", "centre"), ("concept", "concepts")]
)
def test_an_unknown_part_is_answered_with_the_nearest(wrong: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"did you mean .*{meant}"):
        language(wrong, "tictactoe")


def test_the_words_of_another_game_are_unknown() -> None:
    with pytest.raises(UsageError, match="unknown part 'centre'"):
        language("centre", "go-2x3")


def test_patterns_need_a_board() -> None:
    with pytest.raises(UsageError, match="nim-3-4-5 has no board, so language 'patterns' is empty"):
        language("patterns", "nim-3-4-5")
    assert language("patterns", "tictactoe").n_predicates > 0


def test_lookahead_is_as_deep_as_its_number_says() -> None:
    for depth in range(1, 9):
        assert [concept.depth for concept in language(f"lookahead-{depth}", "tictactoe").concepts] == list(range(1, depth + 1))
    assert language("lookahead", "tictactoe").concept_predicates == language("lookahead-4", "tictactoe").concept_predicates


def test_concepts_are_the_words() -> None:
    assert language("concepts", "tictactoe") is language("concepts", "tictactoe")


@pytest.mark.parametrize("game_id", ["go-2x3", "go-3x3"])
def test_a_wildcard_stands_for_every_content(game_id: str) -> None:
    """A pattern with wildcards holds where one of the patterns does that it stands for; only if turned alike."""
    atoms, rng = language("patterns", game_id).atoms, np.random.default_rng(3)
    for name, window in WINDOWS.items():
        values = atoms.column(name).values.tolist()
        for value in rng.choice(values, 5).tolist():
            cells = contents(window, value)
            wild = rng.random(window.n_cells) < 0.3
            wild[rng.integers(window.n_cells)] = True
            code = pattern(window, [ANYTHING if any_ else cell for any_, cell in zip(wild, cells, strict=True)])
            assert contents(window, code).count(ANYTHING) == wild.sum()
            images = [[contents(window, code)[i] for i in image] for image in window.images().tolist()]
            fitting = [
                other
                for other in values
                if any(all(a in (ANYTHING, b) for a, b in zip(image, contents(window, other), strict=True)) for image in images)
            ]
            assert value in fitting
            expected = sorted(edge for other in fitting for edge in atoms.edges((name, other)).tolist())
            assert atoms.edges((name, code)).tolist() == expected
            assert contents(window, canonical(window, range(8), code)) == min(images, key=lambda image: pattern(window, image))


def test_a_rule_holds_where_all_its_literals_do() -> None:
    full, rng = language("concepts+lookahead+cells", "tictactoe"), np.random.default_rng(0)
    everywhere = set(range(full.graph.n_edges))
    assert full.rule_edges(()).tolist() == sorted(everywhere)
    for _ in range(200):
        numbers = rng.choice(full.n_predicates, int(rng.integers(1, 4)), replace=False).tolist()
        rule = tuple(Literal(*full.predicate(number), bool(rng.random() < 0.5)) for number in numbers)
        held = [set(full.edges(number).tolist()) for number in numbers]
        sets = [edges if literal.holds else everywhere - edges for literal, edges in zip(rule, held, strict=True)]
        assert full.rule_edges(rule).tolist() == sorted(set.intersection(*sets))


@pytest.mark.parametrize("game_id", GAMES)
def test_the_source_of_a_word_is_python_that_defines_it(game_id: str) -> None:
    full = language("concepts+lookahead+patterns", game_id)
    for predicate, concept in zip(full.concept_predicates, full.concepts, strict=True):
        functions = [node.name for node in ast.parse(full.source([predicate])).body if isinstance(node, ast.FunctionDef)]
        assert functions == [source.__name__ for source in concept.sources]
        assert concept.holds.__name__ in functions
    all_used = [full.predicate(number) for number in range(full.n_predicates)]
    functions = [node.name for node in ast.parse(full.source(all_used)).body if isinstance(node, ast.FunctionDef) and node.name != "holds"]
    assert len(functions) == len(set(functions))
    assert full.source([("position", 0)]) == ""


def test_a_description_names_the_word_or_draws_the_picture() -> None:
    full = language("concepts+patterns+positions", "tictactoe")
    assert full.atoms.describe(Literal("concept", 0)).text == "completes your line [win]"
    start = int(np.flatnonzero(full.graph.edge_action == 4)[0])
    assert full.atoms.describe(Literal("position", start)).text == "is b2 in just this position"
    assert full.atoms.describe(Literal("position", start)).picture == ("3 . . .", "2 . . .", "1 . . .", "  a b c")
    corner = min(code for code in full.atoms.column("cross").values.tolist() if full.edges(full.number(("cross", code)))[0] == 0)
    assert full.atoms.describe(Literal("cross", corner)).picture == ("  #", "# * .", "  .")
