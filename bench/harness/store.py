"""Records on disk: one readable JSON file per cell, each under its own checksum, written whole or not at all.

A run's folder holds the suite in `suite.json`, `records/` and `policies/` with one file per cell, and what
`report` adds. A record's `key` is a hash of everything that it depends on; a record with another key is out of date.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import msgspec

from bench.harness.suite import Cell, Suite
from games.errors import UsageError, WorkError
from games.registry import nearest
from games.truth import write_atomically

SCHEMA = 1


class Point(msgspec.Struct, frozen=True):
    """One policy of a curve, measured as it came back from its own bytes."""

    budget: int
    size: int  # units of the learner that the policy uses
    gain: float  # 1 - regret / regret of uniform choice
    regret: float  # mean, in the game's units
    policy_bits: int
    exception_bits: int  # corrections that turn it into an optimal policy
    language_bits: int  # compressed source of what the description presupposes
    operations: float  # mean per decision
    fit_seconds: float
    grades: dict[str, bool]
    results: dict[str, Any] | None = None  # exact expected results, where asked for
    explanation: str = ""  # in words, for small policies
    missing_bits: float | None = None  # bits a position to an optimal move that the policy leaves unsaid (bench/measures/information.py)
    games_left: dict[str, Any] | None = None  # log10 of the games that it leaves possible, where results are asked for
    n_parameters: int | None = None  # numbers other than zero that it is made of, where it is a network
    held_out: dict[str, Any] | None = None  # gains on the positions fitted to and on the others, where only a sample was fitted

    @property
    def total_bits(self) -> int:
        """Policy and language together: what must be sent to someone who has neither."""
        return self.policy_bits + self.language_bits

    @property
    def codelength(self) -> int:
        """Bits of a description that decodes to perfect play at every position, the language not counted."""
        return self.policy_bits + self.exception_bits


class Record(msgspec.Struct, frozen=True):
    """What measuring one cell gave. `error` is empty unless it failed."""

    cell: Cell
    cell_id: str
    key: str
    unit: str = ""  # what the budgets and sizes count
    n_positions: int = 0
    n_states: int = 0
    n_edges: int = 0
    uniform_regret: float = 0.0
    points: list[Point] = []
    explanation: str = ""  # the largest policy that a person would still read, in words
    seconds: dict[str, float] = {}
    provenance: dict[str, Any] = {}
    error: str = ""
    schema: int = SCHEMA
    uniform_missing_bits: float | None = None  # bits a position to an optimal move, without any policy
    recipe_bits: dict[str, int] = {}  # compressed source of what its policies are learned by (bench/measures/recipe.py)


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
        return msgspec.json.decode(path.read_bytes(), type=Suite)
    except (msgspec.MsgspecError, OSError):
        raise WorkError(f"{path} is damaged or missing: run the suite again, finished cells are kept") from None


def file_stem(cell_id: str) -> str:
    """A cell's id as a file name."""
    return re.sub(r"[^A-Za-z0-9._=,()+-]", "_", cell_id.replace("/", "__"))


def record_path(folder: Path, cell_id: str) -> Path:
    """Where a cell's record lies."""
    return folder / "records" / f"{file_stem(cell_id)}.json"


def policy_path(folder: Path, cell_id: str) -> Path:
    """Where a cell's last policy lies."""
    return folder / "policies" / f"{file_stem(cell_id)}.policy"


def write_record(folder: Path, record: Record) -> None:
    """Write a record under a checksum, atomically."""
    content = msgspec.to_builtins(record)
    sealed = {"sha256": _checksum(content), "record": content}
    write_atomically(record_path(folder, record.cell_id), [json.dumps(sealed, indent=1, ensure_ascii=False).encode(), b"\n"])


def read_record(path: Path) -> Record:
    """The record in a file. Raises WorkError when it is damaged or of another schema."""
    try:
        sealed = json.loads(path.read_bytes())
        if sealed["sha256"] != _checksum(sealed["record"]):
            raise WorkError(f"the record {path} is damaged: its checksum does not match")
        if sealed["record"]["schema"] != SCHEMA:
            raise WorkError(f"the record {path} has schema {sealed['record']['schema']}, this version reads {SCHEMA}")
        return msgspec.convert(sealed["record"], Record)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise WorkError(f"the record {path} is damaged: {type(error).__name__}") from None


def read_records(folder: Path, cell_ids: list[str]) -> tuple[dict[str, Record], list[str]]:
    """The sound records of these cells, and one line for each that is damaged; missing ones are in neither."""
    found, damaged = {}, []
    for cell_id in cell_ids:
        path = record_path(folder, cell_id)
        if path.exists():
            try:
                found[cell_id] = read_record(path)
            except WorkError as error:
                damaged.append(str(error))
    return found, damaged


def _checksum(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
