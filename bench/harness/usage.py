"""The cost of a piece of work to this process: processor time and peak memory."""

import contextlib
import re
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

STATUS = Path("/proc/self/status")
RESET_PEAK = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Meter:
    """Measures the processor time and memory used since it was started."""

    wall: float
    cpu: float

    @property
    def wall_seconds(self) -> float:
        return time.perf_counter() - self.wall

    @property
    def cpu_seconds(self) -> float:
        """Processor time of all threads, and of child processes that have ended."""
        return _cpu() - self.cpu

    @property
    def peak_mib(self) -> float:
        """The most physical memory that the process held since then, in MiB; since it began where Linux does not say (/proc).

        It counts what the process held before, and pages of mapped files.
        """
        with contextlib.suppress(OSError):
            found = re.search(r"^VmHWM:\s*(\d+) kB", STATUS.read_text(), re.MULTILINE)
            if found:
                return int(found[1]) / 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1024**2 if sys.platform == "darwin" else 1024)


def start_meter() -> Meter:
    """A meter that starts now."""
    with contextlib.suppress(OSError):
        RESET_PEAK.write_text("5")  # the peak becomes what is held now: proc(5)
    return Meter(time.perf_counter(), _cpu())


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
