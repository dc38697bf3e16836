"""The tails of a run's curves, each judged once (bench/tails/verdict.py), and pooled where seeds gave different curves."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.curves.figure1 import SEARCHES, UNDRAWN
from bench.harness.records import Record
from bench.report.run_data import Evidence, ids_of
from bench.tails.curves import Curve, NoCurve, curve_of_record, pool
from bench.tails.verdict import Tail, tail_of
from bench.wording import ONE_SIZE, count
from games.errors import UsageError

ENTRIES = ("table",)  # learners whose units are single positions


@dataclass(frozen=True, eq=False)
class Judged:
    """One curve of a run, or one pooled over seeds, and the verdict on its tail."""

    game: str
    name: str
    label: str
    unit: str
    cells: tuple[str, ...]
    is_table: bool  # its units are single positions: there is no rule whose gain could fall off
    is_search: bool  # its units are plies or simulations: what falls off is what more work gains
    is_pooled: bool
    curve: Curve | NoCurve
    tail: Tail | None  # None where there is no curve
    seed: int | None = None  # that it stands for alone, where the suite has several

    @property
    def speaks(self) -> bool:
        """Whether its verdict is about rules."""
        return self.tail is not None and not self.is_table and not self.is_search

    @property
    def id(self) -> str:
        """Its name among all games, without commas; with its seed only where it stands for that seed alone."""
        return f"{self.game}/{self.label}" + ("" if self.seed is None else f" (seed {self.seed})")


def judge(evidence: Evidence) -> list[Judged]:
    """The tails of all curves in the order of the suite: of seeds alike one for all, else each and the pooled one behind them.

    The ends of curves, uniform choice and single lists searched for a grade, are none.
    """
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in evidence.records:
        if record.cell.learner not in UNDRAWN:
            groups.setdefault((record.cell.game, record.cell.label), []).append(record)
    found = []
    for records in groups.values():
        curves = [_curve(record) for record in records]
        sound = [curve for curve in curves if isinstance(curve, Curve)]
        label = records[0].cell.label
        if len(records) > 1 and _are_alike(curves):
            found.append(_judged(f"{label}, {len(records)} seeds alike", records, curves[0]))
            continue
        for record, curve in zip(records, curves, strict=True):
            seed = record.cell.seed if evidence.has_seeds(record) else None
            found.append(_judged(evidence.name(record), [record], curve, seed=seed))
        if len(records) > 1 and len(sound) == len(records):
            found.append(_judged(f"{label}, {len(records)} seeds", records, _pooled(sound), is_pooled=True))
    return found


def verdicts(judged: Sequence[Judged]) -> dict[str, str]:
    """By the id of a cell the verdict in words, or why there is none, as bench/scaling/axis.py says it."""
    return {cell: one.tail.words if one.tail else ONE_SIZE for one in judged if not one.is_pooled for cell in one.cells}


def spokesmen(judged: Sequence[Judged]) -> list[Judged]:
    """Those with a verdict on rules, the pooled one alone where there is one."""
    pooled = {(one.game, one.label) for one in judged if one.is_pooled and one.tail}
    return [one for one in judged if one.speaks and (one.is_pooled or (one.game, one.label) not in pooled)]


def _curve(record: Record) -> Curve | NoCurve:
    try:
        return curve_of_record(record)
    except UsageError:
        return NoCurve(f"{count(len({point.size for point in record.points}), 'size')} only")


def _pooled(curves: Sequence[Curve]) -> Curve | NoCurve:
    try:
        return pool(curves)
    except UsageError:
        return NoCurve("its seeds have no three sizes in common")


def _are_alike(curves: Sequence[Curve | NoCurve]) -> bool:
    """Whether all seeds gave the same curve, as they do of learners that draw nothing."""
    points = [
        curve if isinstance(curve, NoCurve) else (curve.sizes.tolist(), curve.residuals.tolist(), curve.is_finished) for curve in curves
    ]
    return all(each == points[0] for each in points)


def _judged(name: str, records: Sequence[Record], curve: Curve | NoCurve, is_pooled: bool = False, seed: int | None = None) -> Judged:
    cell = records[0].cell
    what = (cell.game, name, cell.label, records[0].unit, ids_of(records), cell.learner in ENTRIES, cell.learner in SEARCHES, is_pooled)
    return Judged(*what, curve, None if isinstance(curve, NoCurve) else tail_of(curve), seed)
