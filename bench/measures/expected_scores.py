"""What a policy scores, on average and exactly, against four opponents: uniform, optimal, a best response, and itself.

Every expectation is a system of equations on the graph of play (bench/measures/play_graph.py). Nodes are taken one strongly
connected component at a time, children first, so that whatever has no cycle is settled in one pass; a component with
cycles is swept in place until it stands still. Endless play is worth 0, and the sweeps start from values for which the
limit is provably the right solution among the many that cycles allow:

- Uniform, optimal, itself: a Markov chain. Split the payoffs into gains and losses; for each, in-place sweeps from 0 rise
  and stay below the probability-weighted sum over the ends of play, which is the least non-negative solution and
  therefore the limit. The equations are linear, so the difference of the two is found by sweeping the payoffs themselves.
- Best response, by the probability that the policy loses: ends of play are worth 0 or 1 and the opponent maximises, so
  sweeps from 0 rise to the least solution, which is the answer.
- Best response, by expected payoff: sweeps from 0 are wrong here, because a responder with finitely many moves left
  could gamble and not live to see the loss. Instead sweep from the responder's worst payoff, so that unfinished play
  never looks good, and let it stop at 0 wherever it can surely go on for ever (the set `_can_go_on`). Every way of never ending
  stays in that set from some time on with probability one, so stopping loses nothing; the sweeps fall monotonically to
  the responder's optimum.

The last two are value iteration for stopping problems, with the care for end components that Haddad & Monmege ("Interval
iteration algorithm for MDPs and IMDPs", 2018) ask for.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bench.measures.play_graph import play_graph
from games.arrays import Bools, Float64s, Int32s, Int64s
from games.jit import njit
from games.solving.graph import GameGraph
from games.solving.solve import Solution

TOLERANCE = 1e-10  # sweeps stop when the estimated distance to the limit is below this
MAX_SWEEPS = 20_000  # in one component


class Outcome(NamedTuple):
    """Expected payoff to the policy, and the probabilities of winning, drawing (endless play included) and losing."""

    payoff: float
    win: float
    draw: float
    loss: float


@dataclass(frozen=True)
class Seat:
    """Exact results of a policy in one seat, first or second player."""

    uniform: Outcome
    optimal: Outcome  # uniform over the optimal moves
    itself: Outcome
    best: float  # expected payoff against the opponent that makes it smallest
    best_loss: float  # probability of losing to the opponent that makes it largest


@dataclass(frozen=True)
class Results:
    """Exact results in both seats, in the game's units.

    exploitability: what a best response wins beyond the game's value, averaged over the seats (NashConv / 2, as in
    OpenSpiel). n_sweeps: sweeps of the component that took most, 0 where there are no cycles. error: estimated distance
    of the furthest value from its limit, in the game's units; `converged` is false when that is still above TOLERANCE
    after MAX_SWEEPS sweeps.
    """

    first: Seat
    second: Seat
    exploitability: float
    n_sweeps: int
    error: float

    @property
    def converged(self) -> bool:
        return self.error <= TOLERANCE

    @property
    def loss_rate(self) -> float:
        """Probability of losing to a uniform opponent, mean of the seats."""
        return (self.first.uniform.loss + self.second.uniform.loss) / 2

    @property
    def best_loss_rate(self) -> float:
        """Probability of losing to the opponent that makes it largest, mean of the seats."""
        return (self.first.best_loss + self.second.best_loss) / 2


def results(graph: GameGraph, solution: Solution, weights: Float64s) -> Results:
    """All expected results of a policy given as a probability on every edge: [n_edges]."""
    parent = graph.edge_parent
    n_optimal = np.bincount(parent[solution.optimal], minlength=graph.n_states)
    opponents = (1.0 / graph.n_moves[parent], solution.optimal / np.maximum(n_optimal, 1)[parent], weights)
    outcomes, sweeps, errors = [], [], []
    best = np.zeros((2, 2))
    for i, opponent in enumerate(opponents):
        play = play_graph(graph, weights, opponent)
        values, n_sweeps, error = _chain(play.first_node, play.start, play.child, play.probability, play.ends())
        outcomes.append(values[play.starts])
        sweeps.append(n_sweeps)
        errors.append(error)
        if i == 0:  # a uniform opponent may play anything, as a best response may: the same graph
            values, n_sweeps, error = _best_response(play.first_node, play.start, play.child, play.probability, play.opponents, play.ends())
            best = values[play.starts]
            sweeps.append(n_sweeps)
            errors.append(error)
    seats = [
        Seat(
            uniform=_outcome(outcomes[0][seat]),
            optimal=_outcome(outcomes[1][seat]),
            itself=_outcome(outcomes[2][seat]),
            best=float(best[seat, 0]),
            best_loss=float(best[seat, 1]),
        )
        for seat in (0, 1)
    ]
    return Results(
        first=seats[0],
        second=seats[1],
        exploitability=0.0 - (seats[0].best + seats[1].best) / 2,
        n_sweeps=max(sweeps),
        error=max(errors),
    )


def _outcome(row: Float64s) -> Outcome:
    payoff, win, loss = (float(x) for x in row)
    return Outcome(payoff, win, max(0.0, 1.0 - win - loss), loss)


@njit
def _distance(change: float, before: float) -> float:
    """Estimated distance to the limit of a geometric approach whose last two changes are given."""
    if change == 0.0:
        return 0.0
    return change * change / (before - change) if change < before < np.inf else np.inf


@njit
def _chain(
    first_node: Int32s,
    start: Int64s,
    child: Int32s,
    probability: Float64s,
    ends: Float64s,
) -> tuple[Float64s, int, float]:
    """Expected payoff, probability of winning and of losing, of a Markov chain: [n_nodes, 3]; most sweeps, worst error."""
    values = np.zeros((ends.shape[0], 3))
    most_sweeps, worst_error = 0, 0.0
    for component in range(first_node.shape[0] - 1):
        first, last = first_node[component], first_node[component + 1]
        change = error = np.inf
        n_sweeps = 0
        while error > TOLERANCE and n_sweeps < MAX_SWEEPS:
            before, change = change, 0.0
            n_sweeps += 1
            for node in range(first, last):
                if start[node] == start[node + 1]:
                    values[node, 0] = ends[node]
                    values[node, 1] = 1.0 if ends[node] > 0.0 else 0.0
                    values[node, 2] = 1.0 if ends[node] < 0.0 else 0.0
                    continue
                payoff = win = loss = 0.0
                for edge in range(start[node], start[node + 1]):
                    payoff += probability[edge] * values[child[edge], 0]
                    win += probability[edge] * values[child[edge], 1]
                    loss += probability[edge] * values[child[edge], 2]
                change = max(change, abs(payoff - values[node, 0]), abs(win - values[node, 1]), abs(loss - values[node, 2]))
                values[node, 0], values[node, 1], values[node, 2] = payoff, win, loss
            error = 0.0 if last - first == 1 else _distance(change, before)
        if last - first > 1:
            most_sweeps = max(most_sweeps, n_sweeps)
        worst_error = max(worst_error, error)
    return values, most_sweeps, worst_error


@njit
def _can_go_on(first: int, last: int, start: Int64s, child: Int32s, responder: Bools, can_go_on: Bools) -> None:
    """Mark, in place, the nodes of a component where the responder can surely play for ever, given those of components below.

    The greatest set in which no play has ended, the policy cannot leave, and the responder need not.
    """
    is_cyclic = last - first > 1
    can_go_on[first:last] = True
    settling = True
    while settling:
        settling = False
        for node in range(first, last):
            if not can_go_on[node]:
                continue
            n_inside = 0
            for edge in range(start[node], start[node + 1]):
                n_inside += int(can_go_on[child[edge]])
            if n_inside == 0 or (not responder[node] and n_inside < start[node + 1] - start[node]):
                can_go_on[node] = False
                settling = is_cyclic


@njit
def _best_response(
    first_node: Int32s,
    start: Int64s,
    child: Int32s,
    probability: Float64s,
    responder: Bools,
    ends: Float64s,
) -> tuple[Float64s, int, float]:
    """Least expected payoff and largest probability of losing that a responder can bring about: [n_nodes, 2].

    Each by its own best response. `responder` says where the responder moves. Returns the most sweeps and the worst error too.
    """
    values = np.zeros((ends.shape[0], 2))
    values[:, 0] = np.abs(ends).max()
    can_go_on = np.zeros(ends.shape[0], dtype=np.bool_)
    most_sweeps, worst_error = 0, 0.0
    for component in range(first_node.shape[0] - 1):
        first, last = first_node[component], first_node[component + 1]
        _can_go_on(first, last, start, child, responder, can_go_on)
        change = error = np.inf
        n_sweeps = 0
        while error > TOLERANCE and n_sweeps < MAX_SWEEPS:
            before, change = change, 0.0
            n_sweeps += 1
            for node in range(first, last):
                if start[node] == start[node + 1]:
                    values[node, 0], values[node, 1] = ends[node], 1.0 if ends[node] < 0.0 else 0.0
                    continue
                payoff, loss = np.inf if responder[node] else 0.0, 0.0
                for edge in range(start[node], start[node + 1]):
                    if responder[node]:
                        payoff = min(payoff, values[child[edge], 0])
                        loss = max(loss, values[child[edge], 1])
                    else:
                        payoff += probability[edge] * values[child[edge], 0]
                        loss += probability[edge] * values[child[edge], 1]
                if can_go_on[node]:
                    payoff = min(payoff, 0.0)
                change = max(change, abs(payoff - values[node, 0]), abs(loss - values[node, 1]))
                values[node, 0], values[node, 1] = payoff, loss
            error = 0.0 if last - first == 1 else _distance(change, before)
        if last - first > 1:
            most_sweeps = max(most_sweeps, n_sweeps)
        worst_error = max(worst_error, error)
    return values, most_sweeps, worst_error
