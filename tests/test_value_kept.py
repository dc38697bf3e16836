"""Bits and units to keeping the value, and what stands beside a gain: against points by hand, and plain loops over all records."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.cli.measures import measures, print_measures
from bench.curves.companions import companions
from bench.curves.curve import bits_to_value, units_to_value
from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import read_record, write_record, write_suite
from bench.report.parts.axis import about_places
from bench.report.parts.headline import about_axis, about_tictactoe
from bench.report.parts.value import about_value
from bench.scaling.axis import axis_of_run, places
from bench.suites.grid import LearnerEntry, Suite, cells
from tests.support.report_planted import point, record
from tests.support.shell import Shell

RECORDS = Path(__file__).parents[1] / "reports" / "reference" / "records"


def graded(first: bool, second: bool, stalls_first: bool = False, stalls_second: bool = False) -> dict[str, bool]:
    seats = {"keeps_value_first": first, "keeps_value_second": second, "stalls_first": stalls_first, "stalls_second": stalls_second}
    return seats | {"keeps_value": first and second, "stalls": stalls_first or stalls_second, "never_loses": first and second}


CURVE = [
    point(1, 0.95, 8, grades=graded(True, False)),
    point(2, 1.0, 24, grades=graded(True, True, stalls_second=True)),  # all its moves are optimal, and it may go round for ever
    point(5, 0.97, 80, grades=graded(True, True)),
    point(4, 0.98, 88, grades=graded(True, True)),
    point(9, 1.0, 160, grades=graded(True, True)),
]


def test_only_a_policy_that_keeps_the_value_from_both_seats_and_cannot_stall_counts() -> None:
    assert (bits_to_value(CURVE), units_to_value(CURVE)) == (80, 4)
    assert bits_to_value(CURVE, with_language=True) == 130  # 50 bits of language, which every planted point has
    assert (bits_to_value(CURVE[:2]), units_to_value(CURVE[:2])) == (None, None)
    assert (bits_to_value([point(1, 1.0)]), units_to_value([point(1, 1.0, grades=None)])) == (None, None)  # not proved


@pytest.mark.parametrize(
    ("grades", "said"),
    [
        (graded(True, True), "keeps the value from both seats"),
        (graded(True, False), "keeps the value as first player only"),
        (graded(False, True, stalls_second=True), "keeps the value as second player only but may stall"),
        (graded(True, False, stalls_second=True), "keeps the value as first player only"),  # where it keeps nothing it has more to lose
        (graded(False, False, True, True), "keeps the value from neither seat"),
        ({}, ""),
        (None, ""),
    ],
)
def test_the_companions_name_the_seats_and_what_was_measured(grades: dict[str, bool] | None, said: str) -> None:
    numbers = {"exploitability": 1.5, "error_rate": 0.125, "missing_bits": 0.25}
    parts = [said] * bool(said)
    assert companions(point(1, 0.9, grades=grades, **numbers)) == "; ".join(
        [*parts, "exploitability 1.50, error rate 12.5%, 0.250 missing bits"]
    )
    assert companions(point(1, 0.9, grades=grades)) == said


def test_the_companions_give_bounds_where_an_exploitability_is_not_exact() -> None:
    ends = {"low": {"exploitability": 1.0}, "high": {"exploitability": 2.0}}
    swept = point(1, 0.9, exploitability=1.5, results={"exploitability": 1.5, "is_exact": False, **ends})
    assert companions(swept) == "exploitability 1.00 to 2.00"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """On hex-3 the value takes ten times the bits of 0.9, on hex-4 nothing keeps it; a list searched for a grade does not count."""
    suite = Suite("planted", ["hex-3", "hex-4"], [LearnerEntry("rulelist"), LearnerEntry("shortest")])
    folder = tmp_path / "planted"
    write_suite(folder, suite)
    for cell in cells(suite):
        points = CURVE if cell.game == "hex-3" else CURVE[:2]
        if cell.learner == "shortest":
            points = [point(1, 0.5, 16, grades=graded(True, True))]
        write_record(folder, Record(cell, cell.id, "key", unit="rules", n_positions=700 if cell.game == "hex-3" else 9000, points=points))
    return folder


def test_the_axis_has_bits_and_units_to_the_value(run: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    shell = Shell(monkeypatch, capfd)
    answer = shell.json("axis", str(run))
    found = {(row["game"], row["curve"]): (row["bits_to_value"], row["units_to_value"]) for row in answer["rows"]}
    assert found["hex-3", "rulelist"] == (80, 4)
    assert found["hex-4", "rulelist"] == (None, None)
    assert found["hex-3", "shortest"] == (16, 1)
    best = {place["name"]: (place["bits"], place["bits_to_value"]) for place in answer["places"]}
    assert best == {"hex-3 (rulelist)": (8, 80), "hex-4 (rulelist)": (8, None)}
    _, printed, _ = shell("axis", str(run))
    assert re.search(r"hex-3 +rulelist .* 700 +1 1 2 2 4 rules +8 8 24 24 80 ", printed)
    assert re.search(r"hex-4 \(rulelist\) +8 +-", printed)


def test_sentences_on_the_axis_say_how_far_a_gain_is_from_the_value(run: Path) -> None:
    rows = axis_of_run(run)
    said = "\n".join(sentence.text for sentence in about_places(rows, places(rows)))
    assert "On 1 of 2 games with a place some measured policy keeps the value from both seats and cannot stall; that takes 10 to 10" in said
    lists = [record("hex-3", "rulelist", CURVE, 700), record("hex-4", "rulelist", CURVE[:2], 9000)]
    text = (
        "Of the shortest policies with a gain of at least 0.9 on 2 games 0 keep the value from both seats and cannot stall. "
        "Keeping it takes 80 bits instead of 8 on hex-3. No measured policy does on hex-4."
    )
    assert about_value(lists) == [text, "On hex-4 the policy of 8 bits keeps the value as first player only."]
    assert about_value([record("hex-3", "rulelist", [point(1, 0.95)])]) == []  # nothing was proved


@pytest.mark.parametrize(("stalls", "said"), [(False, "play perfectly"), (True, "have a gain of 1")])
def test_a_gain_of_1_that_may_stall_is_not_called_perfect(stalls: bool, said: str) -> None:
    last = point(2, 1.0, grades=graded(True, True, stalls), exploitability=0.5 * stalls)
    told = about_tictactoe([record("tictactoe", "rulelist", [point(1, 0.5), last])])
    assert told[0] == f"2 rules of tic-tac-toe {said}."
    kept = "keeps the value from both seats but may stall; exploitability 0.50" if stalls else "keeps the value from both seats"
    assert told[1].startswith(f"The list of 2 rules {kept}")


def print_of(one: Point, capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_measures({**measures(one), "game": "go-2x3", "unit": "rules", "file": None}, "a list", "as asked")
    return capsys.readouterr().out.splitlines()


def test_fit_prints_the_companions_and_perfect_play_only_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = {"exploitability": 0.0, "error_rate": 0.125, "missing_bits": 0.25}
    grades = graded(True, True) | {"never_loses_first": True, "never_loses_second": True, "optimal_everywhere": False}
    printed = print_of(point(1, 0.95, grades=grades, **numbers), capsys)
    assert printed[-2].endswith("keeps value (first and second), plays perfectly")
    assert printed[-1] == "exploitability 0.0000; error rate 12.50%; 0.2500 missing bits; 2.0 operations a decision"
    assert "plays perfectly" not in print_of(point(1, 0.95, grades=grades | graded(True, True, True), **numbers), capsys)[-2]
    assert print_of(point(1, 0.95, grades=None), capsys)[-1] == "2.0 operations a decision"


def reference() -> dict[str, list[dict[str, Any]]]:
    """By game, what the committed records hold of every policy of a curve."""
    games: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(RECORDS.glob("*.json")):
        found = read_record(path)
        if found.cell.learner not in ("uniform", "perfect", "shortest", "minimax", "mcts"):
            rows = [{"bits": p.policy_bits, "gain": p.gain, **(p.grades or {})} for p in found.points]
            games.setdefault(found.cell.game, []).extend(rows)
    return games


def least(rows: Sequence[dict[str, Any]]) -> int | None:
    return min((row["bits"] for row in rows), default=None)


def test_the_published_sentence_holds_on_the_committed_records() -> None:
    games = reference()
    to_gain = {game: n for game, rows in games.items() if (n := least([row for row in rows if row["gain"] > 0.9 - 1e-9])) is not None}
    kept = {game: least([row for row in rows if row["keeps_value"] and not row["stalls"]]) for game, rows in games.items()}
    records = [read_record(path) for path in sorted(RECORDS.glob("*.json"))]
    said = about_value(records)[0]
    assert said in about_axis(records)
    assert f"of at least 0.9 on {len(to_gain)} games " in said
    prices = re.findall(r"([\d,]+) bits instead of ([\d,]+) on ([\w-]+)", said)
    assert [(int(much.replace(",", "")), int(little.replace(",", ""))) for much, little, _ in prices] == [
        (kept[game], to_gain[game]) for _, _, game in prices
    ]
    ratios = sorted(((kept[game] or 0) / to_gain[game] for game in to_gain if kept[game] is not None), reverse=True)
    assert [int(m.replace(",", "")) / int(n.replace(",", "")) for m, n, _ in prices] == ratios[: len(prices)]
    never = re.search(r"No measured policy does on (.*)\.$", said)
    assert set(never[1].split(", ") if never else []) == {game for game in to_gain if kept[game] is None}
