"""Where the numbers of a report come from: every cell with its record and effort, versions and machine, and what limits them."""

from collections.abc import Sequence

from bench.curves.figure1 import UNDRAWN
from bench.harness.records import Record
from bench.report.blocks import Column, Glossary, Section, Sentence, Table, TableRow, words
from bench.report.run_data import Evidence
from bench.suites.grid import cells
from bench.terminal import count

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
)


def numbers(evidence: Evidence) -> dict[str, int]:
    """The number of each cell, by which sentences refer to its record."""
    return {cell.id: number for number, cell in enumerate(cells(evidence.suite), start=1)}


def methods(evidence: Evidence) -> Section:
    """How it was measured, and what every word means."""
    weights = "each position once" if evidence.suite.weights == "uniform" else "each position as often as play reaches it"
    lead = words(
        "Every game here is solved: the value of each position under perfect play is known exactly. A learner fits policies of growing "
        "budget; each is written to a file, read back, and what comes out of the file is measured against the solution, weighting "
        f"{weights}. No measure is sampled, and between the measured budgets nothing is interpolated."
    )
    return Section("methods", "Methods and definitions", (lead, Glossary()), short="Methods")


def provenance(evidence: Evidence) -> Section:
    """Versions, machine and seeds, and a numbered list of all cells with the time that each took."""
    suite = evidence.suite
    repeat = f"`gaincurve run {suite.name}`, then `gaincurve report {suite.name}`"
    one = f"`gaincurve run {suite.name} --only CELL --force`, where CELL is its name in the table"
    lead = words(
        f"All of it is made again by {repeat}; one record by {one}. A number in brackets after a sentence, and the name of a curve in a "
        "table, lead to the record below that it was computed from; records are plain JSON, under their own checksum. "
        "In commands RUN stands for the folder of this page."
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
            rows.append(TableRow((number, cell_id), cell_id, evidence.holes[cell_id]))
            continue
        seconds = [record.seconds.get(part) for part in ("fit", "measure", "total")]
        state = "out of date" if cell_id in evidence.stale else "measured"
        rows.append(TableRow((number, cell_id, state, len(record.points), *seconds, _day(record)), cell_id))
    return Table(
        REGISTER,
        "Records",
        REGISTER_COLUMNS,
        tuple(rows),
        command=f"gaincurve run {evidence.suite.name} --only CELL --force",
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
    seeds = ", ".join(map(str, evidence.suite.seeds))
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
    n_seeds = len(evidence.suite.seeds)
    if n_seeds == 1:
        found.append(Sentence("Every cell was measured with one seed: nothing here shows how much learners that draw at random vary."))
    else:
        found.append(Sentence(f"Every cell was asked for with {n_seeds} seeds; bands over so few are wide, or too narrow by luck."))
    cut = [record for record in curves if record.points[-1].gain < 1 and len(record.points) == len(record.cell.budgets or record.points)]
    if cut:
        of = f"{count(len(cut), 'curve')} of {len(curves)}"
        found.append(
            Sentence(f"The budgets ended before the fit did, short of perfect play, on {of}: what more would bring was not measured.")
        )
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


def _about_size(curves: Sequence[Record]) -> list[Sentence]:
    if not curves:
        return []
    largest = max(curves, key=lambda record: record.n_positions)
    text = f"The largest game here is {largest.cell.game}, of {largest.n_positions:,} positions; Go as it is played has about 10^170."
    return [Sentence(f"{text} What is said of larger boards is extrapolation, and is called that.", (largest.cell_id,))]
