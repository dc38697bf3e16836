"""What a record says of the cost of its cell."""

import subprocess
import sys

import pytest

from bench.harness.cell import measure_cell
from bench.harness.usage import RESET_PEAK, start_meter
from bench.suites.grid import Cell

BURN = "import time\nwhile time.process_time() < 0.3: pass"
BLOCK = 128  # MiB


def test_a_record_says_what_it_took() -> None:
    record, _ = measure_cell(Cell("nim-1-2", "table", "table"), "key")
    assert list(record.seconds) == ["enumerate", "solve", "load", "fit", "measure", "total", "cpu"]
    assert record.seconds["total"] == pytest.approx(sum(record.seconds[part] for part in ("load", "fit", "measure")))
    assert record.seconds["cpu"] > 0
    assert record.memory_mib is not None
    assert record.memory_mib > 20  # an interpreter with numpy and numba
    assert record.provenance["cores"] >= 1


def test_processor_time_counts_that_of_child_processes() -> None:
    meter = start_meter()
    subprocess.run([sys.executable, "-c", BURN], check=True)
    assert meter.cpu_seconds >= 0.25  # the child burned 0.3 s, of which the clock ticks of the system may lose some
    assert meter.wall_seconds >= meter.cpu_seconds / 4


PEAKS = f"""
from bench.harness.usage import start_meter
before = start_meter().peak_mib
first = start_meter()
block = bytearray(b"x") * ({BLOCK} << 20)
del block
second = start_meter()
print(before, first.peak_mib, second.peak_mib)
third = start_meter()
block = bytearray(b"x") * ({BLOCK} << 20)
print(third.peak_mib)
"""


@pytest.mark.skipif(not RESET_PEAK.exists(), reason="only Linux tells peaks apart")
def test_peak_memory_is_that_of_the_piece_of_work() -> None:
    """In a process of its own: one that has freed memory already may be given it again, and grow by nothing."""
    done = subprocess.run([sys.executable, "-c", PEAKS], capture_output=True, text=True, check=True)
    before, first, second, third = map(float, done.stdout.split())
    assert first == second  # one peak a process: it began anew with the second
    assert second < before + BLOCK / 2
    assert third > before + BLOCK * 0.9
