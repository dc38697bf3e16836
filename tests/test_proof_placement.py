"""Proved winners of Hex, Domineering and NoGo positions: against solved boards and published outcomes."""

import numpy as np
import pytest

from games.contract import Game
from games.proof import domineering, hex, nogo  # noqa: A004  the module of the game
from games.proof.draws_arrangements import draw_states
from games.proof.prover import Prover
from games.registry import make_game
from games.rules.domineering import Domineering
from games.rules.hex import Hex
from games.rules.nogo import NoGo
from games.solving.store import load_truth
from tests.support.truth import FACTS

NODES = 10**9  # 2x10 takes more than 10**8


def prover(game: Game) -> Prover:
    if isinstance(game, Domineering):
        return domineering.prover(game)
    if isinstance(game, NoGo):
        return nogo.prover(game)
    assert isinstance(game, Hex)
    return hex.prover(game)


def value_of_start(game_id: str) -> int:
    game = make_game(game_id)
    bounds = prover(game).prove(np.array([game.start()], dtype=np.uint64), NODES)
    assert bounds.lower[0] == bounds.upper[0]
    return int(bounds.lower[0])


SOLVED = [
    *("hex-2", "hex-3", "hex-2x4", "hex-4x2", "hex-3x4"),
    *("domineering-3x3", "domineering-4x4", "domineering-3x5", "domineering-4x5", "domineering-5x4"),
    *("nogo-1x5", "nogo-2x3", "nogo-3x3", "nogo-3x4"),
]


@pytest.mark.parametrize("game_id", SOLVED)
def test_every_state_of_a_solved_board_has_its_value(game_id: str) -> None:
    game = make_game(game_id)
    graph, solution = load_truth(game)
    bounds = prover(game).prove(graph.states, NODES)
    assert bounds.lower.tolist() == solution.value.tolist()
    assert bounds.upper.tolist() == solution.value.tolist()


@pytest.mark.parametrize("game_id", ["hex-5", "domineering-6x6", "nogo-5x5"])
def test_a_search_that_stops_leaves_sound_bounds(game_id: str) -> None:
    """Bounds from few nodes hold the value that many nodes find."""
    game = make_game(game_id)
    positions = draw_states(game, 40, 3)
    asked = prover(game)
    full = asked.prove(positions, NODES)
    assert (full.lower == full.upper).all()
    for nodes in (1, 3, 10, 30):
        few = asked.prove(positions, nodes)
        assert (few.lower <= full.lower).all()
        assert (few.upper >= full.upper).all()
        assert (few.nodes <= nodes).all()
    start = asked.prove(np.array([game.start()], dtype=np.uint64), 2)
    assert (start.lower[0], start.upper[0]) == (-1, 1)


@pytest.mark.parametrize("game_id", ["hex-5", "domineering-6x6", "nogo-5x5"])
def test_a_position_is_worth_what_its_best_move_is(game_id: str) -> None:
    game = make_game(game_id)
    positions = draw_states(game, 200, 4)
    expansion = game.expand(positions)
    asked = prover(game)
    of_moves = -asked.prove(expansion.edge_child, NODES).lower
    best = np.maximum.reduceat(of_moves, expansion.edge_start[:-1])
    assert asked.prove(positions, NODES).lower.tolist() == best.tolist()


def openings(size: int) -> tuple[set[str], set[str]]:
    """The first moves on a square Hex board that win, and those that lose."""
    game = make_game(f"hex-{size}")
    expansion = game.expand(np.array([game.start()], dtype=np.uint64))
    bounds = prover(game).prove(expansion.edge_child, NODES)
    names = ["abcde"[cell % size] + str(cell // size + 1) for cell in expansion.edge_action.tolist()]  # rows from the top, as players do
    winning = {name for name, value in zip(names, bounds.upper.tolist(), strict=True) if value == -1}
    losing = {name for name, value in zip(names, bounds.lower.tolist(), strict=True) if value == 1}
    return winning, losing


@pytest.mark.parametrize("size", [2, 3, 4, pytest.param(5, marks=pytest.mark.slow)])
def test_hex_openings_are_as_published(size: int) -> None:
    """Gale (1979): some opening wins on a square board. The others: tests/facts.toml, `hex.openings`."""
    winning, losing = openings(size)
    assert len(winning) + len(losing) == size * size
    assert winning
    published = FACTS["hex"]["openings"]
    assert winning >= set(published.get(str(size), []))
    if size > 2:
        assert losing >= set(published["losing"])


@pytest.mark.parametrize("size", ["2x3", "2x5", "3x4", "4x5"])
def test_the_shorter_way_wins_hex_even_as_second(size: str) -> None:
    """Gardner (1959), chapter 8: first with the shorter way, second with it."""
    rows, columns = size.split("x")
    assert value_of_start(f"hex-{rows}x{columns}") == 1
    assert value_of_start(f"hex-{columns}x{rows}") == -1


def domineering_outcome(rows: int, columns: int) -> str:
    """V or H where one player wins even as second, else who of the first and the second player wins."""
    upright, flat = value_of_start(f"domineering-{rows}x{columns}"), value_of_start(f"domineering-{columns}x{rows}")
    return {(1, 1): "1st", (-1, -1): "2nd", (1, -1): "V", (-1, 1): "H"}[upright, flat]


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6])
def test_who_wins_domineering_on_squares(size: int) -> None:
    published = FACTS["domineering"]["outcome"] | FACTS["domineering"]["squares"]
    assert domineering_outcome(size, size) == published[f"{size}x{size}"]


def test_who_wins_domineering_on_two_rows() -> None:
    found = [domineering_outcome(2, columns) for columns in range(1, 8)]
    assert found == FACTS["domineering"]["two_rows"]["outcome"]


@pytest.mark.slow
def test_who_wins_nogo_is_as_published() -> None:
    """N is worth 1 to the first player, P -1."""
    for size, name, place in (("4x4", "4xn", 0), ("3x5", "3xn", 2), ("3x6", "3xn", 3), ("2x8", "2xn", 6), ("2x10", "2xn", 8)):
        published = FACTS["nogo"]["outcomes"][name][place]
        assert value_of_start(f"nogo-{size}") == {"N": 1, "P": -1}[published]
