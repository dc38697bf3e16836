"""Try the verdicts on curves whose tails are known, judge those of the reference results, and write docs/tails.md.

python -m tests.compare_tails           print the tables
python -m tests.compare_tails --write   write the page; some minutes on two cores
"""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from bench import tail_curves, tail_models, tail_slopes, tails
from bench.store import read_record
from bench.tail_curves import counted_curve, curve_of_record, curve_of_regrets, regrets_of_path
from bench.tail_rules import earnings, nulls_of
from bench.tails import HEAVIER, POWER, UNDECIDED, Tail, tail_of
from games.errors import UsageError
from policies.rules.rulelist import RuleListLearner
from policies.task import make_task
from tests.tail_controls import CONTROLS, GEOMETRIC, Control, planted_curve

PAGE = Path(__file__).parents[1] / "docs" / "tails.md"
FIRST_SEED = 1000  # smaller ones were used while the rule was chosen
N_RUNS = 40
PLANTED = {  # games, and the verdicts that are right
    "planted-geometric-12": (tails.ENDS,),
    "planted-zipf-12": (tails.ENDS,),
    "planted-geometric-60": (tails.EXPONENTIAL,),
    "planted-zipf-300": (HEAVIER, POWER),
    "planted-zipf-560": (HEAVIER, POWER),
}

REFERENCE = PAGE.parents[1] / "reports" / "reference"
REFITTED = ("tictactoe", "go-2x3", "go-3x3", "go-3x4")

TEXT = """# Tails

Does a list of rules end, do its gains fall off like an exponential, faster, slower, or like a power law? `gaincurve tails` says of
every curve which, or that it is undecided:

```sh
gaincurve tails reports/reference
gaincurve tails reports/reference --game go-3x3 --json
gaincurve tails reports/reference --measure exceptions
gaincurve tails reports/reference --game go-2x3 --refit
```

With `--refit` the policies are fitted anew, so that bands are over positions, and the nulls below stand beside them. The rule of
the verdict was fixed on planted curves alone, before any curve of a real game was judged by it. `python -m tests.compare_tails
--write` measures the tables on this page again and writes it; the constants are those of `bench/tails.py`.

## What is judged

The *residual* R(k) is what is left of the regret of uniform choice, or of the exception bits, with k rules (or entries, weights,
hidden units). What is fitted is not R(k) itself but what the rules of each bin, about half an octave wide, gain on average: a gain
does not depend on the offset that a language out of reach of perfection adds to every R(k), nor on the list's having to end because
the game is finite. Every model below so has a free offset, of either sign, at no cost.

A bin whose rules gain less than {TABLE} average positions each, and all behind it, are left out: there a rule is an entry of a
table, and the curve ends because positions do. Half-octave bins weigh in proportion to their length on the axis of ln k, less where
positions are few, and less at the front: of gains drawn independently and sorted, the k-th scatters by 1 / sqrt(k) (Renyi).

## Models

| model | residual, up to offset and factor | |
|---|---|---|
| finite list | (1 - k / K)^p, zero from K on | light |
| compressed exponential | gains as exp(-(k / scale)^power), power at least 1 | light |
| exponential | exp(-k / scale) | light |
| stretched exponential | exp(-(k / scale)^shape) | heavy where shape < 1 |
| power law | gains as k^-exponent | heavy |
| power law with cut-off | gains as k^-exponent exp(-k / scale) | heavy |
| log-normal | gains as a parabola of ln k on logarithmic axes | heavy |

Each is fitted by weighted least squares of ln gain to the first {SPLITS} of the bins and predicts the bins of the next decade; its
*error* is by how many decades it is off, on average. No p-value is taken from a curve: greedy curves are sorted, selected and
bounded, which the tests for independent draws (Clauset, Shalizi & Newman 2009) do not allow for, and Vuong's test is not one for
models of which one contains the other.

## The rule of the verdict

The first that holds of:

1. **ends**: the list has ended, at perfection or because no rule gains any more, within {SHORT} units. A list that a person can
   hold in mind has no tail.
2. **undecided**: fewer than {LEAST_BINS} bins, or less than {LEAST_DECADES} decade.
3. **heavier than exponential**: the band of the *shape* of the stretched exponential lies below {LOW}; on the later half of the
   bins alone it lies below {LATER_LOW}, so that a few great rules in front of an exponential do not pass for a tail; and in
   {CONFIDENCE} of the replicates some heavy model predicts better than every light one. Then **power-law-like over N decades** if,
   over N of at least {POWER_DECADES} decades that reach into the last, gains are straight on log-log axes: the band of the change
   of their slope is within ±{STRAIGHT}.
4. For the whole, then for the later half, if the band of the shape is above {LOW} there: **lighter than exponential** if the band
   of the power of the compressed exponential is above {HIGH}, or the list ends where an exponential would still leave more than
   {CUT_SHORT} of the part; else **exponential** if the band of the shape is below {HIGH}.
5. **undecided**.

Bands hold the middle 95 % of {N_REPLICATES} replicates. With `--refit` a replicate is a bootstrap over positions; from a record
alone, the gain of every bin varies by 1 / sqrt(average positions that it is worth), which is too little where losses differ much
between positions. Several seeds are pooled (`bench.tail_curves.pool`). In every replicate the bins are weighted at random besides:
where a model fits badly, its band is wide. The band of a power law's exponent also holds the luck of ranks, as if the rules were
independent draws.

## Nulls

*Frequency* (Neumann & Gros, NeurIPS 2025): AlphaZero learns positions in order of frequency, and Zipf's law of positions comes of
the branching of a tree alone. So the gain of each rule is held against the weight of the contested positions that it decides: rank
correlation, and the share of the variance of ln gain that a power of frequency explains; and a list whose rules gain in proportion
to frequency is judged as the fitted one is. What both have alike is no evidence of knowledge.

*Shuffled*: the same positions, moves and losses, but in each position it is drawn which move loses what. Whatever a greedy list
gains there beyond single positions is luck, picked out and sorted. (`random-GAME` is a game of its own with that property, for
games that always end; shuffling works on all.)

*Tail index*: if the k-th best rule gains k^-a, the share of rules that gain more than x falls as x^-(1/a); `bench.tail_index` has
Hill's estimator and the exact discrete maximum likelihood. Both take gains as independent, so they describe a list and decide
nothing here.

## Calibration

Each control is a law of gains, positions drawn for its rules with losses of 1 to 4 points, the rules sorted by what they really
gain, and the list cut where nothing is left (`tests/tail_controls.py`). {N_RUNS} runs each, of seeds from {FIRST_SEED} on, which
were not looked at while the rule was chosen. Of {N_DECIDED} runs that have a right verdict {RIGHT} get it, and {NOT_DECIDED} are
called undecided although there is one. Of {N_GEOMETRIC} runs on geometric controls {FALSE_HEAVY} are called heavy. Where a power
law was planted, its exponent lies in its band in {INSIDE} of the runs, whichever verdict they get.

| control | positions | verdicts | right | share | exponent | in band | width |
|---|--:|---|---|--:|--:|--:|--:|
{CONTROLS}

The last rows have no single right answer. Many exponential stages are a heavy tail; a stretched exponential of shape 0.3 is nearly
straight over two decades; and gains that are independent log-normal draws, sorted, come out as anything. So *power-law-like* is a
description over the decades it names, not a law, and *heavier than exponential* does not say why.

The planted games, with their rules found by the learner. They have four questions a rule, with very different stakes, and a
bootstrap over so few positions leaves most of it undecided, rightly; judged as a record is, by counting, they come out as planted:

| game | right | from a record | over positions |
|---|---|---|---|
{PLANTED}
"""


def judge_control(number: int, n_runs: int = N_RUNS) -> list[Tail]:
    """The verdicts on so many curves of the control of this number."""
    control = CONTROLS[number]
    return [tail_of(planted_curve(control, seed), seed) for seed in range(FIRST_SEED, FIRST_SEED + n_runs)]


def control_row(control: Control, found: Sequence[Tail]) -> str:
    """A row of the table of controls."""
    right = f"{sum(tail.verdict in control.right for tail in found) / len(found):.0%}" if control.right else "-"
    said = [
        f"{control.n_positions:,}",
        verdicts(found),
        " or ".join(control.right) or "no single one",
        right,
        *exponent_cells(control, found),
    ]
    return f"| {' | '.join([control.name, *said])} |"


def exponent_cells(control: Control, found: Sequence[Tail]) -> list[str]:
    """The planted exponent, how often it lay in its band, and how wide that was in the middle run."""
    stretches = [tail.stretch for tail in found if tail.stretch is not None]
    if control.exponent is None or not stretches:
        return ["-", "-", "-"]
    inside = [stretch.exponent_band[0] <= control.exponent <= stretch.exponent_band[1] for stretch in stretches]
    widths = [stretch.exponent_band[1] - stretch.exponent_band[0] for stretch in stretches]
    return [f"{control.exponent:.2f}", f"{sum(inside) / len(found):.0%}", f"{median(widths):.2f}"]


def verdicts(found: Iterable[Tail]) -> str:
    """How often each verdict fell, most often first."""
    return ", ".join(f"{verdict} {n}" for verdict, n in Counter(tail.verdict for tail in found).most_common())


def planted_row(game: str, n_runs: int = N_RUNS) -> str:
    """A row of the table of planted games: judged from a record, and from every position."""
    task, learner = make_task(game), RuleListLearner("words")
    earned = earnings(task, learner, 1000).curve
    path = regrets_of_path(task, learner, learner.default_budgets(task))
    by_count, by_position = [], []
    for seed in range(FIRST_SEED, FIRST_SEED + n_runs):
        by_count.append(tail_of(counted_curve(earned.sizes, earned.residuals, earned.quantum, earned.is_finished, seed), seed))
        by_position.append(tail_of(curve_of_regrets(path, seed), seed))
    return f"| {game} | {' or '.join(PLANTED[game])} | {verdicts(by_count)} | {verdicts(by_position)} |"


def reference_rows() -> list[str]:
    """What every record of the reference results that has a curve says of its tail; the others are named in one row."""
    rows, too_short = [], []
    for path in sorted((REFERENCE / "records").glob("*.json")):
        record = read_record(path)
        try:
            tail = tail_of(curve_of_record(record))
        except UsageError:
            too_short.append(record.cell_id.removesuffix("/seed=0"))
            continue
        end = "-" if tail.ends_after is None else f"{tail.ends_after:,}"
        rows.append(f"| {record.cell_id.removesuffix('/seed=0')} | {record.unit} | {tail_cells(tail)} | {end} | {tail.left_at_end:.1%} |")
    return [*rows, f"| {', '.join(too_short)} | | no curve: a single policy | | | | | | | |"]


def refit_rows(game: str) -> list[str]:
    """The plain rule list of a game, its bands over positions, and its nulls."""
    task, learner = make_task(game), RuleListLearner()
    budgets = list(learner.default_budgets(task))
    fitted = tail_of(curve_of_regrets(regrets_of_path(task, learner, budgets)))
    nulls = nulls_of(task, learner, budgets[-1])
    held = nulls.frequency
    said = held if isinstance(held, str) else f"{held.rank_correlation:.2f}; {held.explained:.0%} by frequency^{held.slope:.2f}"
    lists = {"fitted": fitted, "in proportion to frequency": nulls.in_proportion, "right moves shuffled": nulls.shuffled}
    return [f"| {game} | {name} | {tail_cells(tail)} | {said if tail is fitted else ''} |" for name, tail in lists.items()]


def tail_cells(tail: Tail) -> str:
    """The cells that all tables of results share."""
    shapes = [f"{part.shape_band[0]:.2f} to {part.shape_band[1]:.2f}" if part else "-" for part in (tail.whole, tail.later)]
    exponent = "-"
    if tail.stretch is not None and tail.verdict in (HEAVIER, POWER):
        exponent = f"{tail.stretch.exponent:.2f} ({tail.stretch.exponent_band[0]:.2f} to {tail.stretch.exponent_band[1]:.2f})"
    return f"{tail.words} | {tail.judged_to:,} | {tail.decades:.1f} | {shapes[0]} | {shapes[1]} | {exponent}"


def summary(found: Sequence[Sequence[Tail]]) -> dict[str, str]:
    """The numbers that the text of the page quotes."""
    decided = [(control, tail) for control, runs in zip(CONTROLS, found, strict=True) if control.right for tail in runs]
    n_right = sum(tail.verdict in control.right for control, tail in decided)
    n_undecided = sum(tail.verdict == UNDECIDED and tail.verdict not in control.right for control, tail in decided)
    geometric = [tail for control, tail in decided if control in GEOMETRIC]
    with_exponent = [(control, tail.stretch) for control, tail in decided if control.exponent is not None and tail.stretch is not None]
    n_inside = sum(stretch.exponent_band[0] <= (control.exponent or 0.0) <= stretch.exponent_band[1] for control, stretch in with_exponent)
    return {
        "N_DECIDED": f"{len(decided):,}",
        "RIGHT": f"{n_right / len(decided):.1%}",
        "NOT_DECIDED": f"{n_undecided / len(decided):.1%}",
        "N_GEOMETRIC": f"{len(geometric):,}",
        "FALSE_HEAVY": str(sum(tail.verdict in (HEAVIER, POWER) for tail in geometric)),
        "INSIDE": f"{n_inside / len(with_exponent):.1%}",
    }


def constants() -> dict[str, str]:
    """The numbers of the rule, from the code."""
    return {
        "SHORT": str(tails.SHORT),
        "LEAST_BINS": str(tails.LEAST_BINS),
        "LEAST_DECADES": f"{tails.LEAST_DECADES:g}",
        "POWER_DECADES": f"{tails.POWER_DECADES:g}",
        "TABLE": f"{tails.TABLE:g}",
        "LOW": f"{tails.LOW:g}",
        "HIGH": f"{tails.HIGH:.2f}",
        "LATER_LOW": f"{tails.LATER_LOW:g}",
        "CONFIDENCE": f"{tails.CONFIDENCE:.0%}",
        "CUT_SHORT": f"{tails.CUT_SHORT:.0%}",
        "STRAIGHT": f"{tail_slopes.STRAIGHT:g}",
        "SPLITS": ", ".join(f"{share:.0%}" for share in tail_models.SPLITS),
        "N_REPLICATES": str(tail_curves.N_REPLICATES),
        "N_RUNS": str(N_RUNS),
        "FIRST_SEED": f"{FIRST_SEED:,}",
    }


def render(blocks: dict[str, str]) -> str:
    """The page."""
    text = TEXT
    for name, value in {**constants(), **blocks}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def measure() -> dict[str, str]:
    """All that the page needs, on all cores."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        planted = pool.map(planted_row, PLANTED)
        found = list(pool.map(judge_control, range(len(CONTROLS))))
        rows = [control_row(control, runs) for control, runs in zip(CONTROLS, found, strict=True)]
        refits = [row for rows in pool.map(refit_rows, REFITTED) for row in rows]
        results = {"REFERENCE": "\n".join(reference_rows()), "REFITS": "\n".join(refits)}
        return {**results, "CONTROLS": "\n".join(rows), "PLANTED": "\n".join(planted), **summary(found)}


def main() -> None:
    """Print the tables, or write the page."""
    blocks = measure()
    if "--write" in sys.argv[1:]:
        PAGE.write_text(render(blocks))
    else:
        print(blocks["CONTROLS"], blocks["PLANTED"], sep="\n\n")


if __name__ == "__main__":
    main()
