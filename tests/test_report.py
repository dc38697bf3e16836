import base64
import re
from pathlib import Path

import pytest
from matplotlib.text import Text

from bench.curves.curve import bits_to, compare_all, gain_at, steps, units_to
from bench.curves.figure1 import added_rules, rule_lists
from bench.harness.store import Point, Record, write_record, write_suite
from bench.harness.suite import Cell, cells, parse_suite
from bench.report.page import write_report
from bench.report.plots import draw_figure_1
from bench.report.sentences import about_axis, about_go, about_tictactoe

GRADES = (
    "never_loses_first",
    "never_loses_second",
    "keeps_value_first",
    "keeps_value_second",
    "never_loses",
    "keeps_value",
    "optimal_everywhere",
    "stalls",
)


def point(size: int, gain: float, policy_bits: int = 0, language_bits: int = 0, exception_bits: int = 0, explanation: str = "") -> Point:
    grades = dict.fromkeys(GRADES, gain == 1.0)
    return Point(size, size, gain, 1 - gain, policy_bits, exception_bits, language_bits, 1.0, 0.1, grades, None, explanation)


def record(game: str, label: str, points: list[Point], n_positions: int = 100, budgets: list[int] | None = None) -> Record:
    cell = Cell(game=game, learner=label.partition("-")[0], label=label, budgets=budgets)
    return Record(cell, cell.id, "key", "rules", n_positions, n_positions + 10, 500, 0.5, points, seconds={"total": 1.0})


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
    lists = [
        "1. Play a move that wins [win]",
        "1. Play a move that blocks [block]\n  2. Else play a move that wins [win]\n     Else play any.",
    ]
    assert added_rules([point(1, 0.5, explanation=lists[0]), point(2, 0.7, explanation=lists[1])]) == ["wins", "blocks"]


SUITE = parse_suite(
    """
    name = "planted"
    games = ["tictactoe", "go-2x3", "go-3x3"]
    [[learners]]
    name = "rulelist"
    [[learners]]
    name = "network"
    """,
    "planted.toml",
)


def planted() -> list[Record]:
    words = "1. Play a move that <script>alert(1)</script> & wins"
    return [
        record("tictactoe", "rulelist", [point(1, 0.6, 8, 50, explanation=words), point(2, 0.8, 16, 50)], 627, budgets=[1, 2, 3]),
        record("tictactoe", "network", [point(4, 0.7, 400, 90), point(8, 1.0, 900, 90)], 627),
        record("go-2x3", "rulelist", [point(1, 0.3, 8, 50), point(40, 0.7, 300, 50), point(200, 1.0, 900, 50)], 300),
        record("go-2x3", "network", [point(4, 0.5, 400, 90)], 300),
        record("go-3x3", "rulelist", [point(1, 0.2, 8, 50), point(100, 0.5, 300, 50), point(2000, 0.95, 9000, 50)], 3000),
    ]


def test_the_sentences_say_what_was_planted() -> None:
    tictactoe = " ".join(about_tictactoe(planted()))
    assert "2 rules of tic-tac-toe reach a gain of 0.800" in tictactoe
    assert "20.0% is left, and no further single rule recovers any of it" in tictactoe
    go = about_go(planted())
    assert go[0] == "go-2x3: half of the gain within 40 rules; after 40 rules 30.0% is left; nothing is left after 200 rules."
    assert go[1] == "go-3x3: half of the gain within 100 rules; after 100 rules 50.0% is left; 5.0% is left after 2,000 rules."
    assert go[2] == "From go-2x3 to go-3x3 the positions grow 10-fold and the length of the whole list 10-fold."
    axis = " ".join(about_axis(planted()))
    assert "go-2x3 900 bits (rulelist), tictactoe 900 bits (network), go-3x3 9,000 bits (rulelist)" in axis
    assert "356 times shorter" in axis  # 3.2e6 / 9000


def test_panel_b_shows_the_longest_list_of_each_game_with_go_first() -> None:
    longer = record("go-2x3", "rulelist-words", [point(5000, 0.1)])
    assert [(r.cell.game, r.cell.label) for r in rule_lists([*planted(), longer])] == [
        ("go-2x3", "rulelist-words"),
        ("go-3x3", "rulelist"),
        ("tictactoe", "rulelist"),
    ]


def write_planted(folder: Path) -> None:
    write_suite(folder, SUITE)
    for entry in planted():
        write_record(folder, entry)
    failed = next(cell for cell in cells(SUITE) if cell.id == "go-3x3/network/seed=0")
    write_record(folder, Record(cell=failed, cell_id=failed.id, key="", error="too wide for this machine"))
    _, missing = write_report(folder)
    assert missing == ["go-3x3/network/seed=0"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    write_planted(folder)
    return folder


def test_a_report_stands_alone_escapes_text_and_names_what_failed(report: Path) -> None:
    html = (report / "report.html").read_text()
    assert "go-3x3/network/seed=0 failed: too wide for this machine" in html
    assert "5 of 6 cells measured" in html
    assert "<script" not in html
    assert not re.search(r'(?:src|href)="(?!#|figure1\.)', html)
    ids = re.findall(r'(?<=[ "])id="((?:m|p|C)[0-9a-f]{10})"', html)  # clip paths, markers and the like, which drawings refer to
    assert ids
    assert len(ids) == len(set(ids))


def test_the_same_records_give_the_same_files(report: Path, tmp_path: Path) -> None:
    write_planted(tmp_path)
    files = ["report.html", "figure1.png", "figure1.svg", "figure1.pdf"]
    assert [(report / name).read_bytes() for name in files] == [(tmp_path / name).read_bytes() for name in files]


def test_missing_cells_are_named(tmp_path: Path) -> None:
    write_suite(tmp_path, SUITE)
    _, missing = write_report(tmp_path)
    assert missing == [cell.id for cell in cells(SUITE)]
    assert "go-3x3/network/seed=0 is missing" in (tmp_path / "report.html").read_text()


def test_no_two_texts_of_the_figure_overlap() -> None:
    figure = draw_figure_1(planted())
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    boxes = [(text.get_text(), text.get_window_extent().padded(-1)) for text in texts]
    drawn = [(text, box) for text, box in boxes if box.width > 0 and box.height > 0]
    assert len(drawn) > 40
    assert [(a, b) for i, (a, box) in enumerate(drawn) for b, other in drawn[i + 1 :] if box.overlaps(other)] == []


def test_pictures_of_diagnostics_stand_in_the_page(tmp_path: Path) -> None:
    write_planted(tmp_path)
    assert "Diagnostics of networks" not in (tmp_path / "report.html").read_text()
    picture = tmp_path / "diagnostics" / "go-2x3 network" / "loss.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"\x89PNG planted")
    write_report(tmp_path)
    html = (tmp_path / "report.html").read_text()
    assert f'src="data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"' in html
    assert 'alt="go-2x3 network: loss"' in html
