"""Every game by name. A family is one line here; its module is imported only when one of its games is asked for."""

import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from games.contract import Game, GameFactory
from games.errors import UsageError, WorkError, nearest

GAMES: dict[str, tuple[str, str]] = {  # family: (module:factory, sizes shown as examples)
    "tictactoe": ("games.rules.tictactoe:make", "tictactoe"),
    "go": ("games.rules.go:make", "go-2x3 go-3x3 go-3x4"),
    "nim": ("games.rules.nim:make", "nim-3-4-5"),
    "mnk": ("games.rules.mnk:make", "mnk-2x5x3 mnk-3x4x3"),
    "connect_four": ("games.rules.connect_four:make", "connect_four-3x4 connect_four-4x4"),
    "hex": ("games.rules.hex:make", "hex-2 hex-3 hex-2x4 hex-3x4"),
    "domineering": ("games.rules.domineering:make", "domineering-3x5 domineering-4x4"),
    "misere_nim": ("games.rules.nim:make_misere", "misere_nim-3-4-5"),
    "nogo": ("games.rules.nogo:make", "nogo-2x3 nogo-3x3"),
    "breakthrough": ("games.rules.breakthrough:make", "breakthrough-3x3 breakthrough-4x2"),
    "kalah": ("games.rules.kalah:make", "kalah-2-2 kalah-3-1 kalah-3-2"),
    "planted": ("games.rules.planted:make", "planted-geometric-12 planted-zipf-12"),
    "random": ("games.rules.random_moves:make", "random-tictactoe random-nim-3-4-5"),
}


def families() -> dict[str, tuple[str, str]]:
    """The built-in families and those that installed packages register under the entry point group `gaincurve.games`."""
    outside = {point.name: (point.value, point.name) for point in entry_points(group="gaincurve.games")}
    return {**outside, **GAMES}


def make_game(game_id: str) -> Game:
    """The game with this id: `go-3x4`, `openspiel:NAME(parameters)`, or `package.module:OBJECT`, a Game or a factory without arguments.

    Raises UsageError for an unknown family or module, naming the nearest, or a bad size; WorkError where a module fails.
    """
    prefix, colon, rest = game_id.partition(":")
    if colon:
        return _load("games.rules.openspiel:make")(rest) if prefix == "openspiel" else _make_outside(game_id)
    family, _, size = game_id.partition("-")
    known = GAMES if family in GAMES else families()  # to look through what is installed takes milliseconds
    if family not in known:
        raise UsageError(f"unknown game {game_id!r}; " + nearest(family, list(known)) + "; `gaincurve games` lists all")
    factory: GameFactory = _load(known[family][0])
    return factory(size)


def _make_outside(path: str) -> Game:
    """The game that a module outside this project holds; modules in the current folder are found too."""
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    found = _load(path)
    try:
        game: Game = found() if callable(found) else found
    except Exception as error:
        raise WorkError(f"calling {path} fails: {type(error).__name__}: {error}") from error
    if not isinstance(getattr(game, "id", None), str):
        raise UsageError(f"{path} gives a {type(game).__name__}: name a Game, or a function without arguments that makes one")
    if game.id != path and game.id.partition("-")[0] not in families():
        raise WorkError(f"the game {path} says that its id is {game.id!r}, by which it is not found again: let the id be {path!r}")
    return game


def _load(path: str) -> Any:
    """What `module:name` names. Raises UsageError when it is not there, WorkError when importing it fails."""
    module_name, _, name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            moved = "; what authors of games need is in games.api" if str(error.name).startswith("games.") else ""
            raise WorkError(f"cannot import {module_name}: {error}{moved}") from error
        package = importlib.util.find_spec(module_name.partition(".")[0])
        places = list(package.submodule_search_locations or []) if package else []
        where = f" in {places[0]}, which is what Python finds as {package.name}" if package and places else ""
        hint = "write package.module:OBJECT, for a module that Python can import"
        raise UsageError(f"there is no module {module_name!r}{where}: {hint}") from None
    except Exception as error:
        raise WorkError(f"cannot import {module_name}: {type(error).__name__}: {error}") from error
    if not hasattr(module, name):
        public = [name for name in vars(module) if not name.startswith("_")]
        raise UsageError(f"{module_name} has no {name!r}; {nearest(name, public)}")
    return getattr(module, name)
