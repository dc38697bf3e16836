"""K_T: the fewest bits of policy and language with which a game is played well at a stated budget of operations a decision.

    K_T(game, gain) = min { policy bits + language bits : the gain is reached, with at most T operations a decision in the mean }

over all measured policies of a run, so an upper bound. Language bits are comparable ones (bench/measures/reader.py), operations those
of games/concepts/work.py. Records that hold neither are left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench.curves.curve import LEVELS as GAINS
from bench.curves.curve import PERFECT
from bench.curves.families import family_of
from bench.curves.figure1 import LEVEL
from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import CellStatus
from bench.scaling.levels import VALUE, Level
from bench.suites.grid import Cell
from bench.wording import show

LIMITS = (100, 1_000, 10_000, 100_000)  # operations a decision, mean over positions
LEVELS: tuple[Level, ...] = (*GAINS, VALUE)
ENDS = ("uniform", "perfect")  # learners whose file is empty
NOT_MEASURED = "no policy was measured"
NOT_COUNTED = "its records hold no comparable language bits: measure them again"
NOT_REACHED = "no measured policy reaches it"


@dataclass(frozen=True)
class BoundedCode:
    """K_T of a game at one level and one limit, and the policy that it is of; without bits the reason why there is none."""

    game: str
    gain: Level  # or VALUE: the policy keeps the value from both seats and cannot stall
    operations_limit: int
    bits: int | None = None  # policy_bits + language_bits
    policy_bits: int | None = None
    language_bits: int | None = None
    operations: float | None = None  # mean a decision
    operations_worst: float | None = None
    learner: str = ""  # the label of the curve
    cell: str = ""
    reason: str = ""


class Counted(NamedTuple):
    """A policy of which both lengths and the operations are known."""

    bits: int
    operations: float
    policy_bits: int
    language_bits: int
    cell: Cell
    point: Point


def bounded_codes(found: Iterable[tuple[Cell, CellStatus]]) -> list[BoundedCode]:
    """K_T of every game of a run at each of LEVELS and LIMITS, the games in the order of the suite."""
    points: dict[str, list[tuple[Cell, Point]]] = {}
    for cell, status in found:
        listed = points.setdefault(cell.game, [])
        if status.measured is not None and cell.learner not in ENDS:
            listed += [(cell, point) for point in status.measured.points]
    return [code for game, listed in points.items() for code in _codes_of(game, listed)]


def _codes_of(game: str, points: Sequence[tuple[Cell, Point]]) -> Iterator[BoundedCode]:
    counted = [
        Counted(point.policy_bits + language, point.operations, point.policy_bits, language, cell, point)
        for cell, point in points
        if (language := point.comparable_language_bits) is not None
    ]
    for level in LEVELS:
        reaching = [each for each in counted if reaches(each.point, level)]
        for limit in LIMITS:
            best = min((each for each in reaching if each.operations <= limit), key=lambda each: each[:3], default=None)
            if best is None:
                yield BoundedCode(game, level, limit, reason=_reason(points, counted, reaching))
                continue
            yield BoundedCode(
                game,
                level,
                limit,
                bits=best.bits,
                policy_bits=best.policy_bits,
                language_bits=best.language_bits,
                operations=best.operations,
                operations_worst=best.point.operations_worst,
                learner=best.cell.label,
                cell=best.cell.id,
            )


def reaches(point: Point, level: Level) -> bool:
    """Whether a policy has a gain, or keeps the value."""
    return point.plays_perfectly is True if isinstance(level, str) else point.gain >= level - PERFECT


def _reason(points: Sequence[tuple[Cell, Point]], counted: Sequence[Counted], reaching: Sequence[Counted]) -> str:
    if not counted:
        return NOT_COUNTED if points else NOT_MEASURED
    if not reaching:
        return NOT_REACHED
    return f"no measured policy that reaches it takes fewer than {show(round(min(each.operations for each in reaching)))} operations"


def largest_of_families(records: Iterable[Record]) -> list[BoundedCode]:
    """K_T at a gain of LEVEL and each of LIMITS of the largest game of each family that has one, by records under one kind of weights."""
    kept = list(records)
    sizes = {record.cell.game: record.n_positions for record in kept if record.cell.positions is None}
    codes = [code for code in bounded_codes((record.cell, CellStatus("measured", "", record)) for record in kept) if code.gain == LEVEL]
    known = sorted({code.game for code in codes if code.bits is not None}, key=lambda game: sizes.get(game, 0))
    largest = {family_of(game): game for game in known}.values()
    return [code for code in codes if code.game in largest]
