"""Libraries of others: their trees and rules play as files of ours what they predict, and the files that carry problems and answers."""

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.studies import fitters, rivals
from bench.studies.rival_fits import from_paths, values_of
from bench.studies.rivals import ELSEWHERE, Problem, Rival, answers_to, moves_problem, positions_problem, python_of, run_rival
from games.errors import WorkError
from policies.api import Policy, Task, action_probabilities
from policies.language.atoms import LEVELS, Predicate, atoms_of
from policies.task import make_task


@pytest.fixture(scope="module", params=["tictactoe", "go-2x3", "kalah-2-3"])
def task(request: pytest.FixtureRequest) -> Task:
    return make_task(request.param)


def random_tree(draw: random.Random, n_features: int, leaves: Sequence[Any], depth: int = 5) -> Any:
    """A tree as JSON holds it, no feature twice on a way."""
    if not depth or draw.random() < 0.2:
        return draw.choice(leaves)
    return [draw.randrange(n_features), *(random_tree(draw, n_features, leaves, depth - 1) for _ in range(2))]


def every_move(task: Task, names: Sequence[Predicate]) -> Any:
    """The features of all moves of the game. [n_edges, n_features]"""
    held = np.zeros((task.graph.n_edges, len(names)), dtype=np.uint8)
    for column, atom in enumerate(names):
        held[atoms_of(task.game, task.graph).edges(atom), column] = 1
    return held


def read_back(name: str, answer: dict[str, Any], problem: Problem, task: Task) -> list[tuple[int, Policy]]:
    rival = ELSEWHERE[name]
    made = rival.policies(answer, problem.names, fitters.SUITE_RULES)
    return [(size, rival.learner.decode(rival.learner.encode(policy, task), task)) for size, policy in made]


def test_a_tree_of_values_plays_the_moves_of_the_largest_value(task: Task) -> None:
    problem, draw = moves_problem(40, task), random.Random(0)
    held = every_move(task, problem.names)
    for _ in range(10):
        tree = random_tree(draw, len(problem.names), [-1.5, -0.25, 0.0, 1e-9, 2.0])
        [(size, policy)] = read_back("LicketySPLIT", {"tree": tree}, problem, task)
        assert size == str(tree).count("[")
        values = np.asarray(values_of(tree, held), dtype=np.float64)
        assert np.array_equal(action_probabilities(task.graph, policy.scores(task)), action_probabilities(task.graph, values))


def test_a_tree_of_moves_plays_its_leaf_and_costs_what_the_problem_says(task: Task) -> None:
    """A plain walk over the cells finds the leaf; the sum of costs is the regret, which is what the rival minimises."""
    graph, problem, draw = task.graph, positions_problem(task), random.Random(1)
    cells = task.game.cells(graph.states)
    for _ in range(10):
        tree = random_tree(draw, len(problem.names), range(task.game.n_actions))
        [(size, policy)] = read_back("STreeD", {"tree": tree}, problem, task)
        assert size == str(tree).count("[")
        labels = []
        for state in range(graph.n_states):
            node = tree
            while isinstance(node, list):
                entry, content = divmod(problem.names[node[0]][1], LEVELS)
                node = node[1] if cells[state, entry] == content else node[2]
            labels.append(node)
        chosen = graph.edge_action == np.array(labels)[graph.edge_parent]
        expected = action_probabilities(graph, chosen.astype(np.float64))
        assert np.array_equal(action_probabilities(graph, policy.scores(task)), expected)
        contested = np.unique(graph.edge_parent[task.solution.regret > 0])
        contested = contested[task.weights[contested] > 0]
        costs = problem.arrays["cost"][np.arange(len(contested)), np.array(labels)[contested]]
        assert np.dot(task.weights[contested], costs) == pytest.approx(task.regret(expected))


def test_rules_add_up_as_far_as_each_number_of_units(task: Task) -> None:
    problem, draw = moves_problem(40, task), random.Random(2)
    held = every_move(task, problem.names)
    n = len(problem.names)
    rules = [
        ([(feature, draw.random() < 0.7) for feature in draw.sample(range(n), min(n, draw.randint(1, 4)))], draw.randint(-300, 300) / 256)
        for _ in range(40)
    ]
    rules.insert(3, ([(0, True)], 0.001))  # nothing is left of it once it is rounded
    found = read_back("BOOMER", {"rules": rules}, problem, task)
    kept = [rule for rule in rules if round(256 * rule[1])]
    assert [size for size, _ in found] == [8, 32, len(kept), len(kept)]
    for size, policy in found:
        scores = np.zeros(task.graph.n_edges)
        for literals, value in kept[:size]:
            scores[np.all([held[:, feature] == holds for feature, holds in literals], axis=0)] += 256 * value
        assert np.array_equal(policy.scores(task), scores)


def test_a_tree_is_found_again_from_the_ways_to_its_leaves() -> None:
    draw = random.Random(3)

    def ways(tree: Any, before: list[int]) -> list[tuple[list[int], float]]:
        if not isinstance(tree, list):
            return [(before, tree)]
        return ways(tree[1], [*before, tree[0] + 1]) + ways(tree[2], [*before, -tree[0] - 1])

    for _ in range(50):
        tree = random_tree(draw, 30, [0.5, 1.5, -2.0])
        assert from_paths(ways(tree, []), 0) == tree


STUMP = """
import numpy as np

class LicketySPLITRegressor:
    n_fits = 0

    def __init__(self, lambda_leaf, depth_budget):
        pass

    def fit(self, features, target):
        LicketySPLITRegressor.n_fits += 1
        while LicketySPLITRegressor.n_fits > 2:
            pass
        return self

    def get_tree_paths(self):
        return [[1], [-1]], [0.5, -0.5]

    def predict(self, features):
        return SIGN * (features[:, 0] - 0.5)
"""


@pytest.fixture
def stump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rival:
    """A library that fits two trees and then never ends, and a cache that holds nothing."""
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(rivals, "python_of", lambda rival: Path(sys.executable))
    monkeypatch.setattr(rivals, "SECONDS", 1)
    (tmp_path / "licketysplit.py").write_text(STUMP.replace("SIGN", "1"))
    return ELSEWHERE["LicketySPLIT"]


PROBLEM = Problem({"features": np.eye(4, dtype=np.uint8), "target": np.arange(4.0)}, [("concept", i) for i in range(4)])


def test_what_was_fitted_before_the_limit_of_time_is_kept_and_not_fitted_again(
    stump: Rival, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = answers_to(stump, PROBLEM)
    assert [answer["tree"] for answer in answers] == [[0, 0.5, -0.5]] * 2
    assert [path.suffix for path in (tmp_path / "cache" / "rivals" / "answers").iterdir()] == [".jsonl"]
    monkeypatch.setattr(rivals, "run_rival", lambda *_: pytest.fail("fitted again"))
    assert answers_to(stump, PROBLEM) == answers
    with pytest.raises(pytest.fail.Exception):
        answers_to(stump, PROBLEM._replace(arrays=PROBLEM.arrays | {"target": np.ones(4)}))


def test_a_tree_that_is_not_what_its_library_predicts_is_refused(stump: Rival, tmp_path: Path) -> None:
    (tmp_path / "licketysplit.py").write_text(STUMP.replace("SIGN", "-1"))
    with pytest.raises(WorkError, match=r"licketysplit==0\.2\.1 in .* failed: this tree does not come to what its library predicts"):
        answers_to(stump, PROBLEM)
    assert not [*(tmp_path / "cache" / "rivals" / "answers").iterdir()]


def test_a_library_that_is_missing_is_named(tmp_path: Path) -> None:
    absent = ELSEWHERE["STreeD"]._replace(module="no_such_library")
    with pytest.raises(WorkError, match=r"pystreed==1\.4\.0 in .* failed: .*'no_such_library'; delete that folder to install it again"):
        run_rival(absent, Path(sys.executable), Path(rivals.rival_fits.__file__), tmp_path / "given.npz", tmp_path / "found")


@pytest.mark.slow
def test_a_package_that_pip_cannot_install_is_named_and_leaves_no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(WorkError, match=r"pip cannot install pystreed==1\.4\.0, which this study compares with: ERROR: .*pystreed"):
        python_of(ELSEWHERE["STreeD"])
    assert not [*(tmp_path / "rivals").iterdir()]


def test_the_table_counts_who_leads_and_says_where_others_are_better() -> None:
    names = [*fitters.BESIDE_RIVALS, *ELSEWHERE]
    row = {name: fitters.Curve([0.5, 0.4, 0.3, 0.2], 1.0) for name in names}
    better = row | {"STreeD": fitters.Curve([0.5, 0.25, 0.3, 0.2], 3.0)}
    perfect = {name: fitters.Curve([0.0] * 4, 2.0) for name in names}
    text = fitters.rivals_table({"even": row, "won": better, "solved": perfect})
    leads = [line.split(" | ") for line in text.splitlines() if line.startswith("| 32 ")]
    assert leads == [["| 32", "2", *["2" if name == "STreeD" else "1" for name in names[:-1]], "1 |"]]
    assert text.count("- STreeD: won at 32 (0.250, ours 0.400)") == 2
    assert text.count(": nowhere") == 2 * (len(fitters.OTHERS) + len(ELSEWHERE) - 1)
    assert "| STreeD | 2 | 3 | 6 |" in text
