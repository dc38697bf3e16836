"""The verb `axis`: where each curve of a run stands on the axis of compressibility, and how bits grow with a game's size."""

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bench.cli.options import RUNS, Json, RunName, RunsFolder
from bench.terminal import emit_json, emit_table, working
from bench.wording import count, show

if TYPE_CHECKING:
    from bench.scaling.axis import AxisRow
    from bench.scaling.power_law import Band, Prediction, Scaling


def axis(
    run: RunName = None,
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Put every curve on the axis: bits to a gain, or to keep the value, codelength, tail; fit bits to positions^kappa (docs/axis.md)."""
    from bench.harness.store import find_run
    from bench.scaling.axis import axis_of_run, places
    from bench.scaling.power_law import scalings

    folder = find_run(run, runs)
    with working(f"judging the tails of {folder.name}"):
        rows = axis_of_run(folder)
    found = scalings(rows)
    if json:
        emit_json(
            {
                "folder": str(folder),
                "rows": [_plain(row) for row in rows],
                "places": [dataclasses.asdict(place) for place in places(rows)],
                "scaling": [_plain_scaling(scaling) for scaling in found],
            }
        )
        return
    _print_rows(rows)
    print()
    emit_table(
        "Bits to 90 % gain, and to keeping the value: the shortest of each game, and the paper's marks (orders of magnitude, not measured)",
        ("what", "bits", "to the value"),
        [(place.name, int(place.bits), place.bits_to_value) for place in places(rows)],
    )
    _print_scaling(found)


def _print_rows(rows: "Sequence[AxisRow]") -> None:
    columns = ("game", "curve", "written in", "positions", "units", "bits", "codelength", "ratio", "tail")
    emit_table(
        "Units and bits to 50, 90, 99 and 100 % gain, and to keeping the value from both seats without a stall; codelength of policy and "
        "exceptions, and its ratio to exceptions alone: upper bounds",
        columns,
        [
            (
                row.game,
                row.curve + f", seed {row.seed}" * (row.seed != 0),
                row.written_in or None,
                row.n_positions,
                _levels((*row.units, row.units_to_value), row.unit),
                _levels((*row.bits, row.bits_to_value)),
                row.codelength,
                None if row.ratio is None else f"{row.ratio:.2f}",
                str(row.hole or row.tail),
            )
            for row in rows
        ],
    )
    holes = [row for row in rows if row.hole]
    print(f"{count(len(rows), 'cell')}, {len(holes)} of them without numbers")


def _print_scaling(found: "Sequence[Scaling]") -> None:
    from bench.scaling.power_law import ALONE, share_left

    drawn = [scaling for scaling in found if len(scaling.samples) > 1]
    if drawn:
        print()
        columns = ("family", "curve", "of", "sizes", "kappa", "log10 of the largest: predicted, measured", "kappa is")
        emit_table("Bits grow as positions^kappa; bands of 95 %", columns, [_scaling_row(scaling) for scaling in drawn])
    for family in dict.fromkeys(scaling.family for scaling in drawn):
        shares, law = share_left(found, family)
        listed = ", ".join(f"{sample.game} {sample.bits:.0%}" for sample in shares)
        grown = f"; that share grows as positions^{_band(law.kappa, law.kappa_band, 3)}" if law else ""
        print(f"{family}: shortest codelength as a share of exceptions alone: {listed or 'not measured'}{grown}")
    for scaling in drawn:
        if scaling.missing:
            print(f"{scaling.family}, {scaling.curve}, {scaling.quantity}, left out: {'; '.join(scaling.missing)}")
    for scaling in found:
        if len(scaling.samples) < 2 and scaling.curve == ALONE:
            print(f"{scaling.family}: {scaling.doubt}, so no exponent can be fitted")
    further = [scaling for scaling in drawn if scaling.extrapolated]
    if further:
        print()
        games = [f"{ahead.game}, 10^{ahead.log10_positions:.1f}" for ahead in further[0].extrapolated]
        rows = [
            (scaling.curve, scaling.quantity, *(_band(ahead.log10_bits, ahead.band, 1) for ahead in scaling.extrapolated), _tells(scaling))
            for scaling in further
        ]
        emit_table(
            "Extrapolated, not measured: log10 of bits on boards of so many positions, and the band if the law holds that far",
            ("curve", "of", *games, "says"),
            rows,
        )


def _scaling_row(scaling: "Scaling") -> tuple[object, ...]:
    law, check = scaling.law, scaling.check
    predicted = None
    if check is not None:
        predicted = f"{_band(check.predicted.log10_bits, check.predicted.band)}, {check.log10_measured:.2f}"
    kappa = None if law is None else _band(law.kappa, law.kappa_band)
    return scaling.family, scaling.curve, scaling.quantity, len(scaling.samples), kappa, predicted, scaling.verdict


def _tells(scaling: "Scaling") -> str:
    """Up to which board the extrapolation tells no growth from growth in proportion."""
    decided = [ahead.game for ahead in scaling.extrapolated if scaling.decides(ahead)]
    return f"decided for {', '.join(decided)}" if decided else "undecided"


def _levels(numbers: Sequence[int | None], unit: str = "") -> str | None:
    if not any(number is not None for number in numbers):
        return None
    return " ".join([*map(show, numbers), unit]).strip()


def _band(value: float, band: "Band | None", digits: int = 2) -> str:
    return f"{value:.{digits}f}" + (" (no band)" if band is None else f" ({band[0]:.{digits}f} to {band[1]:.{digits}f})")


def _plain(row: "AxisRow") -> dict[str, Any]:
    from bench.curves.curve import LEVELS
    from bench.scaling.axis import family_of

    levels = [f"{level:g}" for level in LEVELS]
    by_level = {"units": dict(zip(levels, row.units, strict=True)), "bits": dict(zip(levels, row.bits, strict=True))}
    hole = str(row.hole) if row.hole else ""
    return (
        dataclasses.asdict(dataclasses.replace(row, hole=None))
        | by_level
        | {"hole": hole, "ratio": row.ratio, "family": family_of(row.game)}
    )


def _plain_scaling(scaling: "Scaling") -> dict[str, Any]:
    check = None
    if scaling.check is not None:
        check = dataclasses.asdict(scaling.check) | {"verdict": scaling.check.verdict}
    further = [_plain_prediction(scaling, ahead) for ahead in scaling.extrapolated]
    return dataclasses.asdict(scaling) | {"verdict": scaling.verdict, "check": check, "extrapolated": further}


def _plain_prediction(scaling: "Scaling", ahead: "Prediction") -> dict[str, Any]:
    beyond = ahead.log10_positions - math.log10(scaling.samples[-1].n_positions)
    return dataclasses.asdict(ahead) | {"is_extrapolation": True, "is_decided": scaling.decides(ahead), "decades_beyond": beyond}
