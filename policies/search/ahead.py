"""Minimax on a graph: values of moves some plies ahead, and the nodes that alpha-beta visits to find them.

The values come from one sweep over all edges a ply. Alpha-beta gives the same values and is what a player would run, so its nodes are
counted (Knuth & Moore, "An analysis of alpha-beta pruning", 1975).
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int32s, Int64s
from games.contract import Game, HasEvaluation
from games.jit import njit
from games.solving.graph import GameGraph, explore

BEYOND = 1e300  # above every value


class Moves(NamedTuple):
    """The arrays of a graph that a search walks, with payoffs in place of values where the game is over."""

    edge_start: Int64s
    edge_child: Int32s
    terminal: Bools
    ends: Float64s  # [n_states] the payoff to the mover of a final state, else 0


def moves_of(graph: GameGraph) -> Moves:
    """The arrays of a graph that a search walks."""
    return Moves(graph.edge_start, graph.edge_child, graph.terminal, graph.payoff.astype(np.float64))


def reaching(game: Game, graph: GameGraph, plies: int) -> GameGraph:
    """A graph that holds the moves `plies` deep from every state of `graph` that has moves; their edges come first, in their order.

    Raises WorkError where that takes too many states.
    """
    return graph if graph.is_closed else explore(game, graph.states[graph.n_moves > 0], plies)


def leaf_values(game: Game, graph: GameGraph) -> Float64s:
    """The game's own evaluation of each state, 0 where the game has none, and the payoff where it is over. [n_states]"""
    payoff = graph.payoff.astype(np.float64)
    return np.where(graph.terminal, payoff, game.evaluate(graph.states)) if isinstance(game, HasEvaluation) else payoff


def move_values(moves: Moves, leaves: Float64s, plies: int) -> Float64s:
    """The minimax value of each edge to its mover, `plies` ahead: [n_edges]. leaves: as of `state_values`."""
    found: Float64s = -state_values(moves, leaves, plies - 1)[moves.edge_child]
    return found


@njit
def state_values(moves: Moves, leaves: Float64s, plies: int) -> Float64s:
    """The minimax value of each state to its mover, `plies` ahead or as far as the graph reaches: [n_states].

    leaves: the value of each state to its mover where the search stops: [n_states].
    """
    values = np.where(moves.terminal, moves.ends, leaves)
    for _ in range(plies):
        before = values.copy()
        changed = False
        for state in range(values.shape[0]):
            first, last = moves.edge_start[state], moves.edge_start[state + 1]
            if first == last:
                continue
            best = -BEYOND
            for edge in range(first, last):
                best = max(best, -before[moves.edge_child[edge]])
            changed |= best != before[state]
            values[state] = best
        if not changed:
            break
    return values


@njit
def count_nodes(moves: Moves, leaves: Float64s, plies: int, roots: Int64s) -> Int64s:
    """The nodes below each root that are visited to value all its moves exactly: [n_roots].

    That is by alpha-beta with a full window at each move of the root or, where this takes less, by valuing every pair of a state and a
    distance from the root once.
    """
    found = np.empty(roots.shape[0], dtype=np.int64)
    seen = np.full(moves.terminal.shape[0], -1, dtype=np.int64)
    for i in range(roots.shape[0]):
        most = _count_pairs(moves, plies, roots[i], seen, i * (plies + 1))
        count = np.zeros(2, dtype=np.int64)
        count[1] = most
        for edge in range(moves.edge_start[roots[i]], moves.edge_start[roots[i] + 1]):
            _alpha_beta(moves.edge_child[edge], plies - 1, -BEYOND, BEYOND, moves, leaves, count)
        found[i] = min(count[0], most)
    return found


@njit
def _alpha_beta(state: int, plies: int, alpha: float, beta: float, moves: Moves, leaves: Float64s, count: Int64s) -> float:
    """The value of a state to its mover; `count` is the nodes so far, and their number at which the search is given up."""
    count[0] += 1
    if moves.terminal[state]:
        return float(moves.ends[state])
    if plies == 0 or count[0] >= count[1]:
        return float(leaves[state])
    best = -BEYOND
    for edge in range(moves.edge_start[state], moves.edge_start[state + 1]):
        best = max(best, -_alpha_beta(moves.edge_child[edge], plies - 1, -beta, -max(alpha, best), moves, leaves, count))
        if best >= beta:
            break
    return best


@njit
def _count_pairs(moves: Moves, plies: int, root: int, seen: Int64s, stamp: int) -> int:
    """How many pairs of a state and a distance of 1 to `plies` moves from the root there are; marks `seen` by stamp and distance."""
    level = np.array([root], dtype=np.int64)
    count = 0
    for distance in range(1, plies + 1):
        n_below = 0
        for state in level:
            n_below += moves.edge_start[state + 1] - moves.edge_start[state]
        below = np.empty(n_below, dtype=np.int64)
        n_found = 0
        for state in level:
            for edge in range(moves.edge_start[state], moves.edge_start[state + 1]):
                child = moves.edge_child[edge]
                if seen[child] != stamp + distance:
                    seen[child] = stamp + distance
                    below[n_found] = child
                    n_found += 1
        count += n_found
        level = below[:n_found]
    return count
