"""Which games a file may name.

The id `package.module:OBJECT` names code, which making the game would run. Who types it wants that; a policy file, a list or a record
that somebody else has written must not choose it.
"""

from pathlib import Path

from games.errors import UsageError


def runs_code(game_id: str) -> bool:
    """Whether making this game would import a module that it names."""
    return ":" in game_id.removeprefix("openspiel:")


def check_named(game_id: str, source: Path | str, asked: str | None = None) -> str:
    """The id of a game that a file names. Raises UsageError where making it runs code that the user has not `asked` for by the same id."""
    if runs_code(game_id) and game_id != asked:
        raise UsageError(f"{source} names the game {game_id}, whose code would run: name that game yourself as well if you trust it")
    return game_id
