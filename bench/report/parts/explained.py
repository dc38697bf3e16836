"""The rules of a record's explanation, taken apart: words, and the rows of the boards that its pictures show.

Explanations are text (policies/rules/text.py, policies/rules/weighted.py). A window is shown whole, with `?` where it says nothing. A
position is shown without the names of its rows and columns, with `*` where the move is made on the board.
"""

import re

from bench.report.blocks import ShownRule

WINDOW, POSITION = "fits this picture", "in just this position"
SYMBOLS = ".XO#?*"
_ENTRY = re.compile(r" {0,5}(\d+\.|[+-]\d+)\s+(\S.*)")
_AND = re.compile(r" {5}and (\S.*)")
_LEAD = re.compile(r"^((Play|Else play|Keep) a move that|a move that) ")
_ROW = re.compile(r" *(\d+) ([.XO*#](?: [.XO*#])*)")


def rules_in(explanation: str) -> list[ShownRule]:
    """The rules of an explanation in its order; none where it lists none, as that of a network. A weight is the rule's only fact."""
    found: list[tuple[str, list[tuple[str, list[str]]]]] = []
    for line in explanation.splitlines():
        if entry := _ENTRY.fullmatch(line):
            found.append((entry[1], [(_LEAD.sub("", entry[2]), [])]))
        elif found and (further := _AND.fullmatch(line)):
            found[-1][1].append((further[1], []))
        elif found and line.startswith(" " * 8):
            found[-1][1][-1][1].append(line)
    return [_rule(lead, parts) for lead, parts in found]


def lead_and_end(explanation: str) -> tuple[str, str]:
    """How the list is read, and what holds when no rule applies; either may be empty."""
    lines = explanation.splitlines()
    first = next((i for i, line in enumerate(lines) if _ENTRY.fullmatch(line)), len(lines))
    lead = " ".join(line for line in lines[:first] if not line.startswith(("With ", "In the pictures")))
    end = lines[-1].strip() if first < len(lines) and lines[-1].startswith("     Else ") else ""
    return lead, end


def _rule(lead: str, parts: list[tuple[str, list[str]]]) -> ShownRule:
    words, boards = [], []
    for said, picture in parts:
        rows, notes = _window(picture) if WINDOW in said else _position(said, picture)
        words.append(re.sub(r" \(\w+\)$", "", said) if WINDOW in said else " ".join([said, *notes]))
        boards += [rows] if rows else []
    return ShownRule(" and ".join(words), tuple(boards), (f"weight {lead}",) if lead[0] in "+-" else ())


def _window(picture: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """All cells of the square in whose middle the move is made."""
    middle = len(picture) // 2
    if len(picture) % 2 == 0 or "*" not in picture[middle]:
        return (), picture
    first = picture[middle].index("*") - 2 * middle
    rows = (line.ljust(first + 2 * len(picture))[first::2][: len(picture)] for line in picture)
    return tuple(" ".join(row.replace(" ", "?")) for row in rows), []


def _position(said: str, picture: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The cells of a board, and what else is said of the position; what is no board is said in words."""
    rows = [found for line in picture if (found := _ROW.fullmatch(line))]
    if not rows or len(rows) == len(picture):
        return (), [line.strip() for line in picture]
    letters, *notes = (line.strip() for line in picture[len(rows) :])
    place = re.search(r"\bis (\S+)", said)
    shown = []
    for row in rows:
        cells = row[2].replace("*", ".").split()  # in positions a star is a point that ko forbids, which the notes name
        names = [f"{letter}{row[1]}" for letter in letters.split()]
        shown.append(" ".join("*" if place and name == place[1] else cell for name, cell in zip(names, cells, strict=False)))
    return tuple(shown), [f"({note})" for note in notes]
