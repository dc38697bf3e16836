"""A page of HTML from its sections: how values, sentences and rules are written, and what each of them links to."""

import base64
import itertools
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from markupsafe import Markup, escape

from bench.harness.store import file_stem
from bench.report.blocks import Column, Drawing, Section, Sentence, TableRow, Value
from bench.report.definitions import definitions
from bench.wording import count, show

MAX_CITED = 12  # numbers or ranges of records in one pair of brackets
SYMBOLS = {"X": "yours", "O": "theirs", "*": "move", ".": "empty", "#": "off"}  # of a picture; anything else is left open


@dataclass(frozen=True)
class Entry:
    """A cell of a table as it is shown: a value, and those below it."""

    text: str
    below: tuple[str, ...]
    is_text: bool


def render(sections: Sequence[Section], numbers: Mapping[str, int], **others: Any) -> str:
    """The page. `numbers`: of each cell, by which its record is referred to; `others`: what the template's head says."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bench", "report/templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawn = itertools.count()
    environment.filters.update(
        kind=lambda block: type(block).__name__,
        sentences=lambda found: sentences(found, numbers),
        cite=lambda cells: cite(cells, numbers),
        code=_with_code,
        base64=lambda data: base64.b64encode(data).decode(),
        svg=lambda drawing: _svg(drawing, f"s{next(drawn)}-"),
        record=lambda cell: f"record-{file_stem(cell)}",
        stem=file_stem,
        heads=heads,
        entries=entries,
        shown=lambda table: thinned(table.rows, table.most_shown),
        board=board,
        count=count,
    )
    return environment.get_template("report.html").render(sections=sections, definitions=definitions(), **others)


def _svg(drawing: Drawing, prefix: str) -> Markup:
    from bench.report.plots.svg import inline_svg

    return inline_svg(drawing.figure, drawing.title, prefix)


def sentences(found: Sequence[Sentence], numbers: Mapping[str, int]) -> list[Markup]:
    """Sentences with their code, their words linked to definitions, each definition once, and the records they were computed from."""
    linked: set[str] = set()
    return [_linked(sentence.text, linked) + cite(sentence.cells, numbers) for sentence in found]


def cite(cells: Sequence[str], numbers: Mapping[str, int]) -> Markup:
    """The numbers of some cells in brackets, each a link to its record; of three or more in a row the first and the last.

    Of many only the first, and a link to all records: the sentence says which games or curves it speaks of.
    """
    known = {numbers[cell]: cell for cell in cells if cell in numbers}
    if not known:
        return Markup()
    spans: list[str] = []
    for _, group in itertools.groupby(enumerate(sorted(known)), key=lambda entry: entry[1] - entry[0]):
        row = [number for _, number in group]
        ends = row if len(row) < 3 else [row[0], row[-1]]
        links = [f'<a href="#record-{escape(file_stem(known[n]))}" title="{escape(known[n])}">{n}</a>' for n in ends]
        spans.append(("–" if len(row) > 2 else ", ").join(links))
    if len(spans) > MAX_CITED:
        spans[MAX_CITED - 1 :] = [f'<a href="#table-records">and others, {len(known)} in all</a>']
    return Markup(f' <span class="cite">[{", ".join(spans)}]</span>')


def _with_code(text: str) -> Markup:
    """Text whose words in backquotes are code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _linked(text: str, linked: set[str]) -> Markup:
    """The same, with the first word that speaks of each definition linked to it; `linked` are those that were before."""
    spoken = {phrase: key for key, definition in definitions().items() for phrase in definition.spoken}
    pattern = "|".join(re.escape(phrase) for phrase in sorted(spoken, key=len, reverse=True))

    def link(found: re.Match[str]) -> str:
        key = spoken.get(found[0].lower(), "")
        if not key or key in linked:  # code, or linked before
            return found[0]
        linked.add(key)
        return f'<a class="term" href="#def-{key}">{found[0]}</a>'

    return Markup(re.sub(rf"<code>.*?</code>|(?<![\w-])(?:{pattern})(?![\w-])", link, str(_with_code(text)), flags=re.IGNORECASE))


def heads(columns: Sequence[Column]) -> list[tuple[Column, list[Column]]]:
    """Each column that has a place of its own, and those that are shown below it."""
    found: list[tuple[Column, list[Column]]] = []
    for column in columns:
        if column.is_hidden:
            continue
        if column.is_below and found:
            found[-1][1].append(column)
        else:
            found.append((column, []))
    return found


def thinned(rows: Sequence[Any], most: int) -> list[Any]:
    """At most `most` rows, evenly spaced, including the first and the last; all rows if `most` is 0."""
    if not most or len(rows) <= most:
        return list(rows)
    return [rows[round(i * (len(rows) - 1) / (most - 1))] for i in range(most)]


def entries(row: TableRow, columns: Sequence[Column]) -> list[Entry]:
    """The cells of a row as they are shown; a hole ends where its values do."""
    listed = zip(row.values, columns, strict=not row.hole)
    texts = iter([format_value(value, column) for value, column in listed if not column.is_hidden])
    found = []
    for column, below in heads(columns[: len(row.values)]):
        text = next(texts)
        found.append(Entry(text, tuple(next(texts) for _ in below), column.is_text))
    return found


def format_value(value: Value, column: Column) -> str:
    """A value as a reader sees it."""
    if column.form and isinstance(value, int | float) and not isinstance(value, bool):
        return format(value, column.form)
    return show(value)


def board(rows: Sequence[str]) -> Markup:
    """A picture of a rule, two letters a column, as a small drawing of stones."""
    drawn = textwrap.dedent("\n".join(rows)).splitlines()
    n_columns = max((len(row) + 1) // 2 for row in drawn)
    cells = "".join(
        f'<use href="#stone-{SYMBOLS[symbol]}" x="{column}" y="{y}"/>'
        for y, row in enumerate(drawn)
        for column, symbol in enumerate(row[::2])
        if symbol in SYMBOLS
    )
    size = f'viewBox="0 0 {n_columns} {len(drawn)}" style="--columns:{n_columns}"'
    label = escape("; ".join(" ".join(row.split()) for row in drawn))
    return Markup(f'<svg class="board" role="img" aria-label="{label}" {size}>{cells}</svg>')
