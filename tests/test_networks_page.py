"""The page of networks: its tables are those of the script, a row is measured again, and what it claims is in them."""

import re

import pytest

from bench.studies.networks import EFFORTS, LEVEL, METHODS, PAGE, climb
from bench.studies.sweeps import STEPS, SWEEPS

TEXT = PAGE.read_text()


def rows(game: str) -> dict[str, list[str]]:
    """The cells of each row of a game's table, by method."""
    section = re.search(rf"^## {re.escape(game)}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert section
    lines = [line for line in section[1].splitlines() if line.startswith("| ")][1:]
    return {cells[0]: cells[1:] for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)}


@pytest.mark.parametrize("game", EFFORTS)
def test_every_method_that_was_tried_has_a_row(game: str) -> None:
    assert set(rows(game)) == {method for method in METHODS if method in EFFORTS[game].sizes}


@pytest.mark.parametrize("game", EFFORTS)
def test_some_network_plays_almost_perfectly(game: str) -> None:
    reaching = [cells for cells in rows(game).values() if not cells[3].endswith("not reached")]
    assert reaching
    assert all(float(cells[3]) >= LEVEL for cells in reaching)
    if game == "tictactoe":
        assert any(cells[4] == "yes" for cells in reaching)  # proved by walking through every line of play


def test_a_row_comes_out_again_about_as_it_stands() -> None:
    """Training is the same on one machine only, so lengths are compared within a quarter."""
    size, _, bits, gain, *_ = rows("tictactoe")["mlp, equivariant"]
    found = min((each for each in climb("tictactoe", "mlp, equivariant") if each.gain >= LEVEL), key=lambda each: each.bits)
    assert float(gain) >= LEVEL
    assert abs(found.bits - int(bits.replace(",", ""))) <= 0.25 * found.bits
    assert abs(found.size - int(size)) <= 2


def test_sweeps_of_small_networks_are_at_least_five_times_as_fast_at_equal_gain() -> None:
    found = re.search(r"<!-- sweeps -->\n(\d+) steps each.\n\n(.*?)\n<!-- end -->", TEXT, re.DOTALL)
    assert found
    assert int(found[1]) == STEPS
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[2].splitlines()[2:]]
    assert [row[0] for row in table] == [f"{name} on {game}" for name, (game, _) in SWEEPS.items()]
    for row in table:
        assert float(row[3]) >= (5 if "go-3x3" in row[0] else 1)  # 32 units on the larger board are busy with arithmetic already
        assert float(row[4]) == pytest.approx(float(row[5]), abs=0.002)
