"""Tasks over a random sample of a game's positions: the open graph of their moves, and exact values from a solved graph or a table.

Go is looked up in its table (games/go_large), which takes 0.3 GB where the graph of go-4x4 takes 9; other games in their graph. The
positions drawn do not depend on which of the two gives the values.
"""

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from games.arrays import Float64s
from games.contract import Draws, Game, States
from games.errors import UsageError, WorkError
from games.go_large.solve import solve_large
from games.go_large.table import Table, read_table, table_path
from games.keys.identity import Identity, game_identity
from games.keys.modules import Module, closure
from games.registry import make_game
from games.rules.go import Go
from games.solving.oracle import GraphOracle, Oracle, solve_sample
from games.solving.sample import sample_graph
from games.solving.store import load_truth
from games.splitmix import splitmix64
from policies.api import Task
from policies.position_weights import UNIFORM, position_weights, read_kind
from policies.registry import learner_options
from policies.rules.format.literals import OPEN
from policies.task import make_task

MAX_POINTS = 16  # of a Go board whose table is made and kept without being asked for: 5 seconds, 22 MB


def task_of_game(
    game_id: str, weights: str = UNIFORM, positions: int | None = None, seed: int = 0, held_out: float | None = None, splits: int = 0
) -> Task:
    """The whole task of a game, or with `positions` that over a sample, from which `held_out` and `splits` are to be held out."""
    if positions is None:
        return make_task(game_id, weights)
    return sampled_task(game_id, n_drawn(positions, held_out, splits), seed, weights)


def sampled_task(game_id: str, positions: int, seed: int, weights: str = UNIFORM) -> Task:
    """The task over `positions` different positions of a game, drawn by the seed; the last one is kept.

    With `uniform` weights each position is as likely as any other, and a larger draw of the same seed begins with a smaller one. With
    `semi_strong` and `play` positions are drawn by their weights (`draw_by_weight`), which takes the graph of the game.

    Raises UsageError for a wrong number, WorkError where there are fewer positions or the game is too large to be solved here.
    """
    if positions < 1:
        raise UsageError(f"positions {positions}: give the number of positions to draw, a whole number from 1 up")
    identity = game_identity(make_game(game_id))
    return _sampled_task(game_id, identity, tuple(closure(identity.modules).values()), positions, seed, read_kind(weights))


@functools.lru_cache(maxsize=1)
def _sampled_task(game_id: str, identity: Identity, loaded: tuple[Module, ...], positions: int, seed: int, weights: str) -> Task:
    """The task over a sample of a game that is decided by `identity` and by these modules as they were loaded."""
    game = make_game(game_id)
    if isinstance(game, Go) and weights == UNIFORM:
        return task_over(game, game.draw_states(positions, seed), None, table_of(game))
    graph, solution = load_truth(game)
    if isinstance(game, Draws) and weights == UNIFORM:
        return task_over(game, game.draw_states(positions, seed), None, GraphOracle(graph, solution))
    drawn = draw_by_weight(game, graph.states, position_weights(graph, solution, weights), positions, seed)
    return task_over(game, *drawn, GraphOracle(graph, solution))


def task_over(game: Game, states: States, weights: Float64s | None, oracle: Oracle) -> Task:
    """The task over different canonical positions, with all their moves; their weights are made to sum to one, None: they are equal. [n]"""
    graph = sample_graph(game, states)
    of_states = np.zeros(graph.n_states)
    of_states[: len(states)] = 1.0 / len(states) if weights is None else weights / weights.sum()
    return Task(game, graph, solve_sample(graph, oracle), of_states)


def draw_by_weight(game: Game, states: States, weights: Float64s, n: int, seed: int) -> tuple[States, Float64s]:
    """`n` different states drawn by weight, and for each the weight with which sums over them estimate sums over all. Each [n]

    A state of weight w gets the priority w / u, with u drawn uniformly from 0 to 1; those of the n largest are drawn, and count
    max(w, the next priority). With equal weights that is a simple random sample. Source: Duffield, Lund and Thorup, "Priority sampling for
    estimation of arbitrary subset sums", J. ACM 54 (2007).

    states, weights: [n_states]. Raises WorkError where fewer than `n` have a weight above 0.
    """
    counted = np.flatnonzero(weights > 0)
    if n > len(counted):
        raise WorkError(f"{game.id} has {len(counted):,} positions that count, not {n:,}: ask for fewer")
    keys, own = states[counted], weights[counted]
    hashes = splitmix64(keys ^ splitmix64(np.array([seed % (1 << 64)], dtype=np.uint64)))
    priority = own / ((hashes >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**53
    order = np.lexsort((keys, -priority))
    least = priority[order[n]] if n < len(order) else 0.0
    return keys[order[:n]], np.maximum(own[order[:n]], least)


@functools.lru_cache(maxsize=1)
def table_of(game: Go) -> Table:
    """The kept table of a board; where there is none and it takes seconds, made now. Raises WorkError where it takes longer."""
    path = table_path(game)
    if path.exists():
        return read_table(path)[0]
    if game.board.n_cells > MAX_POINTS:
        raise WorkError(f"{game.id} is solved without a graph in minutes, not in seconds: run `gaincurve solve {game.id} --keep` once")
    return solve_large(game, keep=True).table


def n_drawn(positions: int, held_out: float | None, splits: int = 0) -> int:
    """The number of positions to draw so that `positions` can be fitted: a number that is held out is added to them.

    A share is held out of the positions themselves, and so is what splits fitted beside a curve hold out.
    """
    return positions + (int(held_out) if held_out is not None and held_out >= 1.0 and not splits else 0)


def sample_options(learner: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a learner that is fitted to a sample, with those that make its file readable on any sample where none are given.

    These are `code=open`, and of the default language all but single positions. Raises UsageError for an unknown learner.
    """
    known = learner_options(learner)
    chosen: dict[str, Any] = {}
    if "code" in known:
        chosen["code"] = OPEN
    if "language" in known and known["language"].has_default:
        chosen["language"] = "+".join(part for part in str(known["language"].default).split("+") if part != "positions")
    return {**chosen, **options}
