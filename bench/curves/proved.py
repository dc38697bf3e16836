"""The band of single-atom lists: from what is proved that every list leaves to what the best list found leaves.

What is proved comes from the summaries in reports/bounds, which the checker writes beside its certificates. It is about first-match lists
of single atoms (concepts, patterns, single positions), positions counted alike. Of conjunctions and trees nothing is drawn.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from bench.harness.records import Record
from bench.wording import at_least, best_percent
from games.errors import UsageError
from policies.bounds.summary import Summary, read_summary

FOLDER = Path(__file__).parents[2] / "reports" / "bounds"
LEARNERS = ("rulelist", "local_search", "optimal_list", "random_order")
PARTS = ("concepts", "patterns", "positions")
UNIFORM = ("uniform", "strong")  # two names of weights by which positions count alike
MEETS = 1e-9  # of the regret of uniform play, below which lies the rounding of a gain


@dataclass(frozen=True)
class Band:
    """Of one game: numbers of rules, and what every list of each length leaves at least and the best list found leaves."""

    game: str
    sizes: tuple[int, ...]
    proved: tuple[Fraction, ...]
    found: tuple[float, ...]

    @property
    def optimal(self) -> tuple[int, ...]:
        """The numbers of rules for which the best list found is proved to be the best of all."""
        return tuple(k for k, low, high in zip(self.sizes, self.proved, self.found, strict=True) if high - low < MEETS)

    def sentence(self, about: int = 32) -> str:
        """What is proved of lists of `about` rules, or of the longest measured, beside the best found."""
        k = max((size for size, low in zip(self.sizes, self.proved, strict=True) if size <= about and low > 0), default=self.sizes[0])
        place = self.sizes.index(k)
        ending = "; no list is better" if k in self.optimal else ""
        found = f"the best such list found leaves {best_percent(self.found[place])}"
        return f"With one atom a rule, {at_least(k, self.proved[place])}, proved; {found}{ending}."


def is_single_atom_list(learner: str, options: Mapping[str, Any]) -> bool:
    """Whether a learner with these options fits first-match lists of single concepts, patterns and positions: what the proofs are about."""
    language = str(options.get("language", "concepts+patterns+positions"))
    return (
        learner in LEARNERS
        and options.get("semantics", "first-match") == "first-match"
        and options.get("atoms", "conjunctions" if learner == "rulelist" else "single") == "single"
        and all(part in PARTS for part in language.split("+"))
    )


def is_in_band(record: Record) -> bool:
    """Whether a record holds lists of the class that the proofs are about."""
    cell = record.cell
    return cell.weights in UNIFORM and bool(record.points) and is_single_atom_list(cell.learner, cell.options)


def band_of(game: str, records: Sequence[Record]) -> Band | None:
    """The band of a game over the sizes of the lists measured; None where nothing is proved, or no list was measured.

    None also where a record has a better list than there can be: then it is not about the game that was solved here.
    """
    summary = summary_of(game)
    lists = [record for record in records if record.cell.game == game and is_in_band(record)]
    points = [(point.size, 1.0 - point.gain) for record in lists for point in record.points]
    if summary is None:
        return None
    sizes, proved, found = [], [], []
    for k in sorted({size for size, _ in points if size > 0}):
        low = summary.residual(k)
        if low is not None:
            sizes.append(k)
            proved.append(low)
            found.append(min(left for size, left in points if size <= k))
    is_sound = all(high > low - MEETS for low, high in zip(proved, found, strict=True))
    return Band(game, tuple(sizes), tuple(proved), tuple(found)) if sizes and is_sound else None


@functools.lru_cache
def summary_of(game: str) -> Summary | None:
    """What the committed certificates of a game prove; None where there are none."""
    path = FOLDER / f"{game}.bounds"
    try:
        return read_summary(path)
    except UsageError:
        return None
