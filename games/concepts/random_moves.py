"""Concepts of games with random moves: those of the game whose board they are played on, which mean the same as there."""

from dataclasses import replace
from functools import cache, partial

from games.arrays import Bools, Float64s
from games.concepts.concept import Concept, concepts_of
from games.concepts.work import Work
from games.rules.random_moves import BELOW, RandomMoves
from games.solving.graph import GameGraph


def holds_there(game: RandomMoves, graph: GameGraph, concept: Concept) -> Bools:
    return concept.holds(game.game, replace(graph, game_id=game.game.id, states=graph.states & BELOW))


@cache
def works_there(work: Work) -> Work:
    """The operations of the other game's concepts; works of equal concepts compare equal."""

    def found(game: RandomMoves, graph: GameGraph) -> Float64s:
        return work(game.game, replace(graph, game_id=game.game.id, states=graph.states & BELOW))

    return found


def concepts(game: RandomMoves) -> tuple[Concept, ...]:
    """The other game's concepts."""
    return tuple(
        replace(concept, holds=partial(holds_there, concept=concept), work=works_there(concept.shared_work))
        for concept in concepts_of(game.game)
    )
