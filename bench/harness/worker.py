"""The process that measures cells, one at a time and with one thread; its runner watches it from outside (bench/harness/pool.py)."""

import contextlib
import errno
import os
import queue
import socket
import sys
import threading
import time
import traceback
import warnings
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from bench.harness.cell import measure_cell, task_of
from bench.harness.keys import cell_key
from bench.harness.lock import in_turn
from bench.harness.records import Record, failure
from bench.suites.grid import Cell
from games.registry import make_game
from games.solving.store import truth_path

IDLE_SECONDS = 300.0  # without a cell for so long, a worker ends: nobody may be left to send one
IDLE_STATUS = 75  # with this exit status
SAME = "install the same on both, or start again if they were edited"
MACHINE_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # what failed was the machine, not the cell


class Job(NamedTuple):
    """A cell to be measured."""

    cell: Cell
    key: str  # that its record will have
    log: Path  # where its output goes


class Begun(NamedTuple):
    """The message of a worker that has loaded the game and begins to measure the cell: limits count from here."""

    cell_id: str


class Outcome(NamedTuple):
    """The outcome of a job: a record, also of a failure; or the reason why there is none, and whether to try again at once."""

    record: Record | None
    policy: bytes = b""
    lost: str = ""
    again: bool = False
    log: bytes | None = None  # what is to be written as the log, where it was not written in its place


def main(descriptor: int) -> None:
    """Measure the jobs that arrive over a connection and send back their outcomes; end when the other side does."""
    connection = Connection(descriptor)
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, jobs), daemon=True).start()
    with contextlib.suppress(OSError):  # where memory runs out, let the system end a cell and not its runner
        Path("/proc/self/oom_score_adj").write_text("500")
    while True:
        try:
            job = jobs.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            os._exit(IDLE_STATUS)
        _print_to(job.log)
        connection.send(_measure(job, connection))


def _receive(connection: Connection, jobs: "queue.SimpleQueue[Job]") -> None:
    try:
        while True:
            jobs.put(connection.recv())
    except (EOFError, OSError):
        os._exit(1)


def _print_to(log: Path) -> None:
    """Send what is printed from now on, also by C, to the end of a file."""
    sys.stdout.flush()
    with contextlib.suppress(OSError):
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.close(descriptor)


def _measure(job: Job, connection: Connection) -> Outcome:
    cell, began = job.cell, time.perf_counter()
    try:
        if _differs(job):
            return Outcome(None, lost=f"its worker on {socket.gethostname()} has other sources or libraries than the runner: {SAME}")
        _load(cell)
        connection.send(Begun(cell.id))
        began = time.perf_counter()
        with warnings.catch_warnings():  # a warning shown in an earlier cell is shown in this one's log as well
            warnings.simplefilter("default")
            return Outcome(*measure_cell(cell, job.key))
    except Exception as error:  # noqa: BLE001  whatever a learner raises is the result of its cell
        if isinstance(error, OSError) and error.errno in MACHINE_FULL:
            return Outcome(None, lost=f"{error.filename or 'a file'}: {error.strerror}: free some space")
        traceback.print_exc()
        return Outcome(failure(cell, job.key, error, {"total": time.perf_counter() - began}))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


_CHECKED: set[tuple[str, str]] = set()  # games and labels whose keys were compared in this process


def _differs(job: Job) -> bool:
    """Whether this process would measure with other sources or libraries than the runner planned with."""
    kind = (job.cell.game, job.cell.label)
    if kind not in _CHECKED and cell_key(job.cell) != job.key:
        return True
    _CHECKED.add(kind)
    return False


def _path(game_id: str) -> Path:
    path = truth_path(make_game(game_id))
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _load(cell: Cell) -> None:
    """Load the game, memory-mapped, and keep it for the next cells; where it is not solved yet, one process solves it."""
    path = _path(cell.game)
    with contextlib.nullcontext() if path.exists() else in_turn(path.with_suffix(".lock")):
        task_of(cell)
