"""What decides the result of a game or of a learner: modules, values and data files (docs/add-a-game.md, "What counts")."""

import hashlib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple

from games.errors import WorkError
from games.keys.content import Content
from games.keys.modules import PACKAGES, closure, find, is_settled


class Identity(NamedTuple):
    """What decides a result, apart from the modules that compute and measure it."""

    modules: tuple[str, ...]  # those that it is named by, and those of its class, its functions and its values
    content: str  # a hash of its values and its data files
    is_settled: bool  # whether this process has surely loaded what `modules` and the data files say
    files: tuple[Path, ...]  # the data files


def game_identity(game: Any) -> Identity:
    """The identity of a game: see `identify`. It is named by the module in its id, or by the one that registers its family."""
    family, colon, _ = game.id.partition(":")
    if colon:
        return identify(game, game.id, [family] if family != "openspiel" else [])
    if type(game).__module__.partition(".")[0] in PACKAGES:
        return identify(game, game.id, [])
    return identify(game, game.id, [point.module for point in entry_points(group="gaincurve.games", name=family.partition("-")[0])])


def identify(thing: Any, what: str, named_by: list[str]) -> Identity:
    """The identity of a game or a learner, `what` in errors, that is found through the modules `named_by`.

    Raises WorkError, in one line, for a value that has no content and for a data file that cannot be read.
    """
    content = Content()
    try:
        content.add(thing)
    except WorkError as error:
        raise WorkError(f"{what}: {error}") from None
    own = (*named_by, type(thing).__module__)
    modules = tuple(dict.fromkeys([*own, *content.modules]))
    digests = {path: hashlib.sha256(data).digest() for path, data in content.files.items()}
    has_sources = all((module := find(name)) is not None and module.is_sure for name in own)
    reads_same = all(_FIRST.setdefault(path, data) == data for path, data in digests.items())
    settled = has_sources and reads_same and is_settled(closure(modules).values())
    return Identity(modules, content.hexdigest(), settled, tuple(digests))


_FIRST: dict[Path, bytes] = {}  # digests of data files as this process first read them
