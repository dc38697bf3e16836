"""The certificate checker: it passes what is right, and notices every wrong number and every bound that only a cycle holds up."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.errors import WorkError
from games.registry import GAMES
from games.solving.graph import GameGraph
from games.solving.solve import Solution, solve
from games.solving.verify import verify_solution
from tests.support.truth import Solved
from tests.test_solve import as_graph, graphs

EXAMPLES = " ".join(examples for _, examples in GAMES.values()).split()
ARRAYS = ("value", "lower", "upper", "edge_value", "regret")


def follow_values(graph: GameGraph, lower: list[int], upper: list[int]) -> Solution:
    """The solution that goes with the given bounds, everything else worked out from them."""
    low, high = np.array(lower, dtype=np.int16), np.array(upper, dtype=np.int16)
    value = np.clip(np.int16(0), low, high)
    edge_value = -value[graph.edge_child]
    return Solution(value, low, high, edge_value, value[graph.edge_parent] - edge_value)


@pytest.mark.parametrize("game_id", [*EXAMPLES, "go-1x5", "go-2x2"])
def test_the_solution_of_every_example_holds(game_id: str, solved: Callable[[str], Solved]) -> None:
    _, graph, solution = solved(game_id)
    verified = verify_solution(graph, solution)
    assert (verified.n_states, verified.n_edges) == (graph.n_states, graph.n_edges)
    assert len(verified.checks) == 5


def test_the_longest_proof_of_tictactoe_is_the_longest_game(solved: Callable[[str], Solved]) -> None:
    # Without cycles a bound is proved by the play that follows: nine moves from the empty board, of which none can be spared in a draw.
    assert verify_solution(*solved("tictactoe")[1:]).longest_proof == 9


@settings(max_examples=300)
@given(graphs())
def test_the_solution_of_any_graph_holds(graph: GameGraph) -> None:
    verify_solution(graph, solve(graph))


@settings(max_examples=300)
@given(st.data())
def test_a_single_wrong_number_anywhere_is_noticed(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    solution = solve(graph)
    name = data.draw(st.sampled_from([name for name in ARRAYS if len(getattr(solution, name))]))
    array = getattr(solution, name).copy()
    where = data.draw(st.integers(0, len(array) - 1))
    array[where] = data.draw(st.integers(-32768, 32767).filter(lambda number: number != array[where]))
    with pytest.raises(WorkError, match=r"the solution of made-up is wrong: not everywhere holds that"):
        verify_solution(graph, dataclasses.replace(solution, **{name: array}))


@settings(max_examples=300)
@given(graphs())
def test_bounds_that_follow_from_each_other_but_not_from_the_end_of_play_are_noticed(graph: GameGraph) -> None:
    """With both bounds set to the value every equation holds as well, though finite play forces less wherever they differ."""
    solution = solve(graph)
    imposed = follow_values(graph, solution.value.tolist(), solution.value.tolist())
    if solution.cycle_share:
        with pytest.raises(WorkError, match="bound has a proof that ends"):
            verify_solution(graph, imposed)
    else:
        verify_solution(graph, imposed)


@pytest.mark.parametrize("level", [-2, -1, 0, 1, 2])
def test_a_loop_without_an_end_proves_nothing(level: int) -> None:
    # States 0 and 1 lead only to each other: any number and its opposite are fixpoints there. State 2 ends at 2, the most there is.
    graph = as_graph([[1], [0], 2])
    claimed = follow_values(graph, [level, -level, 2], [level, -level, 2])
    with pytest.raises(WorkError, match="bound has a proof that ends"):
        verify_solution(graph, claimed)
    right = follow_values(graph, [-2, -2, 2], [2, 2, 2])
    assert verify_solution(graph, right).longest_proof == 0


def test_values_held_up_by_a_ko_alone_are_noticed(solved: Callable[[str], Solved]) -> None:
    _, graph, solution = solved("go-2x3")
    assert solution.cycle_share > 0
    with pytest.raises(WorkError, match="bound has a proof that ends: state"):
        verify_solution(graph, follow_values(graph, solution.value.tolist(), solution.value.tolist()))


def test_a_solution_of_another_game_is_refused(solved: Callable[[str], Solved]) -> None:
    with pytest.raises(WorkError, match="its arrays do not fit its graph"):
        verify_solution(solved("go-2x2")[1], solved("go-2x3")[2])
