"""Which modules prove and draw positions of a family of games. A family is one line here; its modules are imported when asked for."""

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

from games.contract import Game, States
from games.errors import UsageError
from games.proof.prover import Prover

UNIFORM = "uniform over canonical positions, by rejection"
RANDOM_PLAY = "random play to a ply drawn from 8 to 24"


class Family(NamedTuple):
    """Where a family is proved and drawn."""

    prover: str  # module with `prover(game)`
    draw: str  # the name of the draw
    draws: str  # module with `draw_states(game, n, seed)`, where a larger draw of the same seed begins with a smaller one


FAMILIES: dict[str, Family] = {
    "go": Family("games.proof.go", UNIFORM, "games.proof.draws_go"),
    "connect_four": Family("games.proof.connect_four", RANDOM_PLAY, "games.proof.draws_connect_four"),
    "hex": Family("games.proof.hex", UNIFORM, "games.proof.draws_arrangements"),
    "domineering": Family("games.proof.domineering", UNIFORM, "games.proof.draws_arrangements"),
    "nogo": Family("games.proof.nogo", UNIFORM, "games.proof.draws_arrangements"),
}


def family_of(game: Game) -> Family:
    """The line of a game's family. Raises UsageError where there is none."""
    name = game.id.partition("-")[0]
    if name not in FAMILIES:
        raise UsageError(f"{game.id}: there is no proof search for this game; there is one for {', '.join(sorted(FAMILIES))}")
    return FAMILIES[name]


def make_prover(game: Game) -> Prover:
    """A new prover for a game; it serves one thread at a time. Raises UsageError where there is none."""
    module: Any = importlib.import_module(family_of(game).prover)
    make: Callable[[Game], Prover] = module.prover
    return make(game)


def draw_positions(game: Game, n: int, seed: int) -> States:
    """`n` different canonical positions, by the draw that the family names. [n]

    Raises UsageError where there is no such family, WorkError where there are not `n` positions.
    """
    module: Any = importlib.import_module(family_of(game).draws)
    draw: Callable[[Game, int, int], States] = module.draw_states
    return draw(game, n, seed)
