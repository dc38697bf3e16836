"""Two runs compared: planted moves are found, and seeds alone pass for a move as seldom as is said."""

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bench.harness.records import Record
from bench.harness.store import read_record, record_path, write_record
from bench.runs.diff import FEW_SEEDS, LEVEL, MOVED, NOISE, ONE_SEED, SEEDLESS, Fact, changes_over_seeds, compare_runs
from policies.registry import LEARNERS, make_learner
from policies.task import make_task
from tests.support.planted_runs import NETWORKS, RULES, plant, point
from tests.support.shell import Shell

RULE = RULES[0].id


def over_seeds(before: list[float], after: list[float], never: tuple[int, int] = (0, 0)) -> list[tuple[str, str]]:
    """Measure and verdict of what differs; of the seeds of each side so many never lose, from the first on."""
    sides = [
        [
            Record(cell, cell.id, "key", points=[point(gain, never_loses=number < n)])
            for number, (cell, gain) in enumerate(zip(NETWORKS, gains, strict=False))
        ]
        for gains, n in zip((before, after), never, strict=True)
    ]
    changes, _ = changes_over_seeds("tictactoe/network", *sides)
    return [(change.measure, change.verdict) for change in changes]


def test_every_move_of_a_learner_without_seed_is_found_however_small(tmp_path: Path) -> None:
    before = plant(tmp_path / "a", {RULE: [point(0.5), point(0.7, 2)]})
    after = plant(tmp_path / "b", {RULE: [point(0.5), point(0.7 + 1e-9, 2, bits=24, never_loses=True)]})
    found = compare_runs(before, after)
    assert [(change.curve, change.budget, change.measure, change.before, change.after) for change in found.changes] == [
        (RULE, 2, "gain", 0.7, 0.7 + 1e-9),
        (RULE, 2, "policy_bits", 16, 24),
        (RULE, 2, "codelength", 116, 124),
        (RULE, 2, "never_loses", 0, 1),
    ]
    assert {change.verdict for change in found.changes} == {MOVED}
    assert found.same_key == [RULE]  # both say "a key"


def test_expected_results_and_what_is_missing_are_compared_too(tmp_path: Path) -> None:
    first = msgspec.structs.replace(point(0.5), missing_bits=0.5, results={"loss_rate": 0.25}, games_left={"first": 3.0})
    other = msgspec.structs.replace(first, missing_bits=0.4, results={"loss_rate": 0.125}, games_left={"first": 2.0})
    runs = [plant(tmp_path / name, {RULE: [one]}) for name, one in (("a", first), ("b", other))]
    assert [(change.measure, change.before, change.after) for change in compare_runs(*runs).changes] == [
        ("missing_bits", 0.5, 0.4),
        ("loss_rate", 0.25, 0.125),
        ("games_left_first", 3.0, 2.0),
    ]
    assert compare_runs(runs[0], plant(tmp_path / "c", {RULE: [point(0.5)]})).changes == []  # of results that one has not, no change


def test_facts_of_games_and_recipes_are_told_with_the_cell_where_they_differ_most(tmp_path: Path) -> None:
    sizes = {"a": (10, 100, 100), "b": (10, 90, 105)}
    runs = []
    for name, recipes in sizes.items():
        cells = [RULE, NETWORKS[0].id, NETWORKS[1].id]
        run = plant(tmp_path / name, {cell_id: [point(0.5)] for cell_id in cells})
        for cell_id, bits in zip(cells, recipes, strict=True):
            record = read_record(record_path(run, cell_id))
            write_record(run, msgspec.structs.replace(record, recipe_bits={"learner": bits}, n_states=765))
        runs.append(run)
    found = compare_runs(*runs)
    assert (found.facts, found.changes) == ([Fact("recipe_learner_bits", 2, NETWORKS[0].id, 100, 90)], [])


def test_rounding_and_timings_are_no_moves(tmp_path: Path) -> None:
    before = plant(tmp_path / "a", {RULE: [point(0.1 + 0.2, seconds=1)]})
    after = plant(tmp_path / "b", {RULE: [point(0.3, seconds=9)]})
    assert 0.1 + 0.2 != 0.3
    assert compare_runs(before, after).changes == []


def test_a_number_that_is_nothing_but_rounding_is_the_same_as_nothing(tmp_path: Path) -> None:
    before, after = (plant(tmp_path / name, {RULE: [point(gain)]}) for name, gain in (("a", 0.0), ("b", 1e-15)))
    assert compare_runs(before, after).changes == []
    assert len(compare_runs(before, plant(tmp_path / "c", {RULE: [point(1e-9)]})).changes) == 1


def test_a_budget_that_one_run_did_not_measure_is_a_move(tmp_path: Path) -> None:
    before, after = plant(tmp_path / "a", {RULE: [point(0.5), point(0.6, 2)]}), plant(tmp_path / "b", {RULE: [point(0.5)]})
    (change,) = compare_runs(before, after).changes
    assert (change.budget, change.measure, change.before, change.after) == (2, "measured", 1, 0)


def test_cells_of_one_run_and_failed_and_damaged_ones_are_listed(tmp_path: Path) -> None:
    ids = [cell.id for cell in RULES]
    before = plant(tmp_path / "a", {cell_id: [point(0.5)] for cell_id in ids[:3]})
    after = plant(tmp_path / "b", {cell_id: [point(0.5)] for cell_id in (ids[0], ids[3])})
    write_record(after, Record(RULES[1], ids[1], "key", error="out of memory"))
    record_path(after, ids[4]).write_text("{")
    found = compare_runs(before, after)
    assert (found.n_cells, found.only_before, found.only_after) == (1, [ids[2]], [ids[3]])
    assert found.without[ids[1]] == "after: failed: out of memory"
    assert found.without[ids[4]].startswith("after: damaged: the record")


def test_a_cell_that_was_measured_where_it_had_failed_is_told_once(tmp_path: Path) -> None:
    before, after = plant(tmp_path / "a", {}), plant(tmp_path / "b", {RULE: [point(0.5)]})
    write_record(before, Record(RULES[0], RULE, "key", error="out of memory"))
    for runs, side in (((before, after), "before"), ((after, before), "after")):
        found = compare_runs(*runs)
        assert (found.only_before, found.only_after, found.n_cells) == ([], [], 0)
        assert found.without == {RULE: f"{side}: failed: out of memory"}


def test_a_grade_that_one_version_did_not_know_is_no_change(tmp_path: Path) -> None:
    more = msgspec.structs.replace(point(0.5), grades={"never_loses": False, "keeps_value": True})
    runs = [plant(tmp_path / name, {RULE: [one]}) for name, one in (("a", point(0.5)), ("b", more))]
    assert compare_runs(*runs).changes == compare_runs(*runs[::-1]).changes == []
    knows, knows_not = (
        [
            Record(cell, cell.id, "key", points=[msgspec.structs.replace(more, grades=grades)])
            for cell, grades in zip(NETWORKS, each, strict=False)
        ]
        for each in ([{"keeps_value": True}, {"keeps_value": False}], [{}, {}])
    )
    for sides in ((knows, knows_not), (knows_not, knows)):
        assert changes_over_seeds("tictactoe/network", *sides)[0] == []


def test_what_the_runs_were_made_with_is_told_where_it_differs(tmp_path: Path) -> None:
    libraries = {"numpy": "2.4.6", "torch": "2.13.0"}
    points = {RULE: [point(0.5)]}
    before = plant(tmp_path / "a", points, commit="aaa", python="3.11.2", libraries=libraries, made="yesterday")
    after = plant(tmp_path / "b", points, commit="bbb", python="3.11.2", libraries=libraries | {"numpy": "2.5.0"}, made="today")
    assert compare_runs(before, after).made_with == {"commit": [["aaa"], ["bbb"]], "numpy": [["2.4.6"], ["2.5.0"]]}


def test_one_seed_leaves_it_undecided() -> None:
    assert over_seeds([0.5], [0.9]) == [("gain", ONE_SEED)]
    assert over_seeds([0.5], [0.9, 0.8, 0.7]) == [("gain", ONE_SEED)]
    assert over_seeds([0.5], [0.5]) == []


def test_a_shift_far_beyond_the_spread_has_moved_and_one_within_has_not() -> None:
    gains = [0.80, 0.82, 0.81, 0.79, 0.83]
    assert over_seeds(gains, [gain + 0.1 for gain in gains]) == [("gain", MOVED)]
    assert over_seeds(gains, gains[::-1]) == [("gain", NOISE)]
    assert over_seeds([0.5, 0.5], [0.6, 0.6]) == [("gain", MOVED)]  # no seed differs from another


@pytest.mark.parametrize(("shift", "verdict"), [(0.99, NOISE), (1.01, MOVED)])
def test_the_test_is_welch_s(shift: float, verdict: str) -> None:
    """For two sets of five with the same spread Welch's t has 8 degrees of freedom, whose two-sided 1 % point is 3.355 (any table)."""
    gains = np.array([0.80, 0.82, 0.81, 0.79, 0.83])
    step = 3.355 * math.sqrt(2 * gains.var(ddof=1) / 5)
    assert over_seeds(gains.tolist(), (gains - shift * step).tolist()) == [("gain", verdict)]


@pytest.mark.parametrize(("shift", "verdict"), [(0.99, NOISE), (1.01, MOVED)])
def test_sets_of_other_sizes_and_spreads_are_not_pooled(shift: float, verdict: str) -> None:
    """Five seeds that nearly agree against three that do not: Welch's t has the degrees of freedom of the three, which are 2.

    By the formula of Welch and Satterthwaite, as the spread of the five goes to nothing; the two-sided 1 % point is 9.925 (any
    table). A pooled variance would have 6 degrees of freedom, the point 3.707, and a standard error 1.37 times as large.
    """
    five, three = 0.5 + 1e-6 * np.array([-1, 0, 0, 0, 1]), 0.5 + 0.01 * np.array([-1, 0, 1])
    step = 9.925 * math.sqrt(three.var(ddof=1) / 3)
    assert over_seeds(five.tolist(), (three + shift * step).tolist()) == [("gain", verdict)]
    assert over_seeds((three + shift * step).tolist(), five.tolist()) == [("gain", verdict)]


def test_seeds_alone_pass_for_a_move_as_seldom_as_said() -> None:
    rng = np.random.default_rng(0)
    n = 1000
    moved = sum(("gain", MOVED) in over_seeds(*rng.normal(0.8, 0.01, (2, 5)).tolist()) for _ in range(n))
    assert moved <= LEVEL * n + 4 * math.sqrt(LEVEL * n)  # four standard deviations above what is said


def test_grades_are_compared_by_fisher_s_exact_test() -> None:
    """Five of five seeds against none: two of the 252 ways to put five of ten seeds on a side, p = 2 / 252 < 0.01."""
    same = [0.8] * 5
    assert over_seeds(same, same, (5, 0)) == [("never_loses", MOVED)]
    assert over_seeds(same, same, (5, 1)) == [("never_loses", NOISE)]  # 5 of 5 and 1 of 5: 2 (1 + 5) / 252 > 0.01
    assert over_seeds(same[:4], same[:4], (4, 0)) == [("never_loses", FEW_SEEDS)]  # 2 / 70 at best


@pytest.mark.parametrize("name", SEEDLESS)
def test_learners_that_are_compared_exactly_use_no_seed(name: str) -> None:
    task, learner = make_task("tictactoe"), make_learner(name, {"language": "concepts"} if name in ("rulelist", "weighted") else {})
    budgets = list(learner.default_budgets(task))[:3]
    files = [[learner.encode(policy, task) for policy in learner.fit_path(task, budgets, seed)] for seed in (0, 12345)]
    assert files[0] == files[1]
    assert name in LEARNERS


def test_many_cells_that_one_run_lacks_are_counted(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bench.cli.diff.SHOWN", 3)
    plant(Path("reports/runs/old"), {RULE: [point(0.5)]})
    plant(Path("reports/runs/new"), {cell.id: [point(0.5)] for cell in [*RULES, *NETWORKS]})
    said = Shell(monkeypatch, capfd)("diff", "old", "new")[1]
    assert said.count("only in the run after: tictactoe/") == 3
    assert said.endswith("only in the run after: 6 more; --json names them\n1 cell compared: every number is the same\n")


def test_the_verb_prints_what_moved_and_its_status_is_1_only_if_asked(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell(monkeypatch, capfd)
    old, new = (
        {cell.id: [point(gain)] for cell, gain in zip(NETWORKS, gains, strict=True)}
        for gains in ([0.80, 0.81, 0.82, 0.83, 0.84], [0.84, 0.80, 0.81, 0.83, 0.82])
    )
    plant(Path("reports/runs/old"), {RULE: [point(0.5)], **old}, commit="aaa")
    plant(Path("reports/runs/new"), {RULE: [point(0.25)], **new}, commit="bbb")
    status, out, err = shell("diff", "old", "new")
    assert (status, err) == (0, "")
    assert "made with another commit: aaa -> bbb" in out
    assert f"{RULE} gain moved 1 1 0.5000 0.2500 -0.25" in " ".join(out.split())
    assert "6 cells compared: 1 moved; 1 within seed noise" in out
    answer = shell.json("diff", "old", "new")
    assert [(change["measure"], change["verdict"]) for change in answer["changes"]] == [("gain", MOVED), ("gain", NOISE)]
    assert shell("diff", "old", "new", "--exit-code")[0] == 1
    assert shell("diff", "old", "old", "--exit-code") == (0, shell("diff", "old", "old")[1], "")
    assert "6 cells compared: every number is the same" in shell("diff", "old", "reports/runs/old")[1]
    assert "tests over seeds" not in shell("diff", "old", "old")[1]  # nothing differs that chance could be blamed for
    status, out, err = shell("diff", "old", "nwe")
    assert (status, out) == (2, "")
    assert "no run 'nwe'; did you mean new" in err
