"""The line of play that breaks a grade: a shortest one, and of wrong moves at its end the first."""

from collections import deque

import numpy as np
import pytest

from bench.measures.grades import GradeName, witness
from policies.api import Task, action_probabilities, uniform_probabilities
from policies.task import make_task


def plies_to_break(task: Task, allowed: np.ndarray, grade: GradeName, first: bool) -> int | None:
    """Moves of a shortest line that ends in a loss, or in a move with regret: a plain search over (state, whose turn)."""
    graph, regret = task.graph, task.solution.regret
    pending, seen = deque([(0, first, 0)]), {(0, first)}
    while pending:
        state, own, plies = pending.popleft()
        if grade == "never_loses" and graph.payoff[state] * (1 if own else -1) < 0:
            return plies
        edges = [edge for edge in range(*graph.edge_start[state : state + 2].tolist()) if allowed[edge] or not own]
        if grade == "keeps_value" and own and any(regret[edge] > 0 for edge in edges):
            return plies + 1
        for edge in edges:
            node = (int(graph.edge_child[edge]), not own)
            if node not in seen:
                seen.add(node)
                pending.append((*node, plies + 1))
    return None


@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x2", "nim-1-2-3", "nogo-2x3"])
@pytest.mark.parametrize("grade", ["never_loses", "keeps_value"])
@pytest.mark.parametrize("first", [True, False])
def test_the_line_that_breaks_a_grade_is_a_shortest_one(game_id: str, grade: GradeName, first: bool) -> None:
    task = make_task(game_id)
    graph, regret = task.graph, task.solution.regret
    rng = np.random.default_rng(0)
    for weights in (
        uniform_probabilities(graph),
        *(action_probabilities(graph, rng.integers(0, 4, graph.n_edges).astype(float)) for _ in range(5)),
    ):
        line = witness(graph, task.solution, weights, grade, first=first)
        assert (None if line is None else len(line)) == plies_to_break(task, weights > 0, grade, first)
        if not line:
            continue
        at, own = 0, first
        for state, action in line:
            assert state == at
            edges = range(*graph.edge_start[state : state + 2].tolist())
            (edge,) = [edge for edge in edges if graph.edge_action[edge] == action]
            assert weights[edge] > 0 or not own
            wrong = [other for other in edges if own and weights[other] > 0 and regret[other] > 0]
            at, own = int(graph.edge_child[edge]), not own
        if grade == "keeps_value":
            assert edge == wrong[0]
        else:
            assert graph.payoff[at] * (1 if own else -1) < 0
