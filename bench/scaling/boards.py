"""Held-out positions on boards of growing size: the residual there at equal bits and at equal units, and T(k).

A curve is a kind of policy on every game of a family, and what its splits keep apart: boards, or positions. At a size that was measured
it leaves what its policy of that size leaves. Between two measured sizes it leaves what the lower convex hull of all of them does. It
has no number below its first size, nor beyond its last one unless the fit ended by itself: then a larger budget gains nothing more.

A band is the widest reach of the 95 % bands of all seeds, each over the boards or positions held out.

Between games, the residual r and the tail T are taken to follow r ~ positions^kappa and 1 - T ~ positions^kappa, fitted to their means
by bench/scaling/power_law.py. Nothing shows that these laws hold on larger boards.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.curves.envelope import BITS, UNITS
from bench.curves.families import family_of
from bench.curves.figure1 import UNDRAWN
from bench.curves.hull import convex_hull
from bench.harness.point import Point
from bench.harness.records import Record
from bench.measures.transfer import AT, NORMAL, transfer
from bench.scaling.power_law import LARGER, PowerLaw, Prediction, Sample, fit_power, predict
from bench.wording import count_units

TAIL = "T"
SIZES = {BITS: (1_000, 4_000, 16_000), UNITS: (8, 16, 32, 64, 256), TAIL: AT}  # at which games are compared, by quantity
DRAWN = {BITS: (1_000, 4_000, 16_000), UNITS: (16, 64, 256), TAIL: AT}  # of these, what a figure has a panel for
NAMES = {BITS: "left at {} bits", UNITS: "left with {} units", TAIL: "T({})"}
MIN_BOARDS = 3  # of a curve
# Positions up to symmetry of boards of which samples are drawn, as `games.go_large.solve.solve_large` and enumeration count them.
COUNTED = {
    "go-3x4": 164_122,
    "go-2x7": 1_296_028,
    "go-3x5": 4_182_930,
    "go-4x4": 6_211_131,
    "go-4x5": 942_119_973,
    "hex-3x4": 101_243,
    "hex-4": 4_094_721,
    "nogo-3x4": 20_964,
    "nogo-4x4": 717_086,
    "domineering-4x5": 22_913,
    "domineering-5x5": 111_431,
    "connect_four-4x4": 67_163,
    "connect_four-5x4": 674_263,
}
# Of boards that nobody enumerates: three digits of `games.proof.draws_arrangements.estimate_positions`, with a standard error below 0.5 %.
# Of Connect Four half of the positions that J. Tromp counts (https://tromp.github.io/c4/c4.html): all but few have a mirror image.
ESTIMATED = {"hex-5": 68_900_000_000, "nogo-5x5": 10_100_000_000, "domineering-6x6": 75_300_000, "connect_four-6x7": 4_531_985_219_092 / 2}


@dataclass(frozen=True)
class Reach:
    """A mean over seeds, and the widest reach of their bands."""

    mean: float
    low: float
    high: float

    def less(self, other: "Reach") -> "Reach":
        """This minus another; its band holds all differences of numbers in the two bands."""
        return Reach(self.mean - other.mean, self.low - other.high, self.high - other.low)


@dataclass(frozen=True)
class OnBoard:
    """What a curve leaves, or carries over, on one game."""

    game: str
    n_positions: float  # of the game, up to symmetry
    found: Reach
    n_fitted: int  # positions that its policies were fitted to, on which a tail depends too
    cells: tuple[str, ...]  # of which it was computed


@dataclass(frozen=True)
class Growth:
    """A quantity of one curve at one size, by the positions of the games."""

    family: str
    kind: str  # its label, without what its splits keep apart
    learner: str
    split: str  # boards or positions
    quantity: str  # BITS, UNITS: the residual at equal bits or units; TAIL: T
    size: int  # bits or units
    unit: str  # what the units are
    boards: tuple[OnBoard, ...]  # by positions, at least MIN_BOARDS

    @property
    def law(self) -> PowerLaw | None:
        """How the residual, or 1 - T, grows with positions; None where it is not above 0 on every board."""
        samples = [Sample(board.game, board.n_positions, self._shrinking(board.found.mean)) for board in self.boards]
        return fit_power(samples) if all(sample.bits > 0.0 for sample in samples) else None

    @property
    def at(self) -> str:
        """Its size in words: `1,000 bits`, `16 rules`, `T(64)`."""
        if self.quantity == BITS:
            return f"{self.size:,} bits"
        return NAMES[TAIL].format(self.size) if self.quantity == TAIL else count_units(self.size, self.unit)

    def on(self, game: str) -> OnBoard | None:
        """What was measured on one game."""
        return next((board for board in self.boards if board.game == game), None)

    def without(self, game: str) -> "Growth":
        """The same of the games that are smaller than this one."""
        n_positions = positions_of(self.family, game) or math.inf
        return replace(self, boards=tuple(board for board in self.boards if board.n_positions < n_positions))

    def predict(self, game: str) -> Reach | None:
        """What the law of all smaller games gives for one game, with its band of 95 %; None where there is no law with a band."""
        n_positions, law = positions_of(self.family, game), self.without(game).law
        if n_positions is None or law is None or law.kappa_band is None:
            return None
        found: Prediction = predict(law, game, n_positions)
        low, high = found.band or (found.log10_bits, found.log10_bits)
        middle, first, last = (self._shrinking(10.0**exponent) for exponent in (found.log10_bits, low, high))
        return Reach(middle, min(first, last), max(first, last))

    def _shrinking(self, value: float) -> float:
        """1 - T of T and the other way round; a residual as it is."""
        return 1.0 - value if self.quantity == TAIL else value


def drawn(found: Sequence[Growth]) -> list[Growth]:
    """Those that have a panel."""
    return [growth for growth in found if growth.size in DRAWN[growth.quantity]]


def growths(records: Sequence[Record]) -> list[Growth]:
    """Every quantity at every one of SIZES of each curve that has it on MIN_BOARDS boards or more, in the order of the records."""
    curves: dict[tuple[str, str, str], dict[str, list[Record]]] = {}
    for record in records:
        cell = record.cell
        if cell.held_out is not None and cell.learner not in UNDRAWN and record.points and positions(record) is not None:
            of_curve = curves.setdefault((family_of(cell.game), kind_of(record), cell.split), {})
            of_curve.setdefault(cell.game, []).append(record)
    found = []
    for (family, kind, split), by_game in curves.items():
        first = next(iter(by_game.values()))[0]
        for quantity, sizes in SIZES.items():
            for size in sizes:
                boards = [board for of_game in by_game.values() if (board := _on_board(of_game, quantity, size)) is not None]
                boards.sort(key=lambda board: board.n_positions)
                if len(boards) >= MIN_BOARDS:
                    found.append(Growth(family, kind, first.cell.learner, split, quantity, size, first.unit, tuple(boards)))
    return found


def kind_of(record: Record) -> str:
    """The label of a record without what its splits keep apart."""
    return record.cell.label.removesuffix(f"-{record.cell.split}")


def positions(record: Record) -> float | None:
    """The positions of a record's game up to symmetry; None of a sample whose game was not counted."""
    return record.n_positions if record.cell.positions is None else positions_of(family_of(record.cell.game), record.cell.game)


def positions_of(family: str, game: str) -> float | None:
    """The positions up to symmetry of a game of which samples are drawn: counted, estimated, or by the rule of power_law.LARGER."""
    return COUNTED.get(game, ESTIMATED.get(game, LARGER.get(family, {}).get(game)))


def left_at(record: Record, quantity: str, size: int) -> Reach | None:
    """What a curve leaves on held-out positions at this many bits or units, with its band of 95 %; None where it has no number."""
    points = {_size(point, quantity): held for point in record.points if (held := _held(point)) is not None}
    sizes = sorted(points)
    if not sizes or size < sizes[0] or (size > sizes[-1] and not record.is_finished):
        return None
    if size >= sizes[-1]:
        return _reach(*points[sizes[-1]])
    if size in points:
        return _reach(*points[size])
    at, left, errors = np.array(sizes), *np.array([points[each] for each in sizes]).T
    kept = convex_hull(at, left)
    return _reach(float(np.interp(size, at[kept], left[kept])), float(np.interp(size, at[kept], errors[kept])))


def _on_board(records: Sequence[Record], quantity: str, size: int) -> OnBoard | None:
    """One quantity of the seeds of one curve on one game."""
    if quantity == TAIL:
        used = list(records)
        tail = transfer([split for record in records for split in record.splits], size)
        each = [Reach(tail.mean, tail.low, tail.high)] if tail else []
    else:
        left = [(record, reach) for record in records if (reach := left_at(record, quantity, size)) is not None]
        used, each = [record for record, _ in left], [reach for _, reach in left]
    n_positions = positions(records[0])
    fitted = [held["n_fitted"] for record in used if (held := record.points[0].held_out)]
    if not each or not fitted or n_positions is None:
        return None
    found = Reach(float(np.mean([one.mean for one in each])), min(one.low for one in each), max(one.high for one in each))
    cells = tuple(record.cell_id for record in used)
    return OnBoard(records[0].cell.game, n_positions, found, round(float(np.mean(fitted))), cells)


def _size(point: Point, quantity: str) -> int:
    return point.policy_bits if quantity == BITS else point.budget


def _held(point: Point) -> tuple[float, float] | None:
    """The residual on held-out positions and its standard error; None where either is not known."""
    held = point.held_out or {}
    left, error = held.get("residual"), held.get("error")
    return None if left is None or error is None else (float(left), float(error))


def _reach(left: float, error: float) -> Reach:
    return Reach(left, left - NORMAL * error, left + NORMAL * error)
