"""The committed results, read and judged once for all pages that are written from them."""

import functools
from collections.abc import Sequence
from typing import NamedTuple

from bench.harness.records import Record
from bench.harness.store import comparable_status, read_suite
from bench.scaling.axis import AxisRow, axis_of_run
from bench.studies.page import REFERENCE, ROOT
from bench.suites.grid import cells
from bench.tails.games import GameVerdict, judge_games


class Committed(NamedTuple):
    """The records of the standard suite, none missing, with the axis and the verdicts on games that follow from them."""

    records: Sequence[Record]
    rows: Sequence[AxisRow]
    verdicts: Sequence[GameVerdict]


@functools.cache
def records() -> tuple[Record, ...]:
    """The records in reports/reference, in the order of their suite."""
    folder = ROOT / REFERENCE
    suite = read_suite(folder)
    found = [comparable_status(folder, suite, cell).measured for cell in cells(suite)]
    measured = tuple(record for record in found if record is not None)
    assert len(measured) == len(found)
    return measured


@functools.cache
def committed() -> Committed:
    """The results in reports/reference."""
    return Committed(records(), axis_of_run(ROOT / REFERENCE), judge_games(records()))
