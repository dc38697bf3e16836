"""Fooled by one stone: pairs counted again with boards as tuples, and policies whose errors are planted."""

import numpy as np
import pytest

from bench.measures.one_stone import one_stone
from games.errors import UsageError
from policies.api import Task, uniform_probabilities
from policies.task import make_task


def plain_pairs(task: Task) -> list[tuple[int, int]]:
    """Pairs of states of a game on a 3x3 board, found by taking each stone off and turning what is left."""
    graph, board = task.graph, task.game.board
    assert board is not None
    turns = board.symmetries.tolist()
    cells = task.game.cells(graph.states).tolist()
    best: dict[int, set[int]] = {}
    contested = set()
    for state, action, regret in zip(graph.edge_parent.tolist(), graph.edge_action.tolist(), task.solution.regret.tolist(), strict=True):
        best.setdefault(state, set()).update([action] if regret == 0 else [])
        contested |= {state} if regret else set()
    contested = {state for state in contested if not any(cells[state][9:])}
    found = []
    by_board = {tuple(cells[state][:9]): state for state in contested}
    for state in contested:
        for cell in range(9):
            left = list(cells[state][:9])
            if not left[cell]:
                continue
            left[cell] = 0
            for turn in turns:
                turned = [0] * 9
                for i in range(9):
                    turned[turn[i]] = left[i]
                other = by_board.get(tuple(turned))
                if other is not None:
                    if {turn[action] if action < 9 else action for action in best[state]} & best[other]:
                        found.append((state, other))
                    break
    return found


@pytest.mark.parametrize("game_id", ["tictactoe", "go-3x3"])
def test_pairs_and_fooled_ones_are_those_of_a_plain_search(game_id: str) -> None:
    task = make_task(game_id)
    graph, regret = task.graph, task.solution.regret
    rng = np.random.default_rng(0)
    chosen = np.zeros(graph.n_edges)
    chosen[graph.edge_start[graph.positions] + rng.integers(0, graph.n_moves[graph.positions])] = 1.0
    lost = np.bincount(graph.edge_parent, chosen * regret, graph.n_states)
    pairs = plain_pairs(task)
    fooled = [pair for pair in pairs if (lost[pair[0]] > 0) != (lost[pair[1]] > 0)]
    error = np.mean([lost[state] > 0 for pair in pairs for state in pair])
    found = one_stone(task, chosen)
    assert (found.pairs, found.fooled) == (len(pairs), len(fooled))
    assert found.rate == len(fooled) / len(pairs)
    assert found.at_random == pytest.approx(2 * error * (1 - error) * len(pairs))
    assert found.regret == max(lost[list(pair)].max() for pair in fooled)
    at = {int(state): place for place, state in enumerate(graph.states)}
    assert lost[at[found.right or 0]] == 0
    assert lost[at[found.wrong or 0]] == found.regret


def test_perfect_play_is_never_fooled_and_random_play_is_wrong_everywhere() -> None:
    task = make_task("tictactoe")
    optimal = (task.solution.regret == 0).astype(np.float64)
    for chosen in (optimal, uniform_probabilities(task.graph)):
        found = one_stone(task, chosen)
        assert (found.fooled, found.at_random, found.right, found.wrong, found.regret) == (0, 0.0, None, None, 0.0)
        assert found.pairs > 0


def test_a_game_without_a_board_has_no_stones() -> None:
    task = make_task("nim-1-2")
    with pytest.raises(UsageError, match="nim-1-2 has no board"):
        one_stone(task, uniform_probabilities(task.graph))
