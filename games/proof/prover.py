"""Proved bounds of the values of single states, by search: for boards that are too large to be solved as a whole."""

from typing import NamedTuple, Protocol

from games.arrays import Int16s, Int64s
from games.contract import States


class Bounds(NamedTuple):
    """What is proved of the values of states, and what it took."""

    lower: Int16s  # [n] proved: the value for the player to move is at least this
    upper: Int16s  # [n] proved: and at most this
    nodes: Int64s  # [n] positions expanded in the proof


class Prover(Protocol):
    """A search that proves values."""

    def prove(self, states: States, nodes: int) -> Bounds:
        """Proved bounds of the value of each state, with at most about `nodes` positions expanded for each.

        Any stop leaves sound bounds.
        """
