"""The committed results: sound, complete, and what the README says of them."""

import importlib.metadata
import re
import sys
from pathlib import Path

import pytest

from bench.curves.envelope import BITS, UNITS
from bench.curves.families import is_control
from bench.curves.figure1 import growing, shortest_at_level, waterfall_list
from bench.harness.store import cell_status, read_suite
from bench.measures.transfer import AT, transfer
from bench.scaling.axis import best_to_value
from bench.studies.committed import committed
from bench.studies.findings import ENVIRONMENTS, megabytes
from bench.studies.forms import largest, questions, shorter
from bench.studies.page import blocks_of, part_of
from bench.suites.grid import cells
from bench.suites.load import load_suite
from bench.tails.verdict import ENDS, HEAVIER

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "reports" / "reference"
README = (ROOT / "README.md").read_text()


def reference_records():
    found = {cell.id: cell_status(REFERENCE, cell.id) for cell in cells(read_suite(REFERENCE))}
    assert not {cell_id: one.reason for cell_id, one in found.items() if one.record is None}  # missing, damaged, or of another cell
    return [one.record for one in found.values()]


def test_every_cell_of_the_standard_suite_is_there_and_none_failed():
    assert [cell.id for cell in cells(read_suite(REFERENCE))] == [cell.id for cell in cells(load_suite("standard"))]
    assert not any(record.error for record in reference_records())


def test_they_were_all_made_by_clean_commits():
    """More than one where a run went on after a commit: cells whose key had not moved were kept."""
    commits = {record.provenance["commit"] for record in reference_records()}
    assert [commit for commit in commits if not re.fullmatch(r"[0-9a-f]{12}", commit)] == []  # "-dirty" marks edited sources


def test_the_readme_holds_the_findings_of_the_records():
    """Its tables are compared with the records by tests/test_pages.py; here, that they hold what its bold sentences say."""
    text = README.split("## What it found")[1].split("\n## ")[0]
    assert [name for name in blocks_of(text) if part_of(name) == "findings"] == [
        *("findings.tictactoe", "findings.boards", "findings.bits", "findings.open")
    ]


def test_the_four_answers_about_tictactoe_are_those_of_the_readme():
    """3 and 5 are the minima that the certificates of docs/minima.md prove; 6 and 11 stand in the prose of the README."""
    answers = [int(row.split(" | ")[-1].strip(" |")) for row in questions(reference_records()).splitlines()[2:]]
    assert answers == [3, 5, 6, 11]
    assert "panel A's list needs 6 rules, an optimal one 11" in README


def test_tictactoe_ends_and_go_goes_on():
    verdicts = {(one.game, one.measure): one for one in committed().verdicts}
    assert verdicts["tictactoe", UNITS].tail.verdict == verdicts["tictactoe", BITS].tail.verdict == ENDS
    left = {game: 1 - verdicts[game, UNITS].envelope.at(1024).gain for game in ("go-3x3", "go-2x5", "go-2x6", "go-3x4")}
    assert left["go-3x3"] < 1e-9
    assert 0.03 < left["go-2x5"] < left["go-3x4"] < left["go-2x6"]
    assert [game for game in left if verdicts[game, BITS].tail.verdict == HEAVIER] == ["go-2x6", "go-3x4"]


def test_on_larger_go_boards_more_carries_over_and_on_nogo_and_shuffled_moves_nothing():
    verdicts = {one.game: one.held_out for one in committed().verdicts if one.measure == UNITS}
    behind = {
        game: verdicts[game].carried[AT.index(64)] for game in ("go-3x3", "go-2x5", "go-3x4", "go-2x6", "nogo-3x4", "connect_four-4x4")
    }
    assert behind["go-3x3"].mean < behind["go-2x5"].mean < behind["go-3x4"].low
    assert behind["go-2x5"].high < behind["go-2x6"].low
    for game in ("nogo-3x4", "connect_four-4x4"):
        assert behind[game].low < 0 < behind[game].high
    nulls = [transfer(record.nulls, 64) for record in committed().records if record.nulls and record.cell.game.startswith("go-")]
    assert all(one.low < 0 < one.high for one in nulls if one is not None)
    assert sum(one is not None for one in nulls) >= 4


def test_the_single_atom_list_carries_over_as_was_found_before():
    """An earlier audit: .67 .55 .35 on Go 2x6 and .37 .28 .18 on 3x4, two splits; another draw of boards moves T by some hundredths."""
    records = {record.cell.game: record for record in committed().records if record.cell.label == "single-atom-list"}
    for game, expected in (("go-2x6", (0.67, 0.55, 0.35)), ("go-3x4", (0.37, 0.28, 0.18))):
        found = [transfer(records[game].splits, k) for k in AT]
        assert all(one.low < value < one.high for one, value in zip(found, expected, strict=True))
        assert [one.mean for one in found] == pytest.approx(expected, abs=0.075)
    for game in ("go-3x3", "nogo-3x4", "random-hex-2x5"):
        assert (one := transfer(records[game].splits, 64)) is None or one.low < 0.1


def test_the_best_policies_of_go_3x4_leave_no_more_than_they_did():
    """An earlier audit reached .165, .136, .111 and .082 with 16, 91, 256 and 724 units."""
    envelope = next(one.envelope for one in committed().verdicts if (one.game, one.measure) == ("go-3x4", UNITS))
    left = [1 - envelope.at(size).gain for size in (16, 91, 256, 724)]
    assert all(one <= bound for one, bound in zip(left, (0.165, 0.136, 0.111, 0.082), strict=True))


def test_a_gain_of_90_percent_is_cheap_in_some_games_and_keeping_the_value_dearer():
    best, kept = shortest_at_level(committed().records), best_to_value(committed().rows)
    cheap = [game for game, (n_bits, _) in best.items() if n_bits <= 32 and not is_control(game)]
    assert {"tictactoe", "hex-3x4", "domineering-4x5", "mnk-2x6x3", "breakthrough-4x3"} <= set(cheap)
    assert min(best[game][0] for game in ("go-3x4", "kalah-3-3")) > 3000
    assert best["nogo-3x4"][0] <= 32 < kept["nogo-3x4"] / 100  # by looking ahead
    for game in ("hex-3x4", "domineering-4x5", "connect_four-4x4"):
        assert kept[game] > 10 * best[game][0]
    assert not {"go-2x5", "go-2x6", "go-3x4"} & kept.keys()  # whatever was measured there errs or may stall


def test_lists_are_shorter_than_networks_in_most_families_as_the_readme_says():
    found = committed()
    forms = [shorter(found.records, game) for game in largest(found).values()]
    assert forms.count("list") > len(forms) / 2
    assert forms.count("network") < forms.count("list")


def test_the_environment_is_as_large_as_the_readme_says():
    """Of the releases of constraints.txt on Linux; where others are installed, or not all, sizes differ."""
    said = dict(re.findall(r"^\| `(constraints[\w-]*\.txt)` \| [^|]+ \| ([\d,]+) MB \|$", README, re.MULTILINE))
    assert said.keys() == ENVIRONMENTS.keys()
    for file, size in said.items():
        pinned = dict(line.split("==") for line in (ROOT / file).read_text().splitlines() if "==" in line)
        if sys.platform != "linux" or pinned.items() != {name: installed(name) for name in pinned}.items():
            pytest.skip(f"the releases of {file} are not all installed here")
        assert megabytes(list(pinned)) == pytest.approx(float(size.replace(",", "")), rel=0.1)


def installed(name: str) -> str:
    """The installed release without its build, such as +cpu; empty where there is none."""
    try:
        return importlib.metadata.version(name).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return ""


def test_no_control_is_taken_for_knowledge():
    """Random values: memory from the first unit, whichever learner does best."""
    found = [one.held_out.verdict.words for one in committed().verdicts if one.game.startswith("random-hex-2x5") and one.held_out]
    assert found
    assert all(words.startswith("memory from the first") for words in found)


def test_what_carries_over_grows_with_the_board_as_the_readme_says():
    """T(64) of lists of one atom a rule, two splits, as measured on docs/heldout.md."""
    page = (ROOT / "docs" / "heldout.md").read_text()
    rows = re.findall(r"^\| ([\w-]+) \| boards \| the game \| [^|]+ \| ([\d.]+) \(", page, re.MULTILINE)
    found = {game: value for game, value in rows if game.startswith("go-")}
    said = f"0.14 on Go 2x5, 0.29 on 3x4, 0.59 on 2x6 and {found['go-2x7']} on 2x7"
    assert (found["go-2x5"], found["go-3x4"], found["go-2x6"]) == ("0.14", "0.29", "0.59")
    assert said in " ".join(README.split())
    larger = (ROOT / "docs" / "larger-boards.md").read_text()
    row, *_ = re.findall(r"^\| single-atom-list \| boards \| T\(64\) \| (.*) \|$", larger, flags=re.MULTILINE)
    of_3x5, of_4x4, of_4x5 = (cell.split()[0] for cell in row.split(" | ")[-3:])
    assert f"{of_3x5} on 3x5, {of_4x4} on 4x4 and {of_4x5} on 4x5" in " ".join(README.split())


def test_the_greedy_list_of_panel_a_never_loses_from_the_sixth_rule_on():
    points = growing(waterfall_list(committed().records))
    assert next(point.size for point in points if point.is_proved("never_loses")) == 6
    assert "panel A's list needs 6 rules" in README
