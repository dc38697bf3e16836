"""The levels at which exponents are fitted, gains and "keeps the value", and the kinds of policy they are fitted to."""

from collections.abc import Sequence

from bench.curves.curve import bits_to, bits_to_value
from bench.harness.point import Point

VALUE = "value"  # the policy keeps the value of the game in both seats and cannot stall
Level = float | str  # a gain, or VALUE
LEVELS: tuple[Level, ...] = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0, VALUE)
TOLD: tuple[Level, ...] = (0.5, 0.9, 0.99, 1.0, LEVELS[-1])  # the levels at which families are counted
BEST_KIND = "best"  # of each game the fewest bits of any kind
TABLES = "tables"
KIND_OF = {"rules": "rules", "leaves": "trees", "weights": "weights", "entries": TABLES, "hidden units": "networks"}  # by unit


def bits_at_levels(points: Sequence[Point]) -> tuple[int | None, ...]:
    """The fewest policy bits of a measured policy at each of LEVELS; None where none reaches it.

    >>> import gaincurve
    >>> points = [gaincurve.fit("tictactoe", "rulelist:atoms=single", n).point for n in (1, 2, 4)]
    >>> bits_at_levels(points)
    (16, 16, 24, 24, 32, 32, None, None, None)
    """
    return tuple(bits_to_value(points) if isinstance(level, str) else bits_to(points, level) for level in LEVELS)


def kind_of(unit: str) -> str:
    """The kind of a policy from the unit of its size; a unit that is not in KIND_OF is a kind of its own."""
    return KIND_OF.get(unit, unit)


def level_in_words(level: Level) -> str:
    """A gain as a number, or "keeping the value"."""
    return "keeping the value" if isinstance(level, str) else f"{level:g}"
