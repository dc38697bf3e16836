"""The numbers that a file of certificates proves, kept beside it, so that a figure needs no check of seconds or minutes."""

import hashlib
from fractions import Fraction
from pathlib import Path

import msgspec

from games.errors import UsageError
from games.solving.store import write_atomically
from policies.api import budget_ladder
from policies.bounds.certificate import Certificates
from policies.bounds.check import Proved

EVERY = 64  # lengths up to here are all in a summary, of longer ones half-octave steps and those of certificates


class Summary(msgspec.Struct, frozen=True):
    """The bounds of a checked file: no list of at most k rules saves more than `saved[k]` of `total`; `floor`: see floor.py."""

    game: str
    language: str
    sha256: str  # of the file of certificates
    total: int
    saved: dict[int, int]
    floor: str  # a fraction

    def residual(self, k: int) -> Fraction | None:
        """The share of uniform play's regret that every list of at most k single atoms leaves; None beyond the last length."""
        known = [size for size in self.saved if size >= k]
        return Fraction(max(0, self.total - self.saved[min(known)]), self.total) if known else None

    @property
    def floor_of_concepts(self) -> Fraction:
        """The share that every policy over concepts alone leaves."""
        return Fraction(self.floor)


def lengths(held: Certificates) -> list[int]:
    """The lengths of lists that a summary holds."""
    ks = [entry.k for entry in held.entries]
    return sorted({*range(1, min(EVERY, max(ks)) + 1), *budget_ladder(max(ks)), *ks})


def path_of_summary(path: Path) -> Path:
    """The summary's file: `go-3x3.json` beside `go-3x3.bounds`."""
    return path.with_suffix(".json")


def write_summary(path: Path, proved: Proved, floor: Fraction) -> None:
    """Write the bounds that were proved beside the file of certificates at `path`."""
    summary = Summary(proved.game, proved.language, _digest(path), proved.total, proved.saved, str(floor))
    write_atomically(path_of_summary(path), [msgspec.json.encode(summary), b"\n"])


def read_summary(path: Path) -> Summary:
    """The summary of the certificates at `path`. Raises UsageError where there is none, or certificates have changed since."""
    beside = path_of_summary(path)
    try:
        summary = msgspec.json.decode(beside.read_bytes(), type=Summary)
        is_current = summary.sha256 == _digest(path)
    except (OSError, msgspec.MsgspecError, ValueError):
        is_current = False
    if not is_current:
        raise UsageError(f"{beside} does not tell what {path} proves: write it again with `gaincurve bound --check {path}`")
    return summary


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
