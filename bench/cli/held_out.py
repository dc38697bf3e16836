"""The lines of `tails` about boards held out: the held-out verdict on each curve, and the share that carries over behind some rules."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.harness.records import Record
    from bench.measures.split_curve import SplitCurve

HELD_OUT_COLUMNS = ("cell", "held-out verdict", "T(16)", "T(64)", "T(256)")


def curve_in_json(record: "Record", verdict: str | None) -> dict[str, Any]:
    """A curve with its verdict where fitted, its held-out verdict and T, as plain JSON; None where nothing was held out."""
    cell = record.cell
    found = {
        "cell": record.cell_id,
        "game": cell.game,
        "learner": cell.learner,
        "label": cell.label,
        "seed": cell.seed,
        "verdict": verdict,
        **_held_out(record.splits, record),
    }
    return {**found, "null": _held_out(record.nulls, record) if record.nulls else None}


def boards_in_json(records: "Sequence[Record]") -> list[dict[str, Any]]:
    """What curves leave and carry over on the games of a family, by size (bench/scaling/boards.py), as plain JSON."""
    from bench.scaling.boards import growths

    found = []
    for growth in growths(records):
        law = growth.law
        found.append({**dataclasses.asdict(growth), "kappa": law and law.kappa, "kappa_band": law and law.kappa_band})
    return found


def held_out_rows(records: "Sequence[Record]") -> list[list[object]]:
    """The rows of HELD_OUT_COLUMNS: curves whose splits were measured, each followed by its null."""
    rows = []
    for record in records:
        for name, splits in ((record.cell_id.replace("/seed=0", ""), record.splits), ("- moves shuffled", record.nulls)):
            if splits:
                said = _held_out(splits, record)
                rows.append([name, said["held_out_verdict"], *map(_band, said["transfer"].values())])
    return rows


def _held_out(splits: "Sequence[SplitCurve]", record: "Record") -> dict[str, Any]:
    from bench.measures.transfer import AT, transfer
    from bench.tails.transfer import held_out_verdict

    found = {str(k): transfer(splits, k) for k in AT}
    return {
        "held_out_verdict": held_out_verdict(splits, record.unit, bool(record.is_finished)).words if splits else None,
        "transfer": {k: None if one is None else dataclasses.asdict(one) for k, one in found.items()},
    }


def _band(found: "dict[str, float] | None") -> str | None:
    return None if found is None else f"{found['mean']:.2f} ({found['low']:.2f} to {found['high']:.2f})"
