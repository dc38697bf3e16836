"""Concepts of games with random moves: those of the game whose board they are played on, which mean the same as there."""

from dataclasses import replace
from functools import partial

from games.arrays import Bools
from games.concepts.concept import Concept, concepts_of
from games.rules.random_moves import BELOW, RandomMoves
from games.solving.graph import GameGraph


def holds_there(game: RandomMoves, graph: GameGraph, concept: Concept) -> Bools:
    return concept.holds(game.game, replace(graph, game_id=game.game.id, states=graph.states & BELOW))


def concepts(game: RandomMoves) -> tuple[Concept, ...]:
    """The other game's concepts."""
    return tuple(replace(concept, holds=partial(holds_there, concept=concept)) for concept in concepts_of(game.game))
