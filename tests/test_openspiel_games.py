"""OpenSpiel's games as games of ours, and our policies as its: both ways are judged by OpenSpiel itself."""

from random import Random
from typing import Any

import numpy as np
import pyspiel
import pytest
from open_spiel.python.algorithms import expected_game_score, exploitability

from bench.measures.expected_scores import results
from games.conformance.check import check_game
from games.errors import GaincurveError, UsageError, WorkError
from games.registry import make_game
from games.rules import openspiel_walk
from games.rules.openspiel import OpenSpielGame, load_reference
from games.rules.openspiel_walk import walk
from policies.adapters.openspiel import GraphPolicy
from policies.api import Task, action_probabilities, uniform_probabilities
from policies.language.atoms import atoms_of
from policies.language.patterns import WINDOWS
from policies.registry import make_learner
from policies.task import make_task

NIM, CLOBBER = "openspiel:nim(pile_sizes=1;2;3)", "openspiel:clobber(columns=3,rows=3)"
CONNECT, HEX = "openspiel:connect_four(columns=3,rows=3,x_in_row=3)", "openspiel:hex(board_size=3)"
BREAKTHROUGH, TICTACTOE = "openspiel:breakthrough(columns=3,rows=4)", "openspiel:tic_tac_toe"
GAMES = [NIM, CLOBBER, CONNECT, HEX, BREAKTHROUGH, TICTACTOE]


def game_of(game_id: str) -> OpenSpielGame:
    game = make_game(game_id)
    assert isinstance(game, OpenSpielGame)
    return game


def fitted(game_id: str, learner: str, budget: int) -> tuple[Task, np.ndarray[Any, Any]]:
    """A task, and the probability on every edge of a policy fitted on it."""
    task = make_task(game_id)
    policy = list(make_learner(learner).fit_path(task, [budget], 0))[-1]
    return task, action_probabilities(task.graph, policy.scores(task))


@pytest.mark.parametrize("game_id", GAMES)
def test_the_contract_holds(game_id: str) -> None:
    names = check_game(make_game(game_id))
    assert {"cells", "planes", "pictures", "cycles", "estimate", "batches"} <= set(names)
    assert ("folding" in names) == (game_id != NIM)


@pytest.mark.parametrize("game_id", GAMES)
def test_random_games_run_in_step_with_openspiel(game_id: str) -> None:
    game, random = game_of(game_id), Random(1)
    reference = pyspiel.load_game(game.text)
    for _ in range(40):
        theirs, ours = reference.new_initial_state(), game.start()
        while True:
            expansion = game.expand(np.array([ours], dtype=np.uint64))
            assert game.render(ours).startswith(str(theirs).rstrip())
            assert bool(expansion.terminal[0]) == theirs.is_terminal()
            if theirs.is_terminal():
                assert int(expansion.payoff[0]) == theirs.returns()[len(theirs.history()) % 2]
                break
            assert expansion.edge_action.tolist() == theirs.legal_actions()
            edge = random.randrange(len(expansion.edge_action))
            theirs.apply_action(int(expansion.edge_action[edge]))
            ours = int(expansion.edge_child[edge])


def test_tictactoe_is_the_game_that_it_is_here_without_folding() -> None:
    folded, unfolded = make_task("tictactoe"), make_task(TICTACTOE)
    assert unfolded.graph.n_states == folded.graph.multiplicity.sum() == 5478  # as in facts.toml
    assert unfolded.solution.value[0] == folded.solution.value[0] == 0
    ours = results(folded.graph, folded.solution, uniform_probabilities(folded.graph))
    theirs = results(unfolded.graph, unfolded.solution, uniform_probabilities(unfolded.graph))
    assert ours.first.uniform == pytest.approx(theirs.first.uniform, abs=1e-12)
    assert ours.exploitability == pytest.approx(theirs.exploitability, abs=1e-12)


def test_the_board_is_found_in_the_observation() -> None:
    tictactoe, breakthrough, connect = game_of(TICTACTOE), game_of(BREAKTHROUGH), game_of(CONNECT)
    assert tictactoe.board is not None
    assert tictactoe.board.action_cell is not None
    assert tictactoe.board.action_cell.tolist() == list(range(9))
    for state in range(0, 5478, 50):
        text, mover = tictactoe.walk.texts[state].replace("\n", ""), tictactoe.walk.mover[state]
        seen = [0 if mark == "." else 1 if mark == "xo"[mover] else 2 for mark in text]
        assert tictactoe.cells(np.array([state], dtype=np.uint64))[0].tolist() == [*seen, mover]
    assert tictactoe.action_name(5) == "(1,2)"  # without the mark of the player, x(1,2) or o(1,2)
    assert breakthrough.board is not None
    assert (breakthrough.board.rows, breakthrough.board.columns) == (4, 3)
    assert breakthrough.cells(np.zeros(1, dtype=np.uint64))[0].tolist() == [1, 1, 1, 0, 0, 0, 0, 0, 0, 2, 2, 2, 0]  # Black, above, begins
    assert connect.board is not None
    assert connect.board.action_cell is not None
    assert (connect.board.action_cell == -1).all()  # a column is no cell
    assert game_of(NIM).board is None


@pytest.mark.parametrize(
    ("game_id", "turns"),
    [
        (TICTACTOE, (0, 1, 2, 3, 4, 5, 6, 7)),
        (HEX, (0, 3)),  # the two players join different sides: half a turn, and no reflection
        (CONNECT, (0, 2)),  # stones fall
        (BREAKTHROUGH, (0, 2)),  # stones march
    ],
)
def test_windows_are_turned_only_as_the_whole_game_can_be(game_id: str, turns: tuple[int, ...]) -> None:
    board = make_game(game_id).board
    assert board is not None
    assert board.window_symmetries == turns


def test_the_patterns_of_tictactoe_are_those_of_the_game_that_it_is_here() -> None:
    ours, theirs = (make_task(game_id) for game_id in ("tictactoe", TICTACTOE))
    codes, other_codes = ([atoms_of(task.game, task.graph).column(name).values for name in WINDOWS] for task in (ours, theirs))
    assert len(codes) == len(other_codes) == 4
    for some, others in zip(codes, other_codes, strict=True):
        assert np.array_equal(some, others)


def test_nim_is_seen_by_its_heaps() -> None:
    game = game_of(NIM)
    heaps = {text.partition(": ")[2] for text in game.walk.texts}
    assert heaps == {f"{a} {b} {c}" for a in range(2) for b in range(3) for c in range(4)}
    task, ours = make_task(NIM), make_task("nim-1-2-3")
    assert task.solution.value[0] == ours.solution.value[0] == -1  # 1 xor 2 xor 3 is 0: Bouton's losing position
    assert task.game.cell_levels()[-4:] == (2, 3, 4, 2)  # each heap, then the player to move


def test_the_walk_is_the_same_each_time_so_that_stored_truth_can_be_read_again() -> None:
    game = game_of(CLOBBER)
    again = walk(game.text, pyspiel.load_game(game.text))
    assert again.texts == game.walk.texts
    assert np.array_equal(again.edge_child, game.walk.edge_child)
    assert make_game("openspiel:clobber(rows=3,columns=3)") == game


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("tictactoe", UsageError, "no game 'tictactoe'; did you mean .*tic_tac_toe"),
        ("", UsageError, "no game ''; write openspiel:tic_tac_toe"),
        ("nim(heaps=3)", UsageError, "Unknown parameter 'heaps'"),
        ("go(board_size=1)", UsageError, "unsupported board size"),
        ("kuhn_poker", UsageError, "has chance in it"),
        ("matching_pennies_3p", UsageError, "does not have two players"),
        ("phantom_ttt", UsageError, "hides something"),
        ("matrix_rps", UsageError, "hides something|at once"),
        ("mancala", WorkError, "a player moves twice in a row, for example after"),
        ("go(board_size=2)", WorkError, "depends on more than the text"),  # superko looks back on all boards so far
    ],
)
def test_other_games_are_refused_in_one_line(
    text: str, kind: type[GaincurveError], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(kind, match=message) as error:
        check_game(make_game(f"openspiel:{text}"))
    assert "\n" not in str(error.value)
    assert capfd.readouterr().err == ""


def test_a_game_that_is_too_large_stops_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openspiel_walk, "MAX_STATES", 100)
    with pytest.raises(WorkError, match="too large to walk: more than 100 states"):
        walk("tic_tac_toe", load_reference("tic_tac_toe"))


@pytest.mark.parametrize(("learner", "budget"), [("uniform", 1), ("table", 12), ("rulelist", 5)])
@pytest.mark.parametrize("game_id", [NIM, CLOBBER, CONNECT])
def test_openspiel_finds_the_same_exploitability_and_results(game_id: str, learner: str, budget: int) -> None:
    task, weights = fitted(game_id, learner, budget)
    policy = GraphPolicy(task, weights)
    found = results(task.graph, task.solution, weights)
    assert exploitability.exploitability(policy.game, policy) == pytest.approx(found.exploitability, abs=1e-12)
    uniform, start = GraphPolicy(task, uniform_probabilities(task.graph)), policy.game.new_initial_state()
    first = expected_game_score.policy_value(start, [policy, uniform])
    second = expected_game_score.policy_value(start, [uniform, policy])
    assert (first[0], second[1]) == pytest.approx((found.first.uniform.payoff, found.second.uniform.payoff), abs=1e-12)


def test_openspiel_finds_the_same_best_response_to_a_rule_list_at_tictactoe() -> None:
    task, weights = fitted(TICTACTOE, "rulelist", 3)
    policy = GraphPolicy(task, weights)
    table: dict[str, list[tuple[int, float]]] = {}
    pending = [policy.game.new_initial_state()]
    while pending:  # OpenSpiel tells the positions of this game apart by the whole line of play
        state = pending.pop()
        if not state.is_terminal():
            moves = policy.action_probabilities(state)
            table[state.information_state_string()] = [*moves.items()]
            pending += [state.child(action) for action in moves]
    assert len(table) == 294_778  # lines of play that are not over; with the 255,168 games of facts.toml 549,946 in all
    theirs_to_judge = pyspiel.TabularPolicy(table)  # named, because the best response holds on to no more than its address
    answer = pyspiel.TabularBestResponse(policy.game, 1, theirs_to_judge)
    theirs = answer.value_from_state(policy.game.new_initial_state())
    assert theirs == pytest.approx(-results(task.graph, task.solution, weights).first.best, abs=1e-12)
    assert theirs > 0


def test_a_policy_on_a_game_of_our_own_is_not_handed_out() -> None:
    task = make_task("nim-1-2")
    with pytest.raises(UsageError, match="nim-1-2 is not a game of OpenSpiel"):
        GraphPolicy(task, uniform_probabilities(task.graph))
