"""Running a suite: every cell recorded as soon as it is measured, so that a run can stop at any moment and go on."""

import contextlib
import math
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import msgspec

from bench.harness.executors import Place, n_processes, open_place
from bench.harness.lock import hold
from bench.harness.plan import PlannedCell, plan
from bench.harness.policyfile import is_last_policy, save_policy
from bench.harness.progress import WRITE_SECONDS, Clock, write_progress
from bench.harness.records import Record
from bench.harness.store import copy_log, log_path, policy_path, read_record, record_path, write_record, write_suite
from bench.harness.worker import MACHINE_FULL, Job, Outcome
from bench.suites.grid import Suite
from bench.terminal import repeating
from bench.wording import count
from games.errors import GaincurveError, WorkError
from games.registry import make_game
from games.solving.store import truth_path

LOOK_SECONDS = 0.2  # between two looks at Ctrl-C


@dataclass
class Tally:
    """The numbers of cells of a run by their outcome."""

    measured: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)  # of those kept, from which other run they were copied
    failed: dict[str, str] = field(default_factory=dict)  # why, by cell
    failed_before: dict[str, str] = field(default_factory=dict)  # recorded as failed by an earlier run, not tried again
    lost: dict[str, str] = field(default_factory=dict)  # neither measured nor failed: their worker was ended, or the disk is full
    left: list[str] = field(default_factory=list)  # not begun, because the run was told to stop

    @property
    def n_done(self) -> int:
        """The number of cells that this run has finished."""
        return len(self.measured) + len(self.failed) + len(self.lost)


@dataclass(frozen=True)
class Watcher:
    """What `run_suite` tells its caller while it works."""

    planned: Callable[[int, int], None]  # how many cells will be measured, how many are kept
    finished: Callable[[Record], None]
    warned: Callable[[str], None]
    clock: Callable[[Clock], None] = lambda clock: None  # once, before the first cell begins: ask it for the progress


def run_suite(
    suite: Suite,
    folder: Path,
    watcher: Watcher,
    jobs: int | None = None,
    force: bool = False,
    only: str = "*",
    retry_failed: bool = False,
    executor: str = "processes",
    scheduler: str | None = None,
) -> Tally:
    """Measure every cell of a suite that has no valid record yet, and record each as soon as it is done.

    Where another run beside this one has measured just the same, with the same sources and libraries, its record is copied.
    `only` is a pattern of cell ids (`go-*`, `*/rulelist/*`). A cell that fails is recorded as failed, the others go on; an earlier
    run's failures are measured again with `retry_failed`, and everything with `force`. After one Ctrl-C the cells that are being
    measured are finished, after a second they are given up (KeyboardInterrupt); what is recorded stays in either case.

    Raises UsageError when the pattern matches no cell, or for an unknown executor or `jobs` below 1; WorkError when the folder cannot
    be written, when another runner works on it, or when the scheduler cannot be reached or is lost.
    """
    jobs = n_processes(executor, jobs)
    tally = Tally()
    with hold(folder), _orderly_stop() as is_stopping, _one_line(folder):
        todo = []
        for planned in plan(suite, folder, only, folder.parent):
            if is_due(planned, force, retry_failed) or (planned.source and not _take(planned, planned.source, folder)):
                todo.append(planned)
            elif planned.source:
                tally.kept.append(planned.cell.id)
                tally.taken[planned.cell.id] = str(planned.source)
            elif planned.state == "measured":
                tally.kept.append(planned.cell.id)
            else:
                tally.failed_before[planned.cell.id] = planned.reason
            if planned.state == "damaged":
                watcher.warned(f"{planned.reason}; measuring it again")
        write_suite(folder, suite)
        for leftover in folder.glob("*/*.partial"):  # what a killed run was writing
            leftover.unlink(missing_ok=True)
        watcher.planned(len(todo), len(tally.kept))
        if not todo:
            return tally
        order = todo if executor == "serial" else _longest_first(todo)
        jobs_of = [Job(one.cell, one.key, log_path(folder, one.cell.id)) for one in order]
        clock = Clock(len(tally.kept), {one.cell.id: one.seconds for one in order})
        watcher.clock(clock)
        try:
            with open_place(jobs, scheduler, clock.begins) as place, _kept_on_disk(folder, clock):
                for outcome, job in _measure_all(place, jobs_of, clock, is_stopping, watcher):
                    _record(folder, outcome, job, tally)
                    clock.ends(job.cell.id, failed=outcome.record is None or bool(outcome.record.error))
                    if outcome.record:
                        watcher.finished(outcome.record)
                    else:
                        watcher.warned(f"{job.cell.id}: {outcome.lost}")
        except KeyboardInterrupt:
            watcher.warned(f"gave up what was being measured: {count(len(todo) - tally.n_done, 'cell')} left")
            raise
        if tally.n_done < len(todo):
            done = {*tally.measured, *tally.failed, *tally.lost}
            tally.left = [one.cell.id for one in todo if one.cell.id not in done]
    return tally


def is_due(planned: PlannedCell, force: bool, retry_failed: bool) -> bool:
    """Whether a run measures a cell, given what stands of it."""
    return force or planned.state not in ("measured", "elsewhere", "failed") or (planned.state == "failed" and retry_failed)


def _take(planned: PlannedCell, source: Path, folder: Path) -> bool:
    """Copy a cell's policy, record and log from another run; False where these are no longer sound."""
    cell_id = planned.cell.id
    try:
        record, policy = read_record(record_path(source, cell_id)), policy_path(source, cell_id)
        if record.key != planned.key or not is_last_policy(record, policy):
            return False
        content = policy.read_bytes()
    except (GaincurveError, OSError):
        return False
    save_policy(policy_path(folder, cell_id), content)
    copy_log(source, folder, cell_id)
    write_record(folder, msgspec.structs.replace(record, cell=planned.cell))  # it may have been measured under other limits
    return True


def _longest_first(todo: Sequence[PlannedCell]) -> list[PlannedCell]:
    """The cells thought to take longest first, but before these one of each game that is to be solved: no cell waits for another's game."""
    n_states = {game: make_game(game).estimate_states() for game in {one.cell.game for one in todo}}
    unknown = math.inf  # it may be long
    order = sorted(todo, key=lambda one: (unknown if one.seconds is None else one.seconds, n_states[one.cell.game]), reverse=True)
    unsolved = {game for game in n_states if not truth_path(make_game(game)).exists()}
    solvers = {one.cell.game: one.cell.id for one in reversed(order) if one.cell.game in unsolved}
    return sorted(order, key=lambda one: solvers.get(one.cell.game) != one.cell.id)


def _measure_all(
    place: Place, jobs: Sequence[Job], clock: Clock, is_stopping: Callable[[], bool], watcher: Watcher
) -> Iterator[tuple[Outcome, Job]]:
    """The outcomes in order of completion; only the cells that keep the workers busy are submitted at a time."""
    waiting, running, twice = deque(jobs), dict[Future[Outcome], Job](), set[str]()
    while waiting or running:
        if is_stopping():
            waiting.clear()
            for future in [future for future, job in running.items() if not clock.has_begun(job.cell.id)]:
                if future.cancel():
                    del running[future]
            if not clock.is_stopping:
                clock.is_stopping = True
                watcher.warned(f"stopping once {count(len(running), 'running cell')} ended; Ctrl-C again gives up at once")
        while waiting and len(running) < place.n_queued():
            job = waiting.popleft()
            running[place.executor.submit(place.measure, job)] = job
        for future in wait(running, LOOK_SECONDS, FIRST_COMPLETED).done:
            job = running.pop(future)
            outcome = _outcome(future)
            if outcome.again and job.cell.id not in twice and not is_stopping():
                twice.add(job.cell.id)  # the cause is unknown, perhaps memory used by another cell; retry once
                clock.again(job.cell.id)
                waiting.append(job)
            else:
                yield outcome, job


def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except CancelledError:
        raise WorkError("the scheduler is lost: start it again, then run the same command; what has been measured is kept") from None
    except OSError as error:
        if error.errno in MACHINE_FULL:
            raise
        return Outcome(None, lost=f"it could not be measured ({error.strerror})", again=True)
    except Exception as error:  # noqa: BLE001  the executor's own: a worker of the cluster that died, no process to be had
        said = " ".join(f"{type(error).__name__}: {error}".split())
        return Outcome(None, lost=f"it could not be measured ({said})", again=True)


def _record(folder: Path, outcome: Outcome, job: Job, tally: Tally) -> None:
    """Write down what became of a cell: the policy before the record, since a record says that there is one."""
    cell_id, record = job.cell.id, outcome.record
    if outcome.log is not None:
        job.log.parent.mkdir(exist_ok=True)
        job.log.write_bytes(outcome.log)
    if record is None:
        tally.lost[cell_id] = outcome.lost
        return
    if not record.error:
        save_policy(policy_path(folder, cell_id), outcome.policy)
    write_record(folder, record)
    if record.error:
        tally.failed[cell_id] = record.error
    else:
        tally.measured.append(cell_id)


@contextlib.contextmanager
def _orderly_stop() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed in the block; the second time it is an exception, as it is anywhere else than in the main thread."""
    asked = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before == signal.SIG_IGN:
        yield asked.is_set
        return
    signal.signal(signal.SIGINT, handle)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _one_line(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into one line that says what to do."""
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        raise WorkError(
            f"cannot write {where} ({error.strerror}): mend that, then run the same command; what is recorded is kept"
        ) from None


@contextlib.contextmanager
def _kept_on_disk(folder: Path, clock: Clock) -> Iterator[None]:
    """Write the progress to the folder at once, and then once a second from a thread of its own."""

    def keep() -> None:
        with contextlib.suppress(OSError):  # the records matter, and say so themselves
            write_progress(folder, clock.progress())

    keep()
    with repeating(keep, WRITE_SECONDS):
        yield
