"""Reading back what studies have put on pages."""

from bench.studies.page import DOCS, Page, blocks_of
from bench.studies.registry import STUDIES

PAGES: dict[str, Page] = {page.file: page for pages in STUDIES.values() for page in pages}


def read(file: str) -> str:
    """A page of docs/."""
    return (DOCS / file).read_text()


def block(file: str, name: str) -> str:
    """The text of a block of a page."""
    return blocks_of(read(file))[name].text


def tables(text: str) -> list[list[list[str]]]:
    """The cells of each row of each table in a text, without its head."""
    found = [part.splitlines() for part in text.split("\n\n") if part.startswith("| ")]
    return [[[cell.strip() for cell in line[1:-1].split("|")] for line in lines[2:]] for lines in found]


def rows(file: str, name: str) -> list[list[str]]:
    """The rows of the only table in a block."""
    (found,) = tables(block(file, name))
    return found


def number(text: str) -> float:
    """A number with commas between its thousands."""
    return float(text.replace(",", ""))
