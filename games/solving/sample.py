"""Samples of positions: drawn at random, and the open graph of their moves."""

import numpy as np

from games.contract import Draws, Folds, Game, States
from games.errors import UsageError, WorkError
from games.solving.graph import GameGraph, enumerate_graph, explore
from games.splitmix import splitmix64


def sample_graph(game: Game, states: States, plies: int = 1) -> GameGraph:
    """The open graph of different canonical states that are not final, with all moves up to `plies` deep.

    Raises UsageError where `plies` is below 1, or a state is given twice, is not canonical, or is final.
    """
    if plies < 1:
        raise UsageError(f"a sample of {game.id} with {plies} plies has no moves: give 1 or more")
    wrong = {"stand in it twice": len(states) - len(np.unique(states))}
    if isinstance(game, Folds):
        wrong["are not canonical"] = int(np.count_nonzero(game.fold(states)[0] != states))
    if not any(wrong.values()):
        graph = explore(game, states, plies)
        if not graph.terminal[: len(states)].any():
            return graph
        wrong["are final"] = int(np.count_nonzero(graph.terminal[: len(states)]))
    found = ", ".join(f"{n:,} {what}" for what, n in wrong.items() if n)
    raise UsageError(f"a sample of {game.id} is made of different canonical states with moves: {found}")


def draw_states(game: Game, n: int, seed: int) -> States:
    """`n` different positions at random, each as likely as any other: by the game itself, or else from its closed graph. [n]

    Raises WorkError where there are not `n`, or the game can neither draw nor be enumerated.
    """
    if isinstance(game, Draws):
        return game.draw_states(n, seed)
    graph = enumerate_graph(game)
    positions = graph.states[graph.positions]
    if n > len(positions):
        raise WorkError(f"{game.id} has {len(positions):,} positions, not {n:,}: ask for fewer")
    hashes = splitmix64(positions ^ splitmix64(np.array([seed], dtype=np.uint64)))
    return positions[np.lexsort((positions, hashes))[:n]]
