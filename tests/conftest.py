"""What every test is run with, and games each enumerated and solved once in a session."""

import functools
from collections.abc import Callable

import hypothesis
import pytest

from games.registry import make_game
from games.solving.graph import enumerate_graph
from games.solving.solve import solve
from tests.support.truth import Solved

# The first call of a kernel may compile it: no example has a deadline.
hypothesis.settings.register_profile("kernels", deadline=None)
hypothesis.settings.load_profile("kernels")


@pytest.fixture(scope="session")
def solved() -> Callable[[str], Solved]:
    """A function from a game's id to the game, its graph and its solution, straight from the engine and not from a cache on disk."""

    @functools.cache
    def truth(game_id: str) -> Solved:
        game = make_game(game_id)
        graph = enumerate_graph(game)
        return game, graph, solve(graph)

    return truth
