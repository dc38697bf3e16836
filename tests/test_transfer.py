"""The knowledge tail T(k) and the held-out verdict, on curves whose answers are known."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.harness.cell import measure_cell
from bench.harness.splits import fit_split
from bench.measures.split_curve import SplitCurve
from bench.measures.transfer import AT, transfer
from bench.runs.diff import BY_NAME
from bench.runs.export import Source
from bench.suites.grid import Cell
from bench.tails.transfer import UNDECIDED, held_out_verdict
from policies.api import Task
from policies.registry import make_learner
from policies.task import BOARDS, fitted_part, make_task, shuffled_task
from tests.support.shell import Shell


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def split(budgets: list[int], fitted: list[float], held: list[float], steps: list[float] | None = None, n: float = 10_000.0) -> SplitCurve:
    errors = [0.0] * len(budgets) if steps is None else steps
    return SplitCurve(0, int(n), int(n), n, budgets, list(fitted), list(held), list(errors), list(errors))


def test_the_tail_is_a_ratio_of_two_gains() -> None:
    """By hand: behind 16 the fitted gain grows by .2 and the held-out one by .05; behind 64 by .1 and by -.02."""
    one = split([16, 64, 256], [0.7, 0.8, 0.9], [0.65, 0.72, 0.70])
    other = split([16, 64, 256], [0.7, 0.8, 0.9], [0.65, 0.72, 0.74])
    at_16, at_64 = transfer([one], 16), transfer([one], 64)
    assert at_16 is not None
    assert at_64 is not None
    assert (at_16.mean, at_64.mean) == pytest.approx((0.25, -0.2))
    both = transfer([one, other], 64)
    assert both is not None
    assert (both.mean, both.low, both.high) == pytest.approx((0.0, -0.2, 0.2))
    from_nothing = transfer([one], 0)
    assert from_nothing is not None
    assert from_nothing.mean == pytest.approx(0.70 / 0.9)
    between = transfer([one], 63)  # of the largest policy of at most 63 units
    assert between == at_16


def test_the_band_adds_the_steps_behind_k() -> None:
    """Steps of .03 and .04 behind 16 make .05 together, 1.96 of them over a fitted gain of .2: .49."""
    one = transfer([split([16, 64, 256], [0.7, 0.8, 0.9], [0.65, 0.72, 0.70], [0.5, 0.03, 0.04])], 16)
    assert one is not None
    assert (one.low, one.high) == pytest.approx((0.25 - 0.49, 0.25 + 0.49))


@pytest.mark.parametrize(
    ("behind", "n", "is_there"),
    [(0.0049, 1e6, False), (0.0051, 1e6, True), (0.019, 1000.0, False), (0.021, 1000.0, True)],
)
def test_too_little_behind_k_has_no_tail(behind: float, n: float, is_there: bool) -> None:
    """.005 of gain, and 20 of n positions: .02 of 1,000."""
    assert (transfer([split([1, 2], [0.5, 0.5 + behind], [0.5, 0.5], n=n)], 1) is not None) == is_there
    assert transfer([split([1, 2], [0.5, 0.6], [0.5, 0.5])], 2) is None
    assert transfer([], 1) is None


def test_a_split_whose_held_out_side_has_nothing_to_lose_has_no_tail() -> None:
    bare = SplitCurve(0, 10, 10, 10.0, [1], [1.0], [None], [None], [None])
    assert transfer([bare], 0) is None
    assert held_out_verdict([bare], "rules", True).words == UNDECIDED


def test_a_table_is_memory() -> None:
    """Entries of a table play nowhere else: T is 0 exactly, also of boards with several positions."""
    found = fit_split(make_task("go-2x3"), make_learner("table", {}), [1, 20, 10_000], 0, 0.5, BOARDS, 0)
    for k in (0, 1, 20):
        one = transfer([found], k)
        assert one is not None
        assert (one.mean, one.low, one.high) == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)
    assert held_out_verdict([found], "entries", True).words == "memory from the first entry"


class TrueRules:
    """A learner that knows the planted rules whatever it is fitted to: of the list of the whole truth, the first `budget`."""

    def __init__(self, task: Task) -> None:
        self._list = make_learner("rulelist", {"language": "concepts"})
        self._whole = task

    def __getattr__(self, name: str) -> Any:
        return getattr(self._list, name)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[Any]:
        return self._list.fit_path(self._whole, budgets, seed)


def test_rules_that_are_true_are_knowledge() -> None:
    """Counted: rule k of planted-zipf-60 is right in the four questions of stake 27,720 / k, rounded, and says nothing of any other.

    So each side gains, of all stakes of its questions, those of the questions whose situation is at most k (games/rules/planted.py).
    """
    task, budgets = make_task("planted-zipf-60"), [4, 16, 60]
    kept = fitted_part(task, 0.5, BOARDS, 0).weights > 0
    stakes = np.zeros(task.graph.n_states)
    np.maximum.at(stakes, task.graph.edge_parent, task.solution.regret)
    of_rule = {int(27_720 / k + 0.5): k for k in range(1, 61)}
    sides: dict[bool, dict[int, int]] = {True: {}, False: {}}
    for position in np.flatnonzero(stakes).tolist():
        rule = of_rule[int(stakes[position])]
        side = sides[bool(kept[position])]
        side[rule] = side.get(rule, 0) + int(stakes[position])
    gains = {side: [sum(of[k] for k in of if k <= budget) / sum(of.values()) for budget in budgets] for side, of in sides.items()}
    found = fit_split(task, TrueRules(task), budgets, 0, 0.5, BOARDS, 0)
    assert found.gains_fitted == pytest.approx(gains[True])
    assert found.gains == pytest.approx(gains[False])
    for place, k in enumerate(budgets[:2]):
        one = transfer([found], k)
        assert one is not None
        assert one.mean == pytest.approx((gains[False][-1] - gains[False][place]) / (gains[True][-1] - gains[True][place]))
        assert one.low < 1.0 < one.high
    assert held_out_verdict([found], "rules", True).words == "knowledge to the last rule"


@pytest.mark.parametrize("game_id", ["random-hex-3", "random-tictactoe"])
def test_rules_of_random_games_are_memory(game_id: str) -> None:
    task, learner = make_task(game_id), make_learner("rulelist", {"language": "concepts+patterns"})
    splits = [fit_split(task, learner, learner.default_budgets(task), 0, 0.5, BOARDS, seed) for seed in range(2)]
    assert held_out_verdict(splits, "rules", True).words in ("memory from the first rule", UNDECIDED)


def test_shuffled_moves_are_memory_where_the_truth_is_not() -> None:
    task, learner = make_task("go-2x5"), make_learner("rulelist", {"language": "concepts+patterns"})
    budgets = [1, 4, 16, 32, 64, 128]
    true, null = (fit_split(each, learner, budgets, 0, 0.5, BOARDS, 0) for each in (task, shuffled_task(task, 0)))
    known, luck = transfer([true], 0), transfer([null], 0)
    assert known is not None
    assert luck is not None
    assert known.low > 0.7
    assert luck.low < 0.0 < luck.high < 0.3
    assert held_out_verdict([null], "rules", False).words == "memory from the first rule"


@pytest.mark.parametrize(
    "crafted",
    [
        SplitCurve(0, 9, 9, 9.0, [], [], [], [], []),
        SplitCurve(0, 9, 9, 9.0, [1, 2], [0.5], [0.5, 0.6], [0.1, 0.1], [0.1, 0.1]),
        SplitCurve(0, 9, 9, 9.0, [2, 1], [0.5, 0.6], [0.5, 0.6], [0.1, 0.1], [0.1, 0.1]),
        SplitCurve(0, 9, 9, 0.0, [1, 2], [0.5, 0.6], [0.5, 0.6], [0.1, 0.1], [0.1, 0.1]),
        SplitCurve(0, 9, 9, 9.0, [1, 2], [0.5, float("inf")], [0.5, 0.6], [0.1, 0.1], [0.1, 0.1]),
    ],
)
def test_what_no_split_can_have_given_is_passed_over(crafted: SplitCurve) -> None:
    assert transfer([crafted], 0) is None
    assert held_out_verdict([crafted], "rules", True).words == UNDECIDED


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ([0.5, 0.7, 0.7, 0.7], "knowledge to about the 4-th rule, memory after"),
        ([0.5, 0.7, 0.65, 0.6], "knowledge to about the 4-th rule, memory after"),
        ([0.0, 0.0, 0.0, 0.0], "memory from the first rule"),
        ([0.5, 0.7, 0.8, 0.9], "knowledge to the last rule"),
        ([0.5, 0.502, 0.502, 0.502], "knowledge to about the 1-th rule, memory after"),  # .002 of .2 is less than a tenth
    ],
)
def test_the_verdict_on_curves_without_noise(held: list[float], words: str) -> None:
    assert held_out_verdict([split([1, 4, 16, 64], [0.5, 0.7, 0.8, 0.9], held)], "rules", True).words == words


def test_a_peak_within_three_standard_errors_is_no_knowledge_and_an_open_band_no_memory() -> None:
    budgets, fitted = [1, 4, 16, 64], [0.5, 0.7, 0.8, 0.9]
    near = split(budgets, fitted, [0.5, 0.7, 0.72, 0.72], [0.01, 0.01, 0.008, 0.001])
    assert held_out_verdict([near], "rules", True).k == 4
    far = split(budgets, fitted, [0.5, 0.7, 0.72, 0.72], [0.01, 0.01, 0.005, 0.001])
    assert held_out_verdict([far], "rules", True).k == 16
    wide = split(budgets, fitted, [0.5, 0.7, 0.72, 0.72], [0.01, 0.01, 0.1, 0.1])
    assert held_out_verdict([wide], "rules", True).words == UNDECIDED
    assert held_out_verdict([split(budgets, fitted, [0.5, 0.7, 0.8, 0.9])], "rules", False).words == UNDECIDED


def test_the_verb_gives_the_tails_of_a_run_with_their_nulls(shell: Shell, tmp_path: Path) -> None:
    suite = 'name = "mine"\ngames = ["go-2x4"]\n[[learners]]\nname = "rulelist"\noptions = { language = "concepts+patterns" }\n'
    (tmp_path / "mine.toml").write_text(suite + "budgets = [1, 4, 16, 64]\nheld_out = 0.5\nsplits = 2\nnulls = 1\n")
    status, _, _ = shell("run", "mine.toml")
    assert status == 0
    answer = shell.json("tails", "mine")
    (curve,) = answer["curves"]
    (record,) = (json.loads(path.read_text())["record"] for path in Path("reports/runs/mine/records").glob("*.json"))
    splits = [SplitCurve(**each) for each in record["splits"]]
    assert (curve["cell"], curve["game"], curve["learner"], curve["seed"]) == ("go-2x4/rulelist/seed=0", "go-2x4", "rulelist", 0)
    assert curve["verdict"] == answer["tails"][0]["words"]
    assert list(curve["transfer"]) == [str(k) for k in AT]
    expected = transfer(splits, 16)
    assert expected is not None
    assert curve["transfer"]["16"] == {"mean": expected.mean, "low": expected.low, "high": expected.high}
    assert curve["held_out_verdict"] == held_out_verdict(splits, "rules", record["is_finished"]).words
    assert curve["null"]["held_out_verdict"] in ("memory from the first rule", UNDECIDED)
    status, out, _ = shell("tails", "mine")
    assert status == 0
    assert "held-out verdict" in out
    assert "- moves shuffled" in out


def test_the_export_has_the_tail_at_every_budget() -> None:
    record, _ = measure_cell(
        Cell("go-2x4", "rulelist", "rulelist", {"language": "concepts+patterns"}, [1, 4, 16], held_out=0.5, splits=2), "key"
    )
    for point in record.points:
        row = {name: BY_NAME[name].value(Source("run", record.cell, "measured", "", record, point)) for name in BY_NAME}
        found = transfer(record.splits, point.budget)
        assert row["transfer"] == (None if found is None else found.mean)
        assert row["transfer_low"] == (None if found is None else found.low)
        assert row["gain_held_out"] == pytest.approx(np.mean([each.gains[record.budgets.index(point.budget)] for each in record.splits]))
