"""The inputs of a Monte Carlo search: the rules of the game, and the base policy's prior, values and moves of playouts.

Scores of a policy order the moves of a position and mean no more. So the prior gives BELIEVED to its best moves, in equal shares, and the
rest to all moves in equal shares: the search finds a move in time that the policy does not think of.
"""

import dataclasses
import functools

import numpy as np

from games.arrays import Bools, Float64s, Int64s
from games.contract import Expansion, Game, HasEvaluation, States
from games.errors import UsageError
from games.rules.go import Go
from games.solving.graph import explore
from policies.api import HasValues, Policy, Task, action_probabilities, uniform_probabilities
from policies.search.ahead import Moves, moves_of
from policies.search.closed import Guide
from policies.search.go_playouts import play_out_go
from policies.search.opened import Ask, Known, PlayOut, play_out_by
from policies.search.tree import Tree, next_number

BELIEVED = 0.9  # the policy's share of a prior
NO_FLOATS, NO_BOOLS, NO_STATES = np.empty(0), np.empty(0, dtype=np.bool_), np.empty(0, dtype=np.uint64)
UNIFORM, EYES = PLAYOUTS = ("uniform", "eyes")


def scaled_moves(task: Task) -> Moves:
    """The arrays of a task's graph, with payoffs over the largest one."""
    moves = moves_of(task.graph)
    return moves._replace(ends=moves.ends / task.game.max_payoff)


def guide_of(task: Task, over: Policy | None, selection: str, playouts: str, is_list_first: bool) -> Guide:
    """What is known of a task's graph before a search. `is_list_first`: roots are searched among the best moves of the policy below."""
    prior = uniform_probabilities(task.graph)
    allowed, played = np.ones(task.graph.n_edges, dtype=np.bool_), NO_BOOLS
    if over is not None:
        best = action_probabilities(task.graph, over.scores(task))
        prior = BELIEVED * best + (1.0 - BELIEVED) * prior
        allowed = best > 0 if is_list_first else allowed
        played = best > 0 if selection == "uct" else played
    guide = Guide(prior, allowed, played, _leaves(task, over, selection), NO_STATES, 0, 0)
    if playouts == UNIFORM:
        return guide
    board = board_of_go(task.game)
    return guide._replace(states=np.array(task.graph.states), rows=board.rows, columns=board.columns)


def asking(game: Game, over: Policy | None, selection: str) -> Ask:
    """The function that tells what `guide_of` does of a batch of single states."""

    def ask(states: States) -> Known:
        moves = game.expand(states)
        n_moves = np.diff(moves.edge_start)
        uniform = np.repeat(1.0 / np.maximum(1, n_moves), n_moves)
        if selection == "uct":
            return Known(moves, uniform, NO_FLOATS)
        task, place = _task_of(game, states)
        prior = uniform if over is None else BELIEVED * _best(task, place, moves, over) + (1.0 - BELIEVED) * uniform
        leaves = _leaves(task, over, selection)
        return Known(moves, prior, leaves[place] if len(leaves) else leaves)

    return ask


def playing(game: Game, over: Policy | None, playouts: str) -> PlayOut:
    """The function that plays single states out at random, among the best moves of a policy if there is one, each by its tree's numbers."""
    if playouts == EYES:
        board = board_of_go(game)

        def play_out(states: States, trees: list[Tree]) -> tuple[Float64s, Int64s]:
            numbers = [np.uint64(next_number(tree)) for tree in trees]  # which compiled code hands out as whole numbers of Python
            ends = [play_out_go(state, number, board.rows, board.columns) for state, number in zip(states, numbers, strict=True)]
            margins, made = np.array(ends, dtype=np.int64).reshape(-1, 2).T
            return margins / game.max_payoff, made

        return play_out

    def choose(states: States, moves: Expansion) -> Bools:
        if over is None:
            return np.ones(len(moves.edge_action), dtype=np.bool_)
        return _best(*_task_of(game, states), moves, over) > 0

    return functools.partial(play_out_by, game, choose)


def board_of_go(game: Game) -> Go:
    """The game as Go. Raises UsageError for another one, whose playouts have no eyes to spare."""
    if not isinstance(game, Go):
        raise UsageError(f"playouts={EYES} is for Go, not for {game.id}: leave it out")
    return game


def _task_of(game: Game, states: States) -> tuple[Task, Int64s]:
    """The different ones of some states with their moves, as a task without a solution, and where each state is in it: [n]."""
    different, place = np.unique(states, return_inverse=True)
    graph = explore(game, different, 1)
    return Task(game, graph, None, np.zeros(graph.n_states)), place.astype(np.int64)


def _best(task: Task, place: Int64s, moves: Expansion, over: Policy) -> Float64s:
    """The probability of each move of states that stand at these places of a task: [n_edges]."""
    found = action_probabilities(task.graph, over.scores(task))
    start = task.graph.edge_start[place]
    within = np.arange(len(moves.edge_action)) - np.repeat(moves.edge_start[:-1], np.diff(moves.edge_start))
    of_moves: Float64s = found[np.repeat(start, np.diff(moves.edge_start)) + within]
    return of_moves


def _leaves(task: Task, over: Policy | None, selection: str) -> Float64s:
    """The value of each state, over the largest payoff: [n_states]; empty where playouts tell it."""
    if selection == "uct":
        return NO_FLOATS
    if over is not None and isinstance(over, HasValues):
        return over.values(dataclasses.replace(task, truth=None)) / task.game.max_payoff
    return task.game.evaluate(task.graph.states) / task.game.max_payoff if isinstance(task.game, HasEvaluation) else NO_FLOATS
