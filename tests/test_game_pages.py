"""What is played with on the pages of a run's games: which games have it, when it is made again, and what it may run."""

import importlib
import json
import shutil
import sys
import webbrowser
from pathlib import Path

import msgspec
import pytest

from bench.harness.run import Watcher, run_suite
from bench.harness.store import read_record, record_path, write_record
from bench.report.explorable import explorables as module
from bench.report.explorable.explorables import END, MAX_BYTES, Explorables
from bench.report.page import write_report
from bench.report.run_data import read_evidence
from bench.suites.load import parse_suite
from tests.support.page_reader import PageReader
from tests.support.shell import Shell

SUITE = parse_suite(
    """
    name = "played"
    games = ["tictactoe", "go-2x2"]
    [[learners]]
    name = "rulelist"
    budgets = [1, 2, 3, 4]
    [[learners]]
    name = "rulelist"
    label = "best"
    games = ["go-2x2"]
    options = { best = true }
    budgets = [1, 2]
    [[learners]]
    name = "table"
    budgets = [1, 4]
    """,
    "played.toml",
)
QUIET = Watcher(planned=lambda todo, kept: None, finished=lambda record: None, warned=lambda line: None)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("played") / "played"
    run_suite(SUITE, folder, QUIET, jobs=1)
    return folder


@pytest.fixture
def folder(measured: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(measured, tmp_path / "played"))


def made_of(folder: Path) -> Explorables:
    return module.explorables(read_evidence(folder))


def data_of(page: str) -> PageReader:
    return PageReader(page.partition('id="data">')[2].partition("</script>")[0])


def test_a_report_has_a_page_for_each_game_and_links_it(folder: Path) -> None:
    files, missing = write_report(folder, (), ())
    assert not missing
    report = (folder / "report.html").read_text()
    for game in SUITE.games:
        path = folder / "games" / f"{game}.html"
        assert path in files
        assert f'href="games/{game}.html"' in report
        page = path.read_text()
        assert len(page) < 1.5 * MAX_BYTES
        assert 'href="../report.html"' in page
        assert [each["label"] for each in data_of(page).header["paths"]] == ["rulelist"]  # neither best lists nor tables
    steps = data_of(page).header["paths"][0]["steps"]
    points = read_record(record_path(folder, "go-2x2/rulelist/seed=0")).points
    assert {step["size"]: (round(step["left"], 6), step["bits"]) for step in steps if step["bits"]} == {
        point.size: (round(1 - point.gain, 6), point.policy_bits) for point in points
    }


def test_what_is_played_with_is_made_again_only_when_its_records_or_sources_change(folder: Path) -> None:
    made: list[str] = []
    write_report(folder, (), (), say=made.append)
    assert made == SUITE.games
    page = folder / "games" / "go-2x2.html"
    before = page.read_text()
    write_report(folder, (), (), say=made.append)
    assert made == SUITE.games
    assert page.read_text() == before
    key = before.partition("<!-- made from ")[2][:24]
    page.write_text(before.replace(key, "0" * 24))  # as if made from other sources
    write_report(folder, (), (), say=made.append)
    assert made == [*SUITE.games, "go-2x2"]
    assert page.read_text() == before


def test_a_game_out_of_date_or_of_other_policies_keeps_its_page_with_all_else(folder: Path) -> None:
    write_report(folder, (), ())
    page = folder / "games" / "go-2x2.html"
    assert END in page.read_text()
    path = record_path(folder, "go-2x2/rulelist/seed=0")
    record = read_record(path)
    write_record(folder, msgspec.structs.replace(record, key="another key"))
    found = made_of(folder)
    assert list(found.found) == ["tictactoe"]
    assert "out of date" in found.without["go-2x2"]
    write_report(folder, (), ())
    assert END not in page.read_text()
    assert "Nothing to play with on this page: the records of its lists are out of date" in page.read_text()
    assert 'id="table-curves-go-2x2"' in page.read_text()
    points = [msgspec.structs.replace(point, gain=point.gain - 0.01) for point in record.points]
    write_record(folder, msgspec.structs.replace(record, points=points))
    assert "fitted again, it has 1 rules that gain" in made_of(folder).without["go-2x2"]


def test_games_that_are_too_large_say_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STATES", 100)
    assert made_of(folder).without == {"tictactoe": "it has 765 states, a page holds 100"}
    monkeypatch.setattr(module, "MAX_STATES", 1000)
    monkeypatch.setattr(module, "MAX_BYTES", 1)
    assert "it would take" in made_of(folder).without["tictactoe"]
    write_report(folder, (), ())
    assert "Nothing to play with on this page: it would take" in (folder / "games" / "tictactoe.html").read_text()
    assert '<label for="find"><b>2 games</b></label>' in (folder / "report.html").read_text()  # none of them to play against


def test_the_rules_of_a_game_of_ones_own_are_run_only_where_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    shell = Shell(monkeypatch, capfd)
    assert shell("new-game", "own_strip")[0] == 0
    importlib.invalidate_caches()
    assert shell("run", "own_strip.toml", "--jobs", "1", "--runs", "runs")[0] == 0
    assert shell("report", "own_strip", "--runs", "runs", "--figures", "none")[0] == 0
    report = tmp_path / "runs" / "own_strip" / "report.html"
    [page] = (report.parent / "games").glob("*.html")
    assert "give --game own_strip:GAME if you trust it" in page.read_text()
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    assert shell("report", "own_strip", "--runs", "runs", "--figures", "none", "--game", "own_strip:GAME", "--open")[0] == 0
    assert opened == [report.as_uri()]
    header = data_of(page.read_text()).header
    assert header["kind"] == "cells"
    assert len(header["places"]) == 8  # the strip of the template
    assert json.dumps(header["labels"]) == json.dumps([f"{letter}1" for letter in "abcdefgh"])
    del sys.modules["own_strip"]


def test_without_a_browser_the_reader_is_told_which_file_to_open(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    status, _, err = Shell(monkeypatch, capfd)("report", str(folder), "--figures", "none", "--open")
    assert status == 0
    assert f"no browser was found: open {folder / 'report.html'} yourself" in err
