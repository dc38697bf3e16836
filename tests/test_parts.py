"""Long work that is killed, or whose checkpoints are damaged: what it gives in the end is what it gives undisturbed."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pytest

from games.errors import WorkError
from games.go_large import checkpoints as parts
from games.go_large.boards import NUMBERED
from games.go_large.checkpoints import Checkpoints, checkpoints
from games.go_large.moves import LISTED
from games.go_large.solve import LargeSolution, solve_large
from games.rules.go import make

ROOT = Path(__file__).parents[1]
STEP = 600  # words of the index: 3x4 has 8,304 of them, 14 parts
# The kernels are found in the usual cache, as their folder is settled when they are imported; the checkpoints go to another.
SOLVE = f"""
import hashlib, os, sys
from games.rules.go import make
from games.go_large.solve import solve_large
os.environ["GAINCURVE_CACHE"] = sys.argv[1]
large = solve_large(make("3x4"), lambda stage, share: print(stage, share, flush=True), {STEP}, save_seconds=0.0)
print(hashlib.sha256(large.bounds.tobytes()).hexdigest())
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path))
    return tmp_path / "unfinished"


class StopError(Exception):
    pass


def stop_at(wanted: str, at: float) -> Callable[[str, float], None]:
    """A report that breaks the work off at a stage and a share of it."""

    def report(stage: str, share: float) -> None:
        if stage == wanted and share >= at:
            raise StopError

    return report


def solve_2x4(report: Callable[[str, float], None] = lambda stage, share: None) -> LargeSolution:
    return solve_large(make("2x4"), report, part=8, save_seconds=0.0)  # 103 words, 13 parts


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> LargeSolution:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GAINCURVE_CACHE", str(tmp_path_factory.mktemp("undisturbed")))
        return solve_2x4()


def same(one: LargeSolution, other: LargeSolution) -> bool:
    arrays = [(large.bounds, large.boards.index.words, *large.moves.kos, large.moves.n_moves) for large in (one, other)]
    counts = [(large.n_unfolded, large.n_edges, large.n_terminal, large.cycle_share) for large in (one, other)]
    return counts[0] == counts[1] and all(np.array_equal(a, b) for a, b in zip(*arrays, strict=True))


def test_a_process_killed_again_and_again_ends_with_the_bounds_of_one_that_was_not(cache: Path) -> None:
    expected = hashlib.sha256(solve_large(make("3x4")).bounds.tobytes()).hexdigest()
    random = Random(4)
    # Reports after which the process is killed: while boards are numbered (1-14), moves listed (15-28), sweeps made (33 of 14 reports).
    for n_reports in (random.randrange(1, 14), random.randrange(15, 28), random.randrange(60, 150), random.randrange(150, 250), None):
        command = [sys.executable, "-c", SOLVE, str(cache.parent)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stderr
            said = []
            for line in process.stdout:
                said.append(line)
                if len(said) == n_reports:
                    process.send_signal(signal.SIGKILL)
                    break
            assert process.wait() == (0 if n_reports is None else -signal.SIGKILL)
            message = process.stderr.read()
        if n_reports is None:
            assert "going on from what is stored in" in message
            assert "100% of boards numbered, 100% of moves listed" in message
            assert said[-1].strip() == expected
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    ("stage", "share"), [(NUMBERED, 0.3), (NUMBERED, 1.0), (LISTED, 0.6), (LISTED, 1.0), ("sweep 2", 0.5), ("sweep 7", 1.0)]
)
def test_work_broken_off_is_not_done_again(
    cache: Path, capsys: pytest.CaptureFixture[str], undisturbed: LargeSolution, stage: str, share: float
) -> None:
    with pytest.raises(StopError):
        solve_2x4(stop_at(stage, share))
    (folder,) = cache.iterdir()
    written = {path: path.stat().st_mtime_ns for path in folder.iterdir() if path.stem != "bounds"}
    assert written
    assert capsys.readouterr().err == ""
    with pytest.raises(StopError):
        solve_2x4(stop_at("sweep 9", 1.0))
    assert f"going on from what is stored in {folder}: " in capsys.readouterr().err
    assert written == {path: path.stat().st_mtime_ns for path in written}
    assert same(solve_2x4(), undisturbed)
    assert "100% of boards numbered, 100% of moves listed, 8 sweeps; seconds count from here" in capsys.readouterr().err
    assert list(cache.iterdir()) == []


def flip(path: Path, where: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(where * (len(content) - 1))] ^= 1
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path, Path], object]] = {
    "header": lambda path, _: flip(path, 0.01),
    "middle": lambda path, _: flip(path, 0.7),
    "last byte": lambda path, _: flip(path, 1.0),
    "empty": lambda path, _: path.write_bytes(b""),
    "cut short": lambda path, _: path.write_bytes(path.read_bytes()[:-64]),
    "no header": lambda path, _: path.write_bytes(b"\x93NUMPY\n" + path.read_bytes()),
    "another part": lambda path, other: path.write_bytes(other.read_bytes()),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["boards-numbered-8-16", "moves-listed-64-72", "bounds"])
def test_a_damaged_checkpoint_is_named_and_made_again(
    cache: Path, capsys: pytest.CaptureFixture[str], undisturbed: LargeSolution, name: str, damage: str
) -> None:
    with pytest.raises(StopError):
        solve_2x4(stop_at("sweep 4", 1.0))
    (folder,) = cache.iterdir()
    DAMAGE[damage](folder / f"{name}.bin", folder / "moves-listed-72-80.bin")
    assert same(solve_2x4(), undisturbed)
    named = [line for line in capsys.readouterr().err.splitlines() if line.endswith("making it again")]
    assert len(named) == 1
    assert str(folder / f"{name}.bin") in named[0]


def test_checkpoints_of_other_sources_are_not_read(
    cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StopError):
        solve_2x4(stop_at(LISTED, 1.0))
    (folder,) = cache.iterdir()
    monkeypatch.setattr(parts, "code_hash", lambda module: "0123456789abcdef")
    (cache / "go-2x4-0123456789abcdef").mkdir()
    for path in folder.iterdir():  # the same files, filed under other sources by hand
        (cache / "go-2x4-0123456789abcdef" / path.name).write_bytes(path.read_bytes())
    solve_2x4()
    assert capsys.readouterr().err.count("is another part; making it again") == 26
    assert list(cache.iterdir()) == [folder]


def test_what_a_killed_writer_left_is_swept_away(cache: Path) -> None:
    with pytest.raises(StopError):
        solve_2x4(stop_at(NUMBERED, 1.0))
    (folder,) = cache.iterdir()
    (folder / "bounds.bin.123-456.partial").write_bytes(b"half")
    with checkpoints("go-2x4", "games.go_large.solve", 8, lambda stage, share: None) as kept:
        assert kept.folder == folder
        assert not list(folder.glob("*.partial"))


def test_who_comes_second_waits_for_the_first(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order = []

    def work() -> None:
        with checkpoints("work", "games.rules.go", 1, lambda stage, share: None) as kept:
            order.append(kept.folder.exists())

    with checkpoints("work", "games.rules.go", 1, lambda stage, share: None) as kept:
        second = threading.Thread(target=work)
        second.start()
        while "waiting for another process, which works in" not in capsys.readouterr().err:
            second.join(0.01)
        order.append(kept.folder.exists())
        assert order == [True]
    second.join()
    assert order == [True, True]
    assert not kept.folder.exists()


def test_a_full_disk_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parts, "write_arrays", full)
    with pytest.raises(WorkError, match=r"cannot write .*bounds.bin: No space left on device; what is done so far stays there"):
        Checkpoints(tmp_path, 1, lambda stage, share: None).write("bounds", {})


def test_a_refusal_leaves_no_folder(cache: Path) -> None:
    with pytest.raises(WorkError, match="too large"):
        solve_large(make("5x5"))
    assert not [*cache.iterdir()]
