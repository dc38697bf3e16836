"""Which module proves which family of games, and draws its positions."""

import importlib
from collections.abc import Callable
from typing import Any

from games.contract import Game
from games.errors import UsageError
from games.proof.prover import Prover

PROVERS: dict[str, str] = {  # family: module with a function `prover(game)`
    "go": "games.proof.go",
}


def prover_module(game: Game) -> str:
    """The module whose function `prover` makes a prover for a game. Raises UsageError where there is none."""
    family = game.id.partition("-")[0]
    if family not in PROVERS:
        raise UsageError(f"{game.id}: there is no proof search for this game; there is one for {', '.join(sorted(PROVERS))}")
    return PROVERS[family]


def make_prover(game: Game) -> Prover:
    """A new prover for a game; it serves one thread at a time. Raises UsageError where there is none."""
    module: Any = importlib.import_module(prover_module(game))
    make: Callable[[Game], Prover] = module.prover
    return make(game)
