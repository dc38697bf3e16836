"""From a game's name to the task that learners fit."""

import functools

from games.registry import make_game
from games.truth import load_truth
from policies.api import Task
from policies.weights import position_weights


@functools.lru_cache(maxsize=2)
def make_task(game_id: str, weights: str = "uniform", epsilon: float = 0.1) -> Task:
    """The task of a game; `weights` is `uniform` (each position once) or `play` (see policies/weights.py)."""
    game = make_game(game_id)
    graph, solution = load_truth(game)
    return Task(game, graph, solution, position_weights(graph, solution, weights, epsilon))
