"""Where the numbers of a report come from: every cell with its record and effort, versions and machine, and what limits them."""

from collections import Counter
from collections.abc import Sequence

from bench.curves.curve import PERFECT
from bench.curves.ending import has_ended, reaches_last
from bench.curves.figure1 import UNDRAWN
from bench.harness.records import Record
from bench.report.blocks import Column, Glossary, Section, Sentence, Table, TableRow, words
from bench.report.run_data import Evidence
from bench.suites.grid import cells
from bench.wording import count
from policies.position_weights import PLAY, SEMI_STRONG, UNIFORM

REGISTER = "records"  # the table that numbers of records in brackets lead to
REGISTER_COLUMNS = (
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


def numbers(evidence: Evidence) -> dict[str, int]:
    """The number of each cell, by which sentences refer to its record."""
    return {cell.id: number for number, cell in enumerate(cells(evidence.suite), start=1)}


def methods(evidence: Evidence) -> Section:
    """How it was measured, and what every word means."""
    weights = WEIGHTED[evidence.suite.weights]
    lead = words(
        "Every game here is solved: the value of each position under perfect play is known exactly. A learner fits policies of growing "
        "budget; each is written to a file, read back, and what comes out of the file is measured against the solution, weighting "
        f"{weights}. No measure is sampled, and between the measured budgets nothing is interpolated."
    )
    return Section("methods", "Methods and definitions", (lead, Glossary()), short="Methods")


def provenance(evidence: Evidence) -> Section:
    """Versions, machine and seeds, and a numbered list of all cells with the time that each took."""
    suite = evidence.suite_in_words
    repeat = f"`gaincurve run {suite}`, then `gaincurve report {evidence.run_in_words}`"
    one = f"`gaincurve run {suite} --only CELL --force`, where CELL is its name in the table"
    again = f"`gaincurve fit --cell CELL --suite {suite}`"
    lead = words(
        f"All of it is made again by {repeat}; one record by {one}. {again} fits the policies of one cell once more, from the same random "
        "seed, and prints the same numbers. A number in brackets after a sentence, and the name of a curve in a table, lead to the record "
        "below that it was computed from; records are plain JSON, under their own checksum. In commands RUN stands for the folder of this "
        "page."
    )
    made_with = Table(
        "provenance",
        "What the records were made with",
        (Column("what", "what", is_text=True), Column("value", "value", is_text=True)),
        tuple(TableRow((name, value)) for name, value in _made_with(evidence)),
        note="Where records differ, every form is listed.",
    )
    return Section("provenance", "Provenance and effort", (lead, made_with, _register(evidence)), short="Provenance")


def _register(evidence: Evidence) -> Table:
    found = {record.cell_id: record for record in evidence.records}
    rows = []
    for cell_id, number in numbers(evidence).items():
        record = found.get(cell_id)
        if record is None:
            rows.append(TableRow((number, cell_id), cell_id, str(evidence.holes[cell_id]), evidence.holes[cell_id].state != "missing"))
            continue
        seconds = [record.seconds.get(part) for part in ("fit", "measure", "total")]
        state = "out of date" if cell_id in evidence.stale else "measured"
        rows.append(TableRow((number, cell_id, state, len(record.points), *seconds, _day(record), evidence.repeat(cell_id)), cell_id))
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


def limits(evidence: Evidence) -> Section:
    """What the numbers cannot say, as far as the records themselves show it."""
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
    if evidence.holes:
        found.append(Sentence(f"{count(len(evidence.holes), 'cell')} of {evidence.n_cells} are not in it: {', '.join(evidence.holes)}."))
    if evidence.stale:
        found.append(Sentence(f"{count(len(evidence.stale), 'record')} of {len(evidence.records)} are out of date (see the table above)."))
    found.append(
        Sentence(
            "Language bits are those of compressed source text as it stands here; another way of writing the same predicates would cost "
            "other bits."
        )
    )
    return Section("limits", "Limits", (words(*found, is_list=True),))


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
    text = f"The largest game here is {largest.cell.game}, of {largest.n_positions:,} positions; Go as it is played has about 10^170."
    return [Sentence(f"{text} Numbers for larger boards are predictions, and are called that.", (largest.cell_id,))]
