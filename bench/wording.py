"""How values are put into words: numbers, counts and durations, and the state of a cell or a curve without numbers.

Results travel as types; a sentence is made here, last, and nothing reads it back.
"""

import math
from fractions import Fraction

ENDINGS = {"leaves": "leaf", "ies": "y", "s": ""}  # of plurals, and of what they are the plurals of


def show(value: object) -> str:
    """A value as people read it: thousands separated, four decimals, yes and no, a dash for nothing and for what is not finite."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(value)


def proved(residual: Fraction | float, decimals: int = 4) -> str:
    """What every policy of a kind is proved to leave, rounded down."""
    return f"{math.floor(Fraction(residual) * 10**decimals) / 10**decimals:.{decimals}f}"


def best_known(residual: Fraction | float, decimals: int = 4) -> str:
    """What the best policy that is known leaves, rounded up. A float counts as the number that it stands for within 1e-12."""
    exact = Fraction(residual) if isinstance(residual, Fraction) else Fraction(residual) - Fraction(1, 10**12)
    return f"{math.ceil(exact * 10**decimals) / 10**decimals:.{decimals}f}"


def best_percent(residual: Fraction | float) -> str:
    """The same in percent: `7.6 %`."""
    return f"{100 * float(best_known(residual, 3)):.1f} %"


def at_least(k: int, residual: Fraction) -> str:
    """The sentence about all lists of k rules: `any list of 32 rules leaves at least 10.5 %`."""
    percent = math.floor(residual * 1000) / 10
    return f"any list of {count(k, 'rule')} leaves at least {percent:.1f} %"


def count(n: int, noun: str) -> str:
    """A number of things: `1 cell`, `2 cells`."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def count_units(n: int, unit: str) -> str:
    """A number of a learner's units, which are named in the plural: `1 entry`, `2 entries`, `1 leaf`, `1 hidden unit`."""
    return f"{n:,} {unit if n != 1 else singular(unit)}"


def singular(plural: str) -> str:
    """One of what a plural names: `entry` of `entries`, `leaf` of `leaves`, `rule` of `rules`."""
    for ending, one in ENDINGS.items():
        if plural.endswith(ending):
            return plural.removesuffix(ending) + one
    return plural


def duration(seconds: float) -> str:
    """A time in the unit that people would use: `48 s`, `12 min`, `2.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def without_numbers(state: str, reason: str) -> str:
    """Why a cell has no numbers: `failed: out of memory`."""
    return f"{state}: {reason}"


def no_curve(reason: str) -> str:
    """Why there is no curve to judge: `no curve: 1 size only`."""
    return f"no curve: {reason}"


ONE_SIZE = no_curve("one size")  # in place of the verdict on a tail
