"""What a process is said to hold, and which ends of a worker are its cell's doing."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.harness.limits import own_bytes
from bench.harness.pool import Crew, Worker
from bench.harness.worker import Job
from bench.suites.grid import Cell
from tests.support.odd import wait_until

MIB = 1 << 20
HOLD = f"""
import mmap, os, sys
def hold(kind):
    if kind == "shared":
        block = mmap.mmap(-1, {64 * MIB})
        for place in range(0, len(block), 4096):
            block[place] = 1
        return block
    if kind == "private":
        return bytearray(b"x") * {64 * MIB}
    if kind == "mapped":
        block = mmap.mmap(os.open(sys.argv[2], os.O_RDONLY), 0, access=mmap.ACCESS_READ)
        sum(block[place] for place in range(0, len(block), 4096))
        return block
if sys.argv[1] in ("child", "both"):
    pid = os.fork()
    block = hold("none" if pid and sys.argv[1] == "child" else "private")
else:
    block = hold(sys.argv[1])
os.write(1, b"held\\n")
sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks /proc what processes hold")


@pytest.mark.parametrize(("kind", "counts"), [("private", 1), ("shared", 1), ("child", 1), ("both", 2), ("none", 0), ("mapped", 0)])
def test_what_a_process_holds_for_itself_counts_whether_shared_with_its_children_or_not(kind: str, counts: int, tmp_path: Path) -> None:
    """64 MiB by each way; a file that is mapped, as solved games are, is the system's to drop."""
    large = tmp_path / "large"
    large.write_bytes(bytes(64 * MIB if kind == "mapped" else 1))
    command = [sys.executable, "-S", "-c", HOLD, kind, str(large)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(2 if kind in ("child", "both") else 1):
            assert process.stdout.readline() == "held\n"
        held = own_bytes(process.pid)
        process.communicate("")
    assert 64 * counts * MIB < held < (64 * counts + 48) * MIB


def stand_in(program: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is started as a worker be this program instead."""
    program.write_text(f"#!{sys.executable} -S\n{text}")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)  # `kill`, Slurm, a closed terminal, Ctrl-C, Ctrl-\


@pytest.mark.parametrize("number", [*OUTSIDE, signal.SIGSEGV, signal.SIGABRT])
def test_a_worker_that_was_ended_from_outside_is_no_failure_of_its_cell(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "import os, resource, signal\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
    text += f"if {int(number)} != signal.SIGKILL: signal.signal({int(number)}, signal.SIG_DFL)\nos.kill(os.getpid(), {int(number)})\n"
    stand_in(tmp_path / "python", text, monkeypatch)
    with (tmp_path / "log").open("w") as log:
        outcome = Worker(log.fileno()).measure(Job(Cell("nim-1-2", "table", "table"), "key", tmp_path / "log"), lambda: None)
    assert outcome is not None
    if number in OUTSIDE:
        assert (outcome.record, outcome.again) == (None, True)
        assert outcome.lost.startswith(f"its process was ended from outside ({number.name}), perhaps out of memory")
    else:
        assert outcome.record is not None
        assert outcome.record.error == f"its process died by {number.name}: its log may say why"


def test_a_crew_that_has_ended_starts_no_other_worker(tmp_path: Path) -> None:
    crew = Crew()
    crew.end()
    with pytest.raises(InterruptedError, match="stopped"):
        crew.measure(Job(Cell("nim-1-2", "table", "table"), "key", tmp_path / "log"), lambda cell_id, number: None)


def test_a_worker_has_one_thread_and_a_session_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the user's environment says: several workers share the machine, and Ctrl-C is for their runner."""
    names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"]
    for name in names:
        monkeypatch.setenv(name, "8")
    monkeypatch.setenv("SAID", "by the user")
    stand_in(
        tmp_path / "python",
        f"import os\nprint([os.environ[name] for name in {[*names, 'SAID']}], os.getsid(0) == os.getpid())",
        monkeypatch,
    )
    with (tmp_path / "log").open("w") as log:
        Worker(log.fileno())._process.wait()
    assert (tmp_path / "log").read_text() == "['1', '1', '1', '1', 'by the user'] True\n"


def test_a_worker_that_holds_more_than_half_of_what_a_cell_may_take_is_not_given_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"import sys\nblock = bytearray(b'x') * {64 * MIB}\nprint('held', flush=True)\nsys.stdin.read()\nimport time\ntime.sleep(60)"
    stand_in(tmp_path / "python", text, monkeypatch)
    with (tmp_path / "log").open("w") as log:
        worker = Worker(log.fileno())
    wait_until(lambda: "held" in (tmp_path / "log").read_text())
    jobs = [Job(Cell("nim-1-2", "table", "table", memory_limit=limit), "key", tmp_path / "log") for limit in (0.1, 0.25, None)]
    assert [worker.holds_much(job) for job in jobs] == [True, False, False]
    worker.kill()
    assert not worker.is_alive()
