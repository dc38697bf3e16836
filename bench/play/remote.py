"""Another program as a player: an engine of the Go Text Protocol, started by a command."""

import select
import shlex
import subprocess
import time

from bench.play.vertices import action_of, square_go, vertex_of
from games.errors import UsageError, WorkError

# Seconds for an answer: to a command without thought, to genmove, and to quit.
ANSWER_SECONDS, MOVE_SECONDS, QUIT_SECONDS = 20.0, 300.0, 5.0
READ = 4096


class GtpPlayer:
    """A running engine that is told every move of its game."""

    def __init__(self, command: str, game_id: str) -> None:
        """Start the engine. Raises UsageError for an oblong board, and WorkError for a command that cannot be run or does not answer."""
        self.name = f"gtp:{command}"
        self._game = square_go(game_id)
        try:
            self._process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        except (OSError, ValueError) as error:
            raise WorkError(f"the engine {command!r} cannot be started: {error}") from None
        self._unread = b""

    def start(self) -> None:
        """Clear the board, of this game's size, with komi 0."""
        for command in (f"boardsize {self._game.rows}", "clear_board", "komi 0"):
            self.ask(command)

    def told(self, action: int, is_first: bool) -> None:
        """Play the other's move on the engine's board."""
        self.ask(f"play {_colour(is_first)} {vertex_of(self._game, action)}")

    def choose(self, state: int, is_first: bool) -> int | None:
        """The engine's move on its own board, which it makes there; None where it resigns."""
        vertex = self.ask(f"genmove {_colour(is_first)}", MOVE_SECONDS)
        if vertex.lower() == "resign":
            return None
        action = action_of(self._game, vertex)
        if action is None:
            raise WorkError(f"{self.name} answers genmove with {vertex[:40]!r}, which is no vertex of {self._game.id}")
        return action

    def ask(self, command: str, seconds: float | None = None) -> str:
        """The engine's answer to a command. Raises WorkError where it fails, ends, or takes longer than `seconds` or ANSWER_SECONDS."""
        if self._process.stdin is None or self._process.stdout is None:
            raise WorkError(f"{self.name} has no input or output")
        try:
            self._process.stdin.write(f"{command}\n".encode())
        except OSError:
            raise WorkError(f"{self.name} has ended; its last command was {command!r}") from None
        patience = ANSWER_SECONDS if seconds is None else seconds
        until = time.monotonic() + patience
        while b"\n\n" not in (text := self._unread.replace(b"\r", b"")):
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, until - time.monotonic()))
            more = self._process.stdout.read(READ) if ready else b""
            if not ready:
                hint = "start it in its GTP mode, for example 'gtp:gnugo --mode gtp'"
                raise WorkError(f"{self.name} did not answer {command!r} within {patience:g} s: {hint}")
            if not more:
                raise WorkError(f"{self.name} has ended; its last command was {command!r}")
            self._unread += more
        answer, _, self._unread = text.partition(b"\n\n")
        said = answer.decode(errors="replace").strip()
        if not said.startswith("="):
            raise WorkError(f"{self.name} refuses {command!r}: {said.lstrip('? ')[:80]}")
        return said[1:].strip()

    def close(self) -> None:
        """End the engine."""
        try:
            self.ask("quit", QUIT_SECONDS)
        except WorkError:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def _colour(is_first: bool) -> str:
    return "b" if is_first else "w"


def check_command(command: str) -> None:
    """Raises UsageError for an empty command."""
    if not command.strip():
        raise UsageError("gtp: is followed by the command that starts an engine, for example 'gtp:gnugo --mode gtp'")
