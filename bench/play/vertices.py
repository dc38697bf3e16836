"""Points of a square Go board as GTP writes them: a letter without I and a row counted from below, or `pass`."""

from games.errors import UsageError
from games.registry import make_game
from games.rules.go import Go


def square_go(game_id: str) -> Go:
    """The game as Go on a square board. Raises UsageError for any other: GTP has no oblong boards and no other games."""
    game = make_game(game_id)
    if not isinstance(game, Go) or game.rows != game.columns:
        raise UsageError(f"GTP plays Go on square boards, for example go-5x5, not {game_id}")
    return game


def action_of(game: Go, vertex: str) -> int | None:
    """The action at a vertex in any case; None for what is no vertex of the board."""
    names = {game.action_name(action).upper(): action for action in range(game.n_actions)}
    return names.get(vertex.upper())


def vertex_of(game: Go, action: int) -> str:
    """The vertex of an action."""
    return game.action_name(action).upper() if action < game.rows * game.columns else "pass"
