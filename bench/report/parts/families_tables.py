"""Tables of how bits grow with the size of a game: the laws of families, and what they say of larger boards."""

from collections.abc import Sequence

from bench.report.blocks import Column, Table, TableRow
from bench.scaling.power_law import Scaling


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
    """A row for each larger board: what the law says of it, the band, and whether that decides anything."""
    columns = (
        Column("family", "family", "kappa", is_text=True),
        Column("quantity", "of the shortest", is_text=True),
        Column("game", "board", is_text=True),
        Column("log10_positions", "positions, log10", "position", ".1f"),
        Column("log10_bits", "bits, log10, extrapolated", "extrapolation", ".1f"),
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
    return Table(
        "extrapolation", "Extrapolated, not measured", columns, rows, "If the law holds that far; no band shows that it bends.", command
    )
