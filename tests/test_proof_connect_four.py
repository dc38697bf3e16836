"""Proved values of Connect Four positions: against solved boards, Pons's scored positions, bitbully, and plain rules.

The positions in tests/connect4_pons are the sets Test_L3_R1, Test_L2_R1 and Test_L1_R1 of Pascal Pons, "Solving Connect 4: how to build a
perfect AI" (2015), as copied under the MIT licence that lies beside them. A line holds the columns played, and a score that is positive
where the mover wins, 0 for a draw.
"""

from pathlib import Path

import numpy as np
import pytest

from games.arrays import Int64s
from games.contract import States
from games.proof.connect_four import has_four, make_standing, prover, winning_cells
from games.registry import make_game
from games.rules.connect_four import ConnectFour, make
from games.solving.store import load_truth

PONS = Path(__file__).parent / "connect4_pons"
NODES = 10**8


def play(game: ConnectFour, columns: str) -> int:
    """The state after stones in columns that are counted from 1, not folded."""
    state = game.start()
    for column in columns:
        expansion = game.expand(np.array([state], dtype=np.uint64), fold=False)
        state = int(expansion.edge_child[expansion.edge_action % game.columns == int(column) - 1][0])
    return state


def read_positions(name: str) -> tuple[list[str], States, Int64s]:
    """The lines of a set: columns, states, and who wins."""
    game = make("6x7")
    lines = [line.split() for line in (PONS / f"{name}.txt").read_text().splitlines()]
    states = np.array([play(game, columns) for columns, _ in lines], dtype=np.uint64)
    return [columns for columns, _ in lines], states, np.sign(np.array([int(score) for _, score in lines]))


@pytest.mark.parametrize("size", ["3x4", "4x4", "5x3", "3x5", *(pytest.param(size, marks=pytest.mark.slow) for size in ("4x5", "5x4"))])
def test_states_of_a_solved_board_have_their_values(size: str) -> None:
    """Boards with odd and with even columns, where the rules of follow-up differ. All states, of boards with more 50,000 random ones."""
    graph, solution = load_truth(make_game(f"connect_four-{size}"))
    chosen = np.random.default_rng(0).permutation(graph.n_states)[:50_000]
    bounds = prover(make(size)).prove(graph.states[chosen], NODES)
    assert bounds.lower.tolist() == solution.value[chosen].tolist()
    assert bounds.upper.tolist() == solution.value[chosen].tolist()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["end-easy", "middle-easy", "begin-easy"])
def test_the_winners_of_scored_positions_are_right(name: str) -> None:
    _, states, winners = read_positions(name)
    bounds = prover(make("6x7")).prove(states, NODES)
    assert len(states) == 1000
    assert bounds.lower.tolist() == winners.tolist()
    assert bounds.upper.tolist() == winners.tolist()


@pytest.mark.slow
def test_bitbully_finds_the_same_winners() -> None:
    """BitBully (AGPL, the extra `connect4`) without its opening books, on games of random moves."""
    bitbully = pytest.importorskip("bitbully", reason="needs bitbully: install the extra `connect4`")
    agent, game, rng = bitbully.BitBully(opening_book=None), make("6x7"), np.random.default_rng(5)
    lines: list[str] = []
    scores: list[int] = []
    while len(lines) < 300:
        board, line = bitbully.Board(), ""
        for _ in range(int(rng.integers(14, 25))):
            column = int(rng.choice(board.legal_moves()))
            board.play(column)
            line += str(column + 1)
            if board.is_game_over():
                break
        else:
            lines.append(line)
            scores.append(agent.negamax(board))
    bounds = prover(game).prove(np.array([play(game, line) for line in lines], dtype=np.uint64), NODES)
    assert bounds.lower.tolist() == np.sign(scores).tolist() == bounds.upper.tolist()
    assert {-1, 0, 1} == set(bounds.lower.tolist())


@pytest.mark.parametrize("nodes", [1, 10, 100, 1000])
def test_a_search_that_stops_leaves_sound_bounds(nodes: int) -> None:
    states, winners = read_positions("begin-easy")[1:]
    bounds = prover(make("6x7")).prove(states[:60], nodes)
    assert (bounds.lower <= winners[:60]).all()
    assert (bounds.upper >= winners[:60]).all()
    assert (bounds.nodes <= nodes).all()
    assert (bounds.lower < bounds.upper).any()


def test_the_same_question_has_the_same_answer_whatever_was_asked_before() -> None:
    states = read_positions("middle-easy")[1]
    asked, fresh = prover(make("6x7")), prover(make("6x7"))
    asked.prove(states[:50], NODES)
    again, first = asked.prove(states[50:60], 500), fresh.prove(states[50:60], 500)
    assert [part.tolist() for part in again] == [part.tolist() for part in first]


def test_mirrored_positions_have_the_same_value() -> None:
    columns, states, _ = read_positions("middle-easy")
    mirrored = np.array([play(make("6x7"), line.translate(str.maketrans("1234567", "7654321"))) for line in columns[:100]], dtype=np.uint64)
    asked = prover(make("6x7"))
    assert asked.prove(states[:100], NODES).lower.tolist() == asked.prove(mirrored, NODES).lower.tolist()


def test_lines_of_four_are_those_that_are_counted_out() -> None:
    """Against every line of four, listed cell by cell, on columns filled at random."""
    rows, columns = 6, 7
    board = make_standing(rows, columns)
    place = {(row, column): column * (rows + 1) + row for row in range(rows) for column in range(columns)}
    steps = ((0, 1), (1, 0), (1, 1), (1, -1))
    runs = [[(row + i * down, column + i * right) for i in range(4)] for row, column in place for down, right in steps]
    lines = [sum(1 << place[cell] for cell in run) for run in runs if all(cell in place for cell in run)]
    assert len(lines) == 69  # 24 flat, 21 upright, 24 slanting
    rng = np.random.default_rng(0)
    for _ in range(300):
        heights = rng.integers(0, rows + 1, size=columns)
        taken = sum(1 << cell for (row, column), cell in place.items() if row < heights[column])
        own = sum(1 << cell for cell in place.values() if taken >> cell & 1 and rng.random() < 0.6)
        assert has_four(own, board) == any(own & line == line for line in lines)
        expected = {cell for cell in place.values() for line in lines if not taken >> cell & 1 and line & ~own == 1 << cell}
        assert winning_cells(own, taken, board) == sum(1 << cell for cell in expected)
