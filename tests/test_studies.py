"""Studies: blocks of a page are found, replaced and judged, and the command line lists, prints, writes and checks them."""

import dataclasses
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.studies import page as pages
from bench.studies.__main__ import main, pages_of
from bench.studies.page import Page, Part, blocks_of, faults, linked, part_of, with_blocks, write
from bench.studies.registry import STUDIES
from games.errors import WorkError

ROOT = Path(__file__).parents[1]
TEXT = """# Sums

Two and two are four.

<!-- sums -->
2 + 2 = 4
<!-- end -->

<!-- times.add, measured 2026-01-31 at 0123abc -->
| sum |
| --- |
| 4 s |
<!-- end -->
<!-- times.none, measured 2026-01-31 at 0123abc -->
<!-- end -->
"""


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of docs/."""
    monkeypatch.setattr(pages, "DOCS", tmp_path)
    (tmp_path / "sums.md").write_text(TEXT)
    return tmp_path


def sums(total: int, calls: list[str] | None = None, phrase: str = "Two and two are four.") -> Page:
    """A page whose fast part says a total, and whose timed part says how often it was timed; each call is noted."""
    noted = [] if calls is None else calls

    def add() -> dict[str, str]:
        noted.append("sums")
        return {"sums": f"2 + 2 = {total}"}

    def timed() -> dict[str, str]:
        noted.append("times")
        return {"times.add": f"| sum |\n| --- |\n| {noted.count('times')} s |", "times.none": ""}

    return Page("sums.md", {"sums": Part(add), "times": Part(timed, "a second", after="sums")}, (phrase,), start=TEXT)


def test_blocks_are_found_with_the_day_and_commit_of_their_measurement() -> None:
    assert blocks_of(TEXT) == {
        "sums": ("2 + 2 = 4", "", ""),
        "times.add": ("| sum |\n| --- |\n| 4 s |", "2026-01-31", "0123abc"),
        "times.none": ("", "2026-01-31", "0123abc"),
    }
    assert [part_of(name) for name in blocks_of(TEXT)] == ["sums", "times", "times"]


def test_what_is_put_into_a_page_is_read_back_and_the_rest_stays() -> None:
    text = with_blocks(TEXT, {"sums": "a\n\n\\1 {b}"})
    assert blocks_of(text)["sums"] == ("a\n\n\\1 {b}", "", "")
    assert with_blocks(text, {"sums": "2 + 2 = 4"}) == TEXT
    assert blocks_of(with_blocks(TEXT, {"times.none": "x"}, "2026-02-01", "ff"))["times.none"] == ("x", "2026-02-01", "ff")


@pytest.mark.parametrize(
    "damaged", [TEXT.replace("<!-- end -->", "", 1), TEXT + "<!-- end -->\n", TEXT.replace("times.add", "sums"), TEXT + TEXT]
)
def test_markers_that_do_not_pair_up_are_refused(damaged: str) -> None:
    with pytest.raises(WorkError, match="do not pair up"):
        blocks_of(damaged)


def test_a_block_that_the_page_lacks_is_named() -> None:
    with pytest.raises(WorkError, match="no block for products: put <!-- products -->"):
        with_blocks(TEXT, {"products": "4"})


def test_a_page_that_says_what_is_computed_has_no_fault_and_nothing_slow_is_computed_for_that(docs: Path) -> None:
    calls: list[str] = []
    assert list(faults(sums(4, calls))) == []
    assert calls == ["sums"]


def test_each_fault_of_a_page_is_told(docs: Path) -> None:
    (stale,) = faults(sums(5))
    assert stale == "the block sums is not what is computed now; if that is meant, run: python -m bench.studies sums --write"
    assert [*faults(sums(4, phrase="Two and two are five."))] == ["its prose does not say 'Two and two are five.', as the code does"]
    (docs / "sums.md").write_text(TEXT.replace(", measured 2026-01-31 at 0123abc", "").replace("# Sums", "<!-- odd -->\n1\n<!-- end -->"))
    expected = ["the block odd belongs to no part", *(f"the block times.{name} has no day and commit" for name in ("add", "none"))]
    assert [*faults(sums(4))] == expected
    (docs / "sums.md").write_text(TEXT.partition("<!-- times")[0])
    assert [*faults(sums(4))] == ["no block of the part times is on the page"]


def test_what_is_fast_is_written_and_what_is_timed_only_with_it_or_by_name(docs: Path) -> None:
    calls: list[str] = []
    page = sums(4, calls)
    assert write(page) == []
    assert (docs / "sums.md").read_text() == TEXT
    assert calls == ["sums"]
    assert write(page, ["times"]) == ["times"]
    assert blocks_of(page.read())["times.add"] == ("| sum |\n| --- |\n| 1 s |", time.strftime("%Y-%m-%d", time.gmtime()), commit())
    assert write(sums(5, calls)) == ["sums", "times"]
    assert blocks_of(page.read())["sums"].text == "2 + 2 = 5"


def test_files_beside_a_page_are_written_with_it_and_told_where_they_differ(docs: Path) -> None:
    page = dataclasses.replace(sums(4), files=lambda: {"drawn/sum.svg": "<svg/>"})
    told = "the file docs/drawn/sum.svg is not what is computed now; if that is meant, run: python -m bench.studies sums --write"
    assert list(faults(page)) == [told]
    assert write(page, ["sums"]) == []
    assert write(page) == ["drawn/sum.svg"]
    assert (docs / "drawn" / "sum.svg").read_text() == "<svg/>"
    assert list(faults(page)) == []
    (docs / "drawn" / "sum.svg").write_text("<svg></svg>")
    assert list(faults(page)) == [told]


def commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_page_that_is_not_there_yet_is_begun(docs: Path) -> None:
    (docs / "sums.md").unlink()
    page = sums(5)
    assert write(page) == ["sums", "times"]
    assert blocks_of((docs / "sums.md").read_text())["sums"].text == "2 + 2 = 5"
    with pytest.raises(WorkError, match="is not there"):
        Page("products.md", {}).read()


def test_documents_that_are_there_become_links(docs: Path) -> None:
    assert linked("see docs/sums.md and docs/products.md") == "see [docs/sums.md](sums.md) and docs/products.md"


Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def told(docs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """What `python -m bench.studies` says where a study of sums is the only one."""
    monkeypatch.setattr("bench.studies.__main__.STUDIES", {"sums": (sums(5),)})

    def say(*words: str) -> tuple[int, str, str]:
        status = main(words)
        return status, *capsys.readouterr()

    return say


def test_studies_are_listed_with_their_pages_and_how_long_they_take(told: Told) -> None:
    status, out, _ = told()
    assert status == 0
    assert out.split() == ["sums", "docs/sums.md", "sums:", "fast;", "times:", "a", "second"]


def test_a_study_is_printed_and_written_whole_or_in_part(told: Told, docs: Path) -> None:
    assert told("sums", "sums") == (0, "docs/sums.md, sums:\n\n2 + 2 = 5\n\n", "")
    assert (docs / "sums.md").read_text() == TEXT
    assert told("sums", "sums", "--write") == (0, "docs/sums.md: wrote sums\n", "")
    assert told("sums", "sums", "--write") == (0, "docs/sums.md: as it was\n", "")


def test_a_check_says_what_is_out_of_date_and_when_the_rest_was_measured(told: Told) -> None:
    status, out, err = told("--check")
    assert (status, out) == (1, "docs/sums.md, times: measured 2026-01-31 at 0123abc\n")
    assert err.startswith("error: docs/sums.md: the block sums is not what is computed now")
    told("sums", "sums", "--write")
    assert told("--check", "sums") == (0, "docs/sums.md, times: measured 2026-01-31 at 0123abc\ndocs/sums.md: up to date\n", "")


def test_an_unknown_study_or_part_is_an_invalid_request(told: Told) -> None:
    assert told("sum") == (2, "", "error: unknown study 'sum'; did you mean sums?\n")
    assert told("sums", "time") == (2, "", "error: unknown part 'time'; did you mean times?\n")


def test_every_study_is_named_by_its_page_and_its_module() -> None:
    for name, of_study in STUDIES.items():
        assert (ROOT / "bench" / "studies" / f"{name.replace('-', '_')}.py").exists()
        for page in of_study:
            assert page.file in ("../README.md" if name == "findings" else f"{name}.md", f"{name}/{Path(page.file).name}")
            assert pages_of(page.file.removesuffix(".md")) == (of_study if len(of_study) == 1 else (page,))
