"""Finding a cell by its id: in the runs of a folder, then in the suites that come with the package."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.harness.store import find_run, read_suite
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
