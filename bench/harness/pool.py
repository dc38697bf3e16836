"""Worker processes, one to a thread, watched from outside: a cell that fails ends its own process and nothing else."""

import contextlib
import math
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from bench.harness import limits
from bench.harness.records import failure
from bench.harness.worker import IDLE_STATUS, Begun, Job, Outcome
from games.errors import WorkError

Told = Callable[[str, int], None]  # a cell's id, and the number of the worker that begins with it


class Worker:
    """A process that measures one cell after the other."""

    def __init__(self, log: int) -> None:
        """Start it, with what it prints before its first cell going to an open file."""
        self._connection, theirs = multiprocessing.Pipe()
        with theirs:
            descriptor = theirs.fileno()
            # Not multiprocessing: its children import the main module again, and a worker of Dask may not have any.
            start = f"import sys; sys.path[:] = {sys.path!r}; from bench.harness.worker import main; main({descriptor})"
            self._process = subprocess.Popen(
                [sys.executable, "-c", start],
                pass_fds=[descriptor],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **limits.ONE_THREAD},
                start_new_session=True,  # Ctrl-C is for the runner
            )

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def holds_much(self, job: Job) -> bool:
        """Whether what earlier cells left in its memory is more than half of what a cell may take."""
        limit = job.cell.memory_limit
        return limit is not None and limits.own_bytes(self._process.pid) > limit * limits.GIB / 2

    def kill(self) -> None:
        """End the process and all that it has started, at once; who waits for its answer is told that it died."""
        if self.is_alive():
            limits.end(self._process.pid)
        self._process.wait()

    def measure(self, job: Job, begun: Callable[[], None]) -> Outcome | None:
        """What comes of a cell; None when the process had just ended because there was no work. Ends the process when a limit is passed."""
        started = time.monotonic()
        deadline, memory_limit = math.inf, math.inf
        try:
            self._connection.send(job)
            while True:
                if self._connection.poll(limits.WATCH_SECONDS if min(deadline, memory_limit) < math.inf else None):
                    message = self._connection.recv()
                    if isinstance(message, Outcome):
                        return message
                    if isinstance(message, Begun):
                        started = time.monotonic()
                        deadline = started + (job.cell.time_limit or math.inf)
                        memory_limit = (job.cell.memory_limit or math.inf) * limits.GIB
                        begun()
                    continue
                held = limits.own_bytes(self._process.pid) if memory_limit < math.inf else 0
                if time.monotonic() > deadline:
                    said = limits.over_time(job.cell.time_limit or math.inf)
                elif held > memory_limit:
                    said = limits.over_memory(job.cell.memory_limit or math.inf, held)
                else:
                    continue
                self.kill()
                return _failed(job, said, started)
        except (EOFError, OSError):  # the process has ended, perhaps in the middle of an answer
            return self._died(job, started)

    def _died(self, job: Job, started: float) -> Outcome | None:
        self.kill()
        status = self._process.returncode
        if status == IDLE_STATUS:
            return None
        if -status in limits.FROM_OUTSIDE:
            name = signal.Signals(-status).name
            return Outcome(None, lost=f"its process was ended from outside ({name}), perhaps out of memory: try --jobs 1", again=True)
        how = f"by {signal.Signals(-status).name}" if status < 0 else f"with exit status {status}"
        return _failed(job, f"its process died {how}: its log may say why", started)


class Crew:
    """The workers of one executor on one machine: each thread that asks has its own, started when needed and again after a death."""

    def __init__(self) -> None:
        self._workers: dict[int, Worker] = {}
        self._numbers: dict[int, int] = {}  # of the threads, from 1
        self._lock = threading.Lock()
        self._is_ended = False

    def measure(self, job: Job, told: Told) -> Outcome:
        """Measure a cell in the calling thread's worker, and write its log."""
        thread = threading.get_ident()
        with self._lock:
            number = self._numbers.setdefault(thread, len(self._numbers) + 1)
        began = time.monotonic()
        job.log.parent.mkdir(parents=True, exist_ok=True)
        with job.log.open("w") as log:
            print(f"{_now()} {job.cell.id}, process of worker {number}", file=log, flush=True)
            outcome = None
            while outcome is None:
                worker = self._worker(thread, job, log.fileno())
                outcome = worker.measure(job, lambda: told(job.cell.id, number))
        with contextlib.suppress(OSError), job.log.open("a") as log:
            said = outcome.lost or (outcome.record.error if outcome.record else "") or "measured"
            print(f"{_now()} after {time.monotonic() - began:.1f} s: {said}", file=log)
        return outcome

    def _worker(self, thread: int, job: Job, log: int) -> Worker:
        with self._lock:
            worker = self._workers.get(thread)
            if self._is_ended:
                raise InterruptedError("stopped")
            if worker and worker.is_alive() and worker.holds_much(job):
                worker.kill()
            if worker is None or not worker.is_alive():
                worker = self._workers[thread] = Worker(log)
            return worker

    def end(self) -> None:
        """End every worker at once, even in the middle of a cell, and start no other."""
        with self._lock:
            self._is_ended = True
            for worker in self._workers.values():
                worker.kill()


def _failed(job: Job, said: str, started: float) -> Outcome:
    return Outcome(failure(job.cell, job.key, WorkError(said), {"total": time.monotonic() - started}))


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
