"""docs/larger-boards.md: what policies leave and carry over on boards of growing size, and what was predicted of the next board.

All of it is computed from the records in RESULTS; the figure lies beside them.
"""

import functools
from collections.abc import Sequence
from pathlib import Path

from bench.curves.envelope import BITS, UNITS
from bench.harness.records import Record
from bench.report.run_data import read_evidence
from bench.scaling.axis import axis_of_run
from bench.scaling.boards import DRAWN, NAMES, TAIL, Growth, Reach, drawn, growths
from bench.scaling.power_law import scalings
from bench.studies import largest
from bench.studies.page import REFERENCE, ROOT, Page, Part

RESULTS = ROOT / "reports" / "boards"
FIGURE = "boards"  # of RESULTS, without its suffix
SHOWS = "What is left on held-out positions, and T, against the positions of the board"
NEXT = "go-4x5"
ON_PAGE = ((BITS, 4_000), (UNITS, 64), (TAIL, 16), (TAIL, 64))  # quantities and sizes; `gaincurve tails reports/boards --json` has all
PREDICTED_HEAD = "| kind of policy | apart | | predicted | band | measured | band | |\n|---|---|---|--:|---|--:|---|---|"


def boards_of(found: Sequence[Growth]) -> list[str]:
    """The games of all curves, by positions."""
    sizes = {board.game: board.n_positions for growth in found for board in growth.boards}
    return sorted(sizes, key=lambda game: sizes[game])


def table_of(found: Sequence[Growth]) -> str:
    """A row for each curve and size, a column for each board: percent that is left, or T, with the half width of its band."""
    games = boards_of(found)
    head = f"| kind of policy | apart | | {' | '.join(games)} |\n|---|---|---|{'--:|' * len(games)}"
    rows = [
        f"| {growth.kind} | {growth.split} | {name_of(growth)} | {' | '.join(_cell(growth, game) for game in games)} |"
        for quantity in DRAWN
        for growth in drawn(found)
        if growth.quantity == quantity
    ]
    return "\n".join([head, *rows])


def name_of(growth: Growth) -> str:
    """What is measured: `left at 1,000 bits, %`, `left with 16 rules, %`, `T(64)`."""
    if growth.quantity == TAIL:
        return growth.at
    return f"{NAMES[growth.quantity].partition(' {')[0]} {growth.at}, %"


def prediction_rows(found: Sequence[Growth]) -> list[str]:
    """What the laws of all smaller boards give for NEXT, and what was measured there, a row for each curve and size that has a law."""
    rows = []
    for growth in drawn(found):
        predicted, measured = growth.predict(NEXT), growth.on(NEXT)
        if predicted is None:
            continue
        verdict = "not measured"
        if measured:
            meets = measured.found.low <= predicted.high and measured.found.high >= predicted.low
            verdict = "holds" if meets else "fails"
        of_measured = _number(growth, measured.found) if measured else "- | -"
        rows.append(f"| {growth.kind} | {growth.split} | {name_of(growth)} | {_number(growth, predicted)} | {of_measured} | {verdict} |")
    return rows


def former_prediction(records: Sequence[Record]) -> str:
    """What `gaincurve axis` predicts for NEXT from the committed results, and the best gain that was measured there."""
    (ahead,) = [board for scaling in scalings(axis_of_run(ROOT / REFERENCE)) for board in scaling.extrapolated if board.game == NEXT]
    low, high = ahead.band or (ahead.log10_bits, ahead.log10_bits)
    said = (
        f"`gaincurve axis {REFERENCE}` predicts for {NEXT} that a gain of 0.9 takes 10^{ahead.log10_bits:.1f} bits "
        f"(10^{low:.1f} to 10^{high:.1f})."
    )
    points = [(point.gain, point.policy_bits) for record in records if record.cell.game == NEXT for point in record.points]
    if not points:
        return f"{said} {NEXT} was not measured."
    reaching = [bits for gain, bits in points if gain >= 0.9]
    if reaching:
        return f"{said} The shortest measured policy with that gain takes {min(reaching):,} bits."
    gain, bits = max(points)
    return f"{said} No measured policy reaches it; the best gains {gain:.3f} with {bits:,} bits."


def results_of(folder: Path) -> dict[str, str]:
    """The blocks of a run; its figure is written into its folder."""
    from bench.report.parts.boards import about_losses, about_tails
    from bench.report.plots.boards import draw_boards
    from bench.report.plots.files import save_figure

    records = read_evidence(folder).records
    every = growths(records)
    found = [growth for growth in every if (growth.quantity, growth.size) in ON_PAGE]
    apart = [growth for growth in every if growth.split == "boards"]  # what knowledge is judged by
    said = [sentence.text for sentence in [*about_tails(apart), *about_losses(apart)]]
    save_figure(draw_boards(drawn(every)), folder / FIGURE, ("png",))
    return {
        "results.answers": "\n".join(f"- {text}" for text in said),
        "results.table": table_of(found),
        "results.figure": f"![{SHOWS}](../reports/boards/{FIGURE}.png)",
        "results.predicted": "\n".join([PREDICTED_HEAD, *prediction_rows([growth for growth in found if growth.split == "boards"])]),
        "results.former": former_prediction(records),
    }


@functools.cache
def measured_results() -> dict[str, str]:
    """The blocks of the committed run."""
    return results_of(RESULTS)


def _cell(growth: Growth, game: str) -> str:
    board = growth.on(game)
    if board is None:
        return "-"
    half = (board.found.high - board.found.low) / 2
    return f"{board.found.mean:z.2f} ±{half:.2f}" if growth.quantity == TAIL else f"{100 * board.found.mean:.1f} ±{100 * half:.1f}"


def _number(growth: Growth, found: Reach) -> str:
    """A mean and its band as two cells. A residual above 1, or a tail below -1, is cut there."""
    if growth.quantity == TAIL:
        low, mean = max(-1.0, found.low), max(-1.0, found.mean)
        return f"{mean:z.2f} | {low:z.2f} to {found.high:z.2f}"
    return f"{100 * min(1.0, found.mean):.1f} | {100 * found.low:.1f} to {100 * min(1.0, found.high):.1f}"


PAGES = (Page("larger-boards.md", {"results": Part(measured_results), "largest": Part(largest.measured_largest)}),)
