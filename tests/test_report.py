import csv
import dataclasses
import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from matplotlib.text import Text
from msgspec.structs import replace

from bench.curves.curve import bits_to, compare_all, gain_at, steps, units_to
from bench.curves.figure1 import UNTOLD, added_rules, growing, numbers_of, plain_lists
from bench.harness.records import Record
from bench.harness.store import write_record, write_suite
from bench.report.blocks import FORMATS, Column, Fold, Section, Sentence, Table, TableRow, words
from bench.report.html import Place
from bench.report.page import check_names, game_page, write_report
from bench.report.parts.headline import about_axis, about_game, about_sizes, about_tictactoe
from bench.report.pictures import board
from bench.report.plots.figure1 import draw_figure_1, draw_panels
from bench.report.plots.files import save_figure
from bench.suites.grid import Cell, cells
from bench.tails.games import judge_games
from policies.explanation import Entry, Explanation
from tests.support.planted_runs import GRADED_SUITE as SUITE
from tests.support.planted_runs import graded_point as point
from tests.support.planted_runs import graded_record as record
from tests.support.planted_runs import graded_run as planted

CURVE = [point(1, 0.5, 8, 100), point(2, 0.7, 16, 100), point(6, 0.9, 40, 100), point(7, 0.85, 44, 100), point(10, 1.0, 80, 120)]


def test_steps_spread_the_gain_over_the_units_between_two_points() -> None:
    found = steps(CURVE)
    assert [(step.first_unit, step.last_unit) for step in found] == [(1, 1), (2, 2), (3, 6), (7, 7), (8, 10)]
    assert [step.gain_per_unit for step in found] == pytest.approx([0.5, 0.2, 0.05, -0.05, 0.05])
    assert sum(step.gain_per_unit * (step.last_unit - step.first_unit + 1) for step in found) == pytest.approx(CURVE[-1].gain)
    assert [step.residual for step in found] == pytest.approx([0.5, 0.3, 0.1, 0.15, 0.0])
    assert found[2].middle == pytest.approx((3 * 6) ** 0.5)


def test_bits_to_a_gain_are_those_of_a_measured_policy_or_none() -> None:
    assert [bits_to(CURVE, level) for level in (0.5, 0.6, 0.9, 0.99, 1.0)] == [8, 16, 40, 80, 80]
    assert bits_to(CURVE, 0.9, with_language=True) == 140
    assert bits_to(CURVE[:2], 0.9) is None
    assert [units_to(CURVE, level) for level in (0.5, 0.8, 1.0)] == [1, 6, 10]


def test_gain_at_given_bits_is_the_upper_envelope() -> None:
    assert [gain_at(CURVE, n) for n in (0, 7, 8, 39, 40, 44, 79, 80, 1000)] == [0, 0, 0.5, 0.7, 0.9, 0.9, 0.9, 1.0, 1.0]


def test_curves_are_compared_only_where_both_have_a_policy() -> None:
    other = [point(1, 0.4, 20), point(2, 0.95, 60), point(3, 1.0, 200)]
    assert compare_all({"a": CURVE, "b": other}) == [
        (20, {"a": 0.7, "b": 0.4}),
        (40, {"a": 0.9, "b": 0.4}),
        (44, {"a": 0.9, "b": 0.4}),
        (60, {"a": 0.9, "b": 0.95}),
        (80, {"a": 1.0, "b": 0.95}),
    ]
    assert compare_all({"a": CURVE, "b": []}) == []


def test_the_rule_that_is_new_is_found_wherever_it_stands_in_the_list() -> None:
    win, block = (Entry(f"{does} [{name}]", brief=does) for does, name in (("wins", "win"), ("blocks", "block")))
    lists = [Explanation("Go down.", entries) for entries in ((win,), (block, dataclasses.replace(win, lines=("  2. wins",))))]
    assert added_rules([point(1, 0.5, said=lists[0]), point(2, 0.7, said=lists[1])]) == ["wins", "blocks"]
    assert added_rules([point(1, 0.5)]) == [UNTOLD]  # of a record of before: there is text, if any


def test_the_sentences_say_what_was_planted() -> None:
    tictactoe = " ".join(about_tictactoe(planted()))
    assert "2 rules of tic-tac-toe reach a gain of 0.800" in tictactoe
    assert "20.0% is left, and no further single rule recovers any of it" in tictactoe
    verdicts = judge_games(planted())
    small, large = (about_game([each for each in planted() if each.cell.game == game], verdicts) for game in ("go-2x3", "go-3x3"))
    best, plain = small
    assert best.text == (
        "The best policies known leave 50.0% after 4 units (network), 30.0% after 40 units (rulelist) and nothing after 200 units "
        "(rulelist). The last of them: keeps the value from both seats."
    )
    assert plain.text == "The list rulelist alone leaves 70.0% after 1 rule and nothing after 200 rules."
    assert large[0].text.startswith("The best policies known leave 80.0% after 1 unit (rulelist),")
    assert about_sizes(planted())[1] == (
        "From go-2x3 to go-3x3 the positions grow 10-fold; a gain of 0.9 takes 200 units on go-2x3 and 2,000 units on go-3x3, by the best "
        "policies known."
    )


def test_panel_c_counts_the_language_and_says_so_where_it_is_not_known() -> None:
    """50,000 bits of language beside the 900 and 9,000 of the shortest files: 3.2e6 bits of a network are 54.2 times 59,000."""
    assert about_axis(planted())[0] == "No measured policy with a known language reaches a gain of 0.9."
    counted = [replace(one, points=[replace(each, comparable_language_bits=50_000) for each in one.points]) for one in planted()]
    reached, marks, *_ = about_axis(counted)
    assert "largest game of each family: tictactoe 50,900 bits (network), go-3x3 59,000 bits (rulelist);" in reached
    assert "The paper's ImageNet network is 54.2 times as long as the longest of these, go-3x3;" in marks


def test_panel_a_shows_a_list_to_its_end_though_some_lengths_were_not_measured() -> None:
    shown = growing(
        record("tictactoe", "rulelist", [point(size, gain) for size, gain in ((1, 0.5), (2, 0.8), (4, 0.9), (4, 0.9), (8, 0.99))])
    )
    assert [each.size for each in shown] == [1, 2, 4, 8]
    assert numbers_of(shown) == ["1", "2", "3-4", "5-8"]
    said = about_tictactoe([record("tictactoe", "rulelist", shown)])[0]
    assert said.startswith("With rulelist, 8 rules of tic-tac-toe reach a gain of 0.990; 1.0% is left")


def test_the_plain_list_of_a_game_is_one_of_single_atoms_else_the_longest() -> None:
    longer = record("go-2x3", "rulelist-concepts", [point(5000, 0.1)])
    cell = Cell("go-3x3", "rulelist", "single-atom-list", options={"atoms": "single", "polish": False})
    single = Record(cell, cell.id, "key", points=[point(1, 0.1)])
    assert [(r.cell.game, r.cell.label) for r in plain_lists([*planted(), longer, single])] == [
        ("tictactoe", "rulelist"),
        ("go-2x3", "rulelist-concepts"),
        ("go-3x3", "single-atom-list"),
    ]


FAILED = Record(
    cell=(cell := next(cell for cell in cells(SUITE) if cell.id == "go-3x3/network/seed=0")),
    cell_id=cell.id,
    key="",
    error="too wide for this machine",
)
PICTURE = b"\x89PNG planted"


def write_planted(folder: Path, formats: Sequence[str]) -> None:
    write_suite(folder, SUITE)
    for entry in [*planted(), FAILED]:
        write_record(folder, entry)
    _, missing = write_report(folder, formats, formats)
    assert missing == ["go-3x3/network/seed=0"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    for name in ("tables", "figures"):  # of an earlier report
        (folder / name).mkdir()
    for leftover in ("tables/old.csv", "figures/old.png"):
        (folder / leftover).write_text("of an earlier report")
    write_planted(folder, FORMATS)
    return folder


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with one record changed, one damaged and one missing, and a picture of diagnostics."""
    folder = tmp_path_factory.mktemp("other")
    write_suite(folder, SUITE)
    for entry in [*planted(), FAILED]:
        write_record(folder, entry)
    curve = [point(1, 0.3, 8, 50), point(40, 0.6, 300, 50), point(128, 1.0, 777, 50)]
    write_record(folder, record("go-2x3", "rulelist", curve, 300))
    (folder / "records" / "go-2x3__network__seed=0.json").unlink()
    torn = folder / "records" / "tictactoe__network__seed=0.json"
    torn.write_text(torn.read_text().replace('"gain": 0.7', '"gain": 0.9'))
    (folder / "diagnostics" / "go-2x3 network").mkdir(parents=True)
    (folder / "diagnostics" / "go-2x3 network" / "loss.png").write_bytes(PICTURE)
    _, holes = write_report(folder, ())
    assert holes == ["tictactoe/network/seed=0", "go-2x3/network/seed=0", "go-3x3/network/seed=0"]
    return folder


def text_of(html: str) -> str:
    """What a reader sees: without tags, references undone, blanks made one."""
    return " ".join(unescape(re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", "", html, flags=re.DOTALL)).split())


def pages_of(folder: Path) -> list[Path]:
    return [folder / "report.html", *sorted(folder.glob("games/*.html"))]


def csv_of(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "tables" / f"{name}.csv").read_text().splitlines()))


def test_a_page_stands_alone_and_escapes_text(report: Path) -> None:
    """No page asks for a script, a style or a picture of others; every link leads to a file that is there, and to a part that it has."""
    pages = {path: path.read_text() for path in pages_of(report)}
    assert len(pages) == 4
    ids = {path: re.findall(r'\bid="([^"]*)"', html) for path, html in pages.items()}
    for path, html in pages.items():
        assert sorted(ids[path]) == sorted(set(ids[path]))
        assert re.findall(r'(?:src|rel="stylesheet" href)="([^"]*)"', html) == []
        links = [unescape(link) for link in re.findall(r'href="([^"]*)"', html)]
        assert links[0] == "data:,"  # the icon: none, so that nothing is asked for
        assert len(links) > 30
        for link in links[1:]:
            file, _, part = link.partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path
            assert target.is_file(), link
            assert not part or unquote(part) in ids[target], link
    tictactoe = pages[report / "games" / "tictactoe.html"]
    assert "<script>alert" not in "".join(pages.values())
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; wins" in tictactoe


def test_what_is_missing_failed_or_damaged_is_shown_on_the_index_and_in_its_place(other: Path) -> None:
    text = text_of((other / "report.html").read_text())
    assert "3 cells of 6 measured" in text
    reasons = {
        "tictactoe/network/seed=0": "damaged: the record tictactoe__network__seed=0.json is damaged: its checksum does not match",
        "go-2x3/network/seed=0": "missing: not measured yet",
        "go-3x3/network/seed=0": "failed: too wide for this machine",
    }
    for cell_id, why in reasons.items():
        game = cell_id.partition("/")[0]
        assert f"{cell_id}: {why}" in text
        assert f"{cell_id}: {why}" in text_of((other / "games" / f"{game}.html").read_text())
        assert [row["hole"] for row in csv_of(other, f"curves-{game}") if row["cell"] == cell_id] == [why]
        assert [row["hole"] for row in csv_of(other, "records") if row["cell"] == cell_id] == [why]


def test_another_record_gives_another_sentence_table_and_file(report: Path, other: Path) -> None:
    before, after = (text_of((folder / "games" / "go-2x3.html").read_text()) for folder in (report, other))
    for text, length, left in ((before, "200", "30.0%"), (after, "128", "40.0%")):
        assert f"{left} after 40 units (rulelist) and nothing after {length} units (rulelist)." in text
    found = [csv_of(folder, "curves-go-2x3")[0] for folder in (report, other)]
    assert [(row["cell"], row["bits_to_1"], row["units_to_1"]) for row in found] == [
        ("go-2x3/rulelist/seed=0", "900", "200"),
        ("go-2x3/rulelist/seed=0", "777", "128"),
    ]
    assert [row["gain"] for row in csv_of(other, "points-go-2x3-rulelist-seed0")] == ["0.3", "0.6", "1.0"]


def test_pictures_of_diagnostics_stand_on_the_index(report: Path, other: Path) -> None:
    assert "Diagnostics of networks" not in (report / "report.html").read_text()
    html = (other / "report.html").read_text()
    [source] = re.findall(r'<img loading="lazy" alt="go-2x3 network: loss" src="([^"]*)"', html)
    assert (other / unquote(source)).read_bytes() == PICTURE


def test_the_same_records_give_the_same_page_and_tables(report: Path, tmp_path: Path) -> None:
    write_planted(tmp_path, ())
    pages = [path.relative_to(report) for path in pages_of(report)]
    files = [*pages, *(path.relative_to(report) for path in report.glob("tables/*"))]
    assert len(files) > 10
    texts = [[(folder / name).read_text().replace(str(folder), "FOLDER") for name in files] for folder in (report, tmp_path)]
    links = r'<a href="(?:\.\./)?figures/[^>]*>\w+</a> '  # to the files of figures, which only the first has
    assert len(re.findall(links, "".join(texts[0]))) > 10
    assert [re.sub(links, "", text) for text in texts[0]] == texts[1]


def test_the_same_figure_gives_the_same_files(tmp_path: Path) -> None:
    first, second = (save_figure(draw_panels(planted())["A"], tmp_path / name / "figure") for name in "ab")
    assert [path.suffix for path in first] == [".png", ".svg", ".pdf"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_with_no_record_at_all_every_cell_is_named(tmp_path: Path) -> None:
    write_suite(tmp_path, SUITE)
    _, missing = write_report(tmp_path, ())
    assert missing == [cell.id for cell in cells(SUITE)]
    assert "go-3x3/network/seed=0: missing" in text_of((tmp_path / "report.html").read_text())


def test_records_of_other_sources_are_shown_and_called_out_of_date(report: Path) -> None:
    text = text_of((report / "report.html").read_text())
    assert "Out of date: 5 records Shown as measured" in text  # planted ones have no key
    states = [row["state"] for row in csv_of(report, "records")]
    assert states == ["out of date"] * 5 + [""]


def test_every_table_and_drawing_of_the_page_has_its_files_and_no_others_stay(report: Path) -> None:
    html = "".join(path.read_text() for path in pages_of(report))
    tables = {unquote(name) for name in re.findall(r'href="(?:\.\./)?tables/([^"]*)\.csv"', html)}
    figures = {unquote(name) for name in re.findall(r'id="figure-([^"]*)"', html)} - {"1"}
    assert {"panel-A", "panel-B", "left-over", "bits-go-3x3"} <= figures
    assert {"records", "axis", "games", "points-go-3x3-rulelist-seed0"} <= tables
    assert {path.name for path in report.glob("tables/*")} == {f"{name}.csv" for name in tables}
    assert {path.name for path in report.glob("figures/*")} == {f"{name}.{suffix}" for name in figures for suffix in FORMATS}


def test_two_parts_of_a_page_must_not_have_the_same_name() -> None:
    table = Table("curves", "Curves", (Column("size", "size"),), ())
    sections = [Section("a", "A", (table,)), Section("b", "B", (Fold("more", (table,)),))]
    with pytest.raises(ValueError, match="table curves"):
        check_names(sections)


def test_columns_and_words_lead_to_definitions_and_sentences_to_records() -> None:
    section = Section(
        "part",
        "Part",
        (
            words(
                Sentence("The gain of `gain` is a Gain; its codelength is not.", ("a/b/seed=0", "a/c/seed=0", "a/d/seed=0", "a/f/seed=0")),
                Sentence("Regain is no gain.", ("unknown/cell/seed=0",)),
            ),
            Table(
                "t",
                "T",
                (Column("x", "x", "regret", ".1%"), Column("y", "y")),
                (TableRow((0.1234, None), "a/c/seed=0"), TableRow((), "", "missing")),
            ),
        ),
    )
    ids = ["a/b/seed=0", "a/c/seed=0", "a/d/seed=0", "a/e/seed=0", "a/f/seed=0"]
    place = Place({cell: (number, "a" if number < 5 else "b") for number, cell in enumerate(ids, start=1)})
    html = game_page("a", [section], "", "the run", place).decode()
    term = '<button type="button" class="term" popovertarget="def-{}">{}</button>'
    said = f"The {term.format('gain', 'gain')} of <code>gain</code> is a Gain; its {term.format('codelength', 'codelength')} is not."
    cited = '[<a href="#record-a__b__seed%3D0" title="a/b/seed=0">1</a>–<a href="#record-a__d__seed%3D0" title="a/d/seed=0">3</a>, '
    other = '<a href="../games/b.html#record-a__f__seed%3D0" title="a/f/seed=0">5</a>]</span>'
    assert f'{said} <span class="cite">{cited}{other}' in html
    assert "Regain is no gain.</p>" in html
    assert re.search(r'<span>x</span><button type="button" class="d" popovertarget="def-regret"', html)
    assert re.findall(r'<div popover class="definition" id="def-(\w+)">', html) == ["regret", "gain", "codelength"]  # of the words used
    assert '<a href="#record-a__c__seed%3D0">12.3%</a></th><td>-</td>' in html
    assert '<td class="t" colspan="2">missing</td>' in html


def test_a_picture_of_a_rule_becomes_a_drawing_of_stones() -> None:
    drawn = str(board(("      O", "    # * X", "      .")))
    assert 'aria-label="O; # * X; ."' in drawn
    assert 'viewBox="0 0 3 3"' in drawn
    stones = re.findall(r'href="#stone-(\w+)" x="(\d)" y="(\d)"', drawn)
    assert stones == [("theirs", "1", "0"), ("off", "0", "1"), ("move", "1", "1"), ("yours", "2", "1"), ("empty", "1", "2")]


def test_no_two_texts_of_the_figure_overlap() -> None:
    figure = draw_figure_1(planted())
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    boxes = [(text.get_text(), Text.get_window_extent(text).padded(-1)) for text in texts]  # without the arrows of annotations
    drawn = [(text, box) for text, box in boxes if box.width > 0 and box.height > 0]
    assert len(drawn) > 20
    assert [(a, b) for i, (a, box) in enumerate(drawn) for b, other in drawn[i + 1 :] if box.overlaps(other)] == []
