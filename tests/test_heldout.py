"""Learners fitted to part of the positions: what they see, and what they gain on the rest."""

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
from policies.task import make_sample, make_task
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
def test_a_sample_is_the_positions_with_the_smallest_hashes(seed: int) -> None:
    task = make_task("tictactoe")
    sample = make_sample(task, 0.3, seed)
    salt = splitmix(seed % 2**64)
    ranked = sorted(task.graph.positions.tolist(), key=lambda i: splitmix(int(task.graph.states[i]) ^ salt))
    assert np.flatnonzero(sample.weights).tolist() == sorted(ranked[: round(0.3 * 627)])  # 627 positions, tests/facts.toml
    assert sample.weights[sample.weights > 0] == pytest.approx(np.full(188, 1 / 188))


def test_samples_nest_by_share_and_differ_by_seed() -> None:
    task = make_task("go-2x3")
    small, large, other = (make_sample(task, *drawn).weights > 0 for drawn in ((0.2, 5), (0.6, 5), (0.2, 6)))
    assert not (small & ~large).any()
    assert 0 < (small & other).sum() < small.sum()


def test_weights_by_play_keep_their_proportions() -> None:
    task = make_task("tictactoe", "play")
    sample = make_sample(task, 0.5, 0)
    kept = sample.weights > 0
    assert sample.weights.sum() == pytest.approx(1)
    assert np.ptp(sample.weights[kept] / task.weights[kept]) == pytest.approx(0)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, 2.0, float("nan")])
def test_a_share_is_between_0_and_1(share: float) -> None:
    with pytest.raises(UsageError, match="above 0 and below 1"):
        make_sample(make_task("tictactoe"), share, 0)


def test_a_sample_of_nothing_or_with_nothing_to_learn_is_refused() -> None:
    with pytest.raises(WorkError, match="keeps 0 of 627 positions"):
        make_sample(make_task("tictactoe"), 1e-6, 0)
    task = make_task("planted-zipf-2")  # 8 of its positions are contested, tests/test_controls.py
    contested = task.graph.edge_parent[task.solution.regret > 0]
    one, seen = 1 / len(task.graph.positions), []
    for seed in range(20):
        try:
            seen.append(np.flatnonzero(make_sample(task, one, seed).weights)[0] in contested)
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
    "symbolic": ":population=20,generations=2",
    "local_search": ":language=concepts,effort=100",
}
FITTED = [name + QUICK.get(name, "") for name in LEARNERS if name not in ("uniform", "human", *NEEDS_TRUTH)]
COUNTING_ALL = [
    "rulelist:objective=codelength",
    "local_search:objective=codelength,language=concepts,effort=100",
]  # positions of weight 0, too


@pytest.mark.parametrize("text", [*FITTED, *COUNTING_ALL])
def test_no_learner_sees_what_is_held_out(text: str) -> None:
    """Another truth outside the sample gives the same files, byte for byte; another inside does not."""
    task, learner = make_task("tictactoe"), make_learner(*parse_learner(text))
    sample = make_sample(task, 0.5, 0)
    kept = sample.weights > 0
    seen, outside, inside = (
        [learner.encode(policy, task) for policy in learner.fit_path(each, [1, 4], 3)]
        for each in (sample, make_sample(scrambled(task, kept, 0), 0.5, 0), make_sample(scrambled(task, ~kept, 0), 0.5, 0))
    )
    assert seen == outside
    assert seen != inside


@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3", "nim-3-4-5"])
@pytest.mark.parametrize("share", [0.2, 0.7])
def test_a_table_gains_nothing_where_it_has_seen_nothing(game_id: str, share: float) -> None:
    task = make_task(game_id)
    for budget in (5, 10_000):
        record, _ = measure_cell(Cell(game_id, "table", "table", budgets=[budget], sample=share), "key")
        found = record.points[-1].held_out
        assert found is not None
        assert found["gain_held_out"] == pytest.approx(0, abs=1e-12)
        assert found["gain_fitted"] > 0
    assert found["gain_fitted"] == pytest.approx(1)
    assert found["n_fitted"] + found["n_held_out"] == len(task.graph.positions)


def test_the_gains_of_the_parts_make_up_the_gain_of_the_whole() -> None:
    """Regrets add up: gain is a mean of the parts' gains, weighted by what random play loses in each."""
    task = make_task("tictactoe")
    learner = make_learner("rulelist", {"language": "concepts"})
    record, _ = measure_cell(Cell("tictactoe", "rulelist", "concepts", {"language": "concepts"}, [3], sample=0.3), "key")
    (point,) = record.points
    kept = make_sample(task, 0.3, 0).weights > 0
    loss = np.bincount(task.graph.edge_parent, task.solution.regret / task.graph.n_moves[task.graph.edge_parent], task.graph.n_states)
    inside, outside = loss[kept].sum(), loss[~kept].sum()
    parts = (inside * point.held_out["gain_fitted"] + outside * point.held_out["gain_held_out"]) / (inside + outside)
    assert point.gain == pytest.approx(parts)
    (policy,) = learner.fit_path(make_sample(task, 0.3, 0), [3], 0)
    assert point.gain == pytest.approx(task.gain(action_probabilities(task.graph, policy.scores(task))))


def test_a_planted_rule_is_learned_from_part_of_its_positions_and_holds_on_the_others() -> None:
    """Each rule of planted-zipf-12 holds at four positions; a sample that has at least one of each shows all twelve."""
    task = make_task("planted-zipf-12")
    contested = np.unique(task.graph.edge_parent[task.solution.regret > 0])
    kept = make_sample(task, 0.8, 0).weights > 0
    assert 0 < kept[contested].sum() < len(contested)
    record, _ = measure_cell(Cell("planted-zipf-12", "rulelist", "concepts", {"language": "concepts"}, [12], sample=0.8), "key")
    (point,) = record.points
    assert point.gain == pytest.approx(1)
    assert point.held_out["gain_held_out"] == pytest.approx(1)


SUITE = 'name = "s"\ngames = ["tictactoe"]\nseeds = [0, 1]\n[[learners]]\nname = "table"\nbudgets = [9]\n'


def test_a_suite_may_name_a_sample_and_its_cells_show_it() -> None:
    plain, sampled = (cells(parse_suite(SUITE + more, "s.toml")) for more in ("", "sample = 0.25\n"))
    assert [cell.id for cell in plain] == ["tictactoe/table/seed=0", "tictactoe/table/seed=1"]
    assert [cell.id for cell in sampled] == ["tictactoe/table,sample=0.25/seed=0", "tictactoe/table,sample=0.25/seed=1"]
    assert [cell.sample for cell in sampled] == [0.25, 0.25]
    fitted = [measure_cell(cell, "key")[0].points[0].held_out["gain_fitted"] for cell in sampled]
    assert fitted[0] != fitted[1]  # another seed, another sample


def test_all_learners_of_a_seed_see_the_same_sample() -> None:
    """A table of everything seen, and a rule list: their fitted positions are the same, so that held-out gains can be compared."""
    made = [measure_cell(Cell("nim-1-2-3", name, name, budgets=[3], seed=4, sample=0.5), "key")[0] for name in ("table", "rulelist")]
    found = [record.points[-1].held_out for record in made]
    assert found[0]["n_fitted"] == found[1]["n_fitted"]
    expected = make_sample(make_task("nim-1-2-3"), 0.5, 4)
    assert found[0]["n_fitted"] == np.count_nonzero(expected.weights)


def test_records_from_before_samples_read_as_they_were() -> None:
    old = {"game": "tictactoe", "learner": "table", "label": "table", "seed": 3}
    cell = msgspec.convert(old, Cell)
    assert (cell.sample, cell.id) == (None, "tictactoe/table/seed=3")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("sample = 1.5", "sample 1.5: give the share of positions to fit"),
        ('sample = "half"', "sample: give a number or nothing, not 'half'"),
        ("samples = 0.5", "unknown key 'samples'; did you mean sample"),
    ],
)
def test_a_wrong_sample_in_a_suite_is_named(more: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        parse_suite(SUITE + more, "s.toml")


def test_fit_says_what_was_held_out_and_what_is_promised(shell: Shell) -> None:
    words = ("fit", "rulelist", "--language", "concepts", "--game", "tictactoe", "--budget", "3", "--sample", "0.5")
    answer = shell.json(*words)
    assert answer["sample"] == 0.5
    found = answer["held_out"]
    assert (found["n_fitted"], found["n_held_out"]) == (314, 313)  # 313.5 of 627 positions, rounded to even
    status, out, _ = shell(*words)
    assert status == 0
    assert f"fitted to 314 positions, gain {found['gain_fitted']:.4f} there; held out 313, gain {found['gain_held_out']:.4f}" in out
    assert f"has a mean regret over all positions of at most {found['bound']['regret']:.4f}: " in out
    assert ("vacuous" in out) == found["bound"]["is_vacuous"]
    assert shell.json(*words[:-2])["held_out"] is None


def test_a_vacuous_bound_is_said_to_be_vacuous(shell: Shell) -> None:
    status, out, _ = shell("fit", "table", "--game", "tictactoe", "--budget", "200", "--sample", "0.5")
    assert status == 0
    assert "vacuous, no gain is promised" in out
    status, out, _ = shell("fit", "table", "--game", "tictactoe", "--budget", "200", "--sample", "0.5", "--weights", "play")
    assert status == 0
    assert "no bound: it holds for positions that count alike" in out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("table --budget 2 --sample 1", 2, "sample 1: give the share of positions"),
        ("perfect --budget 2 --sample 0.5", 2, "perfect needs the true solution of every position"),
        ("rulelist --shortest --language concepts --sample 0.5", 2, "shortest needs the true solution"),
        ("table --budget 2 --sample 1e-9", 1, "keeps 0 of 627 positions"),
    ],
)
def test_a_sample_that_cannot_be_fitted_is_refused_in_a_line(shell: Shell, words: str, status: int, said: str) -> None:
    found, out, err = shell("fit", *words.split(), "--game", "tictactoe")
    assert (found, out) == (status, "")
    assert said in err
    assert err.count("\n") == 1
