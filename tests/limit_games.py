"""Small games in plain Python that go to the limits of what is held; a state is a whole number, 0 the start.

`tests.limit_games:NAME` is the id of each.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from games.api import Expansion, States
from games.plain import expand_each
from games.words import Word

DIGIT = 64  # cells are small numbers, so a state is seen as two digits of this base


@dataclass(frozen=True)
class PlainGame:
    """What games whose states are whole numbers below DIGIT**2 share; `moves` gives what `expand_each` asks for."""

    name: str
    moves: dict[int, dict[int, int] | int]
    max_payoff: int
    n_actions: int = 2
    dtype: Any = np.int16  # of the payoffs
    endless: bool = False
    board: None = None
    words: tuple[Word, ...] = ()

    @property
    def id(self) -> str:
        return f"tests.limit_games:{self.name}"

    def __hash__(self) -> int:
        return hash(self.name)

    def estimate_states(self) -> float:
        return float(len(self.moves))

    def start(self) -> int:
        return 0

    def expand(self, states: States) -> Expansion:
        found = expand_each(states, lambda state: {} if isinstance(self.moves[state], int) else self.moves[state])
        payoff = [0 if isinstance(found := self.moves[state], dict) else found for state in states.tolist()]
        return found._replace(payoff=np.array(payoff, dtype=self.dtype))

    def multiplicity(self, states: States) -> npt.NDArray[np.int32]:
        return np.ones(len(states), dtype=np.int32)

    def cells(self, states: States) -> npt.NDArray[np.int8]:
        return np.stack(np.divmod(states.astype(np.int64), DIGIT), axis=1).astype(np.int8)

    def cell_levels(self) -> tuple[int, ...]:
        return (DIGIT, DIGIT)

    def planes(self, states: States) -> npt.NDArray[np.uint8]:
        return (self.cells(states)[:, None, None, :] == np.arange(DIGIT)[None, :, None, None]).astype(np.uint8)

    def render(self, state: int) -> str:
        return f"state {state}"

    def action_name(self, action: int) -> str:
        return f"a{action}"
