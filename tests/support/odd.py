"""A learner from outside the project that does to its process what it is told to, and runs of it in real processes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.harness.store import read_record

ROOT = Path(__file__).parents[2]

# Found by its entry point. What it does stands in its option `deed`, or in the file `note`: so that it can be changed while the cell,
# and with it the record's key, stays the same.
PLUG_IN = """
import os, pathlib, subprocess, sys, time, warnings
from dataclasses import dataclass
from policies.endpoints import AnchorLearner

@dataclass(frozen=True)
class Odd(AnchorLearner):
    note: str = ""
    deed: str = ""
    name = "odd"
    def fit_path(self, task, budgets, seed):
        deed = self.deed or pathlib.Path(self.note).read_text()
        if deed == "wait":
            child = subprocess.Popen(["sleep", "120"])
            pathlib.Path(self.note + ".pid").write_text(f"{os.getpid()} {child.pid}")
            time.sleep(120)
        if deed == "pause":
            pathlib.Path(self.note + ".pid").write_text(str(os.getpid()))
            while pathlib.Path(self.note).read_text() == "pause":
                time.sleep(0.05)
        if deed == "hog":
            held = []
            while len(held) < 200:  # 1.6 GB, and then no more
                held.append(bytearray(b"x") * 8_000_000)
            time.sleep(120)
        if deed == "talk":
            print("said on stdout", flush=True)
            print("said on stderr", file=sys.stderr)
            os.system("echo said by another process")
            warnings.warn("said as a warning")
        if deed == "die":
            os._exit(9)
        if deed == "fail":
            raise RuntimeError("as planned,\\nin two lines")
        yield from super().fit_path(task, budgets, seed)
"""


class Odd:
    """A folder with the learner installed, the note that it reads, and a suite of it."""

    def __init__(self, folder: Path, suite: str) -> None:
        """`suite` is TOML in which `$NOTE` stands for the path of the note."""
        self.folder, self.note, self.suite = folder, folder / "note", folder / "odd.toml"
        (folder / "odd_learner.py").write_text(PLUG_IN)
        metadata = folder / "odd_learner-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-learner\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text("[gaincurve.learners]\nodd = odd_learner:Odd\n")
        self.note.write_text("")
        self.suite.write_text(suite.replace("$NOTE", str(self.note)))
        self.environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}

    @property
    def run(self) -> Path:
        """The folder of its run, unless another folder of runs is named."""
        return self.folder / "runs" / "odd"

    def start(self, *words: str, runs: Path | None = None) -> subprocess.Popen[str]:
        """Start `gaincurve run` on the suite, as a shell in the foreground does: with Ctrl-C in force."""
        begin = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from bench.__main__ import main; main()"
        command = [sys.executable, "-c", begin, "run", str(self.suite), "--runs", str(runs or self.folder / "runs"), *words]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def finish(self, *words: str, runs: Path | None = None) -> tuple[int, str, str]:
        """Run the suite to its end: exit status, stdout and stderr."""
        return finished(self.start(*words, runs=runs))

    def pids(self) -> list[int]:
        """The processes that the learner is in, once it says so."""
        path = Path(f"{self.note}.pid")
        wait_until(lambda: path.exists() and bool(path.read_text()))
        return [int(pid) for pid in path.read_text().split()]


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of a process, once it has ended."""
    stdout, stderr = process.communicate(timeout=200)
    return process.returncode, stdout, stderr


def wait_until(happens: Callable[[], bool], seconds: float = 100.0) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def has_ended(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def results(run: Path) -> dict[str, Any]:
    """What the records and policies of a run say, by file, without what differs from one measuring to the next."""
    records = {path.name: dict(_timeless(msgspec.to_builtins(read_record(path)))) for path in (run / "records").glob("*.json")}
    return {**records, **{path.name: path.read_bytes() for path in (run / "policies").glob("*.policy")}}


def _timeless(content: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        if name == "points":
            yield name, [{key: entry for key, entry in point.items() if key != "fit_seconds"} for point in value]
        elif name not in ("seconds", "memory_mib", "provenance"):  # provenance: when it was made, and at which commit
            yield name, value
