"""How fast the kernels are: `make speed` times them; in the ordinary test run each is only called once, and nothing is asserted."""

import subprocess
import sys

import numpy as np
import pytest

from bench.measures.coding import describe
from bench.measures.expected_scores import results
from bench.measures.grades import grades
from games.registry import make_game
from games.solving.graph import enumerate_graph
from games.solving.solve import solve
from policies.api import action_probabilities, uniform_probabilities
from policies.fitting.greedy import fit_greedy
from policies.language.language import clear_caches, make_language
from policies.language.patterns import WINDOWS, pattern_codes
from policies.rules.rulelist import RuleListLearner
from policies.task import make_task

GAMES = ["tictactoe", "go-3x3", "go-3x4"]
LANGUAGE = "concepts+patterns+positions"


@pytest.mark.parametrize("game", GAMES)
def test_enumerate_and_solve(benchmark, game):
    def whole():
        graph = enumerate_graph(make_game(game))
        return graph, solve(graph)

    whole()
    graph, _ = benchmark(whole)
    benchmark.extra_info.update(states=graph.n_states, edges=graph.n_edges)


@pytest.mark.parametrize("game", GAMES)
def test_load_solved_game(benchmark, game):
    from games.solving.store import load_truth

    load_truth(make_game(game))
    benchmark(load_truth, make_game(game))


@pytest.mark.parametrize("game", GAMES)
def test_fit_rule_list_to_the_end(benchmark, game):
    task = make_task(game)

    def whole():
        clear_caches()
        return fit_greedy(task, make_language(LANGUAGE, task.game, task.graph), "first-match", 1 << 20)

    whole()
    fit = benchmark.pedantic(whole, rounds=3)
    benchmark.extra_info.update(rules=len(fit.predicates), rows=task.graph.n_edges)


def test_pattern_codes(benchmark):
    task = make_task("go-3x4")
    cells = task.game.cells(task.graph.states)
    benchmark(pattern_codes, WINDOWS["5x5"], task.game.board, cells, task.graph.edge_start, task.graph.edge_action)


def test_describe_a_thousand_rules(benchmark):
    task, learner = make_task("go-3x4"), RuleListLearner()
    (policy,) = learner.fit_path(task, [1000], 0)
    benchmark.pedantic(describe, (task, learner, policy), rounds=3)


@pytest.mark.parametrize("measure", [grades, results])
def test_measure_a_rule_list(benchmark, measure):
    task, learner = make_task("go-3x4"), RuleListLearner()
    (policy,) = learner.fit_path(task, [100], 0)
    weights = action_probabilities(task.graph, policy.scores(task))
    benchmark.pedantic(measure, (task.graph, task.solution, weights), rounds=3)


def test_gain(benchmark):
    task = make_task("go-3x4")
    assert benchmark(task.gain, uniform_probabilities(task.graph)) == pytest.approx(0.0, abs=1e-12)


def test_memory_bandwidth_for_comparison(benchmark):
    """Summing an array that no cache holds: what the machine moves in a second, to hold the others against."""
    block = np.ones(1 << 25)
    benchmark(block.sum)
    benchmark.extra_info["bytes"] = block.nbytes


def test_command_line_answers(benchmark):
    benchmark.pedantic(subprocess.run, ([sys.executable, "-m", "gaincurve", "games"],), {"check": True, "capture_output": True}, rounds=5)
