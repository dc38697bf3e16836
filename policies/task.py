"""Makes the task that learners fit from a game's name, and the same task with part of its positions held out."""

import dataclasses
import functools
import math

import numpy as np

from games.arrays import Bools, Float64s, Int16s, Int64s
from games.contract import States, same_board
from games.errors import UsageError, WorkError, nearest
from games.keys.identity import Identity, game_identity
from games.keys.modules import Module, closure
from games.registry import make_game
from games.solving.store import load_truth
from games.splitmix import splitmix64
from policies.api import Task
from policies.position_weights import position_weights, read_kind

BOARDS, POSITIONS = SPLITS = ("boards", "positions")  # what a split draws


def make_task(game_id: str, weights: str = "uniform", epsilon: float = 0.1) -> Task:
    """The task of a game; `weights` is `strong`, `semi_strong` or `play` (see policies/position_weights.py).

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


def fitted_part(task: Task, held_out: float, split: str, seed: int) -> Task:
    """The task restricted to the positions that a split leaves to be fitted; the others have weight 0 and a blank solution.

    `split` is what is drawn: `boards`, all positions of one key of `games.contract.same_board` together, so that no position that is held
    out has a twin among those fitted; or single `positions`. `held_out` is a share of them below 1, and their number from 1 up. Those
    with the smallest hashes of key and seed are fitted, so the draw does not depend on their order, and holding out more keeps a part
    of what is fitted when less is held out. Weights of the fitted positions sum to one.

    Raises UsageError for a wrong `held_out` or `split`, WorkError if one side of the split is empty or there is nothing to learn.
    """
    check_split(held_out, split)
    counted = np.flatnonzero(task.weights > 0)
    keys, group = np.unique(split_keys(task, split, counted), return_inverse=True)
    n_kept = len(keys) - int(held_out) if held_out >= 1.0 else round((1.0 - held_out) * len(keys))
    if not 0 < n_kept < len(keys):
        kept = f"{max(0, n_kept):,} of {len(keys):,} {split} of {task.game.id}"
        raise WorkError(f"held_out {held_out:g} leaves {kept} to be fitted: give another share or number")
    hashes = splitmix64(keys ^ splitmix64(np.array([seed % (1 << 64)], dtype=np.uint64)))
    is_fitted = np.zeros(len(keys), dtype=np.bool_)
    is_fitted[np.lexsort((keys, hashes))[:n_kept]] = True
    weights = np.zeros_like(task.weights)
    weights[counted] = np.where(is_fitted[group], task.weights[counted], 0.0)
    return known_only(task, weights)


def split_keys(task: Task, split: str, positions: Int64s) -> States:
    """A key for each of these positions, equal for those that a split of this kind draws together: [n_positions]."""
    states = task.graph.states[positions]
    return same_board(task.game, states) if split == BOARDS else states


def known_only(task: Task, weights: Float64s) -> Task:
    """The task restricted to the positions with weights above 0; elsewhere the solution is blank: value and regret are 0.

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


def shuffled_task(task: Task, seed: int) -> Task:
    """The task with the losses of the moves of every position drawn in random order."""
    order = np.lexsort((np.random.default_rng(seed).random(task.graph.n_edges), task.graph.edge_parent))
    shuffled = dataclasses.replace(task.solution, regret=task.solution.regret[order], edge_value=task.solution.edge_value[order])
    return dataclasses.replace(task, truth=shuffled)


def check_split(held_out: float, split: str) -> None:
    """Raises UsageError for a share or number that cannot be held out, or an unknown kind of split."""
    if split not in SPLITS:
        raise UsageError(f"unknown split {split!r}; {nearest(split, list(SPLITS))}")
    if not 0.0 < held_out < math.inf or (held_out >= 1.0 and held_out != int(held_out)):
        raise UsageError(f"held_out {held_out:g}: give a share of the {split} above 0 and below 1, or their number, a whole one from 1 up")


def _where(kept: Bools, values: Int16s) -> Int16s:
    return np.where(kept, values, values.dtype.type(0))
