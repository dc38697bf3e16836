"""Words: named predicates on moves, and where a game's own words stand.

The rules of a game do not know its words; the words know the rules. A family's words are one line here; a game from outside
may carry its own, as an attribute `words`.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from games.arrays import Bools
from games.contract import Game
from games.solving.graph import GameGraph

WORDS: dict[str, str] = {  # family: module:what, a tuple of words or a function from the game to one
    "breakthrough": "games.concepts.breakthrough:WORDS",
    "connect_four": "games.concepts.lines:FALLING_WORDS",
    "domineering": "games.concepts.domineering:WORDS",
    "go": "games.concepts.go:WORDS",
    "hex": "games.concepts.hex:WORDS",
    "kalah": "games.concepts.kalah:WORDS",
    "misere_nim": "games.concepts.nim:MISERE_WORDS",
    "mnk": "games.concepts.lines:WORDS",
    "nim": "games.concepts.nim:WORDS",
    "nogo": "games.concepts.nogo:WORDS",
    "planted": "games.concepts.planted:words",
    "tictactoe": "games.concepts.tictactoe:WORDS",
}


@dataclass(frozen=True)
class Word:
    """A named predicate on moves: one of the game's own concepts, or a fact of lookahead.

    `meaning` completes the sentence "play a move that ...". `holds(graph)` says for every edge whether it is true: bool
    [n_edges]. `depth` is the number of plies it looks ahead of the position. `sources` are the functions whose source
    text a policy that uses the word must count as its language, and `constants` the numbers that they are called with.
    """

    name: str
    meaning: str
    holds: Callable[[GameGraph], Bools]
    depth: int = 0
    sources: tuple[Callable[..., object], ...] = ()
    constants: tuple[int, ...] = ()


def words_of(game: Game) -> tuple[Word, ...]:
    """The game's own concepts, in the order in which a textbook names them; none for a game that has no words."""
    carried: tuple[Word, ...] | None = getattr(game, "words", None)
    family = game.id.partition("-")[0]
    if carried is not None or family not in WORDS:
        return carried or ()
    module, _, name = WORDS[family].partition(":")
    found = getattr(importlib.import_module(module), name)
    words: tuple[Word, ...] = found(game) if callable(found) else found
    return words


def word_modules(game: Game) -> tuple[str, ...]:
    """The modules in which the game's words stand."""
    return tuple(sorted({source.__module__ for word in words_of(game) for source in word.sources}))
