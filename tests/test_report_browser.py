"""The report in a real browser, at the width of a desk and of a phone: headless Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.harness.store import write_record, write_suite
from bench.report.page import write_report
from bench.suites.grid import cells
from tests.support.planted_runs import GRADED_SUITE as SUITE
from tests.support.planted_runs import graded_run as planted

sync_api = pytest.importorskip("playwright.sync_api", reason="the extra `dev` brings Playwright: pip install -e '.[dev]'")
CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: apt-get install chromium")

DESK, PHONE, PAPER = 1280, 390, 700  # pixels; A4 between margins of 12 mm


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("browser")
    write_suite(place, SUITE)
    for record in planted():
        write_record(place, record)
    write_report(place, ())
    return place


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


class Seen:
    """A page, what it complained of, and whom it asked for what."""

    def __init__(self, browser: sync_api.Browser, folder: Path, width: int, color_scheme: str) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=color_scheme)
        self.page = context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.address = (folder / "report.html").as_uri()
        self.page.goto(self.address)


@pytest.fixture(scope="module", params=[(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone"])
def seen(request: pytest.FixtureRequest, browser: sync_api.Browser, folder: Path) -> Iterator[Seen]:
    opened = Seen(browser, folder, *request.param)
    yield opened
    opened.page.context.close()


def test_nothing_is_complained_of_and_nothing_is_asked_for_but_the_page(seen: Seen) -> None:
    assert seen.said == []
    assert [url for url in seen.asked if url != "data:,"] == [seen.address]


def test_the_page_is_not_wider_than_the_screen_and_wide_tables_scroll_in_their_own_box(seen: Seen) -> None:
    width = seen.page.viewport_size["width"]
    seen.page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true })")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = """[...document.querySelectorAll('main *')].filter((part) => !part.closest('.scroll, .drawing, pre')
        && part.getBoundingClientRect().right > innerWidth + 1).map((part) => part.outerHTML.slice(0, 80))"""
    assert seen.page.evaluate(beyond) == []
    box = seen.page.locator("#table-points-go-3x3-rulelist-seed0 .scroll")
    assert box.evaluate("(box) => box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX === 'auto'")


def test_letters_in_figures_are_large_enough_to_read(seen: Seen) -> None:
    """At least 7.5 pixels; letters scale with their figure, which is why a phone scrolls in wide ones."""
    sizes = seen.page.evaluate("""[...document.querySelectorAll('.drawing text')].map((text) =>
        parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.clientWidth / text.ownerSVGElement.viewBox.baseVal.width)""")
    assert len(sizes) > 30
    assert min(sizes) >= 7.5


def test_every_link_within_the_page_has_its_target_and_every_file_is_there(seen: Seen, folder: Path) -> None:
    missing = """[...document.querySelectorAll('a[href^="#"]')].map((link) => decodeURIComponent(link.hash.slice(1)))
        .filter((name) => !document.getElementById(name))"""
    assert seen.page.evaluate(missing) == []
    files = seen.page.evaluate(
        """[...document.querySelectorAll('a:not([href^="#"])')].map((link) => decodeURIComponent(link.getAttribute('href')))"""
    )
    kinds = {Path(name).parts[0] for name in files}
    assert kinds == {"records", "tables"}  # no figures were asked for
    assert [name for name in files if not (folder / name).is_file()] == []


def column(page: sync_api.Page, table: str, number: int) -> list[str]:
    cells = f"[...document.querySelectorAll('#table-{table} tbody tr')].map((row) => row.cells[{number}].firstChild.textContent)"
    found: list[str] = page.evaluate(cells)
    return found


def test_tables_sort_by_mouse_and_keyboard_as_numbers_with_nothing_last(seen: Seen) -> None:
    """tictactoe was planted with bits to 50 % of 8 (rulelist) and 400 (network), and to 100 % of none and 900."""
    head = seen.page.locator("#table-curves-tictactoe thead th").nth(1)
    assert head.get_attribute("aria-sort") == "none"
    head.locator("button").click()
    assert (head.get_attribute("aria-sort"), column(seen.page, "curves-tictactoe", 1)) == ("ascending", ["8", "400"])
    head.locator("button").press("Enter")
    assert (head.get_attribute("aria-sort"), column(seen.page, "curves-tictactoe", 1)) == ("descending", ["400", "8"])
    perfect = seen.page.locator("#table-curves-tictactoe thead th").nth(4)
    for order in ("ascending", "descending"):
        perfect.locator("button").press("Space")
        assert (perfect.get_attribute("aria-sort"), column(seen.page, "curves-tictactoe", 4)) == (order, ["900", "-"])
    assert head.get_attribute("aria-sort") == "none"


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
    before = seen.page.viewport_size
    seen.page.set_viewport_size({"width": PAPER, "height": 900})
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= PAPER
    seen.page.set_viewport_size(before)
    seen.page.emulate_media(media="screen")


def test_without_javascript_all_of_it_can_be_read(browser: sync_api.Browser, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": PHONE, "height": 900})
    page = context.new_page()
    page.goto((folder / "report.html").as_uri())
    assert page.locator("thead button").count() == 0
    assert page.locator("#table-records tbody tr").count() == len(cells(SUITE))
    page.locator("details:has(table) summary").first.click()
    assert page.locator("details table").first.is_visible()
    context.close()
