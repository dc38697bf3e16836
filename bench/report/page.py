"""The report of a run: one self-contained HTML page, and the figures as PNG, SVG and PDF beside it.

Everything on the page is computed here from the records; the template (bench/report/templates/report.html) only lays it out.
"""

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import jinja2
import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

from bench.curves.curve import LEVELS, bits_to, compare_all, units_to
from bench.curves.figure1 import RIVALS, UNDRAWN
from bench.harness.store import Point, Record, read_records, read_suite
from bench.harness.suite import Suite, cells
from bench.report.comparison_plots import draw_gain_against_bits
from bench.report.plots import STYLE, TITLES, draw_figure_1, draw_panels, save_figure
from bench.report.sentences import about_axis, about_go, about_tictactoe
from bench.report.views import about_measures
from bench.terminal import count, show
from games.truth import write_atomically

DIAGNOSTICS = "diagnostics"  # folder of a run
MOST_COMPARED = 12  # rows of the comparison at equal bits


@dataclass(frozen=True)
class Row:
    """One learner on one game: what each level takes, the shortest way to perfect play, and where the curve ends."""

    name: str
    record: Record
    bits: list[int | None]  # to each of LEVELS
    units: list[int | None]
    shortest: Point  # policy and exceptions together
    last: Point
    grades: str


@dataclass(frozen=True)
class GamePage:
    """All that the report says about one game."""

    game: str
    facts: Record | None
    figure: Markup
    rows: list[Row]
    compared: list[tuple[int, dict[str, float], str]]  # bits, gain by learner, leader
    holes: list[str]


def write_report(folder: Path) -> tuple[list[Path], list[str]]:
    """Write `report.html` and the figures of a run; returns the files written, and the cells that are missing or failed.

    Raises WorkError when the run's folder does not say which suite it is.
    """
    suite = read_suite(folder)
    listed = [cell.id for cell in cells(suite)]
    found, damaged = read_records(folder, listed)
    holes = {
        cell_id: f"{cell_id} failed: {found[cell_id].error}" if cell_id in found else f"{cell_id} is missing"
        for cell_id in listed
        if cell_id not in found or found[cell_id].error
    }
    records = [found[cell_id] for cell_id in listed if cell_id not in holes]
    written = [folder / "report.html"]
    written += save_figure(draw_figure_1(records), folder / "figure1")
    panels = {letter: _inline(figure, f"panel-{letter}") for letter, figure in draw_panels(records).items()}
    kinds = list(dict.fromkeys(_name(record, suite) for record in records if record.cell.learner not in UNDRAWN))
    pages = [
        _page(game, suite, records, kinds, [text for cell_id, text in holes.items() if cell_id.startswith(f"{game}/")])
        for game in suite.games
    ]
    html = (
        _environment()
        .get_template("report.html")
        .render(
            suite=suite,
            panels=panels,
            sentences={"A": about_tictactoe(records), "B": about_go(records), "C": about_axis(records)},
            pages=pages,
            holes=list(holes.values()),
            damaged=damaged,
            n_cells=len(listed),
            provenances=_provenances(records),
            seconds=sum(record.seconds.get("total", 0.0) for record in records),
            levels=LEVELS,
            titles=TITLES,
            rivals=RIVALS,
            measures=about_measures(records),
            diagnostics=_diagnostics(folder),
        )
    )
    write_atomically(written[0], [html.encode()])
    return written, list(holes)


def _page(game: str, suite: Suite, records: Sequence[Record], kinds: Sequence[str], holes: list[str]) -> GamePage:
    here = [record for record in records if record.cell.game == game]
    drawn = {_name(record, suite): record.points for record in here if record.cell.learner not in UNDRAWN}
    figure = _inline(draw_gain_against_bits(game, drawn, kinds=kinds), f"bits-{game}") if drawn else Markup()
    rivals = {record.cell.label: record.points for record in reversed(here) if record.cell.label in RIVALS}  # of the first seed
    compared = []
    for bits, gains in _thinned(compare_all(rivals)) if len(rivals) == len(RIVALS) else []:
        ahead = max(gains, key=lambda name: gains[name])
        compared.append((bits, gains, ahead if len({round(gain, 9) for gain in gains.values()}) > 1 else "neither"))
    return GamePage(game, here[0] if here else None, figure, [_row(record, suite) for record in here], compared, holes)


def _diagnostics(folder: Path) -> list[tuple[str, list[tuple[str, Markup]]]]:
    """For each name the pictures that `gaincurve diagnose --out RUN/diagnostics/NAME` left in a run's folder, to stand in the page."""
    found = []
    for place in sorted(path for path in (folder / DIAGNOSTICS).glob("*") if path.is_dir()):
        pictures = [(path.stem, Markup(base64.b64encode(path.read_bytes()).decode())) for path in sorted(place.glob("*.png"))]
        found += [(place.name, pictures)] if pictures else []
    return found


def _row(record: Record, suite: Suite) -> Row:
    points = record.points
    last = points[-1]
    return Row(
        name=_name(record, suite),
        record=record,
        bits=[bits_to(points, level) for level in LEVELS],
        units=[units_to(points, level) for level in LEVELS],
        shortest=min(points, key=lambda point: point.codelength),
        last=last,
        grades=", ".join(name.replace("_", " ") for name in ("never_loses", "keeps_value", "optimal_everywhere") if last.grades[name])
        + ", may stall" * (last.grades["keeps_value"] and last.grades["stalls"]),
    )


def _name(record: Record, suite: Suite) -> str:
    """The label of a curve, with its seed where the suite has several."""
    return record.cell.label if len(suite.seeds) == 1 else f"{record.cell.label}, seed {record.cell.seed}"


def _thinned(rows: list[tuple[int, dict[str, float]]]) -> list[tuple[int, dict[str, float]]]:
    """At most so many rows as are read with pleasure, evenly spread, the first and the last among them."""
    if len(rows) <= MOST_COMPARED:
        return rows
    last = len(rows) - 1
    return [rows[round(i * last / (MOST_COMPARED - 1))] for i in range(MOST_COMPARED)]


def _inline(figure: Figure, salt: str) -> Markup:
    """A figure as SVG to stand in a page; the salt keeps the ids of several figures in one page apart."""
    text = io.StringIO()
    with mpl.rc_context({**STYLE, "svg.hashsalt": salt}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    svg = text.getvalue()
    svg = re.sub(
        r'<svg (.*?)width="[^"]*" height="[^"]*"',
        rf'<svg role="img" aria-label="{salt}" \1',
        svg[svg.index("<svg") :],
        count=1,
        flags=re.DOTALL,
    )
    return Markup(svg)  # safe: our own drawing, in which every text is drawn as paths


def _provenances(records: Sequence[Record]) -> list[tuple[str, str]]:
    """What the records were made with; a value that differs between them is listed with all its forms."""
    rows: dict[str, list[str]] = {}
    for record in records:
        flat = {**record.provenance, **record.provenance.get("libraries", {})}
        flat.pop("libraries", None)
        made = flat.pop("made", "")
        for name, value in {**flat, "day": made[:10]}.items():
            if str(value) and str(value) not in rows.setdefault(name, []):
                rows[name].append(str(value))
    return [(name, ", ".join(values)) for name, values in rows.items() if values]


def _environment() -> jinja2.Environment:
    template = (files("bench") / "report" / "templates" / "report.html").read_text()
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"report.html": template}),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(show=show, count=count)
    return environment
