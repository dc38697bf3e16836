"""From a game's name to the task that learners fit, and the same task with part of its positions kept from them."""

import dataclasses
import functools

import numpy as np

from games.arrays import Bools, Float64s, Int16s
from games.errors import UsageError, WorkError
from games.keys.identity import Identity, game_identity
from games.keys.modules import Module, closure
from games.registry import make_game
from games.solving.store import load_truth
from games.splitmix import splitmix64
from policies.api import Task
from policies.weights import position_weights, read_kind


def make_task(game_id: str, weights: str = "uniform", epsilon: float = 0.1) -> Task:
    """The task of a game; `weights` is `strong`, `semi_strong` or `play` (see policies/weights.py).

    The last two are kept, until a module is reloaded or a data file edited that decides the game. Raises UsageError for a game that
    is over at the start.
    """
    identity = game_identity(make_game(game_id))
    return _make_task(game_id, identity, tuple(closure(identity.modules).values()), read_kind(weights), epsilon)


@functools.lru_cache(maxsize=2)
def _make_task(game_id: str, identity: Identity, loaded: tuple[Module, ...], weights: str, epsilon: float) -> Task:
    """The task of a game that is decided by `identity` and by these modules as they were loaded."""
    game = make_game(game_id)
    graph, solution = load_truth(game)
    if not len(graph.positions):
        raise UsageError(f"{game.id} is over at the start: there is no move to choose; choose a larger size")
    return Task(game, graph, solution, position_weights(graph, solution, weights, epsilon))


def make_sample(task: Task, share: float, seed: int) -> Task:
    """The task as one sees it who knows the solution of a random share of the positions only.

    Of the positions that count, those with the smallest hashes of packed state and seed are kept, `share` of them, rounded: which
    ones does not depend on their order, and a smaller share keeps part of a larger one's. Elsewhere weights are zero and, so that
    no fitter can look there, the solution is blank: value and regret 0. Weights of those kept sum to one.

    Raises UsageError for a share not between 0 and 1, WorkError where the sample is empty or everything, or has nothing to learn.
    """
    check_share(share)
    graph = task.graph
    counted = np.flatnonzero(task.weights > 0)
    n_kept = round(share * len(counted))
    if not 0 < n_kept < len(counted):
        raise WorkError(f"a sample of {share:g} keeps {n_kept:,} of {len(counted):,} positions of {task.game.id}: give another share")
    states = graph.states[counted]
    hashes = splitmix64(states ^ splitmix64(np.array([seed % (1 << 64)], dtype=np.uint64)))
    kept = np.zeros(graph.n_states, dtype=np.bool_)
    kept[counted[np.lexsort((states, hashes))[:n_kept]]] = True
    return known_only(task, np.where(kept, task.weights, 0.0))


def known_only(task: Task, weights: Float64s) -> Task:
    """The task as one sees it who knows the solution of the positions with weights above 0 only; elsewhere value and regret are 0.

    weights: [n_states], made to sum to one. Raises WorkError where no move of these positions is worse than another.
    """
    kept, solution = weights > 0, task.solution
    of_edge = kept[task.graph.edge_parent]
    blank = dataclasses.replace(
        solution,
        value=_where(kept, solution.value),
        lower=_where(kept, solution.lower),
        upper=_where(kept, solution.upper),
        edge_value=_where(of_edge, solution.edge_value),
        regret=_where(of_edge, solution.regret),
    )
    if not blank.regret.any():
        n_kept = np.count_nonzero(kept)
        raise WorkError(f"in these {n_kept:,} positions of {task.game.id} every move is optimal and there is nothing to learn: give others")
    return dataclasses.replace(task, truth=blank, weights=weights / weights.sum())


def check_share(share: float) -> None:
    """Raises UsageError for a share of positions that is not between 0 and 1."""
    if not 0.0 < share < 1.0:
        raise UsageError(f"sample {share:g}: give the share of positions to fit, above 0 and below 1")


def _where(kept: Bools, values: Int16s) -> Int16s:
    return np.where(kept, values, values.dtype.type(0))
