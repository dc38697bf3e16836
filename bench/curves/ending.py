"""Whether the fit of a record ended by itself, or only its budgets did."""

from bench.curves.curve import PERFECT
from bench.harness.cell import load_cell
from bench.harness.records import Record
from bench.harness.untrusted_ids import check_named
from bench.suites.grid import Cell
from games.errors import GaincurveError
from policies.api import check_budgets


def has_ended(record: Record) -> bool:
    """Whether a larger budget is known to change nothing.

    A record that is too old to say so has ended if more budgets were asked for than it has policies. Those of the learner's own choice
    follow from the game, which is loaded for it, and solved where it is not in the cache; False where that cannot be done.
    """
    if record.is_finished is not None or not record.points:
        return bool(record.is_finished)
    if record.points[-1].gain >= 1 - PERFECT:  # who asks sees the gain of 1: no game is loaded for it
        return False
    budgets = record.budgets or record.cell.budgets or _own_budgets(record.cell)
    used = [point.budget for point in record.points]
    return len(used) < len(budgets) and used == budgets[: len(used)]  # else the learner chooses others by now


def reaches_last(record: Record) -> bool:
    """Whether a policy was measured at the last budget; of a record without its budgets, whether it is not known to have ended before."""
    return record.points[-1].budget == record.budgets[-1] if record.budgets else not has_ended(record)


def _own_budgets(cell: Cell) -> list[int]:
    """The budgets that the learner of a cell chooses by itself; none where its game or learner is not there, or not to be trusted."""
    try:
        check_named(cell.game, cell.id)
        loaded = load_cell(cell)
        return check_budgets(loaded.learner.default_budgets(loaded.seen))
    except GaincurveError:
        return []
