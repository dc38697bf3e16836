"""docs/records.md: the shortest files known of each game, what made them, and the best known lists in words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.curves.curve import bits
from bench.curves.families import family_of, is_control
from bench.curves.proved import summary_of
from bench.harness.point import Point
from bench.harness.records import Record
from bench.studies.committed import records
from bench.studies.page import Page, Part
from bench.studies.result_tables import table
from bench.wording import count, duration, show

ENDS = ("uniform", "perfect")  # of every curve, no policies of anyone
AIMS: dict[str, Callable[[Point], bool | None]] = {  # what a policy may hold the record for, each proved by walking through all play
    "value": lambda point: point.plays_perfectly,
    "perfect": lambda point: point.is_proved("optimal_everywhere"),
}
WORDS, MAX_WORDS = 3, 120  # rules of a list that is told in a line, and characters of each
BYTE = 8


@dataclass(frozen=True, eq=False)
class Entry:
    """A policy of a committed cell that is the shortest known for something."""

    record: Record
    point: Point
    aims: tuple[str, ...]  # such as `value` or `perfect, with language`


def policies_of(found: Sequence[Record]) -> list[tuple[Record, Point]]:
    """All measured policies of these records."""
    return [(record, point) for record in found if record.cell.learner not in ENDS for point in record.points]


def entries_of(found: Sequence[Record]) -> list[Entry]:
    """The record files of one game: for each of AIMS the shortest without and with its language; a file that holds several comes once."""
    held: dict[tuple[str, int], tuple[Record, Point, list[str]]] = {}
    for aim, reaches in AIMS.items():
        for with_language in (False, True):
            able = [(record, point) for record, point in policies_of(found) if reaches(point)]
            if able:
                record, point = min(able, key=lambda each: _length(each[1], with_language))
                name = f"{aim}, with language" if with_language else aim
                held.setdefault((record.cell_id, point.budget), (record, point, []))[2].append(name)
    return [Entry(record, point, tuple(aims)) for record, point, aims in held.values()]


def _length(point: Point, with_language: bool) -> tuple[int, int]:
    """Bits, and of equal ones those counted the other way."""
    return bits(point, with_language), bits(point, not with_language)


def best_list(found: Sequence[Record], aim: str = "value") -> Entry | None:
    """The list with the fewest rules that reaches one of AIMS, of equal ones the shortest file; None where no list does."""
    able = [(record, point) for record, point in policies_of(found) if record.unit == "rules" and AIMS[aim](point)]
    if not able:
        return None
    return Entry(*min(able, key=lambda each: (each[1].size, each[1].policy_bits)), (aim,))


def families() -> dict[str, dict[str, list[Record]]]:
    """The committed records by family and game, without controls, games by positions."""
    found: dict[str, dict[str, list[Record]]] = {}
    for record in sorted(records(), key=lambda record: record.n_positions):
        if not is_control(record.cell.game):
            found.setdefault(family_of(record.cell.game), {}).setdefault(record.cell.game, []).append(record)
    return found


def told() -> dict[str, str]:
    """The blocks of the page."""
    found = families()
    sections = [f"## {family}\n\n{section(games)}" for family, games in sorted(found.items())]
    return {"table.families": "\n\n".join(sections)}


def section(games: dict[str, list[Record]]) -> str:
    """The table of a family, its lists in words, and what its numbers can resolve."""
    rows = [row(entry) for found in games.values() for entry in entries_of(found)]
    head = "game | record for | policy bits | with language | cell | budget | gain | effort | made"
    lists = "\n".join(list_line(game, found) for game, found in games.items())
    return f"{table(head, rows)}\n\nThe lists with the fewest rules that keep the value:\n\n{lists}\n\n{floor(games)}"


def row(entry: Entry) -> tuple[object, ...]:
    """The cells of one record file."""
    record, point = entry.record, entry.point
    cell = f"`{record.cell_id.partition('/')[2]}`"
    made = str(record.provenance["made"])[:10]
    return (
        *(record.cell.game, "; ".join(entry.aims), point.policy_bits, point.total_bits, cell, str(point.budget)),
        *(point.gain, effort(point.fit_seconds), made),
    )


def effort(seconds: float) -> str:
    """The time of the fit, from the start of its curve."""
    return "under 1 s" if seconds < 1 else duration(seconds)


def list_line(game: str, found: Sequence[Record]) -> str:
    """The best known list of a game in a line, and what is proved of lists."""
    best = best_list(found) or best_list(found, "perfect")
    if best is None:
        return f"- {game}: no measured list is perfect. {proved_line(game)}".rstrip()
    point = best.point
    entries = point.explained.entries if point.explained and point.size <= WORDS else ()
    words = [entry.brief or entry.text for entry in entries]
    is_short = all(len(text) <= MAX_WORDS and not entry.boards for text, entry in zip(words, entries, strict=True))
    told = f": {'; '.join(words)}" if words and is_short else ""
    made = f"`{best.record.cell_id.partition('/')[2]}`, budget {point.budget}"
    stalls = ", optimal in all positions, which may stall" if best.aims == ("perfect",) else ""
    return f"- {game}: {count(point.size, 'rule')}{stalls}{told} ({made}). {proved_line(game)}".rstrip()


def proved_line(game: str) -> str:
    """The longest lists of single atoms that are proved to leave something, with the certificate; empty where there is none."""
    summary = summary_of(game)
    longest = max((k for k in summary.saved if summary.residual(k)), default=0) if summary else 0
    certificate = f"[certificate](../reports/bounds/{game}.bounds)"
    return f"Proved: perfect play takes more than {longest} single atoms ({certificate})." if longest else ""


def floor(games: dict[str, list[Record]]) -> str:
    """The smallest differences that a table can show: in bits, in gain, and between seeds."""
    worth = [1.0 / (found[0].effective_positions or found[0].n_positions) for found in games.values()]
    gain = f"{min(worth):.1g} to {max(worth):.1g}" if len(worth) > 1 else f"{worth[0]:.1g}"
    spread = max((one for found in games.values() for one in spreads(found)), default=None)
    said = "no file here has several seeds that all reach an aim"
    if spread is not None:
        said = f"of one cell and aim, the shortest files of different seeds lie up to {show(spread)} bits apart"
    return f"*Floor: {BYTE} bits, since a file is whole bytes; in gain, one position is worth {gain}; {said}.*"


def spreads(found: Sequence[Record]) -> Iterable[int]:
    """Of each label with several seeds that all reach an aim, how far apart their shortest files are."""
    for label in {record.cell.label for record in found}:
        seeds = [record for record in found if record.cell.label == label]
        for reaches in AIMS.values():
            shortest = [min((point.policy_bits for point in one.points if reaches(point)), default=None) for one in seeds]
            known = [n_bits for n_bits in shortest if n_bits is not None]
            if len(seeds) > 1 and len(known) == len(seeds):
                yield max(known) - min(known)


PAGES = (Page("records.md", {"table": Part(told)}),)
