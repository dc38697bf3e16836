"""Small games in plain Python that go to the limits of what is held; a state is a whole number, 0 the start.

`tests.support.limit_games:NAME` is the id of each.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from games.arrays import Int8s, Int32s, UInt8s
from games.contract import Expansion, States
from games.rules.python_rules import expand_each

DIGIT = 64  # cells are small numbers, so a state is seen as two digits of this base
Answer = dict[int, int] | int
N_PLIES = 1024


@dataclass(frozen=True)
class PlainGame:
    """A game whose states are whole numbers below DIGIT**2; `play` is what `expand_each` asks."""

    name: str
    play: Callable[[int], Answer] = field(compare=False)
    max_payoff: int
    n_states: int = 3
    n_actions: int = 2
    dtype: Any = np.int16  # of the payoffs
    endless: bool = False
    board: None = None

    @property
    def id(self) -> str:
        return f"tests.support.limit_games:{self.name}"

    def estimate_states(self) -> float:
        return float(self.n_states)

    def start(self) -> int:
        return 0

    def expand(self, states: States) -> Expansion:
        found = expand_each(states, self.play)
        return found if self.dtype == np.int16 else found._replace(payoff=found.payoff.astype(self.dtype))

    def multiplicity(self, states: States) -> Int32s:
        return np.ones(len(states), dtype=np.int32)

    def cells(self, states: States) -> Int8s:
        return np.stack(np.divmod(states.astype(np.int64), DIGIT), axis=1).astype(np.int8)

    def cell_levels(self) -> tuple[int, ...]:
        return (DIGIT, DIGIT)

    def planes(self, states: States) -> UInt8s:
        return (self.cells(states)[:, None, None, :] == np.arange(DIGIT)[None, :, None, None]).astype(np.uint8)

    def render(self, state: int) -> str:
        return f"state {state}"

    def action_name(self, action: int) -> str:
        return f"a{action}"


def choice(lost: Any, won: Any) -> Callable[[int], Answer]:
    """One choice of the first player: to lose, or to win; both as the second player counts them, who would be next."""
    return lambda state: {0: 1, 1: 2} if state == 0 else (lost, won)[state - 1]


def choosing(name: str, size: int, declared: int | None = None, **others: Any) -> PlainGame:
    return PlainGame(name, choice(size, -size), size if declared is None else declared, **others)


HELD = choosing("HELD", 16_383)
TWICE = choosing("TWICE", 16_384)
TWICE_IN_SECRET = choosing("TWICE_IN_SECRET", 20_000, declared=1)
WIDE = choosing("WIDE", 20_000, declared=40_000)
LONG = choosing("LONG", 40_000)
LONG_IN_SECRET = choosing("LONG_IN_SECRET", 40_000, declared=1)
LEAST = PlainGame("LEAST", choice(-32_768, 5), 32_767)
HALF = PlainGame("HALF", choice(-1, 0.5), 1)
INTS = choosing("INTS", 1, dtype=np.int32)
FLOATS = choosing("FLOATS", 1, dtype=np.float64)
REFUSED = ("TWICE", "TWICE_IN_SECRET", "WIDE", "LONG", "LONG_IN_SECRET", "LEAST", "HALF", "INTS", "FLOATS", "MANY")


def many(n_actions: int) -> Callable[[int], Answer]:
    return lambda state: {action: 1 + action % 2 for action in range(n_actions)} if state == 0 else (1, -1)[state - 1]


MOST = PlainGame("MOST", many(32_767), 1, n_actions=32_767)
MANY = PlainGame("MANY", many(32_769), 1, n_actions=32_769)
OVER = PlainGame("OVER", lambda state: 3, 3, n_states=1)


def row(state: int) -> Answer:
    """N_PLIES plies of two moves each, the second of which, at the last of them, loses."""
    if state >= N_PLIES:
        return 2 * (state - N_PLIES) - 1
    return {0: state + 1, 1: state + 1} if state < N_PLIES - 1 else {0: N_PLIES, 1: N_PLIES + 1}


ROW = PlainGame("ROW", row, 1, n_states=N_PLIES + 2)
