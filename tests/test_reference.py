"""The committed results: sound, complete, and what the README says of them."""

import re
from pathlib import Path

import pytest

from bench.harness.store import read_records, read_suite
from bench.harness.suite import cells, load_suite
from bench.report.sentences import about_axis, about_go, about_tictactoe
from bench.report.views import about_measures

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "reports" / "reference"


def reference_records():
    suite = read_suite(REFERENCE)
    listed = [cell.id for cell in cells(suite)]
    records, damaged = read_records(REFERENCE, listed)
    assert not damaged
    assert list(records) == listed
    return list(records.values())


def test_every_cell_of_the_quick_suite_is_there_and_none_failed():
    assert [cell.id for cell in cells(read_suite(REFERENCE))] == [cell.id for cell in cells(load_suite("quick"))]
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


def test_the_readme_may_say_what_it_says_beside_the_computed_sentences():
    """A quarter of the bits of a table; and 20 weights do what takes a plain list more than 1,000 rules (on Go 3x4)."""
    records = {record.cell.label: record for record in reference_records() if record.cell.game == "go-3x4"}
    plain, table, weighted = (records[label].points for label in ("rulelist", "table", "weighted-list"))
    assert plain[-1].gain == pytest.approx(1.0)
    assert plain[-1].policy_bits / table[-1].policy_bits == pytest.approx(0.25, abs=0.03)
    twenty = next(point.gain for point in weighted if point.size == 20)
    assert max(point.gain for point in plain if point.size <= 1000) < twenty < plain[-1].gain
