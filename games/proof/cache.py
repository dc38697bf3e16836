"""Proved bounds on disk, so that a process that is killed loses the last seconds only.

The file grows by blocks: a mark, the number of rows, a checksum of the rows, and the rows. A block that is cut short or damaged is named on
stderr and skipped, up to the next mark. The file's name holds the hash of the sources that prove, so bounds of other sources are never
read.
"""

import fcntl
import hashlib
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.contract import Game
from games.errors import WorkError
from games.keys.sources import cache_root, source_hash
from games.proof.registry import family_of

MARK = b"\x89proof1\n"
HEAD = struct.Struct("<8sQ32s")
ROW = np.dtype([("group", "<u8"), ("state", "<u8"), ("lower", "<i2"), ("upper", "<i2"), ("asked", "<i8"), ("nodes", "<i8")])
Rows = npt.NDArray[Any]  # of ROW


class Question(NamedTuple):
    """What was asked; the same question has the same answer again."""

    group: int  # the name of the states that are proved together
    state: int
    asked: int  # the most nodes that it may take


class Proved(NamedTuple):
    """The answer."""

    lower: int
    upper: int
    nodes: int  # that it took


class ProofCache:
    """The bounds of states by what was asked: those of a file, and those that are added."""

    def __init__(self, path: Path) -> None:
        """Read a file, if it is there; raises OSError where it cannot be read."""
        self.path = path
        self.known: dict[Question, Proved] = {}
        for rows in _blocks(path):
            self._take(rows)

    def add(self, rows: Rows) -> None:
        """Add bounds and append them to the file, on disk when this returns. Raises WorkError where the disk does not take them."""
        body = rows.tobytes()
        block = HEAD.pack(MARK, len(rows), hashlib.sha256(body).digest()) + body
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # so that two processes do not mix their blocks
                file.write(block)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise WorkError(f"cannot write {self.path}: {error.strerror}; free some of the disk, then run the same command") from None
        self._take(rows)

    def _take(self, rows: Rows) -> None:
        for group, state, lower, upper, asked, nodes in rows.tolist():
            self.known[Question(group, state, asked)] = Proved(lower, upper, nodes)


def cache_path(game: Game) -> Path:
    """Where the proved bounds of a game lie for the present sources."""
    return cache_root() / "proofs" / f"{game.id}-{source_hash(family_of(game).prover)}.blocks"


def _blocks(path: Path) -> Iterator[Rows]:
    """The rows of every sound block of a file; what is damaged is named on stderr."""
    data = path.read_bytes() if path.exists() else b""
    at = 0
    while at < len(data):
        rows = _read_block(data, at)
        if rows is None:
            following = data.find(MARK, at + 1)
            until = len(data) if following < 0 else following
            print(f"{path}: bytes {at:,} to {until:,} are damaged; what was proved there is proved again", file=sys.stderr)
            at = until
        else:
            yield rows
            at += HEAD.size + rows.nbytes


def _read_block(data: bytes, at: int) -> Rows | None:
    if len(data) < at + HEAD.size:
        return None
    mark, n_rows, checksum = HEAD.unpack_from(data, at)
    body = data[at + HEAD.size : at + HEAD.size + n_rows * ROW.itemsize]
    if mark != MARK or len(body) != n_rows * ROW.itemsize or hashlib.sha256(body).digest() != checksum:
        return None
    return np.frombuffer(body, dtype=ROW)
