"""The best policies of a game and the verdicts on it, on planted records whose envelope is known by hand, and by brute force."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.curves.envelope import BITS, MEASURES, UNITS, by_game, drawn_in_panel_b, envelope_of
from bench.harness.records import Record
from bench.harness.store import read_record, write_record, write_suite
from bench.measures.split_curve import SplitCurve
from bench.report.parts.game_verdicts import NONE_HELD_OUT, about_game, about_games, held_out_in_words
from bench.report.plots.figure1 import draw_panels
from bench.report.series import what_is_left
from bench.studies.heldout_controls import WITHOUT, Control, planted_splits
from bench.suites.grid import Suite
from bench.tails.curves import Curve, NoCurve
from bench.tails.games import curve_of_envelope, held_out_game, judge_games
from bench.tails.verdict import ENDS, POWER, UNDECIDED
from tests.support.report_planted import point, record
from tests.support.shell import Shell

REFERENCE = Path(__file__).parents[1] / "reports" / "reference" / "records"

# Sizes with gains; a unit takes 8 bits unless the third number says how many.
LIST = record("go-3x4", "rulelist", [point(1, 0.5), point(4, 0.7), point(16, 0.8)])
WEIGHTS = record("go-3x4", "weighted", [point(2, 0.6, 32), point(4, 0.7, 24), point(8, 0.96, 200)], unit="weights")
TREE = record("go-3x4", "tree", [point(3, 0.55), point(32, 0.85, 40)], unit="leaves")
NETWORK = record("go-3x4", "network", [point(1, 0.98, 400)], unit="hidden units")
TABLE = record("go-3x4", "table", [point(100, 1.0, 1000)], unit="entries")
ENDS_OF_CURVES = [
    record("go-3x4", "uniform", [point(0, 0.0, 0)], unit="entries"),
    record("go-3x4", "perfect", [point(0, 1.0, 8)], unit="entries"),
    record("go-3x4", "shortest", [point(1, 0.99, 8)]),
    record("go-3x4", "minimax", [point(1, 0.9, 8), point(4, 1.0, 8)], unit="plies"),  # whose work, not whose bits, plays
]
ALL = [LIST, WEIGHTS, TREE, NETWORK, TABLE, *ENDS_OF_CURVES]


def held(records: list[Record], measure: str) -> list[tuple[int, float, str]]:
    envelope = envelope_of(records, measure)
    return [] if envelope is None else [(best.size, best.gain, best.record.cell.label) for best in envelope.best]


def test_the_envelope_of_planted_records_is_that_by_hand() -> None:
    """In units rules, weights and leaves; of two policies of 4 units and equal gain the one with fewer bits. In bits everything."""
    assert held(ALL, UNITS) == [(1, 0.5, "rulelist"), (2, 0.6, "weighted"), (4, 0.7, "weighted"), (8, 0.96, "weighted")]
    assert held(ALL, BITS) == [
        *((8, 0.5, "rulelist"), (24, 0.7, "weighted"), (40, 0.85, "tree"), (200, 0.96, "weighted")),
        *((400, 0.98, "network"), (1000, 1.0, "table")),
    ]
    units, bits = (envelope_of(ALL, measure) for measure in MEASURES)
    assert units is not None
    assert bits is not None
    assert (units.holders, bits.holders) == (("rulelist", "weighted"), ("rulelist", "weighted", "tree", "network", "table"))
    assert [(one.learner, one.first, one.last) for one in units.stretches] == [("rulelist", 1, 1), ("weighted", 2, 8)]
    assert [units.size_at(level) for level in (0.5, 0.61, 0.9, 1.0)] == [1, 4, 8, None]
    assert units.at(0) is None
    assert units.at(7) is units.best[2]


def test_the_best_of_all_seeds_counts() -> None:
    seeds = [record("hex-3", "tree", [point(2, gain)], unit="leaves", seed=seed) for seed, gain in enumerate((0.4, 0.6, 0.5))]
    envelope = envelope_of(seeds, UNITS)
    assert envelope is not None
    assert [(best.gain, best.record.cell.seed) for best in envelope.best] == [(0.6, 1)]


def test_without_a_policy_that_gains_there_is_no_envelope() -> None:
    assert envelope_of([NETWORK, TABLE], UNITS) is None
    assert envelope_of([record("hex-3", "rulelist", [point(1, 0.0), point(2, -0.1)])], UNITS) is None
    assert envelope_of([], BITS) is None
    assert judge_games([]) == []


def test_games_and_weights_are_kept_apart() -> None:
    careful = record("go-3x4", "rulelist", [point(1, 0.9)], weights="semi_strong")
    other = record("hex-3", "rulelist", [point(1, 0.6)])
    failed = Record(other.cell, other.cell_id, "key", error="too long")
    assert [(game, weights, len(ones)) for game, weights, ones in by_game([LIST, careful, other, failed, TREE])] == [
        ("go-3x4", "uniform", 2),
        ("go-3x4", "semi_strong", 1),
        ("hex-3", "uniform", 1),
    ]


POLICIES = st.lists(st.tuples(st.integers(0, 60), st.floats(-0.5, 1.0), st.integers(0, 30)), min_size=1, max_size=12)


@given(st.lists(st.tuples(st.sampled_from(["rules", "weights", "leaves", "entries"]), POLICIES), min_size=1, max_size=4))
def test_an_envelope_rises_and_is_the_maximum_over_all_policies(learners: list[tuple[str, list[tuple[int, float, int]]]]) -> None:
    records = [
        record("hex-3", f"tree{i}", [point(size, gain, 8 * n_bytes) for size, gain, n_bytes in policies], unit=unit, learner="tree")
        for i, (unit, policies) in enumerate(learners)
    ]
    for measure in MEASURES:
        every = [
            (8 * n_bytes if measure == BITS else size, gain)
            for unit, policies in learners
            if measure == BITS or unit != "entries"
            for size, gain, n_bytes in policies
        ]
        envelope = envelope_of(records, measure)
        best = [] if envelope is None else [(one.size, one.gain) for one in envelope.best]
        assert all(one[0] < other[0] and one[1] < other[1] for one, other in itertools.pairwise(best))
        for size in range(245):
            brute = max([0.0, *(gain for other, gain in every if other <= size)])
            found = envelope.at(size) if envelope else None
            assert (found.gain if found else 0.0) == brute


# Verdicts


def test_a_law_that_no_learner_shows_alone_is_that_of_the_game() -> None:
    """Gains of 1 / k in all. One learner was measured up to rule 20, the other from there on: one alone has few sizes."""
    left = 1.0 - 0.9 * np.cumsum(1.0 / np.arange(1.0, 2001.0)) / (1.0 / np.arange(1.0, 2001.0)).sum()
    sizes = sorted({*range(1, 17), *np.geomspace(16, 2000, 30).astype(int).tolist()})
    some, others = ([point(size, 1.0 - left[size - 1]) for size in sizes if (size <= 20) == early] for early in (True, False))
    records = [
        record("go-3x4", "rulelist", some, n_positions=10**6),
        record("go-3x4", "weighted", others, n_positions=10**6, unit="weights"),
    ]
    alone, together = judge_games(records[:1]), judge_games(records)
    assert [one.tail.verdict for one in alone if one.tail] == [UNDECIDED] * 2
    assert [(one.measure, one.tail.verdict) for one in together if one.tail] == [(UNITS, POWER), (BITS, POWER)]
    units, bits = (one.tail for one in together)
    assert units is not None
    assert bits is not None
    assert units.judged_to == bits.judged_to  # every unit takes a byte here


def test_an_envelope_has_ended_where_it_is_perfect_or_all_its_fits_have() -> None:
    stuck = record("hex-3", "rulelist", [point(1, 0.5), point(2, 0.7)], is_finished=True)
    cut = record("hex-3", "tree", [point(3, 0.6)], unit="leaves", is_finished=False)
    ended, opened = (envelope_of(records, UNITS) for records in ([stuck], [stuck, cut]))
    assert ended is not None
    assert opened is not None
    assert (ended.is_finished, opened.is_finished) == (True, False)  # a larger tree might gain
    curve = curve_of_envelope(ended)
    assert isinstance(curve, Curve)
    assert (curve.sizes.tolist(), curve.residuals.tolist()) == ([0, 1, 2], pytest.approx([1.0, 0.5, 0.3]))
    (units, _) = judge_games([stuck, record("hex-3", "tree", [point(3, 1.0)], unit="leaves", is_finished=False)])
    assert units.tail is not None
    assert (units.tail.verdict, units.tail.ends_after) == (ENDS, 3)


def test_one_size_is_no_curve_unless_nothing_can_follow() -> None:
    one = envelope_of([record("hex-3", "rulelist", [point(3, 0.5)], is_finished=False)], UNITS)
    perfect = envelope_of([record("hex-3", "rulelist", [point(3, 1.0)])], UNITS)
    assert one is not None
    assert perfect is not None
    assert curve_of_envelope(one) == NoCurve("1 size only")
    assert isinstance(curve_of_envelope(perfect), Curve)


# Held-out boards

BUDGETS = [1, 4, 16, 64, 256]
POINTS = [point(size, gain) for size, gain in zip(BUDGETS, (0.5, 0.7, 0.8, 0.85, 0.9), strict=True)]


def split(gains: list[float], seed: int = 0) -> SplitCurve:
    """Fitted gains of .5 .7 .8 .85 .9, and these held out, known to a thousandth a step."""
    errors: list[float | None] = [0.001] * 5
    return SplitCurve(seed, 5000, 5000, 5000.0, BUDGETS, [0.5, 0.7, 0.8, 0.85, 0.9], [*gains], errors, errors)


def with_splits(label: str, splits: list[SplitCurve], unit: str = "rules", seed: int = 0) -> Record:
    return record("go-3x4", label, POINTS, unit=unit, seed=seed, splits=splits, is_finished=True)


LATE = with_splits("rulelist", [split([0.3, 0.4, 0.5, 0.60, 0.60])])  # peak .60, knowledge to 64
HIGH = with_splits("weighted", [split([0.4, 0.6, 0.7, 0.70, 0.69])], "weights")  # peak .70, knowledge to 16
HIGHEST = with_splits("network", [split([0.5, 0.8, 0.8, 0.79, 0.78])], "hidden units")  # peak .80, knowledge to 4
MEMORY = with_splits("table", [split([0.0, 0.0, 0.0, 0.0, 0.0])], "entries")


def test_the_held_out_verdict_is_that_of_the_learner_with_the_highest_peak() -> None:
    found = held_out_game([LATE, HIGH, MEMORY])
    assert found is not None
    assert (found.learner, found.gain) == ("weighted", pytest.approx(0.70))
    assert (found.verdict.k, found.verdict.words) == (16, "knowledge to about the 16-th weight, memory after")
    assert found.cells == (HIGH.cell_id,)
    alone = held_out_game([MEMORY])
    assert alone is not None
    assert alone.verdict.words == "memory from the first entry"
    assert held_out_game([LIST]) is None
    assert held_out_game([]) is None


@pytest.mark.parametrize("control", [control for control in WITHOUT if control.n_positions <= 10_000], ids=lambda control: control.name)
def test_the_luckiest_of_five_learners_is_given_no_knowledge(control: Control) -> None:
    """At most 5 % of games in which no learner has any: of 10 at most none."""
    for game in range(10):
        drawn = [planted_splits(control, 5 * game + i)[0] for i in range(5)]
        lucky = [with_splits(f"tree{i}", splits, "leaves") for i, splits in enumerate(drawn)]
        found = held_out_game(lucky)
        assert found is not None
        assert not found.verdict.k


def test_a_learner_stands_for_all_its_seeds() -> None:
    """A lucky draw of boards, .8, beside one of .5: .65 in the mean, below the .70 of the other learner."""
    lucky = [with_splits("tree", [split([0.5, 0.6, gain, gain, gain], seed)], "leaves", seed) for seed, gain in enumerate((0.8, 0.5))]
    found, best = held_out_game([*lucky, HIGH]), held_out_game([lucky[0], HIGH])
    assert found is not None
    assert best is not None
    assert (found.learner, best.learner) == ("weighted", "tree")


def test_networks_are_judged_where_sizes_are_bits() -> None:
    units, bits = judge_games([LATE, HIGH, HIGHEST, MEMORY])
    assert units.held_out is not None
    assert bits.held_out is not None
    assert (units.held_out.learner, bits.held_out.learner) == ("weighted", "network")
    said = [sentence.text for sentence in about_game([units, bits])]
    assert said[:2] == [
        "go-3x4: on held-out boards knowledge to about the 16-th weight, memory after (weighted).",
        "go-3x4: of all learners on held-out boards knowledge to about the 4-th hidden unit, memory after (network).",
    ]
    assert said[2].startswith("go-3x4: verdict on the fitted curve of the best policies: undecided in units and bits")
    (first, *_) = about_games([units, bits])
    assert "go-3x4: knowledge to about the 16-th weight, memory after (weighted)." in first.text


def test_without_splits_knowledge_is_undecided() -> None:
    units, _ = judge_games([LIST, WEIGHTS])
    assert held_out_in_words(units) == NONE_HELD_OUT
    assert about_game([]) == []
    assert about_games([]) == []


# What is shown


def test_panel_b_draws_what_the_best_policies_of_each_game_leave() -> None:
    tictactoe = record("tictactoe", "rulelist", [point(1, 0.5), point(2, 0.9)], n_positions=627)
    small = record("go-2x3", "tree", [point(2, 0.4), point(3, 1.0)], n_positions=249, unit="leaves")
    records = [tictactoe, *ALL, small, record("hex-3", "rulelist", [point(1, 0.6)])]
    shown = drawn_in_panel_b(records)
    assert [(envelope.game, plain and plain.cell.label) for envelope, plain in shown] == [
        ("go-2x3", None),
        ("go-3x4", "rulelist"),
        ("tictactoe", "rulelist"),
    ]
    (axes,) = draw_panels(records)["B"].axes  # one, since nothing was held out
    drawn = {str(line.get_gid()).split("\t")[-1]: np.asarray(line.get_ydata()) for line in axes.lines}
    series = {one.name: one for one in what_is_left(records)}
    assert series["go-3x4: residual"].y == pytest.approx((0.5, 0.4, 0.3, 0.04))
    assert series["go-3x4: residual"].labels[1] == "2 units, weighted"
    for game in ("go-3x4", "tictactoe"):
        assert drawn[f"{game}: residual"] == pytest.approx(series[f"{game}: residual"].y)
    assert drawn["go-2x3: residual"] == pytest.approx([0.6])  # its tree of 3 leaves is perfect: a cross


def test_the_verb_judges_the_games_of_a_run_but_not_of_one_record(monkeypatch: pytest.MonkeyPatch, capfd, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    shell, folder = Shell(monkeypatch, capfd), tmp_path / "run"
    write_suite(folder, Suite("run", ["go-3x4"], []))
    for one in (LATE, HIGH, HIGHEST, MEMORY):
        write_record(folder, one)
    units, bits = shell.json("tails", str(folder))["envelopes"]
    assert [units[key] for key in ("game", "weights", "measure", "verdict")] == ["go-3x4", "uniform", "units", UNDECIDED]
    assert (units["held_out_verdict"], units["held_out_learner"]) == ("knowledge to about the 16-th weight, memory after", "weighted")
    assert units["holders"] == [{"learner": "rulelist", "first": 1, "last": 256}]
    assert (bits["measure"], bits["held_out_learner"]) == ("bits", "network")
    status, out, _ = shell("tails", str(folder))
    assert status == 0
    assert "games, by their best policies" in out
    (path,) = folder.glob("records/*rulelist*")
    assert shell.json("tails", str(path))["envelopes"] == []
    assert shell.json("tails", str(folder), "--measure", "exceptions")["envelopes"] == []


@pytest.mark.parametrize(("size", "most"), [(16, 0.165), (91, 0.136), (256, 0.111)])
def test_the_best_policies_on_go_leave_no_more_than_an_independent_fit(size: int, most: float) -> None:
    """On Go 3x4, of weighted lists and trees that were fitted outside this project's suites."""
    records = [read_record(path) for path in REFERENCE.glob("go-3x4__*.json")]
    envelope = envelope_of([found for found in records if found.cell.weights == "uniform"], UNITS)
    assert envelope is not None
    best = envelope.at(size)
    assert best is not None
    assert 1.0 - best.gain <= most
