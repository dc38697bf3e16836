"""Which records and points Figure 1 shows, without drawing them."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from bench.curves.curve import bits_to
from bench.harness.point import Point
from bench.harness.records import Record
from bench.suites.grid import Cell
from policies.explanation import Entry


class Mark(NamedTuple):
    """Something whose description has a known number of bits, or that has none."""

    short: str
    detail: str
    bits: float

    @property
    def name(self) -> str:
        return f"{self.short}, {self.detail}"


PAPER_MARKS = (  # Lillicrap & Kording (2019)
    Mark("human genome", "upper limit", 6e9),
    Mark("human language", "1.5 MB", 1.2e7),
    Mark("ImageNet network", "100,000 weights of 32 bits", 3.2e6),
)
UNDRAWN = ("uniform", "perfect", "shortest")  # the ends of every curve, and single lists searched for a grade, not for gain
SEARCHES = ("minimax", "mcts")  # they play well by their work, whatever their bits
UNSIZED = (*UNDRAWN, *SEARCHES)  # not counted where policies are compared by their bits alone
BEST = "best-rulelist"
RIVALS = ("rulelist", BEST, "weighted-list", "equivariant-network")  # compared at equal bits, by label
UNTOLD = "(told in the list below)"
MAX_ROWS = 16  # of panel A
DEFAULT_LANGUAGE = "concepts+patterns+positions"  # of rule lists whose options name none
NAMES = {  # of families, in titles
    "tictactoe": "Tic-tac-toe",
    "go": "Go",
    "nogo": "NoGo",
    "hex": "Hex",
    "kalah": "Kalah",
    "breakthrough": "Breakthrough",
    "domineering": "Domineering",
    "connect_four": "Connect Four",
    "nim": "Nim",
    "mnk": "m,n,k-games",
}
LEVEL = 0.9  # the gain at which panel C compares


def waterfall_list(records: Sequence[Record]) -> Record | None:
    """The rule list that panel A shows, rule by rule; None without a nested list.

    It is one on the smallest game that has a list of concepts alone, else of concepts and more, else of anything; of several lists on that
    game the one with most lengths measured.
    """
    lists = [record for record in records if record.cell.learner == "rulelist" and not record.cell.options.get("best") and growing(record)]
    return max(lists, key=lambda record: (_share_of_concepts(record), -record.n_positions, len(growing(record))), default=None)


def about_waterfall(record: Record) -> str:
    """Which list panel A shows, in a sentence."""
    atoms = "single atoms" if record.cell.options.get("atoms") == "single" else "conjunctions"
    language = " and ".join(_language(record).split("+"))
    return f"Panel A shows the list {record.cell.label} on {record.cell.game}: rules of {atoms} in the language of {language}."


def _language(record: Record) -> str:
    return str(record.cell.options.get("language", DEFAULT_LANGUAGE))


def _share_of_concepts(record: Record) -> float:
    """Of the parts of a list's language, the share that are concepts."""
    parts = _language(record).split("+")
    return parts.count("concepts") / len(parts)


def growing(record: Record) -> list[Point]:
    """The first points of a curve whose policies grow, at most MAX_ROWS of them."""
    sizes = [0, *itertools.accumulate((point.size for point in record.points), max)]
    return [point for point, before in zip(record.points, sizes, strict=False) if point.size > before][:MAX_ROWS]


def numbers_of(points: Sequence[Point]) -> list[str]:
    """Which rules each of these points adds to the one before: `3`, or `3-4` where no list of 3 was measured."""
    firsts = [1, *(point.size + 1 for point in points)]
    return [str(point.size) if first == point.size else f"{first}-{point.size}" for first, point in zip(firsts, points, strict=False)]


def added_rules(points: Sequence[Point]) -> list[str]:
    """For each point the rules that its list has and the previous point's list had not, in words; UNTOLD of records without entries."""
    before: set[Entry] = set()
    added = []
    for point in points:
        rules = point.explained.entries if point.explained else ()
        added.append("; ".join(rule.brief or rule.text for rule in rules if rule not in before) if point.explained else UNTOLD)
        before = set(rules)
    return added


def has_single_atoms(cell: Cell) -> bool:
    """Whether the rules of a rule list are single atoms, each added where it saves most and never exchanged."""
    return cell.learner == "rulelist" and (cell.options.get("atoms"), cell.options.get("polish")) == ("single", False)


def rank_of_list(record: Record) -> tuple[bool, bool, int, bool]:
    """Which of several curves of rules stands for a game, larger first: a nested rule list, of conjunctions, the longest, in concepts."""
    cell = record.cell
    is_nested = cell.learner == "rulelist" and not cell.options.get("best")
    is_single = cell.options.get("atoms") == "single"
    return is_nested, not is_single, record.points[-1].size, cell.options.get("language") == "concepts"


def plain_lists(records: Sequence[Record]) -> list[Record]:
    """One nested list a game, in the order of the games: one of single atoms if there is one, else that of `rank_of_list`."""
    best: dict[str, Record] = {}
    for record in records:
        if record.cell.learner == "rulelist" and record.points:
            other = best.get(record.cell.game)
            if other is None or _rank_of_plain_list(record) > _rank_of_plain_list(other):
                best[record.cell.game] = record
    return list(best.values())


def _rank_of_plain_list(record: Record) -> tuple[bool, tuple[bool, bool, int, bool]]:
    return has_single_atoms(record.cell), rank_of_list(record)


def shortest_at_level(records: Sequence[Record]) -> dict[str, tuple[int, Record]]:
    """For each game the fewest bits of a measured policy that gains LEVEL, and its record; games by number of positions."""
    best: dict[str, tuple[int, Record]] = {}
    for record in records:
        n_bits = bits_to(record.points, LEVEL)
        if record.cell.learner not in UNSIZED and n_bits is not None:
            game = record.cell.game
            if game not in best or n_bits < best[game][0]:
                best[game] = (n_bits, record)
    return dict(sorted(best.items(), key=lambda entry: entry[1][1].n_positions))
