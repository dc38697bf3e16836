"""Each game's kernels against its plain-Python twin, state by state, and the properties that folding must have."""

from functools import cache
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.contract import Expansion, Game
from games.errors import UsageError, WorkError
from games.registry import families, make_game
from games.solving.graph import enumerate_graph
from tests.twins import boards as twins
from tests.twins.boards import GoState, GoTwin, NimTwin, TicTacToeTwin

TWINS: dict[str, Any] = {
    "tictactoe": TicTacToeTwin(),
    "go-1x1": GoTwin(1, 1),
    "go-1x2": GoTwin(1, 2),
    "go-1x3": GoTwin(1, 3),
    "go-3x1": GoTwin(3, 1),
    "go-1x7": GoTwin(1, 7),
    "go-2x2": GoTwin(2, 2),
    "go-2x3": GoTwin(2, 3),
    "go-3x2": GoTwin(3, 2),
    "go-3x3": GoTwin(3, 3),
    "nim-4": NimTwin((4,)),
    "nim-3-4-5": NimTwin((3, 4, 5)),
    "nim-3-1-3-2": NimTwin((3, 1, 3, 2)),
}
LARGER: dict[str, Any] = {
    "go-1x11": GoTwin(1, 11),
    "go-3x4": GoTwin(3, 4),
    "go-4x4": GoTwin(4, 4),
    "go-4x5": GoTwin(4, 5),
    "go-5x5": GoTwin(5, 5),
    "go-2x11": GoTwin(2, 11),
    "nim-127-127-9-64-1-2-3-127": NimTwin((127, 127, 9, 64, 1, 2, 3, 127)),
}


reachable = cache(twins.reachable)


def packed(*states: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
    return np.array(states, dtype=np.uint64)


def moves_of(expansion: Expansion, i: int) -> list[tuple[int, int]]:
    """The (action, child) pairs of the i-th state of a batch."""
    edges = slice(expansion.edge_start[i], expansion.edge_start[i + 1])
    return list(zip(expansion.edge_action[edges].tolist(), expansion.edge_child[edges].tolist(), strict=True))


def n_images(twin: Any, state: Any) -> int:
    return len({twin.pack(image) for image in twin.images(state)})


def assert_same_ply(game: Game, twin: Any, state: Any, expansion: Expansion, i: int = 0) -> None:
    """The i-th state of a batch has the twin's actions, children after folding, end and payoff."""
    expected = [(action, twin.pack(twin.canonical(child))) for action, child in twin.moves(state)]
    assert moves_of(expansion, i) == expected, game.render(twin.pack(state))
    assert expansion.terminal[i] == (not expected), game.render(twin.pack(state))
    assert expansion.payoff[i] == twin.payoff(state), game.render(twin.pack(state))


@pytest.mark.parametrize("game_id", TWINS)
def test_every_state_of_a_small_game_has_the_twins_moves_end_and_payoff(game_id: str) -> None:
    game, twin = make_game(game_id), TWINS[game_id]
    states = reachable(twin)
    expansion = game.expand(packed(*states))
    for i, state in enumerate(states.values()):
        assert_same_ply(game, twin, state, expansion, i)


@pytest.mark.parametrize("game_id", TWINS)
def test_the_graph_holds_the_twins_states_and_multiplicities_and_no_others(game_id: str) -> None:
    game, twin = make_game(game_id), TWINS[game_id]
    graph = enumerate_graph(game)
    expected = {key: n_images(twin, state) for key, state in reachable(twin).items()}
    assert dict(zip(graph.states.tolist(), graph.multiplicity.tolist(), strict=True)) == expected
    assert graph.states[graph.edge_child].tolist() == game.expand(graph.states).edge_child.tolist()


@pytest.mark.parametrize("game_id", LARGER)
@settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
def test_long_random_lines_of_play_agree_with_the_twin(game_id: str, seed: int) -> None:
    game, twin = make_game(game_id), LARGER[game_id]
    state, random = twin.canonical(twin.start()), Random(seed)
    assert game.start() == twin.pack(state)
    for _ in range(100):
        expansion = game.expand(packed(twin.pack(state)))
        assert_same_ply(game, twin, state, expansion)
        moves = twin.moves(state)
        if not moves:
            break
        # Pass, the last action of Go, only now and then: boards must fill up before captures and kos happen.
        state = twin.canonical(random.choice(moves[:-1] if len(moves) > 1 and random.random() < 0.95 else moves)[1])
    if not game_id.startswith("nim"):  # eight heaps have 40,320 orders; small games of Nim are counted above
        assert game.multiplicity(packed(twin.pack(state))).tolist() == [n_images(twin, state)]


@pytest.mark.parametrize("game_id", ["tictactoe", "go-3x4", "go-4x4"])
@settings(max_examples=40)
@given(choices=st.lists(st.integers(0, 10**6), max_size=40))
def test_the_images_of_a_state_lead_to_the_same_classes_of_states(game_id: str, choices: list[int]) -> None:
    game, twin = make_game(game_id), {**TWINS, **LARGER}[game_id]
    state = twin.start()
    for choice in choices:
        moves = twin.moves(state)
        if moves:
            state = moves[choice % len(moves)][1]
    expansion = game.expand(packed(*(twin.pack(image) for image in twin.images(state))))
    classes = [sorted(child for _, child in moves_of(expansion, i)) for i in range(len(twin.images(state)))]
    assert all(images == classes[0] for images in classes)
    assert len(set(expansion.payoff.tolist())) == 1


@pytest.mark.parametrize("game_id", ["go-2x3", "go-3x3", "tictactoe"])
def test_cells_and_planes_show_the_twins_board(game_id: str) -> None:
    game, twin = make_game(game_id), TWINS[game_id]
    assert game.board is not None
    states, n_cells = reachable(twin), game.board.n_cells
    cells, planes = game.cells(packed(*states)), game.planes(packed(*states))
    for i, state in enumerate(states.values()):
        board = state if game_id == "tictactoe" else (*state.cells, twin.ko_point(state) + 1, state.passes)
        assert tuple(cells[i].tolist()) == board
        assert planes[i, 0].ravel().tolist() == [cell == 1 for cell in board[:n_cells]]
        assert planes[i, 1].ravel().tolist() == [cell == 2 for cell in board[:n_cells]]


def test_a_batch_gives_what_its_states_give_one_by_one() -> None:
    game = make_game("go-3x3")
    states = packed(*reachable(TWINS["go-3x3"]))[::7]
    together = game.expand(states)
    for i, state in enumerate(states):
        alone = game.expand(packed(int(state)))
        assert moves_of(alone, 0) == moves_of(together, i)
        assert (alone.terminal[0], alone.payoff[0]) == (together.terminal[i], together.payoff[i])


def test_go_refuses_suicide_and_allows_a_capture_that_makes_room() -> None:
    game = make_game("go-2x2")
    diagonal = 0b1001 << 25  # O on two opposite corners: X would have no liberty on either of the others
    assert [action for action, _ in moves_of(game.expand(packed(diagonal)), 0)] == [4]
    three = 0b1011 << 25  # O on three corners: X takes all three by filling the last, and then stands alone
    assert [action for action, _ in moves_of(game.expand(packed(three)), 0)] == [2, 4]
    alone = int(game.expand(packed(three)).edge_child[0])
    assert game.cells(packed(alone))[0].tolist() == [2, 0, 0, 0, 0, 0]


def test_go_forbids_taking_back_at_once_but_not_after_another_move() -> None:
    # . X O .   X plays C2 and takes B2. O may not take back at once (in the left corners O would have no liberty),
    # X O . O   but may after O has passed and X has played A3.
    # . X O .
    game, twin = make_game("go-3x4"), GoTwin(3, 4)
    taken = dict(twin.moves(GoState((0, 1, 2, 0, 1, 2, 0, 2, 0, 1, 2, 0), None, 0)))[6]
    assert [game.action_name(action) for action, _ in twin.moves(taken)] == ["D3", "D1", "pass"]
    assert "ko at " in game.render(twin.pack(twin.canonical(taken)))
    later = dict(twin.moves(dict(twin.moves(taken))[12]))[0]
    assert [game.action_name(action) for action, _ in twin.moves(later)] == ["D3", "B2", "D1", "pass"]
    for state in map(twin.canonical, (taken, later)):
        assert_same_ply(game, twin, state, game.expand(packed(twin.pack(state))))


@pytest.mark.parametrize(
    "game_id",
    ["tictactoe-3", "go-", "go-0x3", "go-5x6", "go-3", "nim-", "nim-0-1", "nim-128", "nim-3-x", "nim-1-1-1-1-1-1-1-1-1", "og-3x3"],
)
def test_a_name_that_is_no_game_gets_one_line_with_an_example(game_id: str) -> None:
    with pytest.raises(UsageError) as error:
        make_game(game_id)
    assert "\n" not in str(error.value)
    assert any(family in str(error.value) for family in families())


def test_a_game_too_large_to_enumerate_is_refused_before_the_work_begins() -> None:
    with pytest.raises(WorkError, match="too large to enumerate"):
        enumerate_graph(make_game("go-5x5"))
    with pytest.raises(WorkError, match="too large to enumerate"):
        enumerate_graph(make_game("tictactoe"), max_states=10)


@pytest.mark.parametrize("game_id", [*TWINS, *LARGER])
def test_a_games_id_makes_the_same_game(game_id: str) -> None:
    assert make_game(game_id).id == game_id
    assert make_game(make_game(game_id).id) == make_game(game_id)
