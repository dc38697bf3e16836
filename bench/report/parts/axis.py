"""The axis of compressibility: what every curve takes, where each game stands, and the marks of the paper.

All lengths are upper bounds; the paper's marks are orders of magnitude from the literature.
"""

from collections.abc import Sequence

from bench.curves.curve import LEVELS
from bench.curves.families import family_of
from bench.curves.figure1 import LEVEL, PAPER_MARKS
from bench.harness.store import CellStatus
from bench.report.blocks import Block, Column, Drawing, Filed, Section, Sentence, Series, Table, TableRow, words
from bench.report.parts.families import cell_of, command_of, families_section
from bench.report.plots.axis import draw_places, draw_textbooks
from bench.report.plots.bounded import draw_bounded
from bench.report.run_data import Evidence
from bench.report.series import codes_by_bits, places_by_bits
from bench.report.tail_verdicts import Judged, verdicts
from bench.scaling.axis import AxisRow, Place, axis_rows, places
from bench.scaling.bounded import bounded_codes
from bench.scaling.power_law import Scaling
from bench.scaling.textbook import textbooks
from bench.suites.grid import Cell, cells
from bench.wording import count

MAX_PLACES = 12  # games of the figure, where the run has more


def rows_of(evidence: Evidence, judged: Sequence[Judged]) -> list[AxisRow]:
    """A row for each cell of the suite, in its order, with the verdicts that were reached already."""
    return axis_rows(read_cells(evidence), verdicts(judged))


def read_cells(evidence: Evidence) -> list[tuple[Cell, CellStatus]]:
    """What is known of each cell of the suite, in its order."""
    found = {record.cell_id: CellStatus("measured", "", record) for record in evidence.records} | evidence.holes
    missing = CellStatus("missing")
    return [(cell, found.get(cell.id, missing)) for cell in cells(evidence.suite)]


def axis_section(evidence: Evidence, rows: Sequence[AxisRow], found: Sequence[Scaling]) -> Section:
    """Where games stand, without and with the language, what each curve takes, textbooks, and how bits grow, by the laws `found`."""
    listed = places(rows)
    blocks: list[Block] = [words(*about_places(rows, listed), is_list=True, command=command_of(evidence))]
    if listed:
        caption = Sentence(
            f"The shortest measured policy of a game that gains {LEVEL:.0%}, an upper bound: its bits in its language, which is not "
            "counted here."
        )
        kept = {row.game for row in _named(rows)}
        shown = places([row for row in rows if row.game in kept])
        drawn = tuple(cell_of(row) for row in _named(rows))
        blocks.append(
            Drawing(
                "axis-places",
                "Where games stand on the axis of bits, given their languages",
                draw_places(shown),
                places_by_bits(shown),
                (caption,),
                drawn,
            )
        )
    blocks += _with_language(evidence, rows)
    blocks.append(Filed(_axis_table(evidence, rows)))
    return Section("axis", "The axis", tuple(blocks), (families_section(evidence, rows, found),))


def _with_language(evidence: Evidence, rows: Sequence[AxisRow]) -> list[Block]:
    """K_T with the paper's marks, where any is known, and textbooks."""
    codes = [code for code in bounded_codes(read_cells(evidence)) if code.gain == LEVEL]
    known = [code for code in codes if code.bits is not None]
    blocks: list[Block] = []
    if known:
        mark = min(PAPER_MARKS, key=lambda mark: mark.bits)
        longest = max(known, key=lambda code: code.bits or 0)
        caption = Sentence(
            f"K_T: the fewest bits of policy and language, counted by one rule for all learners, with which {LEVEL:.0%} of what can be "
            "gained is gained within a limit of operations; upper bounds. Hatched: the language alone. Dotted: marks of the paper, "
            "orders of magnitude and no measurements. Above: the paper's own axis, on which it asks where the brain stands. The nearest "
            f"mark, {mark.name}, is {mark.bits / (longest.bits or 1):,.3g} times as long as the longest, of {longest.game}.",
            (longest.cell,),
        )
        cells_drawn = tuple(dict.fromkeys(code.cell for code in known))
        title = "Policy and language at a budget of operations: K_T"
        blocks.append(Drawing("axis-kt", title, draw_bounded(codes), codes_by_bits(codes), (caption,), cells_drawn))
    books = textbooks(rows)
    if books:
        caption = Sentence(
            "Given a textbook: of each family the shortest files of optimal moves of all boards, policies in concepts and exceptions, "
            "with the source of its concepts paid once, over exceptions alone. Below 1 the textbook pays its way."
        )
        series = Series("ratio", tuple(book.ratio for book in books), tuple(range(len(books))), tuple(book.family for book in books))
        named = {row.game: cell_of(row) for row in rows if row.codelength is not None}
        drawn = tuple(named[game] for book in books for game in book.boards)
        blocks.append(Drawing("textbook", "Given a textbook", draw_textbooks(books), (series,), (caption,), drawn))
    return blocks


def about_places(rows: Sequence[AxisRow], listed: Sequence[Place]) -> list[Sentence]:
    """From which game to which the axis reaches, and which games have no place on it."""
    measured = list(listed)
    games = list(dict.fromkeys(row.game for row in rows))
    if not measured:
        return [Sentence(f"No measured policy gains {LEVEL:.0%} of any of {count(len(games), 'game')}: the axis is empty.")]
    short = {row.game: row for row in _shortest(rows)}
    named = tuple(cell_of(row) for row in short.values())
    first, last = measured[0], measured[-1]
    said = [
        Sentence(
            f"At a gain of {LEVEL:.0%} the shortest measured policies reach from {first.bits:,.0f} bits, {first.name}, "
            f"to {last.bits:,.0f} bits, {last.name}: upper bounds all.",
            named,
        )
    ]
    known = {row.game for row in rows if row.is_drawn and not row.hole}
    unplaced = [game for game in games if game in known and game not in short]
    if unplaced:
        said.append(Sentence(f"Without a place, because no measured policy gains {LEVEL:.0%}: {', '.join(unplaced)}."))
    said.append(_about_value(measured, named))
    paying = [row for row in rows if row.is_drawn and row.ratio is not None and row.ratio < 1]
    judged = [row for row in rows if row.is_drawn and row.ratio is not None]
    if judged:
        best = min(judged, key=lambda row: row.ratio or 0.0)
        said.append(
            Sentence(
                f"{len(paying):,} of {count(len(judged), 'curve')} have a policy that pays its way: policy and exceptions together are "
                f"shorter than exceptions alone; most so {best.curve} on {best.game}, with {best.ratio:.0%} of them.",
                (cell_of(best),),
            )
        )
    return said


def _about_value(placed: Sequence[Place], named: tuple[str, ...]) -> Sentence:
    """How many games have a policy that keeps the value, and how many times the bits of LEVEL that takes."""
    times = sorted(place.bits_to_value / max(1.0, place.bits) for place in placed if place.bits_to_value is not None)
    of_games = f"{len(times):,} of {count(len(placed), 'game')} with a place"
    text = f"On {of_games} some measured policy keeps the value from both seats and cannot stall"
    if times:
        least, middle, most = (format(times[place], ",.3g") for place in (0, (len(times) - 1) // 2, -1))
        text += f"; that takes {least} to {most} times the bits of a gain of {LEVEL:.0%}, in the median {middle} times"
    return Sentence(f"{text}.", named)


def _axis_table(evidence: Evidence, rows: Sequence[AxisRow]) -> Table:
    levels = [f"{level:.0%}" for level in LEVELS]
    columns = (
        Column("game", "game", is_text=True),
        Column("curve", "curve", is_text=True),
        Column("seed", "seed"),
        Column("written_in", "written in", "language_bits", is_text=True),
        Column("positions", "positions", "position"),
        *(
            column
            for level in levels
            for column in (
                Column(f"bits_to_{level[:-1]}", f"bits to {level}", "bits_to"),
                Column(f"units_to_{level[:-1]}", f"units to {level}", "bits_to", is_below=True),
            )
        ),
        Column("bits_to_value", "bits to the value", "grades"),
        Column("units_to_value", "units to the value", "grades", is_below=True),
        Column("codelength", "codelength", "codelength"),
        Column("ratio", "ratio", "codelength", ".2f"),
        Column("tail", "tail", "tail", is_text=True),
    )
    table = tuple(
        TableRow((row.game, row.curve, row.seed), cell_of(row), str(row.hole))
        if row.hole
        else TableRow(
            (
                *(row.game, row.curve, row.seed, row.written_in or None, row.n_positions),
                *(number for pair in zip(row.bits, row.units, strict=True) for number in pair),
                *(row.bits_to_value, row.units_to_value, row.codelength, row.ratio, row.tail),
            ),
            cell_of(row),
        )
        for row in rows
    )
    note = (
        "Bits of the shortest, and units of the smallest, measured policy that gains as much, without its language: upper bounds all. To "
        "the value: of one that keeps it from both seats and cannot stall."
    )
    return Table("axis", "Every curve on the axis", columns, table, note, command_of(evidence))


def _named(rows: Sequence[AxisRow]) -> list[AxisRow]:
    """The rows of `_shortest` that are drawn: all, or of more than MAX_PLACES games the largest of each family."""
    shortest = _shortest(rows)
    if len(shortest) <= MAX_PLACES:
        return shortest
    by_size = sorted(shortest, key=lambda row: row.n_positions or 0)
    return list({family_of(row.game): row for row in by_size}.values())


def _shortest(rows: Sequence[AxisRow]) -> list[AxisRow]:
    """The row of the shortest policy at LEVEL of each game that has one."""
    best: dict[str, AxisRow] = {}
    for row in rows:
        if (
            row.is_drawn
            and row.bits_to_level is not None
            and (row.game not in best or row.bits_to_level < (best[row.game].bits_to_level or 0))
        ):
            best[row.game] = row
    return list(best.values())
