"""docs/tails.md: the verdicts on curves whose tails are known, and on those of the reference results."""

import contextlib
import functools
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

from bench.curves.envelope import BITS, UNITS
from bench.harness.records import Record
from bench.harness.store import read_record
from bench.studies.bounds import no_exponential
from bench.studies.committed import committed
from bench.studies.page import REFERENCE, ROOT, Page, Part
from bench.studies.result_tables import tails as games_table
from bench.studies.tail_controls import CLASSES, CONTROLS, CUTS, GEOMETRIC, STAGES, Control, planted_curve
from bench.tails import curves, judged, models, slopes, stages
from bench.tails import verdict as tails
from bench.tails.curves import counted_curve, curve_of_record, curve_of_regrets, regrets_of_path
from bench.tails.games import GameVerdict
from bench.tails.nulls import earnings, nulls_of
from bench.tails.verdict import HEAVIER, POWER, UNDECIDED, Tail, tail_of
from games.errors import UsageError
from policies.rules.rulelist import RuleListLearner
from policies.task import make_task

FIRST_SEED = 1000  # smaller ones were used while the rule was chosen
N_RUNS = 40
PLANTED = {  # games, and the verdicts that are right
    "planted-geometric-12": (tails.ENDS,),
    "planted-zipf-12": (tails.ENDS,),
    "planted-geometric-60": (tails.EXPONENTIAL,),
    "planted-zipf-300": (HEAVIER, POWER),
    "planted-zipf-560": (HEAVIER, POWER),
}

CURVES_HEAD = """\
| control | positions | verdicts | right | share | exponent | in band | width |
|---|--:|---|---|--:|--:|--:|--:|"""
GAMES_HEAD = """\
| game | right | from a record | over positions |
|---|---|---|---|"""
RECORDS_HEAD = """\
| record | unit | verdict | judged to | decades | shape | shape, later | k^- | ends after | left |
|---|---|---|--:|--:|---|---|---|--:|--:|"""
REFITS_HEAD = """\
| game | list | verdict | judged to | decades | shape | shape, later | k^- | gain and frequency | index |
|---|---|---|--:|--:|---|---|---|---|---|"""
SHARES = """\
Of {n_decided} runs that have a right verdict {right} get it, and {undecided} are called undecided although there
is one. Of {n_geometric} runs on geometric controls {n_geometric_heavy} are called heavy, of {n_light} on two stages, classes and cut power
laws {n_light_heavy}. Where a power law was planted, its exponent lies in its band in {inside} of the runs, whichever verdict they get;
over one or two decades that band is wide."""
LISTS = ("single-atom-list", "weighted-list")  # the labels of the curves that the page shows
GAMES = ("tictactoe", "go-3x3", "go-2x5", "go-2x6", "go-3x4", "nogo-3x4", "connect_four-4x4", "hex-3x4", "kalah-3-3", "random-hex-2x5")
REFITTED = ("tictactoe", "go-2x3", "go-3x3", "go-3x4")


def judge_control(number: int, n_runs: int = N_RUNS) -> list[Tail]:
    """The verdicts on `n_runs` curves of the control of this number."""
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
    task, learner = make_task(game), RuleListLearner("concepts", atoms="single", polish=False)
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
    for path in sorted((ROOT / REFERENCE / "records").glob("*.json")):
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
    task, learner = make_task(game), RuleListLearner(atoms="single", polish=False)
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


def shares(found: Sequence[Sequence[Tail]]) -> str:
    """What the table of controls comes to, in words."""
    decided = [(control, tail) for control, runs in zip(CONTROLS, found, strict=True) if control.right for tail in runs]
    n_right = sum(tail.verdict in control.right for control, tail in decided)
    n_undecided = sum(tail.verdict == UNDECIDED and tail.verdict not in control.right for control, tail in decided)
    geometric, light = ([tail for control, tail in decided if control in among] for among in (GEOMETRIC, [*STAGES, *CLASSES, *CUTS]))
    with_exponent = [(control, tail.stretch) for control, tail in decided if control.exponent is not None and tail.stretch is not None]
    n_inside = sum(stretch.exponent_band[0] <= (control.exponent or 0.0) <= stretch.exponent_band[1] for control, stretch in with_exponent)
    return SHARES.format(
        n_decided=f"{len(decided):,}",
        right=f"{n_right / len(decided):.1%}",
        undecided=f"{n_undecided / len(decided):.1%}",
        n_geometric=f"{len(geometric):,}",
        n_geometric_heavy=sum(tail.verdict in (HEAVIER, POWER) for tail in geometric),
        n_light=f"{len(light):,}",
        n_light_heavy=sum(tail.verdict in (HEAVIER, POWER) for tail in light),
        inside=f"{n_inside / len(with_exponent):.1%}",
    )


def answer_in_lines(verdicts: Sequence[GameVerdict]) -> str:
    """What the verdicts on GAMES come to: which lists end, which curves are heavy, where rules are knowledge, a line each."""
    shown = [one for one in verdicts if one.game in GAMES]
    ended = [one.game for one in shown if one.measure == UNITS and one.tail and one.tail.verdict == tails.ENDS]
    heavy = {
        measure: [one.game for one in shown if one.measure == measure and one.tail and one.tail.verdict in (HEAVIER, POWER)]
        for measure in (UNITS, BITS)
    }
    power = [f"{one.game} in {one.measure}" for one in shown if one.tail and one.tail.verdict == POWER]
    held_out = {one.game: one.held_out.verdict for one in shown if one.measure == UNITS and one.held_out}
    known = [game for game, one in held_out.items() if one.words.startswith("knowledge to the last")]
    partly = [game for game, one in held_out.items() if one.words.startswith("knowledge to about")]
    memory = [game for game, one in held_out.items() if one.words.startswith("memory")]
    unsure = [game for game, one in held_out.items() if one.words == UNDECIDED]
    lines = [
        f"The list ends on {listed(ended)}.",
        f"The residual falls more slowly than an exponential: in units on {listed(heavy[UNITS])}; in bits on {listed(heavy[BITS])}.",
        f"The rules are knowledge to the last unit on {listed(known)}, and up to some unit on {listed(partly)}.",
        f"They are memory from the first unit on {listed(memory)}; undecided on {listed(unsure)}.",
        f"Power-law-like over two decades or more: {listed(power)}. No exponential fits the best lists of Go 3x3 and 3x4 (proved below).",
    ]
    return "\n".join(f"- {line}" for line in lines)


def listed(names: Sequence[str]) -> str:
    """`a, b and c`; `no board` for none."""
    return " and ".join([", ".join(names[:-1])] * (len(names) > 1) + list(names[-1:])) or "no board"


def measure_results() -> dict[str, str]:
    """The verdicts on the reference results."""
    answer = games_table(committed().verdicts, GAMES)
    return {
        "results.lines": answer_in_lines(committed().verdicts),
        "results.answer": answer,
        "results.verdicts": reference_words(),
        "results.records": "\n".join([RECORDS_HEAD, *reference_rows()]),
    }


def measure_refits() -> dict[str, str]:
    """The plain lists of small games fitted anew, beside their nulls."""
    return {"refits": "\n".join([REFITS_HEAD, *(row for game in REFITTED for row in refit_rows(game))])}


def measure_controls() -> dict[str, str]:
    """The verdicts on planted curves and games, on all cores."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        planted = pool.map(planted_row, PLANTED)
        found = list(pool.map(judge_control, range(len(CONTROLS))))
        rows = [control_row(control, runs) for control, runs in zip(CONTROLS, found, strict=True)]
        return {
            "controls.shares": shares(found),
            "controls.curves": "\n".join([CURVES_HEAD, *rows]),
            "controls.games": "\n".join([GAMES_HEAD, *planted]),
        }


PAGES = (
    Page(
        "tails.md",
        {
            "exponential": Part(no_exponential),
            "controls": Part(measure_controls, "some minutes on two cores"),
            "results": Part(measure_results),
            "refits": Part(measure_refits, "a minute or two"),
        },
        phrases=(
            f"That a heavy verdict takes {tails.HEAVY_DECADES:g} decades was added",
            f"A bin whose rules gain less than {judged.TABLE:g} average positions each",
            f"to the first {', '.join(f'{share:.0%}' for share in models.SPLITS)} of the bins",
            f"because no rule gains any more, within {tails.SHORT} units.",
            f"fewer than {tails.MIN_BINS} bins, or less than {tails.MIN_DECADES:g} decade, or fewer than {tails.MIN_POSITIONS} effective",
            f"Fewer than {tails.HEAVY_POSITIONS:,} effective positions:",
            f"cut off, and what is judged spans less than {tails.CUT_DECADES:g} decades.",
            f"the next octave gains less than {judged.CUT:.0%} of the last octave that is judged",
            f"or at most {stages.CLASSES} classes of equal rules",
            f"both heavy descriptions, in {tails.CLOSER:.0%} of the replicates; or",
            f"two stages and classes in {tails.GREAT_CLOSER:.0%} of them.",
            f"the band of the *shape* of the stretched exponential lies below {tails.LOW:g};",
            f"on the later half of the bins alone it lies below {tails.LATER_LOW:g},",
            f"in {tails.CONFIDENCE:.0%} of the replicates some heavy model predicts better",
            f"over N of at least {tails.HEAVY_DECADES:g} decades that reach into the last",
            f"the band of the change of their slope is within ±{slopes.STRAIGHT:g}.",
            f"What is judged spans less than {tails.HEAVY_DECADES:g} decades:",
            f"if the band of the shape is above {tails.LOW:g} there",
            f"the power of the compressed exponential is above {tails.HIGH:.2f},",
            f"still leave more than {tails.CUT_SHORT:.0%} of the part;",
            f"if the band of the shape is below {tails.HIGH:.2f}.",
            f"Bands hold the middle 95 % of {curves.N_REPLICATES} replicates.",
            f"{N_RUNS} runs each, of seeds from {FIRST_SEED:,} on;",
            f"of how many gains of at least {judged.TABLE:g} average positions;",
            f"A list that ends within {tails.SHORT} units ends",
        ),
    ),
)
