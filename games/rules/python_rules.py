"""Turns rules in plain Python into the arrays of `Game.expand`: slow (some 100,000 moves a second), and enough for a first version."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from games.arrays import Int64s
from games.contract import Expansion, States
from games.errors import WorkError

Fold = Callable[[States], tuple[States, Int64s]]


def expand_each(states: States, play: Callable[[int], dict[int, int] | int], fold: Fold | None = None) -> Expansion:
    """One ply from every state, asked one by one.

    `play(state)` gives the child of each legal action, or, where the game is over, the payoff to the player to move. `fold`, if
    given, makes the children canonical. Raises WorkError for an answer that is no whole number, or one that the arrays do not hold.
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
    packed = _held("state", children, np.uint64)
    return Expansion(
        starts,
        _held("action", actions, np.int16),
        packed if fold is None else fold(packed)[0],
        np.diff(starts) == 0,
        _held("payoff", payoffs, np.int16),
    )


def _held(what: str, numbers: list[int], dtype: Any) -> npt.NDArray[Any]:
    """The numbers as an array; raises WorkError for one that is no whole number, or does not fit into it."""
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    for number in numbers:
        if not isinstance(number, int | np.integer) or not low <= number <= high:
            raise WorkError(f"`play` gives the {what} {number!r}: whole numbers from {low:,} to {high:,} are held")
    return np.array(numbers, dtype=dtype)
