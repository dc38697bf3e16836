"""The minimax program of bench/studies/minimax.py: its size, what it visits, and that it plays perfectly."""

import functools
import zlib
from collections.abc import Callable
from typing import Any

from bench.studies.minimax import PROGRAM
from tests.support.truth import FACTS, Solved


def program() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(PROGRAM, names)
    return names


def test_the_program_is_no_longer_than_the_shortest_known_before() -> None:
    n_bytes = len(zlib.compress(PROGRAM.encode(), level=9))
    assert n_bytes <= 120  # 117 with zlib 1.3; another implementation may need a little more
    assert n_bytes <= FACTS["tictactoe"]["minimax_program"]["bytes"]


def test_it_visits_every_line_of_play_from_the_empty_board() -> None:
    names, n_visited = program(), 0
    search = names["m"]

    def count(own: int, other: int) -> list[int]:
        nonlocal n_visited
        n_visited += 1
        return list(search(own, other))

    names["m"] = count
    assert count(0, 0)[0] == 0
    assert n_visited == FACTS["tictactoe"]["nodes"]


def test_it_finds_the_value_and_an_optimal_move_at_every_position(solved: Callable[[str], Solved]) -> None:
    game, graph, solution = solved("tictactoe")
    names = program()
    names["m"] = functools.cache(names["m"])
    for state, cells in enumerate(game.cells(graph.states).tolist()):
        own, other = (sum(1 << 4 * (i // 3) + i % 3 for i in range(9) if cells[i] == side) for side in (1, 2))
        value, *best = names["m"](own, other)
        assert value == solution.value[state]
        assert bool(best) == (not graph.terminal[state])
        if best:
            action = best[0] // 4 * 3 + best[0] % 4
            (edge,) = (e for e in range(graph.edge_start[state], graph.edge_start[state + 1]) if graph.edge_action[e] == action)
            assert solution.optimal[edge]
