"""The first rules of each game's lists in words and pictures, and what each of them supplies: gain, information, games ruled out.

A list is shown as it is read; a rule carries what the list gained when it first came in. What a policy supplies is a difference between
two points of its curve (bench/measures/information.py), so it depends on which rules were there before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.curves.figure1 import UNDRAWN, rank_of_list
from bench.harness.point import Point
from bench.harness.records import Record
from bench.report.blocks import Block, Column, Fold, Listing, Section, Sentence, ShownList, ShownRule, Table, TableRow, words
from bench.report.run_data import Evidence
from bench.wording import count, count_units
from policies.explanation import Entry

MAX_SHOWN = 8  # rules of a list, which is shown in whole
MAX_LISTS = 4  # kinds of policies whose rules are shown for a game
READ = ("rules", "weights")  # units that are rules of their own; a leaf of a tree is not


@dataclass(frozen=True)
class Supply:
    """From one point of a curve to the next, or from uniform choice to the first: what the units in between brought."""

    size: int
    n_units: int
    gain: float
    gained: float
    bits_left: float | None  # missing bits a position
    bits: float | None  # that they supplied; below 0 where they took some away
    digits_left: float | None  # log10 of the games left, mean of the seats
    digits: float | None


def supplies(record: Record, uniform: Record | None) -> list[Supply]:
    """What each step of a curve supplied, from uniform choice on, by ascending size; `uniform` is its record on the same game."""
    size, gain = 0, 0.0
    bits = record.uniform_missing_bits
    digits = uniform.points[0].digits_left if uniform and uniform.points else None
    found = []
    for point in sorted(record.points, key=lambda point: point.size):
        if point.size <= size:
            continue
        left, games = point.missing_bits, point.digits_left
        found.append(
            Supply(
                point.size,
                point.size - size,
                point.gain,
                point.gain - gain,
                left,
                None if left is None or bits is None else bits - left,
                games,
                None if games is None or digits is None else digits - games,
            )
        )
        size, gain, bits, digits = point.size, point.gain, left, games
    return found


def lists_of(records: Sequence[Record]) -> list[Record]:
    """The curves of a game whose rules can be read, one of each label: the plain rule list that goes furthest first."""
    readable = [record for record in records if record.unit in READ and record.cell.learner not in UNDRAWN and _readable(record)]
    by_label = {record.cell.label: record for record in reversed(readable)}  # of the first seed
    plain = {"rulelist": 0, "human": 2}
    return sorted(
        (by_label[label] for label in dict.fromkeys(record.cell.label for record in readable)),
        key=lambda record: (
            plain.get(record.cell.learner, 1),
            [not each for each in rank_of_list(record)[:2]],
            -record.points[-1].size,
        ),
    )[:MAX_LISTS]


def rules_of_game(evidence: Evidence, game: str) -> Section:
    """The first rules of a game, and what each supplies, other kinds than the plain list folded away; empty where none can be read."""
    records = evidence.of_game(game)
    uniform = next((record for record in records if record.cell.learner == "uniform"), None)
    lists = lists_of(records)
    anchor, title = f"rules-{game}", "The first rules"
    if not lists:
        return Section(anchor, title)
    blocks: list[Block] = []
    for i, record in enumerate(lists):
        name = evidence.name(record)
        inner: list[Block] = [shown_list(record, name), *_supply(record, uniform, name)]
        blocks += inner if i == 0 else [Fold(f"The first {record.unit} of {name}", tuple(inner), record.cell_id)]
    return Section(anchor, title, tuple(blocks), short="Rules")


def shown_list(record: Record, name: str) -> ShownList | Listing:
    """The largest measured list of at most MAX_SHOWN rules, with what each brought when it first came in.

    Of a record that holds the list as text alone, that text.
    """
    point = _readable(record)
    assert point is not None  # lists_of has seen to it
    title = f"{name}: {count_units(point.size, record.unit)}, gain {point.gain:.4f}, {point.policy_bits:,} bits"
    found = point.explained
    if found is None:
        return Listing(f"{title}\n{point.explanation}", record.cell_id)
    came = _arrivals(record)
    rules = tuple(ShownRule(entry.text, entry.boards, (*_weight(entry), *came.get(entry, ()))) for entry in found.entries)
    return ShownList(title, rules, record.cell_id, 0, " ".join(found.lead.splitlines()), found.end.strip())


def about_supply(record: Record, name: str, found: Sequence[Supply]) -> list[Sentence]:
    """How much of the missing information the first units supply, what the rest is left to, and where information was taken away."""
    whole = record.uniform_missing_bits
    known = [step for step in found if step.bits is not None and step.bits_left is not None]
    cells = (record.cell_id,)
    if not known or not whole:
        return [Sentence(f"{name}: how much information its {record.unit} supply was not recorded.", cells)]
    first, last = known[0], known[-1]
    few = [step for step in known if step.size <= MAX_SHOWN][-1:] or [first]
    told = (
        f"{name}: without a policy {whole:.3f} bits a position are missing to an optimal move. "
        f"{count_units(first.size, record.unit)} {'supplies' if first.size == 1 else 'supply'} {_share(first.bits or 0.0, whole)} of them"
    )
    if few[0].size > first.size:
        told += f", {count_units(few[0].size, record.unit)} {_share(whole - (few[0].bits_left or 0.0), whole)}"
    if last.size > few[0].size:
        told += f", {count_units(last.size, record.unit)} {_share(whole - (last.bits_left or 0.0), whole)}"
    said = [Sentence(f"{told}; {last.bits_left or 0.0:.3f} bits a position remain ({_share(last.bits_left or 0.0, whole)}).", cells)]
    taken = [step for step in known if (step.bits or 0.0) < -1e-9]
    if taken:
        said.append(
            Sentence(
                f"In {len(taken)} of {len(known)} steps of {name} the missing bits grow: {record.unit} are chosen for gain, not for these.",
                cells,
            )
        )
    return said


def _supply(record: Record, uniform: Record | None, name: str) -> list[Block]:
    found = supplies(record, uniform)
    columns = (
        Column("units", record.unit, "unit"),
        Column("gain", "gain", "gain", ".4f"),
        Column("gained", "gained", "gain", "+.4f"),
        Column("missing_bits", "missing bits a position", "missing_bits", ".4f"),
        Column("supplied_bits", "supplied", "missing_bits", "+.4f"),
        Column("supplied_bits_per_unit", f"supplied by each of the {record.unit}", "missing_bits", "+.5f"),
        Column("games_left", "games left, log10", "games_left", ".2f"),
        Column("games_ruled_out", "ruled out, log10", "games_left", "+.2f"),
    )
    rows = [
        TableRow(
            (
                *(step.size, step.gain, step.gained, step.bits_left, step.bits),
                None if step.bits is None else step.bits / step.n_units,
                step.digits_left,
                step.digits,
            ),
            record.cell_id,
        )
        for step in found
    ]
    note = "Each row: what the units since the row above supplied. Games left are the mean of both seats."
    title = f"What the {record.unit} of {name} supply"
    table = Table(f"supply-{record.cell.game}-{name.replace(', seed ', '-')}", title, columns, tuple(rows), note)
    return [words(*about_supply(record, name, found)), Fold(title, (table,), record.cell_id)]


def _weight(entry: Entry) -> tuple[str, ...]:
    return () if entry.weight is None else (f"weight {entry.weight:+d}",)


def _arrivals(record: Record) -> dict[Entry, tuple[str, ...]]:
    """For each rule what the list gained at the first point that has it."""
    before: set[Entry] = set()
    found: dict[Entry, tuple[str, ...]] = {}
    steps = {step.size: step for step in supplies(record, None)}
    for point in sorted(record.points, key=lambda point: point.size):
        now = set(point.explained.entries if point.explained else ())
        new = now - before
        step = steps.get(point.size)
        if step and now and record.unit == "rules":
            others = f", with {count(len(new) - 1, 'other')}" if len(new) > 1 else ""
            facts = [f"joined at {count_units(point.size, record.unit)}{others}: gain {step.gained:+.4f}"]
            facts += [f"{step.bits:+.4f} bits a position"] if step.bits is not None else []
            found |= {key: tuple(facts) for key in new if key not in found}
        before |= now
    return found


def _readable(record: Record) -> Point | None:
    """The largest point that is shown in whole; None where none is in words."""
    small = [point for point in record.points if 0 < point.size <= MAX_SHOWN and point.explanation]
    return max(small, key=lambda point: point.size, default=None)


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.0%}" if abs(part / whole) >= 0.01 or part == 0 else f"{part / whole:.1%}"
