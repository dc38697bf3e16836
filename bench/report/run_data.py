"""What a report rests on: the records of a run in the order of its suite, and what is missing, failed, damaged or out of date."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.harness.keys import cell_key
from bench.harness.records import Record
from bench.harness.store import comparable_record, read_suite
from bench.harness.untrusted_ids import runs_code
from bench.suites.grid import Cell, Suite, cells
from games.errors import GaincurveError


@dataclass(frozen=True)
class Evidence:
    """A run as it lies in its folder."""

    folder: Path
    suite: Suite
    records: tuple[Record, ...]  # those that hold at least one point under the weights of the suite, in its order
    holes: dict[str, str]  # by cell id: `missing: ...`, `failed: ...`, `damaged: ...` or `not compared: ...`
    stale: dict[str, str]  # by cell id, of records that are shown all the same: what differs from the suite or the installed sources

    @property
    def n_cells(self) -> int:
        """All cells of the suite, measured or not."""
        return len(self.records) + len(self.holes)

    def of_game(self, game: str) -> tuple[Record, ...]:
        """The records of one game."""
        return tuple(record for record in self.records if record.cell.game == game)

    def holes_of(self, game: str) -> dict[str, str]:
        """The holes of one game."""
        return {cell_id: why for cell_id, why in self.holes.items() if cell_id.startswith(f"{game}/")}

    def name(self, record: Record) -> str:
        """The label of a curve, with its seed where the suite has several."""
        return record.cell.label if len(self.suite.seeds) == 1 else f"{record.cell.label}, seed {record.cell.seed}"

    def command(self, pattern: str) -> str:
        """The command that measures some cells anew, by the pattern of their ids."""
        return f"gaincurve run {self.suite.name} --only '{pattern}' --force"


def read_evidence(folder: Path) -> Evidence:
    """All that a run's folder holds. Raises WorkError when the folder does not say which suite it is."""
    suite = read_suite(folder)
    records, holes, stale = [], {}, {}
    for cell in cells(suite):
        found = comparable_record(folder, suite, cell)
        if isinstance(found, str):
            holes[cell.id] = found
            continue
        records.append(found)
        if differs := _difference(found, cell):
            stale[cell.id] = differs
    return Evidence(folder, suite, tuple(records), holes, stale)


def ids_of(records: Sequence[Record]) -> tuple[str, ...]:
    """The cells of records, as sentences and drawings name them."""
    return tuple(record.cell_id for record in records)


def _difference(record: Record, cell: Cell) -> str:
    """In what a record is out of date; empty where it is not."""
    if runs_code(cell.game):
        return ""  # to compare it would run code that a folder names; `gaincurve run` does
    if unlike := record.cell.unlike(cell):
        return f"the suite asks for something else of this cell now: other {', '.join(unlike)}"
    try:
        return "" if record.key == cell_key(cell) else "measured with other sources or libraries than those installed"
    except GaincurveError as error:  # a game or learner that this installation does not know
        return f"cannot be compared with the installed sources: {error}"
