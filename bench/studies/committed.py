"""The committed results, read and judged once for all pages that are written from them."""

import functools
from collections.abc import Sequence
from typing import NamedTuple

from bench.harness.records import Record
from bench.scaling.axis import AxisRow, axis_of_run
from bench.studies.page import REFERENCE, ROOT
from bench.tails.games import GameVerdict, judge_games


class Committed(NamedTuple):
    """The records of the standard suite, none missing, with the axis and the verdicts on games that follow from them."""

    records: Sequence[Record]
    rows: Sequence[AxisRow]
    verdicts: Sequence[GameVerdict]


@functools.cache
def committed() -> Committed:
    """The results in reports/reference."""
    from bench.report.run_data import read_evidence

    evidence = read_evidence(ROOT / REFERENCE)
    assert not evidence.holes
    return Committed(evidence.records, axis_of_run(ROOT / REFERENCE), judge_games(evidence.records))
