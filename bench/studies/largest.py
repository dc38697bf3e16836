"""The part of docs/larger-boards.md about boards up to 10^12 positions, from the records of the suite `large` in RESULTS."""

from collections.abc import Sequence

from bench.curves.envelope import UNITS
from bench.harness.proved import Bounds
from bench.harness.records import Record
from bench.report.run_data import read_evidence
from bench.scaling.boards import Growth, growths, kind_of
from bench.studies.page import ROOT
from bench.wording import count_units

RESULTS = ROOT / "reports" / "large"
FIGURE = "large"  # of RESULTS, without its suffix
SHOWS = "What is left on positions held out, against the positions of boards of five families"
SIZE, SEARCHED = 16, 256  # units; simulations
SETS_HEAD = (
    "| board | positions | with an open move, % | kind of policy | left on those held out, % | on these and the open ones, % |\n"
    "|---|--:|--:|---|--:|--:|"
)


def families_of(records: Sequence[Record]) -> dict[str, list[Growth]]:
    """By family, what every kind of policy leaves at SIZE units, or at SEARCHED simulations."""
    found: dict[str, list[Growth]] = {}
    for growth in growths(records):
        if growth.quantity == UNITS and growth.size == (SEARCHED if growth.learner == "mcts" else SIZE):
            found.setdefault(growth.family, []).append(growth)
    return found


def intervals_of(records: Sequence[Record]) -> dict[str, dict[str, Bounds]]:
    """By kind and game, what is left at least and at most on positions held out and on open ones, over all seeds."""
    found: dict[str, dict[str, Bounds]] = {}
    for record in records:
        at = _place(record)
        if at is not None and record.truth_set is not None and record.truth_set.open_share and (ends := record.truth_set.residual[at]):
            before = found.setdefault(kind_of(record), {}).get(record.cell.game, ends)
            found[kind_of(record)][record.cell.game] = (min(ends[0], before[0]), max(ends[1], before[1]))
    return found


def _place(record: Record) -> int | None:
    """Where among the points of a curve the policy of the size is that is shown."""
    size = SEARCHED if record.cell.learner == "mcts" else SIZE
    return next((i for i, point in enumerate(record.points) if point.size == size), None)


def table_of(family: str, found: Sequence[Growth]) -> str:
    """A row for each kind of policy, a column for each board: percent that is left, with the half width of the band."""
    boards = {board.game: board.n_positions for growth in found for board in growth.boards}
    games = sorted(boards, key=lambda game: boards[game])
    head = f"| {family}: left by | {' | '.join(f'{game}, {boards[game]:.0e}' for game in games)} |\n|---|{'--:|' * len(games)}"
    return "\n".join([head, *(f"| {growth.kind}, {growth.at} | {' | '.join(_cell(growth, game) for game in games)} |" for growth in found)])


def _cell(growth: Growth, game: str) -> str:
    board = growth.on(game)
    return "-" if board is None else f"{100 * board.found.mean:.1f} ±{50 * (board.found.high - board.found.low):.1f}"


def sets_of(records: Sequence[Record]) -> str:
    """What open moves leave undecided: a row for each kind of policy on each truth set that has some, of the first seed."""
    rows = []
    for record in records:
        at, proved = _place(record), record.truth_set
        if record.cell.seed or at is None or proved is None or not proved.open_share or not (ends := proved.residual[at]):
            continue
        point = record.points[at]
        left = f"{100 * point.held_out['residual']:.1f}" if point.held_out else "-"
        rows.append(
            f"| {record.cell.game} | {proved.n_positions:,} | {100 * proved.open_share:.1f} | {kind_of(record)}, "
            f"{count_units(point.size, record.unit)} | {left} | {100 * ends[0]:.1f} to {100 * ends[1]:.1f} |"
        )
    return "\n".join([SETS_HEAD, *rows])


def measured_largest() -> dict[str, str]:
    """The blocks; the figure is written into RESULTS."""
    from bench.report.plots.families import draw_families
    from bench.report.plots.files import save_figure

    records = read_evidence(RESULTS).records
    families = families_of(records)
    save_figure(draw_families(families, intervals_of(records)), RESULTS / FIGURE, ("png",))
    return {
        "largest.figure": f"![{SHOWS}](../reports/large/{FIGURE}.png)",
        "largest.table": "\n\n".join(table_of(family, found) for family, found in families.items()),
        "largest.open": sets_of(records),
    }
