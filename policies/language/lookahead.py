"""Concepts that follow from the graph of any game: facts that a player finds by trying moves out, up to eight plies ahead.

To win is to end the game with a positive payoff. The concept of index i looks i + 1 plies ahead.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import numpy as np

from games.arrays import Bools
from games.concepts.concept import Concept
from games.solving.graph import GameGraph


def wins_now(graph: GameGraph) -> Bools:
    return graph.terminal[graph.edge_child] & (graph.payoff[graph.edge_child] < 0)


def can(graph: GameGraph, holds: Bools) -> Bools:
    """The states in which some move has the property. [n_states]"""
    possible = np.zeros(graph.n_states, dtype=bool)
    possible[graph.edge_parent[holds]] = True
    return possible


def can_win(graph: GameGraph) -> Bools:
    """The states in which the player to move has won, or has a move that wins at once. [n_states]"""
    return (graph.terminal & (graph.payoff > 0)) | can(graph, wins_now(graph))


def safe(graph: GameGraph) -> Bools:
    return ~can_win(graph)[graph.edge_child]


def forces_win(graph: GameGraph) -> Bools:
    escapes = can(graph, ~can_win(graph)[graph.edge_child])
    return ~graph.terminal[graph.edge_child] & ~escapes[graph.edge_child]


def safe_from_force(graph: GameGraph) -> Bools:
    return ~(can_win(graph) | can(graph, forces_win(graph)))[graph.edge_child]


def wins_within(graph: GameGraph, plies: int) -> Bools:
    """The states in which the player to move has won, or can force a win within `plies` plies, an odd number. [n_states]"""
    won = graph.terminal & (graph.payoff > 0)
    return won | can(graph, wins_now(graph) if plies < 3 else wins_now(graph) | forces_within(graph, plies))


def forces_within(graph: GameGraph, plies: int) -> Bools:
    escapes = can(graph, ~wins_within(graph, plies - 2)[graph.edge_child])
    return ~graph.terminal[graph.edge_child] & ~escapes[graph.edge_child]


def safe_within(graph: GameGraph, plies: int) -> Bools:
    return ~wins_within(graph, plies - 1)[graph.edge_child]


def alone(holds: Callable[[GameGraph], Bools]) -> Callable[[Any, GameGraph], Bools]:
    """A predicate on the graph alone, as one that is given the game too."""

    @wraps(holds)
    def given_both(game: Any, graph: GameGraph) -> Bools:
        return holds(graph)

    return given_both


DEEP = (wins_within, forces_within, safe_within, can, wins_now)

CONCEPTS = (
    Concept("wins_now", "wins at once", alone(wins_now), 1, (wins_now,)),
    Concept("safe", "neither loses at once nor leaves them a move that wins at once", alone(safe), 2, (safe, can_win, can, wins_now)),
    Concept(
        "forces_win",
        "lets you win on your next move, or before, whatever they answer",
        alone(forces_win),
        3,
        (forces_win, can_win, can, wins_now),
    ),
    Concept(
        "safe_from_force",
        "is safe, and leaves them no move after which they win whatever you answer",
        alone(safe_from_force),
        4,
        (safe_from_force, can_win, can, wins_now, forces_win),
    ),
    *(
        concept
        for plies in (5, 7)
        for concept in (
            Concept(
                f"forces_win_{plies}",
                f"lets you win within your next {plies // 2} moves, whatever they answer",
                alone(partial(forces_within, plies=plies)),
                plies,
                DEEP,
                (plies,),
            ),
            Concept(
                f"safe_for_{plies + 1}",
                f"leaves them no way to win within their next {plies // 2 + 1} moves, whatever you answer",
                alone(partial(safe_within, plies=plies + 1)),
                plies + 1,
                DEEP,
                (plies + 1,),
            ),
        )
    ),
)
