"""The same suite gives the same records under every executor; a worker of a cluster may die."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from bench.harness.executors import open_place
from games.errors import WorkError
from tests.support.odd import Odd, finished, results

SUITE = """
name = "odd"
games = ["nim-1-2"]
[[learners]]
name = "rulelist"
budgets = [1, 2]
[[learners]]
name = "table"
budgets = [1, 2]
[[learners]]
name = "odd"
options = { note = "$NOTE" }
[[learners]]
name = "odd"
label = "late"
options = { note = "$NOTE", deed = "wait" }
time_limit = 0.3
"""
PLACES = {"processes": ["--jobs", "2"], "serial": ["--executor", "serial"], "cluster": ["--scheduler", "local", "--jobs", "2"]}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Odd, Path]]:
    odd = Odd(tmp_path_factory.mktemp("executors"), SUITE)
    for name, words in PLACES.items():
        status, stdout, stderr = odd.finish(*words, runs=odd.folder / name)
        assert (status, stdout) == (1, f"3 cells measured, 0 kept, 1 failed, in {odd.folder}/{name}/odd\n"), stderr
    return {name: (odd, odd.folder / name / "odd") for name in PLACES}


def test_serial_processes_and_a_cluster_give_the_same_records_policies_and_failures(runs: dict[str, tuple[Odd, Path]]) -> None:
    found: dict[str, dict[str, Any]] = {name: results(run) for name, (_, run) in runs.items()}
    assert len(found["serial"]) == 4 + 3
    assert found["processes"] == found["serial"]
    assert found["cluster"] == found["serial"]


@pytest.mark.parametrize("name", PLACES)
def test_every_cell_has_its_log(runs: dict[str, tuple[Odd, Path]], name: str) -> None:
    _, run = runs[name]
    assert sorted(path.stem for path in (run / "logs").iterdir()) == sorted(path.stem for path in (run / "records").iterdir())
    assert "a larger time_limit and --retry-failed" in (run / "logs" / "nim-1-2__late__seed=0.log").read_text()


def test_a_worker_of_the_cluster_that_is_killed_is_replaced(tmp_path: Path) -> None:
    odd = Odd(tmp_path, SUITE)
    odd.note.write_text("pause")
    process = odd.start("--scheduler", "local", "--jobs", "1", "--only", "*/odd/*")
    (measuring,) = odd.pids()
    worker = int(Path(f"/proc/{measuring}/stat").read_text().rpartition(")")[2].split()[1])  # its parent
    odd.note.write_text("")
    os.kill(worker, signal.SIGKILL)
    status, stdout, stderr = finished(process)
    assert (status, stdout) == (0, f"1 cell measured, 0 kept, 0 failed, in {odd.run}\n"), stderr


def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.harness.executors.CONNECT_SECONDS", 0.5)
    address = "tcp://127.0.0.1:9"  # the port of the discard service, which nobody runs
    with (
        pytest.raises(WorkError, match=rf"^no Dask scheduler at {address} \("),
        open_place(1, address, lambda cell, worker: None),
    ):
        pass
