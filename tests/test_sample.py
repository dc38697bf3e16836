"""Samples of positions: what is drawn, the open graph of their moves, and their exact solution by an oracle."""

import numpy as np
import pytest

from games.contract import same_board
from games.errors import UsageError, WorkError
from games.go_large.solve import solve_large
from games.registry import make_game
from games.rules.go import KO_SHIFT, MAX_CELLS, PASS_SHIFT, Go
from games.solving.oracle import GraphOracle, solve_sample
from games.solving.sample import draw_states, sample_graph
from games.solving.store import load_truth
from policies.position_weights import position_weights


@pytest.mark.parametrize("size", ["1x5", "2x2", "2x3", "2x4", "3x3"])
def test_go_draws_every_position_and_each_as_often_as_any_other(size: str) -> None:
    """Chi-squared over all positions of the enumerated graph, with seeds that share no random board."""
    game = make_game(f"go-{size}")
    graph, _ = load_truth(game)
    positions = graph.states[graph.positions]
    n = len(positions) // 3 + 1
    drawn = np.concatenate([game.draw_states(n, seed) for seed in range(300)])
    counts = np.bincount(np.searchsorted(np.sort(positions), drawn), minlength=len(positions))
    assert np.isin(drawn, positions).all()
    share = n / len(positions)
    chi_squared = ((counts - 300 * share) ** 2 / (300 * share * (1 - share))).sum()  # each count is binomial(300, share)
    assert abs(chi_squared - len(positions)) < 5 * np.sqrt(2 * len(positions))


def test_the_same_seed_draws_the_same_and_a_larger_draw_holds_the_smaller() -> None:
    for game_id in ("go-3x4", "hex-3"):
        game = make_game(game_id)
        few, many = draw_states(game, 50, 7), draw_states(game, 80, 7)
        assert few.tolist() == many[:50].tolist()
        assert few.tolist() != draw_states(game, 50, 8).tolist()


def test_more_than_there_are_cannot_be_drawn() -> None:
    with pytest.raises(WorkError, match=r"tictactoe has 627 positions, not 628: ask for fewer"):  # 765 states less 138 final ones
        draw_states(make_game("tictactoe"), 628, 0)
    assert len(np.unique(draw_states(make_game("tictactoe"), 627, 0))) == 627


def test_an_open_graph_holds_the_moves_of_its_positions_and_says_how_deep() -> None:
    """Against the closed graph, walked by hand."""
    game = make_game("go-2x3")
    closed, solution = load_truth(game)
    states = draw_states(game, 40, 0)
    number = {state: i for i, state in enumerate(closed.states.tolist())}

    def moves(place: int) -> list[tuple[int, int]]:
        edges = slice(closed.edge_start[place], closed.edge_start[place + 1])
        children = closed.states[closed.edge_child[edges]]
        return list(zip(closed.edge_action[edges].tolist(), children.tolist(), strict=True))

    for plies in (1, 2, 3):
        graph = sample_graph(game, states, plies)
        assert graph.positions.tolist() == list(range(40))
        assert not graph.is_closed
        depth = dict.fromkeys(states.tolist(), 0)
        for ply in range(plies):
            for state in [state for state, at in depth.items() if at == ply]:
                for _, child in moves(number[state]):
                    depth.setdefault(child, ply + 1)
        assert set(graph.states.tolist()) == set(depth)
        for i, state in enumerate(graph.states.tolist()):
            edges = slice(graph.edge_start[i], graph.edge_start[i + 1])
            found = list(zip(graph.edge_action[edges].tolist(), graph.states[graph.edge_child[edges]].tolist(), strict=True))
            assert found == (moves(number[state]) if depth[state] < plies else [])
            assert graph.terminal[i] == closed.terminal[number[state]]
            assert graph.payoff[i] == closed.payoff[number[state]]
        inside = {i for i, state in enumerate(graph.states.tolist()) if depth[state] == plies and not closed.terminal[number[state]]}
        assert set(graph.frontier.tolist()) == inside
        solved = solve_sample(graph, GraphOracle(closed, solution))
        places = [number[state] for state in graph.states.tolist()]
        assert solved.value.tolist() == solution.value[places].tolist()


def test_a_graph_says_who_needs_more_than_it_has() -> None:
    game = make_game("tictactoe")
    graph = sample_graph(game, draw_states(game, 5, 0), 2)
    graph.require(2, "lookahead-2")
    for plies, needs in (
        (3, "lookahead-4 needs 3 plies ahead of each position"),
        (None, "lookahead-4 needs every state that play can reach"),
    ):
        with pytest.raises(UsageError, match=f"{needs}; this sample of tictactoe has 2: leave it out, or choose a smaller board"):
            graph.require(plies, "lookahead-4")
    load_truth(game)[0].require(None, "anybody")


def test_weights_of_an_open_graph_are_those_of_its_positions() -> None:
    game = make_game("go-2x3")
    closed, solution = load_truth(game)
    graph = sample_graph(game, draw_states(game, 10, 0), 2)
    solved = solve_sample(graph, GraphOracle(closed, solution))
    assert position_weights(graph, solved).tolist() == [0.1] * 10 + [0.0] * (graph.n_states - 10)
    with pytest.raises(UsageError, match="weights play needs every state that play can reach"):
        position_weights(graph, solved, "play")


def test_the_table_of_the_large_solver_is_an_oracle_too() -> None:
    game = Go(3, 3)
    closed, solution = load_truth(game)
    graph = sample_graph(game, game.draw_states(500, 1), 1)
    by_table, by_graph = solve_sample(graph, solve_large(game).table), solve_sample(graph, GraphOracle(closed, solution))
    for name in ("value", "lower", "upper", "edge_value", "regret"):
        assert getattr(by_table, name).tolist() == getattr(by_graph, name).tolist()


def test_an_oracle_that_contradicts_itself_or_does_not_know_is_told() -> None:
    game = make_game("go-2x3")
    closed, solution = load_truth(game)
    graph = sample_graph(game, draw_states(game, 40, 0))

    class Wrong(GraphOracle):
        def look_up(self, states):
            lower, upper, value = super().look_up(states)
            return lower, upper, value + (np.arange(len(states)) == 0)

    with pytest.raises(WorkError, match=r"the oracle contradicts itself: \d+ positions of go-2x3"):
        solve_sample(graph, Wrong(closed, solution))
    with pytest.raises(WorkError, match="1 of 1 states are none that play of go-2x3 can reach"):
        GraphOracle(closed, solution).look_up(np.array([1], dtype=np.uint64))  # the mover alone has a stone
    with pytest.raises(WorkError, match="1 of 2 states are none that play of go-2x3 can reach"):
        GraphOracle(closed, solution).look_up(np.array([0, 2**64 - 1], dtype=np.uint64))  # beyond all states


def test_a_sample_takes_different_canonical_positions() -> None:
    game = make_game("tictactoe")
    corner, other_corner = np.uint64(1 << 9), np.uint64(1 << 17)
    canonical = min(corner, other_corner)
    for states, message in (
        ([canonical, canonical], "1 stand in it twice"),
        ([max(corner, other_corner)], "1 are not canonical"),
        ([np.uint64(0b111 << 9 | 0b11000)], "1 are (not canonical|final)"),
    ):
        with pytest.raises(UsageError, match=message):
            sample_graph(game, np.array(states, dtype=np.uint64))
    with pytest.raises(UsageError, match="with 0 plies has no moves"):
        sample_graph(game, draw_states(game, 5, 0), 0)


def test_same_board_is_the_stones_up_to_symmetry() -> None:
    game = make_game("go-3x3")
    stones, ko, passed = 1 << 0 | 1 << (MAX_CELLS + 1), np.uint64(5 << KO_SHIFT), np.uint64(1 << PASS_SHIFT)
    turned = 1 << 2 | 1 << (MAX_CELLS + 1)  # mirrored left to right
    states = np.array([stones, turned, stones | int(ko), stones | int(passed), 1 << 4], dtype=np.uint64)
    keys = same_board(game, states)
    assert len(set(keys[:4].tolist())) == 1
    assert keys[4] != keys[0]
    hexes = draw_states(make_game("hex-3"), 9, 0)
    assert same_board(make_game("hex-3"), hexes).tolist() == hexes.tolist()
