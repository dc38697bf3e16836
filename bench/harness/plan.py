"""The plan of a run: each cell, its state, and the time and memory that it is expected to take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from bench.harness.estimate import Estimator, known_of, read_known
from bench.harness.keys import cell_key
from bench.harness.records import Record
from bench.harness.store import CellState, cell_status, policy_path
from bench.suites.grid import Cell, Suite, cells, matches
from bench.wording import without_numbers
from games.errors import UsageError, nearest

State = CellState | Literal["elsewhere", "stale"]  # elsewhere: in another run, whence it is taken


class PlannedCell(NamedTuple):
    """A cell of a suite, its state, and the time and memory that it is expected to take."""

    cell: Cell
    key: str
    state: State
    seconds: float | None  # what measuring it took, or is expected to take; None where nothing is known
    memory_mib: float | None
    reason: str  # for that state; empty where there is nothing to say
    basis: str = ""  # from what its cost is estimated
    source: Path | None = None  # the run that has it, where this one does not

    @property
    def why(self) -> str:
        """State, reason and basis, for a reader."""
        said = without_numbers(self.state, self.reason) if self.state == "failed" else self.reason or self.state
        return f"{said}; {self.basis}" if self.basis else said


def plan(suite: Suite, folder: Path, only: str, runs: Path) -> list[PlannedCell]:
    """The cells of a suite whose ids match the pattern `only`, in its order, against the records in the run's folder.

    What that folder does not have is sought by its key in the other runs in `runs`. Estimates are made from the records of all of them,
    and of `reference` beside them. Raises UsageError when no cell matches.
    """
    listed = cells(suite)
    chosen = [cell for cell in listed if matches(cell.id, [only])]
    if not chosen:
        raise UsageError(f"no cell of {suite.name} matches {only!r}; {nearest(only, [cell.id for cell in listed])}")
    found = []
    for cell in chosen:
        key = cell_key(cell)
        found.append((cell, key, *_state(folder, cell, key)))
    own = [known for *_, record, _ in found if record and (known := known_of(record))]
    others: list[Path] = []
    if any(state != "measured" for _, _, state, _, _ in found):
        others = [path.parent for path in sorted(runs.glob("*/records")) if path.parent.resolve() != folder.resolve()]
    sought = {cell.id: _elsewhere(cell, key, others) for cell, key, state, _, _ in found if state in ("missing", "stale", "failed")}
    is_all_known = all(state == "measured" or sought.get(cell.id) for cell, _, state, _, _ in found)
    estimator = Estimator([*own, *read_known([] if is_all_known else [*others, runs.parent / "reference"])])
    planned = []
    for cell, key, state, record, reason in found:
        if state == "measured" and record is not None:
            planned.append(PlannedCell(cell, key, state, record.seconds.get("total"), record.memory_mib, reason))
        elif other := sought.get(cell.id):
            where, its = other
            planned.append(
                PlannedCell(cell, key, "elsewhere", its.seconds.get("total"), its.memory_mib, f"measured in {where}", source=where)
            )
        else:
            seconds, memory_mib, basis = estimator.estimate(cell)
            planned.append(PlannedCell(cell, key, state, seconds, memory_mib, reason, basis))
    return planned


def _elsewhere(cell: Cell, key: str, others: Sequence[Path]) -> tuple[Path, Record] | None:
    """The first of other runs that has measured just this, and its record."""
    for folder in others:
        state, record, _ = _state(folder, cell, key)
        if state == "measured" and record is not None:
            return folder, record
    return None


def _state(folder: Path, cell: Cell, key: str) -> tuple[State, Record | None, str]:
    status, reason, record = cell_status(folder, cell.id)
    if record is None:
        return status, None, reason
    if record.key != key:
        return "stale", record, "measured with other sources, settings or libraries"
    if status == "measured" and not policy_path(folder, cell.id).exists():
        return "damaged", record, f"its policy file {policy_path(folder, cell.id)} is missing"
    return status, record, reason
