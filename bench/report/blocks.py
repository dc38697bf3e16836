"""The parts of a report's pages: sections of sentences, tables, drawings and rules, each with the records that it was computed from.

Modules that have something to report return sections (or blocks of them); bench/report/page.py lays all of them out in the same way,
writes every Table to RUN/tables/NAME.csv and every Drawing to RUN/figures/NAME.png, .svg and .pdf, gives columns and words their
definitions (bench/report/templates/definitions.toml), and links names of curves and sentences to the records that they were computed from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("png", "svg", "pdf")  # of every drawing

Value = str | int | float | bool | None  # None: nothing to say here, shown as a dash, empty in a CSV file


@dataclass(frozen=True)
class Sentence:
    """One sentence, whose numbers were computed from the records of `cells`; a sentence without cells is explanation."""

    text: str  # plain, escaped when shown; `words in backquotes` are shown as code
    cells: tuple[str, ...] = ()  # ids of cells, shown as numbers in brackets that lead to their records


@dataclass(frozen=True)
class Words:
    """Sentences one after another: a paragraph, or a list."""

    sentences: tuple[Sentence, ...]
    is_list: bool = False
    is_note: bool = False  # smaller: what a reader may skip
    command: str = ""  # prints these numbers; the one of a cell stands at its record anyhow


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    key: str  # its name in the CSV file: lower case, no blanks, one in the table
    title: str
    term: str = ""  # key of the definition that its title shows
    form: str = ""  # how numbers are shown, as in format(): `,.0f`, `.4f`, `.1%`; bench.wording.show unless given
    is_text: bool = False  # words, aligned left and wrapped
    is_below: bool = False  # shown in smaller letters below the column before it; in the CSV file a column of its own
    is_hidden: bool = False  # in the CSV file only


@dataclass(frozen=True)
class TableRow:
    """One row: a value for each column, or a name and the reason why there are none."""

    values: tuple[Value, ...]  # one for each column; of a hole, those of the first columns
    cell: str = ""  # id of the cell that it was computed from: the first value links to its record
    hole: str = ""  # `missing`, `failed: ...`: fills the columns that have no value
    has_file: bool = True  # there is a record to link to, be it damaged
    link: str = ""  # an address within the report's folder that the first value links to, in place of the record


@dataclass(frozen=True)
class Table:
    """A table, sortable by each column on the page, and a CSV file with all digits beside it."""

    name: str  # of the file, without `.csv`: letters, digits, `-`, `_`, `.`; one on the page
    title: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    note: str = ""  # below the table: how to read it
    command: str = ""  # prints the numbers of this table, or measures them again
    most_shown: int = 0  # rows on the page, evenly spread from the first to the last, where there are more; 0: all
    is_excerpt: bool = False  # rows of a larger table, whose file has this one's name


@dataclass(frozen=True)
class Series:
    """The numbers behind one curve or one kind of mark of a figure, in the units of its axes, also those that it leaves out."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    labels: tuple[str, ...] = ()  # of each point, where it has one

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y) or len(self.labels) not in (0, len(self.x)):
            raise ValueError(f"series {self.name}: {len(self.x)} x, {len(self.y)} y, {len(self.labels)} labels")


@dataclass(frozen=True)
class Drawing:
    """A figure, inline on the page, and as PNG, SVG and PDF beside it."""

    name: str  # of the files, without suffix; one on the page
    title: str  # what it shows, also for those who cannot see it
    figure: "Figure"
    series: tuple[Series, ...]  # what it shows as numbers, for a page that shows them on hover
    caption: tuple[Sentence, ...] = ()
    cells: tuple[str, ...] = ()  # that it was drawn from, where the caption does not say
    command: str = ""


@dataclass(frozen=True)
class Image:
    """A picture that a run's folder holds already."""

    title: str
    path: str  # in this folder


@dataclass(frozen=True)
class ShownRule:
    """One rule in words, with the pictures that it names."""

    words: str
    boards: tuple[tuple[str, ...], ...] = ()  # rows as `explain` draws them, two letters a column: * . X O # ? and blanks
    facts: tuple[str, ...] = ()  # such as `gain +0.120`


@dataclass(frozen=True)
class ShownList:
    """The first rules of a list, in the order in which it is read."""

    title: str
    rules: tuple[ShownRule, ...]
    cell: str
    n_more: int = 0  # rules that are not shown
    lead: str = ""  # how the list is read
    end: str = ""  # what holds when no rule applies
    command: str = ""


@dataclass(frozen=True)
class Listing:
    """Text as it is, letter below letter."""

    text: str
    cell: str = ""


@dataclass(frozen=True)
class Fold:
    """Blocks that are folded away under their title until the reader wants them."""

    title: str
    blocks: "tuple[Block, ...]"
    cell: str = ""


@dataclass(frozen=True)
class Filed:
    """A table that is written to its file and not shown, because it has a row for every curve of a run."""

    table: Table


Block = Words | Table | Drawing | Image | ShownList | Listing | Fold | Filed


@dataclass(frozen=True)
class Section:
    """A part of the page under a heading, and further parts within it."""

    anchor: str  # letters, digits, `-`, `_`, `.`; one on the page
    title: str
    blocks: tuple[Block, ...] = ()
    sections: "tuple[Section, ...]" = ()
    holes: tuple[str, ...] = ()  # what is not shown here and why, a line each, shown first
    short: str = ""  # in the navigation; the title unless given


def words(*sentences: Sentence | str, is_list: bool = False, is_note: bool = False, command: str = "") -> Words:
    """Words from sentences, or from texts that need no record."""
    return Words(tuple(Sentence(text) if isinstance(text, str) else text for text in sentences), is_list, is_note, command)


def blocks_of(section: Section) -> list[Block]:
    """All blocks of a section and of those within it, in the order of the page, those in folds too."""
    return [*_unfolded(section.blocks), *(block for inner in section.sections for block in blocks_of(inner))]


def tables_of(sections: Sequence[Section]) -> list[Table]:
    """All tables of some sections, those that are not shown too."""
    blocks = [block for section in sections for block in blocks_of(section)]
    return [block.table if isinstance(block, Filed) else block for block in blocks if isinstance(block, Table | Filed)]


def excerpt(table: Table, game: str) -> list[Table]:
    """The rows of one game without the name of the game, which is the first column of `table`; empty where it has no rows."""
    rows = tuple(replace(row, values=row.values[1:]) for row in table.rows if row.values[0] == game)
    return [replace(table, columns=table.columns[1:], rows=rows, is_excerpt=True)] if rows else []


def pruned(sections: Sequence[Section]) -> list[Section]:
    """The sections without tables that have no row, and without folds and sections that hold nothing."""
    found = [replace(section, blocks=_filled(section.blocks), sections=tuple(pruned(section.sections))) for section in sections]
    return [section for section in found if section.blocks or section.sections or section.holes]


def _filled(blocks: "Sequence[Block]") -> "tuple[Block, ...]":
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Fold):
            inner = _filled(block.blocks)
            found += [replace(block, blocks=inner)] if inner else []
        elif not (isinstance(block, Table) and not block.rows) and not (isinstance(block, Filed) and not block.table.rows):
            found.append(block)
    return tuple(found)


def _unfolded(blocks: Sequence[Block]) -> list[Block]:
    found: list[Block] = []
    for block in blocks:
        found += [block, *(_unfolded(block.blocks) if isinstance(block, Fold) else [])]
    return found
