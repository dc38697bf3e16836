"""Draws of positions: uniform over the enumerated graph where one fits, and by random play in Connect Four."""

import numpy as np
import pytest

from games.contract import Folds, Game, States
from games.errors import WorkError
from games.proof import draws_arrangements, draws_connect_four
from games.registry import make_game
from games.rules.connect_four import ConnectFour
from games.rules.domineering import Domineering
from games.rules.hex import Hex
from games.rules.nogo import NoGo
from games.solving.store import load_truth

SMALL = ["nogo-2x3", "nogo-3x3", "hex-2", "hex-3", "hex-2x3", "hex-3x2", "domineering-3x4", "domineering-4x3", "domineering-4x4"]


def draw(game: Game, n: int, seed: int) -> States:
    if isinstance(game, ConnectFour):
        return draws_connect_four.draw_states(game, n, seed)
    assert isinstance(game, NoGo | Hex | Domineering)
    return draws_arrangements.draw_states(game, n, seed)


@pytest.mark.parametrize("game_id", SMALL)
def test_every_position_of_the_graph_is_drawn_and_no_other(game_id: str) -> None:
    game = make_game(game_id)
    graph, _ = load_truth(game)
    positions = graph.states[graph.positions]
    assert sorted(draw(game, len(positions), 0).tolist()) == sorted(positions.tolist())
    with pytest.raises(WorkError, match="ask for fewer"):
        draw(game, len(positions) + 1, 0)


@pytest.mark.parametrize("game_id", ["nogo-2x3", "hex-2x3", "domineering-3x4"])
def test_each_is_as_likely_as_any_other(game_id: str) -> None:
    """Chi-squared over all positions of the graph, with seeds that share no random number."""
    game = make_game(game_id)
    graph, _ = load_truth(game)
    positions = np.sort(graph.states[graph.positions])
    n = len(positions) // 3 + 1
    drawn = np.concatenate([draw(game, n, seed) for seed in range(200)])
    counts = np.bincount(np.searchsorted(positions, drawn), minlength=len(positions))
    share = n / len(positions)
    chi_squared = ((counts - 200 * share) ** 2 / (200 * share * (1 - share))).sum()  # each count is binomial(200, share)
    assert abs(chi_squared - len(positions)) < 5 * np.sqrt(2 * len(positions))


def test_random_play_of_connect_four_ends_after_8_to_24_plies_each_as_often() -> None:
    """Games that are over before they are to end are dropped, so that long ones are fewer: the share is counted by playing them here."""
    game = make_game("connect_four-6x7")
    assert isinstance(game, ConnectFour)
    drawn = draws_connect_four.draw_states(game, 4000, 0)
    plies = np.count_nonzero(game.cells(drawn), axis=1)
    survived, rng = np.zeros(25), np.random.default_rng(0)
    for _ in range(1500):
        state = game.start()
        for ply in range(25):
            expansion = game.expand(np.array([state], dtype=np.uint64), fold=False)
            if expansion.terminal[0]:
                break
            survived[ply] += 1
            state = int(rng.choice(expansion.edge_child))
    share = survived[8:] / survived[8:].sum()
    counts = np.bincount(plies, minlength=25)
    assert counts[:8].sum() == 0
    assert len(counts) == 25
    assert np.abs(counts[8:] / 4000 - share).max() < 0.02  # six standard errors


@pytest.mark.parametrize("game_id", ["nogo-5x5", "hex-5", "domineering-6x6", "connect_four-6x7"])
def test_large_games_draw_different_canonical_positions(game_id: str) -> None:
    game = make_game(game_id)
    drawn = draw(game, 300, 1)
    assert len(np.unique(drawn)) == 300
    assert not game.expand(drawn).terminal.any()
    assert isinstance(game, Folds)
    assert np.array_equal(game.fold(drawn)[0], drawn)
    assert draw(game, 100, 1).tolist() == drawn[:100].tolist()
    assert draw(game, 100, 2).tolist() != drawn[:100].tolist()
