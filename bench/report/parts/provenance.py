"""The origin of a report's numbers: every cell with its record and effort, versions and machine, and the limits of the numbers."""

from collections import Counter
from collections.abc import Sequence

from bench.curves.curve import PERFECT
from bench.curves.ending import has_ended, reaches_last
from bench.curves.figure1 import UNDRAWN
from bench.harness.records import Record
from bench.report.blocks import Column, Filed, Fold, Section, Sentence, Table, TableRow, words
from bench.report.run_data import Evidence
from bench.suites.grid import cells
from bench.wording import count
from policies.position_weights import PLAY, SEMI_STRONG, UNIFORM

REGISTER = "records"  # the table that numbers of records in brackets lead to
REGISTER_COLUMNS = (
    Column("game", "game", is_text=True, is_hidden=True),
    Column("number", "no."),
    Column("record", "record", is_text=True),
    Column("state", "state", is_text=True),
    Column("points", "policies"),
    Column("fit_seconds", "fit, s", "seconds", ",.1f"),
    Column("measure_seconds", "measure, s", "seconds", ",.1f"),
    Column("total_seconds", "all, s", "seconds", ",.1f"),
    Column("made", "made on", is_text=True),
    Column("repeat", "fitted once more by", is_text=True, is_hidden=True),
)

WEIGHTED = {
    UNIFORM: "each position once",
    SEMI_STRONG: "each position once whose mover has made no mistake so far, whatever the other did, and no other position",
    PLAY: "each position as often as play reaches it",
}


def how_it_was_measured(evidence: Evidence) -> Section:
    """How the numbers were measured, their limits, and how to measure them again; versions, machine and records in files."""
    suite = evidence.suite_in_words
    weights = WEIGHTED[evidence.suite.weights]
    parts = sum(record.cell.positions is not None for record in evidence.records)
    sampled = f"The measures of {count(parts, 'cell')} are of a random part of the positions." if parts else "No measure is sampled."
    methods = words(
        "Every game here is solved: the value of each position under perfect play is known exactly. A learner fits policies of growing "
        "budget; each is written to a file, read back, and what comes out of the file is measured against the solution, weighting "
        f"{weights}. {sampled} Between the measured budgets nothing is interpolated."
    )
    again = words(
        f"`gaincurve run {suite}`, then `gaincurve report {evidence.run_in_words}` make all of it again. `gaincurve fit --cell CELL "
        f"--suite {suite}` fits the policies of one cell once more, from the same random seed, and prints the same numbers. Records are "
        "plain JSON, under their own checksum; the page of each game lists its own."
    )
    made_with = Table(
        "provenance",
        "What the records were made with",
        (Column("what", "what", is_text=True), Column("value", "value", is_text=True)),
        tuple(TableRow((name, value)) for name, value in _made_with(evidence)),
        note="Where records differ, every form is listed.",
    )
    blocks = (methods, words(*limits(evidence), is_list=True), again, Fold(made_with.title, (made_with,)), Filed(register(evidence)))
    return Section("provenance", "How it was measured", blocks, short="Method")


def register(evidence: Evidence) -> Table:
    """A row for each cell of the suite with its record, its state and its time."""
    found = {record.cell_id: record for record in evidence.records}
    rows = []
    for number, cell in enumerate(cells(evidence.suite), start=1):
        cell_id, game = cell.id, cell.game
        record = found.get(cell_id)
        if record is None:
            rows.append(
                TableRow((game, number, cell_id), cell_id, str(evidence.holes[cell_id]), evidence.holes[cell_id].state != "missing")
            )
            continue
        seconds = [record.seconds.get(part) for part in ("fit", "measure", "total")]
        state = "out of date" if cell_id in evidence.stale else "measured"
        rows.append(TableRow((game, number, cell_id, state, len(record.points), *seconds, _day(record), evidence.repeat(cell_id)), cell_id))
    return Table(
        REGISTER,
        "Records",
        REGISTER_COLUMNS,
        tuple(rows),
        command=f"gaincurve run {evidence.suite_in_words} --only CELL --force",
    )


def _day(record: Record) -> str | None:
    return str(record.provenance.get("made", ""))[:10] or None


def _made_with(evidence: Evidence) -> list[tuple[str, str]]:
    rows: dict[str, list[str]] = {}
    for record in evidence.records:
        flat = {**record.provenance, **record.provenance.get("libraries", {})}
        flat.pop("libraries", None)
        made = str(flat.pop("made", ""))
        for name, value in {**flat, "day": made[:10]}.items():
            if str(value) and str(value) not in rows.setdefault(name, []):
                rows[name].append(str(value))
    seconds = sum(record.seconds.get("total", 0.0) for record in evidence.records)
    found = [(name, ", ".join(values)) for name, values in rows.items() if values]
    seeds = ", ".join(map(str, sorted({record.cell.seed for record in evidence.records})))
    return [*found, ("seeds", f"{seeds}; each cell's own random seed is hashed from its name"), ("time, all cells", f"{seconds:,.0f} s")]


def limits(evidence: Evidence) -> list[Sentence]:
    """The limits of the numbers, as far as the records themselves show them."""
    found = [
        Sentence(
            "Lengths are upper bounds: of the policies that these learners found with these budgets. Only what exhaustive search proved "
            "shortest is called that."
        )
    ]
    curves = [record for record in evidence.records if record.cell.learner not in UNDRAWN]
    found += _about_size(curves)
    found += _about_seeds(evidence.records)
    found += _about_budgets(curves)
    found.append(
        Sentence(
            "Language bits are those of compressed source text as it stands here; another way of writing the same predicates would cost "
            "other bits."
        )
    )
    return found


def _about_seeds(records: Sequence[Record]) -> list[Sentence]:
    """With how many seeds curves were measured, whatever the suite asks for, and what that leaves open."""
    n_seeds = Counter((record.cell.game, record.cell.label) for record in records)
    n_curves = sorted(Counter(n_seeds.values()).items())
    if not n_curves:
        return []
    told = " and ".join(f"{curves:,} {'was' if curves == 1 else 'were'} measured with {count(seeds, 'seed')}" for seeds, curves in n_curves)
    said = [f"Of {count(len(n_seeds), 'curve')}, each a learner on a game, {told}."]
    if n_curves[0][0] == 1:
        said.append("One seed does not show how much a learner that draws at random varies.")
    if n_curves[-1][0] > 1:
        said.append("Bands over few seeds are wide, or too narrow by luck.")
    return [Sentence(" ".join(said))]


def _about_budgets(curves: Sequence[Record]) -> list[Sentence]:
    """How many curves reach their last budget short of a gain of 1, and how many of these fits ended by themselves there."""
    last = [record for record in curves if record.points[-1].gain < 1 - PERFECT and reaches_last(record)]
    n_ended = sum(map(has_ended, last))
    if not last:
        return []
    others = f"; {n_ended:,} of these fits ended by themselves there, and of the other {len(last) - n_ended:,}" if n_ended else ":"
    text = f"{len(last):,} of {count(len(curves), 'curve')}, a seed each, reach their last budget short of a gain of 1"
    return [Sentence(f"{text}{others} it was not measured what more would bring.")]


def _about_size(curves: Sequence[Record]) -> list[Sentence]:
    if not curves:
        return []
    largest = max(curves, key=lambda record: record.n_positions)
    text = f"The largest game here is {largest.cell.game}, of {largest.n_positions:,} positions. Numbers for larger ones are predictions."
    return [Sentence(text, (largest.cell_id,))]
