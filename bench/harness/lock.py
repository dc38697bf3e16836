"""One runner for each folder: a lock that the system releases when its holder ends, in whatever way."""

import contextlib
import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from games.errors import WorkError

NAME = "lock"


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep every other runner off a run's folder for the time of the block.

    It is `flock` on the file `lock`, whose content only says who holds it: the file stays behind, a lock never does. Raises
    WorkError when another process holds it, naming that process, or when the folder cannot be written.
    """
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise WorkError(f"cannot write to {folder} ({error.strerror}): make it writable, or choose another folder with --runs") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise WorkError(f"cannot lock {path} ({error.strerror}): keep runs on a file system that has flock") from None
            raise WorkError(f"{folder} is being worked on by {holder(folder)}: wait for it or end it; what it measures is kept") from None
        file.truncate(0)
        with contextlib.suppress(OSError):  # a full disk takes the note away, not the lock
            file.write(f"process {os.getpid()} on {socket.gethostname()} since {time.strftime('%Y-%m-%d %H:%M:%S')}\n")
            file.flush()
        yield


def is_held(folder: Path) -> bool:
    """Whether a runner works on a run's folder right now."""
    try:
        with (folder / NAME).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def holder(folder: Path) -> str:
    """The present or last holder of a folder's lock: `process 12 on host since ...`."""
    try:
        return (folder / NAME).read_text().strip() or "another process"
    except OSError:
        return "another process"


@contextlib.contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Wait until no other process is in a block with this path; where the path cannot be written, do not wait."""
    try:
        file = path.open("a")
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
