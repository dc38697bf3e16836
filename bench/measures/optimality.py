"""How far chosen moves are from perfect play: one move at every position, as a program that plays gives it."""

from typing import NamedTuple

from bench.measures.error_rate import error_rate
from bench.measures.expected_scores import results
from games.arrays import Int64s
from policies.adapters.choose_move import as_scores
from policies.api import Task


class Optimality(NamedTuple):
    """What the moves of a player lose against perfect play, exactly; each 0 for perfect play, but the gain 1."""

    regret: float  # what a move loses in the mean over positions, in the game's units
    gain: float  # 1 - regret / regret of random play
    error_rate: float  # the share of positions with a suboptimal move
    exploitability: float  # what a best response wins beyond the game's value, mean of the seats, in the game's units


def optimality_of(task: Task, edges: Int64s) -> Optimality:
    """Measure the moves chosen at all positions, as edges of the graph in the order of `graph.positions`: [n_positions].

    Means and shares are over positions by the task's weights. Raises WorkError where no move of any position is worse than another.
    """
    chosen = as_scores(edges, task)
    return Optimality(
        regret=task.regret(chosen),
        gain=task.gain(chosen),
        error_rate=error_rate(task, chosen),
        exploitability=results(task.graph, task.solution, chosen).exploitability,
    )
