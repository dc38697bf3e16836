"""How far a run is: kept by its runner, written to its folder, and read back from files alone while it works or after it ended."""

import socket
import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.harness.lock import holder, is_held
from bench.harness.store import cell_status, read_suite
from bench.suites.grid import cells
from games.solving.store import write_atomically

NAME = "progress.json"
WRITE_SECONDS = 1.0  # between two states on disk


class Running(msgspec.Struct, frozen=True):
    """A cell that is being measured."""

    cell_id: str
    worker: str
    began: float  # seconds since 1970


class Progress(msgspec.Struct, frozen=True):
    """How far a run is."""

    n_todo: int  # cells to measure in this run
    n_kept: int  # cells that were measured before
    n_measured: int
    n_failed: int
    running: list[Running]
    seconds_left: float | None  # None as long as no cell is finished, unless all were estimated
    began: float  # seconds since 1970
    written: float
    host: str
    is_stopping: bool = False


class Clock:
    """Keeps the progress of a run; its methods may be called from any thread."""

    def __init__(self, n_kept: int, expected: dict[str, float | None]) -> None:
        """`expected`: the cells to measure, with the seconds that each is thought to take where that is known."""
        known = [seconds for seconds in expected.values() if seconds is not None]
        guess = statistics.median(known) if known else 1.0
        self._all_known = len(known) == len(expected)
        self._left = {cell_id: guess if seconds is None else seconds for cell_id, seconds in expected.items()}
        self._n_todo, self._n_kept = len(expected), n_kept
        self._n_measured, self._n_failed = 0, 0
        self._done, self._spent = 0.0, 0.0  # what the finished cells were thought to take, and what they took
        self._running: dict[str, Running] = {}
        self._began, self.is_stopping = time.time(), False
        self._lock = threading.Lock()

    def begins(self, cell_id: str, worker: str) -> None:
        with self._lock:
            if cell_id in self._left:
                self._running[cell_id] = Running(cell_id, worker, time.time())

    def ends(self, cell_id: str, failed: bool) -> None:
        with self._lock:
            running = self._running.pop(cell_id, None)
            expected = self._left.pop(cell_id, 0.0)
            if running:
                self._done += expected
                self._spent += time.time() - running.began
            self._n_failed += failed
            self._n_measured += not failed

    def again(self, cell_id: str) -> None:
        """A cell's worker is gone, and the cell is measured again later."""
        with self._lock:
            self._running.pop(cell_id, None)

    def has_begun(self, cell_id: str) -> bool:
        with self._lock:
            return cell_id in self._running

    def progress(self) -> Progress:
        with self._lock:
            now = time.time()
            running = sorted(self._running.values(), key=lambda one: one.began)
            return Progress(
                n_todo=self._n_todo,
                n_kept=self._n_kept,
                n_measured=self._n_measured,
                n_failed=self._n_failed,
                running=running,
                seconds_left=self._seconds_left(running, now),
                began=self._began,
                written=now,
                host=socket.gethostname(),
                is_stopping=self.is_stopping,
            )

    def _seconds_left(self, running: Sequence[Running], now: float) -> float | None:
        if not self._done and not self._all_known:
            return None
        pace = self._spent / self._done if self._done else 1.0
        left = {cell_id: seconds * pace for cell_id, seconds in self._left.items()}
        for one in running:  # one that takes longer than was thought takes nothing off the others
            left[one.cell_id] = max(0.0, left[one.cell_id] - (now - one.began))
        return max(sum(left.values()) / max(1, len(running)), max(left.values(), default=0.0))


def write_progress(folder: Path, progress: Progress) -> None:
    """Note in a run's folder how far it is, for `read_status`."""
    write_atomically(folder / NAME, [msgspec.json.encode(progress), b"\n"], sync=False)


class Status(msgspec.Struct, frozen=True):
    """The state of a run as its folder shows it."""

    suite: str
    folder: str
    state: str  # running, done, stopped
    by: str  # the runner that works on it, or that did so last
    n_cells: int
    n_measured: int
    failed: dict[str, str]  # why, by cell
    damaged: list[str]
    missing: list[str]  # the damaged ones too
    progress: Progress | None  # of the runner that works on it


def read_status(folder: Path) -> Status:
    """How far a run is, from its files alone; a run that a runner works on is `running`, one without missing cells `done`.

    Raises WorkError when the folder does not say which suite it is.
    """
    suite = read_suite(folder)
    found = {cell.id: cell_status(folder, cell.id) for cell in cells(suite)}
    running = is_held(folder)
    missing = [cell_id for cell_id, one in found.items() if one.record is None]
    return Status(
        suite=suite.name,
        folder=str(folder),
        state="running" if running else "stopped" if missing else "done",
        by=holder(folder),
        n_cells=len(found),
        n_measured=sum(one.state == "measured" for one in found.values()),
        failed={cell_id: one.reason for cell_id, one in found.items() if one.state == "failed"},
        damaged=[one.reason for one in found.values() if one.state == "damaged"],
        missing=missing,
        progress=_read_progress(folder) if running else None,
    )


def _read_progress(folder: Path) -> Progress | None:
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Progress)
    except (OSError, msgspec.MsgspecError):
        return None
