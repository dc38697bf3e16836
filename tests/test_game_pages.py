"""Every family of games has a page that says what the code does, a playthrough and a published fact, or is told what to run."""

import re
from pathlib import Path

import pytest

from games import registry
from bench.studies import games as game_page
from bench.studies.games import COMMAND, FOLDER, MORE_SIZES, WITHOUT_FACTS, fact_sources, index, missing, page, sizes, without_times

QUICK = 1_000_000  # estimated states
LARGE = [family for family in registry.GAMES if any(game.estimate_states() > QUICK for game in sizes(family))]


def read(path: Path) -> str:
    """What is compared of a page; nothing where there is none yet."""
    return without_times(path.read_text()) if path.exists() else ""


def stale(path: Path, written: str, computed: str) -> str:
    """What to do when a page is not what the code gives."""
    changed = [line for line in computed.splitlines() if line not in written.splitlines()]
    return f"{path.name} is not what the code gives, from {changed[:1]} on: if that is meant, run: {COMMAND}"


@pytest.mark.parametrize("family", registry.GAMES)
def test_a_page_says_what_the_code_gives_for_smaller_sizes(family: str) -> None:
    path = FOLDER / f"{family}.md"
    left_out = tuple(f"| `{game.id}` |" for game in sizes(family) if game.estimate_states() > QUICK)
    written = "\n".join(line for line in read(path).splitlines() if not left_out or not line.startswith(left_out))
    computed = without_times(page(family, QUICK)).rstrip("\n")
    assert written == computed, stale(path, written, computed)


@pytest.mark.slow
@pytest.mark.parametrize("family", LARGE)
def test_a_page_says_what_the_code_gives_for_every_size(family: str) -> None:
    path = FOLDER / f"{family}.md"
    written, computed = read(path), without_times(page(family))
    assert written == computed, stale(path, written, computed)


def test_the_index_lists_every_family() -> None:
    written, computed = (FOLDER / "README.md").read_text(), index()
    assert written == computed, stale(FOLDER / "README.md", written, computed)
    assert re.findall(r"^\| \[(\w+)\]\(\1\.md\)", written, re.MULTILINE) == list(registry.GAMES)


def test_every_family_with_sizes_counts_at_least_six_of_them() -> None:
    assert {family for family in registry.GAMES if len(sizes(family)) < 6} == {"tictactoe"}  # which has one size
    for family, ids in MORE_SIZES.items():
        assert {game_id.partition("-")[0] for game_id in ids.split()} == {family}
        assert not set(ids.split()) & set(registry.GAMES[family][1].split())


def test_families_that_share_a_module_are_told_apart() -> None:
    first_lines = {family: read(FOLDER / f"{family}.md").splitlines()[2] for family in registry.GAMES}
    assert len(set(first_lines.values())) == len(first_lines)
    assert first_lines["misere_nim"].endswith("who takes the last stone loses.")


def test_no_family_lacks_a_playthrough_a_page_or_a_fact() -> None:
    lacking = missing()
    assert not lacking, "\n".join(lacking)
    assert all(fact_sources(family) or family in WITHOUT_FACTS for family in registry.GAMES)
    assert not [family for family in WITHOUT_FACTS if fact_sources(family) or family not in registry.GAMES]


def test_a_family_that_lacks_them_is_told_which_command_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.GAMES, "shogi", ("games.shogi:make", "shogi-3x3"))
    playthrough, fact, its_page = (line for line in missing() if "shogi" in line)
    assert playthrough.startswith("the family shogi has no playthrough: ")
    assert playthrough.endswith("run: python -m tests.support.playthrough --write")
    assert fact.startswith("the family shogi has no published fact: add a table [shogi] ")
    assert its_page == f"the family shogi has no page: run: {COMMAND}"
    monkeypatch.setitem(game_page.PLAYED, "shogi-3x3", 1)
    monkeypatch.setitem(WITHOUT_FACTS, "shogi", "It was made up for this test.")
    assert [line for line in missing() if "shogi" in line] == [its_page]


def test_a_page_that_is_left_over_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(registry.GAMES, "hex")
    assert [line for line in missing() if "hex" in line] == [f"docs/games/hex.md is about no family: delete it, and run: {COMMAND}"]


def test_sources_are_read_from_all_comments_that_belong_to_a_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text(
        "# About the file.\n\n[go.value]  # exact; one\n1x1 = 0  # a remark on a number\n\n# Two,\n# three\n[hex]\na = 1\n# four\nb = 2\n"
    )
    monkeypatch.setattr(game_page, "FACTS", facts)
    assert fact_sources("go") == {"go.value": "exact; one"}
    assert fact_sources("hex") == {"hex": "Two, three; four"}
    assert fact_sources("nim") == {}


def test_every_document_is_listed_and_what_is_linked_exists() -> None:
    listed = re.findall(r"\]\(([^)#:]+)\)", (FOLDER.parent / "README.md").read_text())
    for path in FOLDER.parent.glob("*.md"):
        assert path.name in {"README.md", *listed}, f"docs/{path.name} is not listed: add it to docs/README.md"
    for document in [FOLDER.parent / "README.md", *FOLDER.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links {target}"
