"""A page of HTML from its sections: how values, sentences and rules are written, and what each of them links to.

A report has an index, `report.html`, and a page for each game, `games/ID.html`. Numbers in brackets, which a reader shows with one switch,
link to the rows of the records; words that have a definition are buttons that show it.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from bench.harness.store import file_stem
from bench.report.blocks import Column, Drawing, Sentence, TableRow, Value
from bench.report.definitions import definitions
from bench.report.names import page_of
from bench.report.pictures import board
from bench.suites.grid import Cell
from bench.wording import count, show

MAX_CITED = 4  # numbers or ranges of records in one pair of brackets


@dataclass(frozen=True)
class Entry:
    """A cell of a table as it is shown: a value, and those below it."""

    text: str
    below: tuple[str, ...]
    is_text: bool


@dataclass(frozen=True)
class Place:
    """A page of a report: which game it is about, and how it refers to records, files and definitions."""

    cells: Mapping[str, tuple[int, str]]  # the number and the game of each cell, by its id
    game: str = ""  # empty on the index
    defined: dict[str, None] = field(default_factory=dict)  # keys of the definitions that the page has used so far

    @property
    def root(self) -> str:
        """The address of the folder of the report, from this page."""
        return "../" if self.game else ""

    def record(self, cell_id: str) -> str:
        """The address of the row of a record, on the page of its game."""
        _, game = self.cells[cell_id]
        page = "" if game == self.game else self.root + page_of(game)
        return f"{page}#record-{quote(file_stem(cell_id))}"

    def define(self, key: str) -> str:
        """The id of a definition, which the page then has to hold."""
        self.defined[key] = None
        return f"def-{key}"


def numbered(cells: Sequence[Cell]) -> dict[str, tuple[int, str]]:
    """The number of each cell, by which sentences refer to its record, and its game."""
    return {cell.id: (number, cell.game) for number, cell in enumerate(cells, start=1)}


def render(template: str, place: Place, **values: Any) -> str:
    """A page. `values`: what the template names."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bench", "report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawn = itertools.count()
    environment.filters.update(
        kind=lambda block: type(block).__name__,
        sentences=lambda found: sentences(found, place),
        cite=lambda cells: cite(cells, place),
        code=_with_code,
        svg=lambda drawing: _svg(drawing, f"s{next(drawn)}-"),
        record=place.record,
        define=place.define,
        stem=file_stem,
        heads=heads,
        entries=entries,
        shown=lambda table: thinned(table.rows, table.most_shown),
        board=board,
        count=count,
    )
    definition = definitions()
    defined = ((key, definition[key]) for key in definition if key in place.defined)  # read when all else has been laid out
    return environment.get_template(f"templates/{template}").render(place=place, root=place.root, defined=defined, **values)


def _svg(drawing: Drawing, prefix: str) -> Markup:
    from bench.report.plots.svg import inline_svg

    return inline_svg(drawing.figure, drawing.title, prefix, drawing.series)


def sentences(found: Sequence[Sentence], place: Place) -> list[Markup]:
    """Sentences with their code, the first use of each defined word as a button, and the records they were computed from."""
    linked: set[str] = set()
    return [_defined(sentence.text, linked, place) + cite(sentence.cells, place) for sentence in found]


def cite(cells: Sequence[str], place: Place) -> Markup:
    """The numbers of some cells in brackets, each a link to its record; of three or more in a row the first and the last.

    Of more than MAX_CITED the last of these stands for all others: the sentence says which games or curves it is about.
    """
    known = {place.cells[cell][0]: cell for cell in cells if cell in place.cells}
    if not known:
        return Markup()
    spans: list[str] = []
    for _, group in itertools.groupby(enumerate(sorted(known)), key=lambda entry: entry[1] - entry[0]):
        row = [number for _, number in group]
        ends = row if len(row) < 3 else [row[0], row[-1]]
        links = [f'<a href="{place.record(known[n])}" title="{escape(known[n])}">{n}</a>' for n in ends]
        spans.append(("–" if len(row) > 2 else ", ").join(links))
    if len(spans) > MAX_CITED:
        spans[MAX_CITED:] = [f"and others, {len(known)} in all"]
    return Markup(f' <span class="cite">[{", ".join(spans)}]</span>')


def _with_code(text: str) -> Markup:
    """Text whose words in backquotes are code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _defined(text: str, linked: set[str], place: Place) -> Markup:
    """The same, with the first word of each definition as a button that shows it; `linked` are the definitions that have one already."""
    spoken = {phrase: key for key, definition in definitions().items() for phrase in definition.spoken}
    pattern = "|".join(re.escape(phrase) for phrase in sorted(spoken, key=len, reverse=True))

    def button(found: re.Match[str]) -> str:
        key = spoken.get(found[0].lower(), "")
        if not key or key in linked:  # code, or shown before
            return found[0]
        linked.add(key)
        return f'<button type="button" class="term" popovertarget="{place.define(key)}">{found[0]}</button>'

    return Markup(re.sub(rf"<code>.*?</code>|(?<![\w-])(?:{pattern})(?![\w-])", button, str(_with_code(text)), flags=re.IGNORECASE))


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
