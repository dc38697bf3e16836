"""The parts of a run's pages that a reader plays with, a game each, kept from report to report as long as nothing behind them changes."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.harness.records import Record
from bench.harness.store import cell_status, file_stem, read_suite
from bench.harness.untrusted_ids import runs_code
from bench.report.explorable.explorable import ShownPath, write_explorable
from bench.report.explorable.refit import is_list, refit, shown_records
from bench.report.names import GAMES
from bench.report.run_data import Evidence
from bench.suites.grid import cells
from games.errors import WorkError
from games.keys.modules import closure
from policies.task import make_task

MAX_STATES = 20_000
MAX_BYTES = 1_000_000
END = "<!-- end of what is played with -->"


class Explorables(NamedTuple):
    """HTML by game, and why other games have none."""

    found: dict[str, str]
    without: dict[str, str]


def explorables(evidence: Evidence, own_games: Collection[str] = (), say: Callable[[str], None] = lambda _: None) -> Explorables:
    """The interactive part of every game of a run that has up to MAX_STATES states and a nested list of rules.

    It is taken from the page that is there already, `games/ID.html`, where that was made from the same records and sources. `own_games`:
    ids of games whose code may be run, as `bench.harness.untrusted_ids` has it. `say` is called with each game for which it is made.
    """
    found: dict[str, str] = {}
    without: dict[str, str] = {}
    for game in evidence.suite.games:
        try:
            records = _records(evidence, game, own_games)
            begin = f"<!-- made from {_key(evidence.suite.name, records)} -->"
            kept = _between(evidence.folder / GAMES / f"{file_stem(game)}.html", begin)
            if not kept:
                say(game)
                kept = _made(game, records, evidence.suite.name)
            found[game] = begin + kept + END
        except WorkError as error:
            without[game] = str(error)
    return Explorables(found, without)


def explorable_of_lists(folder: Path, game: str, back: str, run: str) -> str:
    """The same of one game, with the lists of a run's folder and without its networks, which take longer to fit.

    `back` and `run` as `write_explorable` has them. Raises WorkError where a list cannot be fitted again to what its record says.
    """
    found = [cell_status(folder, cell.id).measured for cell in cells(read_suite(folder)) if cell.game == game]
    records = [record for record in shown_records([record for record in found if record is not None]) if is_list(record)]
    return write_explorable(make_task(game), [ShownPath(record, refit(record)) for record in records], back, run)


def _records(evidence: Evidence, game: str, own_games: Collection[str]) -> list[Record]:
    """The records that are played with of a game. Raises WorkError where there are none, saying why."""
    if runs_code(game) and game not in own_games:
        raise WorkError(f"its rules are code that the run names: give --game {game} if you trust it")
    shown = shown_records(evidence.of_game(game))
    if not any(is_list(record) for record in shown):
        raise WorkError("the run has no list of rules for it in which each rule is added to those before")
    records = [record for record in shown if record.cell_id not in evidence.stale]
    if not any(is_list(record) for record in records):
        raise WorkError(f"the records of its lists are out of date, and `gaincurve run {evidence.suite_in_words}` measures them again")
    if records[0].n_states > MAX_STATES:
        raise WorkError(f"it has {records[0].n_states:,} states, a page holds {MAX_STATES:,}")
    return records


def _made(game: str, records: Sequence[Record], suite: str) -> str:
    """What is played with of a game. Raises WorkError where there is nothing, saying why."""
    shown, left_out = list[ShownPath](), list[str]()
    for record in records:
        try:
            shown.append(ShownPath(record, refit(record)))
        except WorkError as error:
            left_out.append(f"{record.cell.label}: {error}")
    if not shown or not is_list(shown[0].record):
        raise WorkError("; ".join(left_out))
    made = write_explorable(make_task(game, records[0].cell.weights), shown, "../report.html", f"the run {suite}", left_out)
    if len(made.encode()) > MAX_BYTES:
        raise WorkError(f"it would take {len(made.encode()):,} bytes, more than {MAX_BYTES:,}")
    return made


def _key(suite: str, records: Sequence[Record]) -> str:
    """A hash of all that it is made from: its records, the sources that make it, and its template."""
    sources = closure([__name__])
    parts = [suite, *(record.cell_id + record.key for record in records), *(sources[name].digest.hex() for name in sorted(sources))]
    files = [path for path in sorted(Path(__file__).parent.iterdir()) if path.suffix == ".html"]
    parts += [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _between(path: Path, begin: str) -> str:
    """What stands between `begin` and END in a file; empty where it is not there."""
    text = path.read_text(errors="replace") if path.is_file() else ""
    return text.partition(begin)[2].partition(END)[0]
