"""A game together with its graph and its exact solution: its value and that of each opening."""

from dataclasses import dataclass

from games.contract import Game
from games.solving.graph import GameGraph
from games.solving.solve import Solution
from games.solving.store import load_truth


@dataclass(frozen=True, eq=False)
class Solved:
    """A solved game."""

    game: Game
    graph: GameGraph
    solution: Solution

    def __repr__(self) -> str:
        return f"<{self.game.id} solved: {self.graph.n_states:,} states, worth {self.value:+d} to the first player>"

    @property
    def value(self) -> int:
        """The value of perfect play to the first player, in the game's units."""
        return int(self.solution.value[0])

    @property
    def openings(self) -> dict[str, int]:
        """The value of each first move to the first player, by the name of the move; symmetric moves have an entry each."""
        first, last = self.graph.edge_start[:2].tolist()
        actions, values = self.graph.edge_action[first:last].tolist(), self.solution.edge_value[first:last].tolist()
        return {self.game.action_name(action): value for action, value in zip(actions, values, strict=True)}


def solve_game(game: Game, rebuild: bool = False) -> Solved:
    """The game solved, from the cache if it is there and not to be rebuilt. Raises WorkError when the game is too large."""
    return Solved(game, *load_truth(game, rebuild))
