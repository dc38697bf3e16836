"""Runs from Python: measure a suite, and have what was measured as arrays, curves and policies (docs/python.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bench.harness.policyfile import read_policy
from bench.harness.records import Record
from bench.harness.run import Watcher, run_suite
from bench.harness.store import find_run, policy_path, read_suite, run_folder, standing
from bench.harness.untrusted_ids import check_named
from bench.runs.export import COLUMNS, Column, Source
from bench.suites.checks import check_options
from bench.suites.grid import Suite, cells, matches
from bench.suites.load import load_suite
from games.arrays import Float64s
from games.errors import UsageError, WorkError, nearest
from policies.api import Learner, Policy, Task, action_probabilities
from policies.task import make_task

if TYPE_CHECKING:
    from bench.tails.curves import Curve

RUNS = Path("reports") / "runs"
Array = npt.NDArray[Any]
TYPES: dict[type, Any] = {str: np.str_, int: np.int64, float: np.float64, bool: np.bool_}


class FittedPolicy(NamedTuple):
    """A policy as it came back from its file, the task that it was measured on, and the learner that reads it."""

    task: Task
    learner: Learner[Any]
    policy: Policy

    @property
    def weights(self) -> Float64s:
        """The probability of every edge: equal among the best-scored moves of a position, else zero. [n_edges]"""
        return action_probabilities(self.task.graph, self.policy.scores(self.task))

    @property
    def gain(self) -> float:
        """1 - regret / regret of random play, over all positions."""
        return self.task.gain(self.weights)


@dataclass(frozen=True, eq=False)
class Run:
    """What a run's folder held when it was read."""

    folder: Path
    suite: Suite
    records: dict[str, Record]  # the measured ones by the id of their cell, in the order of the suite
    without: dict[str, str]  # the other cells, and why there is no measure: missing, failed or damaged

    def record(self, cell_id: str) -> Record:
        """The record of a cell: `record.points` is its curve. Raises UsageError where there is none, saying why."""
        if cell_id in self.records:
            return self.records[cell_id]
        if cell_id in self.without:
            raise UsageError(f"{cell_id} was not measured: {self.without[cell_id]}")
        raise UsageError(f"{self.suite.name} has no cell {cell_id!r}; {nearest(cell_id, [*self.records, *self.without])}")

    def columns(self, only: str = "*") -> dict[str, Array]:
        """The columns of docs/export.md as arrays, a row for each measured policy of the cells whose id matches a pattern. [n_points]

        Text that is not there is empty; numbers and truth values of which one is not there are floats, and that one is nan. Raises
        UsageError where no measured cell matches.
        """
        chosen = [record for cell_id, record in self.records.items() if matches(cell_id, [only])]
        if not chosen:
            raise UsageError(f"no measured cell of {self.suite.name} matches {only!r}; {nearest(only, list(self.records))}")
        name = self.suite.name
        rows = [Source(name, record.cell, "measured", "", record, point) for record in chosen for point in record.points]
        return {column.name: _array(column, rows) for column in COLUMNS}

    def frame(self, only: str = "*") -> Any:
        """The same as a pandas.DataFrame. Raises WorkError where pandas is missing."""
        try:
            import pandas
        except ImportError:
            raise WorkError("frame() needs pandas, which is missing: pip install 'gaincurve[export]', or use columns()") from None
        return pandas.DataFrame(self.columns(only))

    def curve(self, cell_id: str, measure: str = "regret") -> "Curve":
        """What a cell leaves at every size, for bench.tails.verdict.tail_of: of the `regret`, or of the bits of `exceptions`."""
        from bench.tails.curves import curve_of_record

        return curve_of_record(self.record(cell_id), measure)

    def policy(self, cell_id: str, game: str | None = None) -> FittedPolicy:
        """The largest policy of a cell, decoded from its file. Raises UsageError where the file is missing or damaged.

        `game` has to name a game that lies outside this project, `package.module:OBJECT`: no file alone makes its code run.
        """
        cell = self.record(cell_id).cell
        header, data = read_policy(policy_path(self.folder, cell_id))
        task, learner = make_task(check_named(cell.game, cell_id, game), cell.weights), check_options(header.learner, header.options)
        return FittedPolicy(task, learner, learner.decode(data, task))


def run(
    suite: str | Path | Suite,
    runs: str | Path = RUNS,
    only: str = "*",
    jobs: int | None = None,
    force: bool = False,
    retry_failed: bool = False,
    executor: str = "processes",
    scheduler: str | None = None,
    say: Callable[[str], None] = print,
) -> Run:
    """Measure the cells of a suite that have no valid record yet, in processes, and return all that the run's folder then holds.

    `suite` is a name, the path of a TOML file, or a Suite; `say` is told a line for each cell; what stands between are the options
    of `gaincurve run`. Cells that fail are told, and are found in `without` of what is returned. Raises UsageError
    for an unknown suite, and what run_suite raises.
    """
    chosen = suite if isinstance(suite, Suite) else load_suite(str(suite))
    folder = run_folder(chosen.name, Path(runs))

    def finished(record: Record) -> None:
        say(f"{record.cell_id}: {'failed: ' + record.error if record.error else f'gain {record.points[-1].gain:.4f}'}")

    watcher = Watcher(
        planned=lambda n_todo, n_kept: say(f"{chosen.name}: {n_todo} cells to measure, {n_kept} kept, in {folder}"),
        finished=finished,
        warned=lambda line: say(f"warning: {line}"),
    )
    run_suite(chosen, folder, watcher, jobs, force, only, retry_failed, executor, scheduler)
    return load(folder)


def load(run: str | Path | None = None, runs: str | Path = RUNS) -> Run:
    """A run by name or folder, as it is on disk; with no name the one that was worked on last.

    Raises UsageError where there is no such run, and WorkError where its folder does not say which suite it is.
    """
    folder = find_run(None if run is None else str(run), Path(runs))
    suite = read_suite(folder)
    records: dict[str, Record] = {}
    without: dict[str, str] = {}
    for cell in cells(suite):
        found = standing(folder, cell.id)
        if record := found.measured:
            records[cell.id] = record
        else:
            without[cell.id] = found.hole
    return Run(folder, suite, records, without)


def _array(column: Column, rows: list[Source]) -> Array:
    values = [column.value(row) for row in rows]
    if column.kind is str:
        return np.array(["" if value is None else value for value in values], dtype=np.str_)
    if None in values:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.array(values, dtype=TYPES[column.kind])
