"""Reading the tables of the documents back."""


def rows_under(page: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading that begins so, without its head."""
    (section,) = [part for part in page.split("\n## ") if part.startswith(heading)]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def number(text: str) -> float:
    """A number with commas between its thousands."""
    return float(text.replace(",", ""))
