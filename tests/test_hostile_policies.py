"""Policy files that somebody made up or damaged: each is read as some policy, or refused in one line, within bounds of memory.

GAINCURVE_FUZZED=n tries n files of each learner, and n of each other kind, in place of 50; `-rP` shows how many were read.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.harness.policyfile import load_policy, pack
from games.errors import GaincurveError, UsageError
from policies.networks.architectures import MAX_PLACES
from policies.registry import LEARNERS, make_learner
from policies.task import make_task
from tests.support.hostile import BUDGET, GAMES, bombs, crafted, damaged, long_tree, misnamed, sound

N_FUZZED = int(os.environ.get("GAINCURVE_FUZZED", "50"))
ENDLESS = 120  # seconds, far more than any file known takes
MAX_MIB = 2 * 8 * MAX_PLACES >> 20  # two arrays of the largest network: its weights as numbers, and where they stand
WATCHED = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "socket.connect", "pickle.find_class", "os.remove", "os.rename")


@pytest.fixture(autouse=True)
def no_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learners and games of other packages are not looked for: that takes longer than a file."""
    for registry in ("policies.registry", "games.registry"):
        monkeypatch.setattr(f"{registry}.entry_points", lambda group: ())


@contextlib.contextmanager
def ending(content: bytes) -> Iterator[None]:
    """Says which file it was that took no end, or raised what is not refused on purpose."""

    def stop(*_: Any) -> None:
        raise TimeoutError(f"no end after {ENDLESS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(ENDLESS)
    try:
        yield
    except GaincurveError:
        raise
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error} for the file {content!r}") from error
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def is_read(path: Path, content: bytes, game: str | None) -> bool:
    """Whether a file is read, and then it plays; else it was refused, in one line."""
    path.write_bytes(content)
    try:
        with ending(content):
            task, _, policy, _ = load_policy(path, game)
    except GaincurveError as error:
        if "\n" in str(error):
            raise AssertionError(f"more than a line: {error}") from error
        return False
    with ending(content):
        scores = policy.scores(task)
        assert scores.shape == (task.graph.n_edges,)
        assert scores.dtype == np.float64
        assert np.isfinite(scores).all()
    return True


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_crafted_policy_under_a_right_header_plays_or_is_refused(tmp_path: Path, learner: str) -> None:
    path, count = tmp_path / "crafted.policy", Counter[bool]()
    for g, game in enumerate(GAMES):  # one after the other: few solved games are kept in memory
        options, data = sound(game, learner)[0]
        assert is_read(path, pack(game, learner, options, BUDGET, data), game)
        for i in range(g, N_FUZZED, len(GAMES)):
            count[is_read(path, crafted(game, learner, np.random.default_rng([list(LEARNERS).index(learner), i])), game)] += 1
    print(f"{learner}: {count[True]} read, {count[False]} refused")
    assert count[False] > 0


def test_a_damaged_file_plays_or_is_refused(tmp_path: Path) -> None:
    path, count = tmp_path / "damaged.policy", Counter[bool]()
    for g, game in enumerate(GAMES):
        for i in range(g, N_FUZZED, len(GAMES)):
            rng = np.random.default_rng([100, i])
            contents = []
            for learner in rng.choice(list(LEARNERS), 2):
                options, data = sound(game, str(learner))[0]
                contents.append(pack(game, str(learner), options, BUDGET, data))
            count[is_read(path, damaged(contents[0], contents[1], rng), game)] += 1
    print(f"damaged: {count[True]} read, {count[False]} refused")
    assert count[False] > count[True]


def test_a_header_that_says_what_is_not_so_is_harmless(tmp_path: Path) -> None:
    path, count = tmp_path / "misnamed.policy", Counter[bool]()
    for g, game in enumerate(GAMES):
        for i in range(g, N_FUZZED, len(GAMES)):
            rng = np.random.default_rng([200, i])
            count[is_read(path, misnamed(game, str(rng.choice(list(LEARNERS))), rng), None)] += 1
    print(f"misnamed: {count[True]} read, {count[False]} refused")
    assert count[False] > count[True] > 0  # what a policy is called in the field `size`, and a new field, count for nothing


def test_random_bytes_are_no_policy_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(300)
    for _ in range(N_FUZZED):
        assert not is_read(tmp_path / "random.policy", rng.bytes(int(rng.integers(200))), None)


@pytest.mark.parametrize("content", [b"", b"\xff", b"[" * 100_000, b'{"options":' * 100_000, b'{"format": "\\ud800"}', b"null\n"])
def test_what_is_no_header_is_refused(tmp_path: Path, content: bytes) -> None:
    assert not is_read(tmp_path / "none.policy", content, None)


def test_a_policy_is_refused_for_another_game(tmp_path: Path) -> None:
    path = tmp_path / "other.policy"
    path.write_bytes(pack("tictactoe", "table", {}, BUDGET, sound("tictactoe", "table")[0][1]))
    with pytest.raises(UsageError, match="is a policy for tictactoe, not for go-2x3"):
        load_policy(path, "go-2x3")


def weigh(folder: Path) -> None:
    """Print how many MiB more the files `bomb-*` take than the files `usual-*`, how many are read, and what else than reading happens."""

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10

    def load(path: Path) -> bool:
        try:
            task, _, policy, _ = load_policy(path)
            policy.scores(task)
        except GaincurveError:
            return False
        return True

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if event in WATCHED or writes:
            events.append(f"{event} {arguments[:1]}")

    usual, events = sorted(folder.glob("usual-*")), list[str]()
    for path in usual:  # so that all libraries are loaded and all kernels compiled
        load(path)
    before = peak()
    n_read = sum(load(path) for path in folder.glob("bomb-*"))
    grown = peak() - before
    sys.addaudithook(watch)
    for path in sorted(usual):
        load(path)
    unseen = list(events)
    (folder / "seen").touch()
    print(json.dumps({"grown": grown, "read": n_read, "events": unseen, "seen": len(events)}))


def test_files_that_say_that_much_follows_take_bounded_memory_and_write_nothing(tmp_path: Path) -> None:
    n_bombs = 0
    for learner in LEARNERS:
        for i in range(4):
            (tmp_path / f"usual-{learner}-{i}").write_bytes(crafted(GAMES[0], learner, np.random.default_rng(i)))
        for i, content in enumerate(bombs(GAMES[0], learner)):
            (tmp_path / f"bomb-{learner}-{i}").write_bytes(content)
            n_bombs += 1
    code = f"import pathlib; from tests.test_hostile_policies import weigh; weigh(pathlib.Path({str(tmp_path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(f"{n_bombs} bombs: {found}")
    assert found["read"] < n_bombs / 2
    assert found["grown"] < MAX_MIB
    assert found["events"] == []
    assert found["seen"] == 1  # the file that is written for the hook to see


def test_a_tree_has_fewer_questions_than_its_game_has_moves() -> None:
    task, tree = make_task(GAMES[0]), make_learner("tree")
    most = task.graph.n_edges - 1
    assert len(tree.decode(long_tree(GAMES[0], most), task).branches) == most
    with pytest.raises(UsageError, match=f"no tree for {GAMES[0]}: {most + 1} branches for {most + 1} moves"):
        tree.decode(long_tree(GAMES[0], most + 1), task)
