"""What several tests share: published numbers, and games each enumerated and solved once in a session."""

import functools
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from games.contract import Game
from games.registry import make_game
from games.solving.graph import GameGraph, enumerate_graph
from games.solving.solve import Solution, solve

# The first call of a kernel may compile it: no example has a deadline.
hypothesis.settings.register_profile("kernels", deadline=None)
hypothesis.settings.load_profile("kernels")

FACTS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("facts.toml").read_text())
Solved = tuple[Game, GameGraph, Solution]


@pytest.fixture(scope="session")
def solved() -> Callable[[str], Solved]:
    """A function from a game's id to the game, its graph and its solution, straight from the engine and not from a cache on disk."""

    @functools.cache
    def truth(game_id: str) -> Solved:
        game = make_game(game_id)
        graph = enumerate_graph(game)
        return game, graph, solve(graph)

    return truth
