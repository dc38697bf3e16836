"""The memory and time that a process takes, and the limits on them.

A limit on memory is watched, not set: RLIMIT_AS counts address space, of which torch and numba reserve far more than they use, and
RLIMIT_DATA counts what is allocated and never touched. What counts here is what the process holds in memory for itself
(RssAnon and RssShmem of proc(5)), its descendants' too; solved games are mapped from their files and shared by all, so they do not count.
"""

import contextlib
import os
import signal
from pathlib import Path

WATCH_SECONDS = 0.1  # between two looks at a process; what it takes in between is more than its limit by as much
GIB = 2**30
# One thread a process, so that workers do not fight for cores. Read by the numeric libraries when they are first imported.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
# A worker that ends by one of these was ended from outside: by hand, by a queue system, or by the system because memory ran out.
FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


def own_bytes(pid: int) -> int:
    """The memory that a process and its descendants hold for themselves, in bytes; 0 where none is left."""
    total = 0
    for process in family(pid):
        with contextlib.suppress(OSError):  # it has ended in between
            fields = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
            total += sum(int(fields[name].split()[0]) * 1024 for name in ("RssAnon", "RssShmem") if name in fields)
    return total


def family(pid: int) -> list[int]:
    """A process and its descendants, parents first."""
    found = [pid]
    for process in found:
        for thread in Path(f"/proc/{process}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found.extend(int(child) for child in thread.read_text().split())
    return found


def end(pid: int) -> None:
    """End a process and all that it has started, at once."""
    for process in family(pid):
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)


def over_time(seconds: float) -> str:
    """The error in the record of a cell that was stopped at its limit of time."""
    return f"ended at its time limit of {seconds:g} s: give it smaller budgets, or a larger time_limit and --retry-failed"


def over_memory(gib: float, held: int) -> str:
    """The error in the record of a cell that was stopped at its limit of memory."""
    return (
        f"ended at its memory limit of {gib:g} GiB, holding {held / GIB:.2f} GiB: "
        "give it smaller budgets, or a larger memory_limit and --retry-failed"
    )
