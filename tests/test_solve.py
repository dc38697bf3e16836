"""The solver against plain-Python solutions: memoised negamax, play to a growing horizon, and forced wins counted back from the ends."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.solving.graph import GameGraph
from games.solving.solve import solve, topological_order
from tests.support.truth import Solved
from tests.twins.boards import GoTwin, NimTwin, TicTacToeTwin, reachable

Node = list[int] | int  # the children of a position, or the payoff of an end


def as_graph(nodes: list[Node]) -> GameGraph:
    """A graph of the given positions and ends, which need not be a game that anybody plays."""
    n_children = [len(node) if isinstance(node, list) else 0 for node in nodes]
    return GameGraph(
        game_id="made-up",
        states=np.arange(len(nodes), dtype=np.uint64),
        edge_start=np.concatenate([[0], np.cumsum(n_children)]).astype(np.int64),
        edge_action=np.concatenate([np.arange(n) for n in n_children]).astype(np.int16),
        edge_child=np.array([child for node in nodes if isinstance(node, list) for child in node], dtype=np.int32),
        terminal=np.array([isinstance(node, int) for node in nodes]),
        payoff=np.array([node if isinstance(node, int) else 0 for node in nodes], dtype=np.int16),
        multiplicity=np.ones(len(nodes), dtype=np.int32),
    )


def as_nodes(graph: GameGraph) -> list[Node]:
    bounds = graph.edge_start.tolist()
    return [
        int(graph.payoff[s]) if graph.terminal[s] else graph.edge_child[bounds[s] : bounds[s + 1]].tolist() for s in range(graph.n_states)
    ]


def values_at_a_far_horizon(nodes: list[Node]) -> list[int]:
    """What play is worth if it is broken off as a draw after n moves, for n so large that it no longer matters."""
    values = [node if isinstance(node, int) else 0 for node in nodes]
    while True:
        deeper = [node if isinstance(node, int) else max(-values[child] for child in node) for node in nodes]
        if deeper == values:
            return values
        values = deeper


def bounds_by_force(nodes: list[Node]) -> tuple[list[int], list[int]]:
    """For each state the most that the mover can force, and the least that the other can force, in finitely many moves."""
    worst = max(abs(node) for node in nodes if isinstance(node, int))
    lower, upper = [-worst] * len(nodes), [worst] * len(nodes)
    for margin in range(-worst, worst + 1):
        wins: set[int] = set()  # the mover forces at least the margin
        loses: set[int] = set()  # the other forces at least the margin
        grown = True
        while grown:
            before = len(wins) + len(loses)
            for state, node in enumerate(nodes):
                if node >= margin if isinstance(node, int) else any(child in loses for child in node):
                    wins.add(state)
                if node <= -margin if isinstance(node, int) else all(child in wins for child in node):
                    loses.add(state)
            grown = len(wins) + len(loses) > before
        for state in wins:
            lower[state] = max(lower[state], margin)
        for state in loses:
            upper[state] = min(upper[state], -margin)
    return lower, upper


def assert_solved(graph: GameGraph) -> None:
    solution, nodes = solve(graph), as_nodes(graph)
    lower, upper = bounds_by_force(nodes)
    assert solution.lower.tolist() == lower
    assert solution.upper.tolist() == upper
    assert solution.value.tolist() == values_at_a_far_horizon(nodes)
    assert solution.value.tolist() == [min(max(0, low), high) for low, high in zip(lower, upper, strict=True)]
    assert solution.edge_value.tolist() == [-int(solution.value[child]) for child in graph.edge_child]
    for state, node in enumerate(nodes):
        regrets = solution.regret[graph.edge_start[state] : graph.edge_start[state + 1]].tolist()
        assert isinstance(node, int) or min(regrets) == 0
        assert [bool(best) for best in solution.optimal[graph.edge_start[state] : graph.edge_start[state + 1]]] == [r == 0 for r in regrets]


@st.composite
def graphs(draw: st.DrawFn) -> GameGraph:
    n = draw(st.integers(2, 12))
    children = st.lists(st.integers(0, n - 1), min_size=1, max_size=4)
    nodes: list[Node] = draw(st.lists(st.one_of(children, st.integers(-3, 3)), min_size=n - 1, max_size=n - 1))
    return as_graph([*nodes, draw(st.integers(-3, 3))])


@settings(max_examples=300)
@given(graphs())
def test_any_graph_with_or_without_cycles_is_solved_exactly(graph: GameGraph) -> None:
    assert_solved(graph)


@pytest.mark.parametrize("game_id", ["go-1x1", "go-1x2", "go-1x5", "go-2x2", "go-2x3", "nim-1-2-3", "tictactoe"])
def test_games_are_solved_as_forced_wins_counted_back_from_the_ends_say(game_id: str, solved: Callable[[str], Solved]) -> None:
    assert_solved(solved(game_id)[1])


@pytest.mark.parametrize(("game_id", "twin"), [("tictactoe", TicTacToeTwin()), ("nim-3-4-5", NimTwin((3, 4, 5)))])
def test_games_that_end_have_the_negamax_value_of_the_twin(game_id: str, twin: Any, solved: Callable[[str], Solved]) -> None:
    _, graph, solution = solved(game_id)

    @cache
    def negamax(state: Any) -> int:
        replies = [-negamax(twin.canonical(child)) for _, child in twin.moves(state)]
        return max(replies) if replies else int(twin.payoff(state))

    expected = {key: negamax(state) for key, state in reachable(twin).items()}
    assert dict(zip(graph.states.tolist(), solution.value.tolist(), strict=True)) == expected
    assert solution.cycle_share == 0


def test_go_with_endless_lines_has_the_value_that_the_twins_rules_give(solved: Callable[[str], Solved]) -> None:
    # On 1x5 and 2x2 play can be kept up for ever, and what it is then worth decides: the two bounds differ there.
    for rows, columns in ((1, 5), (2, 2)):
        _, graph, solution = solved(f"go-{rows}x{columns}")
        twin = GoTwin(rows, columns)
        states = reachable(twin)
        number = {key: i for i, key in enumerate(states)}
        nodes: list[Node] = [
            [number[twin.pack(twin.canonical(child))] for _, child in twin.moves(state)] or twin.payoff(state) for state in states.values()
        ]
        expected = dict(zip(states, values_at_a_far_horizon(nodes), strict=True))
        assert dict(zip(graph.states.tolist(), solution.value.tolist(), strict=True)) == expected
        assert 0 < solution.cycle_share < 1


def test_a_loop_that_neither_side_wants_to_leave_is_worth_nothing() -> None:
    # Two positions lead to each other; whoever leaves the loop hands the other 2 points.
    solution = solve(as_graph([[1, 2], [0, 2], 2]))
    assert solution.lower.tolist() == [-2, -2, 2]
    assert solution.upper.tolist() == [2, 2, 2]
    assert solution.value.tolist() == [0, 0, 2]
    assert solution.cycle_share == pytest.approx(2 / 3)


def test_states_come_before_their_children_unless_there_is_a_cycle() -> None:
    line, loop = as_graph([[1, 2], [2], 1]), as_graph([[1], [0, 2], 1])
    assert topological_order(line.edge_start, line.edge_child).tolist() == [0, 1, 2]
    assert len(topological_order(loop.edge_start, loop.edge_child)) < loop.n_states
