"""What goes beyond the numbers that are held is refused in one line at every door; games that go just to the limit are right."""

from pathlib import Path

import numpy as np
import pytest

from games.contract import MAX_HELD
from games.errors import UsageError, WorkError
from games.registry import make_game
from games.rules.openspiel_walk import walk
from games.rules.python_rules import expand_each
from games.solving.graph import GameGraph, enumerate_graph
from games.solving.solve import solve
from policies.api import MAX_BUDGET, MAX_SEED, check_budgets, check_seeds
from policies.task import make_task
from tests.support import limit_games
from tests.support.shell import Shell

GAME = "tests.support.limit_games:"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def refusal(shell: Shell, *words: str) -> str:
    """The one line with which a command ends."""
    status, out, err = shell(*words)
    assert (status in (1, 2), out, err.count("\n")) == (True, "", 1), err
    assert err.startswith("error: ")
    return err


def test_a_choice_between_the_largest_payoffs_is_held() -> None:
    task = make_task(GAME + "HELD")
    # One position, whose two moves lose nothing and 2 * 16,383: uniform choice loses half of that.
    assert task.solution.regret.tolist() == [32_766, 0]
    assert task.uniform_regret == 16_383.0
    assert task.gain(np.array([0.0, 1.0])) == 1.0


@pytest.mark.parametrize("name", limit_games.REFUSED)
def test_what_is_not_held_is_refused_at_every_door(shell: Shell, name: str) -> None:
    suite = f'name = "big"\ngames = ["{GAME}{name}"]\n[[learners]]\nname = "table"\n'
    Path("big.toml").write_text(suite)
    said = {
        refusal(shell, "solve", GAME + name),
        refusal(shell, "check", "--game", GAME + name),
        refusal(shell, "fit", "table", "--game", GAME + name, "--budget", "1"),
    }
    assert len(said) == 1  # the same words
    status, _, err = shell("run", "big.toml", "--jobs", "1", "--executor", "serial")
    assert status == 1
    assert said.pop().removeprefix("error: ").strip() in err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("TWICE", "moves that lose up to 32,768: keep payoffs within 16,383"),  # from -16,384 to 16,384
        ("TWICE_IN_SECRET", "payoff is larger than max_payoff, 1,"),
        ("WIDE", "payoffs of up to 40,000: keep payoffs within 16,383"),
        ("LEAST", "payoff is larger than max_payoff, 32767,"),
        ("LONG_IN_SECRET", "`play` gives the payoff 40000: whole numbers from -32,768 to 32,767 are held"),
        ("HALF", "`play` gives the payoff 0.5: whole numbers"),
        ("INTS", "expand: payoff has the type int32, not int16"),
        ("FLOATS", "expand: payoff has the type float64, not int16"),
        ("MANY", "has 32,769 actions, at most 32,767 are held"),
    ],
)
def test_the_refusal_names_the_number(name: str, message: str) -> None:
    with pytest.raises(WorkError) as error:
        solve(enumerate_graph(make_game(GAME + name)))
    assert message in str(error.value)


def test_payoffs_beyond_are_held_where_no_move_loses_so_much() -> None:
    game = make_game("planted-geometric-12")  # a wrong answer loses up to 30,000, and nothing can be won
    assert 2 * game.max_payoff > MAX_HELD
    assert int(solve(enumerate_graph(game)).regret.max()) == 30_000


def test_regrets_are_those_of_whole_numbers_of_any_size() -> None:
    rng = np.random.default_rng(0)
    n_refused = 0
    for _ in range(200):
        payoff = np.append(0, rng.integers(-MAX_HELD, MAX_HELD + 1, 4)).astype(np.int16)
        one = np.ones(5, dtype=np.int32)
        starts, terminal = np.array([0, 4, 4, 4, 4, 4]), np.arange(5) > 0
        graph = GameGraph("big", np.arange(5, dtype=np.uint64), starts, np.arange(4, dtype=np.int16), np.arange(1, 5, dtype=np.int32),
                          terminal, payoff, one)  # fmt: skip
        worth = [-value for value in payoff[1:].tolist()]
        right = [max(worth) - value for value in worth]
        if max(right) > MAX_HELD:
            n_refused += 1
            with pytest.raises(WorkError, match=f"lose up to {max(right):,}"):
                solve(graph)
        else:
            assert solve(graph).regret.tolist() == right
    assert 20 < n_refused < 180


class Returns:
    """An OpenSpiel state in which the game is over, with these results."""

    def __init__(self, results: list[float]) -> None:
        self.results = results

    def new_initial_state(self) -> "Returns":
        return self

    def get_type(self) -> "Returns":
        return self

    provides_observation_tensor = False

    def is_terminal(self) -> bool:
        return True

    def current_player(self) -> int:
        return -4  # pyspiel.PlayerId.TERMINAL

    def returns(self) -> list[float]:
        return self.results

    def __str__(self) -> str:
        return "over"


def test_results_of_openspiel_that_are_not_held_are_refused() -> None:
    assert walk("x", Returns([32_767.0, -32_767.0])).payoff.tolist() == [32_767]
    for result in (32_768.0, 0.5):
        with pytest.raises(WorkError, match="only whole numbers up to 32,767 are held"):
            walk("x", Returns([result, -result]))


def test_the_most_actions_are_held() -> None:
    graph = enumerate_graph(make_game(GAME + "MOST"))
    assert graph.n_edges == 32_767
    assert int(graph.edge_action[-1]) == 32_766


def test_plain_rules_give_whole_numbers_that_are_held() -> None:
    for answer, said in (({0: -1}, "-1"), ({0: 1 << 64}, "18446744073709551616"), ({0: 1.5}, "1.5"), ({40_000: 1}, "40000")):
        with pytest.raises(WorkError, match=f"`play` gives the [a-z]+ {said}: whole numbers"):
            expand_each(np.zeros(1, dtype=np.uint64), lambda _, answer=answer: answer)


OVER = [GAME + "OVER", "openspiel:checkers(columns=4,rows=4)"]  # on four rows no piece of checkers has room to move


@pytest.mark.parametrize("game", OVER)
def test_a_game_that_is_over_at_the_start_has_a_value_and_no_move_to_choose(shell: Shell, game: str) -> None:
    answer = shell.json("solve", game)
    assert (answer["positions"], answer["terminal"], answer["edges"], answer["openings"]) == (0, 1, 0, {})
    assert answer["value"] == (3 if game == OVER[0] else 0)
    status, out, _ = shell("solve", game, "--verify")
    assert status == 0
    assert "openings: none, the game is over at the start" in out
    for words in (
        ("fit", "table", "--budget", "1"),
        ("fit", "table", "--budget", "1", "--weights", "play"),
        ("compare", "table", "uniform"),
    ):
        assert "is over at the start: there is no move to choose" in refusal(shell, *words, "--game", game)
    assert "there is no move to choose" in refusal(shell, "check", "--game", game)


def test_seeds_and_budgets_are_read_in_one_place() -> None:
    assert check_seeds([3, 0, 3, MAX_SEED]) == [3, 0, MAX_SEED]
    for seed, said in ((-1, "seed -1 is below 0"), (MAX_SEED + 1, "is too large"), (1 << 64, "is too large")):
        with pytest.raises(UsageError, match=said):
            check_seeds([seed])
    assert check_budgets([3, MAX_BUDGET, 3]) == [3, MAX_BUDGET]
    with pytest.raises(UsageError, match="is too large"):
        check_budgets([MAX_BUDGET + 1])


@pytest.mark.parametrize("seed", ["-1", str(1 << 63), str(1 << 64)])
def test_every_verb_refuses_a_seed_that_not_all_generators_take(shell: Shell, seed: str) -> None:
    for words in (
        ("fit", "network", "--game", "nim-1-2", "--budget", "1", "--seed", seed),
        ("fit", "network:equivariant=false", "--game", "tictactoe", "--budget", "1", "--seed", seed),
        ("compare", "table", "uniform", "--game", "nim-1-2", "--seeds", f"0,{seed}"),
        ("compress", "--game", "nim-1-2", "--stages", "prune-10", "--seed", seed),
        ("diagnose", "--train", "network", "--game", "nim-1-2", "--budget", "1", "--seed", seed),
        ("dimension", "--game", "nim-1-2", "--seed", seed),
        ("explain", "none.policy", "--ablate", "--seed", seed),
        ("prequential", "table", "--game", "nim-1-2", "--seed", seed),
    ):
        assert f"seed {seed} is" in refusal(shell, *words)


def test_a_suite_refuses_such_seeds_too(shell: Shell) -> None:
    suite = 'name = "s"\ngames = ["nim-1-2"]\nseeds = [{}]\n[[learners]]\nname = "table"\n'
    Path("s.toml").write_text(suite.format(-1))
    assert "seed -1 is below 0" in refusal(shell, "run", "s.toml", "--dry-run")
    Path("s.toml").write_text(suite.format(0) + "seeds = [0, -7]\n")
    assert "seed -7 is below 0" in refusal(shell, "run", "s.toml", "--dry-run")


def test_a_tree_of_more_leaves_than_moves_is_asked_for_in_vain() -> None:
    from policies.registry import make_learner

    pytest.importorskip("sklearn")
    task = make_task("nim-1-2")
    (many,) = make_learner("cart", {}).fit_path(task, [MAX_BUDGET], 0)
    (enough,) = make_learner("cart", {}).fit_path(task, [task.graph.n_edges], 0)
    assert many.size == enough.size
