"""docs/prequential.md: it says what its script would write, what it concludes follows from its table, and small rows come out the same."""

import re

import pytest

from policies.registry import parse_learner
from policies.task import make_task
from tests.compare_prequential import GAMES, PAGE, TEXT, row

PAGE_TEXT = PAGE.read_text()
LINES = [line for line in PAGE_TEXT.splitlines() if re.match(r"\| [a-z]+[-\d]*.* \| .*\d", line)]
CELLS = {(cells[0], cells[1]): cells[2:] for line in LINES for cells in [[cell.strip() for cell in line.strip("|").split("|")]]}
BITS = {key: [int(cell.replace(",", "")) for cell in cells[:3]] for key, cells in CELLS.items()}


def test_the_page_says_what_the_script_would_write() -> None:
    pattern = "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", TEXT))
    assert re.fullmatch(pattern, PAGE_TEXT, re.DOTALL)
    assert list(CELLS) == [(game, learner) for game, learners in GAMES.items() for learner in learners]


@pytest.mark.parametrize("key", [key for key in CELLS if key[0] in ("tictactoe", "go-2x3") and "network" not in key[1]], ids=" ".join)
def test_a_small_row_comes_out_the_same(key: tuple[str, str]) -> None:
    game, learner = key
    assert row(make_task(game), learner) in LINES


def test_what_the_page_concludes_is_in_its_table() -> None:
    for (game, learner), (random, ascending, with_policy) in BITS.items():
        name, _ = parse_learner(learner)
        nothing = BITS[game, "uniform"]
        assert nothing[1] - 16 <= nothing[2] <= nothing[1] + 16
        if name in ("rulelist", "tree", "weighted"):
            assert random < nothing[0]
            assert ascending < nothing[1]
            assert with_policy < min(random, ascending)
        if name == "network" and game != "go-3x3":
            assert min(random, ascending) < with_policy
        elif name == "network":
            assert min(random, ascending) == pytest.approx(with_policy, rel=0.05)
        if name == "table":
            assert random == pytest.approx(nothing[0], rel=0.08)
            assert ascending == pytest.approx(nothing[1], rel=0.08)
