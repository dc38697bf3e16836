"""Words that the graph itself gives for any game: what a player sees by trying moves out, up to four plies ahead.

To win is to end the game with a positive payoff.
"""

import numpy as np

from games.api import Bools
from games.graph import GameGraph
from games.words import Word


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


WORDS = (
    Word("wins_now", "wins at once", wins_now, 1, (wins_now,)),
    Word("safe", "neither loses at once nor leaves them a move that wins at once", safe, 2, (safe, can_win, can, wins_now)),
    Word(
        "forces_win",
        "lets you win on your next move, or before, whatever they answer",
        forces_win,
        3,
        (forces_win, can_win, can, wins_now),
    ),
    Word(
        "safe_from_force",
        "is safe, and leaves them no move after which they win whatever you answer",
        safe_from_force,
        4,
        (safe_from_force, can_win, can, wins_now, forces_win),
    ),
)
