"""docs/axis.md: the fits of bench/scaling/power_law.py on families whose law is known, and the axis of the reference results."""

import contextlib
import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.cli.axis import axis
from bench.curves.curve import LEVELS
from bench.scaling.axis import AxisRow
from bench.scaling.exponents import CONSTANT, MIN_DECIDED, best_of_games, exponents
from bench.scaling.levels import BEST_KIND, TOLD, level_in_words
from bench.scaling.power_law import CODELENGTH, FASTER, HOLDS, SLOWER, UNDECIDED, Band, Scaling, predict, scalings
from bench.studies.committed import committed
from bench.studies.languages import LIMIT, MOST, measure
from bench.studies.page import REFERENCE, ROOT, Page, Part
from bench.studies.result_tables import table

N_RUNS = 200
BENT = "100 (ln positions)^2"
COMMAND = f"gaincurve axis {REFERENCE}"
HEAD = """\
| law | sizes | scatter of ln bits | kappa in band | largest in band | far game in band | below 1 | above 1 | undecided |
|---|--:|--:|--:|--:|--:|--:|--:|--:|"""
# Of each table of the command the first word of its heads, and the rows that stand on the page.
SHOWN: tuple[tuple[str | tuple[str, ...], str], ...] = (
    ("game ", r"go-3x4 |\d+ cells, "),
    ("what ", ""),
    (("game ", "K_T of"), ""),
    ("family ", ""),
    ("family ", ""),
    ("family ", rf"\S+ +{BEST_KIND} |go "),
    ("board ", ""),
)


@dataclass(frozen=True)
class Control:
    """A family whose bits are scattered about a known law."""

    law: str
    kappa: float | None  # None where the law is no power
    n_sizes: int  # of 10^2.4 positions and 10^0.7 times as many each, about as in Go from 2x3 on
    scatter: float  # standard deviation of ln bits

    @property
    def median_bits(self) -> Callable[[float], float]:
        """The bits of a game of `n_positions`, without the scatter."""
        if self.kappa is None:
            return lambda n_positions: 100.0 * math.log(n_positions) ** 2
        return lambda n_positions: 1000.0 * n_positions ** (self.kappa or 0.0)


POWERS = [Control(f"1,000 positions^{k:g}", k, n, s) for k in (0.0, 0.5, 0.9, 1.0) for n, s in ((3, 0.1), (4, 0.1), (6, 0.1), (6, 0.4))]
CONTROLS = (*POWERS, *(Control(BENT, None, n, 0.1) for n in (4, 6)))
FIRST, STEP, FAR = 2.4, 0.7, 11.0  # log10 of positions: the smallest game, from one to the next, and where the law is extrapolated to


def planted(control: Control, seed: int) -> tuple[Scaling, float]:
    """What is said of a family drawn by a control, and log10 of the bits of one more game of it, of 10^FAR positions."""
    draws = np.random.default_rng(seed).normal(0.0, control.scatter, control.n_sizes + 1).tolist()
    sizes = [round(10.0 ** (FIRST + STEP * number)) for number in range(control.n_sizes)]
    bits = [8 * round(control.median_bits(n) * math.exp(draw) / 8) for n, draw in zip(sizes, draws, strict=False)]
    further = math.log10(control.median_bits(10.0**FAR)) + draws[-1] / math.log(10.0)
    (found,) = [each for each in scalings(rows_of(sizes, bits)) if (each.curve, each.quantity) == ("planted", CODELENGTH)]
    return found, further


def rows_of(sizes: list[int], bits: list[int]) -> list[AxisRow]:
    """The rows of a family called go, of one game for each size, with these bits as its shortest description."""
    none = (None,) * len(LEVELS)
    return [
        AxisRow(
            *(f"go-{number}", "planted", 0, "", None, True, n_positions, "rules", none, (n_bits,) * len(LEVELS)),
            codelength=n_bits,
            exceptions_alone=2 * n_bits,
        )
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
        band = predict(found.law, "far", 10.0**FAR).band
        n_far += band is not None and band[0] <= further <= band[1]
        said[found.verdict.split(":")[0]] += 1
    shares = [f"{n / n_runs:.1%}" for n in (n_inside, n_held, n_far, *said.values())]
    if control.kappa is None:
        shares[0] = "-"
    if control.n_sizes == 3:
        shares[1] = "-"
    return f"| {control.law} | {control.n_sizes} | {control.scatter:g} | {' | '.join(shares)} |"


def answer() -> str:
    """In how many families bits grow slower than positions, a row for each level, and what is predicted for larger boards."""
    rows = committed().rows
    judged = [each for of_family in best_of_games(exponents(rows)).values() for each in of_family if each.n_boards >= MIN_DECIDED]
    counts = []
    for level in TOLD:
        verdicts = [each.versus_one for each in judged if each.level == level]
        below, above = sum(one in (CONSTANT, SLOWER) for one in verdicts), verdicts.count(FASTER)
        counts.append((level_in_words(level), below, above, len(verdicts) - below - above))
    heads = "gain | families with kappa below 1 | above 1 | undecided"
    ahead = [
        (one.game, *(f"10^{power:.1f}" for power in (one.log10_positions, one.log10_bits)), _powers(one.band), scaling.doubt or None)
        for scaling in scalings(rows)
        for one in scaling.extrapolated
    ]
    return "\n\n".join([table(heads, counts), table("board | positions | bits to a gain of 0.9, predicted | 95 % band | doubt", ahead)])


def _powers(band: Band | None) -> str | None:
    return f"10^{band[0]:.1f} to 10^{band[1]:.1f}" if band else None


def printed() -> str:
    """What the command prints of the reference results, without spaces at the ends of lines."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        axis(str(ROOT / REFERENCE))
    parts = "\n".join(line.rstrip() for line in text.getvalue().splitlines()).split("\n\n")
    return "\n\n".join(shortened(part, heads, rows) for part, (heads, rows) in zip(parts, SHOWN, strict=True))


def shortened(part: str, heads: str | tuple[str, ...], shown: str) -> str:
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


PAGES = (
    Page(
        "axis.md",
        {
            "controls": Part(lambda: {"controls": "\n".join([HEAD, *map(control_row, CONTROLS)])}),
            "reference": Part(lambda: {"reference": f"```\n$ {COMMAND}\n{printed()}\n```"}),
            "answer": Part(lambda: {"answer": answer()}),
            "languages": Part(measure, takes="some minutes"),
        },
        phrases=(
            f"`{COMMAND}` puts every curve of a run on one axis",
            f"{N_RUNS} seeded runs each",
            f"of 10^{FIRST:g} positions",
            f"of 10^{FAR:g}",
            f"10^{STEP:g} times as many",
            f"at most {LIMIT:,} operations a decision",
            f"up to {MOST} weights",
        ),
    ),
)
