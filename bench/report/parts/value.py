"""A gain beside safe play: on how many games the policies that reach a gain keep the value, and the bits that keeping it takes."""

from collections.abc import Sequence

from bench.curves.companions import companions
from bench.curves.curve import bits_to_value
from bench.curves.figure1 import LEVEL, UNSIZED, shortest_at_level
from bench.harness.point import Point
from bench.harness.records import Record
from bench.wording import count, show

MOST_TOLD = 4  # games whose price of keeping the value is told


def about_value(records: Sequence[Record]) -> list[str]:
    """How far a gain of LEVEL is from keeping the value: on how many games, at what price, and what it can lose on the largest."""
    best = shortest_at_level(records)
    shortest = {game: _at(record, n_bits) for game, (n_bits, record) in best.items()}
    known = [game for game, point in shortest.items() if point.plays_perfectly is not None]
    if not known:
        return []
    n_keeping = sum(bool(shortest[game].plays_perfectly) for game in known)
    text = (
        f"Of the shortest policies with a gain of at least {LEVEL:g} on {count(len(known), 'game')} {n_keeping:,} keep the value from both "
        "seats and cannot stall."
    )
    kept = {game: n_bits for game in known if (n_bits := _bits_to_value(records, game)) is not None}
    dearer = [game for game in kept if kept[game] > best[game][0]]
    dearest = sorted(dearer, key=lambda game: kept[game] / max(1, best[game][0]), reverse=True)[:MOST_TOLD]
    if dearest:
        listed = ", ".join(f"{show(kept[game])} bits instead of {show(best[game][0])} on {game}" for game in dearest)
        where = ", where the difference is largest," if len(dearer) > len(dearest) else ""
        text += f" Keeping it takes{where} {listed}."
    if never := [game for game in known if game not in kept]:
        text += f" No measured policy does on {', '.join(never)}."
    last = known[-1]
    return [text, f"On {last} the policy of {show(best[last][0])} bits {companions(shortest[last])}."]


def _at(record: Record, n_bits: int) -> Point:
    """The policy of `n_bits` bits on a curve that has the largest gain."""
    return max((point for point in record.points if point.policy_bits == n_bits), key=lambda point: point.gain)


def _bits_to_value(records: Sequence[Record], game: str) -> int | None:
    """The fewest bits of a measured policy of a game that keeps the value, without the ends of curves, single lists and searches."""
    drawn = (record for record in records if record.cell.game == game and record.cell.learner not in UNSIZED)
    return min((n_bits for record in drawn if (n_bits := bits_to_value(record.points)) is not None), default=None)
