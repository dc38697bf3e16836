"""A page a game of a run, beside its report."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.harness.records import Record
from bench.harness.store import cell_status, file_stem, read_suite
from bench.harness.untrusted_ids import runs_code
from bench.report.explorable.page import ShownPath, write_page
from bench.report.explorable.refit import is_list, refit, shown_records
from bench.report.run_data import Evidence
from bench.suites.grid import cells
from games.errors import WorkError
from games.keys.modules import closure
from games.solving.store import write_atomically
from policies.task import make_task

FOLDER = "games"  # of a run, that belongs to its report
MAX_STATES = 20_000
MAX_BYTES = 1_500_000
MAX_HEAD = 2_000  # bytes of a page, its key among them


class GamePages(NamedTuple):
    """The pages of a run, by game, and why other games have none."""

    pages: dict[str, Path]
    without: dict[str, str]


def write_game_pages(evidence: Evidence, own_games: Collection[str] = (), say: Callable[[str], None] = lambda _: None) -> GamePages:
    """Write `games/ID.html` for every game of a run of up to MAX_STATES states with a nested list of rules.

    A page that was made from the same records and sources stays as it is. `own_games`: ids of games whose code may be run, as
    `bench.harness.untrusted_ids` has it. `say` is called with each game whose page is made.
    """
    pages: dict[str, Path] = {}
    without: dict[str, str] = {}
    for game in evidence.suite.games:
        path = evidence.folder / FOLDER / f"{file_stem(game)}.html"
        try:
            records = _records(evidence, game, own_games)
            key = _key(evidence.suite.name, records)
            if key not in _head(path):
                say(game)
                page = _page(game, records, evidence.suite.name, key)
                path.parent.mkdir(exist_ok=True)
                write_atomically(path, [page])
            pages[game] = path
        except WorkError as error:
            without[game] = str(error)
    for path in (evidence.folder / FOLDER).glob("*.html"):
        if path not in pages.values():
            path.unlink()
    return GamePages(pages, without)


def page_of_lists(folder: Path, game: str, back: str, run: str) -> str:
    """The page of a game with the lists of a run's folder and without its networks, which take longer to fit.

    `back` and `run` as `write_page` has them. Raises WorkError where a list cannot be fitted again to what its record says.
    """
    found = [cell_status(folder, cell.id).measured for cell in cells(read_suite(folder)) if cell.game == game]
    records = [record for record in shown_records([record for record in found if record is not None]) if is_list(record)]
    return write_page(make_task(game), [ShownPath(record, refit(record)) for record in records], back, run)


def _records(evidence: Evidence, game: str, own_games: Collection[str]) -> list[Record]:
    """The records that the page of a game shows. Raises WorkError where it has no page, saying why."""
    if runs_code(game) and game not in own_games:
        raise WorkError(f"its rules are code that the run names: give --game {game} if you trust it")
    records = [record for record in shown_records(evidence.of_game(game)) if record.cell_id not in evidence.stale]
    if not any(is_list(record) for record in records):
        raise WorkError("the run has no list of rules for it in which each rule is added to those before, or it is out of date")
    if records[0].n_states > MAX_STATES:
        raise WorkError(f"it has {records[0].n_states:,} states, a page holds {MAX_STATES:,}")
    return records


def _page(game: str, records: Sequence[Record], suite: str, key: str) -> bytes:
    """The page of a game. Raises WorkError where there is none, saying why."""
    shown, left_out = list[ShownPath](), list[str]()
    for record in records:
        try:
            shown.append(ShownPath(record, refit(record)))
        except WorkError as error:
            left_out.append(f"{record.cell.label}: {error}")
    if not shown or not is_list(shown[0].record):
        raise WorkError("; ".join(left_out))
    page = write_page(make_task(game, records[0].cell.weights), shown, "../report.html", f"the run {suite}", key, left_out).encode()
    if len(page) > MAX_BYTES:
        raise WorkError(f"it would take {len(page):,} bytes, more than {MAX_BYTES:,}")
    return page


def _key(suite: str, records: Sequence[Record]) -> str:
    """A hash of all that a page is made from: its records, the sources that make it, its template, style and script."""
    sources = closure([__name__])
    parts = [suite, *(record.cell_id + record.key for record in records), *(sources[name].digest.hex() for name in sorted(sources))]
    files = [path for path in sorted(Path(__file__).parent.iterdir()) if path.suffix in (".html", ".css", ".js")]
    parts += [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _head(path: Path) -> str:
    """The beginning of a page that is there, else nothing."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(MAX_HEAD).decode(errors="replace")
