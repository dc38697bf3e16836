"""Play: an engine of the Go Text Protocol, matches under our own rules, records of games, and the shortest loss of a policy."""

import io
import itertools
import shutil
import sys
import time
from pathlib import Path

import pytest

from bench.harness.policyfile import pack, save_policy
from bench.play import remote
from bench.play.board import Line
from bench.play.engine import Engine
from bench.play.players import policy_player
from bench.play.referee import Played, draw_openings, elo, play_game, play_match, standing
from bench.play.remote import GtpPlayer
from bench.play.sgf import record_of
from bench.play.vertices import square_go
from games.contract import Game
from games.errors import UsageError, WorkError
from games.registry import make_game
from tests.support.shell import Shell

GNUGO = shutil.which("gnugo") or shutil.which("gnugo", path="/usr/games")
GNUGO_MODE = "--mode gtp --level 1 --boardsize 5 --chinese-rules --komi 0 --simple-ko --forbid-suicide"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


class FirstLegal:
    """Plays the legal action with the lowest number; or always the same action, legal or not."""

    name = "first legal"

    def __init__(self, game: Game, always: int | None = None) -> None:
        self.game, self.always = game, always
        self.heard: list[tuple[int, bool]] = []

    def start(self) -> None:
        self.heard.clear()

    def told(self, action: int, is_first: bool) -> None:
        self.heard.append((action, is_first))

    def choose(self, state: int, is_first: bool) -> int | None:
        return min(Line(self.game, [state]).children()) if self.always is None else self.always

    def close(self) -> None: ...


COMMANDS = ["protocol_version", "name", "version", "known_command", "list_commands", "boardsize", "clear_board", "komi", "play", "genmove"]
COMMANDS += ["undo", "showboard", "final_score", "quit"]
# The rules are those of the protocol's draft 2: an answer begins with = or ?, then the id of the command; an empty line ends it. On 3x3
# the engine plays A3, B3, C3, A2 ... as far as they are legal.
TRANSCRIPT = [
    ("protocol_version", "= 2"),
    ("1 name", "=1 gaincurve"),
    ("2 version", "=2 1.0"),
    ("known_command genmove", "= true"),
    ("known_command kgs-chat", "= false"),
    ("list_commands", "= " + "\n".join(COMMANDS)),
    ("boardsize 3", "="),
    ("boardsize 19", "? unacceptable size"),
    ("boardsize three", "? boardsize not an integer"),
    ("komi 0.5", "="),
    ("komi much", "? komi not a float"),
    ("clear_board", "="),
    ("undo", "? cannot undo"),
    ("genmove b", "= A3"),
    ("genmove w", "= B3"),
    ("play b B3", "? illegal move"),  # a stone is there
    ("play b A2", "="),
    ("play WHITE b2", "="),  # colours and vertices in any case
    ("showboard", "= \n3 X O .\n2 X O .\n1 . . .\n  A B C"),
    ("play b J9", "? invalid color or coordinate"),
    ("play green A1", "? invalid color or coordinate"),
    ("play b", "? invalid color or coordinate"),
    ("play b pass", "="),
    ("play w C3", "="),
    ("final_score", "= W+1.5"),  # two stones against three, the empty points touch both, and komi is a half
    ("play w C1", "="),  # out of turn
    ("undo", "="),
    ("undo", "="),
    ("play w A1", "="),  # takes both stones of Black
    ("3 showboard", "=3 \n3 . O .\n2 . O .\n1 O . .\n  A B C"),
    ("play b A3", "="),
    ("genmove w", "= C3"),
    ("reg_genmove b", "? unknown command"),
    ("genmove", "? invalid color"),
    ("genmove purple", "? invalid color"),
    ("play b pass", "="),
    ("play w pass", "="),
    ("genmove b", "= C2"),  # play goes on after two passes; A2 would be suicide
    ("\t known_\x07command\tquit  # with a bell, tabs and a comment", "= true"),
    ("42 quit", "=42"),
]


def test_a_transcript_of_forty_commands_is_what_the_protocol_asks() -> None:
    assert len(TRANSCRIPT) == 40
    game = square_go("go-3x3")
    engine = Engine(game, FirstLegal(game), "1.0")
    for command, answer in TRANSCRIPT:
        assert engine.is_running
        assert (command, engine.answer(command + "\n")) == (command, answer + "\n\n")
    assert not engine.is_running
    assert [engine.answer(line) for line in ("\n", "# only a comment\n", "  \t\n")] == ["", "", ""]


def test_the_verb_gtp_reads_commands_and_answers_them(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("boardsize 2\n\n7 genmove b\nfinal_score\nquit\nname\n"))
    status, out, _ = shell("gtp", "perfect", "--game", "go-2x2")
    first, second, third, fourth, rest = out.split("\n\n")
    assert (status, first, fourth, rest) == (0, "=", "=", "")  # nothing is read behind quit
    assert second in ("=7 A1", "=7 A2", "=7 B1", "=7 B2", "=7 pass")
    assert third == ("= 0" if second == "=7 pass" else "= B+4")


@pytest.mark.parametrize("game_id", ["go-2x3", "tictactoe"])
def test_gtp_refuses_oblong_boards_and_other_games(shell: Shell, game_id: str) -> None:
    status, _, err = shell("gtp", "uniform", "--game", game_id)
    assert status == 2
    assert "GTP plays Go on square boards" in err


def test_two_equal_players_without_chance_draw_a_match_to_the_point() -> None:
    """Both games of an opening are the same game, so one is won and one lost, or both are drawn."""
    game = make_game("tictactoe")
    openings = draw_openings(game, 6, 2, seed=0)
    assert len(set(openings)) == 6
    a, b = FirstLegal(game), FirstLegal(game)
    games = play_match(game, a, b, openings, 100)
    found = standing(games)
    assert (found.score, found.band, found.elo) == (0.5, 0.5, 0.0)  # 3 over 6 openings
    for one, other in zip(games[::2], games[1::2], strict=True):
        assert one.moves == other.moves
        assert (one.a_is_first, other.a_is_first) == (True, False)
        assert one.moves[:2] in openings
    chosen_by_b = {ply for ply in range(2, len(games[-1].moves)) if ply % 2 == 0}  # B was first in the last game
    heard_by_b = [action for action, _ in b.heard]
    assert heard_by_b == [move for ply, move in enumerate(games[-1].moves) if ply not in chosen_by_b]


def test_perfect_play_never_loses_a_match_of_tictactoe(shell: Shell) -> None:
    answer = shell.json("match", "perfect", "uniform", "--game", "tictactoe", "--games", "20", "--opening", "0", "--sgf", "games")
    assert answer["wins"] + answer["draws"] == 20
    assert answer["score"] == (answer["wins"] + 0.5 * answer["draws"]) / 20
    assert answer["ends"] == {"over": 20, "move limit": 0, "resigned": 0, "illegal move": 0}
    assert len(list(Path("games").glob("game-*.txt"))) == 20
    status, out, _ = shell("match", "perfect", "uniform", "--game", "tictactoe", "--games", "4")
    assert status == 0
    assert "perfect against uniform on tictactoe: 4 games, each opening of 4 random plies with both colours" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--games", "3"), "give an even number"),
        (("--opening", "-1"), "give 0 or more plies"),
        (("--moves", "4"), "give more than the 4 plies"),
    ],
)
def test_a_match_that_cannot_be_is_refused(shell: Shell, words: tuple[str, ...], message: str) -> None:
    status, _, err = shell("match", "uniform", "uniform", "--game", "tictactoe", *words)
    assert status == 2
    assert message in err


def test_an_illegal_move_loses_and_a_long_game_is_valued_as_it_lies() -> None:
    game = make_game("go-2x2")
    stubborn, other = FirstLegal(game, always=0), FirstLegal(game)
    lost = play_game(game, (stubborn, other), (), 50, a_is_first=True)
    assert (lost.end, lost.result, lost.score, lost.moves) == ("illegal move", -1.0, 0.0, (0, 1))
    short = play_game(game, (other, FirstLegal(game)), (0,), 1, a_is_first=False)
    assert (short.end, short.result, short.score) == ("move limit", 4.0, 0.0)  # a lone stone has the whole board


def test_a_standing_has_the_band_of_its_openings() -> None:
    """50 openings with mean score 1 and 50 with 1/2: their spread is 1/4 sqrt(100 / 99), the band 1.96 times that over 10."""
    games = [Played((), a_is_first, result, "over") for a_is_first, result in ((True, 3), (False, -1), (True, 0), (False, 0))]
    found = standing(50 * games)
    assert found.score == 0.75
    assert found.band == pytest.approx(1.96 * 0.25 * (100 / 99) ** 0.5 / 10)
    assert found.elo == pytest.approx(190.848, abs=1e-3)  # 400 log10 3
    assert (elo(1.0), elo(0.0)) == (None, None)


def test_openings_that_all_end_alike_have_a_band_too() -> None:
    """What happened in none of n openings has a probability of up to 3 / n, at 95 %: (1 - 3 / n)^n is about exp(-3) = 0.05."""
    draws = [Played((), a_is_first, 0, "over") for a_is_first in (True, False)]
    assert standing(100 * draws)[:2] == (0.5, 0.03)
    assert standing(2 * draws)[:2] == (0.5, 1.0)
    assert standing(2 * draws).elo_low is None


def test_an_opening_that_ends_the_game_is_refused() -> None:
    with pytest.raises(WorkError, match="ends within 9 plies"):
        draw_openings(make_game("tictactoe"), 2, 9, seed=0)


def test_a_game_of_go_is_written_as_sgf_says() -> None:
    """Columns, then rows, as letters from the top left; an empty pair is a pass (FF[4], properties B, W and RE)."""
    game = make_game("go-5x5")
    played = Played((0, 9, 25), a_is_first=True, result=-2.0, end="over")
    text = record_of(game, played, "a]b", "c")
    assert text == "(;GM[1]FF[4]CA[UTF-8]AP[gaincurve]RU[Chinese]SZ[5]KM[0]PB[a\\]b]PW[c]RE[W+2];B[aa];W[eb];B[])\n"
    assert "SZ[4:3]" in record_of(make_game("go-3x4"), played, "a", "b")
    for end, result, said in (("resigned", 1.0, "B+R"), ("illegal move", -1.0, "W+F"), ("over", 0.0, "0")):
        assert f"RE[{said}]" in record_of(game, Played((), a_is_first=True, result=result, end=end), "a", "b")
    assert record_of(make_game("tictactoe"), Played((4,), a_is_first=True, result=0.0, end="over"), "a", "b").startswith("a - b: b2 ")


def test_a_search_plays_a_board_that_nobody_enumerated() -> None:
    """On an empty 5x5 board every reply to a move in the corner is legal but the corner; the engine's is one of them."""
    game = square_go("go-5x5")
    engine = Engine(game, policy_player("minimax@1", "go-5x5", 0), "1.0")
    engine.answer("play b A5")
    vertex = engine.answer("genmove w").removeprefix("= ").strip()
    assert vertex in {game.action_name(action) for action in range(1, 26)}


def test_a_search_plays_games_to_their_end(shell: Shell) -> None:
    """Near the end of a game some simulations play nothing out, since they all end in the tree."""
    answer = shell.json("match", "mcts:playouts=eyes@30", "mcts@30", "--game", "go-2x2", "--games", "4", "--opening", "1")
    assert answer["ends"]["over"] + answer["ends"]["move limit"] == 4


def test_a_policy_file_plays_and_one_of_another_game_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "search.policy"
    save_policy(path, pack("go-2x2", "minimax", {}, 2, bytes([2])))
    assert policy_player(str(path), "go-2x2", 0).choose(make_game("go-2x2").start(), True) in range(5)
    with pytest.raises(UsageError, match="is a policy for go-2x2, not for go-3x3"):
        policy_player(str(path), "go-3x3", 0)
    with pytest.raises(UsageError, match="needs a budget: write mcts@N, in simulations"):
        policy_player("mcts", "go-2x2", 0)


def test_engines_that_fail_are_said_to() -> None:
    with pytest.raises(WorkError, match="cannot be started"):
        GtpPlayer("no-such-program-here", "go-3x3")
    ended = GtpPlayer("true", "go-3x3")
    with pytest.raises(WorkError, match="has ended"):
        ended.start()
    ended.close()
    echo = GtpPlayer("sed -u s/.*/?\\\\n/", "go-3x3")
    with pytest.raises(WorkError, match="refuses 'boardsize 3'"):
        echo.start()
    echo.close()


def test_an_engine_that_never_answers_is_given_up_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(remote, "QUIT_SECONDS", 0.1)
    silent = GtpPlayer("sleep 60", "go-3x3")
    began = time.monotonic()
    with pytest.raises(WorkError, match=r"gtp:sleep 60 did not answer 'boardsize 3' within 0.1 s: start it in its GTP mode"):
        silent.start()
    silent.close()
    assert time.monotonic() - began < 10


def test_our_engine_plays_a_match_against_a_policy_here(shell: Shell) -> None:
    command = f"gtp:{sys.executable} -m gaincurve gtp perfect --game go-2x2"
    answer = shell.json("match", command, "uniform", "--game", "go-2x2", "--games", "2", "--opening", "1", "--sgf", "games")
    assert answer["ends"]["illegal move"] == 0
    assert len(list(Path("games").glob("*.sgf"))) == 2


@pytest.mark.skipif(GNUGO is None, reason="GNU Go is missing: apt-get install gnugo")
def test_a_game_against_gnu_go_on_5x5_runs_to_its_end(shell: Shell) -> None:
    answer = shell.json("match", "minimax@2", f"gtp:{GNUGO} {GNUGO_MODE}", "--game", "go-5x5", "--games", "2", "--opening", "2")
    assert answer["ends"]["illegal move"] == 0
    assert sum(answer["ends"].values()) == 2


def test_the_shortest_loss_of_random_play_is_five_or_six_moves_of_tictactoe(shell: Shell, tmp_path: Path) -> None:
    """A player completes a line with the third own move at the earliest: move 5 of the first player, move 6 of the second."""
    path = tmp_path / "uniform.policy"
    save_policy(path, pack("tictactoe", "uniform", {}, 0, b""))
    answer = shell.json("exploit", str(path))
    for seat, n_moves in (("first", 6), ("second", 5)):
        found = answer[seat]
        assert (len(found["moves"]), len(found["boards"]), found["loss"]) == (n_moves, n_moves + 1, 1)
        assert found["own"] == [ply % 2 == (seat == "second") for ply in range(n_moves)]
        assert 0 < found["probability"] < 1
        for before, after in itertools.pairwise(found["boards"]):  # seen by the other player: the same stones, and one more O
            swapped = before.translate(str.maketrans("XO", "OX"))
            changed = [(old, new) for old, new in zip(swapped, after, strict=True) if old != new]
            assert changed == [(".", "O")]
    status, out, _ = shell("exploit", str(path))
    assert status == 0
    assert "as second player" in out
    assert "loses in 5 moves, by 1" in out
    assert answer["one_stone"]["fooled"] == 0  # it is wrong in every position that can be played wrong
    assert "fooled by one stone: right in one and wrong in the other of 0 of " in out


def test_perfect_play_has_no_loss_to_show(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "perfect.policy"
    save_policy(path, pack("tictactoe", "perfect", {}, 0, b""))
    answer = shell.json("exploit", str(path))
    assert (answer["first"], answer["second"]) == (None, None)
