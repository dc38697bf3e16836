"""Proof search for Go: its moves against the rules, its claims of life and its bounds against tables and graphs."""

from pathlib import Path

import numpy as np
import pytest

from games.arrays import Int16s, Int64s
from games.contract import States
from games.go_large.table import Table, table_path
from games.jit import njit
from games.proof.go import GoProver
from games.proof.go_board import Grid, canonical, count, make_grid, margin, move, swap
from games.proof.go_life import kept_points, new_scratch
from games.registry import make_game
from games.rules.go import MAX_CELLS, PASS_SHIFT, STONES, Go, ko_points, passes
from games.solving.store import load_truth, read_arrays
from policies.sampled_task import table_of

VALUES_4X5 = Path(__file__).parent / "tables" / "go-4x5.values"


@njit
def children_of(state: int, ko: int, grid: Grid) -> Int64s:
    """The states after each point (-1 where it is taken, forbidden or suicide), then after the pass."""
    found = np.full(grid.n_cells + 1, -1, dtype=np.int64)
    for point in range(grid.n_cells):
        if not ((state | state >> MAX_CELLS) >> point) & 1 and point != ko:
            found[point] = move(state, 1 << point, grid)
    found[-1] = swap(state) | (((state >> PASS_SHIFT) + 1) << PASS_SHIFT)
    return found


@njit
def claims(states: Int64s, grid: Grid, scratch: Int64s) -> Int64s:
    """How many points the mover keeps who only answers, and the other. [n, 2]"""
    found = np.empty((states.shape[0], 2), dtype=np.int64)
    for i in range(states.shape[0]):
        own, other = states[i] & STONES, (states[i] >> MAX_CELLS) & STONES
        found[i, 0] = count(kept_points(own, other, grid, scratch))
        found[i, 1] = count(kept_points(other, own, grid, scratch))
    return found


def bounds_of(game: Go, states: States, nodes: int) -> tuple[Int16s, Int16s]:
    """Each state proved alone."""
    prover = GoProver(game, table_bits=18)
    found = [prover.prove(states[i : i + 1], nodes) for i in range(len(states))]
    return np.concatenate([bounds.lower for bounds in found]), np.concatenate([bounds.upper for bounds in found])


def mixed_states(game: Go, table: Table, n: int, seed: int) -> States:
    """Random states: some after a pass, some with a ko, and `n // 4` whose value depends on what endless play is worth."""
    drawn = game.draw_states(12 * n, seed)
    lower, upper, _ = table.look_up(drawn)
    cyclic = np.flatnonzero(lower != upper)[: n // 4]
    kos = np.flatnonzero(ko_points(drawn) >= 0)[: n // 8]
    chosen = np.concatenate([cyclic, kos, np.arange(len(drawn))])
    chosen = chosen[np.sort(np.unique(chosen, return_index=True)[1])][:n]
    states = drawn[chosen]
    assert np.count_nonzero(lower[chosen] != upper[chosen]) >= n // 8
    assert np.count_nonzero(ko_points(states) >= 0) >= n // 16
    assert np.count_nonzero(passes(states) == 1) >= n // 40
    return states


@pytest.mark.parametrize("game_id", ["go-3x4", "go-4x4", "go-5x5", "go-1x5"])
def test_moves_areas_and_canonical_states_are_those_of_the_rules(game_id: str) -> None:
    game = make_game(game_id)
    assert isinstance(game, Go)
    grid, states = make_grid(game), game.draw_states(40, 3)
    rules = game.expand(states, fold=False)
    finals: list[int] = []
    for i, state in enumerate(states.tolist()):
        found = children_of(state, int(ko_points(states[i : i + 1])[0]), grid)
        first, last = rules.edge_start[i : i + 2]
        assert np.flatnonzero(found >= 0).tolist() == rules.edge_action[first:last].tolist()
        assert found[found >= 0].tolist() == rules.edge_child[first:last].tolist()
        finals += found[found >> PASS_SHIFT == 2].tolist()
    assert [canonical(child, grid) for child in rules.edge_child.tolist()] == game.fold(rules.edge_child)[0].tolist()
    payoffs = game.expand(np.array(finals, dtype=np.uint64)).payoff.tolist()
    assert [margin(final & STONES, final >> MAX_CELLS & STONES, grid) for final in finals] == payoffs


@pytest.mark.parametrize("game_id", ["go-3x4", pytest.param("go-4x4", marks=pytest.mark.slow)])
def test_no_claim_of_life_is_wrong(game_id: str) -> None:
    """Of all states of the board, by the exact bounds: who keeps k points forces a margin of 2 k - n, whatever endless play is worth."""
    game = make_game(game_id)
    assert isinstance(game, Go)
    if game.board.n_cells <= 12:
        graph, solution = load_truth(game)
        states, lower, upper = graph.states[graph.positions], solution.lower[graph.positions], solution.upper[graph.positions]
    else:
        table = table_of(game)
        states = table.states_at(np.arange(len(table.bounds)))
        lower, upper, _ = table.look_up(states)
    n, grid = game.board.n_cells, make_grid(game)
    mine, theirs = claims(states.astype(np.int64), grid, new_scratch()).T
    ended = game.evaluate(states)  # who is to move after a pass may end the game instead
    assert np.count_nonzero(mine) + np.count_nonzero(theirs) > {"go-3x4": 1_000, "go-4x4": 100_000}[game_id]
    assert (lower >= 2 * mine - n)[mine > 0].all()
    limit = np.where(passes(states) == 1, np.maximum(ended, n - 2 * theirs), n - 2 * theirs)
    assert (upper <= limit)[theirs > 0].all()


def check_against_table(n: int, seed: int, nodes: int) -> None:
    game = Go(4, 4)
    table = table_of(game)
    states = mixed_states(game, table, n, seed)
    lower, upper = bounds_of(game, states, nodes)
    value = table.look_up(states)[2]
    assert (lower <= value).all()
    assert (value <= upper).all()
    assert np.count_nonzero(lower == upper) > 0.97 * n


def test_bounds_of_4x4_hold_the_values_of_the_table() -> None:
    check_against_table(200, 5, 200_000)


@pytest.mark.slow
def test_bounds_of_10_000_states_of_4x4_hold_the_values_of_the_table() -> None:
    check_against_table(10_000, 6, 200_000)


def check_against_4x5(places: Int64s, nodes: int) -> None:
    """Values of states of 4x5 that its table told; the file says how it was made."""
    _, arrays = read_arrays(VALUES_4X5)
    states, value = arrays["states"][places], arrays["value"][places]
    lower, upper = bounds_of(Go(4, 5), states, nodes)
    assert (lower <= value).all()
    assert (value <= upper).all()
    assert np.count_nonzero(lower == upper) > 0.9 * len(places)


def test_bounds_of_4x5_hold_the_values_of_the_table() -> None:
    check_against_4x5(np.random.default_rng(7).permutation(2_000)[:30], 100_000)


@pytest.mark.slow
def test_bounds_of_2_000_states_of_4x5_hold_the_values_of_the_table() -> None:
    check_against_4x5(np.arange(2_000), 200_000)


@pytest.mark.slow
def test_the_values_of_4x5_are_those_of_its_table() -> None:
    """It takes the table, which `gaincurve solve go-4x5 --keep` keeps."""
    game = Go(4, 5)
    if not table_path(game).exists():
        pytest.skip("the table of go-4x5 is not kept here")
    _, arrays = read_arrays(VALUES_4X5)
    states = arrays["states"]
    assert states.tolist() == game.draw_states(2_000, 45).tolist()
    assert [column.tolist() for column in table_of(game).look_up(states)] == [arrays[name].tolist() for name in ("lower", "upper", "value")]
    assert np.count_nonzero(arrays["lower"] != arrays["upper"]) == 52  # values that depend on what endless play is worth


@pytest.mark.parametrize("nodes", [0, 1, 3, 10, 50, 300])
def test_bounds_are_sound_wherever_the_search_stops(nodes: int) -> None:
    game = Go(3, 3)
    graph, solution = load_truth(game)
    states, value = graph.states[graph.positions][:600], solution.value[graph.positions][:600]
    bounds = GoProver(game, table_bits=6).prove(states, nodes)  # a table of 64 states, so that most of what is found is lost again
    assert (bounds.lower <= value).all()
    assert (value <= bounds.upper).all()
    assert (bounds.nodes <= nodes).all()


def test_all_states_of_3x3_and_their_ends_are_exact() -> None:
    game = Go(3, 3)
    graph, solution = load_truth(game)
    bounds = GoProver(game).prove(graph.states, 1_000_000)
    assert bounds.lower.tolist() == bounds.upper.tolist() == solution.value.tolist()


def test_bounds_of_a_position_of_5x5_and_of_its_moves_agree() -> None:
    """A position is worth what its best move is, so bounds that were found apart must leave room for one value."""
    game = Go(5, 5)
    states, prover, n_exact = game.draw_states(10, 21), GoProver(game, table_bits=18), 0
    for i in range(len(states)):
        whole, moves = prover.prove(states[i : i + 1], 20_000), prover.prove(game.expand(states[i : i + 1]).edge_child, 3_000)
        assert whole.lower[0] <= -moves.lower.min()
        assert -moves.upper.min() <= whole.upper[0]
        n_exact += int(whole.lower[0] == whole.upper[0])
    assert n_exact >= 5


def test_the_same_question_has_the_same_answer_again() -> None:
    game = Go(5, 5)
    states, prover = game.draw_states(12, 8), GoProver(game)
    first = prover.prove(states, 2_000)
    prover.prove(states[::-1], 500)
    again = prover.prove(states, 2_000)
    assert [one.tolist() for one in first] == [one.tolist() for one in again]
    assert (first.lower != first.upper).any()  # else a stop would not have been tried
