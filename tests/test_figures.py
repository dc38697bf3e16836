"""Figure 1 of any run, and the SVG of figures: which panels there are, what a page can read from a curve, and what it weighs."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axis import Axis, Tick
from matplotlib.figure import Figure
from matplotlib.text import Text
from msgspec.structs import replace

from bench.curves.envelope import BITS, UNITS, drawn_in_panel_b
from bench.curves.figure1 import about_waterfall, waterfall_list
from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import comparable_status, read_suite
from bench.report.blocks import Series
from bench.report.parts.principles import drawn_in_figure_2, rows_of_figure_2
from bench.report.plots.comparison import draw_gain_against_bits
from bench.report.plots.figure1 import draw_figure_1, draw_panels, panels_of
from bench.report.plots.figure2 import draw_figure_2
from bench.report.plots.files import save_figure
from bench.report.plots.journal import NARROW, WIDE
from bench.report.plots.named import name_curve, name_part
from bench.report.plots.path_data import moved, shortened
from bench.report.plots.style import set_logarithmic
from bench.report.plots.svg import inline_svg, standalone_svg
from bench.suites.grid import Cell, cells
from policies.explanation import Entry, Explanation
from tests.support.planted_runs import graded_point as point
from tests.support.planted_runs import graded_run as planted

REFERENCE = Path(__file__).parents[1] / "reports/reference"
MOST_BYTES = 60_000
LONG = " ".join(["takes a cell that touches two of theirs and none of yours,"] * 6)
SAID = Explanation("Go down.", (Entry("wins", brief="wins"), Entry(LONG, brief=LONG)))


def counted(points: Sequence[Point]) -> list[Point]:
    """The points with a language of 45,000 bits."""
    return [replace(each, comparable_language_bits=45_000) for each in points]


def record(game: str, learner: str, points: Sequence[Point], n_positions: int = 100, unit: str = "rules", **options: object) -> Record:
    cell = Cell(game, learner, learner, options=dict(options))
    return Record(cell, cell.id, "key", unit, n_positions, n_positions + 10, 500, 0.5, list(points))


LIST = counted([point(1, 0.5, 8, said=Explanation("Go down.", SAID.entries[:1])), point(2, 0.95, 40, said=SAID), point(3, 1.0, 80)])
POOR = [point(1, 0.2, 8), point(2, 0.3, 16)]
RUNS = {
    "two own games": ([record("mine:GAME", "rulelist", LIST), record("other:GAME", "rulelist", LIST, 300)], "ABC"),
    "one game": ([record("hex-3", "rulelist", LIST), record("hex-3", "network", LIST, unit="hidden units")], "ABC"),
    "only networks": ([record(f"hex-{n}", "network", LIST, 10**n, unit="hidden units") for n in (2, 3)], "BC"),
    "only lists": ([record(f"go-2x{n}", "rulelist", LIST, 10**n) for n in (2, 3, 4)], "ABC"),
    "only poor lists": ([record("go-2x2", "rulelist", POOR, 20)], "AB"),
    "only controls": ([record("nim-1-2-3", "weighted", LIST, 24, "weights"), record("nim-3-4-5", "weighted", LIST, 120, "weights")], "BC"),
    "only uniform choice": ([record("go-2x2", "uniform", [point(0, 0.0)])], ""),
    "many games": ([record(f"mnk-{n}x3x3", "rulelist", LIST, 30 * n) for n in range(2, 16)], "ABC"),
    "nothing": ([], ""),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_panel_is_there_where_it_has_data_and_shows_some(name: str) -> None:
    records, letters = RUNS[name]
    panels = draw_panels(records)
    assert "".join(panels) == letters
    for figure in panels.values():
        for axes in figure.axes:  # the paper's axis of panel C is an arrow
            assert axes.axison or letters.endswith("C")
            assert [*axes.lines, *axes.texts] if not axes.axison else [*axes.lines, *axes.patches], "a blank panel"
    whole = draw_figure_1(records)
    assert (whole is None) == (not letters)
    if whole is not None:
        titles = [text.get_text() for part in whole.subfigs for text in part.texts]
        assert [title.split()[0] for title in titles] == [*letters]
        assert whole.get_figheight() == pytest.approx(sum(panel.height for panel in panels_of(records).values()))


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("name", [name for name, (_, letters) in RUNS.items() if letters])
def test_no_text_of_a_figure_overlaps_another_or_is_cut(name: str, width: float) -> None:
    figure = draw_figure_1(RUNS[name][0], width)
    assert figure is not None
    assert overlaps(figure) == []


def in_view(axis: Axis, tick: Tick) -> bool:
    """Whether a tick is drawn; matplotlib keeps others, with their texts."""
    low, high = sorted(axis.get_view_interval())
    return bool(low * (1 - 1e-9) <= tick.get_loc() <= high * (1 + 1e-9))


def overlaps(figure: Figure) -> list[object]:
    """Texts that lie on each other or beyond the edge."""
    figure.draw_without_rendering()
    axis = [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    beyond = {tick.label1 for one in axis for tick in [*one.get_major_ticks(), *one.get_minor_ticks()] if not in_view(one, tick)}
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible() and text not in beyond]
    boxes = [(text.get_text(), Text.get_window_extent(text).padded(-1)) for text in texts]  # without the arrows of annotations
    drawn = [(text, box) for text, box in boxes if box.width > 0 and box.height > 0]
    assert len(drawn) > 10
    pairs = [(a, b) for i, (a, box) in enumerate(drawn) for b, other in drawn[i + 1 :] if box.overlaps(other)]
    width, height = figure.get_size_inches() * figure.dpi
    return [*pairs, *(text for text, box in drawn if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1)]


@pytest.mark.parametrize("name", [name for name, (_, letters) in RUNS.items() if letters])
def test_every_axis_has_a_number_to_read_it_by(name: str) -> None:
    for figure in draw_panels(RUNS[name][0]).values():
        figure.draw_without_rendering()
        for axes in (axes for axes in figure.axes if axes.axison):
            for axis in (axes.xaxis, axes.yaxis):
                ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
                assert [tick for tick in ticks if tick.label1.get_text() and in_view(axis, tick)]


def test_the_waterfall_is_of_the_smallest_game_with_a_list_of_concepts() -> None:
    """A language of concepts alone comes before a smaller game whose list has patterns too; the best of each length is no nested list."""
    concepts = record("hex-3", "rulelist", LIST, 900, language="concepts", atoms="single")
    larger = record("hex-4", "rulelist", LIST, 9000, language="concepts")
    mixed = record("go-2x2", "rulelist", LIST, 20, language="concepts+patterns")
    best = record("go-2x2", "rulelist", LIST, 20, best=True, language="concepts")
    assert waterfall_list([mixed, larger, best, concepts]) is concepts
    assert waterfall_list([best, mixed]) is mixed
    assert waterfall_list([best]) is None
    longer = record("hex-3", "rulelist", [*LIST, point(9, 1.0, 90)], 900, language="concepts")
    assert waterfall_list([concepts, longer]) is longer
    assert about_waterfall(concepts) == "Panel A shows the list rulelist on hex-3: rules of single atoms in the language of concepts."
    assert about_waterfall(record("hex-3", "rulelist", LIST)).endswith(
        "of conjunctions in the language of concepts and patterns and positions."
    )


def test_titles_name_the_games_of_the_run() -> None:
    titles = {name: [panel.title for panel in panels_of(records).values()] for name, (records, _) in RUNS.items()}
    assert titles["two own games"][:2] == ["mine:GAME: what each rule adds", "2 games: what is left"]
    assert titles["one game"][:2] == ["hex-3: what each rule adds", "Hex: what is left"]
    assert titles["only lists"][2] == "Policy and language to a gain of 0.9"
    assert titles["only lists"][1] == "Go: what is left"
    assert [panel.title for panel in panels_of(planted()).values()] == [
        "Tic-tac-toe: what each rule adds",
        "Go: what is left",
    ]


def test_panel_b_is_the_family_with_most_boards_and_the_game_of_panel_a() -> None:
    tictactoe = record("tictactoe", "rulelist", LIST, 627, language="concepts")
    go = [record(f"go-2x{n}", "rulelist", LIST, 100 * n) for n in (2, 3, 4)]
    hexes = [record(f"hex-{n}", "rulelist", LIST, 100 * n) for n in (2, 3)]
    nim = [record(f"nim-{n}", "rulelist", LIST, n) for n in range(1, 9)]
    drawn = drawn_in_panel_b([tictactoe, *hexes, *nim, *go])
    assert [envelope.game for envelope, _ in drawn] == ["go-2x2", "go-2x3", "go-2x4", "tictactoe"]
    assert {envelope.measure for envelope, _ in drawn} == {UNITS}
    assert [envelope.game for envelope, _ in drawn_in_panel_b([tictactoe, hexes[0]])] == ["hex-2", "tictactoe"]  # no family has two
    assert len(drawn_in_panel_b(RUNS["many games"][0])) == 9
    networks = drawn_in_panel_b(RUNS["only networks"][0])
    assert [(envelope.measure, plain) for envelope, plain in networks] == [(BITS, None), (BITS, None)]


# SVG


def walked(data: str) -> list[tuple[float, float]]:
    """Where a path leads, by a reader of path data of its own: M, l, h, v, c and Z of the form that is written."""
    places: list[tuple[float, float]] = []
    x = y = 0.0
    for letter, rest in re.findall(r"([MlhvcqZ])([^MlhvcqZ]*)", data):
        numbers = [float(number) for number in re.findall(r"-?(?:\d+\.\d+|\.\d+|\d+)", rest)]
        width = {"M": 2, "l": 2, "h": 1, "v": 1, "c": 6, "q": 4, "Z": 0}[letter]
        for i in range(0, len(numbers), width or 1):
            step = numbers[i : i + width]
            if letter == "M":
                x, y = step
            elif letter in "hv":
                x, y = (x + step[0], y) if letter == "h" else (x, y + step[0])
            else:
                x, y = x + step[-2], y + step[-1]
            places.append((x, y))
    return places


def test_short_path_data_leads_where_the_long_does() -> None:
    """Places are rounded to tenths each, so that errors do not add up along a path of 2,000 steps."""
    rng = np.random.default_rng(1)
    places = np.round(np.cumsum(rng.normal(size=(2000, 2)), axis=0), 6)
    long = "M " + " L ".join(f"{x} {y}" for x, y in places)
    assert np.abs(np.array(walked(shortened(long))) - places[np.insert(moves(places), 0, True)]).max() <= 0.0501
    assert len(shortened(long)) < len(long) / 2


def moves(places: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which steps lead somewhere, in tenths."""
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.any(np.diff(np.round(10 * places), axis=0) != 0, axis=1)
    return found


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("M 0 0 L 0 3.5", "M0 0v3.5"),
        ("M 1.04 2 L 1.54 2 L 3 2.02 L 2.7 1.5 z", "M1 2h.5 1.5l-.3-.5Z"),
        ("M 5 5 L 5 5", "M5 5h0"),
        ("M 1 1 C 1 2 3 4 5 6 M 9 9 L 8 9", "M1 1c0 1 2 3 4 5M9 9h-1"),
    ],
)
def test_path_data_is_written_in_few_letters(long: str, short: str) -> None:
    assert shortened(long) == short


def test_a_marker_is_moved_to_its_place() -> None:
    assert walked(shortened(moved("M 0 0 L 0 3.5", 10.0, 20.0))) == [(10.0, 20.0), (10.0, 23.5)]


@pytest.fixture
def figure() -> Figure:
    figure = Figure(figsize=(4, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot([1, 10, 1000], [0.5, 0.25, 0.125], label="a list", color="#0664b3", marker="o")
    (line,) = axes.plot([10, 100], [0.2, 0.1], color="#970c46")
    name_curve(line, "a list", "its <shadow>")
    name_part(axes.fill_between([10, 100], [0.1, 0.1], [0.2, 0.2], alpha=0.2), "a list")
    axes.plot([1, 2], [0.3, 0.3], color="0.5")
    set_logarithmic(axes, "xy")
    axes.set(xlabel="rules", ylabel="what is\nleft")
    figure.legend()
    return figure


def classes(svg: str) -> dict[str, list[ET.Element]]:
    found: dict[str, list[ET.Element]] = {}
    for element in ET.fromstring(svg).iter():
        if name := element.get("class"):
            found.setdefault(name, []).append(element)
    return found


def test_a_page_finds_each_curve_with_its_points_and_its_entry(figure: Figure) -> None:
    series = Series("a list", (1, 10, 1000), (0.5, 0.25, 0.125), ("one", "ten, or so", "more"))
    found = classes(inline_svg(figure, "A figure", "s0-", (series,)))
    assert {name: len(elements) for name, elements in found.items()} == {
        "narrow": 1,
        "plot": 1,
        "curve": 2,
        "part": 1,
        "key": 1,
        "sample": 1,
    }
    (plot,) = found["plot"]
    assert (plot.get("data-x"), plot.get("data-y")) == ("rules", "what is left")
    named, shadow = sorted(found["curve"], key=lambda curve: str(curve.get("data-name")))
    assert (named.get("data-name"), shadow.get("data-name")) == ("a list", "its <shadow>")
    points = [point.split(",", 4) for point in str(named.get("data-at")).split("|")]
    assert [point[2:] for point in points] == [["1", "0.5", "one"], ["10", "0.25", "ten, or so"], ["1000", "0.125", "more"]]
    xs, ys = ([float(point[i]) for point in points] for i in (0, 1))
    assert (xs[2] - xs[0]) / (xs[1] - xs[0]) == pytest.approx(3.0, rel=0.02)  # a logarithmic axis
    assert (ys[2] - ys[0]) / (ys[1] - ys[0]) == pytest.approx(2.0, rel=0.02)
    drawn = next(walked(str(path.get("d"))) for path in named.iter() if path.tag == "path")
    assert np.array(drawn) == pytest.approx(np.array(list(zip(xs, ys, strict=True))), abs=0.6)
    assert {element.get("data-of") for name in ("curve", "part", "key", "sample") for element in found[name]} == {"0"}


def test_writing_a_figure_leaves_it_as_it_was(figure: Figure) -> None:
    first = inline_svg(figure, "A figure", "s0-")
    assert inline_svg(figure, "A figure", "s0-") == first
    assert all("named-" not in str(artist.get_gid()) for artist in figure.findobj())


def test_colours_have_a_partner_on_a_dark_page_and_a_file_has_those_of_paper(figure: Figure) -> None:
    inline, alone = inline_svg(figure, "A figure", "s0-"), standalone_svg(figure)
    assert re.search(r"--k\d:light-dark\(#0664b3,#[0-9a-f]{6}\)", inline)
    assert "#0664b3" not in inline.partition(">")[2]
    assert "currentColor" in inline
    assert "var(" not in alone
    assert "currentColor" not in alone
    assert "data-" not in alone
    assert "#0664b3" in alone


def test_points_that_cannot_be_told_apart_are_told_once() -> None:
    figure = Figure(figsize=(4, 3))
    figure.subplots().plot(np.arange(10_000), np.linspace(0, 1, 10_000), label="long")
    (curve,) = classes(inline_svg(figure, "A figure", "s0-"))["curve"]
    assert 50 < len(str(curve.get("data-at")).split("|")) < 300


def test_an_axis_with_names_tells_these() -> None:
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    axes.plot([0, 1], [5, 7], label="kappa")
    axes.set_xticks([0, 1], ["first", "value"])
    (curve,) = classes(inline_svg(figure, "A figure", "s0-"))["curve"]
    assert [point.split(",")[2:] for point in str(curve.get("data-at")).split("|")] == [["first", "5"], ["value", "7"]]


def test_mathematics_and_lines_of_a_tick_are_written_whole() -> None:
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    axes.plot([0, 1], [5, 7])
    axes.set_xticks([0, 1], ["$2^{10}$", "two\nlines"])
    for svg in (inline_svg(figure, "A figure", "s0-"), standalone_svg(figure)):
        said = ["".join("".join(element.itertext()).split()) for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]
        assert [text for text in said if text in ("210", "two", "lines")] == ["210", "two", "lines"]


def test_every_curve_of_the_planted_run_tells_its_values() -> None:
    """Each line that has an entry in a legend, whichever figure it is in; and as many points as were planted."""
    for figure in [*draw_panels(planted()).values(), draw_gain_against_bits("go-2x3", {"rulelist": LIST, "tree": POOR})]:
        found = classes(inline_svg(figure, "A figure", "s0-"))
        labels = {text.get_text() for axes in figure.axes for text in [*(axes.get_legend().get_texts() if axes.get_legend() else [])]}
        curves = found.get("curve", [])
        assert all(curve.get("data-at") for curve in curves)
        assert labels <= {curve.get("data-name") for curve in curves}


def test_figure_1_of_the_reference_is_small(tmp_path: Path) -> None:
    suite = read_suite(REFERENCE)
    status = [comparable_status(REFERENCE, suite, cell) for cell in cells(suite)]
    records = [one.measured for one in status if one.measured is not None]
    rows = rows_of_figure_2(drawn_in_figure_2(records))
    for width in (WIDE, NARROW):
        for figure in (draw_figure_1(records, width), draw_figure_2(rows, width)):
            assert figure is not None
            assert overlaps(figure) == []
            assert figure.get_figwidth() == pytest.approx(width / 25.4)
            assert {text.get_fontsize() for text in figure.findobj(Text) if text.get_text()} <= {7.0, 8.0}
    figure = draw_figure_1(records)
    assert figure is not None
    (path,) = save_figure(figure, tmp_path / "figure1", ("svg",))
    assert path.stat().st_size < MOST_BYTES
    panels = {letter: len(inline_svg(panel, letter, "s0-").encode()) for letter, panel in draw_panels(records).items()}
    assert panels.keys() == {*"ABC"}
    assert max(panels.values()) < MOST_BYTES
