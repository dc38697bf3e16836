"""The way from rules in plain Python to the arrays of `Game.expand`: slow (some 100,000 moves a second), and enough to begin with."""

from collections.abc import Callable

import numpy as np

from games.contract import Expansion, States


def expand_each(states: States, play: Callable[[int], dict[int, int] | int]) -> Expansion:
    """One ply from every state, asked one by one.

    `play(state)` gives the canonical child of each legal action, or, where the game is over, the payoff to the player to move.
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
    return Expansion(
        starts,
        np.array(actions, dtype=np.int16),
        np.array(children, dtype=np.uint64),
        np.diff(starts) == 0,
        np.array(payoffs, dtype=np.int16),
    )
