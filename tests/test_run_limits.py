"""A cell that goes wrong takes its own process with it and nothing else, and its record says what to do."""

import re

import pytest

from bench.harness.records import Record
from bench.harness.store import read_record, record_path
from tests.support.odd import Odd, has_ended

SUITE = """
name = "odd"
games = ["nim-1-2"]
[[learners]]
name = "uniform"
"""
DEEDS = {"hog": "memory_limit = 0.7", "wait": "time_limit = 0.5", "die": "", "fail": "", "talk": ""}
SUITE += "".join(
    f'[[learners]]\nname = "odd"\nlabel = "{deed}"\noptions = {{ note = "$NOTE", deed = "{deed}" }}\n{limit}\n'
    for deed, limit in DEEDS.items()
)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Odd, int, str, str]:
    odd = Odd(tmp_path_factory.mktemp("limits"), SUITE)
    return odd, *odd.finish("--jobs", "2")


def record(odd: Odd, label: str) -> Record:
    return read_record(record_path(odd.run, f"nim-1-2/{label}/seed=0"))


def log(odd: Odd, label: str) -> str:
    return (odd.run / "logs" / f"nim-1-2__{label}__seed=0.log").read_text()


def test_the_other_cells_go_on_and_the_last_line_says_how_many_failed(done: tuple[Odd, int, str, str]) -> None:
    odd, status, stdout, stderr = done
    assert status == 1
    assert stdout.splitlines() == [f"2 cells measured, 0 kept, 4 failed, in {odd.run}"]
    last = stderr.splitlines()[-1]
    assert last.startswith("error: 4 cells failed, first nim-1-2/")
    assert f"`gaincurve run {odd.suite} --runs {odd.folder / 'runs'} --retry-failed`" in last
    assert "Traceback" not in stderr
    assert not record(odd, "uniform").error
    assert not record(odd, "talk").error


def test_a_cell_over_its_time_limit_is_ended_with_all_that_it_started(done: tuple[Odd, int, str, str]) -> None:
    odd = done[0]
    assert record(odd, "wait").error.startswith("ended at its time limit of 0.5 s: give it smaller budgets, or a larger time_limit and")
    assert 0.5 <= record(odd, "wait").seconds["total"] < 60  # its deed would take 120
    assert [has_ended(pid) for pid in odd.pids()] == [True, True]


def test_a_cell_over_its_memory_limit_is_ended(done: tuple[Odd, int, str, str]) -> None:
    error = record(done[0], "hog").error
    assert "a larger memory_limit and --retry-failed" in error
    held = re.match(r"ended at its memory limit of 0.7 GiB, holding ([0-9.]+) GiB: ", error)
    assert held
    assert 0.7 <= float(held[1]) < 1.6  # it would take 1.5 GiB, beside what its libraries take


def test_a_cell_that_raises_is_recorded_in_one_line_with_its_traceback(done: tuple[Odd, int, str, str]) -> None:
    failed = record(done[0], "fail")
    assert failed.error == "RuntimeError: as planned, in two lines"
    assert 'raise RuntimeError("as planned' in failed.traceback
    assert failed.traceback.startswith("Traceback (most recent call last):")


def test_a_cell_whose_process_ends_itself_is_recorded(done: tuple[Odd, int, str, str]) -> None:
    assert record(done[0], "die").error == "its process died with exit status 9: its log may say why"


def test_a_log_holds_what_a_cell_said_from_its_beginning_to_its_end(done: tuple[Odd, int, str, str]) -> None:
    first, *said, last = log(done[0], "talk").splitlines()
    moment = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    assert re.fullmatch(rf"{moment} nim-1-2/talk/seed=0, process of worker [12]", first)
    assert re.fullmatch(rf"{moment} after \d+\.\d s: measured", last)
    for words in ("said on stdout", "said on stderr", "said by another process", "UserWarning: said as a warning"):
        assert sum(words in line for line in said) == 1
    assert "said" not in log(done[0], "uniform")
    assert "RuntimeError: as planned,\nin two lines" in log(done[0], "fail")
    assert log(done[0], "wait").endswith(record(done[0], "wait").error + "\n")


def test_the_next_run_names_the_failures_and_how_to_try_them_again(done: tuple[Odd, int, str, str]) -> None:
    odd = done[0]
    status, stdout, stderr = odd.finish("--only", "*/fail/*")
    assert (status, stdout) == (1, f"0 cells measured, 0 kept, 0 failed, in {odd.run}\n")
    assert "1 cell failed in an earlier run, first nim-1-2/fail/seed=0: RuntimeError: as planned, in two lines;" in stderr
    assert f"`gaincurve run {odd.suite} --runs {odd.folder / 'runs'} --retry-failed` tries again what failed" in stderr
