"""Try the verdicts on curves whose tails are known, judge those of the reference results, and write docs/tails.md.

python -m bench.studies.tails           print the tables
python -m bench.studies.tails --write   write the page; some minutes on two cores
"""

import contextlib
import functools
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from bench.harness.records import Record
from bench.harness.store import read_record
from bench.tails import curves, models, slopes
from bench.tails import verdict as tails
from bench.tails.curves import counted_curve, curve_of_record, curve_of_regrets, regrets_of_path
from bench.tails.nulls import earnings, nulls_of
from bench.tails.verdict import HEAVIER, POWER, UNDECIDED, Tail, tail_of
from games.errors import UsageError
from policies.rules.rulelist import RuleListLearner
from policies.task import make_task
from bench.studies.tail_controls import CONTROLS, GEOMETRIC, Control, planted_curve
from bench.studies.tails_text import TEXT

PAGE = Path(__file__).parents[2] / "docs" / "tails.md"
FIRST_SEED = 1000  # smaller ones were used while the rule was chosen
N_RUNS = 40
PLANTED = {  # games, and the verdicts that are right
    "planted-geometric-12": (tails.ENDS,),
    "planted-zipf-12": (tails.ENDS,),
    "planted-geometric-60": (tails.EXPONENTIAL,),
    "planted-zipf-300": (HEAVIER, POWER),
    "planted-zipf-560": (HEAVIER, POWER),
}

REFERENCE = PAGE.parents[2] / "reports" / "reference"
LISTS = ("rulelist", "weighted-list")  # the labels of the curves that the page shows
REFITTED = ("tictactoe", "go-2x3", "go-3x3", "go-3x4")


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


@functools.cache
def reference_tails() -> tuple[tuple[Record, Tail], ...]:
    """The plain and the weighted lists of the reference results that have a curve, each with its tail."""
    found = []
    for path in sorted((REFERENCE / "records").glob("*.json")):
        if path.stem.split("__")[1] in LISTS:
            record = read_record(path)
            with contextlib.suppress(UsageError):  # a list of one size
                found.append((record, tail_of(curve_of_record(record))))
    return tuple(found)


def reference_rows() -> list[str]:
    """What the lists of the reference results say of their tails."""
    rows = []
    for record, tail in reference_tails():
        end = "-" if tail.ends_after is None else f"{tail.ends_after:,}"
        rows.append(f"| {record.cell_id.removesuffix('/seed=0')} | {record.unit} | {tail_cells(tail)} | {end} | {tail.left_at_end:.1%} |")
    return rows


def reference_words() -> str:
    """The lists of the reference results by verdict, in words."""
    found: dict[str, list[str]] = {verdict: [] for verdict in tails.VERDICTS}
    for record, tail in reference_tails():
        found[tail.verdict].append(record.cell_id.removesuffix("/seed=0"))
    return "\n".join(f"- **{verdict}**: {', '.join(cells) or 'none'}" for verdict, cells in found.items())


def refit_rows(game: str) -> list[str]:
    """The plain rule list of a game, its bands over positions, and its nulls."""
    task, learner = make_task(game), RuleListLearner()
    budgets = list(learner.default_budgets(task))
    fitted = tail_of(curve_of_regrets(regrets_of_path(task, learner, budgets)))
    nulls = nulls_of(task, learner, budgets[-1])
    held = nulls.frequency
    said = held if isinstance(held, str) else f"{held.rank_correlation:.2f}; {held.explained:.0%} by frequency^{held.slope:.2f}"
    index = nulls.index
    if not isinstance(index, str):
        said += f" | {index.hill.index:.2f}, {index.discrete.index:.2f} of {index.hill.n_gains}"
    else:
        said += " | -"
    lists = {"fitted": fitted, "in proportion to frequency": nulls.in_proportion, "right moves shuffled": nulls.shuffled}
    return [f"| {game} | {name} | {tail_cells(tail)} | {said if tail is fitted else ' | '} |" for name, tail in lists.items()]


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
        "MIN_BINS": str(tails.MIN_BINS),
        "MIN_DECADES": f"{tails.MIN_DECADES:g}",
        "HEAVY_DECADES": f"{tails.HEAVY_DECADES:g}",
        "TABLE": f"{tails.TABLE:g}",
        "LOW": f"{tails.LOW:g}",
        "HIGH": f"{tails.HIGH:.2f}",
        "LATER_LOW": f"{tails.LATER_LOW:g}",
        "CONFIDENCE": f"{tails.CONFIDENCE:.0%}",
        "CUT_SHORT": f"{tails.CUT_SHORT:.0%}",
        "STRAIGHT": f"{slopes.STRAIGHT:g}",
        "SPLITS": ", ".join(f"{share:.0%}" for share in models.SPLITS),
        "N_REPLICATES": str(curves.N_REPLICATES),
        "N_RUNS": str(N_RUNS),
        "FIRST_SEED": f"{FIRST_SEED:,}",
    }


def render(blocks: dict[str, str]) -> str:
    """The page."""
    text = TEXT
    for name, value in {**constants(), **blocks}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def read_blocks(page: str) -> dict[str, str]:
    """What `render` has put into a page. Raises ValueError for a page that it did not write."""
    seen: set[str] = set()
    pattern = ""
    for part in re.split(r"(\{\w+\})", TEXT):
        name = part[1:-1]
        if not re.fullmatch(r"\{\w+\}", part):
            pattern += re.escape(part)
        elif name in seen:
            pattern += f"(?P={name})"
        else:
            seen.add(name)
            pattern += f"(?P<{name}>.+?)"
    found = re.fullmatch(pattern, page, re.DOTALL)
    if found is None:
        raise ValueError("docs/tails.md is not what tests/compare_tails.py writes: run it with --write")
    return {name: text for name, text in found.groupdict().items() if name not in constants()}


def measure_results() -> dict[str, str]:
    """The part of the page on the reference results."""
    refits = [row for game in REFITTED for row in refit_rows(game)]
    return {"WORDS": reference_words(), "REFERENCE": "\n".join(reference_rows()), "REFITS": "\n".join(refits)}


def measure_controls() -> dict[str, str]:
    """The part of the page on planted curves and games, on all cores."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        planted = pool.map(planted_row, PLANTED)
        found = list(pool.map(judge_control, range(len(CONTROLS))))
        rows = [control_row(control, runs) for control, runs in zip(CONTROLS, found, strict=True)]
        return {"CONTROLS": "\n".join(rows), "PLANTED": "\n".join(planted), **summary(found)}


def main() -> None:
    """Print the tables, or write the page."""
    if "--results" in sys.argv[1:]:
        PAGE.write_text(render({**read_blocks(PAGE.read_text()), **measure_results()}))
        return
    blocks = {**measure_controls(), **measure_results()}
    if "--write" in sys.argv[1:]:
        PAGE.write_text(render(blocks))
    else:
        print(blocks["CONTROLS"], blocks["PLANTED"], blocks["REFERENCE"], blocks["REFITS"], sep="\n\n")


if __name__ == "__main__":
    main()
