"""How these pages become a site: `make docs` builds it into build/docs/, with warnings as errors.

Pages are plain Markdown that reads the same wherever Markdown is shown. Which there are, and in what order, stands in README.md
alone: its headings and links become the navigation. The source folder is that of the repository, so that links which leave
docs/ lead somewhere too: to a page of the site, or to a copy of the file.
"""

import functools
import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]

project = "gaincurve"
author = "the gaincurve authors"
extensions = ["myst_parser"]
root_doc = "docs/index"
source_suffix = {".md": "markdown", ".ipynb": "markdown"}
include_patterns = ["docs/**", "CONTRIBUTING.md", "CHANGELOG.md"]
exclude_patterns = ["docs/README.md", *(path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "docs")]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "gaincurve"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False

PLAYED = {"tictactoe": "tic-tac-toe", "go-3x3": "Go 3×3"}  # games with a page to play on
FRONT = '<!doctype html><meta http-equiv="refresh" content="0; url=docs/index.html"><a href="docs/index.html">gaincurve</a>\n'


def tables_of_contents(listing: str) -> str:
    """One for each heading of a list of pages, as directives: what is linked at the begin of a line of a list or a table."""
    parts = re.split(r"^#+ (.*)\n", listing, flags=re.MULTILINE)[1:]
    found = []
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        pages = [f"{title} <{path}>" for title, path in re.findall(r"^[-|] \[(.*?)\]\((.*?)\.(?:md|ipynb)\)", text, re.MULTILINE)]
        if pages:
            found.append("\n".join(["```{toctree}", ":hidden:", f":caption: {heading}", "", *pages, "```"]))
    return "\n\n".join(found)


def as_markdown(notebook: dict[str, Any]) -> str:
    """The cells of a notebook, and what they gave when it was run: text and pictures."""
    found = []
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        found.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
        for output in cell.get("outputs", []):
            data = output.get("data", {"text/plain": output.get("text", "")})
            if "image/png" in data:
                found.append(f"![](data:image/png;base64,{''.join(data['image/png'].split())})")
            else:
                found.append(f"```text\n{''.join(data['text/plain']).rstrip()}\n```")
    return "\n\n".join(found)


def read_notebook(app: Sphinx, page: str, source: list[str]) -> None:
    """Make a notebook a page like the others."""
    if app.env.doc2path(page).suffix == ".ipynb":
        source[0] = as_markdown(json.loads(source[0]))


@functools.cache
def pages_to_play_on() -> dict[str, str]:
    """A page for each game of PLAYED, as reports have it, from the committed reference results; none where these are out of date."""
    from bench.report.page import page_of_lists
    from games.errors import WorkError

    found = {}
    for game in PLAYED:
        try:
            found[game] = page_of_lists(ROOT / "reports" / "reference", game, "../docs/results.html", "the reference results")
        except WorkError as error:
            print(f"no page to play {game} on: {error}")
    return found


def add_navigation(app: Sphinx, page: str, source: list[str]) -> None:
    """Put pages to play on and the tables of contents at the end of the front page, and that of the games at the end of theirs."""
    if page == root_doc:
        links = [f'<a href="../play/{game}.html">{PLAYED[game]}</a>' for game in pages_to_play_on()]
        source[0] += f"\nDrag the number of rules and play against the list: {', '.join(links)}.\n" if links else ""
        listing = ROOT / "docs" / "README.md"
        app.env.note_dependency(listing)
        source[0] += "\n" + tables_of_contents(listing.read_text())
    if page == "docs/games/README":
        source[0] += "\n" + tables_of_contents(source[0])


def add_front(app: Sphinx, error: Exception | None) -> None:
    """Lead from the folder of the site to its front page, and add the pages to play on."""
    (Path(app.outdir) / "index.html").write_text(FRONT)
    folder = Path(app.outdir) / "play"
    folder.mkdir(exist_ok=True)
    for game, page in pages_to_play_on().items():
        (folder / f"{game}.html").write_text(page)


def setup(app: Sphinx) -> None:
    """Let Sphinx call the above."""
    app.connect("source-read", read_notebook)
    app.connect("source-read", add_navigation)
    app.connect("build-finished", add_front)
