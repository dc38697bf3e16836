"""Distilling from a policy: its scores become the truth that a student is fitted to."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.errors import WorkError
from policies.api import Task, action_probabilities
from policies.registry import make_learner, parse_learner
from policies.task import make_task
from policies.teacher import fidelity, taught
from tests.support.shell import Shell


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def moves(task: Task) -> list[range]:
    """The edges of each position."""
    starts = task.graph.edge_start.tolist()
    return [range(starts[i], starts[i + 1]) for i in task.graph.positions.tolist()]


@pytest.mark.parametrize("text", ["rulelist", "rulelist:objective=codelength", "tree", "table", "weighted", "network:steps=20"])
def test_taught_by_perfect_play_a_fit_is_that_to_the_truth(text: str) -> None:
    task, learner = make_task("go-2x3"), make_learner(*parse_learner(text))
    student = taught(task, task.solution.edge_value.astype(np.float64))
    assert student.solution.regret.tolist() == task.solution.regret.tolist()
    learned, true = ([learner.encode(policy, task) for policy in learner.fit_path(each, [2, 4], 0)] for each in (student, task))
    assert learned == true


@pytest.mark.parametrize(("game_id", "n_rules"), [("tictactoe", 3), ("tictactoe", 6), ("go-2x3", 4), ("planted-zipf-12", 7)])
def test_a_list_taught_by_a_list_recovers_its_play(game_id: str, n_rules: int) -> None:
    task, learner = make_task(game_id), make_learner("rulelist", {"language": "concepts"})
    (teacher,) = learner.fit_path(task, [n_rules], 0)
    scores = teacher.scores(task)
    *_, student = learner.fit_path(taught(task, scores), [40], 0)
    assert fidelity(task, student.scores(task), scores) == pytest.approx(1)
    assert task.gain(action_probabilities(task.graph, scores)) < 0.999  # it is not perfect play that was recovered


scores_of_moves = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3))


@given(st.data())
def test_regrets_keep_the_order_and_the_ties_of_the_scores(data: st.DataObject) -> None:
    """Against plain Python, position by position."""
    task = make_task("nim-1-2")
    scores = np.array(data.draw(st.lists(scores_of_moves, min_size=task.graph.n_edges, max_size=task.graph.n_edges)))
    short = {edge: max(scores[list(own)]) - scores[edge] for own in moves(task) for edge in own}
    if not any(short.values()):
        with pytest.raises(WorkError, match="prefers no move"):
            taught(task, scores)
        return
    regret = taught(task, scores).solution.regret.tolist()
    largest = max(short.values())
    for own in moves(task):
        for edge in own:
            assert (regret[edge] == 0) == (short[edge] == 0)
            assert all(regret[edge] <= regret[other] for other in own if short[edge] <= short[other])
            if any(value % 1 for value in short.values()) or largest > 32767:
                assert abs(regret[edge] - short[edge] / largest * 32767) <= (0.5 + 1e-6 if regret[edge] != 1 else 1.0)
            else:
                assert regret[edge] == short[edge]


def test_a_teacher_without_preferences_or_sense_is_refused() -> None:
    task = make_task("nim-1-2")
    with pytest.raises(WorkError, match="prefers no move of nim-1-2 to another"):
        taught(task, np.full(task.graph.n_edges, 3.5))
    with pytest.raises(WorkError, match="not finite"):
        taught(task, np.full(task.graph.n_edges, np.nan))


def test_fidelity_is_the_weight_of_the_positions_where_no_choice_is_worse_to_the_teacher() -> None:
    """Against plain Python."""
    task = make_task("tictactoe", "play")
    rng = np.random.default_rng(0)
    student, teacher = rng.integers(0, 3, (2, task.graph.n_edges)).astype(np.float64)
    agreed = [
        all(teacher[edge] == max(teacher[list(own)]) for edge in own if student[edge] == max(student[list(own)])) for own in moves(task)
    ]
    assert fidelity(task, student, teacher) == pytest.approx(task.weights[task.graph.positions][agreed].sum())
    assert fidelity(task, teacher, teacher) == pytest.approx(1)


def test_the_truth_plays_no_part() -> None:
    task = make_task("tictactoe")
    other = dataclasses.replace(task.solution, regret=task.solution.regret[::-1].copy(), edge_value=task.solution.edge_value[::-1].copy())
    learner = make_learner("rulelist", {"language": "concepts"})
    (teacher,) = learner.fit_path(task, [3], 0)
    files = [
        [learner.encode(policy, task) for policy in learner.fit_path(taught(each, teacher.scores(task)), [2, 5], 0)]
        for each in (task, dataclasses.replace(task, truth=other))
    ]
    assert files[0] == files[1]


def test_fit_distils_a_policy_file_and_measures_the_student_on_the_truth(shell: Shell) -> None:
    shell.json("fit", "rulelist:language=concepts", "--game", "tictactoe", "--budget", "3", "--out", "teacher.policy")
    words = (
        "fit",
        "tree:language=concepts",
        "--game",
        "tictactoe",
        "--budget",
        "40",
        "--teacher",
        "teacher.policy",
        "--out",
        "student.policy",
    )
    answer = shell.json(*words)
    assert answer["teacher"] == "teacher.policy"
    task = make_task("tictactoe")
    (teacher,) = make_learner("rulelist", {"language": "concepts"}).fit_path(task, [3], 0)
    *_, student = make_learner("tree", {"language": "concepts"}).fit_path(taught(task, teacher.scores(task)), [40], 0)
    assert answer["gain"] == pytest.approx(task.gain(action_probabilities(task.graph, student.scores(task))))
    assert answer["fidelity"] == pytest.approx(fidelity(task, student.scores(task), teacher.scores(task)))
    status, out, _ = shell(*words, "--held-out", "0.5")
    assert status == 0
    assert "the share of the positions in which it chooses among the teacher's best moves only" in out
    assert "held out 313" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("table --budget 2 --teacher nothing.policy --game tictactoe", "cannot read nothing.policy"),
        ("table --budget 2 --teacher list.policy --game go-2x3", "list.policy is a policy for tictactoe, not for go-2x3"),
        ("perfect --budget 2 --teacher list.policy --game tictactoe", "perfect needs the true solution"),
    ],
)
def test_a_wrong_teacher_is_refused_in_a_line(shell: Shell, words: str, said: str) -> None:
    shell.json("fit", "rulelist:language=concepts", "--game", "tictactoe", "--budget", "3", "--out", "list.policy")
    status, out, err = shell("fit", *words.split())
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
