"""How far a run is: the time left, the status from the files of a run, and the plan before it begins."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from bench.cli.watching import in_words, table
from bench.harness.progress import Clock, Progress, Running, read_status
from bench.harness.store import record_path
from bench.wording import duration
from tests.support.odd import Odd, finished, wait_until
from tests.support.shell import Shell

SUITE = """
name = "odd"
games = ["nim-1-2"]
[[learners]]
name = "uniform"
[[learners]]
name = "odd"
options = { note = "$NOTE" }
"""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capfd)


def test_the_time_left_follows_from_what_the_finished_cells_took_and_from_how_many_run(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("bench.harness.progress.time.time", lambda: now[0])
    clock = Clock(3, {"a": 10.0, "b": 10.0, "c": 20.0, "d": None})  # d is taken to be as long as the median: 10
    clock.begins("a", "1")
    assert clock.progress().seconds_left is None
    now[0] += 20.0
    clock.ends("a", failed=False)  # twice as long as was thought; 40 s of estimates are left: 80
    clock.begins("b", "1")
    clock.begins("c", "2")
    now[0] += 10.0  # of the 80, two workers have done 10 each
    progress = clock.progress()
    assert progress.seconds_left == (80.0 - 20.0) / 2
    assert (progress.n_todo, progress.n_kept, progress.n_measured, progress.n_failed) == (4, 3, 1, 0)
    assert progress.running == [Running("b", "1", 1020.0), Running("c", "2", 1020.0)]
    clock.again("b")  # its worker is gone
    clock.ends("c", failed=True)
    assert [clock.progress().n_failed, clock.progress().running] == [1, []]
    assert not clock.has_begun("b")


def test_a_cell_that_takes_longer_than_was_thought_takes_nothing_off_the_time_left_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("bench.harness.progress.time.time", lambda: now[0])
    clock = Clock(0, {"late": 10.0, "b": 10.0, "c": 10.0, "d": 14.0})
    clock.begins("late", "1")
    clock.begins("b", "2")
    now[0] = 5.0
    assert clock.progress().seconds_left == (5 + 5 + 10 + 14) / 2  # nothing is finished yet: as estimated
    now[0] = 100.0
    clock.begins("c", "3")  # beside two that are late
    assert clock.progress().seconds_left == 14.0  # (10 + 14) / 3, but one worker has all of d to do


def test_the_table_of_a_terminal_names_what_each_worker_is_at() -> None:
    running = [Running(f"go-2x3/table/seed={n}", f"worker-{n}", 100.0) for n in range(14)]
    progress = Progress(40, 0, 9, 2, running, 5400.0, 0.0, 100.0, "host", is_stopping=True)
    console = Console(file=io.StringIO(), width=100)
    console.print(table(progress, 148.0))
    assert isinstance(console.file, io.StringIO)
    first, *rows, last = console.file.getvalue().splitlines()
    assert first.strip() == "11 of 40 cells done, 14 running, 2 failed, about 1.5 h left, stopping after the running cells"
    assert first.strip() == in_words(progress)
    assert [row.split() for row in rows[:2]] == [
        ["worker-0", "go-2x3/table/seed=0", "48", "s"],
        ["worker-1", "go-2x3/table/seed=1", "48", "s"],
    ]
    assert (len(rows), last.strip()) == (12, "and 2 others")


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (89.4, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h")])
def test_a_time_is_told_in_the_unit_that_people_would_use(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_status_tells_from_files_alone_what_is_running_stopped_damaged_and_done(tmp_path: Path, shell: Shell) -> None:
    odd = Odd(tmp_path, SUITE)
    odd.note.write_text("pause")
    process = odd.start("--executor", "serial")
    odd.pids()
    wait_until(lambda: running(odd) == ["nim-1-2/odd/seed=0"])
    before = read_status(odd.run)
    assert (before.state, before.n_cells, before.n_measured, before.missing) == ("running", 2, 1, ["nim-1-2/odd/seed=0"])
    status, out, _ = shell("status", "odd", "--runs", str(odd.run.parent))
    assert status == 0
    assert out.startswith(f"odd: running by process {process.pid} on ")
    assert "; 1 of 2 cells measured, 0 failed, 1 to measure\n" in out
    assert "nim-1-2/odd/seed=0" in out
    process.kill()
    finished(process)
    stopped = read_status(odd.run)
    assert (stopped.state, stopped.progress) == ("stopped", None)
    odd.note.write_text("fail")
    assert odd.finish()[0] == 1
    record_path(odd.run, "nim-1-2/uniform/seed=0").write_text("{}")
    answer = shell.json("status", str(odd.run))
    assert (answer["state"], answer["n_measured"], answer["missing"]) == ("stopped", 0, ["nim-1-2/uniform/seed=0"])
    assert answer["failed"] == {"nim-1-2/odd/seed=0": "RuntimeError: as planned, in two lines"}
    assert "nim-1-2__uniform__seed=0.json is damaged" in answer["damaged"][0]


def test_a_dry_run_says_what_there_is_to_do_and_touches_nothing(tmp_path: Path, shell: Shell) -> None:
    suite = tmp_path / "tiny.toml"
    suite.write_text('name = "tiny"\ngames = ["nim-1-2"]\nseeds = [0, 1]\n[[learners]]\nname = "uniform"\n')
    words = ("run", str(suite), "--runs", str(tmp_path / "runs"))
    answer = shell.json(*words, "--dry-run")
    assert answer["n_todo"] == 2
    assert [(cell["cell"], cell["state"]) for cell in answer["cells"]] == [(f"nim-1-2/uniform/seed={n}", "missing") for n in (0, 1)]
    assert not (tmp_path / "runs").exists()
    assert shell(*words, "--only", "*=0")[0] == 0
    before = contents(tmp_path / "runs")
    _, out, _ = shell(*words, "--dry-run")
    assert re.fullmatch(r"1 cell of 2 to measure: about \d+ (s|min) of one process", out.splitlines()[-1])
    assert shell.json(*words, "--dry-run", "--force")["n_todo"] == 2
    assert contents(tmp_path / "runs") == before


def running(odd: Odd) -> list[str]:
    progress = read_status(odd.run).progress
    return [one.cell_id for one in progress.running] if progress else []


def contents(folder: Path) -> dict[Path, bytes]:
    """What is in a run's files; not in its logs, which a worker may still be ending."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.parent.name != "logs"}
