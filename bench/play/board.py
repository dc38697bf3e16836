"""A game of two players as it is played: the board as a person sees it, and the moves so far."""

from dataclasses import dataclass, field

import numpy as np

from games.contract import Game, HasEvaluation, unfolded
from games.errors import UsageError


@dataclass
class Line:
    """The states of a game from its start, each seen by the player to move, and the moves between them."""

    game: Game
    states: list[int] = field(default_factory=list)
    moves: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.states = self.states or [self.game.start()]

    @property
    def state(self) -> int:
        """The state at the end of the line."""
        return self.states[-1]

    @property
    def first_to_move(self) -> bool:
        """Whether the first player is to move."""
        return len(self.moves) % 2 == 0

    def children(self) -> dict[int, int]:
        """The state after each legal action; empty where the game is over."""
        expansion = unfolded(self.game, np.array([self.state], dtype=np.uint64))
        return dict(zip(expansion.edge_action.tolist(), expansion.edge_child.tolist(), strict=True))

    def play(self, action: int) -> None:
        """Make a move. Raises UsageError for an action that is not legal."""
        children = self.children()
        if action not in children:
            raise UsageError(f"{self.game.action_name(action)} is not legal here")
        self.states.append(children[action])
        self.moves.append(action)

    def payoff(self) -> int:
        """The payoff to the first player where the game is over."""
        payoff = int(self.game.expand(np.array([self.state], dtype=np.uint64)).payoff[0])
        return payoff if self.first_to_move else -payoff

    def evaluation(self) -> float:
        """The game's own evaluation of the position for the first player, 0 where the game has none."""
        if not isinstance(self.game, HasEvaluation):
            return 0.0
        value = float(self.game.evaluate(np.array([self.state], dtype=np.uint64))[0])
        return value if self.first_to_move else -value
