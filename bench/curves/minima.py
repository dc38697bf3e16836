"""The proved minima of a game: how many rules the shortest list of a grade has, from records of the learner `shortest`."""

from collections.abc import Sequence
from typing import NamedTuple

from bench.harness.records import Record

DEFAULTS = {"language": "concepts", "semantics": "first-match", "grade": "never_loses", "seat": "both"}  # of the learner's options


class Minimum(NamedTuple):
    """The fewest rules of a list in a language with a grade, proved by exhaustive search."""

    language: str
    semantics: str
    grade: str  # in words
    seat: str  # first, second or both
    n_rules: int
    cell_id: str

    @property
    def name(self) -> str:
        """Who plays it, and the language where it is not that of concepts."""
        who = "both players" if self.seat == "both" else f"{self.seat} player"
        return who if self.language == DEFAULTS["language"] else f"{who}, {self.language.partition('+')[0]}"

    @property
    def seat_in_words(self) -> str:
        """Who plays it, after a number of rules."""
        return "for both seats" if self.seat == "both" else f"as {self.seat} player"


def minima_of(records: Sequence[Record], game: str) -> list[Minimum]:
    """What was proved of the lists of a game, in the order of the records."""
    found = []
    for record in records:
        if record.cell.game == game and record.cell.learner == "shortest" and record.points:
            asked = DEFAULTS | {name: str(value) for name, value in record.cell.options.items()}
            grade = asked["grade"].replace("_", " ")
            about = asked["language"], asked["semantics"], grade, asked["seat"]
            found.append(Minimum(*about, record.points[-1].size, record.cell_id))
    return found
