"""Which games a file may name.

The id `package.module:OBJECT` names code, which making the game would run. Who types it wants that; a policy file, a list or a record
that somebody else has written must not choose it.
"""

import re
import shlex
from pathlib import Path

from games.errors import UsageError


def runs_code(game_id: str) -> bool:
    """Whether making this game would import a module that it names."""
    return ":" in game_id.removeprefix("openspiel:")


def check_named(game_id: str, source: Path | str, asked: str | None = None) -> str:
    """The id of a game that a file names.

    Raises UsageError where the user has not `asked` for the same id and making the game runs code, or where OpenSpiel would be given
    a size of three digits, which may end the process, or the name of a file.
    """
    if game_id != asked:
        again = "name that game yourself as well if you trust it"
        if runs_code(game_id):
            raise UsageError(f"{source} names the game {game_id}, whose code would run: {again}")
        if "openspiel:" in game_id and re.search(r"\d{3}|[/\\]|filename", game_id):
            raise UsageError(f"{source} names the game {game_id}, which may take any memory or open a file: {again}")
    return game_id


def explain_command(path: Path | str, game_id: str) -> str:
    """The command that explains a policy file, as a shell takes it; it names the game where `check_named` demands that."""
    named = ""
    try:
        check_named(game_id, path)
    except UsageError:
        named = f" --game {shlex.quote(game_id)}"
    return f"gaincurve explain {shlex.quote(str(path))}{named}"
