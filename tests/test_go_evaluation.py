"""Go with an evaluation handed to it: the same game, and concepts that hold where plain Python on tuples says so."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from games.concepts.concept import concepts_of
from games.concepts.go_evaluation import facts_of
from games.registry import make_game
from tests.support.truth import Solved
from tests.twins.boards import GoState, GoTwin, reachable, swap_sides

PLACE = "games.concepts.go_evaluation:go_"
SAMPLED = {"2x3": 1, "3x3": 29}  # every so many edges of a board


def chains(twin: GoTwin, board: list[int], colour: int) -> list[frozenset[int]]:
    return sorted({frozenset(twin.region(board, point)) for point in range(twin.n) if board[point] == colour}, key=min)


def stones_between(twin: GoTwin, board: list[int], one: frozenset[int], other: frozenset[int]) -> int:
    """Empty points on the shortest way from one chain to another, all points of the board where there is none."""
    reached, seen, n = set(one), set(one), 0
    while reached:
        around = {near for point in reached for near in twin.next_to[point]}
        if around & other:
            return n
        reached = {point for point in around if board[point] == 0} - seen
        seen |= reached
        n += 1
    return twin.n


def gap(twin: GoTwin, board: list[int], colour: int) -> int:
    """The weight of a minimum spanning tree of the chains (Kruskal)."""
    found = chains(twin, board, colour)
    part, total = {chain: chain for chain in found}, 0
    for one, other in sorted(combinations(found, 2), key=lambda pair: stones_between(twin, board, *pair)):
        if part[one] != part[other]:
            total += stones_between(twin, board, one, other)
            old, new = part[one], part[other]
            part = {chain: new if of == old else of for chain, of in part.items()}
    return total


def liberties(twin: GoTwin, board: list[int], stones: frozenset[int]) -> int:
    return len({near for point in stones for near in twin.next_to[point] if board[near] == 0})


def distance(twin: GoTwin, board: list[int], point: int, colour: int) -> float:
    """Steps over empty points from an empty point to the nearest stone of a colour."""
    reached, seen, n = {point}, {point}, 0
    while reached:
        around = {near for each in reached for near in twin.next_to[each]}
        n += 1
        if any(board[near] == colour for near in around):
            return n
        reached = {near for near in around if board[near] == 0} - seen
        seen |= reached
    return float("inf")


def nearer(twin: GoTwin, board: list[int]) -> int:
    margin = board.count(1) - board.count(2)
    for point in range(twin.n):
        if board[point] == 0:
            mine, theirs = distance(twin, board, point, 1), distance(twin, board, point, 2)
            margin += (mine < theirs) - (theirs < mine)
    return margin


def facts(twin: GoTwin, state: GoState, action: int) -> list[int]:
    """What a move leaves, in the order of the facts of the concepts."""
    board = list(state.cells if action == twin.n else twin.after(state, action) or ())
    area = [twin.payoff(GoState(tuple(cells), None, 2)) for cells in (board, state.cells)]
    fewest = [min((liberties(twin, board, chain) for chain in chains(twin, board, colour)), default=twin.n) for colour in (1, 2)]
    total = [liberties(twin, board, frozenset().union(*chains(twin, board, colour))) for colour in (1, 2)]
    ends = int(action == twin.n and state.passes == 1)
    gaps = [gap(twin, board, colour) for colour in (1, 2)]
    return [*gaps, *fewest, total[0] - total[1], area[0], area[0] - area[1], nearer(twin, board), ends]


@pytest.mark.parametrize("board", SAMPLED)
def test_the_facts_of_a_move_are_those_of_plain_python(board: str, solved: Callable[[str], Solved]) -> None:
    game, graph, _ = solved(PLACE + board)
    twin = GoTwin(*map(int, board.split("x")))
    states = reachable(twin)
    found = facts_of(game, graph).tolist()  # type: ignore[arg-type]
    for edge in range(0, graph.n_edges, SAMPLED[board]):
        state = int(graph.states[graph.edge_parent[edge]])
        assert found[edge] == facts(twin, states[state], int(graph.edge_action[edge])), game.render(state)


def test_a_concept_of_the_most_or_the_least_holds_where_no_move_has_more_or_less(solved: Callable[[str], Solved]) -> None:
    game, graph, _ = solved(PLACE + "3x3")
    gaps, their_gaps, breath, their_breath, total, area, swing, near, ends = facts_of(game, graph).astype(int).T  # type: ignore[arg-type]
    wanted = {
        "joins": -gaps,
        "parts": their_gaps,
        "joins_and_parts": their_gaps - gaps,
        "breathes": breath,
        "chokes": -their_breath,
        "races": breath - their_breath,
        "liberties": total,
        "area": area,
        "nearer": near,
        "judges": area + near + total,
    }
    yes = {"swings": swing > 0, "ends": ends == 1, "ends_ahead": (ends == 1) & (area > 0)}
    concepts = {concept.name: concept.holds(game, graph) for concept in concepts_of(game)}
    assert concepts.keys() == wanted.keys() | yes.keys()
    for name, fact in wanted.items():
        most = {parent: max(fact[graph.edge_start[parent] : graph.edge_start[parent + 1]]) for parent in graph.positions.tolist()}
        assert concepts[name].tolist() == [fact[edge] == most[parent] for edge, parent in enumerate(graph.edge_parent.tolist())], name
    assert all((concepts[name] == holds).all() for name, holds in yes.items())
    assert all(0 < holds.sum() < graph.n_edges for holds in concepts.values())


def test_the_game_is_go_in_all_but_its_concepts(solved: Callable[[str], Solved]) -> None:
    (_, graph, solution), (_, plain, wanted) = solved(PLACE + "3x3"), solved("go-3x3")
    assert np.array_equal(graph.states, plain.states)
    assert np.array_equal(graph.edge_child, plain.edge_child)
    assert np.array_equal(solution.value, wanted.value)
    assert not {concept.name for concept in concepts_of(make_game(PLACE + "3x3"))} & {
        each.name for each in concepts_of(make_game("go-3x3"))
    }


def test_the_two_colours_swap_their_facts() -> None:
    twin = GoTwin(3, 3)
    board = (1, 0, 2, 0, 0, 0, 1, 0, 2)
    state, other = GoState(board, None, 0), GoState(swap_sides(board), None, 0)
    mine, theirs = facts(twin, state, twin.n), facts(twin, other, twin.n)
    assert mine[:4] == [theirs[1], theirs[0], theirs[3], theirs[2]]
    assert mine[4:6] == [-theirs[4], -theirs[5]]
