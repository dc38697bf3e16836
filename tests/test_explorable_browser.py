"""A game's page in headless Chromium, by clicks and by keys; what it shows is held against its own data block and the rules."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.harness.path import FittedPath
from bench.harness.point import Point
from bench.harness.records import Record
from bench.report.explorable.explorable import ShownPath, write_explorable
from bench.report.explorable.played_path import play_lists, play_policies
from bench.report.html import Place
from bench.report.page import game_page
from bench.suites.grid import Cell
from policies.registry import make_learner
from policies.task import make_task
from tests.support.page_reader import START, PageReader

sync_api = pytest.importorskip("playwright.sync_api", reason="the extra `dev` brings Playwright: pip install -e '.[dev]'")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra `dev` brings axe: pip install -e '.[dev]'")
CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: apt-get install chromium")

SCREENS = [(1440, "light"), (1024, "dark"), (390, "light"), (390, "dark")]
CONCEPTS = {"language": "concepts", "atoms": "single"}


def shown(game: str, learner_name: str, budgets: list[int], **options: Any) -> ShownPath:
    task, learner = make_task(game), make_learner(learner_name, options)
    cell = Cell(game=game, learner=learner_name, label=f"a {learner_name}", options=options, budgets=budgets, seed=0)
    policies = [policy for _, policy in FittedPath(learner, task, budgets, 0)]
    path = (play_lists if learner_name == "rulelist" else play_policies)(cell.label, learner, task, policies)
    points = [Point(step.size, step.size, 1 - step.left, 0.0, 8 * step.size, 0, 0, 0.0, 0.0, None) for step in path.steps[1:]]
    return ShownPath(Record(cell, cell.id, "a key", path.unit, points=points), path)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    lists = {
        "tictactoe": [shown("tictactoe", "rulelist", [1, 2, 3, 4, 5, 6], **CONCEPTS), shown("tictactoe", "network", [1, 2], steps=20)],
        "go-2x3": [shown("go-2x3", "rulelist", [1, 2, 3, 4])],
        "breakthrough-3x3": [shown("breakthrough-3x3", "rulelist", [1, 2, 3])],
        "nim-1-2-3": [shown("nim-1-2-3", "rulelist", [1])],
        "kalah-2-3": [shown("kalah-2-3", "rulelist", [1, 2])],
        "planted-zipf-12": [shown("planted-zipf-12", "rulelist", [1, 2, 3])],
    }
    for game, paths in lists.items():
        played = write_explorable(make_task(game), paths, "../report.html", "the run test")
        (folder / f"{game}.html").write_bytes(game_page(game, (), played, "the run test", Place({})))
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


class Opened:
    """A page of a game, and what it complained of and asked for."""

    def __init__(self, browser: Any, path: Path, width: int = 1440, scheme: str = "light", script: bool = True) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        settings = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "reduced_motion": "reduce"}
        self.context = browser.new_context(java_script_enabled=script, **settings)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        if script:
            self.page.wait_for_function("document.getElementById('status').textContent !== ''")
            self.reader = PageReader(self.page.locator("#data").text_content() or "")

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).text_content())

    def rows(self) -> list[list[str]]:
        found: list[list[str]] = self.page.evaluate(
            "[...document.querySelectorAll('#log tr')].map((row) => [...row.cells].map((c) => c.textContent))"
        )
        return found

    def wait_for_turn(self) -> None:
        self.page.wait_for_function("/Your move\\.|You (win|lose)|A draw\\./.test(document.getElementById('status').textContent)")


@pytest.fixture
def open_page(browser: Any, pages: Path) -> Iterator[Callable[..., Opened]]:
    opened: list[Opened] = []

    def opens(game: str, *settings: Any, **named: Any) -> Opened:
        opened.append(Opened(browser, pages / f"{game}.html", *settings, **named))
        return opened[-1]

    yield opens
    for each in opened:
        assert each.said == []
        each.context.close()


@pytest.mark.parametrize("game", ["tictactoe", "go-2x3", "breakthrough-3x3", "nim-1-2-3", "kalah-2-3", "planted-zipf-12"])
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_a_page_asks_for_nothing_fits_the_screen_and_has_no_barrier(open_page: Any, game: str, width: int, scheme: str) -> None:
    """Barriers as axe-core finds them: names, roles, order, contrast."""
    opened = open_page(game, width, scheme)
    assert [url for url in opened.asked if url != "data:,"] == [opened.page.url]
    opened.page.locator("#hint").click()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe_api.Axe().run(opened.page).response["violations"]
    assert [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found] == []


def test_the_slider_by_keys_changes_the_list_what_is_left_and_the_positions(open_page: Any) -> None:
    opened = open_page("tictactoe")
    page, steps = opened.page, opened.reader.header["paths"][0]["steps"]
    page.locator("#size").focus()
    page.keyboard.press("Home")
    for step, fact in enumerate(steps):
        assert opened.text("#size-text") == fact["name"]
        assert page.locator("#size").get_attribute("aria-valuetext") == fact["name"]
        assert opened.text("#left-text") == fact["leftText"]
        assert opened.text("#bound-text") == fact["boundText"]
        assert opened.text("#grades") == fact["grades"]
        numbers = page.evaluate("[...document.querySelectorAll('ol.rules:not([hidden]) li')].map((item) => Number(item.dataset.rule))")
        assert numbers == opened.reader.order(0, step)
        new = page.evaluate("[...document.querySelectorAll('ol.rules:not([hidden]) li.new')].map((item) => Number(item.dataset.rule))")
        assert new == [rule for rule in numbers if step and rule not in opened.reader.order(0, step - 1)]
        examples = [opened.reader.arrays[f"right{0}"][6 * step], opened.reader.arrays[f"wrong{0}"][6 * step]]
        for kind, state in zip(("right", "wrong"), examples, strict=True):
            assert page.locator(f"#{kind}").is_visible() == (state != 0xFFFF)
            if state != 0xFFFF:
                stones = sum(map(bool, opened.reader.arrays["cells"][9 * state : 9 * state + 9]))
                assert page.locator(f"#{kind} .frame [href^='#piece-']").count() == stones
        page.keyboard.press("ArrowRight")
    assert opened.text("#size-text") == "6 rules"


def test_what_the_page_says_before_its_script_runs_is_what_the_script_says(open_page: Any, browser: Any, pages: Path) -> None:
    """The positions, the list and the curve that Python wrote for the first k are those that the script draws for it."""
    live, still = open_page("tictactoe"), Opened(browser, pages / "tictactoe.html", script=False)
    for selector in ("#left-text", "#grades", "#bound-text", "#right figcaption", "#wrong figcaption", "#ticks"):
        assert live.text(selector) == still.text(selector), selector
    items = "ol.rules:not([hidden]) li"
    assert live.page.locator(items).all_text_contents() == still.page.locator(items).all_text_contents()
    for attribute in ("#line", "#area", "#bound"):
        assert live.page.locator(attribute).get_attribute("d") == still.page.locator(attribute).get_attribute("d")

    def pieces(opened: Opened, kind: str) -> Any:
        uses = opened.page.locator(f"#{kind} .frame :is(use, text)").all()
        return sorted((use.get_attribute("href") or use.text_content(), use.get_attribute("x"), use.get_attribute("y")) for use in uses)

    for kind in ("right", "wrong"):
        assert pieces(live, kind) == pieces(still, kind)
    still.context.close()


def test_without_script_all_is_told_in_pictures(browser: Any, pages: Path) -> None:
    still = Opened(browser, pages / "go-2x3.html", width=390, script=False)
    assert not still.page.locator("#size").is_visible()
    assert not still.page.locator("#play-title").is_visible()
    assert [title.split(":")[0] for title in still.page.locator("noscript h3").all_text_contents()] == [
        "1 rule",
        "2 rules",
        "3 rules",
        "4 rules",
    ]
    assert still.page.locator("noscript svg.stones").count() == 8
    assert still.page.locator("noscript svg.stones").first.is_visible()
    assert still.said == []
    still.context.close()


def test_a_game_is_played_by_clicks_against_the_list_and_every_loss_is_shown(open_page: Any) -> None:
    """Each row of the log is held against the graph: the move of the list is one that its first rule leaves."""
    opened = open_page("tictactoe")
    reader, shown_step = opened.reader, 3
    position = START
    while opened.page.locator("#board [role=button]").count():
        opened.page.locator("#board [role=button]").last.click()
        opened.wait_for_turn()
    rows = opened.rows()
    assert len(rows) >= 5
    for number, (count, who, name, why, lost) in enumerate(rows):
        names = reader.header["names"][position.seat]
        edge = next(edge for edge in reader.edges(position.state) if names[reader.action(position, edge)] == name)
        assert count == str(number + 1)
        assert who == ("X, you" if number % 2 == 0 else "O, the list")
        assert lost.startswith(str(reader.arrays["regret"][edge]) if reader.arrays["regret"][edge] else "nothing")
        if number % 2:
            moves, rule = reader.decision(0, shown_step, position.state)
            assert edge in moves
            order = reader.order(0, shown_step)
            assert why == (f"rule {order.index(rule) + 1} of 3" if rule >= 0 else "no rule applies: any move")
        position = reader.after(position, edge)
    assert not reader.edges(position.state)
    value = reader.arrays["value"][position.state]
    assert ("A draw." if value == 0 else "You win" if position.seat == 1 else "You lose") in opened.text("#status")
    owners = reader.board(position)
    assert opened.page.locator("#board .pieces [href='#piece-0']").count() == sum(owner == 0 for owner in owners.values())


def test_undo_new_game_seat_and_hint(open_page: Any) -> None:
    opened = open_page("tictactoe")
    page = opened.page
    assert page.locator("#undo").is_disabled()
    page.locator("#board [aria-label^='b2']").click()
    opened.wait_for_turn()
    page.locator("#board [role=button]").first.click()
    opened.wait_for_turn()
    before = len(opened.rows())
    page.locator("#undo").click()
    assert len(opened.rows()) == before - 2
    page.locator("#hint").click()
    assert page.locator("#hint").get_attribute("aria-pressed") == "true"
    losses = page.locator("#board text.loss").all_text_contents()
    assert len(losses) == page.locator("#board [role=button]").count() == 7
    assert "0" in losses
    page.locator("#instead").click()
    opened.wait_for_turn()
    assert opened.rows()[2][1] == "X, the list"
    page.locator("#new").click()
    assert opened.rows() == []
    page.locator("input[name=seat]").nth(1).check()
    opened.wait_for_turn()
    assert opened.rows()[0][1] == "X, the list"
    assert page.locator("#board [role=button]").count() == 8
    assert page.locator("ol.rules .fired").count() + (opened.rows()[0][3] == "no rule applies: any move") == 1


def test_the_board_by_keys(open_page: Any) -> None:
    """From a3 right to b3, down to b2, and Enter; then a cell that is not empty is no button any more."""
    opened = open_page("tictactoe")
    opened.page.locator("#board [aria-label^='a3']").focus()
    for key in ("ArrowRight", "ArrowDown"):
        opened.page.keyboard.press(key)
    assert opened.page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("b2")
    opened.page.keyboard.press("Enter")
    opened.wait_for_turn()
    assert opened.rows()[0][2] == "b2"
    assert opened.page.locator("#board [aria-label='b2: X']").get_attribute("role") == "img"


def test_a_network_in_place_of_the_list(open_page: Any) -> None:
    opened = open_page("tictactoe")
    opened.page.locator("input[name=path]").nth(1).check()
    assert opened.text("#size-text") == "2 hidden units"
    assert opened.page.locator("ol.rules:visible").count() == 0
    opened.page.locator("#board [aria-label^='b2']").click()
    opened.wait_for_turn()
    assert opened.rows()[1][1:4:2] == ["O, the network", "2 hidden units"]
    assert opened.page.locator("#rivals tbody tr").count() == 2


def test_a_click_on_the_curve_chooses_the_size_below_it(open_page: Any) -> None:
    opened = open_page("tictactoe")
    box = opened.page.locator("#curve").bounding_box()
    opened.page.mouse.click(box["x"] + box["width"] * 5.1 / 6, box["y"] + 20)
    assert opened.text("#size-text") == "5 rules"


def test_another_position_of_a_kind(open_page: Any) -> None:
    opened = open_page("tictactoe")
    before = opened.page.locator("#wrong .frame").inner_html()
    opened.page.locator("#wrong .next").click()
    assert opened.page.locator("#wrong .frame").inner_html() != before


def test_a_pass_is_a_button_and_two_passes_end_a_game_of_go(open_page: Any) -> None:
    opened = open_page("go-2x3")
    opened.page.locator("#moves button", has_text="pass").click()
    opened.wait_for_turn()
    assert opened.rows()[0][2] == "pass"
    assert opened.rows()[0][4].endswith(("point", "points", "nothing"))


def test_where_two_pawns_reach_a_cell_the_reader_says_which(open_page: Any) -> None:
    """In breakthrough-3x3 b2 is reached from a1, b1 and c1 at the start."""
    opened = open_page("breakthrough-3x3")
    opened.page.locator("#board [aria-label^='b2']").click()
    assert opened.text("#status") == "Which one?"
    assert opened.page.locator("#moves button").all_text_contents() == ["a1-b2", "b1-b2", "c1-b2"]
    opened.page.keyboard.press("Enter")
    opened.wait_for_turn()
    assert opened.rows()[0][2] == "a1-b2"


def test_a_stick_takes_those_above_it(open_page: Any) -> None:
    """Heaps of 1, 2 and 3: the lowest stick of the third takes three, and a heap of none has no sticks."""
    opened = open_page("nim-1-2-3")
    assert opened.page.locator("#board .stick").count() == 6
    opened.page.locator("#board [aria-label='take 3 from heap 3']").click()
    opened.wait_for_turn()
    assert opened.rows()[0][2] == "take 3 from heap 3"
    assert opened.page.locator("#board [aria-label*='from heap 3']").count() == 0


def test_a_game_without_a_board_is_played_in_text(open_page: Any) -> None:
    opened = open_page("planted-zipf-12")
    assert "fork 0" in opened.text("#board")
    while opened.page.locator("#moves button").count():
        opened.page.locator("#moves button").first.click()
        opened.wait_for_turn()
    assert "against perfect play" in opened.text("#status")


def test_a_page_is_painted_within_a_second(open_page: Any) -> None:
    opened = open_page("tictactoe")
    opened.page.reload()
    opened.page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length === 1")
    painted = opened.page.evaluate("performance.getEntriesByName('first-contentful-paint').map((entry) => entry.startTime)")
    assert len(painted) == 1
    assert painted[0] < 1000
