"""The verbs play, watch and quiz, driven through stdin, beside a plain tic-tac-toe and what our lists are known to do."""

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import gaincurve
from tests.support.shell import Shell

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]
NAMES = ["a3", "b3", "c3", "a2", "b2", "c2", "a1", "b1", "c1"]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capfd)


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def give(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return give


def boards(out: str) -> list[str]:
    """The boards of tic-tac-toe that were printed, as nine symbols each."""
    found = re.findall(r"3 ([.XO]) ([.XO]) ([.XO])\n2 ([.XO]) ([.XO]) ([.XO])\n1 ([.XO]) ([.XO]) ([.XO])\n", out)
    return ["".join(each) for each in found]


def winner(board: str) -> str:
    return next((board[a] for a, b, c in LINES if board[a] != "." and board[a] == board[b] == board[c]), "")


@pytest.mark.parametrize("seat", ["first", "second"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_list_that_never_loses_is_not_beaten_and_every_board_follows_from_the_one_before(
    shell: Shell, write: Callable[[str], None], seat: str, seed: int
) -> None:
    write("\n".join(NAMES * 3))
    status, out, _ = shell("play", "never_loses", "--seat", seat, "--seed", str(seed))
    assert status == 0
    shown = boards(out)
    you, it = ("X", "O") if seat == "first" else ("O", "X")
    assert winner(shown[-1]) in ("", it)
    assert ("A draw." if not winner(shown[-1]) else f"{it} wins.") in out
    made = re.findall(r"(You play|[XO] plays) ([abc][123])", out)
    board = list("." * 9)
    for number, (who, name) in enumerate(made):
        mover = "XO"[number % 2]
        assert who == ("You play" if mover == you else f"{it} plays")
        assert board[NAMES.index(name)] == "."
        board[NAMES.index(name)] = mover
        if mover == it and number + 1 < len(made):
            assert "".join(board) in shown
    assert "".join(board) == shown[-1]
    for a, rule in re.findall(r"plays ([abc][123]) \(rule (\d+):", out):
        assert 1 <= int(rule) <= 5, a


def test_hints_say_what_every_move_loses(shell: Shell, write: Callable[[str], None]) -> None:
    """The answer to the centre must be a corner: a side loses the draw."""
    write("hint\nquit\n")
    _, out, _ = shell("play", "never_loses", "--seat", "second")
    assert "X plays b2 (rule 4: takes the centre [centre]) and loses nothing." in out
    for corner in ("a1", "a3", "c1", "c3"):
        assert f"{corner} loses nothing" in out
    for side in ("a2", "b1", "b3", "c2"):
        assert f"{side} loses 1: a loss in place of a draw" in out
    assert "The game was broken off." in out


def test_undo_takes_back_both_moves_and_other_words_are_answered(shell: Shell, write: Callable[[str], None]) -> None:
    write("undo\nb2\nundo\nmoves\nwhere\nrules\na1\n")
    status, out, _ = shell("play", "never_loses")
    assert status == 0
    assert "There is no move to take back." in out
    assert boards(out)[3] == "." * 9  # the first, after undo, after b2, after undo
    assert ", ".join(NAMES) in out
    assert "'where' is no move here; write a move by its name" in out
    assert "1. Play a move that completes your line [win]" in out
    assert "You play a1, which loses nothing." in out


def test_go_is_played_with_passes_and_counted_in_points(shell: Shell, write: Callable[[str], None], tmp_path: Path) -> None:
    gaincurve.fit("go-2x2", "rulelist", 3).save(tmp_path / "three.policy")
    write("pass\n" * 30)
    status, out, _ = shell("play", str(tmp_path / "three.policy"))
    assert status == 0
    assert "You are X (Black), first." in out
    assert re.search(r"\n1 [.XO] [.XO]\n  A B\n", out)
    assert re.search(r"(wins by \d points?\.|A draw\.) Lost against perfect play: X \(Black\) \d+, O \(White\) \d+\.\n$", out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("play", "never_loses", "--seat", "frist"), "--seat frist: did you mean first?"),
        (("play", "nothing.policy"), "cannot read nothing.policy"),
        (("play", "never_loses", "--game", "go-2x2"), "this list is for tictactoe, not for go-2x2"),
        (("watch", "never_loses", "go_short"), "this list is for go, not for tictactoe"),
        (("quiz", "never_loses", "--questions", "0"), "--questions 0: give at least 1"),
        (("quiz", "never_loses", "--rules", "-1"), "--rules -1: give 0 or more"),
    ],
)
def test_wrong_requests_are_refused_in_one_line(shell: Shell, words: tuple[str, ...], message: str) -> None:
    status, _, err = shell(*words)
    assert status == 2
    assert message in err


def test_two_lists_that_never_lose_draw(shell: Shell) -> None:
    """And the moves that are told make the boards that are shown."""
    status, out, _ = shell("watch", "never_loses", "--seed", "3")
    assert status == 0
    assert out.strip().endswith("A draw. Lost against perfect play: X 0, O 0.")
    board = list("." * 9)
    for number, (name, shown) in enumerate(zip(re.findall(r"[XO] plays ([abc][123])", out), boards(out), strict=True)):
        board[NAMES.index(name)] = "XO"[number % 2]
        assert "".join(board) == shown
    found = shell.json("watch", "never_loses", "newell_simon")
    assert (found["payoff"], found["is_over"]) == (0, True)
    assert [move["seat"] for move in found["moves"]] == ["first", "second"] * 4 + ["first"]


def test_a_game_that_goes_on_is_broken_off(shell: Shell) -> None:
    found = shell.json("watch", "never_loses", "--moves", "2")
    assert (len(found["moves"]), found["is_over"], found["payoff"]) == (2, False, None)


def test_a_network_plays_without_rules(shell: Shell, tmp_path: Path) -> None:
    gaincurve.fit("tictactoe", "network:steps=20", 1).save(tmp_path / "one.policy")
    found = shell.json("watch", str(tmp_path / "one.policy"))
    assert found["is_over"]
    assert {move["why"] for move in found["moves"]} == {""}


def test_a_quiz_scores_right_and_wrong_guesses(shell: Shell, write: Callable[[str], None]) -> None:
    """The answers of a first quiz are given to the second: all right; and to the third moves that the list does not play: all wrong."""
    write("a1\nb1\nc1\na2\nb2\nc2\na3\nb3\nc3\n" * 5)
    words = ("quiz", "never_loses", "--questions", "5", "--rules", "2", "--seed", "4")
    first = shell.json(*words)["answers"]
    assert len(first) == 5
    for choice, right in ((lambda row: row["policy"][0], 5), (lambda row: next(m for m in row["moves"] if m not in row["policy"]), 0)):
        write("\n".join(choice(row) for row in first))
        found = shell.json(*words)
        assert (found["right"], found["asked"], found["rules_shown"], found["size"]) == (right, 5, 2, 5)
        assert [row["state"] for row in found["answers"]] == [row["state"] for row in first]
    assert found["by_chance"] == pytest.approx(sum(len(row["policy"]) / len(row["moves"]) for row in first))
    assert all(row["seconds"] >= 0 and row["rule"] in (1, 2, 3, 4, 5) for row in first)


def test_a_quiz_answers_in_json_alone_on_stdout_and_asks_on_stderr(shell: Shell, write: Callable[[str], None]) -> None:
    write("quit\n")
    status, out, err = shell("quiz", "never_loses", "--json")
    assert status == 0
    assert json.loads(out)["asked"] == 0
    assert "Of its rules you see 5 of 5." in err
    assert "It plays (" in err


def test_a_quiz_says_which_rule_decides(shell: Shell, write: Callable[[str], None]) -> None:
    write("zz\n" + "\n".join(NAMES * 2))
    _, out, _ = shell("quiz", "never_loses", "--questions", "2")
    assert "'zz' is no move here." in out
    assert re.search(r"(Right|Wrong): it plays [abc][123].* \(rule [1-5]\)\.", out)
    assert re.search(r"[012] of 2 guesses right; guessing at random: \d\.\d\.", out)


@pytest.mark.parametrize(("words", "said"), [(("watch", "--moves", "0"), "give at least 1"), (("quiz", "--seed", "-1"), "is below 0")])
def test_what_cannot_be_asked_of_a_game_is_refused(words: tuple[str, ...], said: str, shell: Shell) -> None:
    verb, *options = words
    status, out, err = shell(verb, "never_loses", *options)
    assert (status, out, said in err) == (2, "", True)
