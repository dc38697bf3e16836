"""How bits grow with the size of a game, family by family: exponents with their bands, checks on the largest game, predictions.

Bits to a gain have an exponent at each gain (bench/report/parts/exponents.py). Numbers beyond the largest game measured are predictions
to be tested, and are called that wherever they stand.
"""

from collections.abc import Sequence

from bench.curves.families import family_of
from bench.report.blocks import Block, Column, Drawing, Filed, Fold, Section, Sentence, Table, TableRow, words
from bench.report.parts.exponents import about_gain, about_others, gain_drawing, gain_table
from bench.report.plots.axis import draw_extrapolation, draw_families
from bench.report.run_data import Evidence
from bench.report.series import bits_by_positions, extrapolated
from bench.scaling.axis import AxisRow
from bench.scaling.exponents import exponents
from bench.scaling.power_law import (
    ALONE,
    BEST,
    CODELENGTH,
    FAILS,
    FASTER,
    HOLDS,
    SLOWER,
    UNDECIDED,
    Band,
    Scaling,
    share_left,
)
from bench.wording import count

CURVES = (ALONE, BEST)  # of which sentences speak; the table has each curve too


def families_section(evidence: Evidence, rows: Sequence[AxisRow], found: Sequence[Scaling]) -> Section:
    """How codelength and bits to LEVEL grow with positions in each family: verdicts, and the predictions for larger boards.

    `found`: the laws of `bench.scaling.power_law.scalings`. Empty where no family has two sizes with a number.
    """
    drawn = [scaling for scaling in found if scaling.law is not None]
    anchor, title = "families", "How bits grow with the size of a game"
    if not drawn:
        return Section(anchor, title)
    command = command_of(evidence)
    kappas = exponents(rows)
    by_level = about_gain(kappas, rows)
    blocks: list[Block] = [words(*about_growth(found, rows), *by_level[:1], is_list=True, command=command)]
    details = words(*by_level[1:], *about_others(kappas, rows), is_list=True, command=command)
    blocks.append(Fold("Family by family", (details,)))
    further = [scaling for scaling in drawn if scaling.extrapolated]
    blocks += [far_table(further, command)] if further else []
    blocks.append(Filed(kappa_table("kappa", "Bits grow as positions^kappa", _of(drawn, CURVES), command)))
    blocks.append(Filed(gain_table(kappas, command)))
    return Section(anchor, title, tuple(blocks), holes=_left_out(found), short="Growth")


def family_of_game(evidence: Evidence, rows: Sequence[AxisRow], found: Sequence[Scaling], game: str) -> list[Section]:
    """How bits grow in the family of a game: sentences, points with their laws, and predictions; no section where there is no law."""
    family = family_of(game)
    of_family = [scaling for scaling in found if scaling.family == family]
    named = _of([scaling for scaling in of_family if scaling.law is not None], CURVES)
    if not named:
        return []
    blocks: list[Block] = [words(*about_families(of_family, rows), is_list=True, command=command_of(evidence))]
    caption = Sentence(
        "Each point is a game, each line a power law fitted to them, the shade its band of 95 % for one more game. Shortest: the "
        "fewest bits of any curve. Exceptions alone: perfect play without any policy."
    )
    title, cells = f"{family}: bits against positions", _cells(rows, named)
    blocks.append(Drawing(f"families-{family}", title, draw_families(named), bits_by_positions(named), (caption,), cells))
    blocks += gain_drawing(exponents(rows), rows, family)
    for ahead in (scaling for scaling in named if scaling.extrapolated):
        boards = ", ".join(board.game for board in ahead.extrapolated)
        caption = Sentence(
            f"A prediction to be tested: nothing on {boards} is measured. Filled: measured. Dashed: the law drawn on; shade: its band "
            "of 95 % for one more game, if the law holds that far. No band shows that a law bends."
        )
        title = f"{family}: {ahead.quantity}, predicted for larger boards"
        blocks.append(
            Drawing(f"prediction-{family}", title, draw_extrapolation(ahead), extrapolated([ahead]), (caption,), _cells(rows, [ahead]))
        )
    return [Section(f"families-{game}", f"How bits grow in {family}", tuple(blocks), short="Growth")]


def _of(found: Sequence[Scaling], curves: Sequence[str]) -> list[Scaling]:
    """The laws of some curves."""
    return [scaling for scaling in found if scaling.curve in curves]


def about_growth(found: Sequence[Scaling], rows: Sequence[AxisRow]) -> list[Sentence]:
    """The verdicts on codelength in all families, the predictions for larger boards, and the families that have no exponent."""
    said = []
    laws = [scaling for scaling in found if (scaling.curve, scaling.quantity) == (BEST, CODELENGTH) and scaling.law is not None]
    if laws:
        told = []
        for verdict, meaning in ((SLOWER, "grows slower than positions"), (FASTER, "grows faster than positions")):
            families = [scaling.family for scaling in laws if scaling.kappa_is == verdict]
            told += [f"{meaning} in {', '.join(families)}"] if families else []
        undecided = [f"{law.family} ({law.open_because})" for law in laws if law.kappa_is == UNDECIDED]
        told += [f"undecided for {', '.join(undecided)}"] if undecided else []
        tested = [law for law in laws if law.check is not None and law.check.predicted.band is not None]
        held = sum(1 for law in tested if law.check is not None and law.check.verdict == HOLDS)
        test = f"; the largest game lies in the band that the others predict for it in {held:,} of {len(tested):,}" if tested else ""
        n_families = f"{len(laws):,} {'family' if len(laws) == 1 else 'families'} of two sizes or more"
        said.append(Sentence(f"Codelength of the shortest, in {n_families}: {'; '.join(told)}{test}.", _cells(rows, laws)))
    said += about_predictions(found, rows)
    with_law = {scaling.family for scaling in found if scaling.law is not None}
    doubts = {scaling.family: scaling.doubt for scaling in reversed(found) if scaling.family not in with_law}
    if doubts:
        said.append(Sentence(f"No exponent can be fitted for {', '.join(f'{family} ({doubts[family]})' for family in reversed(doubts))}."))
    return said


def about_families(found: Sequence[Scaling], rows: Sequence[AxisRow]) -> list[Sentence]:
    """For each family the exponents with their bands, whether the largest game was predicted, and the share of exceptions alone."""
    said: list[Sentence] = []
    for family in dict.fromkeys(scaling.family for scaling in found):
        of_family = [scaling for scaling in found if (scaling.family, scaling.quantity) == (family, CODELENGTH) and scaling.curve in CURVES]
        laws = [scaling for scaling in of_family if scaling.law is not None]
        said += [sentence for scaling in laws for sentence in _about_law(scaling, rows)]
        shares, law = share_left(found, family)
        if law is not None and len(shares) > 1:
            listed = ", ".join(f"{sample.game} {sample.bits:.0%}" for sample in shares)
            falls = law.kappa_band is not None and law.kappa_band[1] < 0 and law.n_sizes > 3
            pays = "policies pay better on larger games" if falls else "undecided whether policies pay better on larger games"
            said.append(
                Sentence(
                    f"{family}: of exceptions alone the shortest file takes {listed}, which goes as "
                    f"positions^{_band(law.kappa, law.kappa_band, 3)}: {pays}.",
                    _cells(rows, laws),
                )
            )
    return said


def _about_law(scaling: Scaling, rows: Sequence[AxisRow]) -> list[Sentence]:
    """The exponent and the check of one law."""
    law, samples = scaling.law, scaling.samples
    assert law is not None  # only laws are told of
    what = f"{scaling.family}, {scaling.curve}: {scaling.quantity}"
    cells = _cells(rows, [scaling])
    band = "no band with two sizes" if law.kappa_band is None else f"95 % band {law.kappa_band[0]:.2f} to {law.kappa_band[1]:.2f}"
    verdict = scaling.verdict if scaling.kappa_is == UNDECIDED else f"kappa is {scaling.kappa_is}"
    warning = " Exceptions alone have an exponent too, so this is no sign of compression by itself." if scaling.kappa_is == SLOWER else ""
    said = [
        Sentence(
            f"{what} grows as positions^{law.kappa:.2f} ({band}) over {count(law.n_sizes, 'size')}, {samples[0].game} to "
            f"{samples[-1].game}; {verdict}.{warning if scaling.curve != ALONE else ''}",
            cells,
        )
    ]
    if scaling.check is not None and scaling.curve == BEST:
        check, name = scaling.check, samples[-1].game
        told = {
            HOLDS: "inside the band",
            FAILS: "outside the band, so the law does not hold",
        }.get(check.verdict, "there is no band that it could miss, so this tests nothing")
        predicted = _band(10**check.predicted.log10_bits, check.predicted.band and _powers(check.predicted.band), 0)
        said.append(
            Sentence(
                f"{what}, the largest left out: the others predict {predicted} bits for {name}, measured are "
                f"{10**check.log10_measured:,.0f}: {told}.",
                cells,
            )
        )
    return said


def about_predictions(found: Sequence[Scaling], rows: Sequence[AxisRow]) -> list[Sentence]:
    """The predictions of each law for larger boards, with their bands and the reason to doubt the law, where there is one."""
    said = []
    for scaling in (scaling for scaling in found if scaling.extrapolated):
        far = [
            f"10^{_band(ahead.log10_bits, ahead.band, 1, '10^')} on {ahead.game}, of 10^{ahead.log10_positions:.1f} positions"
            for ahead in scaling.extrapolated
        ]
        doubt = f"; the law itself is undecided: {scaling.doubt}" if scaling.doubt else ""
        text = f"{scaling.family}: {scaling.quantity} of the shortest, a prediction to be tested: {'; '.join(far)}{doubt}."
        said.append(Sentence(text, _cells(rows, [scaling])))
    return said


def _powers(band: Band) -> Band:
    """A band of logarithms to the base 10 as one of numbers."""
    return 10.0 ** min(300.0, band[0]), 10.0 ** min(300.0, band[1])


def _left_out(found: Sequence[Scaling]) -> tuple[str, ...]:
    """Games of the shortest curve of a family that have no number, with the reason."""
    return tuple(
        f"{scaling.family}, {scaling.curve}, {scaling.quantity}: left out {'; '.join(scaling.missing)}"
        for scaling in found
        if scaling.curve == BEST and scaling.missing and scaling.law is not None
    )


def command_of(evidence: Evidence) -> str:
    """The command that prints the numbers of the axis and of growth."""
    return f"gaincurve axis {evidence.run_in_words}"


def cell_of(row: AxisRow) -> str:
    """The id of the cell that a row was computed from."""
    return f"{row.game}/{row.curve}/seed={row.seed}"


def _cells(rows: Sequence[AxisRow], found: Sequence[Scaling]) -> tuple[str, ...]:
    """The cells that hold the numbers of these fits: of the shortest, and of exceptions alone, one for each game."""
    cells: dict[str, None] = {}
    for scaling in found:
        for sample in scaling.samples:
            of_game = [row for row in rows if row.game == sample.game and not row.hole]
            if scaling.curve not in CURVES:
                cells |= dict.fromkeys(cell_of(row) for row in of_game if row.curve == scaling.curve)
                continue
            its = [row for row in of_game if _number(row, scaling.quantity) == sample.bits]
            cells |= dict.fromkeys(cell_of(row) for row in its[:1])
    return tuple(cells)


def _number(row: AxisRow, quantity: str) -> int | None:
    return row.codelength if quantity == CODELENGTH else row.bits_to_level


def _band(value: float, band: Band | None, digits: int, base: str = "") -> str:
    return f"{value:,.{digits}f}" + (" (no band)" if band is None else f" ({base}{band[0]:,.{digits}f} to {base}{band[1]:,.{digits}f})")


def kappa_table(name: str, title: str, drawn: Sequence[Scaling], command: str) -> Table:
    """A row for each law: kappa with its band, the largest game as predicted and as measured, and both verdicts."""
    columns = (
        Column("family", "family", "kappa", is_text=True),
        Column("curve", "curve", is_text=True),
        Column("quantity", "of", is_text=True),
        Column("n_sizes", "sizes"),
        Column("kappa", "kappa", "kappa", ".3f"),
        Column("kappa_low", "from", "kappa", ".3f"),
        Column("kappa_high", "to", "kappa", ".3f"),
        Column("predicted", "largest predicted, log10 bits", "left_out", ".2f"),
        Column("predicted_low", "from", "left_out", ".2f"),
        Column("predicted_high", "to", "left_out", ".2f"),
        Column("measured", "measured", "left_out", ".2f"),
        Column("check", "prediction", "left_out", is_text=True),
        Column("verdict", "kappa is", "kappa", is_text=True),
    )
    rows = []
    for scaling in drawn:
        law, check = scaling.law, scaling.check
        assert law is not None  # those without a law are not drawn
        band = law.kappa_band or (None, None)
        checked = (
            (None,) * 5
            if check is None
            else (check.predicted.log10_bits, *(check.predicted.band or (None, None)), check.log10_measured, check.verdict)
        )
        rows.append(TableRow((scaling.family, scaling.curve, scaling.quantity, law.n_sizes, law.kappa, *band, *checked, scaling.verdict)))
    return Table(
        name,
        title,
        columns,
        tuple(rows),
        "Bands of 95 %: Student's t of the slope, and of one more game.",
        command,
    )


def far_table(further: Sequence[Scaling], command: str) -> Table:
    """A row for each larger board: the number that a law predicts for it, the band, and whether that decides anything."""
    columns = (
        Column("family", "family", "kappa", is_text=True),
        Column("quantity", "of the shortest", is_text=True),
        Column("game", "board", is_text=True),
        Column("log10_positions", "positions, log10", "position", ".1f"),
        Column("log10_bits", "bits, log10, predicted", "extrapolation", ".1f"),
        Column("low", "from", "extrapolation", ".1f"),
        Column("high", "to", "extrapolation", ".1f"),
        Column("decided", "decides", "extrapolation", is_text=True),
    )
    rows = tuple(
        TableRow(
            (
                *(scaling.family, scaling.quantity, ahead.game, ahead.log10_positions, ahead.log10_bits, *(ahead.band or (None, None))),
                "decided" if scaling.decides(ahead) else "undecided",
            )
        )
        for scaling in further
        for ahead in scaling.extrapolated
    )
    note = "Positions: legal arrangements of stones, twice for a pass before, divided by the symmetries of the board."
    return Table("prediction", "Predicted, to be tested", columns, rows, note, command)
