"""A run keeps what it has measured: through Ctrl-C, kill -9, damaged files, failing cells and dying processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.harness.cell import measure_cell
from bench.harness.policyfile import load_policy, pack, save_policy
from bench.harness.run import Tally, Watcher, run_suite
from bench.harness.store import Record, policy_path, read_record, record_path
from bench.harness.suite import Cell, parse_suite
from games.errors import UsageError, WorkError

ROOT = Path(__file__).parents[1]
SUITE = parse_suite(
    """
    name = "small"
    games = ["tictactoe"]
    [[learners]]
    name = "uniform"
    [[learners]]
    name = "table"
    budgets = [1, 4, 400]
    """,
    "small.toml",
)
TABLE, UNIFORM = "tictactoe/table/seed=0", "tictactoe/uniform/seed=0"

# A learner from outside the project, found by its entry point. What it does to its process is told by a file, so that the
# cell, and with it the record's key, stays the same.
PLUG_IN = """
import os, pathlib, time
from dataclasses import dataclass
from policies.anchors import AnchorLearner

@dataclass(frozen=True)
class Odd(AnchorLearner):
    note: str = ""
    name = "odd"
    def fit_path(self, task, budgets, seed):
        deed = pathlib.Path(self.note).read_text()
        if deed == "wait":
            pathlib.Path(self.note + ".pid").write_text(str(os.getpid()))
            time.sleep(120)
        if deed == "die":
            os._exit(9)
        if deed == "fail":
            raise RuntimeError("as planned,\\nin two lines")
        yield from super().fit_path(task, budgets, seed)
"""


def run(folder: Path, **options: Any) -> tuple[Tally, list[str]]:
    lines: list[str] = []
    watcher = Watcher(planned=lambda todo, kept: None, finished=lambda record: None, warned=lines.append)
    return run_suite(SUITE, folder, watcher, **options), lines


def test_a_second_run_keeps_every_record_and_force_measures_again(tmp_path: Path) -> None:
    first, _ = run(tmp_path, jobs=1)
    assert sorted(first.measured) == [TABLE, UNIFORM]
    before = record_path(tmp_path, TABLE).read_bytes()
    again, _ = run(tmp_path, jobs=1)
    assert (again.measured, sorted(again.kept)) == ([], [TABLE, UNIFORM])
    assert record_path(tmp_path, TABLE).read_bytes() == before
    forced, _ = run(tmp_path, jobs=1, force=True, only="*/uniform/*")
    assert forced.measured == [UNIFORM]


def test_a_record_holds_the_curve_and_a_policy_file_that_plays_it(tmp_path: Path) -> None:
    run(tmp_path, jobs=1, only="*/table/*")
    record = read_record(record_path(tmp_path, TABLE))
    assert [point.budget for point in record.points] == [1, 4, 400]
    gains = [point.gain for point in record.points]
    assert 0 < gains[0] < gains[1] < gains[2]
    assert all(point.results for point in record.points)  # milliseconds on a small game
    assert (record.n_states, record.n_positions) == (765, 627)  # published: 765 states up to symmetry, 138 of them final
    task, _, policy, header = load_policy(policy_path(tmp_path, TABLE))
    assert policy.size == header.size == record.points[-1].size
    assert header.bytes * 8 == record.points[-1].policy_bits
    assert task.game.id == "tictactoe"


def test_a_large_game_has_results_at_the_ends_and_where_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.harness.measure.SMALL", 764)  # one below the 765 states of tic-tac-toe
    cell = Cell(game="tictactoe", learner="table", label="table", budgets=[1, 2, 4, 8], results_at=[4])
    record, _ = measure_cell(cell, "key")
    assert [point.results is not None for point in record.points] == [True, False, True, True]


@pytest.mark.parametrize("damage", [lambda text: text.replace('"gain": 0.', '"gain": 1.', 1), lambda text: text[: len(text) // 2]])
def test_a_damaged_record_is_named_and_measured_again(tmp_path: Path, damage: Callable[[str], str]) -> None:
    run(tmp_path, jobs=1)
    path = record_path(tmp_path, TABLE)
    sound = path.read_text()
    path.write_text(damage(sound))
    with pytest.raises(WorkError, match="damaged"):
        read_record(path)
    tally, lines = run(tmp_path, jobs=1)
    assert tally.measured == [TABLE]
    assert len(lines) == 1
    assert str(path) in lines[0]
    points = [json.loads(text)["record"]["points"][-1] for text in (sound, path.read_text())]
    assert points[0]["gain"] == points[1]["gain"]


def test_a_record_of_other_sources_is_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, jobs=1, only="*/uniform/*")
    monkeypatch.setattr("bench.harness.run.cell_key", lambda cell: "another key")
    assert run(tmp_path, jobs=1, only="*/uniform/*")[0].measured == [UNIFORM]


def test_a_pattern_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no cell of small matches"):
        run(tmp_path, only="go-*")


@pytest.fixture
def odd(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A suite file with the plug-in's cell first, and the environment in which it is installed."""
    (tmp_path / "odd_learner.py").write_text(PLUG_IN)
    metadata = tmp_path / "odd_learner-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-learner\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[gaincurve.learners]\nodd = odd_learner:Odd\n")
    note = tmp_path / "note"
    note.write_text("")
    suite = tmp_path / "odd.toml"
    suite.write_text(
        f'name = "odd"\ngames = ["tictactoe", "nim-1-2"]\n[[learners]]\nname = "uniform"\n'
        f'[[learners]]\nname = "odd"\ngames = ["nim-1-2"]\noptions = {{ note = "{note}" }}\n'
    )
    return suite, {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}


def start(suite: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench", "run", str(suite), "--jobs", "1", "--runs", str(suite.parent / "runs")]
    return subprocess.Popen(
        command, cwd=suite.parent, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def wait_until(happens: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks /proc whether the worker lives")
@pytest.mark.parametrize(
    ("number", "status", "said"), [(signal.SIGKILL, -9, ""), (signal.SIGINT, 130, "goes on from the last finished cell")]
)
def test_an_interrupted_run_goes_on_where_it_stopped(
    odd: tuple[Path, dict[str, str]], number: signal.Signals, status: int, said: str
) -> None:
    suite, environment = odd
    note = suite.parent / "note"
    note.write_text("wait")
    process = start(suite, environment)
    pid_file = Path(f"{note}.pid")
    wait_until(lambda: pid_file.exists() and bool(pid_file.read_text()))
    worker = int(pid_file.read_text())
    os.kill(process.pid, number)
    _, stderr = process.communicate(timeout=100)
    assert process.returncode == status
    assert said in stderr
    assert "Traceback" not in stderr
    wait_until(lambda: not is_alive(worker))
    note.write_text("")
    process = start(suite, environment)
    stdout, _ = process.communicate(timeout=100)
    assert process.returncode == 0
    assert "1 cell measured, 2 kept, 0 failed" in stdout


@pytest.mark.parametrize(("deed", "said"), [("fail", "RuntimeError: as planned, in two lines"), ("die", "its process died")])
def test_a_failing_cell_is_recorded_and_the_others_go_on(odd: tuple[Path, dict[str, str]], deed: str, said: str) -> None:
    suite, environment = odd
    (suite.parent / "note").write_text(deed)
    process = start(suite, environment)
    stdout, stderr = process.communicate(timeout=100)
    assert process.returncode == 1
    assert "2 cells measured, 0 kept, 1 failed" in stdout
    assert stderr.splitlines()[-1].startswith("error: 1 cell failed, first nim-1-2/odd/seed=0: ")
    assert "Traceback" not in stderr
    record: Record = read_record(record_path(suite.parent / "runs" / "odd", "nim-1-2/odd/seed=0"))
    assert said in record.error


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content[:-1], "truncated"),
        (lambda content: content[:-1] + bytes([content[-1] ^ 1]), "corrupted"),
        (lambda content: content.replace(b'"tictactoe"', b'"tictactow"'), "unknown game 'tictactow'; did you mean tictactoe"),
        (lambda content: content.replace(b'"table"', b'"tabel"'), "unknown learner 'tabel'; did you mean table"),
        (lambda content: content.replace(b"gaincurve-policy-1", b"gaincurve-policy-9"), "this version reads"),
        (lambda content: b"hello", "is not a policy file"),
        (lambda content: b"", "is not a policy file"),
    ],
)
def test_a_wrong_policy_file_is_refused_in_one_line(tmp_path: Path, change: Callable[[bytes], bytes], said: str) -> None:
    from policies.registry import make_learner
    from policies.task import make_task

    task, learner = make_task("tictactoe"), make_learner("table")
    policy = next(iter(learner.fit_path(task, [40], 0)))
    path = tmp_path / "forty.policy"
    content = pack("tictactoe", "table", {}, policy.size, learner.encode(policy, task))
    save_policy(path, content)
    assert load_policy(path)[2].size == policy.size
    with pytest.raises(UsageError, match="is a policy for tictactoe, not for go-2x3"):
        load_policy(path, "go-2x3")
    path.write_bytes(change(content))
    with pytest.raises(UsageError) as error:
        load_policy(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
