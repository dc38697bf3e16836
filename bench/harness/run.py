"""Running a suite: cells in a pool of processes, each recorded as soon as it is done, so that a run can stop and go on."""

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from fnmatch import fnmatch
from multiprocessing.connection import wait
from pathlib import Path

from bench.harness.cell import cell_key, measure_cell
from bench.harness.policyfile import save_policy
from bench.harness.store import Record, policy_path, read_records, write_record, write_suite
from bench.harness.suite import Cell, Suite, cells
from games.errors import GaincurveError, UsageError
from games.registry import make_game, nearest
from games.truth import load_truth

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
SLOWNESS = {"network": 30.0, "rulelist": 3.0}  # rough cost per state, only to start the longest cells first


@dataclass
class Tally:
    """What became of the cells of a run."""

    measured: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Watcher:
    """What `run_suite` tells its caller while it works."""

    planned: Callable[[int, int], None]  # how many cells will be measured, how many are kept
    finished: Callable[[Record], None]
    warned: Callable[[str], None]


def default_jobs() -> int:
    """Two processes where there are two cores; each may hold a large game in memory."""
    return min(2, os.cpu_count() or 1)


def run_suite(suite: Suite, folder: Path, watcher: Watcher, jobs: int | None = None, force: bool = False, only: str = "*") -> Tally:
    """Measure every cell of a suite that has no valid record yet, and record each as soon as it is done.

    `only` is a pattern of cell ids (`go-*`, `*/rulelist/*`). A cell that fails is recorded as failed, the others go on.
    Raises UsageError when the pattern matches no cell or `jobs` is below 1.
    """
    jobs = default_jobs() if jobs is None else jobs
    if jobs < 1:
        raise UsageError(f"--jobs {jobs} is below 1: give the number of processes")
    chosen = [cell for cell in cells(suite) if fnmatch(cell.id, only)]
    if not chosen:
        raise UsageError(f"no cell of {suite.name} matches {only!r}; {nearest(only, [cell.id for cell in cells(suite)])}")
    keys = {cell.id: cell_key(cell) for cell in chosen}
    records, damaged = read_records(folder, [cell.id for cell in chosen])
    for line in damaged:
        watcher.warned(f"{line}; measuring it again")
    tally = Tally()
    todo = []
    for cell in sorted(chosen, key=_cost, reverse=True):
        record = records.get(cell.id)
        valid = record is not None and record.key == keys[cell.id] and not record.error
        if valid and policy_path(folder, cell.id).exists() and not force:
            tally.kept.append(cell.id)
        else:
            todo.append(cell)
    write_suite(folder, suite)
    for leftover in folder.glob("*/*.partial"):  # what a killed run was writing
        leftover.unlink(missing_ok=True)
    watcher.planned(len(todo), len(tally.kept))
    with contextlib.closing(_measure_all(todo, keys, jobs)) as measured:  # an interruption ends the workers at once
        for record, policy in measured:
            if record.error:
                tally.failed[record.cell_id] = record.error
            else:
                save_policy(policy_path(folder, record.cell_id), policy)
                tally.measured.append(record.cell_id)
            write_record(folder, record)
            watcher.finished(record)
    return tally


def _cost(cell: Cell) -> float:
    return make_game(cell.game).estimate_states() * SLOWNESS.get(cell.learner, 1.0)


def _measure_all(todo: list[Cell], keys: dict[str, str], jobs: int) -> Generator[tuple[Record, bytes], None, None]:
    """The measured cells in order of completion.

    When a process dies (killed, out of memory), nobody can say which cell it was at; the rest then run one to a pool, so
    that only the guilty cell fails.
    """
    left = {cell.id: cell for cell in todo}
    with contextlib.suppress(BrokenProcessPool), _pool(min(jobs, max(1, len(todo)))) as pool:
        _solve_games(pool, [cell.game for cell in todo])
        futures = [pool.submit(_measure, cell, keys[cell.id]) for cell in todo]
        for future in as_completed(futures):
            measured = future.result()
            del left[measured[0].cell_id]
            yield measured
    for cell in left.values():
        with _pool(1) as pool:
            try:
                yield pool.submit(_measure, cell, keys[cell.id]).result()
            except BrokenProcessPool:
                died = "its process died, perhaps for want of memory: try --jobs 1"
                yield Record(cell=cell, cell_id=cell.id, key=keys[cell.id], error=died), b""


def _solve_games(pool: ProcessPoolExecutor, game_ids: list[str]) -> None:
    """Solve each game once, before several cells want it at the same time; an error is left for the cells to report."""
    solving: list[Future[None]] = [pool.submit(_solve, game_id) for game_id in dict.fromkeys(game_ids)]
    for future in solving:
        future.result()


def _solve(game_id: str) -> None:
    with contextlib.suppress(GaincurveError):
        load_truth(make_game(game_id))


def _measure(cell: Cell, key: str) -> tuple[Record, bytes]:
    """Runs in a worker: the measured cell, or a record of why it failed."""
    began = time.perf_counter()
    try:
        return measure_cell(cell, key)
    except Exception as error:  # noqa: BLE001  whatever a learner raises is the result of its cell
        message = str(error) if isinstance(error, GaincurveError) else f"{type(error).__name__}: {error}"
        seconds = {"total": time.perf_counter() - began}
        return Record(cell=cell, cell_id=cell.id, key=key, error=" ".join(message.split()), seconds=seconds), b""


@contextlib.contextmanager
def _pool(n_workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of fresh processes of one thread each; when the block is left by an exception they are ended at once."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)  # read by the numeric libraries when a worker first imports them
    pool = ProcessPoolExecutor(n_workers, mp_context=multiprocessing.get_context("spawn"), initializer=_start_worker)
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, and end when the parent does: a pool's worker would otherwise wait for work for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
