"""The compressibility axis: one row for each game and curve of a run, and the order in which games stand on it.

Bits and units are those of measured policies (bench/curves/curve.py), so they are upper bounds; the language is not counted. A cell that is
missing, damaged, failed or weighted otherwise keeps its row, with the reason in place of its numbers.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.curves.curve import LEVELS, bits_to, bits_to_value, units_to, units_to_value
from bench.curves.figure1 import LEVEL, UNSIZED
from bench.harness.point import shortest_file
from bench.harness.records import Record
from bench.harness.store import CellStatus, comparable_status, read_suite
from bench.scaling.levels import bits_at_levels
from bench.suites.grid import Cell, cells
from bench.wording import ONE_SIZE
from games.errors import GaincurveError
from policies.registry import learner_options


@dataclass(frozen=True)
class AxisRow:
    """What one curve of one game takes to reach each of LEVELS, to keep the value, and to describe optimal moves everywhere."""

    game: str
    curve: str  # the label of the cell
    seed: int
    written_in: str  # the language or architecture; empty where the learner has neither
    hole: CellStatus | None  # why there are no numbers; None where there are
    is_drawn: bool  # whether it is a curve: not one of its ends, nor a single list searched for a grade, nor a search
    n_positions: int | None = None
    unit: str = ""
    units: tuple[int | None, ...] = (None,) * len(LEVELS)
    bits: tuple[int | None, ...] = (None,) * len(LEVELS)
    units_to_value: int | None = None  # of a policy that keeps the value from both seats and cannot stall
    bits_to_value: int | None = None
    codelength: int | None = None  # the shortest policy with its exceptions
    exceptions_alone: int | None = None  # the same file without any policy, the shortest of this game
    tail: str = ""  # the verdict in words (bench/tails/verdict.py), or why there is none
    bits_at_levels: tuple[int | None, ...] = ()  # to each level of bench/scaling/levels.py; empty where there are no numbers

    @property
    def ratio(self) -> float | None:
        """The shortest codelength as a share of exceptions alone: 1 where no policy pays its way."""
        return self.codelength / self.exceptions_alone if self.codelength is not None and self.exceptions_alone else None

    @property
    def bits_to_level(self) -> int | None:
        """Bits to a gain of LEVEL, at which games are compared."""
        return self.bits[LEVELS.index(LEVEL)]


@dataclass(frozen=True)
class Place:
    """What stands on the axis: the shortest policy of a game that gains LEVEL, its language not counted."""

    name: str
    bits: float
    bits_to_value: int | None = None  # of the shortest policy of the game that keeps the value, whatever its curve


def read_cells(folder: Path) -> list[tuple[Cell, CellStatus]]:
    """What a run holds of each cell of its suite, in the suite's order. Raises WorkError where the suite's note is damaged."""
    suite = read_suite(folder)
    return [(cell, comparable_status(folder, suite, cell)) for cell in cells(suite)]


def axis_of_run(folder: Path) -> list[AxisRow]:
    """The rows of a run, one for each cell of its suite, in the suite's order. Raises WorkError where the suite's note is damaged."""
    return axis_rows(read_cells(folder))


def axis_rows(found: Sequence[tuple[Cell, CellStatus]], tails: Mapping[str, str] | None = None) -> list[AxisRow]:
    """One row for each cell, from what a run holds of it; `tails`: verdicts, by cell, of those judged already."""
    alone: dict[str, int] = {}
    for cell, status in found:
        if record := status.measured:
            bits = [n for point in record.points if point.policy_bits == 0 and (n := point.exception_bits) is not None]
            alone[cell.game] = min([*bits, *([alone[cell.game]] if cell.game in alone else [])], default=0)
    return [_row(cell, status, alone.get(cell.game) or None, (tails or {}).get(cell.id)) for cell, status in found]


def places(rows: Sequence[AxisRow]) -> list[Place]:
    """The shortest policy of each game that gains LEVEL, by bits."""
    best: dict[str, tuple[int, AxisRow]] = {}
    for row in rows:
        bits = row.bits_to_level
        if row.is_drawn and bits is not None and (row.game not in best or bits < best[row.game][0]):
            best[row.game] = (bits, row)
    kept = best_to_value(rows)
    found = [Place(f"{game} ({row.curve})", bits, bits_to_value=kept.get(game)) for game, (bits, row) in best.items()]
    return sorted(found, key=lambda place: place.bits)


def best_to_value(rows: Sequence[AxisRow]) -> dict[str, int]:
    """The fewest bits of each game of which some policy of any curve keeps the value."""
    best: dict[str, int] = {}
    for row in rows:
        if row.is_drawn and row.bits_to_value is not None:
            best[row.game] = min(row.bits_to_value, best.get(row.game, row.bits_to_value))
    return best


def _row(cell: Cell, status: CellStatus, exceptions_alone: int | None, tail: str | None) -> AxisRow:
    what = (cell.game, cell.label, cell.seed, _written_in(cell))
    is_drawn = cell.learner not in UNSIZED
    if (record := status.measured) is None:
        return AxisRow(*what, hole=status, is_drawn=is_drawn)
    shortest = shortest_file(record.points)
    return AxisRow(
        *what,
        hole=None,
        is_drawn=is_drawn,
        n_positions=record.n_positions,
        unit=record.unit,
        units=tuple(units_to(record.points, level) for level in LEVELS),
        bits=tuple(bits_to(record.points, level) for level in LEVELS),
        units_to_value=units_to_value(record.points),
        bits_to_value=bits_to_value(record.points),
        codelength=None if shortest is None else shortest.codelength,
        exceptions_alone=exceptions_alone,
        tail=_tail(record) if tail is None else tail,
        bits_at_levels=bits_at_levels(record.points),
    )


def _tail(record: Record) -> str:
    from bench.tails.curves import curve_of_record
    from bench.tails.verdict import tail_of

    try:
        return tail_of(curve_of_record(record)).words
    except GaincurveError:
        return ONE_SIZE


def _written_in(cell: Cell) -> str:
    chosen = (cell.options.get(kind) or default for kind, default in _defaults(cell.learner))
    return next((str(name) for name in chosen if name), "")


@functools.cache
def _defaults(learner: str) -> tuple[tuple[str, str | None], ...]:
    """The language and the architecture of a learner without options; looked up once, as that searches the installed packages."""
    try:
        options = learner_options(learner)
    except GaincurveError:  # one that this installation does not know; its record can be read all the same
        options = {}
    return tuple((kind, options[kind].default if kind in options else None) for kind in ("language", "architecture"))
