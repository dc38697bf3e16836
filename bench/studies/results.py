"""The page of results: what the committed records say, every number computed from them.

python -m bench.studies.results           print the page
python -m bench.studies.results --write   write it; some seconds
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from bench.curves.curve import LEVELS
from bench.harness.records import Record
from bench.report.parts.recipes import about_principles
from bench.report.parts.sentences import about_axis, about_go, about_tictactoe
from bench.report.parts.views import about_measures
from bench.report.run_data import read_evidence
from bench.scaling.axis import AxisRow, axis_of_run
from bench.scaling.power_law import BEST, scalings
from bench.tails.verdict import ENDS, UNDECIDED
from bench.terminal import show

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "results.md"
REFERENCE = ROOT / "reports" / "reference"
COMMAND = "python -m bench.studies.results --write"
SHOWN = [LEVELS.index(level) for level in (0.5, 0.9, 1.0)]

TEXT = """# Results

What the committed results of the suite `{suite}` say. `make reference` measures all of it again; `{command}`
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

The verdict on each curve: how the regret that is left falls with the number of units, by the rule of [tails](tails.md). Of {n_curves}
curves {n_ends} end, {n_undecided} are undecided, and these have a tail:

{tails}

## How bits grow with the board

Bits of the shortest measured policy of each game as positions to the power of kappa, where a family has at least three sizes;
[the axis](axis.md) has the reasons for the verdicts.

{growth}

## Every game

Rules of the plain list to 50, 90 and 100 % gain, and its tail; the fewest bits of any policy to 90 and 100 % gain; the shortest
codelength of policy and exceptions, and its ratio to exceptions alone (below 1 a policy pays its way). A dash: not reached. Every
curve, point by point, is in the report, `reports/reference/report.html`, and `gaincurve axis reports/reference` lists them.

{games}
"""


def render() -> str:
    """The page as the records make it."""
    evidence = read_evidence(REFERENCE)
    assert not evidence.holes
    records = evidence.records
    rows = axis_of_run(REFERENCE)
    drawn = [row for row in rows if row.is_drawn]
    undecided, ended = ([row for row in drawn if row.tail.startswith(verdict)] for verdict in (UNDECIDED, ENDS))
    told = [row for row in drawn if row not in undecided and row not in ended and row.seed == 0]
    sentences = {
        "tictactoe": about_tictactoe(records),
        "go": about_go(records),
        "axis": about_axis(records),
        "measures": about_measures(records),
        "principles": about_principles([record for record in records if record.cell.game.startswith("go-")]),
    }
    return TEXT.format(
        suite=evidence.suite.name,
        command=COMMAND,
        made=made(records[0]),
        n_curves=len(drawn),
        n_undecided=len(undecided),
        n_ends=len(ended),
        tails=table("game | curve | units | verdict", [(row.game, row.curve, row.unit, row.tail) for row in told]),
        growth=growth(rows),
        games=games(drawn),
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
        (each.family, each.quantity, len(each.samples), f"{each.law.kappa:.2f} ({low:.2f} to {high:.2f})", each.verdict)
        for each in scalings(rows)
        if each.curve == BEST and each.law and each.law.kappa_band
        for low, high in [each.law.kappa_band]
    ]
    return table("family | of | sizes | kappa, with its band | kappa is", found)


def games(rows: list[AxisRow]) -> str:
    """A row for each game."""
    lines = []
    for game in dict.fromkeys(row.game for row in rows):
        here = [row for row in rows if row.game == game]
        plain = next(row for row in here if row.curve == "rulelist")
        units = ", ".join(show(plain.units[place]) for place in SHOWN)
        bits = ", ".join(show(min((row.bits[place] for row in here if row.bits[place] is not None), default=None)) for place in SHOWN[1:])
        shortest = min(here, key=lambda row: row.codelength or 0)
        ratio = None if shortest.ratio is None else f"{shortest.ratio:.2f}"
        lines.append((game, plain.n_positions, units, plain.tail, bits, shortest.codelength, ratio))
    return table("game | positions | rules to 50, 90, 100 % | tail | bits to 90, 100 % | codelength | ratio", lines)


def table(heads: str, rows: Sequence[tuple[object, ...]]) -> str:
    """A table, its numbers as people read them."""
    lines = [heads, " | ".join("---" for _ in heads.split("|")), *(" | ".join(show(cell) for cell in row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(render())
    else:
        print(render(), end="")
