"""docs/comparing-runs.md and docs/python.md are done from top to bottom, and print what they show."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_ind

from bench.runs.diff import LEVEL, ROUNDING, SEEDLESS
from tests.support.shell import Shell
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


def test_how_many_seeds_it_takes_is_said_as_it_is() -> None:
    """Simulated: 10,000 pairs of sets of seeds from normal distributions; four standard errors of a share are below 0.02."""
    rng = np.random.default_rng(0)
    page = " ".join((DOCS / "comparing-runs.md").read_text().split())
    for n_seeds, shift, said in ((2, 8, "eight standard deviations passes in 18 %"), (5, 4, "with five seeds one by four in 98 %")):
        before, after = rng.normal(size=(2, 10_000, n_seeds))
        share = float((ttest_ind(before, after + shift, axis=1, equal_var=False).pvalue < LEVEL).mean())
        assert said in page
        assert abs(share - int(said.split()[-2]) / 100) < 0.02
