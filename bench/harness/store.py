"""Records on disk: one readable JSON file per cell, each under its own checksum, written whole or not at all.

A run's folder holds the suite in `suite.json`, `records/` and `policies/` with one file per cell, and what
`report` adds. A record's `key` is a hash of everything that it depends on; a record with another key is out of date.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from bench.harness.records import Record, migrate
from bench.suites.checks import check_size
from bench.suites.grid import Cell, Suite, with_present_keys, with_present_names
from bench.suites.problems import problem
from bench.terminal import finite
from bench.wording import without_numbers
from games.errors import GaincurveError, UsageError, WorkError, nearest
from games.solving.store import write_atomically

RUNS = Path("reports") / "runs"  # the folder that holds all runs unless the user says otherwise
MAX_BYTES = 1 << 28  # bytes of a file that is read: a thousand times the largest of the reference results
MAX_STEM = 200  # characters; file systems allow names of 255 bytes


def run_folder(suite_name: str, runs: Path) -> Path:
    """Where the results of a suite go unless the user says otherwise."""
    return runs / suite_name


def find_run(name: str | None, runs: Path) -> Path:
    """The folder of a run, by path or by name; with no name the one that was worked on last. Raises UsageError."""
    known = sorted((path.parent for path in runs.glob("*/suite.json")), key=lambda path: (path / "suite.json").stat().st_mtime)
    if name is None:
        if not known:
            raise UsageError(f"no run in {runs}: make one with `gaincurve run quick`, or give the folder of a run")
        return known[-1]
    for folder in (Path(name), runs / name):
        if (folder / "suite.json").is_file():
            return folder
    hint = nearest(name, [path.name for path in known]) if known else "there is none yet"
    raise UsageError(f"no run {name!r}; {hint}; `gaincurve run SUITE` makes one")


def write_suite(folder: Path, suite: Suite) -> None:
    """Note in a run's folder which suite it is, so that a report knows which cells are missing."""
    write_atomically(folder / "suite.json", [msgspec.json.format(msgspec.json.encode(suite), indent=1), b"\n"])


def read_suite(folder: Path) -> Suite:
    """The suite of a run. Raises WorkError when the note is damaged."""
    path = folder / "suite.json"
    try:
        suite = with_present_names(msgspec.convert(with_present_keys(msgspec.json.decode(_read(path))), Suite))
        check_size(suite)
    except (msgspec.MsgspecError, GaincurveError, TypeError, ValueError, RecursionError):
        raise WorkError(f"{path} is damaged or missing: run the suite again, finished cells are kept") from None
    return suite


def file_stem(cell_id: str) -> str:
    """A cell's id as a file name without its ending: no two ids share one, and none leads out of a folder.

    `/` becomes `__`. An id from which that does not lead back, or with characters that file names had better not have, is cut to
    those it may have, and told apart by a hash.
    """
    stem = re.sub(r"[^A-Za-z0-9._=,()+-]", "_", cell_id.replace("/", "__"))
    if stem.replace("__", "/") == cell_id and len(stem) <= MAX_STEM:
        return stem
    return f"{stem[:MAX_STEM]}~{hashlib.sha256(cell_id.encode(errors='surrogatepass')).hexdigest()[:16]}"


def record_path(folder: Path, cell_id: str) -> Path:
    """Where a cell's record lies."""
    return folder / "records" / f"{file_stem(cell_id)}.json"


def policy_path(folder: Path, cell_id: str) -> Path:
    """Where a cell's last policy lies."""
    return folder / "policies" / f"{file_stem(cell_id)}.policy"


def log_path(folder: Path, cell_id: str) -> Path:
    """The path of the log of a cell: its output while it was measured."""
    return folder / "logs" / f"{file_stem(cell_id)}.log"


def copy_log(source: Path, folder: Path, cell_id: str) -> None:
    """Copy the log of a cell from another run to this run's folder, if it can be read; no result depends on it."""
    log = log_path(source, cell_id)
    try:
        content = log.read_bytes() if log.is_file() else None
    except OSError:
        return
    if content is not None:
        write_atomically(log_path(folder, cell_id), [content])


def write_record(folder: Path, record: Record) -> None:
    """Write a record under a checksum, atomically."""
    content = finite(msgspec.to_builtins(record))
    sealed = {"sha256": _checksum(content), "record": content}
    write_atomically(record_path(folder, record.cell_id), [json.dumps(sealed, indent=1, ensure_ascii=False).encode(), b"\n"])


def read_record(path: Path) -> Record:
    """The record in a file, of any schema up to the present. Raises WorkError when it is damaged, or of a later one."""
    try:
        sealed = json.loads(_read(path))
        if sealed["sha256"] != _checksum(sealed["record"]):
            raise WorkError("is damaged: its checksum does not match")
        content = migrate(finite(sealed["record"]))
        record = msgspec.convert(content, Record)
        msgspec.json.encode(record)  # text that cannot be written again (lone surrogates) is refused here, not where it is shown
    except WorkError as error:
        raise WorkError(f"the record {path} {error}") from None
    except msgspec.ValidationError as error:
        raise WorkError(f"the record {path} is damaged: {problem(error, content)}") from None
    except RecursionError:
        raise WorkError(f"the record {path} is damaged: it has lists in lists without end") from None
    except (KeyError, TypeError) as error:
        lacking = f"the key {error} is missing" if isinstance(error, KeyError) else "it is no record under a checksum"
        raise WorkError(f"the record {path} is damaged: {lacking}") from None
    except ValueError:
        raise WorkError(f"the record {path} is damaged: it is not JSON in UTF-8") from None
    return record


CellState = Literal["measured", "failed", "missing", "damaged", "not compared"]


class CellStatus(NamedTuple):
    """The state of a cell in a run's folder. `str()` is the state and its reason, for a reader."""

    state: CellState
    reason: str = ""  # why there is no measure to use; empty where there is one
    record: Record | None = None  # also of a failure, and of one that is not compared

    @property
    def measured(self) -> Record | None:
        """The record, of a cell that has a measure."""
        return self.record if self.state == "measured" else None

    def __str__(self) -> str:
        return without_numbers(self.state, self.reason) if self.reason else self.state


def cell_status(folder: Path, cell_id: str) -> CellStatus:
    """The state of a cell in a run's folder: its record, or the reason why no record can be read."""
    path = record_path(folder, cell_id)
    if not path.exists():
        return CellStatus("missing", "not measured yet")
    try:
        record = read_record(path)
        if record.cell_id != cell_id:
            raise WorkError(f"the record {path} is damaged: it says that it is of {record.cell_id}")
    except WorkError as error:
        return CellStatus("damaged", str(error))
    if record.error or not record.points:
        return CellStatus("failed", record.error or "no policy was measured", record)
    return CellStatus("measured", "", record)


def comparable_status(folder: Path, suite: Suite, cell: Cell) -> CellStatus:
    """The status of a cell that is held against others: a record under weights of its own is `not compared`. Paths are file names."""
    found = cell_status(folder, cell.id)
    if (record := found.measured) is None:
        path = record_path(folder, cell.id)
        return found._replace(reason=found.reason.replace(str(path), path.name))
    if record.cell.weights != suite.weights:
        reason = f"measured with weights = {record.cell.weights!r}, where the suite has {suite.weights!r}"
        return CellStatus("not compared", reason, record)
    return found


def _read(path: Path) -> bytes:
    """The content of a file. Raises WorkError when it cannot be read or is larger than any that this project writes."""
    try:
        if path.stat().st_size > MAX_BYTES or not path.is_file():
            raise WorkError(f"is damaged: it is no file of at most {MAX_BYTES >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise WorkError(f"cannot be read: {error.strerror}") from None


def _checksum(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
