"""A cell once more: found by its id in the runs of a folder, or in the suites of the package, and fitted as it was there."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.harness.cell import load_cell, measure_cell
from bench.harness.measure import measure_policy
from bench.harness.path import FittedPath
from bench.harness.point import Point
from bench.harness.policyfile import pack
from bench.harness.store import find_run, read_suite
from bench.measures.heldout import sides_of
from bench.suites.checks import check_suite
from bench.suites.grid import Cell, Suite, cells
from bench.suites.load import built_in_suites, load_suite
from games.errors import UsageError, WorkError, nearest


class FoundCell(NamedTuple):
    """A cell, where it was found, and where else its id stands for something else."""

    cell: Cell
    source: str  # as `find_cell` takes it
    others: tuple[str, ...]


def find_cell(cell_id: str, source: str | None, runs: Path) -> FoundCell:
    """The cell with this id: of the run, suite or file that `source` names; else of the newest run that has it, or the first suite.

    Raises UsageError where there is none, naming the ids most like it.
    """
    sources = _every(runs) if source is None else iter([(source, _named(source, runs))])
    known: list[str] = []
    found: list[tuple[str, Cell]] = []
    for name, suite in sources:
        listed = {cell.id: cell for cell in cells(suite)}
        known += listed
        if cell_id in listed:
            found.append((name, listed[cell_id]))
    if not found:
        hint = nearest(cell_id, list(dict.fromkeys(known)))
        if source is not None:
            raise UsageError(f"{source} has no cell {cell_id!r}; {hint}")
        raise UsageError(f"no run in {runs} and no suite of this package has the cell {cell_id!r}; give --suite, or another id; {hint}")
    (name, cell), *rest = found
    return FoundCell(cell, name, tuple(other for other, like in rest if cell.unlike(like)))


def suite_named(text: str, runs: Path) -> Suite:
    """The suite by its name or the path of its file, else that of a run by name or folder. Raises UsageError as `load_suite` does."""
    if text not in built_in_suites() and not Path(text).is_file():
        try:
            folder = find_run(text, runs)
        except UsageError:
            return load_suite(text)
        return check_suite(read_suite(folder))
    return load_suite(text)


def _named(source: str, runs: Path) -> Suite:
    try:
        folder = find_run(source, runs)
    except UsageError:
        return load_suite(source)
    return read_suite(folder)


def _every(runs: Path) -> Iterator[tuple[str, Suite]]:
    """The suites of all runs that can be read, the one worked on last first, then those of the package."""
    for path in sorted(runs.glob("*/suite.json"), key=lambda path: path.stat().st_mtime, reverse=True):
        try:
            yield path.parent.name, read_suite(path.parent)
        except WorkError:
            continue
    for name in built_in_suites():
        yield name, load_suite(name)


def repeat_cell(cell: Cell, budget: int | None) -> tuple[list[Point], bytes]:
    """The points of a cell, and the content of a policy file with its last policy; with `budget` the point and the policy of that one.

    Raises UsageError for a budget that the cell does not have, or before which its fit ends.
    """
    if budget is None:
        record, content = measure_cell(cell, key="")
        return record.points, content
    loaded = load_cell(cell)
    task, learner, seen, part = loaded.task, loaded.learner, loaded.seen, loaded.part
    path = FittedPath(learner, seen, cell.budgets or learner.default_budgets(seen), cell.random_seed)
    if budget not in path.budgets:
        raise UsageError(f"{cell.id} is not fitted at budget {budget}; its budgets: {', '.join(map(str, path.budgets))}")
    began, reached = time.perf_counter(), 0
    for reached, policy in path:
        if reached == budget:
            seconds = time.perf_counter() - began
            sides = None if part is None else sides_of(task, part, cell.split)
            point, data = measure_policy(task, learner, policy, budget, seconds, with_results=True, sides=sides)
            return [point], pack(cell.game, cell.learner, cell.options, point.size, data)
    raise UsageError(f"the fit of {cell.id} ends at budget {reached}, before {budget}: give --budget {reached} or less")
