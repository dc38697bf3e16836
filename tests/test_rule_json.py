"""Lists as JSON: every list that a fitter can make comes back, turned drawings mean the same, and each mistake is named."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.errors import UsageError
from games.registry import make_game
from policies.language.atoms import Literal, Rule
from policies.language.literal_json import FORM_KEYS
from policies.rules.json_lists import read_list, read_rules, write_list
from policies.rules.rulelist import RuleList
from policies.task import make_task
from tests.support.rule_lists import rule_lists

GAMES = ["tictactoe", "nim-3-4-5", "go-2x3", "go-3x3", "kalah-2-2", "connect_four-3x4", "domineering-3x3", "breakthrough-3x3"]


def read(game_id: str, *rules: Any, **more: Any) -> tuple[Rule, ...]:
    task = make_task(game_id)
    return read_rules(read_list(json.dumps({"game": game_id, "rules": rules, **more})), task.game, task.graph)


@pytest.mark.parametrize("game_id", GAMES)
def test_every_list_comes_back(game_id: str) -> None:
    task = make_task(game_id)

    @given(rule_lists(game_id))
    @settings(max_examples=40, deadline=None, derandomize=True)
    def check(policy: RuleList) -> None:
        written = read_list(write_list(task.game, task.graph, policy.semantics, policy.rules, "tried"))
        assert RuleList(written.semantics, read_rules(written, task.game, task.graph)) == policy
        assert (written.game, written.about) == (game_id, "tried")

    check()


def test_every_position_and_move_comes_back() -> None:
    """Go on 2x3 has kos and passes, which stand below the board."""
    for game_id in ("go-2x3", "nim-1-2-3", "planted-geometric-4"):
        task = make_task(game_id)
        rules = tuple((Literal("position", edge),) for edge in range(task.graph.n_edges))
        assert read_rules(read_list(write_list(task.game, task.graph, "first-match", rules)), task.game, task.graph) == rules


def test_a_list_is_written_as_people_would() -> None:
    task = make_task("tictactoe")
    corner = read("tictactoe", {"window": "3x3", "picture": ["# # #", "# * O", "# . X"]})[0]
    rules = (*read("tictactoe", "win", ["not centre", "only safe"], {"cell": "b2", "is": "theirs"}), corner)
    assert write_list(task.game, task.graph, "first-match", rules, "mine").splitlines() == [
        "{",
        ' "game": "tictactoe",',
        ' "about": "mine",',
        ' "semantics": "first-match",',
        ' "rules": [',
        '  "win",',
        '  ["not centre", "only safe"],',
        '  {"cell": "b2", "is": "theirs"},',
        '  {"window": "3x3", "picture": ["# # #",',
        '                                "# * O",',
        '                                "# . X"]}',
        " ]",
        "}",
    ]


def test_the_ways_to_write_a_rule() -> None:
    concepts = read("tictactoe", "win", "not centre", "only win", "not only safe", [{"not": {"move": "b2"}}, "corner"])
    assert concepts == (
        (Literal("concept", 0),),
        (Literal("concept", 5, False),),
        (Literal("only-concept", 0),),
        (Literal("only-lookahead", 1, False),),
        (Literal("move", 4, False), Literal("concept", 6)),
    )
    assert read("tictactoe", {"cell": "B2", "is": 0}) == read("tictactoe", {"cell": "b2", "is": "empty"})
    assert read("go-3x3", {"entry": 10, "is": 1}, {"move": "pass"}) == ((Literal("cell", 10 * 128 + 1),), (Literal("move", 9),))
    assert read("tictactoe", ["win"]) == read("tictactoe", "win")
    assert read_list('{"game": "nim", "rules": []}').is_for("nim-3-4-5")
    assert not read_list('{"game": "nim", "rules": []}').is_for("misere_nim-3-4-5")


def test_turned_pictures_mean_the_same() -> None:
    picture = ["X . #", "O * #", "? . #"]
    turned = [" ".join(row[i] for row in map(str.split, picture)) for i in range(3)]
    mirrored = [row[::-1] for row in picture]
    same = {
        read("go-3x3", {"picture": rows}) for rows in (picture, turned, mirrored, picture[::-1], [row.replace(" ", "") for row in picture])
    }
    assert len(same) == 1
    falling = {read("connect_four-3x4", {"picture": rows}) for rows in (picture, mirrored, picture[::-1])}
    assert len(falling) == 2  # pieces fall: only left and right can be swapped


def test_a_picture_is_seen_through_the_smallest_window_that_holds_it() -> None:
    def window(*rows: str, **more: str) -> str:
        return read("go-3x3", {"picture": rows, **more})[0][0].kind

    assert window("? X ?", "? * ?", "? O ?") == "cross"
    assert window("? X ?", "? * ?", "? O #") == "3x3"
    assert window("? ? # ? ?", "? X ? ? ?", "? ? * ? ?", "? ? ? ? ?", "? ? ? ? ?") == "diamond"
    assert window("# # # ? ?", "? X ? ? ?", "? ? * ? ?", "? ? ? ? ?", "? ? ? ? ?") == "5x5"
    assert window("? ? ? ? ?", "? X ? ? ?", "? ? * ? ?", "? ? ? ? ?", "? ? ? ? ?") == "3x3"
    assert window("? X ?", "? * ?", "? O ?", window="5x5") == "5x5"


def test_turned_positions_mean_the_same_move() -> None:
    """One corner taken, one side answered: two legal ways to draw it, and the names of the cells are no part of it."""
    drawn = [
        (["3 X . .", "2 O . .", "1 . . .", "  a b c"], "b2"),
        (["X O .", ". . .", ". . ."], "b2"),
        ([". O X", ". . .", ". . ."], "b2"),
    ]
    assert len({read("tictactoe", {"position": rows, "move": move}) for rows, move in drawn}) == 1
    far_corners = [(["X O .", ". . .", ". . ."], "c1"), ([". O X", ". . .", ". . ."], "a1"), ([". . .", ". . .", ". O X"], "a3")]
    assert len({read("tictactoe", {"position": rows, "move": move}) for rows, move in far_corners}) == 1


MISTAKES = [
    ("tictactoe", ["win", "centr"], "rule 2: unknown concept 'centr'; did you mean centre"),
    ("tictactoe", ["win", "not onyl block"], "rule 2: unknown concept 'onyl block'; did you mean block"),
    ("tictactoe", ["xor_zero"], "rule 1: 'xor_zero' is a concept of misere_nim and nim, not of tictactoe; known: block,"),
    ("tictactoe", ["win", []], "rule 2: this is empty"),
    ("tictactoe", [""], "rule 1: this is empty"),
    ("tictactoe", ["win", "block", 3], 'rule 3: want a concept such as "win", an object or a list of these, not 3'),
    ("tictactoe", [["win", ["block"]]], 'rule 1: want a concept such as "win", an object or a list of these, not ["block"]'),
    ("tictactoe", [None], "rule 1: want a concept"),
    ("tictactoe", ["win", "block", ["win"]], "rule 3: this says the same as rule 1"),
    ("tictactoe", [["win", "centre"], ["centre", "win"]], "rule 2: this says the same as rule 1"),
    ("tictactoe", [["centre", "win", "centre"]], 'rule 1: this says "centre" twice'),
    ("tictactoe", [{"pcture": []}], "rule 1: unknown key 'pcture'; did you mean picture?"),
    ("tictactoe", [{}], "rule 1: the keys (none) together say nothing; write one of: picture; cell with is;"),
    ("tictactoe", [{"cell": "b2"}], "rule 1: the keys cell together say nothing"),
    ("tictactoe", [{"cell": "b2", "move": "b2"}], "rule 1: the keys cell and move together say nothing"),
    ("tictactoe", [{"cell": "b4", "is": "empty"}], "rule 1: unknown cell 'b4'; known: a1, a2"),
    (
        "tictactoe",
        [{"cell": "b2", "is": "emtpy"}],
        'rule 1: "is" takes empty or yours or theirs or a number 0 to 2, not "emtpy"; did you mean empty',
    ),
    ("tictactoe", [{"cell": "b2", "is": 3}], 'rule 1: "is" takes empty or yours or theirs or a number 0 to 2, not 3'),
    ("tictactoe", [{"cell": 2, "is": 0}], 'rule 1: "cell" is text, not 2'),
    ("go-3x3", [{"entry": 11, "is": 0}], "rule 1: the entries of a position of go-3x3 are the numbers 0 to 10, not 11"),
    ("go-3x3", [{"entry": 10, "is": "empty"}], 'rule 1: "is" takes a number 0 to 2, not "empty"'),
    ("nim-3-4-5", [{"cell": "a1", "is": 0}], "rule 1: nim-3-4-5 has no board; write entry, not cell"),
    ("nim-3-4-5", [{"picture": ["...", ".*.", "..."]}], "rule 1: nim-3-4-5 has no board, so nothing fits a picture"),
    ("tictactoe", [{"move": "b9"}], "rule 1: unknown move 'b9'; known: a1, a2"),
    ("tictactoe", [{"picture": "X.."}], 'rule 1: "picture" is a list of rows, each of them text, not "X.."'),
    (
        "tictactoe",
        [{"picture": ["X . .", ". * ."]}],
        "rule 1: a picture is 3 rows of 3 symbols, or 5 of 5; this one has 2 rows of 3 3 symbols",
    ),
    ("tictactoe", [{"picture": ["X . .", ". * .", ". ."]}], "this one has 3 rows of 3 3 2 symbols"),
    ("tictactoe", [{"picture": ["X . .", ". * .", ". . x"]}], "rule 1: unknown symbol 'x' in a picture; known: * the move, X yours"),
    ("tictactoe", [{"picture": ["* . .", ". X .", ". . ."]}], "rule 1: the middle of a picture, and nothing else in it, is *"),
    (
        "tictactoe",
        [{"picture": ["? X ?", "X * ?", "? ? ?"], "window": "4x4"}],
        "rule 1: unknown window '4x4'; known: 3x3, 5x5, cross, diamond",
    ),
    (
        "tictactoe",
        [{"picture": ["X X X", "X * ?", "? ? ?"], "window": "cross"}],
        "the window cross does not hold this picture: 2 of its cells",
    ),
    ("tictactoe", [{"position": ["X X X", ". . .", ". . ."], "move": "b2"}], "rule 1: no such position arises in tictactoe"),
    ("nim-3-4-5", [{"position": ["heap 1"], "move": "take 1 from heap 1"}], "rule 1: no such position arises in nim-3-4-5"),
    (
        "tictactoe",
        [{"position": ["X O .", ". . .", ". . ."], "move": "a3"}],
        "rule 1: a3 is not legal in this position: X O . / . . . / . . .",
    ),
]


@pytest.mark.parametrize(("game_id", "rules", "said"), MISTAKES)
def test_a_mistake_in_a_rule_is_named_with_its_number(game_id: str, rules: list[Any], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(game_id, *rules)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"game": "tictactoe",\n "rules": ["win",]}', "this is not JSON: "),
        ('{"game": "tictactoe"', "this is not JSON: Expecting ',' delimiter in line 1, column 21"),
        ("[" * 100_000, "this is not a list: it nests thousands of brackets"),
        ('{"game": "nim", "rules": [' + "9" * 5000 + "]}", "or has a number of thousands of digits"),
        ('["win", "block"]', 'a list is an object such as {"game": "tictactoe", "rules": ["win", "block"]}, not ["win", "block"]'),
        ('{"game": "tictactoe", "ruls": ["win"]}', "unknown key 'ruls'; did you mean rules?"),
        ('{"game": "tictactoe"}', 'the key "rules" is missing'),
        ('{"rules": ["win"]}', 'the key "game" is missing'),
        ('{"game": "tictactoe", "rules": "win"}', '"rules" is a list of rules, not "win"'),
        ('{"game": 3, "rules": ["win"]}', '"game" is text, not 3'),
        ('{"game": "tictactoe", "rules": [], "rules": ["win"]}', "the key 'rules' stands twice in one object"),
        ('{"game": "tictactoe", "semantics": "first", "rules": []}', "unknown semantics 'first'; did you mean first-match?"),
    ],
)
def test_a_mistake_in_the_file_is_named(text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_list(text)
    assert said in str(raised.value)


@pytest.mark.parametrize("game_id", ["tictactoe", "nim-3-4-5"])
def test_whatever_stands_in_a_list_is_a_rule_or_refused_in_one_line(game_id: str) -> None:
    texts = st.sampled_from(
        ["win", "xor_zero", "not safe", "only ", "not", "", "b2", "empty", "X . .", ". * .", "...", "?*?", "3x3", "pass", "\n"]
    )
    atoms = st.none() | st.booleans() | st.integers(-2, 9) | st.floats(allow_nan=False) | texts | st.text(max_size=3)
    keys = st.sampled_from([*FORM_KEYS, "nto"])
    values = st.recursive(
        atoms | st.lists(texts, max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=2)
    )
    outcomes = set()

    @given(st.lists(st.sampled_from(["safe", "not only wins_now", ["forces_win", "not safe"]]) | values, max_size=3))
    @settings(max_examples=300, deadline=None, derandomize=True)
    def check(rules: list[Any]) -> None:
        said = ""
        try:
            assert len(read(game_id, *rules)) == len(rules)
        except UsageError as error:
            said = str(error)
        assert said.startswith("rule ") or not said
        assert "\n" not in said
        outcomes.add("refused" if said else "read" if rules else "empty")

    check()
    assert outcomes == {"read", "refused", "empty"}


def test_a_list_for_another_game_is_refused() -> None:
    task = make_task("tictactoe")
    with pytest.raises(UsageError, match="this list is for nim, not for tictactoe"):
        read_rules(read_list('{"game": "nim", "rules": ["xor_zero"]}'), task.game, task.graph)


def test_a_games_own_word_hides_a_fact_of_lookahead_but_both_can_be_said() -> None:
    """No game of ours has such a concept; one from outside may."""
    from dataclasses import dataclass, replace

    from games.concepts.concept import Concept, concepts_of
    from games.rules.tictactoe import TicTacToe

    own = replace(concepts_of(make_game("tictactoe"))[0], name="safe")

    @dataclass(frozen=True)
    class Named(TicTacToe):
        concepts: tuple[Concept, ...] = (own,)

    graph = make_task("tictactoe").graph
    rules = read_rules(read_list('{"game": "tictactoe", "rules": ["safe", "not lookahead safe"]}'), Named(), graph)
    assert rules == ((Literal("concept", 0),), (Literal("lookahead", 1, False),))
    assert read_rules(read_list(write_list(Named(), graph, "first-match", rules)), Named(), graph) == rules
