"""The pages of docs/ become a site without a warning, and every page and every link of it is there."""

import importlib.util
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest

from tests.support.page_reader import PageReader

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    words = ["--quiet", "--fail-on-warning", "--keep-going", "--conf-dir", "docs", "--doctree-dir", str(folder / "doctrees"), "."]
    command = [sys.executable, "-m", "sphinx", *words, str(folder / "html")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


def test_every_page_is_in_the_navigation_of_the_front_page(site: Path) -> None:
    front = (site / "docs" / "index.html").read_text()
    linked = {str((site / "docs" / target).resolve()) for target in re.findall(r'class="reference internal" href="([^"#]+)', front)}
    pages = [path for path in DOCS.rglob("*.md") if path != DOCS / "README.md" and path != DOCS / "index.md"]
    assert len(pages) > 25
    for path in [*pages, *DOCS.rglob("*.ipynb"), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]:
        assert str(site / path.relative_to(ROOT).with_suffix(".html")) in linked, f"{path.name} is not listed in docs/README.md"


def test_what_the_pages_link_and_show_is_part_of_the_site(site: Path) -> None:
    counted = 0
    for page in site.rglob("*.html"):
        for target in re.findall(r'(?:href|src)="([^"#?]+)', page.read_text()):
            if not urllib.parse.urlsplit(target).scheme:
                assert (page.parent / urllib.parse.unquote(target)).exists(), f"{page.relative_to(site)} links {target}"
                counted += 1
    assert counted > 1_000


def test_the_pages_need_nothing_from_another_machine(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert not re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="https?:', page.read_text()), page.name


def test_the_front_page_leads_to_games_to_play(site: Path) -> None:
    """The reference results have lists of both games, so both pages are there, with the lists of 3 rules."""
    front = (site / "docs" / "index.html").read_text()
    for game in ("tictactoe", "go-3x3"):
        assert f'href="../play/{game}.html"' in front
        page = (site / "play" / f"{game}.html").read_text()
        header = PageReader(page.partition('id="data">')[2].partition("</script>")[0]).header
        assert 3 in [step["size"] for step in header["paths"][0]["steps"]]


def test_a_notebook_becomes_markdown_with_what_its_cells_gave() -> None:
    spec = importlib.util.spec_from_file_location("conf", DOCS / "conf.py")
    assert spec is not None
    assert spec.loader is not None
    conf = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(conf)
    said = {"output_type": "stream", "name": "stdout", "text": ["2\n", "3\n"]}
    drawn = {"output_type": "display_data", "data": {"text/plain": ["<Figure>"], "image/png": "iVBO\nRw0=\n"}}
    cells = [
        {"cell_type": "markdown", "source": ["# A page\n", "\n", "Text."]},
        {"cell_type": "code", "source": ["print(2)\n", "print(3)"], "outputs": [said, drawn]},
    ]
    expected = [
        "# A page\n\nText.",
        "```python\nprint(2)\nprint(3)\n```",
        "```text\n2\n3\n```",
        "![](data:image/png;base64,iVBORw0=)",
    ]
    assert conf.as_markdown({"cells": cells}) == "\n\n".join(expected)
