"""One run from the records of several folders, for example of several machines: nothing is chosen in silence (docs/comparing-runs.md)."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bench.harness.policyfile import is_last_policy, save_policy
from bench.harness.records import Record
from bench.harness.store import copy_log, policy_path, read_record, read_suite, record_path, write_suite
from bench.runs.diff import exact_changes, made_with
from bench.suites.grid import LIMITS, Cell, Suite, cells
from games.errors import UsageError, WorkError
from games.solving.store import write_atomically


@dataclass
class Merged:
    """The numbers of cells of a suite by their outcome."""

    merged: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)  # in every folder that has a record of them
    missing: list[str] = field(default_factory=list)
    without_policy: list[str] = field(default_factory=list)  # measured, but no folder has a sound policy file
    preferred: dict[str, str] = field(default_factory=dict)  # cells whose numbers differ, and the folder that they are taken from
    warnings: list[str] = field(default_factory=list)


class Found(NamedTuple):
    """A record, where it lies, and its bytes."""

    folder: Path
    record: Record
    content: bytes


def merge_runs(folders: Sequence[Path], out: Path, prefer: Path | None = None) -> Merged:
    """Write the records, logs and policies of several runs of one suite into a new run folder, whole or not at all.

    Of a cell that several folders have, one record is kept where all numbers and keys are the same, timings aside; where they are
    not, that of `prefer`. Raises UsageError where nothing is preferred, where the suites differ, and where `out` exists.
    """
    if out.exists():
        raise UsageError(f"{out} exists: give --out a new name")
    suite = _one_suite(folders)
    result = Merged()
    chosen = [found for cell in cells(suite) if (found := _choose(cell, folders, prefer, result)) is not None]
    _warn_of_versions(folders, chosen, result)
    partial = out.with_name(f"{out.name}.{os.getpid()}.partial")
    try:
        for found in chosen:
            write_atomically(record_path(partial, found.record.cell_id), [found.content])
            copy_log(found.folder, partial, found.record.cell_id)
            if not found.record.error:
                _copy_policy(found, folders, partial, result)
        write_suite(partial, suite)
        partial.rename(out)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return result


HOW = ("seconds", "provenance", "schema", "memory_mib", "traceback")  # of a record: what tells how it came about, not what was found


def results_of(record: Record) -> dict[str, Any]:
    """The content of a record without the date, the machine, the time and the limits of its making."""
    content: dict[str, Any] = msgspec.to_builtins(record)
    for name in HOW:
        content.pop(name, None)
    for name in LIMITS:
        content["cell"].pop(name)
    for point in content["points"]:
        point.pop("fit_seconds", None)
    return content


def _one_suite(folders: Sequence[Path]) -> Suite:
    """The first of the suites, all of which ask for the same cells, however they are written and whatever limits they set."""
    suites = [read_suite(folder) for folder in folders]
    first, listed = msgspec.to_builtins(suites[0]), cells(suites[0])
    for folder, suite in zip(folders, suites, strict=True):
        others = cells(suite)
        if len(others) != len(listed) or any(one.unlike(other) for one, other in zip(listed, others, strict=True)):
            other = msgspec.to_builtins(suite)
            unlike = [name for name in first if name not in ("name", "description", *LIMITS) and first[name] != other[name]]
            raise UsageError(f"{folder} and {folders[0]} are runs of different suites: other {', '.join(unlike)}; merge runs of one suite")
    return suites[0]


def _choose(cell: Cell, folders: Sequence[Path], prefer: Path | None, result: Merged) -> Found | None:
    """The record of a cell to keep: a measured one before a failed one, and of several the first."""
    found = [known for folder in folders if (known := _read(cell, folder, result)) is not None]
    measured = [known for known in found if not known.record.error]
    if not measured:
        if found:
            result.failed[cell.id] = found[0].record.error
        else:
            result.missing.append(cell.id)
        return found[0] if found else None
    result.merged.append(cell.id)
    first = measured[0]
    for other in measured[1:]:
        unlike = _unlike(first.record, other.record)
        if unlike:
            liked = [known for known in measured if known.folder == prefer]
            if not liked:
                raise UsageError(
                    f"{cell.id} has other {unlike} in {other.folder} than in {first.folder}: "
                    "choose with --prefer FOLDER, or leave one of them out"
                )
            result.preferred[cell.id] = str(prefer)
            return liked[0]
    return first


def _unlike(one: Record, other: Record) -> str:
    """In what two records of a cell differ, timings aside; empty where in nothing."""
    old, new = results_of(one), results_of(other)
    names = [name for name in old if old[name] != new[name]]
    changes = exact_changes(one, other)
    if changes:
        first = changes[0]
        values = f"{first.measure} at budget {first.budget} ({first.before:.6g}, {first.after:.6g})"
        return values + (" and another key" if "key" in names else " under the same key")
    return " and ".join(names)


def _read(cell: Cell, folder: Path, result: Merged) -> Found | None:
    path = record_path(folder, cell.id)
    if not path.exists():
        return None
    try:
        record, content = read_record(path), path.read_bytes()
    except WorkError as error:
        result.warnings.append(f"{error}; left out")
        return None
    if record.cell.unlike(cell) or record.cell_id != cell.id:
        result.warnings.append(f"the record {path} is not of the cell {cell.id} of this suite; left out")
        return None
    return Found(folder, record, content)


def _copy_policy(found: Found, folders: Sequence[Path], out: Path, result: Merged) -> None:
    """Copy the first sound policy file of a cell that is the one measured: that of the record's own folder, else of another."""
    record = found.record
    for folder in dict.fromkeys((found.folder, *folders)):
        path = policy_path(folder, record.cell_id)
        if not path.exists():
            continue
        try:
            is_its = is_last_policy(record, path)
        except UsageError as error:
            result.warnings.append(str(error))
            continue
        if is_its:
            save_policy(policy_path(out, record.cell_id), path.read_bytes())
            return
        result.warnings.append(f"{path} is not the policy that was measured; left out")
    result.without_policy.append(record.cell_id)


def _warn_of_versions(folders: Sequence[Path], chosen: Sequence[Found], result: Merged) -> None:
    """Say where records of different folders were made with different versions of what their numbers may depend on."""
    by_folder = {folder: [found.record for found in chosen if found.folder == folder] for folder in folders}
    first, *others = [(folder, records) for folder, records in by_folder.items() if records] or [(Path(), [])]
    for folder, records in others:
        for name, (one, other) in made_with(first[1], records).items():
            if name not in ("cores", "system"):
                text = f"{', '.join(one) or 'none'} in {first[0]}, {', '.join(other) or 'none'} in {folder}"
                result.warnings.append(f"records were made with different versions of {name}: {text}")
