"""Long work in parts, on all processors, that survives a kill: finished parts lie on disk and are checked when they are read.

A checkpoint is a file of arrays as in games/solving/store.py, written atomically. Its header says which part of which work it is and
holds a checksum, and the folder's name holds the hash of the sources, so what is damaged, cut short, misplaced or made by
other rules is never taken for sound; it is named on stderr and made again.
"""

import contextlib
import fcntl
import os
import shutil
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy.typing as npt

from games.errors import WorkError
from games.keys.sources import cache_root, code_hash
from games.solving.store import read_arrays, write_arrays

Arrays = dict[str, npt.NDArray[Any]]
Report = Callable[[str, float], None]  # is told what is being done and the share of it that is done, 0 to 1
T = TypeVar("T")


def in_threads(work: Callable[[int, int], T], n: int, step: int) -> Iterator[T]:
    """Yield `work(first, last)` for each `step` of the numbers below n, in order; one thread for each processor works a little ahead.

    Meant for kernels, which run without Python's lock.
    """
    n_threads = os.cpu_count() or 1
    with ThreadPoolExecutor(n_threads) as pool:
        ahead: deque[Future[T]] = deque()
        for first in range(0, n, step):
            ahead.append(pool.submit(work, first, min(n, first + step)))
            if len(ahead) == 4 * n_threads:  # results that wait to be taken need memory
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


@dataclass(frozen=True)
class Checkpoints:
    """The finished parts of one piece of work."""

    folder: Path
    step: int  # how many of the numbers that the work goes through make a part
    report: Report

    def parts(
        self, name: str, n: int, work: Callable[[int, int], Arrays], done: Callable[[int], float]
    ) -> Iterator[tuple[tuple[int, int], Arrays]]:
        """Yield `first, last` and `work(first, last)` as `in_threads` does, each part stored when it is done, or read if it had been.

        `done(last)` is the share of the work up to there, for the report.
        """

        def part(first: int, last: int) -> tuple[tuple[int, int], Arrays]:
            file = f"{name}-{first}-{last}"
            arrays = self.read(file)
            if arrays is None:
                arrays = work(first, last)
                self.write(file, arrays)
            return (first, last), arrays

        for (first, last), arrays in in_threads(part, n, self.step):
            yield (first, last), arrays
            self.report(name, done(last))

    def share(self, name: str, n: int) -> float:
        """The share of the parts of a stage that are stored."""
        return len(list(self._path(name).parent.glob(f"{self._path(name).stem}-*.bin"))) / -(-n // self.step)

    def read(self, name: str) -> Arrays | None:
        """The arrays that were stored under a name, mapped from the file; None when there are none, or they are not sound."""
        path = self._path(name)
        if not path.exists():
            return None
        try:
            header, arrays = read_arrays(path)
            if header.get("part") == self._part(name):
                return arrays
            problem = f"{path} is another part"
        except (WorkError, OSError) as error:
            problem = str(error)
        print(f"{problem}; making it again", file=sys.stderr)
        return None

    def read_unchecked(self, name: str) -> Arrays:
        """The arrays that this process stored under a name, or has read once before."""
        return read_arrays(self._path(name), check=False)[1]

    def write(self, name: str, arrays: Arrays) -> None:
        """Store arrays under a name in place of those stored before, all or nothing. Raises WorkError when the disk does not take them."""
        try:
            # What a power cut tears is noticed like any other damage, so the disk need not be waited for.
            write_arrays(self._path(name), {"part": self._part(name)}, arrays, sync=False)
        except OSError as error:
            raise WorkError(f"cannot write {self._path(name)}: {error.strerror}; what is done so far stays there") from None

    def size(self) -> int:
        """Bytes stored so far."""
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def _path(self, name: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}.bin"

    def _part(self, name: str) -> str:
        return f"{self.folder.name}/{name}"


@contextlib.contextmanager
def checkpoints(work: str, module: str, step: int, report: Report) -> Iterator[Checkpoints]:
    """Where the parts of a piece of work are stored: for these sources alone, for one process at a time, and until it is done.

    `module` is the one that does the work. Parts that an error or a kill leaves there are found by the next call.
    """
    folder = cache_root() / "unfinished" / f"{work}-{code_hash(module)}"
    with _locked(folder):
        for path in folder.glob("*.partial"):
            path.unlink()
        try:
            yield Checkpoints(folder, step, report)
        except BaseException:
            with contextlib.suppress(OSError):
                folder.rmdir()  # if nothing has been stored
            raise
        shutil.rmtree(folder)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder against other processes; the lock goes with the process, however it ends."""
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:  # who had it has just finished, and deleted it
            continue
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(f"waiting for another process, which works in {folder}", file=sys.stderr)
                fcntl.flock(handle, fcntl.LOCK_EX)
            if folder.exists() and folder.stat().st_ino == os.fstat(handle).st_ino:  # and is not deleted
                yield
                return
        finally:
            os.close(handle)
