"""Decision diagrams: sizes that algebra gives, a plain-Python twin, files that read back, and play."""

import functools
import itertools

import numpy as np
import pytest

from bench.studies.diagrams import build, covering_moves, entry_bits, follow, moves_file, orders, read_diagram, values_file, write_diagram
from games.arrays import Bools
from policies.task import make_task

Answer = int | tuple[int, "Answer", "Answer"]


def all_rows(n: int) -> Bools:
    """All rows of n bits. [2^n, n]"""
    return np.array(list(itertools.product((False, True), repeat=n)))


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_parity_takes_two_nodes_a_bit_and_a_conjunction_one(n: int) -> None:
    """Bryant 1986: parity has one node at the first bit and two at each other, a conjunction one at each."""
    rows = all_rows(n)
    assert len(build(rows, rows.sum(axis=1) % 2, 2).variable) == 2 * n - 1
    assert len(build(rows, rows.all(axis=1).astype(np.int64), 2).variable) == n


def test_a_sum_of_products_grows_with_its_order_as_bryant_found() -> None:
    """x1 x2 + x3 x4 + x5 x6: 6 nodes where partners are neighbours, 14 where they are 3 apart (Bryant 1986, figure 4, without ends)."""
    rows = all_rows(6)
    for order, n_nodes in (((0, 1, 2, 3, 4, 5), 6), ((0, 2, 4, 1, 3, 5), 14)):
        asked = rows[:, np.argsort(order)]
        true = (asked[:, 0] & asked[:, 1]) | (asked[:, 2] & asked[:, 3]) | (asked[:, 4] & asked[:, 5])
        assert len(build(rows, true.astype(np.int64), 2).variable) == n_nodes


@functools.cache
def reduced(rows: tuple[tuple[tuple[bool, ...], int], ...], level: int) -> Answer:
    """The reduced diagram of some rows by recursion, equal parts being equal tuples."""
    parts = [tuple(row for row in rows if row[0][level] == bit) for bit in (False, True)] if level < len(rows[0][0]) else []
    if not parts:
        return rows[0][1]
    answers = [reduced(part, level + 1) for part in parts if part]
    return answers[0] if answers[0] == answers[-1] else (level, answers[0], answers[1])


def nodes(answer: Answer) -> set[Answer]:
    return {answer} | nodes(answer[1]) | nodes(answer[2]) if isinstance(answer, tuple) else set()


@pytest.mark.parametrize("seed", range(8))
def test_partial_tables_have_the_diagram_of_plain_recursion_and_read_back(seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = all_rows(7)[draw.random(128) < draw.choice([0.05, 0.3, 1.0])]
    rows = rows if len(rows) else all_rows(7)[:1]
    leaf = draw.integers(0, 3, len(rows))
    diagram = build(rows, leaf, 3)
    twin = reduced(tuple(zip(map(tuple, rows.tolist()), leaf.tolist(), strict=True)), 0)
    assert len(diagram.variable) == len(nodes(twin))
    assert np.array_equal(follow(diagram, rows), leaf)
    data = write_diagram(diagram)
    again = read_diagram(data, 3)
    assert np.array_equal(follow(again, rows), leaf)
    assert write_diagram(again) == data


def test_the_file_of_moves_plays_optimally_everywhere() -> None:
    task = make_task("go-2x3")
    graph, file = task.graph, moves_file(task)
    optimal = {(int(graph.edge_parent[edge]), int(graph.edge_action[edge])) for edge in np.flatnonzero(task.solution.optimal)}
    bits = entry_bits(task.game, graph, dict(orders(task.game))[file.order])
    chosen = follow(read_diagram(file.data, task.game.n_actions), bits)
    assert all(pair in optimal for pair in zip(graph.positions.tolist(), chosen.tolist(), strict=True))
    assert np.array_equal(chosen, covering_moves(task))


def test_the_file_of_values_has_them() -> None:
    task = make_task("go-2x3")
    graph, file, values = task.graph, values_file(task), task.solution.value[task.graph.positions]
    distinct = sorted(set(values.tolist()))
    bits = entry_bits(task.game, graph, dict(orders(task.game))[file.order])
    found = follow(read_diagram(file.data, len(distinct)), bits)
    assert [distinct[leaf] for leaf in found.tolist()] == values.tolist()


@pytest.mark.parametrize("game", ["tictactoe", "go-2x3", "nim-2-3-4", "breakthrough-3x3"])
def test_the_bits_of_every_order_tell_all_positions_apart(game: str) -> None:
    task = make_task(game)
    for _, entries in orders(task.game):
        assert sorted(entries) == list(range(len(task.game.cell_levels())))
        assert len(np.unique(entry_bits(task.game, task.graph, entries), axis=0)) == len(task.graph.positions)
