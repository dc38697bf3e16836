"""One measured policy: what a record holds for every budget of its cell."""

from collections.abc import Iterable
from typing import Any

import msgspec

from policies.explanation import Explanation


class Point(msgspec.Struct, frozen=True):
    """The measures of one policy of a curve, taken of the policy that its bytes decode to.

    Measured on a sample of the positions it has its exceptions as bits a position, and no codelength, grades, expected results, games
    left and own lines: these need all of them.

    >>> import gaincurve
    >>> point = gaincurve.fit("tictactoe", "rulelist", 5).point
    >>> point.size, round(point.gain, 4), point.policy_bits, point.exception_bits, point.codelength
    (5, 0.9833, 56, 80, 136)
    """

    budget: int
    size: int  # units of the learner that the policy uses
    gain: float  # 1 - regret / regret of uniform choice
    regret: float  # mean, in the game's units
    policy_bits: int
    exception_bits: int | None  # corrections that turn it into an optimal policy
    language_bits: int  # compressed source of what the description presupposes
    operations: float  # mean per decision (games/concepts/work.py)
    fit_seconds: float
    grades: dict[str, bool] | None
    results: dict[str, Any] | None = None  # exact expected results, where asked for
    explanation: str = ""  # as text, for small policies
    missing_bits: float | None = None  # bits a position to an optimal move that the policy leaves unsaid (bench/measures/information.py)
    games_left: dict[str, Any] | None = None  # log10 of the games that it leaves possible, where results are asked for
    n_parameters: int | None = None  # numbers other than zero that it is made of, where it is a network
    held_out: dict[str, Any] | None = None  # gains fitted and held out (bench/measures/heldout.py); means over splits beside the curve
    explained: Explanation | None = None  # the explanation entry by entry; None where there is none, and in older records
    gain_error: float | None = None  # standard error of the gain, where the positions are a sample (bench/measures/gain_error.py)
    weak: dict[str, int] | None = None  # on its own lines: positions, exception_bits, codelength; where results are asked for
    error_rate: float | None = None  # mean probability of a move with regret (bench/measures/error_rate.py); None in older records
    exploitability: float | None = None  # mean of the seats; None on a sample, and where only bounds are known and `results` has them not
    operations_worst: float | None = None  # the most that a decision at a position with weight takes; None in older records
    comparable_language_bits: int | None = None  # of all that reads and plays the file (bench/measures/reader.py); None in older records
    exception_rate: float | None = None  # bits of corrections a position, where the positions are a sample: of those held out if any are

    def bounds(self, name: str) -> tuple[float, float] | None:
        """Lower and upper bound of one of its expected results, such as `loss_rate`; None where that is exact or was not computed."""
        return bounds(self.results or {}, name)

    @property
    def total_bits(self) -> int:
        """Policy and language together: what must be sent to someone who has neither, by the one count for all learners if it is held."""
        counted = self.comparable_language_bits
        return self.policy_bits + (self.language_bits if counted is None else counted)

    @property
    def codelength(self) -> int | None:
        """Bits of a description that decodes to an optimal move at every position, the language not counted; None on a sample of them."""
        return None if self.exception_bits is None else self.policy_bits + self.exception_bits

    def is_proved(self, grade: str) -> bool | None:
        """Whether a grade holds; None where it was not computed."""
        return None if self.grades is None else self.grades.get(grade)

    @property
    def plays_perfectly(self) -> bool | None:
        """Whether it keeps its value from both seats and cannot stall (`bench.measures.grades.Grades`); None where that was not proved."""
        keeps, stalls = self.is_proved("keeps_value"), self.is_proved("stalls")
        return None if keeps is None or stalls is None else keeps and not stalls

    @property
    def digits_left(self) -> float | None:
        """The decimal logarithm of the number of games that are left, mean of the seats; None where it was not counted, or is none."""
        counts = self.games_left or {"first": None, "second": None}
        return None if None in (counts["first"], counts["second"]) else (counts["first"] + counts["second"]) / 2


def shortest_file(points: Iterable[Point]) -> Point | None:
    """The first point with the least codelength; None where none has one."""
    known = ((length, point) for point in points if (length := point.codelength) is not None)
    return min(known, key=lambda each: each[0], default=(0, None))[1]


def bounds(results: dict[str, Any], name: str) -> tuple[float, float] | None:
    """Lower and upper bound of one of the expected results of a record; None where it is exact."""
    if results.get("is_exact", True):  # older records hold no bounds
        return None
    return results["low"][name], results["high"][name]


def in_words(results: dict[str, Any], name: str, form: str) -> str:
    """One of the expected results of a record in the given format; its bounds where it is not exact."""
    found = bounds(results, name)
    return " to ".join(format(value, f"z{form}") for value in found or (results[name],))
