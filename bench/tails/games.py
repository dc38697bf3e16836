"""Verdicts on games: the tail of the envelope in units and in bits, and how far the best learner on held-out boards has knowledge.

A verdict on a curve is one about its learner. The verdict on a game is reached on its envelope (bench/curves/envelope.py), by the rule of
bench/tails/verdict.py; a unit of an envelope in bits is a byte. It is a verdict on fitted curves.

The held-out verdict on a game is that of its best learner on held-out boards: of those that the envelope counts, the one whose mean
held-out gain over all splits of all seeds has the highest peak. Its curve is judged by the rule of bench/tails/transfer.py, in its own
units.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.curves.envelope import BITS, MEASURES, Envelope, by_game, envelope_of, is_counted
from bench.harness.records import Record
from bench.measures.transfer import AT, Transfer, is_known, mean_curve, transfer
from bench.tails.curves import Curve, NoCurve, counted_curve
from bench.tails.transfer import HeldOutVerdict, held_out_verdict
from bench.tails.verdict import Tail, tail_of
from bench.wording import count

BYTE = 8.0  # bits


@dataclass(frozen=True)
class HeldOutGame:
    """The held-out verdict on a game and the learner that it comes from."""

    learner: str  # label
    gain: float  # its mean held-out gain at the peak
    verdict: HeldOutVerdict
    cells: tuple[str, ...]
    carried: tuple[Transfer | None, ...]  # T(k) at each of bench.measures.transfer.AT, over the splits of all its seeds


@dataclass(frozen=True, eq=False)
class GameVerdict:
    """What is concluded about one game under one kind of weights, in one measure of size."""

    game: str
    weights: str
    envelope: Envelope
    curve: Curve | NoCurve
    tail: Tail | None  # the verdict on the fitted curve; None where there is no curve
    held_out: HeldOutGame | None  # None where no split was measured

    @property
    def measure(self) -> str:
        """UNITS or BITS."""
        return self.envelope.measure

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells that hold the envelope."""
        return tuple(dict.fromkeys(policy.record.cell_id for policy in self.envelope.best))


def judge_games(records: Sequence[Record]) -> list[GameVerdict]:
    """The verdicts on all games of a run, in units and then in bits; none where no policy gains anything."""
    found = []
    for game, weights, ones in by_game(records):
        for measure in MEASURES:
            if (envelope := envelope_of(ones, measure)) is not None:
                curve = curve_of_envelope(envelope)
                tail = None if isinstance(curve, NoCurve) else tail_of(curve)
                held_out = held_out_game([record for record in ones if is_counted(record, measure)])
                found.append(GameVerdict(game, weights, envelope, curve, tail, held_out))
    return found


def curve_of_envelope(envelope: Envelope, seed: int = 0) -> Curve | NoCurve:
    """What the envelope leaves, from nothing on; NoCurve where it has a single size and a larger one might gain."""
    record = envelope.best[0].record
    quantum = 1.0 / (record.effective_positions or record.n_positions)
    unit = BYTE if envelope.measure == BITS else 1.0
    curve = counted_curve(envelope.sizes, envelope.residuals, quantum, envelope.is_finished, seed, unit)
    return curve if len(envelope.best) > 1 or curve.has_ended else NoCurve(f"{count(1, 'size')} only")


def held_out_game(records: Sequence[Record]) -> HeldOutGame | None:
    """The held-out verdict on a game from the records of its learners; None where none has a split whose errors are known.

    Of learners with equal peaks the first is taken.
    """
    by_learner: dict[str, list[Record]] = {}
    for record in records:
        if any(map(is_known, record.splits)):
            by_learner.setdefault(record.cell.label, []).append(record)
    if not by_learner:
        return None
    peaks = {label: _peak(ones) for label, ones in by_learner.items()}
    best = max(peaks, key=lambda label: peaks[label])
    ones = by_learner[best]
    splits = [split for record in ones for split in record.splits]
    verdict = held_out_verdict(splits, ones[0].unit, all(bool(record.is_finished) for record in ones))
    carried = tuple(transfer(splits, k) for k in AT)
    return HeldOutGame(best, peaks[best], verdict, tuple(record.cell_id for record in ones), carried)


def _peak(records: Sequence[Record]) -> float:
    """The largest mean held-out gain over the splits of some seeds of one learner; 0 without any unit."""
    known = [split for record in records for split in record.splits if is_known(split)]
    return float(mean_curve(known).held.max())
