"""Learners made of other people's libraries: what they fit against those libraries' own answers, and planted answers."""

import operator
import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.errors import UsageError, WorkError
from policies.api import Task, action_probabilities
from policies.baselines.boosted import BoostedLearner, Ensemble, Tree
from policies.baselines.common import sample_positions
from policies.baselines.ripper import RipperLearner
from policies.baselines.symbolic import CONSTANTS, OPERATORS, Formula, Symbol, SymbolicLearner
from policies.language.atoms import Predicate, atoms_of
from policies.language.features import contested_edges
from policies.language.language import make_language
from policies.registry import make_learner
from policies.rules.random_order import RandomOrderLearner
from policies.rules.rulelist import tidy
from policies.task import make_task

LIBRARIES = {"ripper": "wittgenstein", "boosted": "sklearn", "symbolic": "gplearn"}
SMALL = {"symbolic": {"population": 60, "generations": 3}}
ROOT = Path(__file__).parents[1]


def residual(task: Task, policy: Any) -> float:
    return 1 - task.gain(action_probabilities(task.graph, policy.scores(task)))


@pytest.mark.parametrize(("name", "library"), LIBRARIES.items())
def test_a_missing_library_is_named_with_what_to_install(name: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    task, learner = make_task("go-2x3"), make_learner(name, SMALL.get(name))
    (policy,) = learner.fit_path(task, [1], 0)
    data = learner.encode(policy, task)
    for module in [library, *(module for module in sys.modules if module.startswith(library + "."))]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(WorkError) as caught:
        next(iter(learner.fit_path(task, [1], 0)))
    assert str(caught.value) == f"learner {name} needs {library}, which is missing: pip install 'gaincurve[baselines]'"
    assert learner.decode(data, task) == policy  # a file is read without the library


@pytest.mark.parametrize("name", [*LIBRARIES])
def test_options_are_whole_numbers_from_their_least_value_up(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} option positions=0: give a whole number from 1 to"):
        make_learner(name, {"positions": 0})
    with pytest.raises(UsageError, match=f"{name} option features='all'"):
        make_learner(name, {"features": "all"})


@pytest.mark.parametrize("weights", ["uniform", "play"])
@pytest.mark.parametrize("n", [1, 10, 300, 100_000])
def test_positions_are_drawn_in_proportion_to_their_weights(weights: str, n: int) -> None:
    task = make_task("tictactoe", weights)
    contested = np.unique(task.graph.edge_parent[contested_edges(task)])
    share = task.weights[contested] / task.weights[contested].sum()
    for seed in range(5):
        sample = sample_positions(task, n, seed)
        counts = np.zeros(task.graph.n_states)
        counts[sample.positions] = sample.counts
        n_drawn = min(n, len(contested)) if weights == "uniform" else n
        assert np.abs(counts[contested] - n_drawn * share).max() < 1 + 1e-9
        assert sample.counts.sum() == n_drawn
        assert (np.diff(sample.positions) > 0).all()
        np.testing.assert_array_equal(sample.edges, np.flatnonzero(np.isin(task.graph.edge_parent, sample.positions)))


@pytest.mark.parametrize("name", ["ripper", "symbolic"])
def test_the_word_that_solves_nim_is_found(name: str) -> None:
    """Bouton, Nim, a game with a complete mathematical theory (1901)."""
    task, learner = make_task("nim-3-4-5"), make_learner(name, {"language": "concepts", **SMALL.get(name, {})})
    (policy,) = learner.fit_path(task, [1], 0)
    assert residual(task, policy) == 0
    assert "[xor_zero]" in str(learner.explain(policy, task))


class Spy:
    """Keeps what a library's model was fitted on, and the model."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, model_class: Any) -> None:
        fit = model_class.fit

        def spying(model: Any, table: Any, y: Any, **options: Any) -> Any:
            self.model, self.table, self.y, self.options = model, table, np.array(y), options
            return fit(model, table, y=y, **options)

        monkeypatch.setattr(model_class, "fit", spying)


@pytest.mark.parametrize("game_id", ["tictactoe", "go-3x3"])
def test_the_rules_cover_what_ripper_predicts(game_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from wittgenstein import RIPPER

    task, learner, spy = make_task(game_id), RipperLearner(positions=150, features=30), Spy(monkeypatch, RIPPER)
    *_, policy = learner.fit_path(task, [1, 1000], 0)
    edges = sample_positions(task, 150, 0).edges
    np.testing.assert_array_equal(spy.y, task.solution.optimal[edges])
    rules = [atoms_of(task.game, task.graph).rule_edges(rule) for rule in policy.rules]
    predicted = spy.model.predict(spy.table, feature_names=list(range(spy.table.shape[1])))
    np.testing.assert_array_equal(np.isin(edges, np.concatenate(rules)), predicted)
    assert policy.size > 1


def test_ripper_leaves_the_global_generator_alone_and_does_not_depend_on_hashes() -> None:
    code = (
        "from policies.baselines.ripper import RipperLearner as L; from policies.task import make_task; t = make_task('tictactoe')\n"
        "*_, policy = L(positions=100, features=20).fit_path(t, [1, 99], 0); print(L().encode(policy, t).hex())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)}
    other = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
    task, learner, before = make_task("tictactoe"), RipperLearner(positions=100, features=20), random.getstate()
    *_, policy = learner.fit_path(task, [1, 99], 0)
    assert random.getstate() == before
    assert learner.encode(policy, task).hex() == other.strip()


@pytest.mark.parametrize("leaves", [2, 8])
def test_points_are_what_scikit_learn_predicts(leaves: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor

    task, spy = make_task("tictactoe"), Spy(monkeypatch, HistGradientBoostingRegressor)
    learner = BoostedLearner(leaves=leaves, resolution=1 << 16)
    *_, policy = learner.fit_path(task, [1, 20], 0)
    assert policy.size == 20
    unit = np.sqrt(np.average(spy.y**2, weights=spy.options["sample_weight"])) / learner.resolution
    assert np.average(spy.y, weights=spy.options["sample_weight"]) == pytest.approx(0, abs=1e-12)  # so the model starts from 0
    points = policy.scores(task)[contested_edges(task)] * unit
    np.testing.assert_allclose(points, spy.model.predict(spy.table), atol=20 * unit)
    assert max(len(list(leaf_values(tree))) for tree in policy.trees) == leaves


def leaf_values(tree: Tree) -> list[int]:
    return [tree] if isinstance(tree, int) else [*leaf_values(tree[1]), *leaf_values(tree[2])]


@cache
def some_atoms(game_id: str) -> dict[Predicate, set[int]]:
    """Atoms of every kind, each with the moves for which it holds."""
    task = make_task(game_id)
    language = make_language("concepts+lookahead+patterns+cells+positions", task.game, task.graph)
    numbers = np.linspace(0, language.n_predicates - 1, 60).astype(int).tolist()
    return {language.predicate(number): set(language.edges(number).tolist()) for number in numbers}


@st.composite
def trees(draw: st.DrawFn, game_id: str, depth: int = 4, is_root: bool = True) -> Tree:
    if depth == 0 or not (is_root or draw(st.booleans())):
        return draw(st.integers(-5000, 5000))
    sides = [draw(trees(game_id, depth - 1, False)) for _ in range(2)]
    return draw(st.sampled_from([*some_atoms(game_id)])), sides[0], sides[1]


@pytest.mark.parametrize("game_id", ["tictactoe", "nim-3-4-5"])
def test_trees_are_written_read_and_summed_as_they_stand(game_id: str) -> None:
    task, learner, holds = make_task(game_id), BoostedLearner(), some_atoms(game_id)

    def points(tree: Tree, edge: int) -> int:
        return tree if isinstance(tree, int) else points(tree[1] if edge in holds[tree[0]] else tree[2], edge)

    @given(st.lists(trees(game_id), max_size=4))
    @settings(max_examples=40, deadline=None, derandomize=True)
    def check(forest: list[Tree]) -> None:
        policy = Ensemble(tuple(forest))
        assert learner.decode(learner.encode(policy, task), task) == policy
        expected = [sum(points(tree, edge) for tree in forest) for edge in range(task.graph.n_edges)]
        np.testing.assert_array_equal(policy.scores(task), expected)

    check()


@st.composite
def formulas(draw: st.DrawFn, game_id: str, depth: int = 4) -> tuple[Symbol, ...]:
    if depth == 0 or draw(st.booleans()):
        return (draw(st.sampled_from([*some_atoms(game_id), *CONSTANTS])),)
    name = draw(st.sampled_from([*OPERATORS]))
    return (name, *(symbol for _ in range(OPERATORS[name][1]) for symbol in draw(formulas(game_id, depth - 1))))


@pytest.mark.parametrize("game_id", ["tictactoe", "nim-3-4-5"])
def test_formulas_are_written_read_and_evaluated_as_they_stand(game_id: str) -> None:
    """Against Python's own numbers, and against the text of `explain` as Python reads it."""
    task, learner, holds = make_task(game_id), SymbolicLearner(), some_atoms(game_id)
    twins = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "min": min, "max": max, "neg": operator.neg}

    def value(symbols: list[Symbol], edge: int) -> float:
        symbol = symbols.pop(0)
        if isinstance(symbol, str):
            return float(twins[symbol](*[value(symbols, edge) for _ in range(OPERATORS[symbol][1])]))
        return float(edge in holds[symbol]) if isinstance(symbol, tuple) else symbol

    @given(formulas(game_id))
    @settings(max_examples=60, deadline=None, derandomize=True)
    def check(symbols: tuple[Symbol, ...]) -> None:
        policy = Formula(symbols)
        assert learner.decode(learner.encode(policy, task), task) == policy
        scores = policy.scores(task)
        text = learner.explain(policy, task).lead.partition(": ")[2].replace("−", "-").replace("×", "*")
        for edge in range(0, task.graph.n_edges, 97):
            assert scores[edge] == value([*symbols], edge)
            names = {f"a{i}": float(edge in holds[atom]) for i, atom in enumerate(policy.used, start=1)}
            assert scores[edge] == eval(text, {"min": min, "max": max, **names})

    check()


def test_the_fitness_of_a_formula_is_its_share_of_the_regret_of_random_play() -> None:
    task, learner = make_task("tictactoe"), SymbolicLearner(positions=10_000, population=60, generations=3)
    best = learner._best_by_size(task, 0)
    assert len(best) > 10
    for size, (fitness, formula) in best.items():
        assert formula.size == size
        assert residual(task, formula) == pytest.approx(fitness, abs=1e-12)
    budgets = [2, 5, 9]
    found = list(learner.fit_path(task, budgets, 0))
    for least, most, policy in zip([0, *budgets], budgets, found, strict=False):
        assert residual(task, policy) == pytest.approx(min(best[size][0] for size in best if least < size <= most))


@pytest.mark.parametrize("only_gaining", [False, True])
def test_every_rule_in_random_order_decides_somewhere(only_gaining: bool) -> None:
    task, learner = make_task("go-3x3"), RandomOrderLearner(only_gaining=only_gaining)
    policies = list(learner.fit_path(task, range(1, 10_000), 0))
    assert [policy.size for policy in policies] == list(range(1, len(policies) + 1))
    assert len(tidy(policies[-1], task).rules) == len(policies)
    residuals = [1.0, *(residual(task, policy) for policy in policies)]
    rises = np.diff(residuals) > -1e-13
    assert rises.any() != only_gaining
    assert policies[-1].rules != next(iter(learner.fit_path(task, [len(policies)], 1))).rules
