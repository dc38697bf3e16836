"""Every game by name. A family is one line here; its module is imported only when one of its games is asked for."""

import difflib
import importlib
from importlib.metadata import entry_points

from games.api import Game, GameFactory
from games.errors import UsageError

GAMES: dict[str, tuple[str, str]] = {  # family: (module:factory, sizes shown as examples)
    "tictactoe": ("games.tictactoe:make", "tictactoe"),
    "go": ("games.go:make", "go-2x3 go-3x3 go-3x4"),
    "nim": ("games.nim:make", "nim-3-4-5"),
    "misere_nim": ("games.nim:make_misere", "misere_nim-3-4-5"),
    "nogo": ("games.nogo:make", "nogo-2x3 nogo-3x3"),
    "breakthrough": ("games.breakthrough:make", "breakthrough-3x3 breakthrough-4x2"),
    "kalah": ("games.kalah:make", "kalah-2-2 kalah-3-1 kalah-3-2"),
    "planted": ("games.planted:make", "planted-geometric-12 planted-zipf-12"),
    "random": ("games.random_moves:make", "random-tictactoe random-nim-3-4-5"),
}


def families() -> dict[str, tuple[str, str]]:
    """The built-in families and those that installed packages register under the entry point group `gaincurve.games`."""
    outside = {point.name: (point.value, point.name) for point in entry_points(group="gaincurve.games")}
    return {**outside, **GAMES}


def make_game(game_id: str) -> Game:
    """The game with this id, e.g. `go-3x4`. Raises UsageError for an unknown family, naming the nearest, or a bad size."""
    family, _, size = game_id.partition("-")
    known = families()
    if family not in known:
        raise UsageError(f"unknown game {game_id!r}; " + nearest(family, list(known)) + "; `gaincurve games` lists all")
    module, _, factory_name = known[family][0].partition(":")
    factory: GameFactory = getattr(importlib.import_module(module), factory_name)
    return factory(size)


def nearest(word: str, known: list[str]) -> str:
    """The known words most like an unknown one, as the end of an error message."""
    close = difflib.get_close_matches(word, known, n=3, cutoff=0.5)
    return "did you mean " + " or ".join(close) + "?" if close else "known: " + ", ".join(sorted(known))
