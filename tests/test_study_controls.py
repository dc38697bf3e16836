"""The study of controls: what it says of planted numbers, of Nim by theorem, and on its page."""

import numpy as np
import pytest

from bench.scaling.power_law import Sample
from bench.studies import controls
from bench.studies.controls import Found, Reached, band_row, best_of, reach, samples, shortest
from games.concepts.concept import concepts_of
from games.registry import make_game
from tests.support.pages import number, read, rows

GO, NIM, BANDS = rows("controls.md", "go"), rows("controls.md", "nim.reached"), rows("controls.md", "nim.bands")


def test_a_planted_power_has_its_exponent_and_its_band_holds_one_only_there() -> None:
    """Bits that are a power of the positions, without scatter: the band is the exponent alone."""
    for kappa, holds in ((1.0, "yes"), (0.5, "no"), (0.0, "no")):
        planted = [Sample(str(n), float(n), 7.0 * n**kappa) for n in (10, 100, 1000)]
        assert band_row("it", 0.9, planted)[3:5] == (f"{kappa:.2f}", f"{kappa:.2f} to {kappa:.2f}")
        if kappa != 1.0:  # rounding decides whether a band of no width holds 1
            assert band_row("it", 0.9, planted)[5] == holds
    scattered = [Sample(str(n), float(n), bits * n) for n, bits in ((10, 6.0), (100, 9.0), (1000, 5.0), (10000, 8.0))]
    assert band_row("it", 0.9, scattered)[5] == "yes"
    assert band_row("it", 0.9, scattered[:2])[4:] == (None, None)
    assert band_row("it", 0.9, scattered[:1])[2:] == (1, None, None, None)


def test_the_shortest_of_several_learners_is_taken_level_by_level_and_game_by_game() -> None:
    one = Reached((8, 40, None), ("a", "b", None), 0.95, 60, "c")
    other = Reached((16, 24, None), ("d", "e", None), 0.91, 24, "e")
    found = [Found("nim-1", 10, "one", one), Found("nim-1", 10, "other", other), Found("nim-2", 20, "one", one)]
    assert best_of(found[:2]) == Reached((8, 24, None), ("a", "e", None), 0.95, 60, "c")
    assert shortest(found, 1) == [Sample("nim-1", 10.0, 24.0), Sample("nim-2", 20.0, 40.0)]
    assert samples(found, 2) == []


def test_with_the_theorem_one_unit_plays_every_game_of_nim() -> None:
    """Bouton 1901."""
    for name in ("rules, with the theorem", "weights, with the theorem"):
        found = reach("nim-2-3-4", controls.NIM_KINDS[name]).reached
        assert found.greatest == 1.0
        assert found.greatest_units in ("1 rule", "1 weight")


def test_without_the_theorem_all_concepts_but_one_are_there() -> None:
    names = [concept.name for concept in concepts_of(make_game("nim-1-3-5"))]
    assert controls.BEGINNER.split("+") == [name for name in names if name != "xor_zero"]
    without = [text for name, text in controls.NIM_KINDS.items() if "with the theorem" not in name]
    assert not any("xor_zero" in text or "concepts" in text for text in without)


@pytest.mark.parametrize("name", [name for name in controls.NIM_KINDS if name not in ("networks", "tables")])
def test_a_row_of_the_smallest_nim_comes_out_the_same(name: str) -> None:
    again = controls.nim_row(reach("nim-1-3-5", controls.NIM_KINDS[name]), name)
    said = next(row for row in NIM if row[0] == "nim-1-3-5" and row[2] == name)
    assert [str(cell) for cell in again if cell is not None] == [cell for cell in said if cell != "-"]


@pytest.mark.parametrize("name", ["evaluation", "its own concepts"])
def test_a_row_of_go_3x3_comes_out_the_same(name: str) -> None:
    again = controls.go_row("3x3", name)
    said = next(row for row in GO if (row[0], row[2]) == ("go-3x3", name))
    assert [f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in again if cell is not None] == [
        cell for cell in said if cell != "-"
    ]


def test_the_exponents_on_the_page_are_those_of_its_rows() -> None:
    """The slope of least squares by numpy."""
    for name, level, n_games, kappa, *_ in BANDS:
        place = 3 if level == "0.9" else 5
        own = [row for row in NIM if row[place] != "-" and (row[2] == name or name.startswith("shortest"))]
        if name.startswith("shortest"):
            own = [row for row in own if ("with the theorem" in row[2]) == (name == "shortest with the theorem")]
        best = {row[0]: (number(row[1]), min(number(each[place]) for each in own if each[0] == row[0])) for row in own}
        assert len(best) == int(n_games)
        if len(best) > 1:
            slope = np.polyfit(*np.log(np.array(list(best.values()))).T, 1)[0]
            assert number(kappa) == pytest.approx(slope, abs=0.0051)


def test_the_prose_on_go_is_what_the_table_says() -> None:
    by = {(row[0], row[2]): row for row in GO}
    for game in dict.fromkeys(row[0] for row in GO):
        alone, own = by[game, "evaluation"], by[game, "its own concepts"]
        assert number(alone[3]) < number(own[3])  # half of the gain by itself, in fewer bits
        assert alone[5] == own[5] == "-"  # neither reaches 0.9
        richer, plain = (by[game, f"{name} and patterns"][5] for name in ("evaluation", "its own concepts"))
        assert richer == "-" or number(richer) > number(plain)


def test_the_prose_on_nim_has_the_bands_of_the_table() -> None:
    prose = " ".join(read("controls.md").split())
    band = {(row[0], row[1]): row[4] for row in BANDS}
    assert f"their bands, {band['rules', '0.9']} and {band['tables', '0.9']} at a gain of 0.9, hold 1" in prose
    assert f"grows a little faster, with a band of {band['shortest without', '0.9']}:" in prose
    holds = {row[0]: row[5] for row in BANDS if row[1] == "0.9"}
    assert [holds[name] for name in ("rules", "tables", "shortest without")] == ["yes", "yes", "no"]
    assert {row[3] for row in BANDS if "with the theorem" in row[0]} == {"0.00"}
