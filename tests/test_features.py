"""The atoms of a language as a matrix: every cell against the language, and the choice of atoms against variances taken naively."""

import dataclasses
import itertools

import numpy as np
import pytest

from policies.language.features import Features, contested_edges, make_features
from policies.language.language import Language, make_language
from policies.task import make_task

GAMES = ["tictactoe", "nim-3-4-5", "go-2x3"]


def features(game_id: str, name: str = "concepts+patterns", most: int | None = None) -> tuple[Language, Features]:
    task = make_task(game_id)
    language = make_language(name, task.game, task.graph)
    return language, make_features(task, language, most)


@pytest.mark.parametrize("game_id", GAMES)
def test_a_cell_of_the_matrix_says_whether_the_atom_holds(game_id: str) -> None:
    language, found = features(game_id)
    matrix = found.dense()
    assert matrix.shape == (len(found.edges), len(found.numbers))
    for column, number in enumerate(found.numbers.tolist()):
        np.testing.assert_array_equal(matrix[:, column] == 1, np.isin(found.edges, language.edges(number)))
    np.testing.assert_array_equal(found.sparse().toarray(), matrix)


@pytest.mark.parametrize("game_id", GAMES)
def test_rows_are_the_moves_of_positions_where_the_choice_matters(game_id: str) -> None:
    task = make_task(game_id)
    graph, rows = task.graph, set(contested_edges(task).tolist())
    assert len(rows) == len(features(game_id)[1].edges)
    for state in graph.positions.tolist():
        moves = range(int(graph.edge_start[state]), int(graph.edge_start[state + 1]))
        matters = len({int(task.solution.edge_value[edge]) for edge in moves}) > 1
        assert all((edge in rows) == matters for edge in moves)


@pytest.mark.parametrize("game_id", GAMES)
def test_no_two_features_are_equal_and_every_other_atom_equals_an_earlier_one(game_id: str) -> None:
    language, found = features(game_id)
    by_rows = {bytes(column): number for column, number in zip(found.dense().T.copy(), found.numbers.tolist(), strict=True)}
    assert len(by_rows) == len(found.numbers)
    for number in range(language.n_predicates):
        column = np.isin(found.edges, language.edges(number))
        assert column.all() or not column.any() or by_rows[bytes(column.astype(np.uint8))] <= number


@pytest.mark.parametrize("game_id", GAMES)
def test_the_atoms_kept_are_those_whose_split_removes_most_variance(game_id: str) -> None:
    task = make_task(game_id)
    _, everything = features(game_id)
    parent = task.graph.edge_parent[everything.edges]
    regret = task.solution.regret[everything.edges].astype(float)
    for state in np.unique(parent):
        regret[parent == state] -= regret[parent == state].mean()
    removed = []
    for column in everything.dense().T == 1:
        left = sum(regret[part].var() * part.sum() for part in (column, ~column))
        removed.append(regret.var() * len(regret) - left)
    for most in (1, 2, 5):
        _, kept = features(game_id, most=most)
        chosen = np.isin(everything.numbers, kept.numbers)
        assert chosen.sum() == min(most, len(removed))
        assert min(np.array(removed)[chosen]) >= max(np.array(removed)[~chosen], default=-np.inf) - 1e-9


def test_positions_without_weight_have_no_rows() -> None:
    task = make_task("tictactoe")
    kept = set(np.unique(task.graph.edge_parent[contested_edges(task)])[:3].tolist())
    weights = np.isin(np.arange(task.graph.n_states), list(kept)) / 3
    pointed = dataclasses.replace(task, weights=weights)
    assert set(task.graph.edge_parent[contested_edges(pointed)].tolist()) == kept


def test_other_moves_can_be_asked_for() -> None:
    task = make_task("go-2x3")
    language = make_language("concepts", task.game, task.graph)
    found = make_features(task, language, edges=np.arange(task.graph.n_edges))
    for column, number in enumerate(found.numbers.tolist()):
        np.testing.assert_array_equal(np.flatnonzero(found.dense()[:, column]), language.edges(number))
    assert all(before < after for before, after in itertools.pairwise(found.numbers.tolist()))
