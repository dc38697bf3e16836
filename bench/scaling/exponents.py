"""Kappa as a function of the gain: bits ~ positions^kappa over the boards of one family, with leave-one-out, per kind of policy.

Each exponent is a slope of ln bits over ln positions (bench/scaling/power_law.py), where bits are those of the shortest measured policy of
one kind at one level. Beside the Student t band stands the range of the slopes that are left when each board is dropped in turn. A verdict
needs the whole family: a board that no policy brings to the level is one of those that take most, so leaving it out lowers kappa.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.curves.families import family_of, is_control
from bench.scaling.axis import AxisRow
from bench.scaling.levels import BEST_KIND, KIND_OF, LEVELS, TABLES, Level, kind_of
from bench.scaling.power_law import FASTER, ROUNDING, SLOWER, UNDECIDED, Band, PowerLaw, Sample, fit_power

MIN_BOARDS = 3  # for a number: with two there is no band
MIN_DECIDED = 4  # for a verdict: with three each leave-one-out slope joins two boards
CONSTANT = "0"  # the same bits on every board


@dataclass(frozen=True)
class Exponent:
    """Kappa of one kind of policy of one family at one level."""

    family: str
    kind: str  # BEST_KIND, a value of KIND_OF, or the unit of another learner
    level: Level
    samples: tuple[Sample, ...]  # the boards that reach the level, by positions
    unreached: tuple[str, ...]  # the family's other boards in the run
    law: PowerLaw | None  # None where fewer than MIN_BOARDS reach it, or all have one size
    tabled: tuple[str, ...]  # the boards of `samples` on which tables alone reach it
    left_out: Band | None  # least and greatest kappa of the fits without one board; None where one of them fails

    @property
    def n_boards(self) -> int:
        """The boards of the family in the run, whether or not they reach the level."""
        return len(self.samples) + len(self.unreached)

    @property
    def hull(self) -> Band | None:
        """The smallest interval that holds the band and the leave-one-out range; None without either."""
        if self.law is None or self.law.kappa_band is None or self.left_out is None:
            return None
        return min(self.law.kappa_band[0], self.left_out[0]), max(self.law.kappa_band[1], self.left_out[1])

    @property
    def doubt(self) -> str:
        """Why there is no verdict, or no number; empty where the hull may decide."""
        if len(self.samples) < MIN_BOARDS:
            return f"{len(self.samples)} of {self.n_boards} boards reach it, a fit needs {MIN_BOARDS}"
        if self.hull is None:
            return "too few sizes of boards"
        if self.n_boards < MIN_DECIDED:
            return f"only {self.n_boards} boards"
        return f"not reached on {', '.join(self.unreached)}" if self.unreached else ""

    @property
    def versus_one(self) -> str:
        """CONSTANT, SLOWER, FASTER or UNDECIDED: how bits grow compared with positions."""
        if self.doubt or self.hull is None:
            return UNDECIDED
        low, high = self.hull
        if max(-low, high) <= ROUNDING:
            return CONSTANT
        return SLOWER if high < 1.0 - ROUNDING else FASTER if low > 1.0 + ROUNDING else UNDECIDED

    @property
    def verdict(self) -> str:
        """How kappa lies to 0 and to 1, with "undecided" where the band or a leave-one-out fit crosses either; without a number, why."""
        if self.doubt or self.hull is None:
            return f"{UNDECIDED if self.law else 'no number'}: {self.doubt}"
        low, high = self.hull
        if self.versus_one in (CONSTANT, FASTER):
            return self.versus_one
        if self.versus_one == SLOWER:
            return "between 0 and 1" if low > ROUNDING else "below 0" if high < -ROUNDING else f"{SLOWER}, {UNDECIDED} whether above 0"
        return f"above 0, {UNDECIDED} whether below 1" if low > ROUNDING else f"{UNDECIDED}: 0 and 1 are both possible"


def exponents(rows: Sequence[AxisRow]) -> list[Exponent]:
    """The exponents of each family with more than one board: for the best and each kind of policy in turn, one for each of LEVELS."""
    found = []
    for family in dict.fromkeys(family_of(row.game) for row in rows):
        of_family = [row for row in rows if family_of(row.game) == family]
        games = list(dict.fromkeys(row.game for row in of_family))
        if len(games) < 2:
            continue
        drawn = [row for row in of_family if row.is_drawn and row.bits_at_levels]
        present = {kind_of(row.unit) for row in drawn}
        for kind in [BEST_KIND, *(kind for kind in dict.fromkeys([*KIND_OF.values(), *sorted(present)]) if kind in present)]:
            of_kind = [row for row in drawn if kind in (BEST_KIND, kind_of(row.unit))]
            found += [_exponent(family, kind, place, games, of_kind) for place in range(len(LEVELS))]
    return found


def best_of_games(found: Sequence[Exponent], *, controls: bool = False) -> dict[str, list[Exponent]]:
    """By family the exponents of the best policies, in the order of LEVELS; `controls`: of families whose answer is known, too."""
    of_best: dict[str, list[Exponent]] = {}
    for exponent in found:
        if exponent.kind == BEST_KIND and (controls or not is_control(exponent.family)):
            of_best.setdefault(exponent.family, []).append(exponent)
    return of_best


def leave_one_out(samples: Sequence[Sample]) -> Band | None:
    """The least and the greatest kappa of the fits without one sample; None where one of them has fewer than two sizes."""
    laws = [fit_power([*samples[:place], *samples[place + 1 :]]) for place in range(len(samples))]
    kappas = [law.kappa for law in laws if law is not None]
    return (min(kappas), max(kappas)) if kappas and len(kappas) == len(laws) else None


def _exponent(family: str, kind: str, place: int, games: Sequence[str], rows: Sequence[AxisRow]) -> Exponent:
    samples, tabled = [], []
    for game in games:
        of_game = [row for row in rows if row.game == game]
        # Zero bits have no logarithm. Such a policy is random choice, which is no learner's.
        measured = [(bits, row.n_positions, row.unit) for row in of_game if (bits := row.bits_at_levels[place]) and row.n_positions]
        if measured:
            bits, n_positions, _ = min(measured)
            tabled += [game] if {kind_of(unit) for *_, unit in measured} == {TABLES} else []
            samples.append(Sample(game, float(n_positions), float(bits)))
    samples.sort(key=lambda sample: sample.n_positions)
    reached = {sample.game for sample in samples}
    unreached = tuple(game for game in games if game not in reached)
    law = fit_power(samples) if len(samples) >= MIN_BOARDS else None
    return Exponent(family, kind, LEVELS[place], tuple(samples), unreached, law, tuple(tabled), leave_one_out(samples) if law else None)
