"""The report of a run: an index and a page for each game, and every table and figure of them as files beside them.

All that the sections (bench/report/contents.py) hold is laid out, written to files and linked here, so that no table or figure can be
forgotten.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from bench.harness.store import file_stem
from bench.report.blocks import FORMATS, Drawing, Section, Table, Value, blocks_of, tables_of
from bench.report.contents import Contents, contents_of
from bench.report.explorable.explorables import Explorables, explorable_of_lists, explorables
from bench.report.html import Place, numbered, render
from bench.report.names import GAMES, page_of, title_of
from bench.report.run_data import Evidence, read_evidence
from bench.suites.grid import cells
from bench.wording import duration
from games.solving.store import write_atomically

TABLES, FIGURES = "tables", "figures"  # folders of a run that belong to its report


def write_report(
    folder: Path,
    formats: Sequence[str] = FORMATS,
    paper_formats: Sequence[str] = FORMATS,
    own_games: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> tuple[list[Path], list[str]]:
    """Write `report.html`, `games/ID.html`, tables and figures; returns the files, and the cells that are missing, failed or damaged.

    `formats`: those of FORMATS in which the figures of the pages are written beside them; `paper_formats`: the same of Figures 1
    and 2 as a journal prints them. `own_games` and `say`: as `explorables` takes them. Raises WorkError when the run's folder does not
    say which suite it is.
    """
    from bench.report.figures import write_figures
    from bench.report.plots.files import save_figure

    evidence = read_evidence(folder)
    contents = contents_of(evidence)
    played = explorables(evidence, own_games, say)
    index = folder / "report.html"
    written = [index, *write_figures(evidence, folder, paper_formats)]
    place = Place(numbered(cells(evidence.suite)))
    write_atomically(index, [render("report.html", place, **_index(evidence, contents, formats, played)).encode()])
    (folder / GAMES).mkdir(exist_ok=True)
    for game, sections in contents.games.items():
        path = folder / GAMES / f"{file_stem(game)}.html"
        others = {"facts": contents.facts[game], "why_none": played.without.get(game, ""), "formats": formats}
        page = game_page(game, sections, played.found.get(game, ""), f"the run {evidence.suite.name}", place, others=others)
        write_atomically(path, [page])
        written.append(path)
    every = [contents.sections, *contents.games.values()]
    for sections in every:
        check_names(sections)
        for table in tables_of(sections):
            path = folder / TABLES / f"{file_stem(table.name)}.csv"
            if not table.is_excerpt:
                path.parent.mkdir(exist_ok=True)
                write_atomically(path, [as_csv(table).encode()])
                written.append(path)
    for drawing in contents.drawings:
        written += save_figure(drawing.figure, folder / FIGURES / file_stem(drawing.name), formats)
    _remove_others(folder, written)
    return written, list(evidence.holes)


def game_page(
    game: str,
    sections: Sequence[Section],
    explorable: str,
    run: str,
    place: Place,
    back: str = "../report.html",
    others: Mapping[str, Sequence[object]] | None = None,
) -> bytes:
    """The page of a game: what a reader plays with, HTML that may be empty, then the sections. `others`: what else its template names."""
    values = {"facts": (), "why_none": "", "formats": (), **(others or {})}
    return render(
        "game.html",
        Place(place.cells, game),
        title=title_of(game),
        sections=sections,
        explorable=Markup(explorable),
        run=run,
        back=back,
        **values,
    ).encode()


def page_of_lists(folder: Path, game: str, back: str, run: str) -> str:
    """The page of a game with nothing but the lists of a run's folder to play with, as `explorable_of_lists` has them."""
    return game_page(game, (), explorable_of_lists(folder, game, back, run), run, Place({}), back).decode()


def _index(evidence: Evidence, contents: Contents, formats: Sequence[str], played: Explorables) -> Mapping[str, Any]:
    """What the template of the index names."""
    stale: dict[str, list[str]] = {}
    for cell_id, why in evidence.stale.items():
        stale.setdefault(why, []).append(cell_id)
    positions = {
        record.cell.game: record.n_positions for record in reversed(evidence.records)
    }  # of the first: later ones may be of a sample
    games = [{"title": title_of(game), "address": page_of(game), "n_positions": positions.get(game)} for game in evidence.suite.games]
    return {
        "suite": evidence.suite,
        "suite_in_words": evidence.suite_in_words,
        "question": contents.question,
        "findings": contents.findings,
        "figure": contents.first[0] if contents.first else None,
        "in_words": contents.words,
        "games": games,
        "n_explorable": len(played.found),
        "sections": contents.sections,
        "formats": formats,
        "n_cells": evidence.n_cells,
        "n_measured": len(evidence.records),
        "effort": duration(sum(record.seconds.get("total", 0.0) for record in evidence.records)),
        "holes": evidence.holes,
        "stale": stale,
        "n_stale": len(evidence.stale),
    }


def check_names(sections: Sequence[Section]) -> None:
    """Raise ValueError where two anchors, tables or drawings of a page have the same name: one would hide the other."""
    blocks = [block for section in sections for block in blocks_of(section)]
    kinds = {
        "anchor": [anchor for section in sections for anchor in _anchors(section)],
        "table": [table.name for table in tables_of(sections)],
        "drawing": [block.name for block in blocks if isinstance(block, Drawing)],
    }
    for kind, names in kinds.items():
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two parts of the page have the {kind} {name}")


def _anchors(section: Section) -> list[str]:
    return [section.anchor, *(anchor for inner in section.sections for anchor in _anchors(inner))]


def as_csv(table: Table) -> str:
    """A table with all digits: the cell of each row before its values, and why it has none after them, where some row has these."""
    has_cells, has_holes = any(row.cell for row in table.rows), any(row.hole for row in table.rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["cell"] * has_cells + [column.key for column in table.columns] + ["hole"] * has_holes)
    for row in table.rows:
        values = [*row.values, *[None] * (len(table.columns) - len(row.values))]
        writer.writerow([row.cell] * has_cells + [_plain(value) for value in values] + [row.hole] * has_holes)
    return text.getvalue()


def _plain(value: Value) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _remove_others(folder: Path, written: Sequence[Path]) -> None:
    """Remove tables, figures and pages of an earlier report, which this one does not have."""
    kept = set(written)
    for pattern in (f"{TABLES}/*.csv", f"{GAMES}/*.html", *(f"{FIGURES}/*.{suffix}" for suffix in FORMATS)):
        for path in folder.glob(pattern):
            if path not in kept:
                path.unlink()
