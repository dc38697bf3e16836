"""What the harness itself costs, in docs/running.md: many tiny cells, quarter by quarter, and equal cells on one and two processes."""

import itertools
import os
import re
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.harness.limits import family
from bench.harness.records import Record
from bench.harness.run import Watcher, run_suite
from bench.studies.page import Page, Part
from bench.suites.grid import Suite
from bench.suites.load import parse_suite

N_TINY, N_EQUAL = 10_000, 64
TINY = 'name = "uniform"'
EQUAL = f'name = "table"\nbudgets = {list(range(1, 61))}'


class Quarter(NamedTuple):
    """A quarter of the cells of a run on one process; times are milliseconds a cell."""

    last: int  # the number of its last cell
    wall: float
    wall_measuring: float  # of these, what the records say
    cpu: float  # processor time of runner and worker together
    cpu_measuring: float
    runner: float  # MiB at its end
    worker: float


class Mark(NamedTuple):
    """What has been used when a cell is recorded, in seconds, and what is held, in MiB."""

    wall: float
    wall_measuring: float
    cpu: float
    cpu_measuring: float
    runner: float
    worker: float


def suite(game: str, learner: str, n_cells: int) -> Suite:
    """A suite of `n_cells` equal cells, which differ in their seeds alone."""
    return parse_suite(f'name = "equal"\ngames = ["{game}"]\nseeds = {list(range(n_cells))}\n[[learners]]\n{learner}', "equal")


def held(pid: int) -> float:
    """The memory that one process holds for itself, in MiB."""
    found = re.search(r"^RssAnon:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def processor_seconds(pid: int) -> float:
    """The processor time that one process has taken: fields 14 and 15 of proc(5)'s stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def quarters(n_cells: int) -> tuple[float, list[Quarter]]:
    """The milliseconds a cell until the first is submitted, and what each quarter of the tiny cells takes on one process."""
    planned: list[float] = []
    marks: dict[int, Mark] = {}
    done, wall, cpu = 0, 0.0, 0.0

    def finished(record: Record) -> None:
        nonlocal done, wall, cpu
        done, wall, cpu = done + 1, wall + record.seconds["total"], cpu + record.seconds["cpu"]
        if done == 1 or done % (n_cells // 4) == 0:  # the first cell starts the worker
            runner, worker = family(os.getpid())[:2]
            used = processor_seconds(runner) + processor_seconds(worker)
            marks[done] = Mark(time.perf_counter(), wall, used, cpu, held(runner), held(worker))

    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        watcher = Watcher(lambda n_todo, n_kept: planned.append(time.process_time()), finished, print)
        run_suite(suite("nim-1-2", TINY, n_cells), Path(folder) / "equal", watcher, executor="serial")
    found = []
    for first, last in itertools.pairwise(sorted(marks)):
        used = (1000 * (after - before) / (last - first) for before, after in zip(marks[first][:4], marks[last][:4], strict=True))
        wall_here, wall_measuring, cpu_here, cpu_measuring = used
        found.append(Quarter(last, wall_here, wall_measuring, cpu_here, cpu_measuring, marks[last].runner, marks[last].worker))
    return 1000 * (planned[0] - began) / n_cells, found


def equal_cells(n_cells: int, jobs: int) -> float:
    """The seconds that equal cells take on several processes, which are started and ended in this time."""
    with tempfile.TemporaryDirectory() as folder:
        watcher = Watcher(lambda n_todo, n_kept: None, lambda record: None, print)
        began = time.perf_counter()
        run_suite(suite("tictactoe", EQUAL, n_cells), Path(folder) / "equal", watcher, jobs=jobs)
        return time.perf_counter() - began


def tables(planning: float, found: list[Quarter], serial: float, parallel: float, load: float) -> str:
    """The block of the page."""
    rows = [
        f"| {q.last:,} | {q.wall:.1f} | {q.wall - q.wall_measuring:.1f} | {q.cpu:.1f} | {q.cpu - q.cpu_measuring:.1f} "
        f"| {q.runner:.0f} | {q.worker:.0f} |"
        for q in found
    ]
    lines = [
        f"Measured on {os.cpu_count()} cores, which {load:.1f} other processes wanted as well.",
        f"{found[-1].last:,} tiny cells on one process, after {planning:.2f} ms of processor time a cell to plan them:",
        "",
        "| up to cell | ms a cell | of these the harness | processor, ms a cell | of these the harness | runner, MiB | worker, MiB |",
        "|--:|--:|--:|--:|--:|--:|--:|",
        *rows,
        "",
        f"{N_EQUAL} equal cells took {serial:.0f} s on one process and {parallel:.0f} s on two: {parallel / serial:.2f} of the time.",
    ]
    return "\n".join(lines)


def measured() -> dict[str, str]:
    """The numbers, measured now."""
    load = os.getloadavg()[1]
    equal_cells(2, 1)  # kernels are compiled and the games are solved
    serial, parallel = equal_cells(N_EQUAL, 1), equal_cells(N_EQUAL, 2)
    planning, found = quarters(N_TINY)
    return {"harness": tables(planning, found, serial, parallel, load)}


PAGES = (Page("running.md", {"harness": Part(measured, "some minutes")}),)
