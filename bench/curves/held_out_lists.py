"""What the plain list of each game leaves on boards that it was not fitted to: the curves of Figure 1, panel B."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.curves.figure1 import plain_lists
from bench.harness.records import Record
from bench.measures.split_curve import SplitCurve
from bench.measures.transfer import is_known, mean_curve
from games.arrays import Float64s, Int64s
from policies.task import BOARDS


@dataclass(frozen=True, eq=False)
class HeldOutList:
    """What the lists of one learner on one game leave, at each budget from 1 on, in the mean over splits of the boards."""

    game: str
    label: str
    budgets: Int64s  # [n_budgets]
    fitted: Float64s  # left on the boards fitted to: [n_budgets]
    held: Float64s  # left on the others
    low: Float64s  # of any split
    high: Float64s
    null: tuple[Int64s, Float64s] | None  # budgets and what is left on held-out boards where moves were shuffled; None if not measured
    n_splits: int
    n_held_out: int  # positions, of the first split
    cells: tuple[str, ...]


def held_out_lists(records: Sequence[Record], games: Sequence[str]) -> list[HeldOutList]:
    """The plain list of each of these games that was fitted to some boards and measured on the others; games without one are left out."""
    split = [record for record in records if record.cell.split == BOARDS and any(map(is_known, record.splits))]
    plain = {record.cell.game: record.cell.label for record in plain_lists(split)}
    return [
        _held_out(game, [one for one in split if (one.cell.game, one.cell.label) == (game, plain[game])]) for game in games if game in plain
    ]


def _held_out(game: str, records: Sequence[Record]) -> HeldOutList:
    splits = [split for record in records for split in record.splits if is_known(split)]
    nulls = [split for record in records for split in record.nulls if is_known(split)]
    budgets, fitted, held = left_of(splits)
    places = [np.searchsorted([0, *split.budgets], budgets, side="right") - 1 for split in splits]
    each = np.array([1.0 - np.array([0.0, *split.gains], dtype=np.float64)[place] for split, place in zip(splits, places, strict=True)])
    return HeldOutList(
        game,
        records[0].cell.label,
        budgets,
        fitted,
        held,
        each.min(axis=0),
        each.max(axis=0),
        left_of(nulls)[::2] if nulls else None,
        len(splits),
        splits[0].n_held_out,
        tuple(record.cell_id for record in records),
    )


def left_of(splits: Sequence[SplitCurve]) -> tuple[Int64s, Float64s, Float64s]:
    """Budgets from 1 on, and what the mean curve of the splits that are known leaves where fitted and where held out."""
    curve = mean_curve([split for split in splits if is_known(split)])
    return curve.budgets[1:], 1.0 - curve.fitted[1:], 1.0 - curve.held[1:]
