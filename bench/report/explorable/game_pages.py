"""A page a game of a run, beside its report."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.harness.store import file_stem
from bench.harness.untrusted_ids import runs_code
from bench.report.explorable.page import ShownPath, write_page
from bench.report.explorable.refit import is_list, refit, shown_records
from bench.report.run_data import Evidence
from games.errors import WorkError
from games.solving.store import write_atomically
from policies.task import make_task

FOLDER = "games"  # of a run, that belongs to its report
MAX_STATES = 20_000
MAX_BYTES = 1_500_000


class GamePages(NamedTuple):
    """The pages that were written, by game, and why other games have none."""

    pages: dict[str, Path]
    without: dict[str, str]


def write_game_pages(evidence: Evidence, say: Callable[[str], None] = lambda _: None) -> GamePages:
    """Write `games/ID.html` for every game of a run of up to MAX_STATES states with a nested list of rules."""
    pages: dict[str, Path] = {}
    without: dict[str, str] = {}
    for game in evidence.suite.games:
        try:
            page = _page(evidence, game, say)
        except WorkError as error:
            without[game] = str(error)
            continue
        path = evidence.folder / FOLDER / f"{file_stem(game)}.html"
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, [page])
        pages[game] = path
    return GamePages(pages, without)


def _page(evidence: Evidence, game: str, say: Callable[[str], None]) -> bytes:
    """The page of a game. Raises WorkError where it has none, saying why."""
    if runs_code(game):
        raise WorkError("its rules are code that a run's folder names")
    records = [record for record in shown_records(evidence.of_game(game)) if record.cell_id not in evidence.stale]
    if not any(is_list(record) for record in records):
        raise WorkError("no nested list of rules is up to date")
    if records[0].n_states > MAX_STATES:
        raise WorkError(f"it has {records[0].n_states:,} states, a page holds {MAX_STATES:,}")
    say(game)
    shown = [ShownPath(record, refit(record)) for record in records]
    page = write_page(make_task(game, records[0].cell.weights), shown, "../report.html", f"the run {evidence.suite.name}").encode()
    if len(page) > MAX_BYTES:
        raise WorkError(f"it would take {len(page):,} bytes, more than {MAX_BYTES:,}")
    return page
