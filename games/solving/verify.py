"""An independent check that a solution is the right one: nothing of the solver is used, and nothing is solved again.

That each value follows from its children's is not enough where play can go round in circles: a cycle can hold any value up
by itself. So each bound that is better than what endless play gives must also have a finite proof, which the ranks show: see
`_check_proofs`.
"""

from dataclasses import dataclass

import numpy as np

from games.arrays import Bools, Int32s, Int64s
from games.errors import WorkError
from games.jit import njit
from games.solving.graph import GameGraph
from games.solving.solve import Solution

NO_RANK = np.int32(np.iinfo(np.int32).max)


@dataclass(frozen=True)
class Verification:
    """What was checked, and how far ahead the longest proof looks."""

    checks: tuple[str, ...]  # in words, each a fact that holds for every state or edge
    n_states: int
    n_edges: int
    longest_proof: int  # plies until the last bound that can be forced has been


def verify_solution(graph: GameGraph, solution: Solution) -> Verification:
    """Check every number of a solution against its graph; raises WorkError with one line on the first that is wrong.

    Each fact is checked for all states at once, and nothing is assumed but the rules in the graph. Needs about 40 bytes a
    state and 25 an edge beside the graph.
    """
    _check_shapes(graph, solution)
    value, lower, upper = (array.astype(np.int32) for array in (solution.value, solution.lower, solution.upper))
    payoff, ends, child = graph.payoff.astype(np.int32), graph.terminal, graph.edge_child
    _demand(graph, "a final state is worth its payoff", (value == payoff) & (lower == payoff) & (upper == payoff), of=ends)
    best_low, best_high, best_value = (_best(graph, -array[child]) for array in (upper, lower, value))
    _demand(graph, "the lower bound is the best that a move makes sure of", lower == best_low, of=~ends)
    _demand(graph, "the upper bound is the best that a move may bring", upper == best_high, of=~ends)
    _demand(graph, "a value is 0 moved into its bounds", value == np.clip(0, lower, upper))
    _demand(graph, "a value is that of the best move", value == best_value, of=~ends)
    edge_value, regret = solution.edge_value.astype(np.int32), solution.regret.astype(np.int32)
    _demand(graph, "a move is worth its child, seen from the other side", edge_value == -value[child])
    _demand(graph, "regret is what a move gives away", regret == value[graph.edge_parent] - edge_value)
    longest = _check_proofs(graph, lower, upper)
    checks = (
        "final states are worth their payoffs",
        "both bounds follow from those of the children",
        "values are 0 moved into the bounds, and those of the best moves",
        "moves and regrets follow from the values",
        "every bound that beats endless play has a proof that ends",
    )
    return Verification(checks, graph.n_states, graph.n_edges, longest)


def _check_shapes(graph: GameGraph, solution: Solution) -> None:
    sizes = [len(array) for array in (solution.value, solution.lower, solution.upper)]
    sizes += [len(array) for array in (solution.edge_value, solution.regret)]
    if sizes != [graph.n_states] * 3 + [graph.n_edges] * 2:
        raise WorkError(f"the solution of {graph.game_id} is wrong: its arrays do not fit its graph; solve it again")
    _demand(graph, "a child is a state", (graph.edge_child >= 0) & (graph.edge_child < graph.n_states))
    _demand(graph, "a state has moves unless it is final", (graph.n_moves > 0) != graph.terminal)


def _check_proofs(graph: GameGraph, lower: Int32s, upper: Int32s) -> int:
    """Give each bound a rank and check that the ranks are a proof; the greatest rank.

    A lower bound above the worst payoff must be reached by a move to a child whose upper bound is its opposite and has a
    smaller rank; an upper bound below the best must have smaller ranks in all children that attain it. Children that are
    worse still for their mover's opponent need no smaller rank: their own bounds are stricter, so by induction on the bound
    first and the rank second, every such bound is reached in finitely many moves. Hence `lower` is no more than the least
    fixpoint and `upper` no less than the greatest; fixpoints they are, so they are those.
    """
    worst = int(np.abs(np.where(graph.terminal, graph.payoff, 0)).max())
    parents = np.argsort(graph.edge_child, kind="stable")
    parent_start = np.searchsorted(graph.edge_child[parents], np.arange(graph.n_states + 1))
    parent = graph.edge_parent[parents]
    rank_lower, rank_upper = _ranks(parent_start, parent, graph.terminal, lower, upper, worst)
    child, source, moving = graph.edge_child, graph.edge_parent, ~graph.terminal
    attains = -upper[child] == lower[source]
    nearest = -_best(graph, -np.where(attains, rank_upper[child], NO_RANK))
    _demand(graph, "a lower bound has a proof that ends", nearest < rank_lower, of=moving & (lower > -worst))
    attained = -lower[child] == upper[source]
    farthest = _best(graph, np.where(attained, rank_lower[child], -1))
    _demand(graph, "an upper bound has a proof that ends", farthest < rank_upper, of=moving & (upper < worst))
    ranks = np.concatenate([rank_lower[lower > -worst], rank_upper[upper < worst]])
    _demand(graph, "a proof ends", ranks < NO_RANK)
    return int(ranks.max(initial=0))


@njit
def _ranks(parent_start: Int64s, parent: Int32s, terminal: Bools, lower: Int32s, upper: Int32s, worst: int) -> tuple[Int32s, Int32s]:
    """Ranks from the final states backwards, breadth first; NO_RANK where no proof is found. Nothing relies on their being right."""
    n = terminal.shape[0]
    rank_lower = np.full(n, NO_RANK)
    rank_upper = np.full(n, NO_RANK)
    n_waiting = np.zeros(n, dtype=np.int32)  # children that attain the upper bound and have no rank yet
    for state in range(n):
        for i in range(parent_start[state], parent_start[state + 1]):
            n_waiting[parent[i]] += upper[parent[i]] == -lower[state]
    queue = np.empty(2 * n, dtype=np.int64)  # state s stands for its lower bound, n + s for its upper one
    n_queued = 0
    for state in range(n):
        if terminal[state]:
            rank_lower[state] = rank_upper[state] = 0
            queue[n_queued], queue[n_queued + 1] = state, n + state
            n_queued += 2
    i = 0
    while i < n_queued:
        state = queue[i] % n
        is_lower = queue[i] < n
        i += 1
        for j in range(parent_start[state], parent_start[state + 1]):
            above = parent[j]
            if is_lower and upper[above] == -lower[state] and upper[above] < worst:
                n_waiting[above] -= 1
                if n_waiting[above] == 0:
                    rank_upper[above] = rank_lower[state] + 1
                    queue[n_queued] = n + above
                    n_queued += 1
            elif not is_lower and lower[above] == -upper[state] and lower[above] > -worst and rank_lower[above] == NO_RANK:
                rank_lower[above] = rank_upper[state] + 1
                queue[n_queued] = above
                n_queued += 1
    return rank_lower, rank_upper


def _best(graph: GameGraph, edge_numbers: Int32s) -> Int32s:
    """The greatest of the numbers on each state's moves, the least number there is where it has none. [n_states]"""
    best = np.full(graph.n_states, np.iinfo(np.int32).min, dtype=np.int32)
    moving = ~graph.terminal
    if moving.any():
        best[moving] = np.maximum.reduceat(edge_numbers, graph.edge_start[:-1][moving])
    return best


def _demand(graph: GameGraph, what: str, holds: Bools, of: Bools | None = None) -> None:
    """Raise WorkError unless a fact holds for all states or edges, or for all of those that `of` names."""
    wrong = ~holds if of is None else ~holds & of
    if wrong.any():
        kind = "state" if len(wrong) == graph.n_states else "edge"
        raise WorkError(
            f"the solution of {graph.game_id} is wrong: not everywhere holds that {what}: "
            f"{kind} {int(np.argmax(wrong))} is the first of {np.count_nonzero(wrong):,}; solve it again with --rebuild"
        )
