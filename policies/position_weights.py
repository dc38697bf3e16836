"""How much each position counts when regret is averaged."""

import numpy as np

from games.arrays import Float64s, Int32s, Int64s
from games.errors import UsageError, WorkError, nearest
from games.jit import njit
from games.solving.graph import GameGraph
from games.solving.semi_strong import semi_strong
from games.solving.solve import Solution, topological_order

UNIFORM, SEMI_STRONG, PLAY = "uniform", "semi_strong", "play"
OTHER_NAMES = {"strong": UNIFORM}
KINDS = (*OTHER_NAMES, UNIFORM, SEMI_STRONG, PLAY)
LEFT_OVER = 1e-12  # games still going on when the count of visits is broken off
MAX_SWEEPS = 20_000


def read_kind(kind: str) -> str:
    """A kind of weights by the name that records hold: `strong` is `uniform`. Raises UsageError for an unknown one."""
    if kind not in KINDS:
        raise UsageError(f"unknown weights {kind!r}: {nearest(kind, list(KINDS))}")
    return OTHER_NAMES.get(kind, kind)


def effective_positions(weights: Float64s) -> float:
    """1 / (sum of squared weights): how many positions of equal weight make a mean as certain as these do (Kish 1965).

    >>> effective_positions(np.array([0.25, 0.25, 0.5]))
    2.6666666666666665
    """
    return float(1.0 / np.square(weights).sum())


def position_weights(graph: GameGraph, solution: Solution | None, kind: str = "uniform", epsilon: float = 0.1) -> Float64s:
    """A weight for every state, zero but on the graph's positions, summing to one: [n_states].

    `strong`, also called `uniform`: each position once (once per symmetry class). `semi_strong`: the same for the positions whose
    mover has made no mistake so far, whatever the other did (games/solving/semi_strong.py), zero elsewhere. `play`: in proportion to the
    expected number of visits in a game from the start in which each move of either side is drawn, with probability `epsilon`, from
    all legal moves and otherwise from the optimal ones. With cycles the visits are added up until only a 1e-12th part of all games
    still goes on.

    Raises UsageError for an unknown kind, `semi_strong` or `play` on an open graph, or an epsilon outside 0..1; WorkError when games
    go on too long to be counted.
    """
    kind = read_kind(kind)
    if kind == UNIFORM:
        equal = np.zeros(graph.n_states)
        equal[graph.positions] = 1.0 / len(graph.positions)
        return equal
    graph.require(None, f"weights {kind}")
    if solution is None:
        raise UsageError(f"weights {kind} follow the optimal moves: they need a solved game")
    if kind == SEMI_STRONG:
        careful: Float64s = semi_strong(graph, solution).mover.astype(np.float64)
        careful /= careful.sum()
        return careful
    if not 0.0 <= epsilon <= 1.0:
        raise UsageError(f"epsilon {epsilon} is not a probability: give a number from 0 to 1")
    parent = graph.edge_parent
    n_optimal = np.bincount(parent[solution.optimal], minlength=graph.n_states)
    probability = (1.0 - epsilon) * solution.optimal / np.maximum(n_optimal, 1)[parent] + epsilon / graph.n_moves[parent]
    order = topological_order(graph.edge_start, graph.edge_child)
    if len(order) < graph.n_states:  # breadth-first order, which is that of the states: most moves lead to a later one
        order = np.arange(graph.n_states, dtype=np.int32)
    visits, left_over = _visits(graph.edge_start, graph.edge_child, probability, order)
    if left_over > LEFT_OVER:
        raise WorkError(f"games of {graph.game_id} do not come to an end with epsilon {epsilon}: give a larger one")
    visits[graph.terminal] = 0.0
    visits /= visits.sum()
    return visits


@njit
def _visits(
    edge_start: Int64s,
    edge_child: Int32s,
    probability: Float64s,
    order: Int32s,
) -> tuple[Float64s, float]:
    """Expected visits of every state from state 0: [n_states], and the share of games not yet over when the count stops.

    One game is sent from the start and its parts are pushed along the moves; what waits at a state is counted once and
    passed on. In an order that has parents first a single sweep moves all of it to the ends.
    """
    n_states = order.shape[0]
    visits = np.zeros(n_states)
    waiting = np.zeros(n_states)
    waiting[0] = 1.0
    left_over = 1.0
    n_sweeps = 0
    while left_over > LEFT_OVER and n_sweeps < MAX_SWEEPS:
        n_sweeps += 1
        for state in order:
            here = waiting[state]
            if here == 0.0:
                continue
            waiting[state] = 0.0
            visits[state] += here
            for edge in range(edge_start[state], edge_start[state + 1]):
                waiting[edge_child[edge]] += here * probability[edge]
        left_over = waiting.sum()
    return visits, left_over
