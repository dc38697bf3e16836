"""Runs that are ended, killed, crowded or refused by the disk lose nothing: the next one ends with the records of an undisturbed one."""

import functools
import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.harness.limits import family
from bench.harness.run import Watcher, run_suite
from bench.harness.store import read_record, write_record
from bench.harness.worker import Outcome
from bench.suites.load import parse_suite
from bench.wording import count
from games.errors import WorkError
from tests.support.odd import Odd, finished, has_ended, results, wait_until

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks /proc which processes live")

SUITE = """
name = "odd"
games = ["nim-1-2"]
seeds = [0, 1]
[[learners]]
name = "table"
budgets = [1, 4]
[[learners]]
name = "uniform"
[[learners]]
name = "odd"
options = { note = "$NOTE" }
"""
N_CELLS = 6
N_KILLS = {"runner": 2, "worker": 1}  # in a run of the tests; `GAINCURVE_KILLS=20 pytest tests/test_faults.py` for a long one


@pytest.fixture
def odd(tmp_path: Path) -> Odd:
    return Odd(tmp_path, SUITE)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], float]:
    """The results of a run that nothing happened to, and how long it took, in seconds."""
    odd = Odd(tmp_path_factory.mktemp("undisturbed"), SUITE)
    began = time.monotonic()
    status, _, stderr = odd.finish()
    assert status == 0, stderr
    return results(odd.run), time.monotonic() - began


def same(run: Path, undisturbed: dict[str, Any]) -> bool:
    """Whether a run has the results of the undisturbed one, whose plug-in's note lies elsewhere."""

    def told(content: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in content.items() if "odd" not in name}

    found = results(run)
    return found.keys() == undisturbed.keys() and told(found) == told(undisturbed)


def workers(runner: int) -> list[int]:
    return family(runner)[1:]


def no_partial_files(run: Path) -> bool:
    return not list(run.rglob("*.partial"))


@pytest.mark.parametrize("whose", ["runner", "worker"])
def test_kill_9_at_random_moments_loses_nothing(odd: Odd, undisturbed: tuple[dict[str, Any], float], whose: str) -> None:
    expected, seconds = undisturbed
    n_kills = int(os.environ.get("GAINCURVE_KILLS", N_KILLS[whose]))
    moments = random.Random(7)
    for _ in range(n_kills):
        process = odd.start("--force")
        time.sleep(moments.uniform(0, seconds))
        family_then = workers(process.pid)
        if whose == "worker":
            for pid in family_then[:1]:
                os.kill(pid, signal.SIGKILL)
        else:
            process.kill()
        status, _, stderr = finished(process)
        assert "Traceback" not in stderr
        if whose == "worker":
            assert status == 0, stderr  # what it was at is measured once more
            assert same(odd.run, expected)
        for pid in family_then:
            wait_until(functools.partial(has_ended, pid))
        for path in (odd.run / "records").glob("*.json"):
            assert not read_record(path).error
    if whose == "runner":
        status, _, stderr = odd.finish()
        assert status == 0, stderr
        assert same(odd.run, expected)
    assert no_partial_files(odd.run)


def test_a_cell_whose_worker_is_killed_each_time_is_reported_and_measured_by_the_next_run(odd: Odd) -> None:
    odd.note.write_text("wait")
    process = odd.start("--only", "*/odd/seed=0")
    for _ in range(2):
        os.kill(odd.pids()[0], signal.SIGKILL)
        Path(f"{odd.note}.pid").unlink()
    status, _, stderr = finished(process)
    assert status == 1
    assert "nim-1-2/odd/seed=0: its process was ended from outside (SIGKILL), perhaps out of memory" in stderr
    assert results(odd.run) == {}
    odd.note.write_text("")
    status, stdout, _ = odd.finish("--only", "*/odd/seed=0")
    assert (status, stdout) == (0, f"1 cell measured, 0 kept, 0 failed, in {odd.run}\n")


def test_ctrl_c_once_finishes_the_cells_that_are_measured(odd: Odd) -> None:
    odd.note.write_text("pause")
    process = odd.start("--jobs", "1", "--executor", "serial")
    odd.pids()
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    odd.note.write_text("")
    status, stdout, stderr = finished(process)
    assert status == 130
    n_done = len(results(odd.run)) // 2
    assert f"{count(n_done, 'cell')} measured, 0 kept, 0 failed" in stdout
    assert "warning: stopping once 1 running cell ended; Ctrl-C again gives up at once" in stderr
    assert f"stopped with {count(N_CELLS - n_done, 'cell')} left, first " in stderr
    assert stderr.splitlines()[-1] == "error: interrupted; the same command goes on from the last finished cell"
    assert "nim-1-2__odd__seed=0.json" in results(odd.run)


def test_ctrl_c_twice_stops_now(odd: Odd) -> None:
    odd.note.write_text("wait")
    process = odd.start("--jobs", "1", "--executor", "serial")
    pids = odd.pids()
    for _ in range(2):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.5)
    status, _, stderr = finished(process)
    assert status == 130
    assert re.search(r"^warning: gave up what was being measured: \d cells? left$", stderr, re.MULTILINE)
    assert "goes on from the last finished cell" in stderr
    assert "Traceback" not in stderr
    for pid in pids:
        wait_until(functools.partial(has_ended, pid))


def test_a_second_runner_is_told_who_works_on_the_folder_and_a_killed_one_leaves_no_lock(odd: Odd) -> None:
    odd.note.write_text("pause")
    process = odd.start("--only", "*/odd/*")
    odd.pids()
    status, stdout, stderr = odd.finish()
    assert (status, stdout) == (1, "")
    assert stderr.startswith(f"error: {odd.run} is being worked on by process {process.pid} on ")
    assert len(stderr.splitlines()) == 1
    process.kill()
    finished(process)
    odd.note.write_text("")
    status, stdout, _ = odd.finish("--only", "*/odd/*")
    assert (status, stdout) == (0, f"2 cells measured, 0 kept, 0 failed, in {odd.run}\n")


# The disk is full or refuses to be written: for one write in this process, and for real where this user may mount a small disk.

TINY = parse_suite('name = "tiny"\ngames = ["nim-1-2"]\nseeds = [0, 1, 2]\n[[learners]]\nname = "uniform"', "tiny.toml")
QUIET = Watcher(lambda n_todo, n_kept: None, lambda record: None, lambda line: None)


def test_a_full_disk_ends_the_run_in_one_line_and_damages_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def full(folder: Path, record: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError(28, "No space left on device", str(folder / "records"))
        write_record(folder, record)

    monkeypatch.setattr("bench.harness.run.write_record", full)
    with pytest.raises(WorkError) as error:
        run_suite(TINY, tmp_path / "tiny", QUIET, jobs=1)
    assert str(error.value) == (
        f"cannot write {tmp_path}/tiny/records (No space left on device): mend that, then run the same command; what is recorded is kept"
    )
    tally = run_suite(TINY, tmp_path / "tiny", QUIET, jobs=1)
    assert (len(tally.kept), len(tally.measured)) == (1, 2)


def test_a_disk_that_is_full_for_a_worker_ends_the_run_and_blames_no_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "log"))

    monkeypatch.setattr("bench.harness.pool.Crew.measure", full)
    with pytest.raises(WorkError, match=r"cannot write .*/log \(No space left on device\)"):
        run_suite(TINY, tmp_path / "tiny", QUIET, jobs=1)
    assert not list((tmp_path / "tiny").rglob("records/*.json"))


def test_of_each_game_that_is_to_be_solved_one_cell_begins_before_all_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two games of which neither is in the cache: no worker waits for what another solves while there is anything else to solve."""
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path / "cache"))
    two = parse_suite(
        'name = "two"\ngames = ["nim-1-2", "nim-1-3"]\n[[learners]]\nname = "uniform"\n[[learners]]\nname = "table"', "two.toml"
    )
    begun: list[str] = []

    def note(crew: Any, job: Any, told: Any) -> Outcome:
        begun.append(job.cell.id)
        return Outcome(None, lost="only listed")

    monkeypatch.setattr("bench.harness.pool.Crew.measure", note)
    run_suite(two, tmp_path / "two", QUIET, jobs=1)
    assert {cell_id.partition("/")[0] for cell_id in begun[:2]} == {"nim-1-2", "nim-1-3"}
    assert len(begun) == 4


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this user may not mount a disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.slow
def test_a_small_disk_that_fills_up_and_one_that_is_read_only(
    odd: Odd, undisturbed: tuple[dict[str, Any], float], small_disk: Path
) -> None:
    def mounted(how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(small_disk)], check=True)

    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(180_000))
    status, _, stderr = odd.finish(runs=small_disk)
    assert status == 1
    assert "No space left on device" in stderr
    assert stderr.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in stderr
    before = results(small_disk / "odd")
    mounted("ro")
    status, stdout, stderr = odd.finish(runs=small_disk)
    assert (status, stdout) == (1, "")
    assert (
        stderr
        == f"error: cannot write to {small_disk}/odd (Read-only file system): make it writable, or choose another folder with --runs\n"
    )
    mounted("rw")
    assert results(small_disk / "odd") == before
    ballast.unlink()
    mounted("size=4m")
    status, _, stderr = odd.finish(runs=small_disk)
    assert status == 0, stderr
    assert same(small_disk / "odd", undisturbed[0])
