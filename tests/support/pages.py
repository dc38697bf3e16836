"""Reading the tables of the documents back, and writing links between documents."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def linked(text: str) -> str:
    """A text in which the documents that it names as docs/NAME.md, and that are there, are links to them, as seen from docs/."""
    return re.sub(r"docs/([a-z-]+\.md)", lambda found: f"[{found[0]}]({found[1]})" if (DOCS / found[1]).exists() else found[0], text)


def rows_under(page: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading that begins so, without its head."""
    (section,) = [part for part in page.split("\n## ") if part.startswith(heading)]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def number(text: str) -> float:
    """A number with commas between its thousands."""
    return float(text.replace(",", ""))
