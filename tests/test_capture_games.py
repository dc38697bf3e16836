"""NoGo, Breakthrough, Kalah and misère Nim: against plain-Python twins, published values and OpenSpiel."""

from collections.abc import Callable
from functools import reduce
from operator import xor
from random import Random
from typing import Any

import numpy as np
import pyspiel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.concepts.concept import concepts_of
from games.contract import Expansion
from games.errors import UsageError
from games.registry import make_game
from games.rules.board import rectangle
from games.solving.graph import GameGraph, enumerate_graph
from games.solving.solve import Solution, topological_order
from tests.support.truth import FACTS, Solved
from tests.twins.boards import Cells, NimTwin, reachable
from tests.twins.capture_games import BreakthroughTwin, KalahTwin, NoGoTwin

TWINS: dict[str, Any] = {
    "nogo-1x1": NoGoTwin(1, 1),
    "nogo-1x6": NoGoTwin(1, 6),
    "nogo-3x2": NoGoTwin(3, 2),
    "nogo-3x3": NoGoTwin(3, 3),
    "breakthrough-2x2": BreakthroughTwin(2, 2, 1),
    "breakthrough-3x3": BreakthroughTwin(3, 3, 1),
    "breakthrough-4x2": BreakthroughTwin(4, 2, 2),
    "breakthrough-4x3x1": BreakthroughTwin(4, 3, 1),
    "kalah-1-5": KalahTwin(1, 5),
    "kalah-2-3": KalahTwin(2, 3),
    "kalah-2-6": KalahTwin(2, 6),
    "kalah-3-1": KalahTwin(3, 1),
    "kalah-3-2": KalahTwin(3, 2),
}
LARGER: dict[str, Any] = {
    "nogo-4x4": NoGoTwin(4, 4),
    "nogo-5x5": NoGoTwin(5, 5),
    "nogo-2x12": NoGoTwin(2, 12),
    "breakthrough-4x4": BreakthroughTwin(4, 4, 2),
    "breakthrough-8x4": BreakthroughTwin(8, 4, 2),
    "breakthrough-4x8": BreakthroughTwin(4, 8, 2),
    "kalah-3-21": KalahTwin(3, 21),
    "kalah-4-15": KalahTwin(4, 15),
    "kalah-6-1": KalahTwin(6, 1),
}


def packed(*states: int) -> np.ndarray[Any, np.dtype[np.uint64]]:
    return np.array(states, dtype=np.uint64)


def moves_of(expansion: Expansion, i: int = 0) -> list[tuple[int, int]]:
    edges = slice(expansion.edge_start[i], expansion.edge_start[i + 1])
    return list(zip(expansion.edge_action[edges].tolist(), expansion.edge_child[edges].tolist(), strict=True))


@pytest.mark.parametrize("game_id", TWINS)
def test_every_state_has_the_twins_moves_end_payoff_and_number_of_images(game_id: str) -> None:
    twin, graph = TWINS[game_id], enumerate_graph(make_game(game_id))
    states = reachable(twin)
    assert sorted(graph.states.tolist()) == sorted(states)
    expansion = make_game(game_id).expand(graph.states)
    for i, key in enumerate(graph.states.tolist()):
        state = states[key]
        assert moves_of(expansion, i) == [(action, twin.pack(twin.canonical(child))) for action, child in twin.moves(state)]
        assert (expansion.terminal[i], expansion.payoff[i]) == (not twin.moves(state), twin.payoff(state))
        assert graph.multiplicity[i] == len({twin.pack(image) for image in twin.images(state)})


@pytest.mark.parametrize("game_id", LARGER)
@settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
def test_random_games_on_larger_boards_agree_with_the_twin(game_id: str, seed: int) -> None:
    game, twin, random = make_game(game_id), LARGER[game_id], Random(seed)
    state = twin.canonical(twin.start())
    assert game.start() == twin.pack(state)
    for _ in range(300):
        expansion = game.expand(packed(twin.pack(state)))
        moves = twin.moves(state)
        assert moves_of(expansion) == [(action, twin.pack(twin.canonical(child))) for action, child in moves]
        assert (expansion.terminal[0], expansion.payoff[0]) == (not moves, twin.payoff(state))
        if not moves:
            return
        state = twin.canonical(random.choice(moves)[1])
    pytest.fail("the game does not end")


@pytest.mark.parametrize("game_id", ["nogo-3x4", "nogo-4x4", "breakthrough-4x4", "breakthrough-5x3x1"])
@settings(max_examples=30)
@given(choices=st.lists(st.integers(0, 10**6), max_size=20))
def test_the_images_of_a_state_lead_to_the_same_classes_of_states(game_id: str, choices: list[int]) -> None:
    twins = {"nogo-3x4": NoGoTwin(3, 4), "breakthrough-5x3x1": BreakthroughTwin(5, 3, 1), **LARGER}
    game, twin = make_game(game_id), twins[game_id]
    state = twin.start()
    for choice in choices:
        moves = twin.moves(state)
        state = moves[choice % len(moves)][1] if moves else state
    images = twin.images(state)
    expansion = game.expand(packed(*(twin.pack(image) for image in images)))
    classes = [sorted(child for _, child in moves_of(expansion, i)) for i in range(len(images))]
    assert all(children == classes[0] for children in classes)
    assert len(set(expansion.payoff.tolist())) == 1


@pytest.mark.parametrize("size", [size for size in FACTS["nogo"]["first_player_wins"] if size != "4x4"])
def test_nogo_has_the_published_winner(size: str, solved: Callable[[str], Solved]) -> None:
    assert (solved(f"nogo-{size}")[2].value[0] == 1) == FACTS["nogo"]["first_player_wins"][size]


def test_every_opening_wins_nogo_3x3(solved: Callable[[str], Solved]) -> None:
    _, graph, solution = solved("nogo-3x3")
    assert solution.edge_value[: graph.n_moves[0]].tolist() == [1] * FACTS["nogo"]["openings_that_win_3x3"]


def test_openings_lose_nogo_4x4_to_their_published_replies(solved: Callable[[str], Solved]) -> None:
    game, graph, solution = solved("nogo-4x4")
    assert game.board is not None
    points = [game.action_name(action) for action in range(16)]
    assert (solution.value[0] == 1) == FACTS["nogo"]["first_player_wins"]["4x4"]
    for opening, reply in FACTS["nogo"]["replies_4x4"].items():
        child = int(graph.edge_child[points.index(opening)])
        (stone,) = np.flatnonzero(game.cells(graph.states[child : child + 1])[0])
        replies = [turn[points.index(reply)] for turn in game.board.symmetries if turn[points.index(opening)] == stone]
        edges = slice(graph.edge_start[child], graph.edge_start[child + 1])
        assert solution.value[child] == 1
        assert solution.edge_value[edges][np.isin(graph.edge_action[edges], replies)].tolist() == [1] * len(set(replies))


def plies_to_the_end(graph: GameGraph, solution: Solution) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The number of plies when the winner hurries and the loser delays. [n_states]"""
    plies = np.zeros(graph.n_states, dtype=np.int64)
    for state in topological_order(graph.edge_start, graph.edge_child)[::-1]:
        edges = slice(graph.edge_start[state], graph.edge_start[state + 1])
        if not graph.terminal[state]:
            best = plies[graph.edge_child[edges][solution.optimal[edges]]]
            plies[state] = 1 + (best.min() if solution.value[state] > 0 else best.max())
    return plies


@pytest.mark.parametrize("size", FACTS["breakthrough"]["plies"])
def test_breakthrough_ends_with_the_published_winner_after_the_published_number_of_plies(
    size: str, solved: Callable[[str], Solved]
) -> None:
    _, graph, solution = solved(f"breakthrough-{size}")
    expected = FACTS["breakthrough"]["plies"][size]
    assert solution.value[0] == (1 if expected % 2 else -1)
    assert plies_to_the_end(graph, solution)[0] == expected


@pytest.mark.parametrize("size", FACTS["kalah"]["margin"])
def test_kalah_has_the_published_margin(size: str, solved: Callable[[str], Solved]) -> None:
    assert solved(f"kalah-{size}")[2].value[0] == FACTS["kalah"]["margin"][size]


@pytest.mark.parametrize(("pits", "seeds"), [(1, 1), (1, 4), (2, 1), (2, 4), (2, 6), (3, 1), (3, 2), (3, 3), (4, 1), (5, 1)])
def test_kalah_is_worth_what_it_is_worth_when_a_player_really_moves_again(pits: int, seeds: int, solved: Callable[[str], Solved]) -> None:
    assert solved(f"kalah-{pits}-{seeds}")[2].value[0] == KalahTwin(pits, seeds).margin()


def test_kalah_captures_without_a_seed_opposite_and_ends_when_a_side_is_empty(solved: Callable[[str], Solved]) -> None:
    game, graph, _ = solved("kalah-2-2")
    cells = game.cells(graph.states)
    pits, stores, waits = cells[:, :4], cells[:, 4:6], cells[:, 6]
    assert ((pits.sum(axis=1) + stores.sum(axis=1)) == 8).all()
    assert graph.terminal.tolist() == ((pits[:, :2].sum(axis=1) == 0) | (pits[:, 2:].sum(axis=1) == 0)).tolist()
    assert (graph.n_moves[waits == 1] == 1).all()
    assert waits.sum() > 0
    # Own pits 1 and 0, the other's 0 and 3: the seed falls into the empty pit opposite an empty pit, and is kept.
    ((_, child),) = moves_of(game.expand(packed(1 | 0 << 4 | 0 << 8 | 3 << 12 | 2 << 16)))
    assert game.cells(packed(child))[0].tolist() == [0, 3, 0, 0, 2, 3, 0]


HEAPS = [(1,), (4,), (1, 1), (1, 1, 1), (1, 2, 3), (3, 4, 5), (1, 4, 5), (2, 2), (5, 9), (1, 1, 2, 3)]


@pytest.mark.parametrize("heaps", HEAPS)
def test_misere_nim_is_nim_whose_end_counts_the_other_way(heaps: Cells, solved: Callable[[str], Solved]) -> None:
    name = "-".join(map(str, heaps))
    (_, normal, _), (_, misere, solution) = solved(f"nim-{name}"), solved(f"misere_nim-{name}")
    assert misere.states.tolist() == normal.states.tolist() == [*map(NimTwin(heaps).pack, sorted_breadth_first(heaps))]
    assert misere.edge_action.tolist() == normal.edge_action.tolist()
    assert misere.edge_child.tolist() == normal.edge_child.tolist()
    assert misere.payoff.tolist() == (-normal.payoff).tolist()
    # Bouton (1901): as in Nim while some heap has two or more; else an odd number of single stones is lost.
    for state, value in zip(make_game(f"misere_nim-{name}").cells(misere.states).tolist(), solution.value.tolist(), strict=True):
        assert value == (1 if (reduce(xor, state) != 0) == (max(state) >= 2) else -1)


def sorted_breadth_first(heaps: Cells) -> list[Cells]:
    """Every state of Nim in order of first discovery."""
    twin = NimTwin(heaps)
    found = [twin.start()]
    for state in found:
        found += [child for child in dict.fromkeys(child for _, child in twin.moves(state)) if child not in found]
    return found


def test_two_words_of_misere_nim_in_order_never_miss_the_best_move(solved: Callable[[str], Solved]) -> None:
    game, graph, solution = solved("misere_nim-3-4-5")
    concepts = {concept.name: concept.holds(game, graph) for concept in concepts_of(game)}
    for state in graph.positions:
        edges = slice(graph.edge_start[state], graph.edge_start[state + 1])
        applies = [concepts[name][edges] for name in ("odd_singles", "xor_zero") if concepts[name][edges].any()]
        chosen = applies[0] if applies else slice(None)
        assert solution.optimal[edges][chosen].all()


def test_misere_nim_agrees_with_openspiel_on_the_whole_tree() -> None:
    game = make_game("misere_nim-3-4-5")
    reference = pyspiel.load_game("nim", {"pile_sizes": "3;4;5", "is_misere": True})
    pending, seen = [reference.new_initial_state()], set()
    while pending:
        theirs = pending.pop()
        if str(theirs) in seen:
            continue
        seen.add(str(theirs))
        heaps = tuple(sorted(int(size) for size in str(theirs).partition(": ")[2].split()))
        expansion = game.expand(packed(sum(size << (8 * i) for i, size in enumerate(heaps))))
        assert bool(expansion.terminal[0]) == theirs.is_terminal()
        if theirs.is_terminal():
            assert int(expansion.payoff[0]) == theirs.returns()[len(theirs.history()) % 2]
        else:
            assert len(expansion.edge_action) == len(theirs.legal_actions())
            pending += [theirs.child(action) for action in theirs.legal_actions()]
    assert len(seen) > 120  # the states of Nim, most of them with either player to move


def breakthrough_state(theirs: Any, rows: int) -> int:
    """OpenSpiel's board from its mover's side, packed by the twin: it draws Black, who moves first and goes down, as `b` on top."""
    lines = [line[1:] for line in str(theirs).splitlines()[:rows]]
    mine, marks = ("b", lines[::-1]) if len(theirs.history()) % 2 == 0 else ("w", lines)
    board = tuple("".join("." if mark == "." else "X" if mark == mine else "O" for mark in line) for line in marks)
    twin = BreakthroughTwin(rows, len(lines[0]), 1)
    return twin.pack(twin.canonical(board))


@pytest.mark.parametrize(("game_id", "rows", "columns"), [("breakthrough-3x3", 3, 3), ("breakthrough-4x3x1", 4, 3)])
def test_breakthrough_agrees_with_openspiel_on_the_whole_tree(game_id: str, rows: int, columns: int) -> None:
    # OpenSpiel gives each side two rows of pawns from six rows on, and one below.
    game, reference = make_game(game_id), pyspiel.load_game("breakthrough", {"rows": rows, "columns": columns})
    pending, seen = [reference.new_initial_state()], set()
    while pending:
        theirs = pending.pop()
        if (str(theirs), theirs.current_player()) in seen:
            continue
        seen.add((str(theirs), theirs.current_player()))
        expansion = game.expand(packed(breakthrough_state(theirs, rows)))
        assert bool(expansion.terminal[0]) == theirs.is_terminal()
        if theirs.is_terminal():
            assert int(expansion.payoff[0]) == theirs.returns()[len(theirs.history()) % 2]
            continue
        children = [theirs.child(action) for action in theirs.legal_actions()]
        assert sorted(breakthrough_state(child, rows) for child in children) == sorted(expansion.edge_child.tolist())
        pending += children
    assert len(seen) >= enumerate_graph(game).n_states


@pytest.mark.parametrize(
    ("game_id", "rows", "columns"), [("breakthrough-6x4", 6, 4), ("breakthrough-8x4", 8, 4), ("breakthrough-5x6x1", 5, 6)]
)
def test_breakthrough_agrees_with_openspiel_on_random_games(game_id: str, rows: int, columns: int) -> None:
    game, reference, random = make_game(game_id), pyspiel.load_game("breakthrough", {"rows": rows, "columns": columns}), Random(rows)
    for _ in range(20):
        theirs = reference.new_initial_state()
        assert game.start() == breakthrough_state(theirs, rows)
        while not theirs.is_terminal():
            expansion = game.expand(packed(breakthrough_state(theirs, rows)))
            children = [theirs.child(action) for action in theirs.legal_actions()]
            assert sorted(breakthrough_state(child, rows) for child in children) == sorted(expansion.edge_child.tolist())
            theirs = random.choice(children)
        expansion = game.expand(packed(breakthrough_state(theirs, rows)))
        assert int(expansion.payoff[0]) == theirs.returns()[len(theirs.history()) % 2]


def test_a_pawn_of_breakthrough_is_looked_at_where_it_arrives() -> None:
    board = make_game("breakthrough-4x3").board
    assert board is not None
    assert board.action_cell is not None
    assert board.action_cell.reshape(12, 3)[[0, 4, 9]].tolist() == [[-1, -1, -1], [0, 1, 2], [-1, 6, 7]]
    assert board.symmetries.tolist() == rectangle(4, 3).symmetries[[0, 2]].tolist()  # the identity and the left-right mirror


@pytest.mark.parametrize("game_id", [*TWINS, *LARGER, "misere_nim-3-1-2"])
def test_a_games_id_makes_the_same_game(game_id: str) -> None:
    assert make_game(game_id).id == game_id
    assert make_game(make_game(game_id).id) == make_game(game_id)


def test_a_number_of_pawn_rows_that_is_usual_is_not_said() -> None:
    assert make_game("breakthrough-4x4x2").id == "breakthrough-4x4"
    assert make_game("breakthrough-3x3x1").id == "breakthrough-3x3"


@pytest.mark.parametrize(
    "game_id",
    [
        *("nogo-", "nogo-0x3", "nogo-5x6", "nogo-3", "kalah-3", "kalah-0-3", "kalah-6-2", "kalah-5-4", "kalah-4-16"),
        *("breakthrough-4x1", "breakthrough-1x4", "breakthrough-6x6", "breakthrough-4x4x3", "breakthrough-3x3x0"),
        *("misere_nim-", "misere_nim-0-1", "misere_nim-128"),
    ],
)
def test_a_name_that_is_no_game_gets_one_line_with_an_example(game_id: str) -> None:
    family = game_id.partition("-")[0]
    with pytest.raises(UsageError, match=rf"^{family}-.*example {family}-\d") as error:
        make_game(game_id)
    assert "\n" not in str(error.value)
