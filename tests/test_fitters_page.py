"""The page of fitters: it says what the script would write, and its small game is measured again."""

import itertools
import re

import pytest

from bench.studies.fitters import (
    FITTERS,
    GAMES,
    IN_RULES,
    OURS,
    PAGE,
    REFINED,
    RIVALS,
    SECTION,
    TEXT,
    cost_rows,
    fit,
    number,
    residual_rows,
    sections,
    three,
    verdicts,
)

SECTIONS = sections(PAGE.read_text())
SMALLEST = GAMES[0]


def rows(game: str, first: str) -> list[list[str]]:
    """The cells below the head of the table that begins with this column."""
    lines = SECTIONS[game].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
    end = lines.index("", start)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start + 2 : end]]


def test_the_page_says_what_the_script_would_write() -> None:
    page = PAGE.read_text()
    assert page == TEXT + "".join(SECTIONS[game] for game in GAMES)
    pattern = "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", SECTION))
    for text in SECTIONS.values():
        assert re.fullmatch(pattern, text, re.DOTALL)


def test_the_smallest_game_gives_the_same_again() -> None:
    """All but times, and but the formulas, which take long to find."""
    found = fit(SMALLEST, [*IN_RULES])
    text = SECTIONS[SMALLEST]
    assert "\n".join(residual_rows(found)) in text
    assert "\n".join(verdicts(found)) in text
    again = [[cell.strip() for cell in row.strip("|").split("|")][:-2] for row in cost_rows(found)[2:]]
    assert again == [row[:-2] for row in rows(SMALLEST, "fitter")][: len(IN_RULES)]


def columns(game: str) -> dict[str, dict[int, float]]:
    """The residuals of each fitter at the numbers of rules that it reaches, as the page has them."""
    table = rows(game, "rules")
    return {name: {int(row[0]): float(row[i]) for row in table if row[i]} for i, name in enumerate(IN_RULES, start=1)}


@pytest.mark.parametrize("game", GAMES)
def test_the_text_agrees_with_the_tables(game: str) -> None:
    found = columns(game)
    for rival in ("random order", "random, gaining"):
        assert all(found[OURS][n] <= left / 2 for n, left in found[rival].items() if n >= 2)
    assert all(found[REFINED][n] <= left / 2 for n, left in found["RIPPER"].items() if n >= 2)
    by_ours = [found[OURS][n] <= left / 2 for n, left in found["RIPPER"].items() if n >= 2]
    cart = {n: left for n, left in found["CART"].items() if n >= 2}
    if game == "go-3x4":
        assert not all(by_ours)
        assert all(left < found[OURS][n] for n, left in cart.items())
        assert all(cart[n] / 2 < left < cart[n] for n, left in found[REFINED].items() if n in cart)
        assert all(cart[n] / 2 < left < cart[n] for n, left in found["our tree"].items() if n > 4)
        assert min(left[256] for left in found.values() if 256 in left) > 0.1
    else:
        assert all(by_ours)
        assert found[OURS][2] > cart[2] / 2
        assert found[OURS][max(cart)] <= cart[max(cart)] / 2


@pytest.mark.parametrize("game", GAMES)
def test_verdicts_and_ratios_follow_from_the_numbers_beside_them(game: str) -> None:
    found = columns(game)
    n_checked = 0
    for ours, rival in itertools.product((OURS, REFINED), RIVALS):
        (line,) = [line for line in SECTIONS[game].splitlines() if line.startswith(f"- {ours} against {rival}: ")]
        yes = [*map(int, re.findall(r"\d+", line.partition("yes with")[2].partition(";")[0]))]
        for n in found[ours].keys() & found[rival].keys():
            own, theirs = found[ours][n], found[rival][n]
            if theirs > 0.02 and abs(own / theirs - 0.5) > 0.03:  # the digits shown decide
                assert (n in yes) == (own < theirs / 2)
                n_checked += 1
    assert n_checked > 20
    costs = rows(game, "fitter")
    assert [row[0] for row in costs] == [*FITTERS]
    for row in costs:
        assert row[-1] == three(number(row[-2]) / number(costs[0][-2]))
