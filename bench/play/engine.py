"""An engine of the Go Text Protocol, version 2: a policy that plays.

The protocol is Farneback's draft 2 of 2002, https://www.lysator.liu.se/~gunnar/gtp/gtp2-spec-draft2.
"""

import math
import re
from collections.abc import Callable

from bench.play.board import Line
from bench.play.players import Player
from bench.play.vertices import action_of, vertex_of
from games.errors import GaincurveError, UsageError
from games.rules.go import MAX_CELLS, PASS_SHIFT, STONES, Go

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # dropped, all but the tab
ID = re.compile(r"\d+")
COLOURS = {"b": True, "black": True, "w": False, "white": False}


class Engine:
    """Answers commands for one board. Black is the first player."""

    def __init__(self, game: Go, player: Player, version: str) -> None:
        self.game, self._player, self._version = game, player, version
        self._komi = 0.0
        self._before: list[tuple[int, bool]] = []  # boards to go back to
        self._state, self._black_to_move = game.start(), True
        self.is_running = True
        self._commands: dict[str, Callable[[list[str]], str]] = {
            "protocol_version": self._alone(lambda: "2"),
            "name": self._alone(lambda: "gaincurve"),
            "version": self._alone(lambda: self._version),
            "known_command": lambda words: str(words[:1] != [] and words[0] in self._commands).lower(),
            "list_commands": self._alone(lambda: "\n".join(self._commands)),
            "boardsize": self._boardsize,
            "clear_board": self._alone(self._clear),
            "komi": self._set_komi,
            "play": self._play,
            "genmove": self._genmove,
            "undo": self._alone(self._undo),
            "showboard": self._alone(self._show),
            "final_score": self._alone(self._final_score),
            "quit": self._alone(self._quit),
        }

    def answer(self, line: str) -> str:
        """The response to a line, with the empty line at its end; empty for a line without a command."""
        words = CONTROL.sub("", line.replace("\t", " ")).partition("#")[0].split()
        if not words:
            return ""
        number = words.pop(0) if ID.fullmatch(words[0]) else ""
        if not words:
            return f"?{number} unknown command\n\n"
        command = self._commands.get(words[0])
        try:
            if command is None:
                raise UsageError("unknown command")
            sign, said = "=", command(words[1:])
        except GaincurveError as error:
            sign, said = "?", str(error)
        return f"{sign}{number} {said}".rstrip() + "\n\n"

    def _alone(self, command: Callable[[], str]) -> Callable[[list[str]], str]:
        """A command that ignores arguments, as the protocol lets an engine do."""
        return lambda words: command()

    def _boardsize(self, words: list[str]) -> str:
        if len(words) != 1 or not ID.fullmatch(words[0]):
            raise UsageError("boardsize not an integer")
        if int(words[0]) != self.game.rows:
            raise UsageError("unacceptable size")
        return self._clear()

    def _clear(self) -> str:
        self._before.clear()
        self._state, self._black_to_move = self.game.start(), True
        self._player.start()
        return ""

    def _set_komi(self, words: list[str]) -> str:
        try:
            (komi,) = map(float, words)
        except ValueError:
            raise UsageError("komi not a float") from None
        if not math.isfinite(komi):
            raise UsageError("komi not a float")
        self._komi = komi
        return ""

    def _play(self, words: list[str]) -> str:
        if len(words) != 2 or words[0].lower() not in COLOURS or (action := action_of(self.game, words[1])) is None:
            raise UsageError("invalid color or coordinate")
        is_black = COLOURS[words[0].lower()]
        self._make(action, is_black)
        return ""

    def _genmove(self, words: list[str]) -> str:
        if len(words) != 1 or words[0].lower() not in COLOURS:
            raise UsageError("invalid color")
        is_black = COLOURS[words[0].lower()]
        action = self._player.choose(self._seen_by(is_black), is_black)
        if action is None:
            return "resign"
        self._make(action, is_black)
        return vertex_of(self.game, action)

    def _make(self, action: int, is_black: bool) -> None:
        """Make a move for either colour, in turn or not. Raises UsageError for an illegal one."""
        line = Line(self.game, [self._seen_by(is_black)])
        try:
            line.play(action)
        except UsageError:
            raise UsageError("illegal move") from None
        self._before.append((self._state, self._black_to_move))
        self._state, self._black_to_move = line.state, not is_black

    def _seen_by(self, is_black: bool) -> int:
        """The board with a colour to move: after two passes play may go on, and who moves out of turn is bound by no ko."""
        state = self._state
        if is_black == self._black_to_move:
            return state & ~(1 << PASS_SHIFT + 1)
        return (state & STONES) << MAX_CELLS | (state >> MAX_CELLS) & STONES

    def _undo(self) -> str:
        if not self._before:
            raise UsageError("cannot undo")
        self._state, self._black_to_move = self._before.pop()
        return ""

    def _show(self) -> str:
        """The board with X for Black and O for White."""
        rows = self.game.render(self._seen_by(True) & (STONES | STONES << MAX_CELLS))
        return "\n" + "\n".join(row.rstrip() for row in rows.splitlines())

    def _final_score(self) -> str:
        line = Line(self.game, [self._seen_by(True) & (STONES | STONES << MAX_CELLS)])
        margin = line.evaluation() - self._komi
        return "0" if margin == 0 else f"{'B' if margin > 0 else 'W'}+{abs(margin):g}"

    def _quit(self) -> str:
        self.is_running = False
        return ""
