"""Verdicts on tails: exact curves come back with the numbers they were made from, and the rule does what it says."""

import dataclasses
import json
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bench.harness.cell import measure_cell
from bench.harness.records import Record
from bench.harness.store import read_record, write_record, write_suite
from bench.studies.tail_controls import GEOMETRIC, STAGES, planted_curve
from bench.suites.grid import Cell, Suite
from bench.tails import verdict as tails
from bench.tails.curves import Curve, PathRegrets, counted_curve, curve_of_record, curve_of_regrets, pool, regrets_of_path
from bench.tails.models import MODELS, bin_edges, fit, make_bins, tables
from bench.tails.slopes import straight_stretch
from bench.tails.verdict import ENDS, EXPONENTIAL, HEAVIER, LIGHTER, POWER, UNDECIDED, VERDICTS, tail_of
from games.errors import UsageError
from policies.api import action_probabilities, budget_ladder
from policies.rules.rulelist import RuleListLearner
from policies.task import make_task
from tests.support.shell import Shell

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "reports" / "reference" / "records"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capfd)


def sizes_up_to(largest: int) -> np.ndarray:
    return np.array([0, *sorted({*range(1, 17), *budget_ladder(largest)})])


def exact_curve(gains: np.ndarray, offset: float = 0.0, n_positions: int = 10**9) -> Curve:
    """The curve of these gains, largest first, of which the offset is out of reach."""
    sizes = sizes_up_to(len(gains))
    sizes = sizes[sizes <= len(gains)]
    residuals = 1.0 - (1.0 - offset) * np.concatenate([[0.0], np.cumsum(gains)])[sizes] / gains.sum()
    return counted_curve(sizes, np.maximum(residuals, 0.0), 1.0 / n_positions, is_finished=False)


def best(tail: tails.Tail, name: str) -> tails.ModelScore:
    (found,) = [model for model in tail.models if model.name == name]
    return found


@pytest.mark.parametrize("offset", [0.0, 0.4])
def test_an_exact_exponential_comes_back_with_its_scale_and_predicts_best(offset: float) -> None:
    """R(k) = 0.98^k has the scale -1 / ln 0.98 = 49.498; a share out of reach changes nothing."""
    tail = tail_of(exact_curve(0.98 ** np.arange(1.0, 401.0), offset))
    assert tail.verdict == EXPONENTIAL
    assert best(tail, "exponential").parameters["scale"] == pytest.approx(49.498, rel=0.03)  # the grid steps by 2.6 %
    assert best(tail, "exponential").error < 0.02
    assert best(tail, "power law").error > 0.3
    assert tail.whole is not None
    assert tail.whole.shape == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("offset", [0.0, 0.4])
@pytest.mark.parametrize("exponent", [0.8, 1.0, 1.5])
def test_an_exact_power_law_comes_back_with_its_exponent(exponent: float, offset: float) -> None:
    tail = tail_of(exact_curve(np.arange(1.0, 1001.0) ** -exponent, offset))
    assert (tail.verdict, tail.words) == (POWER, f"{POWER} over 3.0 decades")
    assert tail.stretch is not None
    assert tail.stretch.exponent == pytest.approx(exponent, abs=0.02)
    assert tail.stretch.exponent_band[0] < exponent < tail.stretch.exponent_band[1]
    assert best(tail, "power law").parameters["exponent"] == pytest.approx(exponent, abs=0.02)
    assert [slope.slope for slope in tail.slopes[4:]] == pytest.approx([exponent] * len(tail.slopes[4:]), abs=0.05)


def test_an_exact_stretched_exponential_comes_back_with_its_shape() -> None:
    k = np.arange(0.0, 3001.0)
    tail = tail_of(exact_curve(-np.diff(np.exp(-((k / 20.0) ** 0.5)))))
    assert tail.verdict == HEAVIER
    assert tail.whole is not None
    assert tail.later is not None
    assert tail.whole.shape == pytest.approx(0.5, abs=0.05)
    assert tail.later.shape == pytest.approx(0.5, abs=0.1)


def test_gains_that_do_not_fall_before_the_list_ends_are_lighter_than_exponential() -> None:
    assert tail_of(exact_curve(np.ones(300))).verdict == LIGHTER
    assert tail_of(exact_curve(np.exp(-((np.arange(400.0) / 60.0) ** 2)))).verdict == LIGHTER


def test_a_list_ends_within_thirty_units_and_not_later() -> None:
    assert tail_of(exact_curve(np.ones(30))).verdict == ENDS
    assert tail_of(exact_curve(np.ones(31))).verdict != ENDS
    stopped = dataclasses.replace(exact_curve(np.ones(30), offset=0.2), is_finished=True)
    assert tail_of(stopped).verdict == ENDS
    assert tail_of(stopped).left_at_end == pytest.approx(0.2)
    assert tail_of(dataclasses.replace(stopped, is_finished=False)).verdict != ENDS


def test_too_few_points_are_undecided() -> None:
    curve = exact_curve(1.0 / np.arange(1.0, 8.0), offset=0.5)
    assert tail_of(curve).verdict == UNDECIDED
    assert "too few" in tail_of(curve).reason


def test_a_heavy_verdict_takes_two_decades() -> None:
    """A power law out of reach of perfection, by its first 91 and 128 rules: 1.96 and 2.1 decades."""
    curve = exact_curve(np.arange(1.0, 1001.0) ** -1.5, offset=0.3)
    short, long = (
        dataclasses.replace(curve, sizes=curve.sizes[:n], residuals=curve.residuals[:n], replicates=curve.replicates[:, :n])
        for n in (int(np.searchsorted(curve.sizes, size, side="right")) for size in (91, 128))
    )
    assert (tail_of(short).verdict, tail_of(long).verdict) == (UNDECIDED, POWER)
    assert "2 decades are needed" in tail_of(short).reason


def test_rules_worth_a_few_positions_are_not_judged() -> None:
    """Gains of 1 / k out of 2,000 positions: rule k gains 2,000 / (7.485 k) positions, less than 4 from k = 66.8 on."""
    gains = 1.0 / np.arange(1.0, 1001.0)
    assert gains.sum() == pytest.approx(7.485, abs=0.001)
    assert 45 <= tail_of(exact_curve(gains, n_positions=2000)).judged_to <= 91  # bins end at 45, 64 and 91
    assert tail_of(exact_curve(gains)).judged_to == 1000


def test_the_same_curve_gives_the_same_answer_and_it_is_plain_json() -> None:
    curve = planted_curve(GEOMETRIC[1], 3)
    first, second = tail_of(curve), tail_of(curve)
    assert first == second
    assert json.loads(json.dumps(dataclasses.asdict(first)))["verdict"] in VERDICTS
    assert {model.name for model in first.models} == set(MODELS)


@pytest.mark.parametrize("control", STAGES, ids=lambda control: control.name)
def test_a_few_great_rules_before_an_exponential_are_no_heavy_tail(control) -> None:
    tail = tail_of(planted_curve(control, 1), 1)
    assert tail.verdict in (EXPONENTIAL, UNDECIDED)
    whole = tail.whole
    assert whole is not None
    assert whole.shape_band[1] < tails.LOW  # the whole curve alone would have been called heavy


def test_bins_average_densities_as_sums_over_single_rules_do() -> None:
    bins = make_bins(sizes_up_to(4000))
    for name, wanted, law in (("power law", {"exponent": 1.3}, lambda k: k**-1.3), ("exponential", {}, None)):
        table = tables(bins, [name])[name]
        place = int(np.argmin(np.abs(table.parameters["exponent"] - 1.3))) if wanted else 150
        scale = table.parameters.get("scale", np.zeros(151))[place]
        density = law or (lambda k, scale=scale: np.exp(-k / scale))
        for i, (first, last) in enumerate(zip(bins.first.tolist(), bins.last.tolist(), strict=True)):
            exact = np.log(density(np.arange(first, last + 1.0)).mean())
            assert table.log_means[place, i] == pytest.approx(exact, abs=2e-3)


def test_a_fit_is_the_best_of_its_grid_by_brute_force() -> None:
    bins = make_bins(sizes_up_to(200))
    rng = np.random.default_rng(0)
    log_gains, weights = rng.standard_normal((3, len(bins.last))), rng.standard_exponential((3, len(bins.last)))
    for table in tables(bins, ["power law", "log-normal"]).values():
        best_place, amplitude = fit(table, log_gains, weights)
        for row in range(3):
            off = log_gains[row] - table.log_means
            factor = (off * weights[row]).sum(axis=1) / weights[row].sum()
            errors = (weights[row] * (off - factor[:, None]) ** 2).sum(axis=1)
            assert errors[best_place[row]] == pytest.approx(errors.min(), rel=1e-9)
            assert amplitude[row] == pytest.approx(factor[best_place[row]])


def test_bins_are_half_octaves_of_what_was_measured() -> None:
    sizes = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 40, 41])
    assert sizes[bin_edges(sizes)].tolist() == [0, 1, 2, 3, 4, 6, 8, 11, 40, 41]


def test_the_longest_straight_stretch_is_found_behind_a_bent_beginning() -> None:
    """Gains are level up to rule 20 and fall as k^-1.5 from there."""
    k = np.arange(1.0, 5001.0)
    curve = exact_curve(np.minimum(1.0, (k / 20.0) ** -1.5))
    bins = make_bins(curve.sizes[bin_edges(curve.sizes)])
    gains = np.log(-np.diff(curve.residuals[bin_edges(curve.sizes)]) / np.diff(curve.sizes[bin_edges(curve.sizes)]))
    rows = np.tile(gains, (20, 1))
    stretch = straight_stretch(bins, rows, np.ones_like(rows))
    assert stretch is not None
    assert 8 <= stretch.first <= 25
    assert stretch.last == 5000
    assert stretch.exponent == pytest.approx(1.5, abs=0.1)


def test_the_bootstrap_over_positions_scatters_as_it_should() -> None:
    """Half of n equal positions are put right: the share left is that of a binomial, with the standard deviation 1 / (2 sqrt(n))."""
    n = 2500
    path = PathRegrets([1], np.repeat([[0.0, 1.0]], n // 2, axis=0).reshape(1, n), np.ones(n), np.full(n, 1.0 / n), is_finished=False)
    curve = curve_of_regrets(path)
    assert curve.residuals.tolist() == [1.0, 0.5]
    assert curve.replicates[:, 1].mean() == pytest.approx(0.5, abs=4 * 0.01 / 10)
    assert curve.replicates[:, 1].std() == pytest.approx(0.01, rel=0.3)  # of 100 replicates: 4 standard errors
    assert curve_of_regrets(path, seed=1).replicates[0, 1] != curve.replicates[0, 1]


def test_the_curve_of_a_path_is_what_a_record_of_it_says() -> None:
    task, learner = make_task("go-2x3"), RuleListLearner()
    budgets = [1, 2, 4, 8, 16, 32]
    record, _ = measure_cell(Cell("go-2x3", "rulelist", "rulelist", budgets=budgets), "key")
    path = regrets_of_path(task, learner, budgets)
    fitted, recorded = curve_of_regrets(path), curve_of_record(record)
    assert fitted.sizes.tolist() == recorded.sizes.tolist() == [0, *[point.size for point in record.points]]
    assert fitted.residuals == pytest.approx(recorded.residuals, abs=1e-12)
    assert (fitted.has_ended, fitted.is_finished, fitted.quantum) == (recorded.has_ended, recorded.is_finished, recorded.quantum)
    assert fitted.has_ended  # 26 rules play perfectly
    *_, policy = learner.fit_path(task, [4], 0)
    assert path.regrets[2] @ path.weights == pytest.approx(task.regret(action_probabilities(task.graph, policy.scores(task))))


def test_a_fit_that_stops_before_its_budgets_do_has_ended_out_of_reach_of_perfection() -> None:
    record = read_record(REFERENCE / "tictactoe__rulelist-concepts__seed=0.json")  # six rules, and no seventh gains anything
    assert record.cell.budgets is not None
    tail = tail_of(curve_of_record(record))
    assert (tail.verdict, tail.ends_after) == (ENDS, 6)
    assert tail.words == "ends, 1.8% out of reach"
    path = regrets_of_path(make_task("tictactoe"), RuleListLearner("concepts"), record.cell.budgets)
    assert path.is_finished
    assert not regrets_of_path(make_task("tictactoe"), RuleListLearner("concepts"), [1, 2, 3]).is_finished


def test_exceptions_are_judged_from_the_first_point_on() -> None:
    record = read_record(REFERENCE / "go-3x3__rulelist__seed=0.json")
    curve = curve_of_record(record, "exceptions")
    assert (curve.sizes[0], curve.residuals[0]) == (1, 1.0)
    bits = [point.exception_bits for point in sorted(record.points, key=lambda point: point.size)]
    assert curve.residuals.tolist() == pytest.approx([bit / bits[0] for bit in bits])
    assert tail_of(curve).verdict in VERDICTS


def test_a_record_with_one_point_is_refused_in_one_line() -> None:
    record = read_record(REFERENCE / "tictactoe__uniform__seed=0.json")
    with pytest.raises(UsageError, match="is no curve"):
        curve_of_record(record)


def test_a_single_perfect_rule_is_a_list_that_ends() -> None:
    tail = tail_of(curve_of_record(read_record(REFERENCE / "nim-3-4-5__rulelist__seed=0.json")))  # Nim's one rule: leave xor zero
    assert (tail.verdict, tail.ends_after) == (ENDS, 1)


def test_pooled_seeds_keep_the_sizes_that_all_have_and_the_spread_of_all() -> None:
    one, other = (dataclasses.replace(planted_curve(GEOMETRIC[2], seed), is_finished=False) for seed in (1, 2))
    one, other = (dataclasses.replace(curve, residuals=curve.residuals + 1e-3) for curve in (one, other))  # neither has ended
    pooled = pool([one, other])
    assert set(pooled.sizes.tolist()) == set(one.sizes.tolist()) & set(other.sizes.tolist())
    assert len(pooled.replicates) == len(one.replicates) + len(other.replicates)
    at = int(np.flatnonzero(one.sizes == 16)[0]), int(np.flatnonzero(other.sizes == 16)[0])
    place = int(np.flatnonzero(pooled.sizes == 16)[0])
    assert pooled.residuals[place] == pytest.approx((one.residuals[at[0]] + other.residuals[at[1]]) / 2.0)
    assert tail_of(pooled).verdict == EXPONENTIAL
    with pytest.raises(UsageError, match="no three sizes in common"):
        pool([one, dataclasses.replace(other, sizes=other.sizes + 10**6)])


def test_a_curve_that_has_ended_is_pooled_with_its_last_residual_beyond_its_end() -> None:
    """By hand: one list leaves 0.4 from its second rule on, the other 0.2 from its fourth on; the mean of both ends with 0.3 left."""
    short, long = (
        counted_curve(np.array([0, *range(1, n + 1)]), np.array([1.0, *left]), 1e-6, is_finished=True)
        for n, left in ((2, [0.6, 0.4]), (4, [0.8, 0.6, 0.4, 0.2]))
    )
    pooled = pool([short, long])
    assert pooled.sizes.tolist() == [0, 1, 2, 3, 4]
    assert pooled.residuals.tolist() == pytest.approx([1.0, 0.7, 0.5, 0.4, 0.3])
    assert (tail_of(pooled).verdict, tail_of(pooled).ends_after) == (ENDS, 4)
    cut = pool([dataclasses.replace(short, is_finished=False), long])  # what a third rule would have brought there is not known
    assert (cut.sizes.tolist(), cut.has_ended) == ([0, 1, 2], False)


def test_a_failed_record_has_no_curve() -> None:
    with pytest.raises(UsageError):
        curve_of_record(Record(Cell("tictactoe", "rulelist", "rulelist"), "x", "y", error="failed"))


def test_the_verb_prints_one_tail_a_record_and_reasons_in_place_of_missing_ones(shell: Shell) -> None:
    answer = shell.json("tails", str(ROOT / "reports" / "reference"), "--game", "tictactoe")
    found = {tail["cell"]: tail for tail in answer["tails"]}
    pooled = {name for name in found if name.endswith(" seeds")}
    assert pooled == {"tictactoe/random-order, 3 seeds", "tictactoe/equivariant-network, 3 seeds"}
    assert len(found) - len(pooled) == len(list(REFERENCE.glob("tictactoe__*.json")))
    assert (found["tictactoe/single-atom-list/seed=0"]["verdict"], found["tictactoe/single-atom-list/seed=0"]["ends_after"]) == (ENDS, 12)
    assert found["tictactoe/uniform/seed=0"]["verdict"] is None
    assert "no curve" in found["tictactoe/uniform/seed=0"]["reason"]
    status, out, _ = shell("tails", str(REFERENCE / "go-3x3__rulelist__seed=0.json"))
    assert status == 0
    assert re.search(r"go-3x3/rulelist +undecided +211 +0\.0% ", out)


def test_the_verb_fits_anew_and_shows_the_nulls(shell: Shell) -> None:
    answer = shell.json("tails", str(REFERENCE / "go-2x3__single-atom-list__seed=0.json"), "--refit")
    names = [tail["cell"].removeprefix("go-2x3/single-atom-list/seed=0") for tail in answer["tails"]]
    assert names == ["", ": gain and frequency", ": tail index of gains", ": gains in proportion to frequency", ": right moves shuffled"]
    assert answer["tails"][0]["verdict"] == ENDS
    assert "rank correlation" in answer["tails"][1]["reason"]
    assert "Hill" in answer["tails"][2]["reason"]


def test_seeds_of_one_cell_are_pooled_in_a_row_of_their_own(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "twice"
    record = read_record(REFERENCE / "go-3x3__rulelist__seed=0.json")
    other = msgspec.structs.replace(record.cell, seed=1)
    write_suite(folder, Suite("twice", ["go-3x3"], [], seeds=[0, 1]))
    write_record(folder, record)
    write_record(folder, msgspec.structs.replace(record, cell=other, cell_id=other.id))
    answer = shell.json("tails", str(folder))
    assert [tail["cell"] for tail in answer["tails"]] == ["go-3x3/rulelist/seed=0", "go-3x3/rulelist/seed=1", "go-3x3/rulelist, 2 seeds"]
    assert {tail["verdict"] for tail in answer["tails"]} == {UNDECIDED}


@pytest.mark.parametrize("words", [["--measure", "gains"], ["--refit", "--measure", "exceptions"], ["--game", "chess"]])
def test_wrong_words_are_refused_in_one_line(shell: Shell, words: list[str]) -> None:
    status, out, err = shell("tails", str(ROOT / "reports" / "reference"), *words)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
