"""Which numbers moved between two runs: all that differ, for learners that use no seed; beyond seed noise, for the others.

docs/comparing-runs.md states the tests.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import cell_status, read_suite
from bench.runs.export import COLUMNS, Source
from bench.suites.grid import Cell, cells

SEEDLESS = ("uniform", "perfect", "human", "rulelist", "shortest", "weighted", "tree", "dag", "table")  # fitted alike with every seed
# Names of columns of the export (bench/runs/export.py); left out are those that follow from others, such as regret from gain.
NUMBERS = (
    *("size", "n_parameters", "gain", "policy_bits", "language_bits", "codelength", "error_rate", "missing_bits", "operations"),
    *("exploitability", "loss_rate", "best_loss_rate", "games_left_first", "games_left_second", "gain_fitted", "gain_held_out"),
)
BOUNDED = ("exploitability", "loss_rate", "best_loss_rate")  # those that may be known within bounds only
FACTS = ("n_positions", "n_states", "n_edges", "uniform_regret", "uniform_missing_bits", "recipe_engine_bits", "recipe_learner_bits")
ROUNDING = 1e-12  # relative: sums of floats in another order differ by less
LEVEL = 0.01  # of each test: how often seeds alone would pass for a move

BY_NAME = {column.name: column for column in COLUMNS}
NO_CELL = Cell("", "", "")  # what a number of a point is read from does not matter

MOVED, NOISE, ONE_SEED, FEW_SEEDS = VERDICTS = ("moved", "within seed noise", "undecided: one seed", "undecided: too few seeds")


class Change(NamedTuple):
    """A number or grade of a curve at one budget that is not the same in both runs."""

    curve: str  # the cell's id; game and label where seeds are taken together
    budget: int
    measure: str  # one of NUMBERS, `measured`, or a grade
    before: float  # a truth value is 0 or 1; a mean over the seeds where there are several
    after: float
    n_before: int  # seeds
    n_after: int
    verdict: str  # one of VERDICTS
    p: float | None = None  # of the test over seeds
    bounds_before: tuple[float, float] | None = None  # of a number that is not exact
    bounds_after: tuple[float, float] | None = None


class Fact(NamedTuple):
    """One of FACTS, of the games or the sources and not of any policy, that is not the same in both runs."""

    name: str
    n_cells: int  # in which it differs
    cell_id: str  # where it differs most
    before: float
    after: float


@dataclass(frozen=True)
class Difference:
    """All that differs between two runs."""

    before: str
    after: str
    n_cells: int  # measured in both
    n_tests: int  # comparisons over several seeds
    changes: list[Change]
    facts: list[Fact]
    only_before: list[str]
    only_after: list[str]
    without: dict[str, str]  # cells that failed or are damaged in one of the runs, and which
    asked: dict[str, list[str]]  # cells of the same id that are not the same cell, and in what
    same_key: list[str]  # cells with other numbers although nothing that a record depends on has changed
    made_with: dict[str, list[list[str]]]  # what differs in how the runs were made: values before, values after


def compare_runs(before: Path, after: Path) -> Difference:
    """Compare two runs cell by cell. Raises WorkError where a folder does not say which suite it is."""
    (old, lost_before), (new, lost_after) = _measured(before), _measured(after)
    both = [cell_id for cell_id in old if cell_id in new]
    changes: list[Change] = []
    n_tests = 0
    for curve, pairs in _curves(old, new, both).items():
        if pairs[0][0].cell.learner in SEEDLESS:
            changes += [change for pair in pairs for change in exact_changes(*pair)]
        else:
            sides = [[record for record in side.values() if _curve(record) == curve] for side in (old, new)]
            found, tested = changes_over_seeds(curve, *sides)
            changes += found
            n_tests += tested
    lost = {**lost_before, **lost_after}
    return Difference(
        before=str(before),
        after=str(after),
        n_cells=len(both),
        n_tests=n_tests,
        changes=changes,
        facts=_facts([(old[cell_id], new[cell_id]) for cell_id in both]),
        only_before=[cell_id for cell_id in old if cell_id not in new and cell_id not in lost],
        only_after=[cell_id for cell_id in new if cell_id not in old and cell_id not in lost],
        without={cell_id: _lost(cell_id, lost_before, lost_after) for cell_id in lost},
        asked={cell_id: fields for cell_id in both if (fields := old[cell_id].cell.unlike(new[cell_id].cell))},
        same_key=[i for i in both if old[i].key == new[i].key and exact_changes(old[i], new[i])],
        made_with=made_with([old[i] for i in both], [new[i] for i in both]),
    )


def exact_changes(before: Record, after: Record) -> list[Change]:
    """Every number and grade in which two records of a cell differ, budget by budget."""
    found = []
    for budget, measure, one, other in _side_by_side([before], [after]):
        bounds = [_bounds(record, budget, measure) for record in (before, after)]
        if any(bounds):
            apart = _are_apart(*(bound or (*values.values(),) * 2 for bound, values in zip(bounds, (one, other), strict=True)))
            if apart:
                found.append(Change(before.cell_id, budget, measure, *_means(one, other), 1, 1, MOVED, None, *bounds))
        elif not _equal(one, other):
            found.append(Change(before.cell_id, budget, measure, *_means(one, other), 1, 1, MOVED))
    return found


def _bounds(record: Record, budget: int, measure: str) -> tuple[float, float] | None:
    """The bounds of a number of a record that is not exact."""
    point = next((point for point in record.points if point.budget == budget), None)
    return point.bounds(measure) if point and measure in BOUNDED else None


def _are_apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether no number lies within the bounds of both."""
    return one[1] < other[0] - ROUNDING or other[1] < one[0] - ROUNDING


def changes_over_seeds(curve: str, before: Sequence[Record], after: Sequence[Record]) -> tuple[list[Change], int]:
    """The numbers and grades of a curve that differ between two sets of seeds, each with a verdict, and how many were tested.

    Means of numbers are compared by Welch's t-test, shares of the seeds that reach a grade by Fisher's exact test, each at LEVEL.
    Numbers that are known within bounds only are left out.
    """
    found, n_tests = [], 0
    for budget, measure, one, other in _side_by_side(before, after):
        if any(_bounds(record, budget, measure) for record in (*before, *after)):
            continue
        n_tests += min(len(one), len(other)) > 1
        if not _equal(one, other):
            is_number = measure in NUMBERS
            verdict, p = _over_numbers(one, other) if is_number else _over_shares(one, other)
            found.append(Change(curve, budget, measure, *_means(one, other), len(one), len(other), verdict, p))
    return found, n_tests


def made_with(before: Iterable[Record], after: Iterable[Record]) -> dict[str, list[list[str]]]:
    """The provenance in which two sets of records differ: the values of the one and those of the other, by name."""
    sides = [_provenance(records) for records in (before, after)]
    names = sorted({name for side in sides for name in side})
    values = {name: [sorted(side.get(name, set())) for side in sides] for name in names}
    return {name: pair for name, pair in values.items() if pair[0] != pair[1]}


def _measured(folder: Path) -> tuple[dict[str, Record], dict[str, str]]:
    """The measured records of a run in the order of its suite, and why other cells that were tried have none."""
    measured: dict[str, Record] = {}
    lost: dict[str, str] = {}
    for cell in cells(read_suite(folder)):
        found = cell_status(folder, cell.id)
        if record := found.measured:
            measured[cell.id] = record
        elif found.state != "missing":
            lost[cell.id] = str(found)
    return measured, lost


def _lost(cell_id: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    sides = {"before": before.get(cell_id), "after": after.get(cell_id)}
    return "; ".join(f"{side}: {why}" for side, why in sides.items() if why)


def _curve(record: Record) -> str:
    return f"{record.cell.game}/{record.cell.label}"


def _curves(old: Mapping[str, Record], new: Mapping[str, Record], both: Sequence[str]) -> dict[str, list[tuple[Record, Record]]]:
    curves: dict[str, list[tuple[Record, Record]]] = {}
    for cell_id in both:
        curves.setdefault(_curve(old[cell_id]), []).append((old[cell_id], new[cell_id]))
    return curves


Values = dict[int, float]  # by seed


def _side_by_side(before: Sequence[Record], after: Sequence[Record]) -> Iterable[tuple[int, str, Values, Values]]:
    """Budget, measure and values of both sides, for all that can be compared."""
    sides = [{record.cell.seed: {point.budget: point for point in record.points} for record in side} for side in (before, after)]
    for budget in sorted({budget for side in sides for points in side.values() for budget in points}):
        present = [{seed: float(budget in points) for seed, points in side.items()} for side in sides]
        yield budget, "measured", present[0], present[1]
        there = [{seed: points[budget] for seed, points in side.items() if budget in points} for side in sides]
        grades = dict.fromkeys(name for side in there for point in side.values() for name in point.grades or ())
        for measure in (*NUMBERS, *grades) if all(there) else ():
            one, other = ({seed: v for seed, point in side.items() if (v := _value(point, measure)) is not None} for side in there)
            if one and other:  # a grade that one of the versions did not know is no change
                yield budget, measure, one, other


def _value(point: Point, measure: str) -> float | None:
    found: Any = BY_NAME[measure].read(Source("", NO_CELL, "", point=point)) if measure in NUMBERS else point.is_proved(measure)
    return None if found is None else float(found)


def _facts(pairs: Sequence[tuple[Record, Record]]) -> list[Fact]:
    found = []
    for name in FACTS:
        sides = [[BY_NAME[name].read(Source("", record.cell, "", record=record)) for record in pair] for pair in pairs]
        unlike = [
            (abs(other - one), pair[0].cell_id, one, other)
            for pair, (one, other) in zip(pairs, sides, strict=True)
            if one is not None and other is not None and not _same(one, other)  # older records do not hold them all
        ]
        if unlike:
            _, cell_id, before, after = max(unlike)
            found.append(Fact(name, len(unlike), cell_id, before, after))
    return found


def _equal(before: Values, after: Values) -> bool:
    """Whether the same seeds have the same values, or all seeds of both sides one value."""
    if before.keys() == after.keys():
        return all(_same(before[seed], after[seed]) for seed in before)
    first, *others = [*before.values(), *after.values()]
    return all(_same(first, other) for other in others)


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=ROUNDING, abs_tol=ROUNDING)


def _means(before: Values, after: Values) -> tuple[float, float]:
    return sum(before.values()) / len(before), sum(after.values()) / len(after)


def _over_numbers(before: Values, after: Values) -> tuple[str, float | None]:
    """Welch's t-test; where no seed differs from another on either side, any difference between the sides is a move."""
    from scipy.stats import ttest_ind

    one, other = list(before.values()), list(after.values())
    if min(len(one), len(other)) < 2:
        return ONE_SEED, None
    if len(set(one)) == len(set(other)) == 1:
        return (MOVED, 0.0) if one[0] != other[0] else (NOISE, 1.0)
    p = float(ttest_ind(one, other, equal_var=False).pvalue)
    return (MOVED if p < LEVEL else NOISE), p


def _over_shares(before: Values, after: Values) -> tuple[str, float | None]:
    """Fisher's exact test on the numbers of seeds that have a grade and that have not."""
    from scipy.stats import fisher_exact

    n_before, n_after = len(before), len(after)
    if min(n_before, n_after) < 2:
        return ONE_SEED, None
    if fisher_exact([[n_before, 0], [0, n_after]]).pvalue >= LEVEL:
        return FEW_SEEDS, None
    table = [[round(sum(side.values())), len(side) - round(sum(side.values()))] for side in (before, after)]
    p = float(fisher_exact(table).pvalue)
    return (MOVED if p < LEVEL else NOISE), p


def _provenance(records: Iterable[Record]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for record in records:
        made = dict(record.provenance)
        for name, value in (made | made.pop("libraries", {})).items():
            if name not in ("made", "libraries"):
                found.setdefault(name, set()).add(str(value))
    return found
