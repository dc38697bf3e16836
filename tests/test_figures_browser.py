"""What a figure answers in a real browser: values under the pointer and by keys, entries of legends that mute; and its colours."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from bench.report.blocks import Series
from bench.report.plots.colors import on_dark
from bench.report.plots.named import name_curve, name_part
from bench.report.plots.style import set_logarithmic
from bench.report.plots.svg import inline_svg

sync_api = pytest.importorskip("playwright.sync_api", reason="the extra `dev` brings Playwright: pip install -e '.[dev]'")
CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: apt-get install chromium")
SCRIPT = (Path(__file__).parents[1] / "bench/report/templates/figures.js").read_text()
BLUE = "#0664b3"


def page_of(folder: Path) -> Path:
    """A page with one figure: two curves in a legend, one of them with a band, and one that has no entry there."""
    figure = Figure(figsize=(5, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot([1, 10, 1000], [0.5, 0.25, 0.125], label="a list", color=BLUE)
    name_part(axes.fill_between([1, 1000], [0.1, 0.1], [0.2, 0.2], alpha=0.2), "a list")
    axes.plot([1, 1000], [0.9, 0.8], label="a tree", color="#1c985a")
    (line,) = axes.plot([10, 100], [0.02, 0.01], color="#970c46")
    name_curve(line, "alone")
    set_logarithmic(axes, "xy")
    axes.set(xlabel="rules", ylabel="left")
    axes.legend(loc="center right")
    svg = inline_svg(figure, "A figure", "s0-", (Series("a list", (1, 10, 1000), (0.5, 0.25, 0.125), ("one rule", "ten", "more")),))
    style = ":root { --ink: #111; --paper: #fff; --line: #999; --card: #eee } .drawing svg { width: 700px; fill: currentColor }"
    head = f'<meta charset="utf-8"><meta name="color-scheme" content="light dark"><style>{style}</style>'
    path = folder / "page.html"
    path.write_text(f'<!doctype html>{head}<div class="drawing">{svg!s}</div><script>{SCRIPT}</script>')
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: sync_api.Browser, tmp_path: Path) -> Iterator[sync_api.Page]:
    context = browser.new_context(viewport={"width": 900, "height": 700}, color_scheme=request.param)
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto(page_of(tmp_path).as_uri())
    yield opened
    context.close()
    assert said == []


def point_at(page: sync_api.Page, name: str, number: int) -> None:
    """Rest the pointer on a point of a curve, found from where the svg says that it is."""
    place = page.evaluate(
        """([name, number]) => {
            const curve = document.querySelector(`.curve[data-name="${name}"]`), svg = curve.ownerSVGElement, point = svg.createSVGPoint();
            [point.x, point.y] = curve.dataset.at.split("|")[number].split(",").map(Number);
            const seen = point.matrixTransform(svg.getScreenCTM());
            return [seen.x, seen.y]; }""",
        [name, number],
    )
    page.mouse.move(place[0] + 2, place[1] - 2)


def test_the_value_under_the_pointer_is_that_of_the_curve(page: sync_api.Page) -> None:
    tip = page.locator(".tip")
    assert not tip.is_visible()
    point_at(page, "a list", 2)
    assert tip.inner_text() == "a list\nmore\nrules: 1,000\nleft: 0.125"
    point_at(page, "alone", 1)
    assert tip.inner_text() == "alone\nrules: 100\nleft: 0.01"
    page.mouse.move(5, 690)
    assert not tip.is_visible()


def test_an_entry_of_the_legend_mutes_all_that_belongs_to_it_by_mouse_and_keys(page: sync_api.Page) -> None:
    key = page.get_by_role("button", name="a list")
    faint = "[...document.querySelectorAll('.curve, .part, .sample')].filter((part) => getComputedStyle(part).opacity < 0.5).length"
    assert (page.evaluate(faint), key.get_attribute("aria-pressed")) == (0, "true")
    key.click()
    assert (page.evaluate(faint), key.get_attribute("aria-pressed")) == (3, "false")  # the curve, its band, its sample
    point_at(page, "a list", 2)
    assert "a list" not in page.locator(".tip").inner_text()  # a muted curve has no values
    key.press("Enter")
    assert (page.evaluate(faint), key.get_attribute("aria-pressed")) == (0, "true")
    page.locator(".sample").first.click()
    assert page.evaluate(faint) == 3


def test_the_arrows_go_from_point_to_point(page: sync_api.Page) -> None:
    tip = page.locator(".tip")
    page.get_by_role("button", name="a list").focus()
    seen = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
        seen.append(tip.inner_text().split("\n")[1])
    assert seen == ["one rule", "ten", "one rule", "more"]
    page.get_by_role("img", name="alone").focus()  # which has no entry in the legend
    page.keyboard.press("ArrowRight")
    assert tip.inner_text() == "alone\nrules: 10\nleft: 0.02"


def test_lines_have_the_colour_of_the_theme(page: sync_api.Page) -> None:
    stroke = page.evaluate("getComputedStyle(document.querySelector('.curve[data-name=\"a list\"] path')).stroke")
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    color = on_dark(BLUE) if is_dark else BLUE
    assert stroke == f"rgb({', '.join(str(int(color[i : i + 2], 16)) for i in (1, 3, 5))})"
