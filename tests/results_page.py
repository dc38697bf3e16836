"""The page of results: what the committed records say, every number computed from them.

python -m tests.results_page           print the page
python -m tests.results_page --write   write it; some seconds
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from bench.curves.curve import LEVELS
from bench.harness.store import Record
from bench.report.evidence import read_evidence
from bench.report.principles import about_principles
from bench.report.sentences import about_axis, about_go, about_tictactoe
from bench.report.views import about_measures
from bench.scaling.axis import AxisRow, axis_of_run
from bench.scaling.power_law import scalings
from bench.terminal import show

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "results.md"
REFERENCE = ROOT / "reports" / "reference"
COMMAND = "python -m tests.results_page --write"
SHOWN = [LEVELS.index(level) for level in (0.5, 0.9, 1.0)]

TEXT = """# Results

What the committed results of the suite `{suite}` say. `make bench` measures all of it again; `{command}`
writes this page from the records in `reports/reference/`, where the report with its figures lies too.
{made}

![The gain of each further rule in tic-tac-toe and in Go, and the bits that 90 % of perfect play takes](../reports/reference/figure1.png)

All lengths are upper bounds, found by these learners with these budgets, unless a sentence says *proved*. What the words mean:
[definitions](definitions.md); how far each number can be trusted: [statistics](statistics.md).

## Tic-tac-toe: the rules end

{tictactoe}

More of what was proved, by language and seat, is on the page of [minima](minima.md).

## Go: each further rule still gains

{go}

## What 90 % of perfect play takes

{axis}

## The same curves in other measures

{measures}

## What learning takes, and what comes of it

{principles}

## How the residual falls

The verdict on each curve that has one: how the regret that is left falls with the number of units, by the rule of [tails](tails.md). Of
{n_curves} curves {n_undecided} are undecided.

{tails}

## How bits grow with the board

Bits as positions to the power of kappa, where a family has at least three sizes; [the axis](axis.md) has all of it, with the reasons
for its verdicts.

{growth}

## Every curve

Units and bits to 50, 90 and 100 % gain; the best gain; the codelength of the shortest policy with its exceptions, and its ratio to
exceptions alone (below 1 a policy pays its way); what is proved of the longest policy. A dash: not reached, or nothing proved.

{curves}
"""


def render() -> str:
    """The page as the records make it."""
    evidence = read_evidence(REFERENCE)
    assert not evidence.holes
    records = evidence.records
    rows = axis_of_run(REFERENCE)
    drawn = [row for row in rows if row.is_drawn]
    told = [row for row in drawn if not row.tail.startswith("undecided")]
    sentences = {
        "tictactoe": about_tictactoe(records),
        "go": about_go(records),
        "axis": about_axis(records),
        "measures": about_measures(records),
        "principles": about_principles(records),
    }
    return TEXT.format(
        suite=evidence.suite.name,
        command=COMMAND,
        made=made(records[0]),
        n_curves=len(drawn),
        n_undecided=len(drawn) - len(told),
        tails=table("game | curve | units | verdict", [(row.game, row.curve, row.unit, row.tail) for row in told]),
        growth=growth(rows),
        curves="\n\n".join(f"### {game}\n\n{curves(game, rows, records)}" for game in evidence.suite.games),
        **{name: "\n".join(f"- {text}" for text in texts) for name, texts in sentences.items()},
    )


def made(record: Record) -> str:
    """By what the records were made."""
    by = record.provenance
    libraries = ", ".join(f"{name} {by['libraries'][name]}" for name in ("numpy", "numba", "torch"))
    return f"They were made by commit {by['commit']}, with Python {by['python']}, {libraries}."


def growth(rows: list[AxisRow]) -> str:
    """The exponents of families that were measured at three sizes or more."""
    found = [
        (each.family, each.curve, each.quantity, len(each.samples), f"{each.law.kappa:.2f} ({low:.2f} to {high:.2f})", each.verdict)
        for each in scalings(rows)
        if each.law and each.law.kappa_band
        for low, high in [each.law.kappa_band]
    ]
    return table("family | curve | of | sizes | kappa, with its band | kappa is", found)


def curves(game: str, rows: list[AxisRow], records: tuple[Record, ...]) -> str:
    """A row for each curve of a game."""
    of_game = {record.cell.label: record for record in records if record.cell.game == game}
    lines = []
    for row in rows:
        if row.game == game:
            points = of_game[row.curve].points
            units, bits = (", ".join(show(numbers[place]) for place in SHOWN) for numbers in (row.units, row.bits))
            ratio = None if row.ratio is None else f"{row.ratio:.2f}"
            best = f"{max(point.gain for point in points):.4f}"
            lines.append((row.curve, row.unit, units, bits, best, row.codelength, ratio, proved(points[-1].grades)))
    return table("curve | of | units to 50, 90, 100 % | bits to 50, 90, 100 % | best gain | codelength | ratio | proved", lines)


def proved(grades: dict[str, bool]) -> str | None:
    """What holds on every line of play that a policy allows, with the seat where it holds from one only."""
    found = []
    for name in ("never_loses", "keeps_value"):
        seats = [seat for seat in ("first", "second") if grades[f"{name}_{seat}"]]
        found += [name.replace("_", " ") + (f" as {seats[0]} player" if len(seats) == 1 else "")] if seats else []
    return ", ".join(found + ["optimal everywhere"] * grades["optimal_everywhere"]) or None


def table(heads: str, rows: Sequence[tuple[object, ...]]) -> str:
    """A table, its numbers as people read them."""
    lines = [heads, " | ".join("---" for _ in heads.split("|")), *(" | ".join(show(cell) for cell in row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(render())
    else:
        print(render(), end="")
