"""Where cells are measured: one after the other, in processes of this machine, or on a Dask cluster, all as futures.

Every cell is measured in a worker process of one thread (bench/harness/pool.py) whatever the executor, so that limits and results are
the same under all of them.
"""

import contextlib
import functools
import math
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.harness.pool import Crew
from bench.harness.worker import Job, Outcome
from games.errors import UsageError, WorkError, nearest

EXECUTORS = ("processes", "serial")
LOG_BYTES = 1_000_000  # the end of a log of this size is brought back from another machine
CONNECT_SECONDS = 20.0  # to wait for the answer of a scheduler
COUNT_SECONDS = 5.0  # between two looks at how large a cluster is
QUEUED_ON_CLUSTER = 64  # cells at least that wait for a cluster, so that a cluster that grows with its work does grow

Told = Callable[[str, str], None]  # a cell's id, and the worker that begins with it


@dataclass(frozen=True)
class Place:
    """An executor, and the facts that the runner needs about it."""

    executor: Executor
    measure: Callable[[Job], Outcome]  # what to submit to it
    n_queued: Callable[[], int]  # how many cells to have submitted at a time


def n_processes(executor: str, jobs: int | None) -> int:
    """How many cells are measured at a time on this machine: one in `serial`, else `jobs`.

    Unless told, two where there are two cores, since each may hold a large game in memory. Raises UsageError for an unknown executor
    or a number of jobs below 1.
    """
    if executor not in EXECUTORS:
        raise UsageError(f"unknown executor {executor!r}; {nearest(executor, list(EXECUTORS))}; a cluster is named by --scheduler")
    if jobs is not None and jobs < 1:
        raise UsageError(f"--jobs {jobs} is below 1: give the number of processes")
    return 1 if executor == "serial" else jobs or min(2, os.cpu_count() or 1)


def open_place(jobs: int, scheduler: str | None, told: Told) -> contextlib.AbstractContextManager[Place]:
    """`jobs` processes here, or a cluster, until the end of the block, which also ends the cells that are being measured.

    `told` hears of every cell that begins. A cluster is named by its scheduler's address; `local` makes one here. Raises UsageError
    where Dask is not installed, WorkError where the scheduler does not answer.
    """
    return _on_cluster(scheduler, jobs, told) if scheduler else _here(jobs, told)


@contextlib.contextmanager
def _here(jobs: int, told: Told) -> Iterator[Place]:
    crew = Crew()

    def measure(job: Job) -> Outcome:
        return crew.measure(job, lambda cell, number: told(cell, str(number)))

    executor = ThreadPoolExecutor(jobs)
    try:
        yield Place(executor, measure, lambda: 2 * jobs)
    finally:
        crew.end()
        executor.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _on_cluster(scheduler: str, jobs: int, told: Told) -> Iterator[Place]:
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise UsageError("--scheduler needs Dask: pip install 'gaincurve[cluster]'") from None
    with contextlib.ExitStack() as stack:
        if scheduler == "local":
            cluster = LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None, silence_logs=50)  # type: ignore[no-untyped-call]
            scheduler = stack.enter_context(cluster).scheduler_address
        try:
            client: Any = stack.enter_context(Client(scheduler, timeout=CONNECT_SECONDS))  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise WorkError(
                f"no Dask scheduler at {scheduler} ({type(error).__name__}): start one, or give the address it prints"
            ) from None
        topic = f"gaincurve-{uuid.uuid4().hex}"
        client.subscribe_topic(topic, lambda event: told(*event[1]))
        executor = client.get_executor(pure=False)

        threads = _Threads(client)
        try:
            yield Place(executor, functools.partial(_measure_there, topic), lambda: max(QUEUED_ON_CLUSTER, 2 * threads.count()))
        finally:
            executor.shutdown(wait=False)
            with contextlib.suppress(Exception):  # a worker or the scheduler may be gone
                client.run(_end_there, topic, on_error="ignore")


class _Threads:
    """How many threads a cluster has, asked for now and then."""

    def __init__(self, client: Any) -> None:
        self._client, self._n, self._asked = client, 0, -math.inf

    def count(self) -> int:
        if time.monotonic() - self._asked > COUNT_SECONDS:
            with contextlib.suppress(OSError):  # the scheduler is gone, as the next cell will say
                self._n = sum(self._client.nthreads().values())
            self._asked = time.monotonic()
        return self._n


_CREWS: dict[str, Crew] = {}  # in a Dask worker: one crew a run, so that no run meets modules that another has loaded


def _measure_there(topic: str, job: Job) -> Outcome:
    """Runs in a thread of a Dask worker; the log, whose place may be on another machine, comes back with the outcome."""
    from distributed import get_worker

    here = get_worker()

    def told(cell: str, number: int) -> None:
        here.log_event(topic, (cell, str(here.name) if here.state.nthreads == 1 else f"{here.name}/{number}"))

    try:
        with tempfile.TemporaryDirectory(prefix="gaincurve-") as folder:
            log = Path(folder) / "log"
            outcome = _CREWS.setdefault(topic, Crew()).measure(job._replace(log=log), told)
            return outcome._replace(log=log.read_bytes()[-LOG_BYTES:])
    except OSError as error:  # this machine's, not the runner's
        return Outcome(None, lost=f"the worker {here.name} cannot measure it ({error.strerror}: {error.filename})", again=True)


def _end_there(topic: str) -> None:
    """Runs in the event loop of a Dask worker, whatever its threads are at."""
    crew = _CREWS.pop(topic, None)
    if crew:
        crew.end()
