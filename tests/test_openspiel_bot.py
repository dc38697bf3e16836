"""Policies as bots of OpenSpiel: matches that OpenSpiel runs, and every choice against the policy's own, found on the board by hand."""

from collections import Counter
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyspiel
import pytest
from open_spiel.python.algorithms import minimax

import gaincurve
from bench.harness.fitted import FittedPolicy
from games.errors import UsageError
from policies.adapters.openspiel import GraphPolicy
from policies.adapters.openspiel_bot import PolicyBot
from tests.test_openspiel import go_action, go_board, layings, seen_by_mover, tictactoe_board

GO = {"komi": 0.0, "max_game_length": 100_000}


def right_choices(fitted: FittedPolicy, canonical: int, turns: list[list[int]], legal: dict[int, int]) -> list[set[int]]:
    """What the policy may choose under each way to lay the canonical state over the board, in OpenSpiel's numbers.

    `turns` take a cell of the board to one of the canonical state; `legal` are OpenSpiel's legal actions by our cell.
    """
    graph, scores = fitted.task.graph, fitted.scores()
    (at,) = np.flatnonzero(graph.states == canonical)
    edges = range(graph.edge_start[at], graph.edge_start[at + 1])
    found = []
    for turn in turns:
        score = {int(graph.edge_action[edge]): scores[edge] for edge in edges}
        known = {action: score[turn[cell]] for cell, action in legal.items()}
        found.append({action for action, value in known.items() if value == max(known.values())})
    return found


@pytest.mark.parametrize(("learner", "budget"), [("rulelist", 5), ("rulelist:language=cells", 9), ("network:steps=100", 8)])
def test_on_every_board_of_tic_tac_toe_the_bot_chooses_as_the_policy(learner: str, budget: int) -> None:
    fitted = gaincurve.fit("tictactoe", learner, budget)
    bot, game = fitted.bot(), fitted.task.game
    pending, seen = [pyspiel.load_game("tic_tac_toe").new_initial_state()], set()
    while pending:
        state = pending.pop()
        if state.is_terminal() or str(state) in seen:
            continue
        seen.add(str(state))
        board = tictactoe_board(state)
        packed = sum(1 << i + 9 * (owner - 1) for i, owner in enumerate(board) if owner)
        canonical = int(game.fold(np.array([packed], dtype=np.uint64))[0][0])  # type: ignore[attr-defined]
        legal = {cell: cell for cell in range(9) if board[cell] == 0}
        assert set(bot.choices(state)) in right_choices(fitted, canonical, layings(game, canonical, board), legal)
        assert bot.step(state) in bot.choices(state)
        pending += [state.child(action) for action in state.legal_actions()]
    assert len(seen) == 4520  # as in facts.toml: 5,478 positions, 958 of them final


@pytest.mark.parametrize(("size", "n_games", "budget"), [(2, 40, 6), (3, 25, 60)])
def test_in_lockstep_with_games_of_go_the_bot_chooses_as_the_policy(size: int, n_games: int, budget: int) -> None:
    """Our state is followed by our own canonical moves, laid over OpenSpiel's board as it is printed: another way than the bot's."""
    fitted = gaincurve.fit(f"go-{size}x{size}", "rulelist:language=concepts+patterns", budget)
    bot, game, graph, random = fitted.bot(), fitted.task.game, fitted.task.graph, Random(size)
    reference, n_turned = pyspiel.load_game("go", {"board_size": size, **GO}), 0
    for _ in range(n_games):
        state, at = reference.new_initial_state(), 0
        while not state.is_terminal():
            edges = slice(graph.edge_start[at], graph.edge_start[at + 1])
            children = dict(zip(graph.edge_action[edges].tolist(), graph.edge_child[edges].tolist(), strict=True))
            legal = {go_action(state, action, size): action for action in state.legal_actions()}
            board = seen_by_mover(go_board(state, size), len(state.history()))
            turns = [[*turn, size * size] for turn in layings(game, int(graph.states[at]), board)]
            turns = [turn for turn in turns if {turn[cell] for cell in legal} == children.keys()]
            assert set(bot.choices(state)) in right_choices(fitted, int(graph.states[at]), turns, legal)
            n_turned += turns[0][:2] != [0, 1]
            cell = random.choice([*legal])
            state.apply_action(legal[cell])
            at = children[turns[0][cell]]
    assert n_turned > n_games  # most boards lie otherwise than their canonical state


def test_openspiel_referees_a_match_that_perfect_play_never_loses(tmp_path: Path) -> None:
    gaincurve.fit("tictactoe", "perfect").save(tmp_path / "best.policy")
    best = gaincurve.load(tmp_path / "best.policy")
    assert isinstance(best, FittedPolicy)
    game, ends = pyspiel.load_game("tic_tac_toe"), Counter[float]()
    for seed, seat in product(range(30), (0, 1)):
        bots = [best.bot(seed), pyspiel.make_uniform_random_bot(1 - seat, seed)]
        returns = pyspiel.evaluate_bots(game.new_initial_state(), bots[:: 1 - 2 * seat], seed)
        ends[returns[seat]] += 1
    assert set(ends) <= {0.0, 1.0}
    assert ends[1.0] > 30  # chance loses most games
    draws = [pyspiel.evaluate_bots(game.new_initial_state(), [best.bot(seed), best.bot(seed + 99)], seed) for seed in range(10)]
    assert draws == [[0.0, 0.0]] * 10  # OpenSpiel's own search says that the game is a draw
    assert minimax.alpha_beta_search(game)[0] == 0


def test_perfect_play_on_go_wins_what_the_board_is_worth() -> None:
    """By van der Werf (2004) the first player wins 3x3 by all nine points: with komi 8.5 he still wins, with 9.5 he does not."""
    best = gaincurve.fit("go-3x3", "perfect")
    assert best.gain == 1.0
    for komi, winner in ((8.5, 0), (9.5, 1)):
        game = pyspiel.load_game("go", {**GO, "board_size": 3, "komi": komi})
        for seed in range(5):
            returns = pyspiel.evaluate_bots(game.new_initial_state(), [best.bot(seed), best.bot(seed + 7)], seed)
            assert returns[winner] == 1.0


def test_on_a_game_of_openspiel_the_bot_is_the_policy_that_openspiel_gets() -> None:
    fitted = gaincurve.fit("openspiel:connect_four(columns=3,rows=3,x_in_row=3)", "rulelist", 9)
    bot, policy = fitted.bot(), GraphPolicy(fitted.task, fitted.action_probabilities)
    game, random = pyspiel.load_game("connect_four(columns=3,rows=3,x_in_row=3)"), Random(0)
    for _ in range(30):
        state = game.new_initial_state()
        while not state.is_terminal():
            probabilities = policy.action_probabilities(state)
            assert bot.choices(state) == [action for action, p in sorted(probabilities.items()) if p > 0]
            state.apply_action(random.choice(state.legal_actions()))
    assert pyspiel.evaluate_bots(game.new_initial_state(), [bot, fitted.bot(1)], 0) in ([1.0, -1.0], [-1.0, 1.0], [0.0, 0.0])


def test_all_best_moves_are_played() -> None:
    bot = gaincurve.fit("tictactoe", "rulelist:language=concepts", 1).bot()  # one rule: to win; at first any move may be played
    first = pyspiel.load_game("tic_tac_toe").new_initial_state()
    assert bot.choices(first) == list(range(9))
    assert {bot.step(first) for _ in range(200)} == set(range(9))


@pytest.mark.parametrize("game", ["nim-1-2", "go-2x3", "hex-2"])
def test_a_game_without_a_counterpart_is_refused(game: str) -> None:
    with pytest.raises(UsageError, match=f"a bot plays tictactoe, .* not {game}$"):
        gaincurve.fit(game, "uniform").bot()


@pytest.mark.parametrize(("game", "message"), [("connect_four", "plays OpenSpiel's tic_tac_toe, not"), ("ultimate_tic_tac_toe", "not")])
def test_a_state_of_another_game_is_refused(game: str, message: str) -> None:
    bot: Any = gaincurve.fit("tictactoe", "uniform").bot()
    assert isinstance(bot, PolicyBot)
    with pytest.raises(UsageError, match=message):
        bot.step(pyspiel.load_game(game).new_initial_state())
    go = gaincurve.fit("go-2x2", "uniform").bot()
    with pytest.raises(UsageError, match=r"plays OpenSpiel's go\(board_size=2\), not go\(board_size=3"):
        go.step(pyspiel.load_game("go", {"board_size": 3}).new_initial_state())
