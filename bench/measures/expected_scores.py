"""What a policy scores, on average and exactly, against four opponents: uniform, optimal, a best response, and itself.

Every expectation is a system of equations on the graph of play (bench/measures/play_graph.py); endless play is worth 0. Against an
opponent whose moves are drawn by chance it is a Markov chain (bench/measures/chains.py), against a best response a decision process
(bench/measures/responses.py). Parts of the graph without cycles are settled in one pass. A component with cycles is solved by
elimination where it has at most MAX_EXACT nodes, and else swept from below and from above until the bounds meet.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from bench.measures.chains import chain
from bench.measures.play_graph import PlayGraph, play_graph
from bench.measures.responses import best_response
from games.arrays import Float64s
from games.solving.graph import GameGraph
from games.solving.solve import Solution
from policies.api import action_probabilities, uniform_probabilities

MAX_EXACT = 10_000  # nodes of a component that is solved by elimination; 6,864 take 0.1 s, 34,826 nearly half a minute
MAX_SWEEPS = 20_000  # of a larger component
EXACT = 1e-9  # bounds this close count as one number


class Outcome(NamedTuple):
    """Expected payoff to the policy, and the probabilities of winning, drawing (endless play included) and losing."""

    payoff: float
    win: float
    draw: float
    loss: float


@dataclass(frozen=True)
class Seat:
    """Expected results of a policy in one seat, first or second player."""

    uniform: Outcome
    optimal: Outcome  # uniform over the optimal moves
    itself: Outcome
    best: float  # expected payoff against the opponent that makes it smallest
    best_loss: float  # probability of losing to the opponent that makes it largest


@dataclass(frozen=True)
class Results:
    """Expected results in both seats, in the game's units.

    exploitability: what a best response wins beyond the game's value, averaged over the seats (NashConv / 2, as in OpenSpiel). error: no
    number but the share of draws is further from the truth than this, rounding aside, and that no further than twice this. low, high:
    where some number is not exact, bounds of them all, in the same form.
    """

    first: Seat
    second: Seat
    exploitability: float
    error: float = 0.0
    low: "Results | None" = None
    high: "Results | None" = None

    @property
    def is_exact(self) -> bool:
        """Whether the bounds of no number are further apart than EXACT, in the game's units."""
        return self.low is None

    @property
    def loss_rate(self) -> float:
        """Probability of losing to a uniform opponent, mean of the seats."""
        return (self.first.uniform.loss + self.second.uniform.loss) / 2

    @property
    def best_loss_rate(self) -> float:
        """Probability of losing to the opponent that makes it largest, mean of the seats."""
        return (self.first.best_loss + self.second.best_loss) / 2


def results(graph: GameGraph, solution: Solution, weights: Float64s, max_exact: int = MAX_EXACT, max_sweeps: int = MAX_SWEEPS) -> Results:
    """All expected results of a policy given as a probability on every edge: [n_edges].

    Components of at most `max_exact` nodes are solved by elimination, larger ones are swept at most `max_sweeps` times.
    """
    uniform = uniform_probabilities(graph)
    found = np.empty((3, 2, 4))  # opponent, seat, what a chain finds
    play = play_graph(graph, weights, uniform)
    found[0] = _against(play, max_exact, max_sweeps)
    best = _best_against(play, max_exact, max_sweeps)  # a uniform opponent may play anything, as a best response may: the same graph
    del play  # which takes gigabytes on a large game
    for i in (1, 2):
        opponent = weights if i == 2 else action_probabilities(graph, solution.optimal.astype(np.float64))
        found[i] = found[0] if np.array_equal(opponent, uniform) else _against(play_graph(graph, weights, opponent), max_exact, max_sweeps)
    largest = float(np.abs(graph.payoff).max())
    error = max(found[..., 3].max(), best[:, 2].max()) * max(largest, 1.0)
    at = [Results(*_seats(found, best, largest, sign), _exploitability(best, largest, -sign), float(error)) for sign in (0, -1, 1)]
    return at[0] if 2 * error <= EXACT else replace(at[0], low=at[1], high=at[2])


def exploitability_of(graph: GameGraph, weights: Float64s, max_exact: int = MAX_EXACT, max_sweeps: int = MAX_SWEEPS) -> float | None:
    """The exploitability alone of a policy given as a probability on every edge, [n_edges]: what `results` says, three chains saved.

    None where sweeps leave its bounds further apart than EXACT.
    """
    best = _best_against(play_graph(graph, weights, uniform_probabilities(graph)), max_exact, max_sweeps)
    largest = float(np.abs(graph.payoff).max())
    return _exploitability(best, largest, 0) if 2 * best[:, 2].max() * max(largest, 1.0) <= EXACT else None


def _against(play: PlayGraph, max_exact: int, max_sweeps: int) -> Float64s:
    """What a chain finds from both starts: [2, 4]."""
    return chain(play.first_node, play.start, play.child, play.probability, play.ends(), max_exact, max_sweeps)[play.starts]


def _best_against(play: PlayGraph, max_exact: int, max_sweeps: int) -> Float64s:
    """What a best response brings about from both starts: [2, 3]."""
    arrays = (play.first_node, play.start, play.child, play.probability)
    return best_response(*arrays, play.opponents, play.ends(), max_exact, max_sweeps)[play.starts]


def _seats(found: Float64s, best: Float64s, largest: float, sign: int) -> tuple[Seat, Seat]:
    """Both seats from what chains found [opponent, seat, 4] and best responses [seat, 3]: bounds where `sign` is -1 or 1."""
    seats = []
    for seat in (0, 1):
        uniform, optimal, itself = (_outcome(row, largest, sign) for row in found[:, seat])
        payoff, loss, error = best[seat]
        responder = _clip(payoff - sign * error * largest, -largest, largest)
        seats.append(Seat(uniform, optimal, itself, 0.0 - responder, _clip(loss + sign * error, 0.0, 1.0)))
    return seats[0], seats[1]


def _outcome(row: Float64s, largest: float, sign: int) -> Outcome:
    payoff, win, loss, error = row
    shares = ((win, error), (1.0 - win - loss, 2 * error), (loss, error))
    return Outcome(
        _clip(payoff + sign * error * largest, -largest, largest),
        *(_clip(share + sign * wide, 0.0, 1.0) for share, wide in shares),
    )


def _exploitability(best: Float64s, largest: float, sign: int) -> float:
    return float(np.clip(best[:, 0] - sign * best[:, 2] * largest, -largest, largest).mean())


def _clip(value: float, least: float, most: float) -> float:
    return float(min(max(value, least), most))
