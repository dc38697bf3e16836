"""m,n,k-games, connect four, Hex and Domineering: against twins told from the table, published numbers, and OpenSpiel."""

from collections.abc import Iterator
from functools import cache, partial
from itertools import combinations, pairwise
from random import Random
from typing import Any

import numpy as np
import pyspiel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.conformance.check import check_game
from games.contract import Expansion, Game
from games.errors import UsageError, WorkError
from games.registry import make_game
from games.rules.hex import Hex
from games.solving.graph import GameGraph, enumerate_graph
from games.solving.solve import Solution, solve
from tests.support.truth import FACTS
from tests.twins.placement_games import Cells, DomineeringTwin, HexTwin, InARowTwin, Position

TWINS: dict[str, Any] = {
    "mnk-1x1x1": InARowTwin(1, 1, 1),
    "mnk-1x6x2": InARowTwin(1, 6, 2),
    "mnk-4x2x3": InARowTwin(4, 2, 3),
    "mnk-3x3x2": InARowTwin(3, 3, 2),
    "mnk-3x3x3": InARowTwin(3, 3, 3),
    "connect_four-1x2": InARowTwin(1, 2, 4, falls=True),
    "connect_four-2x5": InARowTwin(2, 5, 4, falls=True),
    "connect_four-3x4": InARowTwin(3, 4, 4, falls=True),
    "connect_four-5x2": InARowTwin(5, 2, 4, falls=True),
    "hex-2": HexTwin(2, 2),
    "hex-3": HexTwin(3, 3),
    "hex-2x3": HexTwin(2, 3),
    "hex-3x2": HexTwin(3, 2),
    "hex-2x4": HexTwin(2, 4),
    "hex-5x2": HexTwin(5, 2),
    "domineering-1x3": DomineeringTwin(1, 3),
    "domineering-2x2": DomineeringTwin(2, 2),
    "domineering-2x5": DomineeringTwin(2, 5),
    "domineering-3x3": DomineeringTwin(3, 3),
    "domineering-4x3": DomineeringTwin(4, 3),
    "domineering-4x4": DomineeringTwin(4, 4),
    "domineering-3x5": DomineeringTwin(3, 5),
}
LARGER: dict[str, Any] = {
    "mnk-4x4x4": InARowTwin(4, 4, 4),
    "mnk-5x6x4": InARowTwin(5, 6, 4),
    "mnk-4x8x5": InARowTwin(4, 8, 5),
    "connect_four-4x5": InARowTwin(4, 5, 4, falls=True),
    "connect_four-6x7": InARowTwin(6, 7, 4, falls=True),
    "connect_four-8x7": InARowTwin(8, 7, 4, falls=True),
    "hex-4": HexTwin(4, 4),
    "hex-5": HexTwin(5, 5),
    "hex-3x5": HexTwin(3, 5),
    "hex-5x4": HexTwin(5, 4),
    "domineering-6x6": DomineeringTwin(6, 6),
    "domineering-5x7": DomineeringTwin(5, 7),
    "domineering-7x7": DomineeringTwin(7, 7),
}


@cache
def positions(game_id: str) -> list[Position]:
    """Every position that can come up on the table: none is folded, and none is taken for another that looks alike to its mover."""
    twin = TWINS[game_id]
    found = {twin.start(): None}
    pending = [twin.start()]
    while pending:
        new = [child for _, child in twin.moves(pending.pop()) if child not in found]
        found.update(dict.fromkeys(new))
        pending += new
    return list(found)


@cache
def canonical(twin: Any, position: Position) -> Position:
    """The image that stands for all, the one whose packed form is smallest."""
    found: Position = min(twin.images(position), key=twin.pack)
    return found


def packed(*states: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
    return np.array(states, dtype=np.uint64)


def assert_same_ply(twin: Any, position: Position, expansion: Expansion, i: int = 0) -> None:
    """The i-th state of a batch has the moves of a canonical position, their children after folding, its end and its payoff."""
    expected = [(action, twin.pack(canonical(twin, child))) for action, child in twin.moves(position)]
    edges = slice(expansion.edge_start[i], expansion.edge_start[i + 1])
    assert list(zip(expansion.edge_action[edges].tolist(), expansion.edge_child[edges].tolist(), strict=True)) == expected, position
    assert expansion.terminal[i] == (not expected), position
    assert expansion.payoff[i] == twin.payoff(position), position


@pytest.mark.parametrize("game_id", TWINS)
def test_every_position_on_the_table_has_the_moves_end_and_payoff_of_its_folded_state(game_id: str) -> None:
    game, twin = make_game(game_id), TWINS[game_id]
    folded = [canonical(twin, position) for position in positions(game_id)]
    expansion = game.expand(packed(*map(twin.pack, folded)))
    for i, position in enumerate(folded):
        assert_same_ply(twin, position, expansion, i)


@pytest.mark.parametrize("game_id", TWINS)
def test_the_graph_holds_the_positions_and_their_numbers_of_images_and_no_others(game_id: str) -> None:
    game, twin = make_game(game_id), TWINS[game_id]
    images = {twin.pack(canonical(twin, p)): len({twin.pack(image) for image in twin.images(p)}) for p in positions(game_id)}
    graph = enumerate_graph(game)
    assert dict(zip(graph.states.tolist(), graph.multiplicity.tolist(), strict=True)) == images
    if not game_id.startswith("domineering"):  # there the number of stones does not say whose turn it is
        assert graph.multiplicity.sum() == len({twin.pack(position) for position in positions(game_id)})


@pytest.mark.parametrize("game_id", TWINS)
def test_cells_and_planes_show_what_the_mover_sees(game_id: str) -> None:
    game, twin = make_game(game_id), TWINS[game_id]
    assert game.board is not None
    for raw in positions(game_id)[::5]:
        position = canonical(twin, raw)
        state = packed(twin.pack(position))
        assert tuple(game.cells(state)[0].tolist()) == twin.seen(position)
        shown = game.planes(state)[0]
        planes = [[owner == 1 for owner in twin.seen(position)]] * (len(shown) - 1) + [[owner == 2 for owner in twin.seen(position)]]
        assert shown.tolist() == np.reshape(planes, (-1, game.board.rows, game.board.columns)).tolist()


@pytest.mark.parametrize("game_id", LARGER)
@settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
def test_random_lines_of_play_on_larger_boards_agree_with_the_twin(game_id: str, seed: int) -> None:
    game, twin, random = make_game(game_id), LARGER[game_id], Random(seed)
    position = twin.start()
    assert game.start() == twin.pack(position)
    while True:
        images = twin.images(position)
        least = canonical(twin, position)
        state = packed(twin.pack(least))
        expansion = game.expand(state)
        assert_same_ply(twin, least, expansion)
        assert game.multiplicity(state).tolist() == [len(set(map(twin.pack, images)))]
        classes = [sorted(twin.pack(canonical(twin, child)) for _, child in twin.moves(image)) for image in images]
        assert all(children == sorted(expansion.edge_child.tolist()) for children in classes)
        if expansion.terminal[0]:
            break
        position = random.choice(twin.moves(position))[1]


@pytest.mark.parametrize("game_id", [*TWINS, "mnk-4x4x3", "connect_four-6x7", "hex-4", "domineering-6x6"])
def test_the_games_keep_their_contract_and_their_ids(game_id: str) -> None:
    assert make_game(game_id).id == game_id
    if game_id == "domineering-1x3":  # upright dominoes, which begin, do not fit on a single row
        with pytest.raises(WorkError, match="start is a state in which the game is over"):
            check_game(make_game(game_id))
    else:
        assert len(check_game(make_game(game_id), n_states=2_000)) >= 13


def test_three_in_a_row_on_three_by_three_is_tic_tac_toe() -> None:
    ours, theirs = enumerate_graph(make_game("mnk-3x3x3")), enumerate_graph(make_game("tictactoe"))
    for name in ("states", "edge_start", "edge_action", "edge_child", "terminal", "payoff", "multiplicity"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name
    game, reference = make_game("mnk-3x3x3"), make_game("tictactoe")
    assert np.array_equal(game.cells(ours.states), reference.cells(ours.states))
    assert [game.render(int(s)) for s in ours.states] == [reference.render(int(s)) for s in ours.states]
    assert [game.action_name(i) for i in range(9)] == [reference.action_name(i) for i in range(9)]


def solved(game_id: str) -> tuple[Game, GameGraph, Solution]:
    """Not kept, as the fixture of that name would: some of these graphs are large."""
    game = make_game(game_id)
    graph = enumerate_graph(game)
    return game, graph, solve(graph)


@pytest.mark.parametrize("size", FACTS["mnk"]["value"])
def test_the_first_player_of_an_mnk_game_gets_what_is_published(size: str) -> None:
    assert solved(f"mnk-{size}")[2].value[0] == FACTS["mnk"]["value"][size]


@pytest.mark.parametrize("size", {**FACTS["connect_four"]["legal_positions"], **FACTS["connect_four"]["games"]})
def test_connect_four_has_the_published_value_and_numbers_of_positions_and_games(size: str) -> None:
    game, graph, solution = solved(f"connect_four-{size}")
    found = {"value": solution.value[0], "legal_positions": graph.multiplicity.sum(), "games": count_games(game, graph)}
    for name, number in found.items():
        assert number == FACTS["connect_four"][name].get(size, number), name


def count_games(game: Game, graph: GameGraph) -> int:
    """Move sequences from the start to an end, ply by ply from the last; states stand in the order of their plies."""
    plies = np.count_nonzero(game.cells(graph.states), axis=1)
    first = np.searchsorted(plies, np.arange(plies.max() + 2))
    n_games = graph.terminal.astype(np.int64)
    for low, high in reversed(list(pairwise(first))):
        edge_start = graph.edge_start[low : high + 1]
        after = np.append(0, np.cumsum(n_games[graph.edge_child[edge_start[0] : edge_start[-1]]]))
        n_games[low:high] += np.diff(after[edge_start - edge_start[0]])
    return int(n_games[0])


@pytest.mark.parametrize("size", FACTS["connect_four"]["positions_by_ply"])
def test_connect_four_on_the_full_board_has_the_published_numbers_of_positions_ply_by_ply(size: str) -> None:
    game = make_game(f"connect_four-{size}")
    states = packed(game.start())
    for ply, n_positions in enumerate(FACTS["connect_four"]["positions_by_ply"][size]):
        assert game.multiplicity(states).sum() == n_positions, ply
        states = np.unique(game.expand(states).edge_child)


@pytest.mark.parametrize("size", [2, 3, pytest.param(4, marks=pytest.mark.slow)])
def test_the_first_player_wins_hex_with_the_published_openings_and_every_game_has_a_winner(size: int) -> None:
    game, graph, solution = solved(f"hex-{size}")
    assert solution.value[0] == 1
    assert set(graph.payoff[graph.terminal].tolist()) == {-1}
    values = dict(zip(graph.edge_action.tolist(), solution.edge_value[: graph.edge_start[1]].tolist(), strict=False))
    # Hex players number rows from the top, our names from the bottom.
    opening = {chr(ord("a") + cell % size) + str(cell // size + 1): value for cell, value in values.items()}
    assert [opening[cell] for cell in FACTS["hex"]["openings"]["losing"][: size - 1]] == [-1] * min(2, size - 1)
    assert {opening[cell] for cell in FACTS["hex"]["openings"][str(size)]} == {1}
    assert game.action_name(0) == f"a{size}"


@pytest.mark.parametrize("size", ["2x3", "3x2", "2x4", "4x2", "2x5", "5x2", "3x4", "4x3", "3x5", "5x3"])
def test_on_an_oblong_hex_board_the_shorter_way_wins_and_every_game_has_a_winner(size: str) -> None:
    rows, columns = map(int, size.split("x"))
    game, graph, solution = solved(f"hex-{size}")
    assert solution.value[0] == (1 if rows < columns else -1)  # facts.toml, hex.head_start: even without the first move
    assert set(graph.payoff[graph.terminal].tolist()) == {-1}
    first_moves = {game.action_name(int(action)) for action in graph.edge_action[: graph.edge_start[1]]}
    assert first_moves == {f"{column}{row + 1}" for column in "abcde"[:columns] for row in range(rows)}
    assert len(game.render(game.start()).splitlines()) == rows + 1


def values(game: Game, states: np.ndarray[Any, np.dtype[np.uint64]]) -> np.ndarray[Any, np.dtype[np.int16]]:
    """What play from some states is worth, ply by ply to the end: for games in which every line of play ends."""
    expansion = game.expand(states)
    worth = expansion.payoff.copy()
    if len(expansion.edge_child):
        children, places = np.unique(expansion.edge_child, return_inverse=True)
        firsts = expansion.edge_start[:-1][~expansion.terminal]
        worth[~expansion.terminal] = np.maximum.reduceat(-values(game, children)[places], firsts)
    return worth


@pytest.mark.parametrize("size", FACTS["hex"]["head_start"])
def test_who_has_the_longer_way_needs_the_published_head_start(size: str) -> None:
    """So many stones, laid down at once before the other moves, win on some cells; one less wins nowhere."""
    game = make_game(f"hex-{size}")  # who moves first has the shorter way
    cells = game.expand(packed(game.start())).edge_action.tolist()
    needed = FACTS["hex"]["head_start"][size]
    for n_stones, outcome in ((needed - 1, 1), (needed, -1)):
        laid = [game.start() | sum(1 << (cell + game.n_actions) for cell in chosen) for chosen in combinations(cells, n_stones)]
        assert values(game, packed(*laid)).min() == outcome


@pytest.mark.parametrize("size", FACTS["domineering"]["outcome"])
def test_domineering_is_won_by_the_published_player(size: str) -> None:
    rows, columns = size.split("x")
    upright_first = int(solved(f"domineering-{rows}x{columns}")[2].value[0])
    flat_first = int(solved(f"domineering-{columns}x{rows}")[2].value[0])  # the same board, laid over its diagonal
    winner = {(1, 1): "1st", (-1, -1): "2nd", (1, -1): "V", (-1, 1): "H"}[upright_first, flat_first]
    assert winner == FACTS["domineering"]["outcome"][size]


Board = tuple[Cells, list[int]]  # what the mover sees, and for each cell of OpenSpiel the mover's number for it


def marks(state: Any, wanted: str) -> list[int]:
    """OpenSpiel's board read from its text: 0 empty, 1 the first player's, 2 the second's."""
    return [wanted.index(mark.lower()) for mark in str(state) if mark.lower() in wanted]


def by_rows(state: Any) -> Board:
    cells, mover = marks(state, ".xo"), len(state.history()) % 2 + 1
    return tuple(0 if owner == 0 else 1 if owner == mover else 2 for owner in cells), list(range(len(cells)))


def over_the_diagonal(rows: int, columns: int, state: Any) -> Board:
    """Hex in its square, where -1 stands for the cells beyond the board: they are the player's who has the shorter way to go."""
    mover, side = len(state.history()) % 2 + 1, max(rows, columns)
    owners = np.full((side, side), 1 if rows < columns else 2)
    numbers = np.full((side, side), -1)
    owners[side - rows :, :columns] = np.reshape(marks(state, ".xo"), (rows, columns))
    numbers[side - rows :, :columns] = np.arange(rows * columns).reshape(rows, columns)
    if mover == 2:
        owners, numbers = np.rot90(owners, 2).T, np.rot90(numbers, 2).T
    return tuple(0 if owner == 0 else 1 if owner == mover else 2 for owner in owners.ravel()), numbers.ravel().tolist()


def landing(cells: Cells, columns: int, column: int) -> int:
    return max(i for i in range(column, len(cells), columns) if cells[i] == 0)


def random_lines(name: str, n_games: int) -> Iterator[list[int]]:
    """Random games of OpenSpiel, as lists of its actions."""
    random, reference = Random(name), pyspiel.load_game(name)
    for _ in range(n_games):
        state = reference.new_initial_state()
        while not state.is_terminal():
            state.apply_action(random.choice(state.legal_actions()))
        yield state.history()


@pytest.mark.parametrize(
    ("game_id", "name", "n_games"),
    [
        ("mnk-3x3x3", "tic_tac_toe", 150),
        ("mnk-2x5x3", "mnk(m=5,n=2,k=3)", 100),
        ("mnk-4x4x4", "mnk(m=4,n=4,k=4)", 100),
        ("mnk-4x7x4", "mnk(m=7,n=4,k=4)", 60),
        ("connect_four-4x4", "connect_four(rows=4,columns=4)", 100),
        ("connect_four-4x6", "connect_four(rows=4,columns=6)", 100),
        ("connect_four-6x7", "connect_four", 100),
        ("hex-2", "hex(num_cols=2,num_rows=2)", 50),
        ("hex-3", "hex(num_cols=3,num_rows=3)", 150),
        ("hex-5", "hex(num_cols=5,num_rows=5)", 60),
        ("hex-3x4", "hex(num_cols=4,num_rows=3)", 100),
        ("hex-5x3", "hex(num_cols=3,num_rows=5)", 100),
    ],
)
def test_random_games_agree_with_openspiel(game_id: str, name: str, n_games: int) -> None:
    game = make_game(game_id)
    assert game.board is not None
    view = partial(over_the_diagonal, game.rows, game.columns) if isinstance(game, Hex) else by_rows
    results = set()
    for line in random_lines(name, n_games):
        theirs, ours = pyspiel.load_game(name).new_initial_state(), game.start()
        for played in [*line, None]:
            expansion = game.expand(packed(ours))
            shown = game.cells(packed(ours))[0].tolist()
            assert bool(expansion.terminal[0]) == theirs.is_terminal()
            if played is None:
                assert int(expansion.payoff[0]) == theirs.returns()[len(line) % 2]
                results.add(theirs.returns()[0])
                break
            seen, order = view(theirs)
            turn = next(turn for turn in game.board.symmetries.tolist() if [shown[cell] for cell in turn] == list(seen))
            legal = {
                turn[landing(seen, game.board.columns, action) if game_id.startswith("connect") else order.index(action)]: action
                for action in theirs.legal_actions()
            }
            assert sorted(legal) == expansion.edge_action.tolist()
            edge = next(edge for edge, action in enumerate(expansion.edge_action.tolist()) if legal[action] == played)
            ours = int(expansion.edge_child[edge])
            theirs.apply_action(played)
    assert results >= {1.0, -1.0}


@pytest.mark.parametrize(
    "game_id",
    [
        *("mnk-", "mnk-3x3", "mnk-3x3x4", "mnk-3x3x0", "mnk-6x6x4", "mnk-0x3x2", "mnk-3x3x3x3"),
        *("connect_four-", "connect_four-4", "connect_four-4x1", "connect_four-0x4", "connect_four-8x8"),
        *("hex-", "hex-1", "hex-6", "hex-3x3", "hex-03", "hex-3x", "hex-1x3", "hex-4x6", "hex-3x4x5"),
        *("domineering-", "domineering-1x1", "domineering-8x2", "domineering-0x4", "domineering-4"),
    ],
)
def test_a_size_that_is_none_gets_one_line_with_an_example(game_id: str) -> None:
    with pytest.raises(UsageError) as error:
        make_game(game_id)
    assert "\n" not in str(error.value)
    assert f"for example {game_id.partition('-')[0]}-" in str(error.value)
