"""The report in a real browser, at the width of a desk and of a phone: headless Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.harness.store import write_record, write_suite
from bench.report.blocks import Column, Section, Table, TableRow, words
from bench.report.html import Place
from bench.report.page import game_page, write_report
from tests.support.planted_runs import GRADED_SUITE as SUITE
from tests.support.planted_runs import graded_run as planted

sync_api = pytest.importorskip("playwright.sync_api", reason="the extra `dev` brings Playwright: pip install -e '.[dev]'")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra `dev` brings axe: pip install -e '.[dev]'")
CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: apt-get install chromium")

DESK, PHONE, PAPER = (1440, 900), (390, 844), 700  # pixels; A4 between margins of 12 mm
INDEX, GAME = "report.html", "games/tictactoe.html"
REFERENCE = Path(__file__).parents[1] / "reports" / "reference"
MAX_SCREENS = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("browser")
    write_suite(place, SUITE)
    for record in planted():
        write_record(place, record)
    write_report(place, (), ())
    return place


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


class Seen:
    """A page, what it complained of, and whom it asked for what."""

    def __init__(
        self, browser: sync_api.Browser, path: Path, size: tuple[int, int], color_scheme: str = "light", script: bool = True
    ) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.size = size
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, color_scheme=color_scheme, java_script_enabled=script)
        self.page = context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.address = path.as_uri()
        self.page.goto(self.address, timeout=120_000)  # milliseconds: on a busy machine Chromium starts slowly


@pytest.fixture(
    scope="module", params=[(INDEX, DESK, "light"), (INDEX, PHONE, "dark"), (GAME, PHONE, "light")], ids=["desk", "phone", "game"]
)
def seen(request: pytest.FixtureRequest, browser: sync_api.Browser, folder: Path) -> Iterator[Seen]:
    name, *settings = request.param
    opened = Seen(browser, folder / name, *settings)
    yield opened
    opened.page.context.close()


def test_nothing_is_complained_of_asked_for_or_hard_to_reach(seen: Seen) -> None:
    """Barriers as axe-core finds them: names, roles, order, contrast."""
    assert seen.said == []
    assert [url for url in seen.asked if url != "data:,"] == [seen.address]
    found = axe_api.Axe().run(seen.page).response["violations"]
    assert [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found] == []


def test_the_page_is_not_wider_than_the_screen_and_wide_tables_scroll_in_their_own_box(seen: Seen) -> None:
    seen.page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true })")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= seen.size[0]
    beyond = """[...document.querySelectorAll('main *')].filter((part) => !part.closest('.scroll, .drawing, pre, #games')
        && part.getBoundingClientRect().right > innerWidth + 1).map((part) => part.outerHTML.slice(0, 80))"""
    assert seen.page.evaluate(beyond) == []
    seen.page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = false })")


def test_letters_in_figures_are_large_enough_to_read(seen: Seen) -> None:
    """At least 7.5 pixels; letters scale with their figure, which is why a phone scrolls in wide ones."""
    sizes = seen.page.evaluate("""[...document.querySelectorAll('.drawing text')].map((text) =>
        parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.clientWidth / text.ownerSVGElement.viewBox.baseVal.width)""")
    assert len(sizes) > 10
    assert min(sizes) >= 7.5


def test_the_first_screen_has_the_question_the_findings_a_figure_and_the_games(seen: Seen) -> None:
    if not seen.address.endswith(INDEX):
        return
    bottoms = [
        seen.page.locator(part).first.bounding_box()
        for part in ("header .lead", ".findings li:last-child", "header .drawing svg", "#games li")
    ]
    assert all(box["y"] + box["height"] <= seen.size[1] for box in bottoms)
    assert seen.page.locator(".findings li").count() == 3


def test_sources_are_folded_behind_one_switch(seen: Seen) -> None:
    cited = seen.page.locator(".cite").first
    assert not cited.is_visible()
    seen.page.locator("#sources").check()
    assert cited.is_visible()
    seen.page.locator("#sources").uncheck()


def test_a_game_is_found_and_opened_by_keys(browser: sync_api.Browser, folder: Path) -> None:
    opened = Seen(browser, folder / INDEX, DESK)
    page = opened.page
    page.locator("#find").press_sequentially("go 3x")
    assert page.locator("#games a:visible").all_text_contents() == ["Go 3×3 3,000 positions"]
    page.locator("#find").fill("chess")
    assert page.locator("#none").text_content() == "No game of this run has such a name."
    page.locator("#find").fill("go")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent").startswith("Go 3×3")
    page.keyboard.press("Enter")
    page.wait_for_url("**/games/go-3x3.html")
    page.locator(".back").click()
    page.wait_for_url("**/report.html")
    page.context.close()


@pytest.fixture
def table_page(browser: sync_api.Browser, tmp_path: Path) -> Iterator[sync_api.Page]:
    """A page with a table of 12 sizes, their squares, and a word; one of them has no square."""
    rows = tuple(TableRow((size, None if size == 5 else size * size, "even" if size % 2 == 0 else "odd")) for size in range(1, 13))
    columns = (Column("size", "size", "unit"), Column("square", "square", form=",.0f"), Column("kind", "kind", is_text=True))
    section = Section("part", "Part", (words("The gain is what counts."), Table("t", "Squares", columns, rows)))
    (tmp_path / "page.html").write_bytes(game_page("a", [section], "", "the run", Place({})))
    opened = Seen(browser, tmp_path / "page.html", DESK)
    yield opened.page
    assert opened.said == []
    opened.page.context.close()


def column(page: sync_api.Page, number: int) -> list[str]:
    cells = f"[...document.querySelectorAll('tbody tr:not([hidden])')].map((row) => row.cells[{number}].firstChild.textContent)"
    found: list[str] = page.evaluate(cells)
    return found


def test_tables_sort_by_mouse_and_keyboard_as_numbers_with_nothing_last_and_filter(table_page: sync_api.Page) -> None:
    head = table_page.locator("thead th").nth(1)
    assert head.get_attribute("aria-sort") == "none"
    squares = [f"{size * size}" for size in range(1, 13) if size != 5]
    head.locator(".sort").click()
    assert (head.get_attribute("aria-sort"), column(table_page, 1)) == ("ascending", [*squares, "-"])
    head.locator(".sort").press("Enter")
    assert (head.get_attribute("aria-sort"), column(table_page, 1)) == ("descending", [*squares[::-1], "-"])
    table_page.locator(".filter").fill("EVEN 1")
    assert column(table_page, 0) == ["12", "10", "4"]  # 144, 100 and 16 have a 1
    table_page.locator(".filter").fill("")
    assert len(column(table_page, 0)) == 12


def test_definitions_are_shown_by_keys_by_a_click_and_on_hover(table_page: sync_api.Page) -> None:
    gain, unit = table_page.locator("#def-gain"), table_page.locator("#def-unit")
    assert not gain.is_visible()
    table_page.locator(".term").press("Enter")
    assert gain.is_visible()
    assert "0 is random" in (gain.text_content() or "")
    table_page.keyboard.press("Escape")
    assert not gain.is_visible()
    table_page.locator("thead .d").click()
    assert unit.is_visible()
    table_page.keyboard.press("Escape")
    table_page.locator("h1").click()
    table_page.locator(".term").hover()
    gain.wait_for(state="visible")


def test_the_theme_is_that_of_the_system_until_the_reader_chooses(seen: Seen) -> None:
    def ink_and_paper() -> list[int]:
        script = """(() => { const style = getComputedStyle(document.body);
            return [style.color, style.backgroundColor].map((color) => Number(color.match(/\\d+/)[0])) })()"""
        found: list[int] = seen.page.evaluate(script)
        return found

    is_dark = seen.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    for expected in (is_dark, not is_dark, is_dark):
        ink, paper = ink_and_paper()
        assert (ink > paper) == expected
        stroke = seen.page.evaluate("getComputedStyle(document.querySelector('.drawing text')).fill.match(/\\d+/)[0]")
        assert int(stroke) == ink  # figures follow
        seen.page.locator("#theme").click()


def test_print_shows_black_on_white_without_navigation(seen: Seen) -> None:
    seen.page.emulate_media(media="print")
    style = "getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]"
    assert int(seen.page.evaluate(style)) > 250
    assert not seen.page.locator("nav").is_visible()
    seen.page.set_viewport_size({"width": PAPER, "height": 900})
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= PAPER
    seen.page.set_viewport_size({"width": seen.size[0], "height": seen.size[1]})
    seen.page.emulate_media(media="screen")


def test_without_javascript_all_of_it_can_be_read(browser: sync_api.Browser, folder: Path) -> None:
    opened = Seen(browser, folder / GAME, PHONE, script=False)
    page = opened.page
    assert page.locator(".sort, .filter").count() == 0
    assert page.locator("#table-records tbody tr").count() == 2
    page.locator("details:has(table) summary").first.click()
    assert page.locator("details table").first.is_visible()
    page.locator(".term").first.click()
    assert page.locator(".definition:popover-open").count() == 1
    page.context.close()
    index = Seen(browser, folder / INDEX, PHONE, script=False).page
    assert not index.locator("#find").is_visible()
    assert index.locator("#games a:visible").count() == len(SUITE.games)
    index.context.close()


def test_the_index_of_the_committed_results_is_short_and_painted_within_a_second(browser: sync_api.Browser) -> None:
    opened = Seen(browser, REFERENCE / INDEX, DESK)
    assert opened.page.evaluate("document.documentElement.scrollHeight") <= MAX_SCREENS * DESK[1]
    opened.page.reload()
    opened.page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length === 1")
    painted = opened.page.evaluate("performance.getEntriesByName('first-contentful-paint').map((entry) => entry.startTime)")
    assert painted[0] < 1000
    opened.page.context.close()
