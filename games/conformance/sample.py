"""The states that a game's contract is checked on, and how a breach is told."""

from dataclasses import dataclass

import numpy as np

from games.api import Expansion, Game, States
from games.arrays import Bools
from games.errors import WorkError

SHAPES = {"edge_start": np.int64, "edge_action": np.int16, "edge_child": np.uint64, "terminal": np.bool_, "payoff": np.int16}


@dataclass(frozen=True, eq=False)
class Sample:
    """States of a game, breadth first from the start, with one ply from each."""

    game: Game
    states: States  # [n]
    expansion: Expansion
    complete: bool  # whether these are all the states that there are

    def where(self, wrong: Bools) -> str:
        """The first state for which `wrong` holds, and how many there are. [n]"""
        return f"state {int(self.states[np.argmax(wrong)]):#x} ({np.count_nonzero(wrong):,} of {len(wrong):,} states looked at)"


def demand(game: Game, what: str, holds: bool, otherwise: str) -> None:
    """Raises WorkError that the game breaks its contract, unless `holds`."""
    if not holds:
        raise WorkError(f"game {game.id} breaks its contract: {what} {otherwise}")


def same(one: Expansion, other: Expansion) -> bool:
    """Whether two expansions are equal."""
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in SHAPES)
