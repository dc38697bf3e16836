"""Proved values as oracles: by search, or from what has been proved before."""

import numpy as np

from games.arrays import Int16s
from games.contract import Game, States
from games.errors import WorkError
from games.proof.moves import NODES, prove_groups
from games.proof.prover import Bounds


class ProofOracle:
    """The values that a proof search finds for single states."""

    def __init__(self, game: Game, nodes: int = NODES) -> None:
        self.game, self.nodes = game, nodes

    def bound(self, states: States) -> Bounds:
        """Proved bounds of the value of each state; they differ where the search stopped before the end."""
        return prove_groups(self.game, states, np.split(states, len(states)) if len(states) else [], self.nodes)

    def look_up(self, states: States) -> tuple[Int16s, Int16s, Int16s]:
        """As in `games.solving.oracle.Oracle`, but all three are the value: a search does not tell the bounds of endless play apart.

        Raises WorkError where the value of a state stays open.
        """
        lower, upper, _ = self.bound(states)
        if n_open := np.count_nonzero(lower != upper):
            raise WorkError(
                f"{n_open:,} of {len(states):,} states of {self.game.id} stay open after {self.nodes:,} nodes: ask for more nodes"
            )
        return lower, upper, lower


class KnownValues:
    """Values that have been proved before, by state."""

    def __init__(self, states: States, values: Int16s) -> None:
        """Of a state that is given twice, one of the values is taken. Both [n]"""
        self._states, first = np.unique(states, return_index=True)
        self._values = values[first]

    def look_up(self, states: States) -> tuple[Int16s, Int16s, Int16s]:
        """As `ProofOracle.look_up`; raises WorkError for a state that is not known."""
        places = np.minimum(np.searchsorted(self._states, states), len(self._states) - 1)
        if unknown := np.count_nonzero(self._states[places] != states):
            raise WorkError(f"{unknown:,} of {len(states):,} states have no proved value")
        value = self._values[places]
        return value, value, value
