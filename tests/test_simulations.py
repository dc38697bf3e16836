"""The numbers of docs/search.md about Monte Carlo search, on planted curves and beside the measures of records."""

import numpy as np
import pytest

from bench.measures.gain_error import gain_error
from bench.studies.simulations import RUNGS, Part, exponent, in_band, simulations_at
from bench.tails.curves import PathRegrets
from games.solving.oracle import GraphOracle, solve_sample
from games.solving.sample import sample_graph
from policies.api import Task, action_probabilities
from policies.position_weights import position_weights
from policies.search.minimax import Minimax
from policies.task import make_task


def planted(power: float, factor: float = 1.0) -> PathRegrets:
    """Each of 500 positions leaves min(1, (n / factor)^power) of what uniform choice loses there."""
    uniform = np.random.default_rng(0).exponential(1.0, 500)
    left = np.minimum(1.0, (np.array(RUNGS) / factor) ** power)
    return PathRegrets(list(RUNGS), left[:, None] * uniform, uniform, np.full(500, 1 / 500), is_finished=False)


def test_a_planted_power_of_simulations_is_found() -> None:
    found, (low, high) = exponent(planted(-0.5))
    assert found == pytest.approx(-0.5)
    assert (low, high) == pytest.approx((-0.5, -0.5))  # every position falls alike, so that no draw of them changes it


def test_a_board_that_takes_eight_times_the_simulations_is_found_to() -> None:
    small, large = (simulations_at(planted(-0.5, factor), 0.3) for factor in (1.0, 8.0))
    assert small == pytest.approx(np.full(101, 0.3**-2))
    assert in_band(large / small) == "8.0 (8.0 to 8.0)"
    assert in_band(simulations_at(planted(-0.5), 0.001)) == "-"  # beyond the last rung


def test_a_part_of_the_positions_leaves_what_the_task_over_them_leaves() -> None:
    """Residual and error of a part of a graph are those that a record has of a sample of the same positions."""
    task = make_task("go-2x3")
    at = task.graph.positions[::3]
    graph = sample_graph(task.game, task.graph.states[at])
    sample = Task(task.game, graph, solve_sample(graph, GraphOracle(task.graph, task.solution)), position_weights(graph, None))
    chosen = action_probabilities(graph, Minimax(2).scores(sample))
    part = Part(task, at, is_whole=False)
    found = part.residual(part.losses(Minimax(2).scores(task)))
    assert found.share == pytest.approx(1 - sample.gain(chosen))
    assert found.band == pytest.approx(1.96 * (gain_error(sample, chosen) or 0.0))
