"""How far the rules of a run are knowledge: the held-out verdict on each curve, its tails T(k), and the nulls beside them."""

from collections.abc import Sequence

from bench.harness.records import Record
from bench.measures.split_curve import SplitCurve
from bench.measures.transfer import AT, transfer
from bench.report.blocks import Column, Drawing, Filed, Section, Sentence, Series, Table, TableRow, words
from bench.report.plots.held_out import Entry, draw_held_out, tails_of
from bench.report.run_data import Evidence, ids_of
from bench.tails.transfer import HeldOutVerdict, held_out_verdict
from bench.wording import count

RANDOM = "random-"  # how the ids of games of random values begin
SHUFFLED = "moves shuffled"
COLUMNS = (
    Column("game", "game", is_text=True),
    Column("curve", "curve", is_text=True),
    Column("verdict", "held-out verdict", "transfer", is_text=True),
    *(
        Column(f"t_{k}{end}", title if end else f"T({k})", "transfer", ".2f", is_below=bool(end))
        for k in AT
        for end, title in (("", ""), ("_low", "from"), ("_high", "to"))
    ),
)


def held_out_sections(evidence: Evidence) -> list[Section]:
    """The verdicts on all curves whose splits were measured, and on their nulls; no section where there are none."""
    records = [record for record in evidence.records if record.splits]
    if not records:
        return []
    note = (
        "T(k): of what the units behind the k-th gain where fitted, the share that they gain on boards held out. Mean over splits, and the "
        "widest reach of their bands of 95 %. None where too little is gained behind k. Nulls: games of random values, and the same "
        "splits with the moves of every position shuffled."
    )
    table = Table("held-out", "Held-out verdicts on curves", COLUMNS, tuple(_rows(evidence, records)), note)
    return [Section("held-out", "Knowledge or memory?", (words(*about_curves(records)), Filed(table)), short="Knowledge")]


def held_out_of_game(evidence: Evidence, game: str) -> list[Section]:
    """The figure of one game: residuals on both sides, and T(k) beside that of the nulls; no section where no split was measured."""
    records = [record for record in evidence.of_game(game) if record.splits]
    if not records:
        return []
    labels = {record.cell.label for record in records}
    random = [
        record
        for record in evidence.records
        if record.splits and record.cell.game.startswith(RANDOM) and record.cell.game != game and record.cell.label in labels
    ]
    entries = [
        *(Entry(evidence.name(record), tuple(record.splits), False) for record in records),
        *(Entry(f"{evidence.name(record)}, {SHUFFLED}", tuple(record.nulls), True) for record in records if record.nulls),
        *(Entry(f"{evidence.name(record)} on {record.cell.game}", tuple(record.splits), True) for record in random),
    ]
    said = [one for record in records for one in about_curve(evidence, record)]
    series = tuple(_series(entry) for entry in entries)
    caption = Sentence("Nulls, dotted: moves shuffled within every position, and games of random values, through splits of the same kind.")
    title = f"What carries over to held-out boards on {game}"
    drawing = Drawing(f"held-out-{game}", title, draw_held_out(entries), series, (caption,), ids_of([*records, *random]))
    return [Section(f"held-out-{game}", "Knowledge or memory?", (words(*said, is_list=True), drawing), short="Knowledge")]


def about_curves(records: Sequence[Record]) -> list[Sentence]:
    """How many curves are knowledge up to some unit or the last, memory from the first, or undecided."""
    verdicts = [_verdict(record, record.splits) for record in records]
    decided = [verdict.k for verdict in verdicts if verdict.k is not None]
    n_memory, n_open = decided.count(0), len(verdicts) - len(decided)
    text = (
        f"Fitted to some boards and measured on others, {len(decided) - n_memory:,} of {count(len(verdicts), 'curve')} are knowledge up to "
        f"some unit, {n_memory:,} {'is' if n_memory == 1 else 'are'} memory from the first, "
        f"{n_open:,} {'is' if n_open == 1 else 'are'} undecided."
    )
    return [Sentence(text, ids_of(records))]


def about_curve(evidence: Evidence, record: Record) -> list[Sentence]:
    """The held-out verdict on a curve, and on its null where that was measured."""
    name = f"{record.cell.game}/{evidence.name(record)}"
    said = [Sentence(f"{name}: {_verdict(record, record.splits).words} ({_verdict(record, record.splits).reason}).", (record.cell_id,))]
    if record.nulls:
        said.append(Sentence(f"{name}, {SHUFFLED}: {_verdict(record, record.nulls).words}.", (record.cell_id,)))
    return said


def _verdict(record: Record, splits: Sequence[SplitCurve]) -> HeldOutVerdict:
    return held_out_verdict(splits, record.unit, bool(record.is_finished))


def _rows(evidence: Evidence, records: Sequence[Record]) -> list[TableRow]:
    rows = []
    for record in records:
        for suffix, splits in (("", record.splits), (f", {SHUFFLED}", record.nulls)):
            if splits:
                tails = [transfer(splits, k) for k in AT]
                numbers = [number for one in tails for number in ((one.mean, one.low, one.high) if one else (None, None, None))]
                name = evidence.name(record) + suffix
                rows.append(TableRow((record.cell.game, name, _verdict(record, splits).words, *numbers), record.cell_id))
    return rows


def _series(entry: Entry) -> Series:
    found = tails_of(entry.splits)
    return Series(f"{entry.name}: T(k)", tuple(float(budget) for budget, _ in found), tuple(one.mean for _, one in found))
