"""The study of six definitions: what it prints of planted paths, and what the page's block must hold."""

import pytest

from bench.studies.axis import PAGES
from bench.studies.languages import GAMES, HEAD, HEADS, LIMIT, Reached, in_bits, path
from bench.studies.page import blocks_of
from policies.task import make_task


def test_the_fewest_bits_within_the_limit_or_more_than_the_longest() -> None:
    found = [Reached(8, 100, 0.5, 10.0), Reached(40, 100, 0.93, 20_000.0), Reached(48, 200, 0.91, 900.0)]
    assert in_bits(found) == "40"
    assert in_bits(found, 1_000) == "48"
    assert in_bits(found, 1_000, with_language=True) == "248"
    assert in_bits(found, 100) == "> 48"


def test_a_path_ends_with_the_first_policy_that_gains_enough() -> None:
    """One word of Nim is its theorem (Bouton 1901)."""
    (only,) = path(make_task("nim-3-4-5"), "concepts")
    assert (only.policy_bits, only.gain) == (8, 1.0)


@pytest.mark.parametrize("game", [game for game, most in GAMES.items() if most is not None])
def test_the_mechanical_language_is_as_short_as_it_must_be(game: str) -> None:
    """As measured, on the page: bits to a gain of 0.9 at the limit of operations."""
    (page,) = PAGES
    head, _, *rows = blocks_of(page.read())["languages"].text.splitlines()
    assert f"{head}\n" == HEAD[: len(head) + 1]
    cells = {row.split("|")[1].strip(): [cell.strip() for cell in row.split("|")[1:-1]] for row in rows}
    assert list(cells) == list(GAMES)
    bits = cells[game][HEADS.index(f"mechanical, at most {LIMIT:,} operations")]
    assert int(bits.replace(",", "")) <= (GAMES[game] or 0)
