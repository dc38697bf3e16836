"""How positions of a game are drawn where they cannot all be listed, and the name of the draw, which goes with what is made of them."""

from games.contract import Draws, Game, States
from games.errors import UsageError

UNIFORM = "uniform over canonical positions, by rejection"


def draw_positions(game: Game, n: int, seed: int) -> tuple[str, States]:
    """The name of a game's draw, and `n` different positions; a larger draw of the same seed begins with a smaller one.

    Raises UsageError where the game has no draw, WorkError where there are not `n` positions.
    """
    if not isinstance(game, Draws):
        raise UsageError(f"{game.id}: no draw of single positions is known for this game")
    return UNIFORM, game.draw_states(n, seed)
