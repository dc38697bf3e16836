"""The page of compression: it says what its script would write, its numbers agree, and its script measures what the verb does."""

import re
from pathlib import Path

import pytest

from bench.cli.compress import StageRow
from bench.studies.compression import DIRECT, HEADLINE, LARGE, METHOD_BY_METHOD, PAGE, SMALL, TEXT, Bench, line, stage_by_stage
from tests.support.pages import number, rows_under
from tests.support.shell import Shell

PAGE_TEXT = PAGE.read_text()


def rows(heading: str) -> list[list[str]]:
    return rows_under(PAGE_TEXT, heading)


STAGES, LONGER, METHODS, CODERS = map(rows, ("Stage by stage", "From longer", "Method by method", "Coders"))


def test_the_page_says_what_the_script_would_write() -> None:
    pattern = "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", TEXT))
    assert re.fullmatch(pattern, PAGE_TEXT, re.DOTALL)
    assert [row[0] for row in METHODS] == list(METHOD_BY_METHOD)
    assert {row[0] for row in STAGES} >= {"float", *HEADLINE}
    directs = [[game, str(width), f"{steps:,}"] for game, (widths, steps) in DIRECT.items() for width in widths]
    assert [row[:3] for row in rows("Trained with few bits")] == directs


@pytest.mark.parametrize("table", [STAGES, LONGER, METHODS], ids=["stages", "longer", "methods"])
def test_ratios_and_bits_a_weight_follow_from_the_files(table: list[list[str]]) -> None:
    for row in table:
        n_left, weight_bits, index_bits, file_bits, ratio = map(number, row[2:7])
        assert n_left * (weight_bits + index_bits) == pytest.approx(file_bits, abs=0.01 * n_left + 1)
        if table is not METHODS:
            assert ratio == pytest.approx(number(table[0][5]) / file_bits, abs=0.06)


def test_a_pipeline_is_twenty_times_smaller_at_hardly_any_loss() -> None:
    before = number(STAGES[0][7])
    assert STAGES[0][0] == "float"
    assert any(number(row[6]) >= 20 and number(row[7]) >= before - 0.005 for row in STAGES)


def test_range_coding_is_never_longer_than_huffman_coding_by_more_than_its_header() -> None:
    """Two bytes for each of at most three arrays of weights, and three of gaps, in each of three layers or six factors."""
    assert len(CODERS) >= len(HEADLINE)
    for row in CODERS:
        _, huffman, coded, _ = map(number, row[2:])
        assert coded - huffman <= 8 * 2 * 6 * 6 + 0.006 * 80_000


def test_the_script_measures_what_the_verb_does(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    found = list(stage_by_stage(Bench("tictactoe", 6, 1, 30), ["prune-50,share-4"]))
    words = ["compress", "--game", "tictactoe", "--width", "6", "--steps", "30", "--stages", "prune-50,share-4"]
    answer = Shell(monkeypatch, capfd).json(*words)
    expected = [StageRow(**row) for row in answer["rows"]]
    assert [line(row).split("|", 2)[2] for row in found] == [line(row).split("|", 2)[2] for row in expected]


def test_the_networks_of_the_page_are_named_on_it() -> None:
    for game, width, depth, steps in (LARGE, SMALL):
        assert f"on {game}" in PAGE_TEXT
        assert re.search(rf"{depth} (hidden )?layers of {width} units, {steps:,} steps", PAGE_TEXT)
