"""The report of a run of a reader's own games: it names these alone, and has no figure or table without content."""

import re
import urllib.parse
from html import unescape
from pathlib import Path

import msgspec
import pytest

from bench.harness.store import write_record, write_suite
from bench.report.blocks import Column, Filed, Fold, Section, Table, TableRow, excerpt, pruned, words
from bench.report.page import write_report
from bench.report.parts.axis import rows_of
from bench.report.parts.findings import QUESTION, about_bits, about_ends, about_rivals, about_value, findings, question
from bench.report.tail_verdicts import judge
from bench.scaling.axis import AxisRow
from bench.suites.grid import Suite
from bench.tails.games import judge_games
from tests.support.planted_runs import graded_point as point
from tests.support.planted_runs import graded_record as record
from tests.support.report_planted import evidence

REFERENCE = Path(__file__).parents[1] / "reports" / "reference"
MAX_INDEX, MAX_PAGE = 300_000, 1_500_000  # bytes
ABSENT = (
    r"[Tt]ic-?tac-?toe|\bGo\b(?! down)|\bgo-\d|\b[Nn]im\b|\b[Hh]ex\b|[Kk]alah|[Nn]o[Gg]o|[Cc]onnect.?[Ff]our|[Bb]reakthrough|[Dd]omineering"
)
# As a report reads it from the note of a run: it does not import games, so these modules need not be there.
SUITE = msgspec.convert(
    {"name": "mine", "games": ["strip:GAME", "tower:GAME"], "learners": [{"name": "rulelist"}, {"name": "table"}]}, Suite
)
RECORDS = [
    record("strip:GAME", "rulelist", [point(1, 0.5, 8, 50), point(2, 0.9, 24, 40), point(5, 1.0, 64, 0)], 40),
    record("strip:GAME", "table", [point(4, 0.5, 400, 90)], 40),
    record("tower:GAME", "rulelist", [point(1, 0.25, 8, 90), point(8, 0.7, 96, 80)], 900, budgets=[1, 8]),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("mine")
    write_suite(place, SUITE)
    for each in RECORDS:
        write_record(place, each)
    write_report(place, (), ())
    return place


def pages_of(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in [folder / "report.html", *sorted(folder.glob("games/*.html"))]}


def shown(html: str) -> str:
    """What a reader sees, without commands."""
    bare = re.sub(r"<(style|script|code)[^>]*>.*?</\1>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", bare)).split())


def test_no_page_speaks_of_a_game_that_is_not_there(folder: Path) -> None:
    pages = pages_of(folder)
    assert len(pages) == 3
    for name, html in pages.items():
        assert re.findall(rf"[^.]*(?:{ABSENT})[^.]*", shown(html)) == [], name
    assert "<title>mine:" in pages["report.html"]


def test_no_table_and_no_figure_is_empty(folder: Path) -> None:
    html = "".join(pages_of(folder).values())
    bodies = re.findall(r"<tbody>(.*?)</tbody>", html, flags=re.DOTALL)
    assert len(bodies) > 8
    assert all("<tr" in body for body in bodies)
    figures = re.findall(r'<svg[^>]* role="img" aria-label="[^"]*" viewBox="[^"]*" style="--w.*?</svg>', html, flags=re.DOTALL)
    assert len(figures) >= 4
    recipe = 'aria-label="Recipe and product'  # of one learner: four parts, and a product
    assert all(len(re.findall("<path|<use", figure)) >= (5 if recipe in figure else 8) for figure in figures)
    assert re.findall(r"no (?:rule list|policy)[^<]* has been measured", html) == []
    assert all(re.search(r"<(p|ul|table|figure|details|div|pre)", part) for part in re.findall(r"<section.*?</section>", html, re.DOTALL))


def test_the_first_screen_tells_what_the_records_hold(folder: Path) -> None:
    """By hand: 5 rules of 64 bits have a gain of 1 on the strip; 0.9 takes 24 bits there, and is never reached on the tower, where 8 rules
    leave 0.3. Planted grades: the one with a gain of 1 keeps the value but may stall."""
    text = shown(pages_of(folder)["report.html"])
    assert "5 rules play strip:GAME without a mistake; on tower:GAME, 8 rules still leave 30.0 % of what random moves lose." in text
    assert (
        "of 0.9 takes 24 bits on strip:GAME. On tower:GAME no measured policy reaches it: the best, rulelist, has a gain of 0.700 in"
        in text
    )
    assert "No measured policy is proved to keep the value of any of 2 games from both seats without stalling." in text
    assert "network" not in text.partition("Gain is 0 for random play")[0]  # there is none in this run


def test_findings_follow_the_records_and_those_without_support_are_left_out() -> None:
    one = [record("hex-3", "rulelist", [point(1, 0.25, 8), point(8, 0.7, 96)], 900, budgets=[1, 8])]
    run = evidence(one)
    said = [sentence.text for sentence in findings(run, rows_of(run, judge(run)), judge_games(run.records))]
    assert said == [
        "On Hex 3, 8 rules still leave 30.0 % of what random moves lose.",
        "No measured policy is proved to keep the value of Hex 3 from both seats without stalling.",
    ]
    networks = [record("hex-3", "network", [point(4, 0.95, 400)], 900), record("go-2x2", "network", [point(1, 0.95, 8)], 20)]
    both = [*one, *networks, record("go-2x2", "rulelist", [point(1, 0.5, 8), point(2, 1.0, 24)], 20)]
    (rivals,) = about_rivals(both)
    assert rivals.text == "To a gain of 0.9, a network takes fewer bits than a list on Go 2×2; which is shorter is undecided on Hex 3."
    assert about_rivals(one) == about_ends([]) == about_bits([]) == about_value([]) == []
    empty = evidence([], {"hex-3/rulelist/seed=0": "missing"})
    assert findings(empty, rows_of(empty, []), []) == ()


def test_a_table_is_no_finding_where_lists_do_not_reach_the_gain_and_the_end_of_budgets_is_named() -> None:
    """Planted: a table reaches 0.95 on Go 2x2 in 900 bits, the lists 0.8996 in 96 bits at their last budget, and 0.9 on Hex 3 in 8."""
    table = msgspec.structs.replace(record("go-2x2", "table", [point(9, 0.95, 900)], 20), unit="entries")
    lists = record("go-2x2", "rulelist", [point(1, 0.5, 8), point(4, 0.8996, 96)], 20, budgets=[1, 4])
    cut = msgspec.structs.replace(lists, is_finished=False)
    hex_3 = record("hex-3", "rulelist", [point(1, 0.9, 8)], 900)
    (said,) = about_bits([table, cut, hex_3])
    found = "On Go 2×2 no measured policy but a table reaches it: the best, rulelist, has a gain of 0.899 in 96 bits"
    assert said.text == f"A gain of 0.9 takes 8 bits on Hex 3. {found}; the budgets of this run end there."
    (ended,) = about_bits([table, msgspec.structs.replace(lists, is_finished=True), hex_3])
    assert ended.text.endswith(f"{found}.")
    (alone,) = about_bits([table])
    assert alone.text == "A gain of 0.9 takes 900 bits on Go 2×2."
    perfect = record("tictactoe", "rulelist", [point(3, 1.0, 24)], 600)
    run = evidence([cut, perfect])
    ends, *_ = findings(run, rows_of(run, judge(run)), judge_games(run.records))
    assert ends.text.endswith("4 rules still leave 10.1 % of what random moves lose, and there the budgets of this run end.")


def test_a_table_that_keeps_the_value_is_named_one() -> None:
    """Its entries are no units of the first finding, so the numbers are not those of one policy."""
    table = AxisRow("go-2x2", "table", 0, "", None, True, 20, "entries", bits_to_value=112)
    rules = AxisRow("hex-3", "rulelist", 0, "", None, True, 900, "rules", bits_to_value=80)
    (said,) = about_value([table, rules])
    assert "takes 80 bits on Hex 3 and 112 bits of a table on Go 2×2." in said.text


def test_the_question_names_the_controls_that_findings_do_not_count() -> None:
    said = "The findings do not count 1 control, a game whose answer is known beforehand (Nim 3-4-5)."
    assert question(["hex-3", "nim-3-4-5"]) == f"{QUESTION} {said}"
    assert question(["hex-3"]) == question(["nim-3-4-5"]) == QUESTION  # nothing else: then controls are counted
    many = question(["hex-3", *(f"nim-1-2-{n}" for n in range(3, 7))])
    assert many == f"{QUESTION} The findings do not count 4 controls, games whose answer is known beforehand."


def test_an_excerpt_has_the_rows_of_a_game_without_its_name_and_what_is_empty_goes() -> None:
    columns = (Column("game", "game"), Column("size", "size"))
    table = Table("t", "T", columns, (TableRow(("a", 1)), TableRow(("b", 2)), TableRow(("a",), hole="missing")))
    (part,) = excerpt(table, "a")
    assert [row.values for row in part.rows] == [(1,), ()]
    assert [column.key for column in part.columns] == ["size"]
    assert part.is_excerpt
    assert excerpt(table, "c") == []
    empty = Table("e", "E", columns, ())
    sections = [
        Section("a", "A", (empty, Fold("f", (empty,)), Filed(empty))),
        Section("b", "B", (words("Said."), empty), (Section("c", "C"),)),
        Section("d", "D", holes=("missing",)),
    ]
    assert pruned(sections) == [Section("b", "B", (words("Said."),)), sections[2]]


def test_the_committed_pages_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in REFERENCE.glob("games/*.html")}
    assert max(index.stat().st_size for index in REFERENCE.parent.glob("*/report.html")) < MAX_INDEX
    assert max(sizes.values()) < MAX_PAGE
    assert len(sizes) == len(list(REFERENCE.glob("tables/curves-*.csv")))  # a page for each game


def test_a_committed_page_links_no_file_that_is_not_there_and_names_no_folder_of_a_machine() -> None:
    for page in [*REFERENCE.parent.glob("*/report.html"), *REFERENCE.parent.glob("*/games/*.html")]:
        text = page.read_text()
        links = {urllib.parse.unquote(link.partition("#")[0]) for link in re.findall(r'(?:href|src)="([^":]+)"', text)}
        assert [link for link in links if link and not (page.parent / link).exists()] == [], page
        assert re.findall(r"(?<![\w.-])/(?:tmp|home|root|work|Users)/\S*", text) == [], page
