"""Concepts: named predicates on moves, and where those of a game are defined.

The rules of a game do not know its concepts; the concepts know the rules. A family's concepts are one line here; a game from
outside may carry its own, as an attribute `concepts`.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from games.arrays import Bools
from games.concepts.work import Work, a_move, trying
from games.contract import Game
from games.solving.graph import GameGraph

CONCEPTS: dict[str, str] = {  # family: module:what, a tuple of concepts or a function from the game to one
    "breakthrough": "games.concepts.breakthrough:CONCEPTS",
    "connect_four": "games.concepts.lines:FALLING_CONCEPTS",
    "domineering": "games.concepts.domineering:CONCEPTS",
    "go": "games.concepts.go:CONCEPTS",
    "hex": "games.concepts.hex:CONCEPTS",
    "kalah": "games.concepts.kalah:CONCEPTS",
    "misere_nim": "games.concepts.nim:MISERE_CONCEPTS",
    "mnk": "games.concepts.lines:CONCEPTS",
    "nim": "games.concepts.nim:CONCEPTS",
    "nogo": "games.concepts.nogo:CONCEPTS",
    "planted": "games.concepts.planted:concepts",
    "random": "games.concepts.random_moves:concepts",
    "tictactoe": "games.concepts.tictactoe:CONCEPTS",
}


@dataclass(frozen=True)
class Concept:
    """A named predicate on moves: one of the game's own concepts, or a fact of lookahead.

    `meaning` completes the sentence "play a move that ...". `holds(game, graph)` says for every edge whether it is true: bool
    [n_edges]. `depth` is the number of plies it looks ahead of the position. `sources` are the functions whose source text a
    policy that uses the concept must count as its language, and `constants` the numbers that they are called with. `work(game, graph)`
    counts the operations (games/concepts/work.py) that find it out for all moves of each state, beside the look at each move that tells
    the answer; concepts of the same work are found out together. None stands for nothing beside the look and, with a depth, for every
    line of play of `depth` plies tried out. A concept that `is_local` looks at the position and the move alone, not at where it leads: it
    can be asked of some states of a graph without the others.
    """

    name: str
    meaning: str
    holds: Callable[[Any, GameGraph], Bools]
    depth: int = 0
    sources: tuple[Callable[..., object], ...] = ()
    constants: tuple[int, ...] = ()
    work: Work | None = None
    is_local: bool = False

    @property
    def shared_work(self) -> Work:
        """What is computed once in a position, whichever of the concepts of the same work are asked for."""
        return self.work or (trying(self.depth, self.depth - 1) if self.depth else a_move(0))


@runtime_checkable
class HasConcepts(Protocol):
    """A game that carries its own concepts."""

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """In the order in which a textbook names them."""


def concepts_of(game: Game) -> tuple[Concept, ...]:
    """The game's own concepts, in the order in which a textbook names them; none for a game that has none.

    >>> from games.registry import make_game
    >>> from games.solving.store import load_truth
    >>> game = make_game("kalah-2-2")
    >>> [concept.name for concept in concepts_of(game)][:3]
    ['moves_again', 'gains', 'gains_2']
    >>> graph, _ = load_truth(game)
    >>> again = concepts_of(game)[0].holds(game, graph)
    >>> len(again) == graph.n_edges, again.dtype
    (True, dtype('bool'))
    """
    if isinstance(game, HasConcepts):
        return game.concepts
    family = game.id.partition("-")[0]
    if family not in CONCEPTS:
        return ()
    module, _, name = CONCEPTS[family].partition(":")
    found = getattr(importlib.import_module(module), name)
    concepts: tuple[Concept, ...] = found(game) if callable(found) else found
    return concepts


def concept_modules(game: Game) -> tuple[str, ...]:
    """The modules in which the game's concepts are defined."""
    return tuple(sorted({source.__module__ for concept in concepts_of(game) for source in concept.sources}))
