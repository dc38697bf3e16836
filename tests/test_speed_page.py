"""The page of speeds: its tables cover the games of the script that wrote it, and its numbers agree with one another."""

import math
import re
from collections.abc import Callable

import pyspiel
import pytest

from bench.studies.speed import (
    COLD,
    MERGED,
    OURS_ALONE,
    PAGE,
    PAIRS,
    TEXT,
    compare,
    count_unfolded,
    open_spiel_functions,
    ratio,
    three,
    with_mover,
)
from tests.conftest import Solved

TEXT_OF_PAGE = PAGE.read_text()


def table(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    (section,) = [part for part in TEXT_OF_PAGE.split("\n## ") if part.startswith(heading + "\n")]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def number(text: str) -> float:
    return float(text.replace(",", ""))


COMPARED = [*table("Enumerating"), *table("Enumerating and solving")]


def test_the_tables_list_the_games_that_are_compared() -> None:
    assert [row[0] for row in table("Enumerating")] == list(PAIRS)
    assert [row[0] for row in table("Enumerating and solving")] == [game for game in PAIRS if game not in MERGED]
    assert [row[0] for row in table("By itself")] == list(OURS_ALONE)
    assert len(table("From a cold start")) == 4
    assert f"solves {COLD}:" in TEXT_OF_PAGE


@pytest.mark.parametrize("row", COMPARED, ids=lambda row: row[0])
def test_ratios_follow_from_the_numbers_beside_them(row: list[str]) -> None:
    _, folded, unfolded, ours_ms, theirs_ms, whole, per_state = row
    assert number(whole) == pytest.approx(number(theirs_ms) / number(ours_ms), rel=0.005)
    expected = (number(theirs_ms) / number(unfolded)) / (number(ours_ms) / number(folded))
    assert number(per_state) == pytest.approx(expected, rel=0.005)


@pytest.mark.parametrize("row", COMPARED, ids=lambda row: row[0])
def test_states_are_as_many_as_the_game_has(row: list[str], solved: Callable[[str], Solved]) -> None:
    _, graph, _ = solved(row[0])
    assert (number(row[1]), number(row[2])) == (graph.n_states, count_unfolded(graph))


@pytest.mark.parametrize("row", table("By itself"), ids=lambda row: row[0])
def test_speed_and_size_follow_from_times_and_states(row: list[str], solved: Callable[[str], Solved]) -> None:
    game, states, moves, enumerating, solving, million_per_second, per_state, share = row
    _, graph, _ = solved(game)
    assert (number(states), number(moves)) == (graph.n_states, graph.n_edges)
    seconds = (number(enumerating) + number(solving)) / 1e3
    assert number(million_per_second) == pytest.approx(number(states) / seconds / 1e6, rel=0.006)
    (gigabytes,) = re.findall(r"\(([\d.]+) GB/s here", TEXT_OF_PAGE)
    assert number(share) == pytest.approx(100 * number(per_state) * number(states) / seconds / (float(gigabytes) * 1e9), rel=0.012)


def test_the_page_says_what_the_script_would_write() -> None:
    pattern = "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", TEXT))
    assert re.fullmatch(pattern, TEXT_OF_PAGE, re.DOTALL)


def test_both_sides_find_the_same_states_and_value() -> None:
    pair = compare("nim-5-5-5", PAIRS["nim-5-5-5"])  # asserts it
    assert pair.folded == math.comb(5 + 3, 3)  # multisets of three heaps of 0 to 5
    assert pair.unfolded == 2 * 6**3 - 8  # two movers; not found by OpenSpiel: 8 positions that only the other player can meet


@pytest.mark.parametrize("game", MERGED)
def test_the_text_of_a_state_leaves_out_who_moves(game: str) -> None:
    get_all_states, _ = open_spiel_functions()
    reference = pyspiel.load_game(PAIRS[game])
    assert len(get_all_states(reference, to_string=str)) < len(get_all_states(reference, to_string=with_mover))


def test_numbers_are_written_with_three_digits() -> None:
    assert [three(x) for x in (0.0012345, 1.5, 99.96, 123.4, 12345.0)] == ["0.00123", "1.5", "100", "123", "12,300"]
    assert ratio("2", "1,000") == "500"
    assert ratio("2", "1,000", n_ours=10, n_theirs=20) == "250"
