"""Enumeration in batches: what a game's graph is does not depend on how many states are expanded at a time."""

import numpy as np
import pytest

from games.errors import WorkError
from games.registry import make_game
from games.solving.graph import enumerate_graph
from tests.twins.boards import GoTwin, reachable


@pytest.mark.parametrize("batch", [1, 7, 64])
@pytest.mark.parametrize("game_id", ["tictactoe", "nim-3-4-5", "go-2x3", "go-3x3", "kalah-2-2"])
def test_the_graph_is_the_same_whatever_the_batch(game_id: str, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one batch a whole level of play is expanded before the table grows; in small ones, states that wait are in it when it does."""
    whole = enumerate_graph(make_game(game_id))
    monkeypatch.setattr("games.solving.graph.BATCH", batch)
    graph = enumerate_graph(make_game(game_id))
    for name in ("states", "edge_start", "edge_action", "edge_child", "terminal", "payoff", "multiplicity"):
        np.testing.assert_array_equal(getattr(graph, name), getattr(whole, name), strict=True)


def test_no_state_is_forgotten_while_more_wait_than_fit_into_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of states of Go 3x3 up to symmetry is that of a plain walk over its rules."""
    monkeypatch.setattr("games.solving.graph.BATCH", 64)
    graph = enumerate_graph(make_game("go-3x3"))
    assert sorted(graph.states.tolist()) == sorted(reachable(GoTwin(3, 3)))


def test_a_game_of_just_so_many_states_as_are_held_is_enumerated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tic-tac-toe has 765 states up to symmetry (published, tests/facts.toml); here nothing but what is found counts."""
    game = make_game("tictactoe")
    monkeypatch.setattr(type(game), "estimate_states", lambda game: 1.0)
    assert enumerate_graph(game, max_states=765).n_states == 765
    with pytest.raises(WorkError, match="more than 764 states"):
        enumerate_graph(game, max_states=764)
