"""The states that a game's contract is checked on."""

from dataclasses import dataclass

import numpy as np

from games.arrays import Bools
from games.contract import Expansion, Game, States
from games.solving.expansion import TYPES, where


@dataclass(frozen=True, eq=False)
class Sample:
    """States of a game, breadth first from the start, with one ply from each."""

    game: Game
    states: States  # [n]
    expansion: Expansion
    complete: bool  # whether these are all the states that there are

    def where(self, wrong: Bools) -> str:
        """The first state for which `wrong` holds, and how many there are. [n]"""
        return where(self.states, wrong)


def same(one: Expansion, other: Expansion) -> bool:
    """Whether two expansions are equal."""
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in TYPES)
