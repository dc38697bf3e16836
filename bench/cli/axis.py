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
    from bench.scaling.bounded import BoundedCode
    from bench.scaling.exponents import Exponent
    from bench.scaling.power_law import Band, Prediction, Scaling
    from bench.scaling.textbook import Textbook


def axis(
    run: RunName = None,
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Put every curve on the axis: bits to a gain, or to keep the value, codelength, tail; fit bits to positions^kappa (docs/axis.md)."""
    from bench.harness.store import find_run
    from bench.scaling.axis import axis_rows, places, read_cells
    from bench.scaling.bounded import bounded_codes
    from bench.scaling.exponents import exponents
    from bench.scaling.power_law import scalings
    from bench.scaling.textbook import textbooks

    folder = find_run(run, runs)
    with working(f"judging the tails of {folder.name}"):
        read = read_cells(folder)
        rows = axis_rows(read)
    found, kappas, codes, books = scalings(rows), exponents(rows), bounded_codes(read), textbooks(rows)
    if json:
        emit_json(
            {
                "folder": str(folder),
                "rows": [_plain(row) for row in rows],
                "places": [dataclasses.asdict(place) for place in places(rows)],
                "scaling": [_plain_scaling(scaling) for scaling in found],
                "kappa": [_plain_exponent(exponent) for exponent in kappas],
                "kt": [dataclasses.asdict(code) for code in codes],
                "textbook": [dataclasses.asdict(book) | {"ratio": book.ratio, "ratio_without": book.ratio_without} for book in books],
            }
        )
        return
    _print_rows(rows)
    print()
    emit_table(
        "Bits to 90 % gain, and to keeping the value: the shortest of each game, its language not counted",
        ("what", "bits", "to the value"),
        [(place.name, int(place.bits), place.bits_to_value) for place in places(rows)],
    )
    _print_codes(codes)
    _print_textbooks(books)
    _print_scaling(found)
    _print_exponents(kappas)
    _print_predictions(found)


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


def _print_codes(codes: "Sequence[BoundedCode]") -> None:
    """A row for each game that has a number, a column for each limit: policy and language bits at LEVEL."""
    from bench.curves.figure1 import LEVEL
    from bench.scaling.bounded import LIMITS

    rows: dict[str, list[str | None]] = {}
    for code in codes:
        if code.gain == LEVEL:
            shown = None if code.bits is None else f"{show(code.policy_bits)} + {show(code.language_bits)}"
            rows.setdefault(code.game, []).append(shown)
    counted = {game: shown for game, shown in rows.items() if any(shown)}
    print()
    if counted:
        title = f"K_T: bits of policy + language to {LEVEL:.0%} gain, by operations a decision at most; --json has other gains and reasons"
        emit_table(title, ("game", *map(show, LIMITS)), [(game, *shown) for game, shown in counted.items()])
    left_out = len(rows) - len(counted)
    if left_out:
        reasons = dict.fromkeys(code.reason for code in codes if code.gain == LEVEL and code.game not in counted)
        print(f"K_T of {count(left_out, 'game')} is not known: {'; '.join(reasons)}")


def _print_textbooks(books: "Sequence[Textbook]") -> None:
    if books:
        print()
        emit_table(
            "Given a textbook: files of optimal moves with policies in concepts, and the concepts once, as a share of exceptions alone",
            ("family", "boards", "policies + exceptions", "concepts", "exceptions alone", "ratio", "concepts for nothing"),
            [
                (
                    book.family,
                    len(book.boards),
                    book.files,
                    book.concepts,
                    book.exceptions_alone,
                    f"{book.ratio:.2f}",
                    f"{book.ratio_without:.2f}",
                )
                for book in books
            ],
        )


def _print_scaling(found: "Sequence[Scaling]") -> None:
    from bench.scaling.power_law import ALONE, BEST, CODELENGTH, share_left

    drawn = [scaling for scaling in found if scaling.quantity == CODELENGTH and scaling.curve in (ALONE, BEST) and len(scaling.samples) > 1]
    if drawn:
        print()
        columns = ("family", "curve", "of", "sizes", "kappa", "log10 of the largest: predicted, measured", "kappa is")
        emit_table("Codelength grows as positions^kappa; bands of 95 %", columns, [_scaling_row(scaling) for scaling in drawn])
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


def _print_exponents(kappas: "Sequence[Exponent]") -> None:
    """A row for each family and kind of policy, a column for each level."""
    from bench.scaling.levels import LEVELS
    from bench.scaling.power_law import UNDECIDED

    rows: dict[tuple[str, str], list[str | None]] = {}
    for each in kappas:
        shown = None if each.law is None else f"{each.law.kappa:z.2f}{'?' * (each.versus_one == UNDECIDED)}"
        rows.setdefault((each.family, each.kind), []).append(shown)
    rows = {key: shown for key, shown in rows.items() if any(shown)}
    if rows:
        print()
        title = "Kappa of the bits to each gain and to keeping the value; ?: undecided whether below 1; --json has bands and reasons"
        names = [level if isinstance(level, str) else f"{level:g}" for level in LEVELS]
        emit_table(title, ("family", "kind", *names), [(*key, *shown) for key, shown in rows.items()])


def _print_predictions(found: "Sequence[Scaling]") -> None:
    ahead = [(scaling, board) for scaling in found for board in scaling.extrapolated]
    if ahead:
        print()
        emit_table(
            "Predicted, to be tested: log10 of the bits of the shortest policy, with the band if the law holds that far",
            ("board", "positions, log10", "of", "bits, log10", "no growth or growth in proportion"),
            [
                (
                    *(board.game, f"{board.log10_positions:.1f}", scaling.quantity, _band(board.log10_bits, board.band, 1)),
                    "decided" if scaling.decides(board) else "undecided",
                )
                for scaling, board in ahead
            ],
        )


def _scaling_row(scaling: "Scaling") -> tuple[object, ...]:
    law, check = scaling.law, scaling.check
    predicted = None
    if check is not None:
        predicted = f"{_band(check.predicted.log10_bits, check.predicted.band)}, {check.log10_measured:.2f}"
    kappa = None if law is None else _band(law.kappa, law.kappa_band)
    return scaling.family, scaling.curve, scaling.quantity, len(scaling.samples), kappa, predicted, scaling.verdict


def _levels(numbers: Sequence[int | None], unit: str = "") -> str | None:
    if not any(number is not None for number in numbers):
        return None
    return " ".join([*map(show, numbers), unit]).strip()


def _band(value: float, band: "Band | None", digits: int = 2) -> str:
    return f"{value:.{digits}f}" + (" (no band)" if band is None else f" ({band[0]:.{digits}f} to {band[1]:.{digits}f})")


def _plain(row: "AxisRow") -> dict[str, Any]:
    from bench.curves.curve import LEVELS
    from bench.curves.families import family_of
    from bench.scaling import levels as of_kappa

    levels = [f"{level:g}" for level in LEVELS]
    at_levels = {str(level): bits for level, bits in zip(of_kappa.LEVELS, row.bits_at_levels, strict=False)}
    by_level = {"units": dict(zip(levels, row.units, strict=True)), "bits": dict(zip(levels, row.bits, strict=True))}
    hole = str(row.hole) if row.hole else ""
    return (
        dataclasses.asdict(dataclasses.replace(row, hole=None))
        | by_level
        | {"bits_at_levels": at_levels, "hole": hole, "ratio": row.ratio, "family": family_of(row.game)}
    )


def _plain_exponent(exponent: "Exponent") -> dict[str, Any]:
    law = exponent.law
    low, high = (law and law.kappa_band) or (None, None)
    loo_low, loo_high = exponent.left_out or (None, None)
    return {
        "family": exponent.family,
        "kind": exponent.kind,
        "level": exponent.level,
        "exponent": None if law is None else law.kappa,
        "low": low,
        "high": high,
        "loo_low": loo_low,
        "loo_high": loo_high,
        "n_boards": len(exponent.samples),
        "verdict": exponent.verdict,
    }


def _plain_scaling(scaling: "Scaling") -> dict[str, Any]:
    check = None
    if scaling.check is not None:
        check = dataclasses.asdict(scaling.check) | {"verdict": scaling.check.verdict}
    further = [_plain_prediction(scaling, ahead) for ahead in scaling.extrapolated]
    return dataclasses.asdict(scaling) | {"verdict": scaling.verdict, "check": check, "extrapolated": further}


def _plain_prediction(scaling: "Scaling", ahead: "Prediction") -> dict[str, Any]:
    beyond = ahead.log10_positions - math.log10(scaling.samples[-1].n_positions)
    return dataclasses.asdict(ahead) | {"is_extrapolation": True, "is_decided": scaling.decides(ahead), "decades_beyond": beyond}
