"""Where two kinds of policy change places: which gains more at equal cost below, and which above, by three costs.

The costs are the bits of a policy, the bits of policy and language, and operations a decision. A kind is ahead at a cost if for every
seed the best gain of its policies that cost at most so much is above that of the other for every seed. Nothing is said below the first
policy of either, nor beyond the last of one whose budgets, and not whose fit, ended there.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bench.curves.curve import PERFECT, bits
from bench.curves.front import SAME, Run
from bench.harness.point import Point
from bench.wording import show

WITHOUT, WITH, OPERATIONS = "without language", "with language", "at equal operations"
COSTS: dict[str, Callable[[Point], float]] = {
    WITHOUT: lambda point: bits(point, False),
    WITH: lambda point: bits(point, True),
    OPERATIONS: lambda point: point.operations,
}


class Stretch(NamedTuple):
    """Costs measured, from first to last, at which one kind is ahead, and its least gain over seeds at the ends."""

    name: str
    first: float
    last: float
    first_gain: float
    last_gain: float


class Crossing(NamedTuple):
    """The comparison of two kinds by one cost: the stretches on which one is ahead, neighbours of one kind joined."""

    cost: str
    names: tuple[str, str]
    stretches: tuple[Stretch, ...]
    starts: tuple[float, float]  # the least cost at which every seed of a kind has a policy
    end: float  # the cost up to which both are known; infinite where that is all

    @property
    def at(self) -> float | None:
        """The least cost from which on the kind that is ahead at last stays ahead; None where the same is ahead throughout."""
        return self.stretches[-1].first if len(self.stretches) > 1 else None

    @property
    def unit(self) -> str:
        return "operations" if self.cost == OPERATIONS else "bits"

    @property
    def in_words(self) -> str:
        """Which is ahead below and above, or why that is not known."""
        if not self.stretches:
            return f"{self.cost} undecided: {self._reason}"
        first, last = self.stretches[0], self.stretches[-1]
        if self.at is None:
            where = f"from {show(round(first.first))} to {show(round(first.last))} {self.unit}"
            said = f"{self.cost} {first.name} is ahead wherever that is known, {where} (gain {_gain(first.last_gain)})"
        else:
            below = self.stretches[-2]
            said = (
                f"{self.cost} {below.name} is ahead below {show(round(last.first))} {self.unit} (up to gain {_gain(below.last_gain)}), "
                f"{last.name} above (from gain {_gain(last.first_gain)})"
            )
            said += f"; they change places {len(self.stretches) - 1} times" if len(self.stretches) > 2 else ""
        return said

    @property
    def _reason(self) -> str:
        late = max((0, 1), key=lambda side: self.starts[side])
        start = self.starts[late]
        if math.isinf(start):
            return f"no {self.names[late]} was measured"
        if self.end < start:
            return f"no {self.names[late]} below {show(round(start))} {self.unit} was measured, and no {self.names[1 - late]} beyond"
        return f"from {show(round(start))} {self.unit} on the seeds of both overlap, or they are equal"


def crossing(names: tuple[str, str], one: Sequence[Run], other: Sequence[Run], cost: str) -> Crossing:
    """The comparison of two kinds by one of COSTS."""
    of = COSTS[cost]
    sides = [[sorted((of(point), point.gain) for point in run.points) for run in runs] for runs in (one, other)]
    starts = [max((places[0][0] for places in side), default=math.inf) for side in sides]
    end = min((_end(run, of) for runs in (one, other) for run in runs), default=math.inf)
    places = sorted({place for side in sides for run in side for place, _ in run if max(starts) <= place <= end})
    found: list[Stretch] = []
    for place in places:
        gains = [[max((gain for at, gain in run if at <= place), default=0.0) for run in side] for side in sides]
        ahead = next((side for side in (0, 1) if min(gains[side]) > max(gains[1 - side]) + SAME), None)
        if ahead is None:
            continue
        gain = min(gains[ahead])
        if found and found[-1].name == names[ahead]:
            found[-1] = found[-1]._replace(last=place, last_gain=gain)
        else:
            found.append(Stretch(names[ahead], place, place, gain, gain))
    return Crossing(cost, names, tuple(found), (starts[0], starts[1]), end)


def _end(run: Run, of: Callable[[Point], float]) -> float:
    has_all = max(point.gain for point in run.points) >= 1.0 - PERFECT
    return math.inf if run.is_complete or has_all else max(of(point) for point in run.points)


def crossings(names: tuple[str, str], one: Sequence[Run], other: Sequence[Run]) -> list[Crossing]:
    """The comparison of two kinds by each of COSTS."""
    return [crossing(names, one, other, cost) for cost in COSTS]


def verdict(found: Sequence[Crossing]) -> list[str]:
    """Two lines: without language, and then with it and at equal operations."""
    first, *others = (each.in_words for each in found)
    lines = [first, "; ".join(others)]
    return [f"{line[:1].upper()}{line[1:]}." for line in lines if line]


def _gain(gain: float) -> str:
    return "1" if gain >= 1.0 - PERFECT else f"{gain:.4f}"
