"""What an open graph, a sample of positions with their moves, can and cannot be asked."""

import numpy as np
import pytest

from bench.measures.expected_scores import exploitability_of, results
from bench.measures.grades import grades, witness
from bench.measures.information import games_left
from bench.measures.own_lines import encode_own_lines
from bench.play.losses import shortest_loss
from games.errors import UsageError, WorkError
from games.registry import make_game
from games.solving.oracle import GraphOracle, solve_sample
from games.solving.sample import draw_states, sample_graph
from games.solving.store import load_truth
from policies.api import Task, uniform_probabilities
from policies.language.atoms import Literal
from policies.language.language import make_language
from policies.position_weights import position_weights
from policies.registry import make_learner
from policies.rules.rulelist import RuleList


def open_task(game_id: str, n: int, plies: int) -> Task:
    game = make_game(game_id)
    graph = sample_graph(game, draw_states(game, n, 0), plies)
    solution = solve_sample(graph, GraphOracle(*load_truth(game)))
    return Task(game, graph, solution, position_weights(graph, solution))


def test_whoever_walks_the_whole_graph_refuses_a_sample() -> None:
    task = open_task("go-2x3", 30, 2)
    weights = uniform_probabilities(task.graph)
    asked = {
        "a grade": lambda: grades(task.graph, task.solution, weights),
        "a grade ": lambda: witness(task.graph, task.solution, weights, "never_loses", first=True),
        "an expected result": lambda: results(task.graph, task.solution, weights),
        "an expected result ": lambda: exploitability_of(task.graph, task.solution, weights),
        "a policy's own lines of play": lambda: encode_own_lines(task.graph, np.zeros(task.graph.n_edges), task.solution.regret == 0),
        "a grade  ": lambda: shortest_loss(task, weights, is_first=True),
        "weights play": lambda: position_weights(task.graph, task.solution, "play"),
        "weights semi_strong": lambda: position_weights(task.graph, task.solution, "semi_strong"),
        "a number of games": lambda: games_left(task.graph, weights, 6),
        "a table": lambda: make_learner("table").decode(b"", task),
        "a file that names patterns by which of them occur": lambda: make_learner("rulelist").decode(b"", task),
        "a file that names atoms by how often they occur": lambda: make_learner("weighted").decode(b"", task),
        "a rule about a single position": lambda: make_language("positions", task.game, task.graph).atoms.edges(("position", 0)),
    }
    for who, ask in asked.items():
        with pytest.raises(UsageError, match=f"{who.strip()} needs every state that play can reach; this sample of go-2x3 has 2"):
            ask()
    with pytest.raises(UsageError, match="an exhaustive search needs every state"):
        list(make_learner("shortest", {"language": "lookahead-2"}).fit_path(open_task("tictactoe", 9, 2), [2], 0))


def test_lookahead_goes_as_far_as_the_sample() -> None:
    """What lookahead sees of a sampled position is what it sees on the whole graph; one ply further is refused."""
    task = open_task("tictactoe", 40, 2)
    closed, _ = load_truth(task.game)
    here = make_language("lookahead-2", task.game, task.graph).holds
    whole = make_language("lookahead-2", task.game, closed).holds
    for sampled, full in zip(here, whole, strict=True):
        assert sampled[: int(task.graph.edge_start[40])].tolist() == full[edges_there(task, 40)].tolist()
    with pytest.raises(UsageError, match="forces_win needs 3 plies ahead of each position; this sample of tictactoe has 2"):
        _ = make_language("lookahead-3", task.game, task.graph).holds


@pytest.mark.parametrize("text", ["concepts", "concepts+patterns", "cells", "patterns"])
def test_a_list_fitted_to_a_sample_plays_the_same_on_the_whole_graph(text: str) -> None:
    task = open_task("go-3x3", 400, 1)
    language = make_language(text, task.game, task.graph)
    rules = tuple((Literal(*language.predicate(number)),) for number in range(0, language.n_predicates, 7))
    policy = RuleList("first-match", rules)
    closed, solution = load_truth(task.game)
    whole = Task(task.game, closed, solution, position_weights(closed, solution))
    assert policy.scores(task)[: int(task.graph.edge_start[400])].tolist() == policy.scores(whole)[edges_there(task, 400)].tolist()


def edges_there(task: Task, n: int) -> list[int]:
    """The edges of the closed graph that leave the first `n` states of a task's graph, state by state."""
    closed, _ = load_truth(task.game)
    number = {state: i for i, state in enumerate(closed.states.tolist())}
    places = [number[state] for state in task.graph.states[:n].tolist()]
    return [edge for place in places for edge in range(closed.edge_start[place], closed.edge_start[place + 1])]


def test_a_task_that_nobody_has_solved_says_so() -> None:
    game = make_game("tictactoe")
    graph, _ = load_truth(game)
    task = Task(game, graph, None, position_weights(graph, None))
    with pytest.raises(WorkError, match="tictactoe is not solved here, and this needs its exact values"):
        _ = task.uniform_regret
    assert make_learner("uniform").decode(b"", task).scores(task).tolist() == [0.0] * graph.n_edges
