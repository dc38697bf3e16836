"""A policy in words, as data: how it is read, its entries in their order, and the play where no entry applies.

`str()` of an Explanation is the text for a terminal. Other displays use the fields; no code parses the text.
"""

from dataclasses import dataclass, field

LEGEND = "In the pictures: * the move, X yours, O theirs, . empty, # off the board, nothing or ?: anything."
BoardRows = tuple[str, ...]  # two letters a column: `*` the move, then X O . # and `?` for anything, with blanks between them


@dataclass(frozen=True)
class Entry:
    """One rule, weighted atom, question, position or unit; the same wherever in a list it stands."""

    text: str  # in one line, for whoever draws `boards` beside it
    boards: tuple[BoardRows, ...] = ()  # that belong to the text, in its order
    weight: int | None = None  # the points that it gives, in a weighted list
    brief: str = ""  # `text` without the names of concepts; `text` where empty
    lines: tuple[str, ...] = field(default=(), compare=False)  # as a terminal shows it, numbered and with its pictures; `text` where empty


@dataclass(frozen=True)
class Explanation:
    """A policy in words. Any field but `lead` may be empty."""

    lead: str  # how the entries are read, or all that there is to say; may have several lines
    entries: tuple[Entry, ...] = ()
    end: str = ""  # what holds where no entry applies
    legend: str = ""  # what the symbols of pictures in a terminal stand for

    def __str__(self) -> str:
        head = [part for part in (self.lead, self.legend) if part]
        shown = [line for entry in self.entries for line in entry.lines or (entry.text,)]
        return "\n".join([*head, *shown, *([self.end] if self.end else [])])
