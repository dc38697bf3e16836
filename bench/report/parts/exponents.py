"""Kappa as a function of the gain, in sentences, a figure and a table: up to which gain bits grow slower than positions."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from bench.report.blocks import Column, Drawing, Sentence, Table, TableRow
from bench.report.plots.exponents import draw_exponents, drawn_families
from bench.report.series import kappa_by_level
from bench.scaling.axis import AxisRow
from bench.scaling.exponents import CONSTANT, MIN_DECIDED, Exponent, best_of_games
from bench.scaling.levels import LEVELS, TOLD, Level, level_in_words
from bench.scaling.power_law import FASTER, SLOWER, UNDECIDED


def about_gain(found: Sequence[Exponent], rows: Sequence[AxisRow]) -> list[Sentence]:
    """In how many families of games bits grow slower than positions at each gain, then the verdicts of each, from the lowest level up."""
    judged = {family: of_family for family, of_family in best_of_games(found).items() if of_family[0].n_boards >= MIN_DECIDED}
    if not judged:
        return []
    every = [exponent for of_family in judged.values() for exponent in of_family]
    slower, faster = (
        [sum(each.level == level and each.versus_one in verdicts for each in every) for level in TOLD]
        for verdicts in ((CONSTANT, SLOWER), (FASTER,))
    )
    families = "1 family of games has" if len(judged) == 1 else f"{len(judged)} families of games have"
    first, *others = [f"{n or 'none'} {'of them ' * (not place)}{_at(TOLD[place])}" for place, n in enumerate(slower)]
    above = [f"{n} {_at(level)}" for n, level in zip(faster, TOLD, strict=True) if n]
    summary = Sentence(
        f"{families} {MIN_DECIDED} boards or more. Kappa of the shortest policy is below 1, by its band and with any one board left out, "
        f"in {first}, {', '.join(others)}; above 1 in {', '.join(above) or 'none'}; undecided in the others.",
        cells_of(every, rows),
    )
    return [summary, *about_tables(every, rows), *(about_family(of_family, rows) for of_family in judged.values())]


def about_tables(found: Sequence[Exponent], rows: Sequence[AxisRow]) -> list[Sentence]:
    """The boards on which tables alone reach a level that other kinds reach on other boards of the family, with the lowest such level."""
    mixed = [each for each in found if 0 < len(each.tabled) < len(each.samples)]
    lowest: dict[str, Level] = {}
    for exponent in mixed:
        for game in exponent.tabled:
            lowest.setdefault(game, exponent.level)
    if not lowest:
        return []
    boards = ", ".join(f"{level_in_words(level)} on {game}" for game, level in lowest.items())
    text = (
        f"From these gains on, tables alone reach them, other kinds at no budget that was measured: {boards}. There kappa may be too high."
    )
    return [Sentence(text, cells_of(mixed, rows))]


def about_others(found: Sequence[Exponent], rows: Sequence[AxisRow]) -> list[Sentence]:
    """The same of the families that `about_gain` leaves out: those of few boards, and those whose answer is known."""
    told = best_of_games(found)
    of_best = best_of_games(found, controls=True)
    return [about_family(each, rows) for family, each in of_best.items() if family not in told or each[0].n_boards < MIN_DECIDED]


def about_family(of_family: Sequence[Exponent], rows: Sequence[AxisRow]) -> Sentence:
    """The verdicts on one family: neighbouring levels with one verdict together, with kappa at the first and the last of them."""
    spans = [list(span) for _, span in groupby(of_family, key=lambda each: (each.versus_one, each.doubt, each.law is None))]
    return Sentence(f"{of_family[0].family}, kappa by gain: {'; '.join(_span(span) for span in spans)}.", cells_of(of_family, rows))


def gain_drawing(found: Sequence[Exponent], rows: Sequence[AxisRow], family: str) -> list[Drawing]:
    """Kappa against the gain in one family; empty where it does not have boards enough."""
    families = drawn_families([each for each in found if each.family == family])
    if not families:
        return []
    caption = Sentence(
        "Bits of the shortest policy at each gain grow as positions^kappa. Filled: decided whether kappa is below 1. Open: undecided. "
        "Grey: families whose answer is known. Below: the 95 % band, and darker the range when each board is left out in turn."
    )
    shown = [exponent for of_family in families.values() for exponent in of_family]
    title = f"{family}: the exponent kappa against the gain"
    cells = cells_of(shown, rows)
    return [Drawing(f"kappa-gain-{family}", title, draw_exponents(families), kappa_by_level(families), (caption,), cells)]


def gain_table(found: Sequence[Exponent], command: str) -> Table:
    """A row for each family, kind of policy and level that has a number, with its band, its leave-one-out range and the verdict."""
    columns = (
        Column("family", "family", "kappa", is_text=True),
        Column("kind", "kind of policy", is_text=True),
        Column("level", "gain", "kappa", is_text=True),
        Column("n_boards", "boards"),
        Column("kappa", "kappa", "kappa", ".2f"),
        Column("low", "from", "kappa", ".2f"),
        Column("high", "to", "kappa", ".2f"),
        Column("loo_low", "a board left out, from", "kappa", ".2f"),
        Column("loo_high", "to", "kappa", ".2f"),
        Column("verdict", "kappa is", "kappa", is_text=True),
    )
    rows = tuple(
        TableRow(
            (
                *(each.family, each.kind, level_in_words(each.level), len(each.samples), each.law.kappa),
                *(each.law.kappa_band or (None, None)),
                *(each.left_out or (None, None)),
                each.verdict,
            )
        )
        for each in found
        if each.law is not None
    )
    note = "Left out: levels that fewer than three boards reach."
    return Table("kappa-gain", "Kappa at each gain, by kind of policy", columns, rows, note, command)


def cells_of(found: Iterable[Exponent], rows: Sequence[AxisRow]) -> tuple[str, ...]:
    """The cells that hold the bits of these exponents, one for each board and level."""
    cells: dict[str, None] = {}
    for exponent in found:
        place = LEVELS.index(exponent.level)
        for sample in exponent.samples:
            its = (row for row in rows if row.game == sample.game and row.is_drawn and row.bits_at_levels)
            row = next(row for row in its if row.bits_at_levels[place] == sample.bits)
            cells[f"{row.game}/{row.curve}/seed={row.seed}"] = None
    return tuple(cells)


def _span(span: Sequence[Exponent]) -> str:
    first, last = span[0], span[-1]
    word = {CONSTANT: "the same bits on every board", SLOWER: "below 1", FASTER: "above 1", UNDECIDED: "undecided"}[first.versus_one]
    if first.law is None:
        word = "no number"
    why = f" ({first.doubt})" if first.doubt else ""
    if first is last:
        return f"{word}{why} {_at(first.level)}{_found(first)}"
    return f"{word}{why} from {level_in_words(first.level)}{_found(first)} to {level_in_words(last.level)}{_found(last)}"


def _at(level: Level) -> str:
    return (
        f"for {level_in_words(level)}"
        if isinstance(level, str)
        else f"at a gain of {level_in_words(level)}"
        if level == LEVELS[0]
        else f"at {level_in_words(level)}"
    )


def _found(exponent: Exponent) -> str:
    if exponent.law is None:
        return ""
    return f" ({exponent.samples[0].bits:,.0f} bits)" if exponent.versus_one == CONSTANT else f" ({exponent.law.kappa:z.2f})"
