"""Which learner leads at which bits: several learners, each measured at growing budgets and for one or more seeds, at equal bits.

At `b` bits a learner counts by the best gain of its measured policies of at most `b` bits; before its first file, by random play, which
needs no bits. Over seeds that is a band from the smallest to the largest gain. Budgets between those measured might do better, but hardly
better than the next longer file. A learner leads where its whole band lies above all that the others reach in this way; else the verdict is
undecided. Nothing is said beyond the last file of a learner whose budgets, and not whose fit, ended there.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from bench.curves.curve import PERFECT, bits, gain_at, gain_in_reach
from bench.harness.point import Point

SAME = 1e-9  # gains closer than this are equal


class Run(NamedTuple):
    """One learner's policies for one seed; `is_complete` if its fit ended by itself, since a larger budget would bring nothing."""

    seed: int
    points: Sequence[Point]
    is_complete: bool

    def ends_at(self, with_language: bool) -> float:
        """The length from which nothing is known; infinite if it is complete, or has a gain of 1."""
        has_all = max(point.gain for point in self.points) >= 1.0 - PERFECT
        return math.inf if self.is_complete or has_all else max(bits(point, with_language) for point in self.points)


Runs = Mapping[str, Sequence[Run]]  # by learner, a run for each seed


class Band(NamedTuple):
    """A quantity over seeds."""

    low: float
    middle: float  # the median; of an even number of seeds the lower one, so that it was measured
    high: float


@dataclass(frozen=True)
class Leader:
    """Each learner's gain at `bits` bits, and the verdict: one `leads`, several are `level` for every seed, or `undecided`."""

    bits: int
    gain: dict[str, Band]
    reach: dict[str, float]  # what each may gain, for the luckiest seed, with budgets between those measured
    names: tuple[str, ...]  # those that no other leads for certain, the greatest middle first

    @property
    def verdict(self) -> str:
        if len(self.names) == 1:
            return "leads"
        most, least = max(self.reach[name] for name in self.names), min(self.gain[name].low for name in self.names)
        return "level" if most - least <= SAME else "undecided"

    @property
    def best(self) -> float:
        """The greatest middle gain."""
        return max(found.middle for found in self.gain.values())


@dataclass(frozen=True)
class Span:
    """Lengths from `first` on, and below `end` unless that is None, over which the verdict stays the same."""

    first: int
    end: int | None
    verdict: str
    names: tuple[str, ...]
    gain: float  # the greatest middle gain at its end


def pareto_front(costs: Sequence[Sequence[float]]) -> list[int]:
    """The indices of the points that no other beats: none is as low in every coordinate and lower in one. costs: [n_points, n_costs]."""
    order = sorted(range(len(costs)), key=lambda i: tuple(costs[i]))
    kept: list[int] = []
    for i in order:  # whatever beats a point stands before it, and then so does one on the front that does
        if not any(tuple(costs[j]) != tuple(costs[i]) and all(a <= b for a, b in zip(costs[j], costs[i], strict=True)) for j in kept):
            kept.append(i)
    return sorted(kept)


def band(values: Sequence[float]) -> Band:
    """The least, the lower median and the greatest."""
    ordered = sorted(values)
    return Band(ordered[0], ordered[(len(ordered) - 1) // 2], ordered[-1])


def last_compared(runs: Runs, with_language: bool = False) -> float:
    """The length up to which all runs can be compared; infinite where none ends too early."""
    return min((run.ends_at(with_language) for seeds in runs.values() for run in seeds), default=0)


def standing(runs: Runs, n_bits: int, with_language: bool = False) -> Leader:
    """The gains of the learners at `n_bits` bits, with the verdict."""
    gain = {name: band([max(0.0, gain_at(run.points, n_bits, with_language)) for run in seeds]) for name, seeds in runs.items()}
    reach = {name: max(0.0, *(gain_in_reach(run.points, n_bits, with_language) for run in seeds)) for name, seeds in runs.items()}
    surest = max(found.low for found in gain.values())
    names = [name for name in runs if gain[name].high >= surest - SAME or reach[name] > surest + SAME]
    return Leader(n_bits, gain, reach, tuple(sorted(names, key=lambda name: -gain[name].middle)))


def standings(runs: Runs, with_language: bool = False) -> list[Leader]:
    """How they stand at each length at which a gain can change, from the first file that gains to the last that is compared.

    None for a single learner.
    """
    last = last_compared(runs, with_language)
    every = {bits(point, with_language) for seeds in runs.values() for run in seeds for point in run.points}
    found = [standing(runs, n_bits, with_language) for n_bits in sorted(every) if n_bits <= last] if len(runs) > 1 else []
    return [row for row in found if row.best > SAME]


def spans(found: Sequence[Leader]) -> list[Span]:
    """The verdicts of standings in ascending order, each over as many of them as it stays the same."""
    merged: list[Span] = []
    for now in found:
        if merged and (merged[-1].verdict, {*merged[-1].names}) == (now.verdict, {*now.names}):
            merged[-1] = replace(merged[-1], gain=now.best)
            continue
        if merged:
            merged[-1] = replace(merged[-1], end=now.bits)
        merged.append(Span(now.bits, None, now.verdict, now.names, now.best))
    return merged


def in_words(found: Sequence[Span], last: float) -> list[str]:
    """The spans in sentences, short ones side by side in one; `last` is the length up to which was compared, infinite where that is all."""
    said = []
    for number, span in enumerate(_told(found)):
        end = span.end or (None if math.isinf(last) else int(last))
        if end is None:
            where = f"From {span.first:,} bits on"
        elif end == span.first:
            where = f"At {end:,} bits"
        else:
            where = f"From {span.first:,} to {end:,} bits" if number else f"Up to {end:,} bits"
        names = _listed(span.names)
        verdict = {
            "leads": f"{names} leads",
            "level": f"{names} are level",
            "undecided": f"undecided between {names}",
            "changing": f"no verdict lasts for a doubling of the bits, between {names}",
        }[span.verdict]
        said.append(f"{where} {verdict}, up to a gain of {'1' if span.gain >= 1.0 - PERFECT else f'{span.gain:.4f}'}.")
    if found and math.isfinite(last):
        said.append(f"Beyond {int(last):,} bits not all of them were measured.")
    return said


def _told(found: Sequence[Span]) -> list[Span]:
    """Undecided neighbours as one span, then neighbours that each end before twice the bits at which they begin as one, `changing`."""
    undecided: list[Span] = []
    for span in found:
        joins = undecided and undecided[-1].verdict == span.verdict == "undecided"
        undecided[-1:] = [_joined(undecided[-1], span, "undecided")] if joins else [*undecided[-1:], span]
    told: list[Span] = []
    was_short = False
    for span in undecided:
        is_short = span.end is not None and span.end < 2 * span.first
        told[-1:] = [_joined(told[-1], span, "changing")] if is_short and was_short else [*told[-1:], span]
        was_short = is_short
    return told


def _joined(one: Span, other: Span, verdict: str) -> Span:
    """Two neighbouring spans as one."""
    return Span(one.first, other.end, verdict, tuple(dict.fromkeys([*one.names, *other.names])), other.gain)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
