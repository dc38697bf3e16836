"""Try the fits of bench/scaling/power_law.py on families whose law is known, and write docs/axis.md.

python -m bench.studies.axis           print the page
python -m bench.studies.axis --write   write it; some seconds
"""

import contextlib
import io
import math
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.cli.axis import axis
from bench.curves.curve import LEVELS
from bench.scaling.axis import AxisRow
from bench.scaling.power_law import ALONE, BEST, CODELENGTH, FASTER, HOLDS, SLOWER, UNDECIDED, Scaling, scalings

PAGE = Path(__file__).parents[2] / "docs" / "axis.md"
REFERENCE = Path("reports") / "reference"
N_RUNS = 200
BENT = "100 (ln positions)^2"
COMMAND = "gaincurve axis reports/reference"
# Of each table of the command the first word of its heads, and the rows that stand on the page.
SHOWN = (
    ("game ", r"go-3x4 |\d+ cells, "),
    ("what ", ""),
    ("family ", rf"\S+ +({ALONE}|{BEST}) |\S+: "),
    ("curve ", f"{ALONE} |{BEST} "),
)

TEXT = """# The axis

How many rules and bits does a game take, and how do they grow with its size? `{COMMAND}` puts every
curve of a run on one axis, with what else is described in so many bits, and fits exponents within families of games; `--json` has
all of it.

`python -m bench.studies.axis --write` measures the tables of this page again and writes it, in some seconds.

## A row of the axis

Every cell of the suite has a row. One that is missing, damaged or failed, or whose positions count otherwise than
the suite's, has the reason in place of its numbers.

- *units* and *bits* to 50, 90, 99 and 100 % gain: of the smallest, and of the shortest, measured policy that gains as much. Gain is
  1 - regret / regret of uniform choice. A dash: none does. Nothing is interpolated, so more budgets can only lower them.
- *codelength*: bits of the shortest policy together with the exceptions that turn it into perfect play at every position.
- *ratio*: codelength as a share of *exceptions alone*, the shortest such file of the game that has no policy in it. A policy that does
  not pay its way has a ratio of 1 or more.
- *tail*: the verdict of [bench/tails/verdict.py](tails.md) on the residual of regret.

All are upper bounds, found by these learners at these budgets. The language that a policy is written in is not counted. The paper's marks
are orders of magnitude from Lillicrap & Kording (2019), not measurements; they stand beside the shortest policy of each game
that gains 90 %, which says how far such a policy is from the mark and nothing about how well a brain plays.

## Exponents

A family is what stands before the first `-` of a game's id; of controls also what they are made of (`random-nim`). Within it

    ln bits = a + kappa ln positions

is fitted by least squares, where positions are those of the solved graph: one for each class of symmetric ones. Several seeds count by
their geometric mean; *shortest of all* takes the fewest bits of any curve. What has no number is named with the reason, as are games
that a suite does not give to a learner. The band of kappa is Student's t for the slope of a simple regression, 95 %; the band of a
prediction is that of one new game. Both take for granted that the law is a power and that games scatter about it independently.

With kappa 0 bits do not grow with the game, with 1 they grow as its positions do. But a kappa below 1 alone is no sign that play
is compressible: *exceptions alone*, where there is no policy, have one too, since the bits that a position takes change with size. It
stands in the first row, and below the table the share of it that the shortest file takes, with the exponent of that share: below 0
policies pay better on larger games.

The verdict was made stricter after a first look at Go on 2x3, 3x3 and 3x4, where three points that happened to lie on a line gave a band
of a few thousandths; it can only turn verdicts into undecided ones. In words:

- **undecided: only two sizes**: there is no band.
- **undecided: only three sizes**: there is a band, but nothing tests the law.
- **undecided: the largest is off the law**: with four sizes or more the largest is predicted from the others, and its number is not in
  the band.
- **below 1**, **above 1** or **undecided: the band holds 1** else.

## Larger boards

For Go the law is drawn on to boards that are too large to enumerate here. It gives log10 of bits, with the band, as an extrapolation: from
the four decades of positions between 2x2 and 3x4 by up to 160 more. How many positions they have follows from the number of
legal arrangements of stones (OEIS A094777; Tromp & Farneback 2007; 414,295,148,741 on 5x5, about 1.04e38 on 9x9 and 2.08e170 on
19x19), times 2 for a pass or none before, divided by the 8 symmetries of a square. On 2x3, 3x3 and 3x4, with their own symmetries,
this comes within 11 % of the positions counted, the rest being ko and arrangements that are symmetric themselves. An extrapolation
*decides* something if the verdict's conditions are met and its band does not hold both no growth at all beyond the largest board and
growth in proportion to positions.

## Does it hold on planted laws?

Families as in Go, of 10^2.4 positions and 10^1.4 times as many in each next game, with bits scattered about a known law,
{N_RUNS} seeded runs each. In the table: how often kappa is in its band, the largest game in the band that the others predict, and one
more game, of 10^37.4 positions, in the extrapolated band; then the verdicts.

| law | sizes | scatter of ln bits | kappa in band | largest in band | far game in band | below 1 | above 1 | undecided |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
{CONTROLS}

The last rows are why an extrapolation is no more than that. Bits that grow as a square of a logarithm look like a power over the sizes
measured: the largest game is predicted well, and the far one is mostly missed. No band shows it.

## The reference results

```
$ {COMMAND}
{PRINTED}
```
"""


@dataclass(frozen=True)
class Control:
    """A family whose bits are scattered about a known law."""

    law: str
    kappa: float | None  # None where the law is no power
    n_sizes: int  # of 10^2.4 positions and 10^1.4 times as many each, about as in Go from 2x3 on
    scatter: float  # standard deviation of ln bits

    @property
    def median_bits(self) -> Callable[[float], float]:
        """The bits of a game of so many positions, without the scatter."""
        if self.kappa is None:
            return lambda n_positions: 100.0 * math.log(n_positions) ** 2
        return lambda n_positions: 1000.0 * n_positions ** (self.kappa or 0.0)


POWERS = [Control(f"1,000 positions^{k:g}", k, n, s) for k in (0.0, 0.5, 0.9, 1.0) for n, s in ((3, 0.1), (4, 0.1), (6, 0.1), (6, 0.4))]
CONTROLS = (*POWERS, *(Control(BENT, None, n, 0.1) for n in (4, 6)))
FIRST, STEP, FAR = 2.4, 1.4, 37.4  # log10 of positions: the smallest game, from one to the next, and where the law is extrapolated to


def planted(control: Control, seed: int) -> tuple[Scaling, float]:
    """What is said of a family drawn by a control, and log10 of the bits of one more game of it, of 10^FAR positions."""
    draws = np.random.default_rng(seed).normal(0.0, control.scatter, control.n_sizes + 1).tolist()
    sizes = [round(10.0 ** (FIRST + STEP * number)) for number in range(control.n_sizes)]
    bits = [8 * round(control.median_bits(n) * math.exp(draw) / 8) for n, draw in zip(sizes, draws, strict=False)]
    further = math.log10(control.median_bits(10.0**FAR)) + draws[-1] / math.log(10.0)
    (found,) = [each for each in scalings(rows_of(sizes, bits)) if (each.curve, each.quantity) == ("planted", CODELENGTH)]
    return found, further


def rows_of(sizes: list[int], bits: list[int]) -> list[AxisRow]:
    """The rows of a family called go, of a game of each size whose shortest description takes so many bits."""
    none = (None,) * len(LEVELS)
    return [
        AxisRow(f"go-{number}", "planted", 0, "", "", True, n_positions, "rules", none, none, n_bits, 2 * n_bits)
        for number, (n_positions, n_bits) in enumerate(zip(sizes, bits, strict=True))
    ]


def control_row(control: Control, n_runs: int = N_RUNS) -> str:
    """A row of the table of controls."""
    n_inside = n_held = n_far = 0
    said = {SLOWER: 0, FASTER: 0, UNDECIDED: 0}
    for seed in range(n_runs):
        found, further = planted(control, seed)
        assert found.law
        assert found.law.kappa_band
        assert found.check
        low, high = found.law.kappa_band
        n_inside += control.kappa is not None and low <= control.kappa <= high
        n_held += found.check.verdict == HOLDS
        band = next(ahead.band for ahead in found.extrapolated if ahead.game == "go-9x9")
        n_far += band is not None and band[0] <= further <= band[1]
        said[found.verdict.split(":")[0]] += 1
    shares = [f"{n / n_runs:.1%}" for n in (n_inside, n_held, n_far, *said.values())]
    if control.kappa is None:
        shares[0] = "-"
    if control.n_sizes == 3:
        shares[1] = "-"
    return f"| {control.law} | {control.n_sizes} | {control.scatter:g} | {' | '.join(shares)} |"


def printed() -> str:
    """What the command prints of the reference results, without spaces at the ends of lines."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        axis(str(REFERENCE))
    parts = "\n".join(line.rstrip() for line in text.getvalue().splitlines()).split("\n\n")
    return "\n\n".join(shortened(part, heads, rows) for part, (heads, rows) in zip(parts, SHOWN, strict=True))


def shortened(part: str, heads: str, shown: str) -> str:
    """Of the rows below the line that begins with `heads` those that match `shown`, and dots for the others."""
    lines = part.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(heads)) + 1
    kept, is_kept = lines[:first], False
    for line in lines[first:]:
        is_kept = bool(re.match(shown, line)) or (is_kept and line.startswith(" "))  # a cell may go on in the next line
        if is_kept:
            kept.append(line)
        elif kept[-1] != "...":
            kept.append("...")
    return "\n".join(kept)


def render(blocks: dict[str, str]) -> str:
    """The page with its blocks filled in."""
    return re.sub(r"\{([A-Z_]+)\}", lambda found: blocks[found.group(1)], TEXT)


def blocks() -> dict[str, str]:
    """What is measured for the page."""
    return {"N_RUNS": str(N_RUNS), "CONTROLS": "\n".join(map(control_row, CONTROLS)), "COMMAND": COMMAND, "PRINTED": printed()}


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(render(blocks()))
    else:
        print(render(blocks()), end="")
