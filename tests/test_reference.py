"""The committed results: sound, complete, and what the README says of them."""

import re
from pathlib import Path

import pytest

from bench.curves.figure1 import shortest_at_level
from bench.harness.store import cell_status, read_suite
from bench.report.parts.headline import about_axis, about_go, about_tictactoe
from bench.report.parts.views import about_measures
from bench.scaling.axis import axis_of_run, family_of
from bench.scaling.power_law import BEST, BITS_TO, SLOWER, UNDECIDED, scalings, share_left
from bench.suites.grid import cells
from bench.suites.load import load_suite
from bench.tails.verdict import HEAVIER

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "reports" / "reference"


def reference_records():
    found = {cell.id: cell_status(REFERENCE, cell.id) for cell in cells(read_suite(REFERENCE))}
    assert not {cell_id: one.reason for cell_id, one in found.items() if one.record is None}  # missing, damaged, or of another cell
    return [one.record for one in found.values()]


def test_every_cell_of_the_standard_suite_is_there_and_none_failed():
    assert [cell.id for cell in cells(read_suite(REFERENCE))] == [cell.id for cell in cells(load_suite("standard"))]
    assert not any(record.error for record in reference_records())


def test_they_were_all_made_by_one_clean_commit():
    commits = {record.provenance["commit"] for record in reference_records()}
    assert len(commits) == 1
    assert re.fullmatch(r"[0-9a-f]{12}", commits.pop())  # "-dirty" would follow if the sources had been edited


def test_the_readme_says_what_the_records_say():
    records = reference_records()
    computed = {sentence for about in (about_tictactoe, about_go, about_axis, about_measures) for sentence in about(records)}
    section = (ROOT / "README.md").read_text().split("## What it shows")[1].split("##")[0]
    said = [" ".join(item.split()) for item in re.findall(r"^- (.*(?:\n  .*)*)", section, re.MULTILINE)]
    assert len(said) >= 5
    assert not [sentence for sentence in said if sentence not in computed]


def test_the_readme_may_say_what_it_says_of_weights_and_conjunctions():
    """20 weights, or 16 conjunctions, do what takes a list of one atom a rule more than 1,000 rules (on Go 3x4)."""
    records = {record.cell.label: record for record in reference_records() if record.cell.game == "go-3x4"}
    single = records["single-atom-list"].points
    twenty = next(point.gain for point in records["weighted-list"].points if point.size == 20)
    sixteen = next(point.gain for point in records["best-rulelist"].points if point.size == 16)
    up_to_1000 = max(point.gain for point in single if point.size <= 1024)
    assert up_to_1000 < min(twenty, sixteen)
    assert max(twenty, sixteen) < single[-1].gain


def test_the_readme_may_say_what_it_says_of_families():
    best = shortest_at_level(reference_records())
    ending = ("tictactoe", "hex", "domineering", "nim", "mnk")
    bits = [n_bits for game, (n_bits, _) in best.items() if family_of(game) in ending]
    assert (min(bits), max(bits), len(bits)) == (8, 32, 18)
    rows = axis_of_run(REFERENCE)
    found = scalings(rows)
    growth = {scaling.family: scaling for scaling in found if (scaling.curve, scaling.quantity) == (BEST, BITS_TO)}
    for family, verdict in (("hex", SLOWER), ("domineering", SLOWER), ("nim", SLOWER), ("mnk", SLOWER), ("go", SLOWER), ("kalah", SLOWER)):
        assert growth[family].verdict == verdict
    assert growth["nogo"].verdict.startswith(UNDECIDED)
    for family, kappa, band in (("go", 0.67, (0.46, 0.88)), ("random-hex", 1.09, (0.99, 1.19))):
        law = growth[family].law
        assert law is not None
        assert (law.kappa, law.kappa_band) == (pytest.approx(kappa, abs=0.005), pytest.approx(band, abs=0.005))
    shares, _ = share_left(found, "go")
    assert [sample.game for sample in shares if not 0.605 < sample.bits < 0.725] == ["go-2x2"]
    tails = {row.game: row.tail for row in rows if row.curve == "single-atom-list"}
    assert [game for game, tail in tails.items() if tail == HEAVIER and game.startswith("go-")] == ["go-2x5", "go-2x6", "go-3x4"]


def test_the_readme_may_say_how_far_knowledge_reaches():
    """The verdicts on lists fitted to half of the boards, as measured on docs/heldout.md."""
    page = (ROOT / "docs" / "heldout.md").read_text()
    rows = re.findall(r"^\| ([\w-]+) \| boards \| the game \|.*\| ([^|]+) \|$", page, re.MULTILINE)
    verdicts = {game: verdict for game, verdict in rows if game in ("go-2x6", "go-3x4", "nogo-3x4")}
    assert verdicts == {
        **dict.fromkeys(("go-2x6", "go-3x4"), "knowledge to about the 724-th rule, memory after"),
        "nogo-3x4": "knowledge to about the 45-th rule, memory after",
    }
