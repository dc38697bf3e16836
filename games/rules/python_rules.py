"""The way from rules in plain Python to the arrays of `Game.expand`: slow (some 100,000 moves a second), and enough to begin with."""

from collections.abc import Callable

import numpy as np

from games.api import Expansion, States
from games.arrays import Int64s

Fold = Callable[[States], tuple[States, Int64s]]


def expand_each(states: States, play: Callable[[int], dict[int, int] | int], fold: Fold | None = None) -> Expansion:
    """One ply from every state, asked one by one.

    `play(state)` gives the child of each legal action, or, where the game is over, the payoff to the player to move. `fold`, if
    given, makes the children canonical.
    """
    edge_start, actions, children, payoffs = [0], [], [], []
    for state in states.tolist():
        answer = play(state)
        moves = answer if isinstance(answer, dict) else {}
        for action in sorted(moves):
            actions.append(action)
            children.append(moves[action])
        payoffs.append(0 if isinstance(answer, dict) else answer)
        edge_start.append(len(actions))
    starts = np.array(edge_start, dtype=np.int64)
    packed = np.array(children, dtype=np.uint64)
    return Expansion(
        starts,
        np.array(actions, dtype=np.int16),
        packed if fold is None else fold(packed)[0],
        np.diff(starts) == 0,
        np.array(payoffs, dtype=np.int16),
    )
