"""Smallest never-losing tables: they never lose, and brute force finds no smaller one. Published sizes are in test_facts.py."""

from collections.abc import Callable
from itertools import product
from typing import Literal

import numpy as np
import pytest

from games.errors import UsageError, WorkError
from games.solving.graph import GameGraph
from policies.tables.smallest import smallest_never_losing_table
from tests.support.truth import Solved

Elsewhere = Literal["never", "any move"]


def follow(graph: GameGraph, seat: int, moves: dict[int, int]) -> tuple[bool, set[int]]:
    """Whether a player who follows the table, and elsewhere plays any move, can lose; and the own positions without an entry."""
    seen, pending, missing, loses = set(), [(0, seat == 0)], set(), False
    while pending:
        state, own = pending.pop()
        if (state, own) in seen:
            continue
        seen.add((state, own))
        loses |= bool(graph.payoff[state] * (1 if own else -1) < 0)
        edges = list(range(graph.edge_start[state], graph.edge_start[state + 1]))
        if own and state in moves:
            assert moves[state] in edges
            edges = [moves[state]]
        elif own and edges:
            missing.add(state)
        pending += [(int(graph.edge_child[edge]), not own) for edge in edges]
    return loses, missing


@pytest.mark.parametrize("elsewhere", ["never", "any move"])
@pytest.mark.parametrize(
    ("game_id", "seat"), [("tictactoe", 0), ("tictactoe", 1), ("go-2x3", 0), ("go-2x3", 1), ("go-2x2", 1), ("nim-3-4-5", 0)]
)
def test_who_follows_the_table_never_loses(game_id: str, seat: int, elsewhere: Elsewhere, solved: Callable[[str], Solved]) -> None:
    _, graph, solution = solved(game_id)
    for cost in ("entries", "bits"):
        table = smallest_never_losing_table(graph, solution, seat, cost=cost, elsewhere=elsewhere)
        loses, missing = follow(graph, seat, table.moves)
        assert table.proved
        assert not loses
        assert not missing or elsewhere == "any move"
        assert table.bits == pytest.approx(sum(np.log2(graph.n_moves[state]) for state in table.moves))


@pytest.mark.parametrize("elsewhere", ["never", "any move"])
@pytest.mark.parametrize(
    ("game_id", "seat"), [("nim-1-2", 0), ("nim-2-2", 1), ("nim-1-1-1-1", 1), ("nim-1-2-2", 0), ("go-1x2", 0), ("go-1x2", 1)]
)
def test_brute_force_finds_no_smaller_table(game_id: str, seat: int, elsewhere: Elsewhere, solved: Callable[[str], Solved]) -> None:
    _, graph, solution = solved(game_id)
    choices = [[None, *range(graph.edge_start[s], graph.edge_start[s + 1])] for s in graph.positions]
    sizes = []
    for chosen in product(*choices):
        moves = {int(s): int(edge) for s, edge in zip(graph.positions, chosen, strict=True) if edge is not None}
        loses, missing = follow(graph, seat, moves)
        if not loses and (elsewhere == "any move" or not missing):
            sizes.append((len(moves), sum(float(np.log2(graph.n_moves[s])) for s in moves)))
    table = smallest_never_losing_table(graph, solution, seat, elsewhere=elsewhere)
    assert table.n_entries == min(n for n, _ in sizes)
    assert smallest_never_losing_table(graph, solution, seat, cost="bits", elsewhere=elsewhere).bits == pytest.approx(
        min(b for _, b in sizes)
    )


def test_a_player_who_must_lose_has_no_such_table(solved: Callable[[str], Solved]) -> None:
    _, graph, solution = solved("go-3x3")
    with pytest.raises(WorkError, match="loses against best play"):
        smallest_never_losing_table(graph, solution, 1)
    with pytest.raises(UsageError, match="seat 2"):
        smallest_never_losing_table(graph, solution, 2)
