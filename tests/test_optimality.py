"""A player of the user's against perfect play: plain Python, and OpenSpiel's own algorithms, say the same."""

import functools
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pyspiel
import pytest
from open_spiel.python import policy
from open_spiel.python.algorithms import exploitability, mcts

import gaincurve
from gaincurve import State
from policies.adapters.choose_move import as_scores, chosen_edges
from policies.task import make_task
from policies.teacher import fidelity
from tests.support.shell import Shell

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]
TURNS = [  # of the square, as permutations of its cells
    tuple(3 * r[row] + r2[column] if not swap else 3 * r2[column] + r[row] for row in range(3) for column in range(3))
    for r, r2, swap in itertools.product([(0, 1, 2), (2, 1, 0)], [(0, 1, 2), (2, 1, 0)], [False, True])
]
Board = tuple[int, ...]  # of the player to move: 0 empty, 1 own, 2 the other's


def first_legal(state: State) -> int:
    return state.legal_actions[0]


def after(board: Board, cell: int) -> Board:
    """The board after a stone on a cell, seen by the other player."""
    played = (*board[:cell], 1, *board[cell + 1 :])
    return tuple((0, 2, 1)[mark] for mark in played)


def end(board: Board) -> int | None:
    """The payoff to the player to move where the game is over."""
    if any(all(board[cell] == 2 for cell in line) for line in LINES):
        return -1
    return None if 0 in board else 0


def legal(board: Board) -> list[int]:
    return [cell for cell in range(9) if board[cell] == 0]


@functools.cache
def value(board: Board) -> int:
    over = end(board)
    return max(-value(after(board, cell)) for cell in legal(board)) if over is None else over


def regret(board: Board, cell: int) -> int:
    return value(board) + value(after(board, cell))


def plain(chosen: dict[Board, int]) -> tuple[float, float, float, float]:
    """Regret, gain, error rate and exploitability of moves chosen on one board of each class, by trying everything out."""

    @functools.cache
    def answer(board: Board) -> int:
        """The cell chosen on any board, by turning it to the one that was asked about."""
        for turn in TURNS:
            turned = tuple(board[cell] for cell in turn)
            if turned in chosen:
                return turn[chosen[turned]]
        raise AssertionError(board)

    @functools.cache
    def worst(board: Board, is_ours: bool) -> int:
        """The least payoff to the chooser, to whom `is_ours` gives the move, that an opponent can bring about."""
        over = end(board)
        if over is not None:
            return over if is_ours else -over
        if is_ours:
            return worst(after(board, answer(board)), False)
        return min(worst(after(board, cell), True) for cell in legal(board))

    empty = (0,) * 9
    losses = [regret(board, cell) for board, cell in chosen.items()]
    random = [np.mean([regret(board, cell) for cell in legal(board)]) for board in chosen]
    exploited = ((value(empty) - worst(empty, True)) + (-value(empty) - worst(empty, False))) / 2
    return float(np.mean(losses)), float(1 - np.mean(losses) / np.mean(random)), float(np.mean(np.array(losses) > 0)), exploited


@pytest.mark.parametrize("choose", [first_legal, lambda state: state.legal_actions[len(state.legal_actions) // 2]])
def test_the_numbers_are_those_of_plain_python_on_tictactoe(choose: Callable[[State], int]) -> None:
    chosen: dict[Board, int] = {}

    def choose_move(state: State) -> int:
        board = tuple(state.cells[:9].tolist())
        assert list(state.legal_actions) == legal(board)
        assert state.planes.reshape(2, 9).tolist() == [[int(mark == own) for mark in board] for own in (1, 2)]
        assert state.text.replace("X", "1").count("1") - state.text.count("1") == board.count(1)
        assert not any(tuple(board[cell] for cell in turn) in chosen for turn in TURNS)  # asked once, of each class of boards one
        chosen[board] = choose(state)
        return chosen[board]

    found = gaincurve.optimality(choose_move, "tictactoe")
    assert len(chosen) == 627  # positions up to symmetry: facts.toml has 765 states, of which 138 are final
    assert found == pytest.approx(plain(chosen))
    assert found.error_rate > 0.3


@pytest.mark.parametrize("game", ["tictactoe", "nim-1-2-3", "go-2x3", "openspiel:tic_tac_toe", "openspiel:nim(pile_sizes=1;2;3)"])
@pytest.mark.parametrize("weights", ["uniform", "play"])
def test_a_perfect_player_loses_nothing(game: str, weights: str) -> None:
    task = make_task(game)
    graph, solution = task.graph, task.solution
    perfect = {}
    for at in graph.positions.tolist():
        edges = np.arange(graph.edge_start[at], graph.edge_start[at + 1])
        perfect[int(graph.states[at])] = int(graph.edge_action[edges[solution.optimal[edges]][-1]])

    def choose_move(state: Any) -> int:
        packed = state.packed if isinstance(state, State) else task.game.walk.index[str(state), state.current_player()]  # type: ignore[attr-defined]
        return perfect[packed]

    assert gaincurve.optimality(choose_move, game, weights) == pytest.approx((0, 1, 0, 0))


class FirstLegal(pyspiel.Bot):  # type: ignore[misc]
    """Plays the first legal move, and forgets nothing until it is restarted."""

    def __init__(self) -> None:
        pyspiel.Bot.__init__(self)
        self.is_fresh = True
        self.asked: set[tuple[str, int]] = set()

    def restart(self) -> None:
        self.is_fresh = True

    def step(self, state: Any) -> int:
        assert self.is_fresh
        self.is_fresh = False
        key = (str(state), state.current_player())
        assert key not in self.asked
        self.asked.add(key)
        action: int = state.legal_actions()[0]
        state.apply_action(action)  # the state is the bot's
        return action


@pytest.mark.parametrize("text", ["tic_tac_toe", "nim(pile_sizes=1;2;3)", "breakthrough(columns=2,rows=5)"])
def test_the_numbers_of_a_bot_are_those_of_plain_recursion_over_openspiels_states(text: str) -> None:
    game, bot = pyspiel.load_game(text), FirstLegal()
    memo: dict[tuple[str, int, int], float] = {}

    def worth(state: Any, ours: int) -> float:
        """To player 0 where both play perfectly (`ours` = -1), or where one seat plays the first legal move."""
        key = (str(state), state.current_player(), ours)
        if key not in memo:
            player, moves = state.current_player(), state.legal_actions()
            best = max if player == 0 else min
            children = [worth(state.child(action), ours) for action in (moves[:1] if player == ours else moves)]
            memo[key] = state.returns()[0] if state.is_terminal() else best(children)
        return memo[key]

    losses, random = [], []
    start = game.new_initial_state()
    pending, seen = [start], set()
    while pending:
        state = pending.pop()
        if state.is_terminal() or (str(state), state.current_player()) in seen:
            continue
        seen.add((str(state), state.current_player()))
        children = [state.child(action) for action in state.legal_actions()]
        pending += children
        short = [abs(worth(state, -1) - worth(child, -1)) for child in children]
        losses.append(short[0])
        random.append(np.mean(short))
    exploited = (worth(start, 1) - worth(start, 0)) / 2  # what the other seat's best response makes of each
    found = gaincurve.optimality(bot, f"openspiel:{text}")
    assert bot.asked == seen
    assert found == pytest.approx((np.mean(losses), 1 - np.mean(losses) / np.mean(random), np.mean(np.array(losses) > 0), exploited))
    assert gaincurve.optimality(lambda state: state.legal_actions()[0], f"openspiel:{text}") == found
    if text.startswith("nim"):  # larger games take OpenSpiel minutes
        theirs = policy.tabular_policy_from_callable(game, lambda state: {state.legal_actions()[0]: 1.0})
        assert found.exploitability == pytest.approx(exploitability.exploitability(game, theirs))


def test_a_search_that_solves_a_small_game_plays_perfectly() -> None:
    """OpenSpiel's MCTS with its solver, given more simulations than the game has lines of play."""
    game = pyspiel.load_game("nim(pile_sizes=1;2;2)")
    rollouts = mcts.RandomRolloutEvaluator(1, np.random.RandomState(0))
    bot = mcts.MCTSBot(game, 2.0, 400, rollouts, random_state=np.random.RandomState(0), solve=True)
    assert gaincurve.optimality(bot, "openspiel:nim(pile_sizes=1;2;2)") == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("choose_move", "game", "said"),
    [
        (lambda state: 4 if 4 in state.legal_actions else 9, "tictactoe", r"gives 9 at position 0x2000 of tictactoe \(3 \. \. \. / 2 \. O"),
        (lambda state: -1, "tictactoe", r"gives -1 at position 0x0 .*, where it is not legal; legal are 0 \(a3\), 1 \(b3\)"),
        (
            lambda state: 7,
            "openspiel:tic_tac_toe",
            r"of openspiel:tic_tac_toe \(.* / player 1 to move\), where it is not",
        ),
        (lambda state: 0.0, "tictactoe", r"gives 0\.0 at position 0x0 of tictactoe \(.*\): return one action, a whole number"),
        (lambda state: {0: 1.0}, "openspiel:tic_tac_toe", r"gives \{0: 1\.0\} at position .*: return one action"),
        (lambda state: -1, "go-5x1", r"legal are 0 \(A5\), .* 5 \(pass\)"),
        (17, "tictactoe", "choose_move is a int: give a function of a state, or a bot of OpenSpiel"),
        (FirstLegal(), "tictactoe", "a bot of OpenSpiel plays openspiel: games, for example openspiel:tic_tac_toe, not tictactoe"),
    ],
)
def test_a_wrong_move_is_refused_in_a_line_that_names_the_position(choose_move: Any, game: str, said: str) -> None:
    with pytest.raises(gaincurve.UsageError, match=said) as error:
        gaincurve.optimality(choose_move, game)
    assert "\n" not in str(error.value)


def test_what_a_player_raises_goes_through() -> None:
    def choose_move(state: State) -> int:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        gaincurve.optimality(choose_move, "tictactoe")


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.array])
def test_an_action_may_be_a_number_of_numpy(kind: Any) -> None:
    assert gaincurve.optimality(lambda state: kind(state.legal_actions[0]), "tictactoe") == gaincurve.optimality(first_legal, "tictactoe")


def test_more_positions_than_a_batch_are_each_asked_about() -> None:
    task = make_task("connect_four-3x4")
    asked: list[int] = []

    def choose_move(state: State) -> int:
        asked.append(state.packed)
        assert np.array_equal(state.cells, task.game.cells(np.array([state.packed], dtype=np.uint64))[0])
        return state.legal_actions[-1]

    edges = chosen_edges(choose_move, task)
    graph = task.graph
    assert asked == graph.states[graph.positions].tolist()
    assert edges.tolist() == (graph.edge_start[graph.positions + 1] - 1).tolist()
    assert len(asked) > 4096


def test_a_student_with_room_for_every_move_plays_as_its_teacher() -> None:
    """A table of all positions; where the teacher's is the only best move, the student has no other choice."""
    student = gaincurve.fit("tictactoe", "table", 10_000, teacher=first_legal)
    assert student.fidelity == pytest.approx(1)
    assert student.gain == pytest.approx(gaincurve.optimality(first_legal, "tictactoe").gain)
    bot = gaincurve.fit("openspiel:tic_tac_toe", "table", 10_000, teacher=FirstLegal())
    assert bot.gain == pytest.approx(gaincurve.optimality(FirstLegal(), "openspiel:tic_tac_toe").gain)


def test_a_policy_its_file_and_the_verb_teach_the_same(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    teacher = gaincurve.fit("tictactoe", "rulelist", 3)
    teacher.save("teacher.policy")
    words = "fit tree --game tictactoe --budget 9 --teacher teacher.policy --out student.policy"
    answer = Shell(monkeypatch, capfd).json(*words.split())
    for each in (teacher, "teacher.policy", tmp_path / "teacher.policy"):
        student = gaincurve.fit("tictactoe", "tree", 9, teacher=each)
        student.save("again.policy")
        assert (tmp_path / "again.policy").read_bytes() == (tmp_path / "student.policy").read_bytes()
        assert (student.fidelity, student.gain) == (answer["fidelity"], answer["gain"])
    task = make_task("tictactoe")
    assert student.fidelity == fidelity(task, student.scores(), teacher.scores())
    with pytest.raises(gaincurve.UsageError, match="the teacher is a policy for tictactoe, not for go-2x3"):
        gaincurve.fit("go-2x3", "tree", 9, teacher=teacher)
    with pytest.raises(gaincurve.UsageError, match="perfect needs the true solution"):
        gaincurve.fit("tictactoe", "perfect", 1, teacher=first_legal)


def test_chosen_moves_are_scores_of_a_policy_that_plays_them() -> None:
    task = make_task("nim-1-2")
    edges = chosen_edges(first_legal, task)
    assert as_scores(edges, task).nonzero()[0].tolist() == edges.tolist()
