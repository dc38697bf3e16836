"""The records that a report is made from, in the order of the suite, and those that are missing, failed, damaged or out of date."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.harness.keys import cell_key
from bench.harness.records import Record
from bench.harness.store import RUNS, CellStatus, comparable_status, read_suite
from bench.harness.untrusted_ids import runs_code
from bench.suites.grid import Cell, Suite, cells
from bench.suites.load import built_in_suites
from games.errors import GaincurveError


@dataclass(frozen=True)
class Evidence:
    """The content of a run's folder."""

    folder: Path
    suite: Suite
    records: tuple[Record, ...]  # those that hold at least one point under the weights of the suite, in its order
    holes: dict[str, CellStatus]  # by cell id
    stale: dict[str, str]  # by cell id, of records that are shown all the same: what differs from the suite or the installed sources

    @property
    def n_cells(self) -> int:
        """All cells of the suite, measured or not."""
        return len(self.records) + len(self.holes)

    def of_game(self, game: str) -> tuple[Record, ...]:
        """The records of one game."""
        return tuple(record for record in self.records if record.cell.game == game)

    def holes_of(self, game: str) -> list[tuple[Cell, CellStatus]]:
        """The cells of one game that are holes, in the order of the suite."""
        return [(cell, self.holes[cell.id]) for cell in cells(self.suite) if cell.game == game and cell.id in self.holes]

    def name(self, record: Record) -> str:
        """The label of a curve, with its seed where the suite has several for curves of this label."""
        return f"{record.cell.label}, seed {record.cell.seed}" if self.has_seeds(record) else record.cell.label

    def has_seeds(self, record: Record) -> bool:
        """Whether the suite has several seeds for curves of the label of this one."""
        return len(self._seeds[record.cell.label]) > 1

    @cached_property
    def _seeds(self) -> dict[str, set[int]]:
        """The seeds of the cells of each label; entries of a suite may have others than the suite."""
        found: dict[str, set[int]] = {}
        for cell in (*cells(self.suite), *(record.cell for record in self.records)):
            found.setdefault(cell.label, set()).add(cell.seed)
        return found

    def command(self, pattern: str) -> str:
        """The command that measures some cells anew, by the pattern of their ids."""
        return f"gaincurve run {self.suite_in_words} --only {shlex.quote(pattern)} --force"

    def repeat(self, cell_id: str) -> str:
        """The command that fits and measures one cell once more, without a run."""
        return f"gaincurve fit --cell {shlex.quote(cell_id)} --suite {self.suite_in_words}"

    @cached_property
    def run_in_words(self) -> str:
        """This run as a command takes it: its name among the runs, else its folder."""
        is_among = self.folder.absolute().parent == RUNS.absolute()
        return shlex.quote(self.folder.name if is_among else str(self.folder))

    @cached_property
    def suite_in_words(self) -> str:
        """The suite as a command takes it: its name if it comes with the package, else the run, whose folder holds it."""
        return self.suite.name if self.suite.name in built_in_suites() else self.run_in_words


def read_evidence(folder: Path) -> Evidence:
    """The content of a run's folder. Raises WorkError if the folder has no readable note of its suite."""
    suite = read_suite(folder)
    records, holes, stale = [], {}, {}
    for cell in cells(suite):
        status = comparable_status(folder, suite, cell)
        if (record := status.measured) is None:
            holes[cell.id] = status
            continue
        records.append(record)
        if differs := _difference(record, cell):
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
