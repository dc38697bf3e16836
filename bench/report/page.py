"""The report of a run: one self-contained HTML page, and every table and figure of it as files beside it.

All that the sections (bench/report/contents.py) hold is laid out, written to files and linked here, so that no table or figure can be
forgotten.
"""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.harness.store import file_stem
from bench.report.blocks import FORMATS, Drawing, Section, Table, Value, blocks_of
from bench.report.contents import sections_of
from bench.report.explorable.game_pages import GamePages, write_game_pages
from bench.report.html import render
from bench.report.parts.provenance import numbers
from bench.report.run_data import Evidence, read_evidence
from games.solving.store import write_atomically

TABLES, FIGURES = "tables", "figures"  # folders of a run that belong to its report


def write_report(
    folder: Path,
    formats: Sequence[str] = FORMATS,
    paper_formats: Sequence[str] = FORMATS,
    own_games: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> tuple[list[Path], list[str]]:
    """Write `report.html`, tables, figures and a page a game; returns the files, and the cells that are missing, failed or damaged.

    `formats`: those of FORMATS in which the figures of the page are written beside it; `paper_formats`: the same of Figure 1 as a whole.
    `own_games` and `say`: as `write_game_pages` takes them. Raises WorkError when the run's folder does not say which suite it is.
    """
    from bench.report.plots.figure1 import draw_figure_1
    from bench.report.plots.style import save_figure

    evidence = read_evidence(folder)
    sections = sections_of(evidence)
    check_names(sections)
    blocks = [block for section in sections for block in blocks_of(section)]
    page = folder / "report.html"
    figure = draw_figure_1(evidence.records) if paper_formats else None
    written = [page, *(save_figure(figure, folder / "figure1", paper_formats) if figure is not None else [])]
    games = write_game_pages(evidence, own_games, say)
    written += games.pages.values()
    write_atomically(page, [_page(evidence, sections, formats, games).encode()])
    for block in blocks:
        if isinstance(block, Table):
            path = folder / TABLES / f"{file_stem(block.name)}.csv"
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, [as_csv(block).encode()])
            written.append(path)
        elif isinstance(block, Drawing):
            written += save_figure(block.figure, folder / FIGURES / file_stem(block.name), formats)
    _remove_others(folder, written)
    return written, list(evidence.holes)


def _page(evidence: Evidence, sections: Sequence[Section], formats: Sequence[str], games: GamePages) -> str:
    seconds = sum(record.seconds.get("total", 0.0) for record in evidence.records)
    stale: dict[str, list[str]] = {}
    for cell_id, why in evidence.stale.items():
        stale.setdefault(why, []).append(cell_id)
    return render(
        sections,
        numbers(evidence),
        suite=evidence.suite,
        suite_in_words=evidence.suite_in_words,
        formats=formats,
        n_cells=evidence.n_cells,
        n_measured=len(evidence.records),
        effort=f"{seconds:,.0f} s" if seconds < 600 else f"{seconds / 60:,.0f} min",
        holes=evidence.holes,
        stale=stale,
        n_stale=len(evidence.stale),
        games={game: path.relative_to(evidence.folder).as_posix() for game, path in games.pages.items()},
        without_page=games.without,
    )


def check_names(sections: Sequence[Section]) -> None:
    """Raise ValueError where two anchors, tables or drawings of a page have the same name: one would hide the other."""
    blocks = [block for section in sections for block in blocks_of(section)]
    kinds = {
        "anchor": [anchor for section in sections for anchor in _anchors(section)],
        "table": [block.name for block in blocks if isinstance(block, Table)],
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
    """Remove tables and figures of an earlier report, which this one does not have."""
    kept = set(written)
    for pattern in (f"{TABLES}/*.csv", *(f"{FIGURES}/*.{suffix}" for suffix in FORMATS)):
        for path in folder.glob(pattern):
            if path not in kept:
                path.unlink()
