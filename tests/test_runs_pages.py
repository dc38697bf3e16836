"""docs/comparing-runs.md and docs/python.md are done from top to bottom, and print what they show."""

from pathlib import Path

import pytest

from bench.harness.diff import LEVEL, ROUNDING, SEEDLESS
from tests.shell import Shell
from tests.test_docs_pages import DOCS, Workplace, blocks


@pytest.mark.slow
@pytest.mark.parametrize("page", ["comparing-runs.md", "python.md"])
def test_a_page_prints_what_it_shows(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    workplace = Workplace(tmp_path, Shell(monkeypatch, capfd))
    for block in blocks(page):
        workplace.do(block)


def test_what_the_page_says_of_the_tests_is_so() -> None:
    page = " ".join((DOCS / "comparing-runs.md").read_text().split())
    assert f"({', '.join(f'`{name}`' for name in SEEDLESS)})" in page
    assert (LEVEL, ROUNDING) == (0.01, 1e-12)
    assert "at the level of 1 %" in page
    assert "10<sup>-12</sup>" in page
