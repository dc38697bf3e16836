"""Learners fitted to part of the positions: what they see, and what they gain on the others."""

import dataclasses
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bench.harness.cell import measure_cell
from bench.measures.heldout import NEEDS_TRUTH
from bench.suites.grid import Cell, cells
from bench.suites.load import parse_suite
from games.errors import UsageError, WorkError
from policies.api import Task, action_probabilities
from policies.registry import LEARNERS, make_learner, parse_learner
from policies.task import BOARDS, POSITIONS, fitted_part, make_task
from tests.support.shell import Shell


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def splitmix(key: int) -> int:
    """In plain Python; tests/test_controls.py holds it against published numbers."""
    word = (1 << 64) - 1
    z = key + 0x9E3779B97F4A7C15 & word
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & word
    z = (z ^ z >> 27) * 0x94D049BB133111EB & word
    return z ^ z >> 31


@pytest.mark.parametrize("seed", [0, 1, 2**70 + 1])
def test_positions_with_the_smallest_hashes_are_fitted(seed: int) -> None:
    task = make_task("tictactoe")
    part = fitted_part(task, 0.7, POSITIONS, seed)
    salt = splitmix(seed % 2**64)
    ranked = sorted(task.graph.positions.tolist(), key=lambda i: splitmix(int(task.graph.states[i]) ^ salt))
    assert np.flatnonzero(part.weights).tolist() == sorted(ranked[: round(0.3 * 627)])  # 627 positions, tests/facts.toml
    assert part.weights[part.weights > 0] == pytest.approx(np.full(188, 1 / 188))


def test_splits_nest_by_share_and_differ_by_seed() -> None:
    task = make_task("go-2x3")
    small, large, other = (fitted_part(task, share, BOARDS, seed).weights > 0 for share, seed in ((0.8, 5), (0.4, 5), (0.8, 6)))
    assert not (small & ~large).any()
    assert 0 < (small & other).sum() < small.sum()


def test_weights_by_play_keep_their_proportions() -> None:
    task = make_task("tictactoe", "play")
    part = fitted_part(task, 0.5, BOARDS, 0)
    kept = part.weights > 0
    assert part.weights.sum() == pytest.approx(1)
    assert np.ptp(part.weights[kept] / task.weights[kept]) == pytest.approx(0)


@pytest.mark.parametrize("share", [0.0, 1.5, -0.5, float("inf"), float("nan")])
def test_a_share_is_below_1_and_a_number_whole(share: float) -> None:
    with pytest.raises(UsageError, match="above 0 and below 1, or their number, a whole one"):
        fitted_part(make_task("tictactoe"), share, BOARDS, 0)


def test_a_split_without_a_side_or_with_nothing_to_learn_is_refused() -> None:
    with pytest.raises(WorkError, match="leaves 627 of 627 positions of tictactoe to be fitted"):
        fitted_part(make_task("tictactoe"), 1e-6, POSITIONS, 0)
    with pytest.raises(WorkError, match="leaves 0 of 627 boards of tictactoe"):
        fitted_part(make_task("tictactoe"), 627, BOARDS, 0)
    task = make_task("planted-zipf-2")  # 8 of its positions are contested, tests/test_controls.py
    contested = task.graph.edge_parent[task.solution.regret > 0]
    all_but_one, seen = len(task.graph.positions) - 1, []
    for seed in range(20):
        try:
            seen.append(np.flatnonzero(fitted_part(task, all_but_one, POSITIONS, seed).weights)[0] in contested)
        except WorkError as error:
            assert "every move is optimal" in str(error)  # noqa: PT017  which draws are refused depends on the seed
            seen.append(None)
    assert set(seen) == {True, None}


def scrambled(task: Task, is_kept: np.ndarray, seed: int) -> Task:
    """The task with another truth, drawn at random, at every position that is not kept."""
    other = np.random.default_rng(seed).integers(0, 2, task.graph.n_edges).astype(np.int16)
    other[np.unique(task.graph.edge_parent, return_index=True)[1]] = 0  # some move is optimal
    regret = np.where(is_kept[task.graph.edge_parent], task.solution.regret, other)
    return dataclasses.replace(task, truth=dataclasses.replace(task.solution, regret=regret, edge_value=-regret))


QUICK = {
    "network": ":steps=20",
    "subspace": ":steps=20",
    "selfplay": ":games=8,simulations=4,units=4",
    "symbolic": ":population=20,generations=2",
    "local_search": ":language=concepts,effort=100",
}
UNFITTED = ("uniform", "human", "selfplay", "minimax", "mcts")  # by default nothing in them depends on the truth
FITTED = [name + QUICK.get(name, "") for name in LEARNERS if name not in (*UNFITTED, *NEEDS_TRUTH)]
COUNTING_ALL = [
    "rulelist:objective=codelength",
    "local_search:objective=codelength,language=concepts,effort=100",
]  # positions of weight 0, too


@pytest.mark.parametrize("text", [*FITTED, *COUNTING_ALL])
def test_no_learner_sees_what_is_held_out(text: str) -> None:
    """Another truth where positions are held out gives the same files, byte for byte; another where they are fitted does not."""
    task, learner = make_task("tictactoe"), make_learner(*parse_learner(text))
    part = fitted_part(task, 0.5, BOARDS, 0)
    kept = part.weights > 0
    seen, outside, inside = (
        [learner.encode(policy, task) for policy in learner.fit_path(each, [1, 4], 3)]
        for each in (part, *(fitted_part(scrambled(task, side, 0), 0.5, BOARDS, 0) for side in (kept, ~kept)))
    )
    assert seen == outside
    assert seen != inside


@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3", "nim-3-4-5"])
@pytest.mark.parametrize("share", [0.2, 0.7])
def test_a_table_gains_nothing_where_it_has_seen_nothing(game_id: str, share: float) -> None:
    task = make_task(game_id)
    for budget in (5, 10_000):
        record, _ = measure_cell(Cell(game_id, "table", "table", budgets=[budget], held_out=share), "key")
        found = record.points[-1].held_out
        assert found is not None
        assert found["gain"] == pytest.approx(0, abs=1e-12)
        assert found["gain_fitted"] > 0
    assert found["gain_fitted"] == pytest.approx(1)
    assert found["n_fitted"] + found["n_held_out"] == len(task.graph.positions)


def test_the_gains_of_the_parts_make_up_the_gain_of_the_whole() -> None:
    """Regrets add up: gain is a mean of the parts' gains, weighted by what random play loses in each."""
    task = make_task("tictactoe")
    learner = make_learner("rulelist", {"language": "concepts"})
    record, _ = measure_cell(Cell("tictactoe", "rulelist", "concepts", {"language": "concepts"}, [3], held_out=0.7), "key")
    (point,) = record.points
    kept = fitted_part(task, 0.7, BOARDS, 0).weights > 0
    loss = np.bincount(task.graph.edge_parent, task.solution.regret / task.graph.n_moves[task.graph.edge_parent], task.graph.n_states)
    inside, outside = loss[kept].sum(), loss[~kept].sum()
    parts = (inside * point.held_out["gain_fitted"] + outside * point.held_out["gain"]) / (inside + outside)
    assert point.gain == pytest.approx(parts)
    (policy,) = learner.fit_path(fitted_part(task, 0.7, BOARDS, 0), [3], 0)
    assert point.gain == pytest.approx(task.gain(action_probabilities(task.graph, policy.scores(task))))


def test_a_planted_rule_is_learned_from_part_of_its_positions_and_holds_on_the_others() -> None:
    """Each rule of planted-zipf-12 holds at four positions; a split that leaves at least one of each shows all twelve."""
    task = make_task("planted-zipf-12")
    contested = np.unique(task.graph.edge_parent[task.solution.regret > 0])
    kept = fitted_part(task, 0.2, BOARDS, 0).weights > 0
    assert 0 < kept[contested].sum() < len(contested)
    record, _ = measure_cell(Cell("planted-zipf-12", "rulelist", "concepts", {"language": "concepts"}, [12], held_out=0.2), "key")
    (point,) = record.points
    assert point.gain == pytest.approx(1)
    assert point.held_out["gain"] == pytest.approx(1)


SUITE = 'name = "s"\ngames = ["tictactoe"]\nseeds = [0, 1]\n[[learners]]\nname = "table"\nbudgets = [9]\n'


def test_a_suite_may_hold_out_boards_and_its_cells_show_it() -> None:
    plain, sampled = (cells(parse_suite(SUITE + more, "s.toml")) for more in ("", "held_out = 0.75\n"))
    assert [cell.id for cell in plain] == ["tictactoe/table/seed=0", "tictactoe/table/seed=1"]
    assert [cell.id for cell in sampled] == ["tictactoe/table,held_out=0.75/seed=0", "tictactoe/table,held_out=0.75/seed=1"]
    assert [cell.held_out for cell in sampled] == [0.75, 0.75]
    fitted = [measure_cell(cell, "key")[0].points[0].held_out["gain_fitted"] for cell in sampled]
    assert fitted[0] != fitted[1]  # another seed, another split


def test_all_learners_of_a_seed_see_the_same_split() -> None:
    """A table of everything seen, and a rule list: their fitted positions are the same, so that held-out gains can be compared."""
    made = [measure_cell(Cell("nim-1-2-3", name, name, budgets=[3], seed=4, held_out=0.5), "key")[0] for name in ("table", "rulelist")]
    found = [record.points[-1].held_out for record in made]
    assert found[0]["n_fitted"] == found[1]["n_fitted"]
    expected = fitted_part(make_task("nim-1-2-3"), 0.5, BOARDS, 4)
    assert found[0]["n_fitted"] == np.count_nonzero(expected.weights)


def test_records_from_before_splits_read_as_they_were() -> None:
    old = {"game": "tictactoe", "learner": "table", "label": "table", "seed": 3}
    cell = msgspec.convert(old, Cell)
    assert (cell.held_out, cell.id) == (None, "tictactoe/table/seed=3")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("held_out = 1.5", "held_out 1.5: give a share of the boards above 0 and below 1, or their number"),
        ('held_out = "half"', "held_out: give a number or nothing, not 'half'"),
        ("holds_out = 0.5", "unknown key 'holds_out'; did you mean held_out"),
        ('held_out = 0.5\nsplit = "halves"', "unknown split 'halves'; known: boards, positions"),
        ("held_out = 0.5\nsplits = -1", "splits -1: give a number of draws from 0 to 100"),
        ("splits = 2", "splits and split say how held_out is drawn: give held_out, for example 0.5"),
        (
            "sample = 0.3",
            "the share kept from the fit: give held_out = 0.7, and split = boards (the default) or positions",
        ),
    ],
)
def test_a_wrong_split_in_a_suite_is_named(more: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        parse_suite(SUITE + more, "s.toml")


def test_fit_says_what_was_held_out_and_what_is_promised(shell: Shell) -> None:
    words = ("fit", "rulelist", "--language", "concepts", "--game", "tictactoe", "--budget", "3", "--held-out", "0.5")
    answer = shell.json(*words)
    assert answer["asked"] == {"held_out": 0.5, "split": "boards", "positions": None}
    found = answer["held_out"]
    assert (found["n_fitted"], found["n_held_out"]) == (314, 313)  # 313.5 of 627 positions, rounded to even
    status, out, _ = shell(*words)
    assert status == 0
    gains = [f"{found[name]:.4f}" for name in ("gain_fitted", "gain", "error")]
    assert "fitted to 314 positions, gain {} there; held out 313, gain {} (standard error {})".format(*gains) in out
    assert f"has a mean regret over all boards of at most {found['pac_bayes']['regret']:.4f}: " in out
    assert ("vacuous" in out) == found["pac_bayes"]["is_vacuous"]
    assert shell.json(*words[:-2])["held_out"] is None


def test_a_vacuous_bound_is_said_to_be_vacuous(shell: Shell) -> None:
    status, out, _ = shell("fit", "table", "--game", "tictactoe", "--budget", "200", "--held-out", "0.5")
    assert status == 0
    assert "vacuous, no gain is promised" in out
    status, out, _ = shell("fit", "table", "--game", "tictactoe", "--budget", "200", "--held-out", "0.5", "--weights", "play")
    assert status == 0
    assert "no bound: it holds for positions that count alike" in out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("table --budget 2 --held-out 1.5", 2, "held_out 1.5: give a share of the boards"),
        ("table --budget 2 --sample 0.5", 2, "sample is now held_out, the share kept from the fit: give held_out = 0.5"),
        ("table --budget 2 --sample half", 2, "sample is now held_out, the share kept from the fit: give held_out = 1 - sample"),
        ("table --budget 2 --split positions", 2, "split says what is held out: give held_out, for example 0.5"),
        ("table --budget 2 --held-out 0.5 --split halves", 2, "unknown split 'halves'; known: boards, positions"),
        ("perfect --budget 2 --held-out 0.5", 2, "perfect needs the true solution of every position"),
        ("rulelist --shortest --language concepts --held-out 0.5", 2, "shortest needs the true solution"),
        ("table --budget 2 --held-out 1e-9", 1, "leaves 627 of 627 boards"),
    ],
)
def test_a_split_that_cannot_be_fitted_is_refused_in_a_line(shell: Shell, words: str, status: int, said: str) -> None:
    found, out, err = shell("fit", *words.split(), "--game", "tictactoe")
    assert (found, out) == (status, "")
    assert said in err
    assert err.count("\n") == 1
