"""The envelope of a game: at each size the best gain of any measured policy that is no larger, whichever learner and seed it came from.

The curve of one learner shows that learner. A statement about a game needs the best policy known at each size. Sizes are one of two
measures:

    units   rules of lists, weights of atoms, leaves of trees: each is a condition that holds in any number of positions. Entries of
            tables do not count, since each holds one position; nor do hidden units, coordinates, boosted trees and symbols, because a
            hidden unit of a network with 20 inputs is not one condition but 20 numbers.
    bits    policy bits of every policy, tables and networks included; not of searches, as one of 8 bits plays perfectly by its work

Uniform choice has a gain of 0 and no size. It, perfect play and lists searched for a grade are left out. All is an upper bound: it is not
proved that these policies are the best of their size, so more learners or budgets can only lower what an envelope leaves.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench.curves.curve import PERFECT
from bench.curves.ending import has_ended
from bench.curves.families import family_of, is_control
from bench.curves.figure1 import UNSIZED, plain_lists, waterfall_list
from bench.harness.point import Point
from bench.harness.records import Record
from games.arrays import Float64s, Int64s

UNITS, BITS = MEASURES = ("units", "bits")
MAX_CURVES = 9  # in panel B
COUNTED = ("rules", "weights", "leaves")  # units that are compared with each other


@dataclass(frozen=True, eq=False)
class BestPolicy:
    """A policy that gains more than every measured policy that is no larger."""

    size: int  # units or bits
    gain: float
    record: Record
    point: Point  # of this record


@dataclass(frozen=True)
class Stretch:
    """Neighbouring steps of an envelope that one learner holds."""

    learner: str  # label
    first: int  # sizes
    last: int


@dataclass(frozen=True)
class Envelope:
    """The best policies of one game, ascending in size and in gain."""

    game: str
    measure: str  # UNITS or BITS
    best: tuple[BestPolicy, ...]  # at least one
    is_finished: bool  # the fits of all its curves ended by themselves: no larger budget gains anything

    @property
    def unit(self) -> str:
        """What its sizes count, in the singular."""
        return "unit" if self.measure == UNITS else "bit"

    @property
    def sizes(self) -> Int64s:
        """0, where there is uniform choice, then the size of each best policy: [n_best + 1]."""
        return np.array([0, *(policy.size for policy in self.best)], dtype=np.int64)

    @property
    def residuals(self) -> Float64s:
        """1 - gain at each of these sizes: [n_best + 1]."""
        return np.array([1.0, *(max(0.0, 1.0 - policy.gain) for policy in self.best)])

    def at(self, size: int) -> BestPolicy | None:
        """The best policy of at most this size; None where only uniform choice is as small."""
        return max((policy for policy in self.best if policy.size <= size), key=lambda policy: policy.size, default=None)

    def size_at(self, level: float) -> int | None:
        """The smallest size that gains at least `level`; None where none does."""
        return next((policy.size for policy in self.best if policy.gain >= level - PERFECT), None)

    @property
    def stretches(self) -> list[Stretch]:
        """Which learner holds which sizes, ascending."""
        groups = itertools.groupby(self.best, key=lambda policy: policy.record.cell.label)
        runs = [(label, [policy.size for policy in policies]) for label, policies in groups]
        return [Stretch(label, sizes[0], sizes[-1]) for label, sizes in runs]

    @property
    def holders(self) -> tuple[str, ...]:
        """The labels of the learners that hold a step, in the order of their first."""
        return tuple(dict.fromkeys(policy.record.cell.label for policy in self.best))


def is_counted(record: Record, measure: str) -> bool:
    """Whether the policies of a record belong to envelopes in this measure."""
    return record.cell.learner not in UNSIZED and bool(record.points) and (measure == BITS or record.unit in COUNTED)


def size_of(point: Point, measure: str) -> int:
    """The size of a policy in one of MEASURES."""
    return point.policy_bits if measure == BITS else point.size


def envelope_of(records: Sequence[Record], measure: str) -> Envelope | None:
    """The envelope of the records of one game under one kind of weights; None where no policy gains anything.

    Of policies of equal size and gain, the one with fewer bits is kept, then the first.
    """
    counted = [record for record in records if is_counted(record, measure)]
    every = [(size_of(point, measure), -point.gain, point.policy_bits, record, point) for record in counted for point in record.points]
    best: list[BestPolicy] = []
    for size, loss, _, record, point in sorted(every, key=lambda policy: policy[:3]):
        if -loss > (best[-1].gain if best else 0.0):
            best.append(BestPolicy(size, -loss, record, point))
    if not best:
        return None
    return Envelope(best[0].record.cell.game, measure, tuple(best), all(map(has_ended, counted)))


def by_game(records: Sequence[Record]) -> Iterator[tuple[str, str, list[Record]]]:
    """Game, weights of positions, and the records of both, in the order of their first; failed records are left out."""
    found: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.points:
            found.setdefault((record.cell.game, record.cell.weights), []).append(record)
    for (game, weights), ones in found.items():
        yield game, weights, ones


def drawn_in_panel_b(records: Sequence[Record]) -> list[tuple[Envelope, Record | None]]:
    """The envelopes that panel B compares, each with its plain list if there is one, by number of positions.

    These are the boards of the family that has most of them, then, beside them, the game of panel A; all games where no family has two.
    They are in units, or in bits and without lists where no policy of rules, weights or leaves was measured. Controls are drawn only where
    there is nothing else. Of more than MAX_CURVES games the largest are kept. `records`: under one kind of weights.
    """
    lists = {record.cell.game: record for record in plain_lists(records)}
    found: dict[str, tuple[Envelope, Record | None]] = {}
    for measure in MEASURES:
        for game, _, ones in by_game(records):
            if (envelope := envelope_of(ones, measure)) is not None:
                found[game] = envelope, lists.get(game) if measure == UNITS else None
        if found:
            break
    sizes = {game: envelope.best[0].record.n_positions for game, (envelope, _) in found.items()}
    drawn = sorted([game for game in found if not is_control(game)] or found, key=lambda game: sizes[game])
    families = [family_of(game) for game in drawn]
    family = max(families, key=families.count, default="")  # of equally many boards, that of the smallest game
    if families.count(family) > 1:
        beside = waterfall_list(records)
        kept = [game for game in drawn if family_of(game) == family]
        others = [game for game in drawn if beside is not None and game == beside.cell.game and game not in kept]
        drawn = [*kept[len(others) - MAX_CURVES :], *others]
    return [found[game] for game in drawn[-MAX_CURVES:]]
