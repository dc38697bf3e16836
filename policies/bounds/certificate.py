"""Files of certificates, `.bounds`: the multipliers of bound H for several lengths of lists, in whole numbers.

A file is one JSON header line, then its numbers, compressed with xz. The numbers of every certificate in turn, each as 32 bits:

    u          [n_positions]  for each contested position, by ascending state of the closed graph
    atom       [n_charged]    the language's number of the atom of each pi that is not 0, ascending; as differences
    position   [n_charged]    its place among the contested positions, ascending for an atom; as differences
    pi         [n_charged]

u and pi are in units of `unit` / L of a point of regret at one position, L the least common multiple of 1 to the largest number of legal
moves. Each of these arrays is written in four planes, the lowest bytes first. Any numbers of this form make a true statement, which
policies/bounds/check.py computes; only how strong it is depends on them.
"""

import hashlib
import lzma
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import numpy as np

from games.arrays import Float64s, Int64s
from games.errors import UsageError
from games.solving.store import write_atomically

FORMAT = "gaincurve-bounds-1"
MAX_NUMBER = (1 << 31) - 1
MAX_CHARGED = 1 << 27
REMEDY = "write it again with `gaincurve bound GAME --out FILE`"

Name = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_NUMBER)]


class Certificate(NamedTuple):
    """Multipliers for lists of `k` rules; u and pi in units of `unit`."""

    k: int
    unit: int
    u: Int64s  # [n_positions]
    atom: Int64s  # [n_charged]
    position: Int64s  # [n_charged]
    pi: Int64s  # [n_charged]


class Certificates(NamedTuple):
    """What a file holds: certificates by ascending k about one game and one language, positions weighted alike.

    `exact`: the numbers of the atoms whose order the program over sets takes exactly.
    """

    game: str
    language: str
    exact: tuple[int, ...]
    entries: tuple[Certificate, ...]


class Entry(msgspec.Struct, frozen=True):
    """One certificate, in the header: of how many rules, in which unit, and how many pi it has."""

    k: Annotated[int, msgspec.Meta(ge=1, le=MAX_NUMBER)]
    unit: Annotated[int, msgspec.Meta(ge=1, lt=1 << 62)]
    n_charged: Annotated[int, msgspec.Meta(ge=0, le=MAX_CHARGED)]


class Header(msgspec.Struct, frozen=True):
    """The first line of a file."""

    format: Name
    game: Name
    language: Name
    weights: Name
    n_positions: Count
    exact: Annotated[list[Count], msgspec.Meta(max_length=24)]
    certificates: Annotated[list[Entry], msgspec.Meta(min_length=1, max_length=1000)]
    bytes: Count
    sha256: Name


def is_certificates(path: Path) -> bool:
    """Whether a file begins like a file of certificates. Raises UsageError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(1 << 12).startswith(b'{"format":"gaincurve-bounds')
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def pack(held: Certificates) -> bytes:
    """The content of a file; entries in order of k."""
    entries = sorted(held.entries, key=lambda entry: entry.k)
    parts = [part for entry in entries for part in (entry.u, np.diff(entry.atom, prepend=0), np.diff(entry.position, prepend=0), entry.pi)]
    data = lzma.compress(b"".join(_planes(part) for part in parts), preset=9)
    header = Header(
        FORMAT,
        held.game,
        held.language,
        "uniform",
        len(entries[0].u),
        list(held.exact),
        [Entry(entry.k, entry.unit, len(entry.pi)) for entry in entries],
        len(data),
        hashlib.sha256(data).hexdigest(),
    )
    return msgspec.json.encode(header) + b"\n" + data


def write_certificates(path: Path, held: Certificates) -> None:
    """Write a file atomically."""
    write_atomically(path, [pack(held)])


def read_certificates(path: Path) -> Certificates:
    """The certificates of a file. Raises UsageError for a file that is not one, or is truncated or altered."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    try:
        return unpack(content)
    except UsageError as error:
        raise UsageError(f"{path} {error}") from None


def unpack(content: bytes) -> Certificates:
    """The certificates that `pack` wrote. Raises UsageError, the end of a sentence that begins with the file's name."""
    line, _, data = content.partition(b"\n")
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise UsageError(f"is not a file of certificates; {REMEDY}") from None
    if header.format != FORMAT:
        raise UsageError(f"has the format {header.format!r}, this version reads {FORMAT!r}; {REMEDY}")
    if header.weights != "uniform":
        raise UsageError(f"weights positions by {header.weights!r}; only uniform weights have certificates")
    if len(data) != header.bytes:
        raise UsageError(f"is truncated or padded: {len(data)} bytes where its header has {header.bytes}; {REMEDY}")
    if hashlib.sha256(data).hexdigest() != header.sha256:
        raise UsageError(f"is corrupted: its checksum does not match; {REMEDY}")
    sizes = [size for entry in header.certificates for size in (header.n_positions, *[entry.n_charged] * 3)]
    numbers = _decompress(data, 4 * sum(sizes))
    if numbers is None:
        raise UsageError(f"does not hold the numbers that its header counts; {REMEDY}")
    ends = np.cumsum([0, *sizes]) * 4
    parts = [_from_planes(numbers[first:last]) for first, last in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]
    entries = []
    for i, entry in enumerate(header.certificates):
        u, atom, position, pi = parts[4 * i : 4 * i + 4]
        entries.append(Certificate(entry.k, entry.unit, u, np.cumsum(atom), np.cumsum(position), pi))
    return Certificates(header.game, header.language, tuple(header.exact), tuple(entries))


def to_whole(k: int, unit: int, u: Float64s, atom: Int64s, position: Int64s, pi: Float64s) -> Certificate:
    """A certificate of multipliers in units of 1 / L of a point: rounded to units of `unit`, without what becomes 0."""
    rounded = np.clip(np.rint(pi / unit), 0, MAX_NUMBER).astype(np.int64)
    order = np.lexsort((position, atom))
    order = order[rounded[order] > 0]
    whole = np.clip(np.rint(u / unit), -MAX_NUMBER, MAX_NUMBER).astype(np.int64)
    return Certificate(k, unit, whole, atom[order], position[order], rounded[order])


def _planes(numbers: Int64s) -> bytes:
    return numbers.astype("<i4").view(np.uint8).reshape(-1, 4).T.tobytes()


def _from_planes(data: bytes) -> Int64s:
    planes = np.frombuffer(data, dtype=np.uint8).reshape(4, -1)
    return np.ascontiguousarray(planes.T).view("<i4").ravel().astype(np.int64)


def _decompress(data: bytes, size: int) -> bytes | None:
    """`size` bytes, None where the data hold fewer or more; never much more is taken from memory."""
    machine = lzma.LZMADecompressor(memlimit=1 << 28)
    try:
        found = machine.decompress(data, max_length=size + 1)
    except (lzma.LZMAError, EOFError):
        return None
    return found if len(found) == size and machine.eof and not machine.unused_data else None
