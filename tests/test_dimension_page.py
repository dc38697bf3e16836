"""docs/dimension.md: it says what its script would write, its two tables agree, and a small rung comes out the same."""

import re

import pytest

from bench.measures.dimension import TOLERANCE
from policies.api import action_probabilities
from policies.networks.network import NetworkLearner
from policies.networks.subspace import SubspaceLearner
from policies.task import make_task
from bench.studies.dimension import CELLS, NARROW, PAGE, SEEDS, TEXT

PAGE_TEXT = PAGE.read_text()


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    (section,) = [part for part in PAGE_TEXT.split("\n## ") if part.startswith(heading)]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")]
    return [row for row in found if row[0] not in ("game", "dimensions")]


SUMMARY = {(row[0], int(row[1])): row[2:] for row in rows("How many dimensions") if len(row) == 9}
NARROWED = {(row[0], int(row[1])): row[2:] for row in rows("How many dimensions") if len(row) == 4}
LADDERS = {int(row[0].replace(",", "")): row[1:] for row in rows("Gain by dimension")}


def reached(text: str) -> list[int | None]:
    return [None if part == "-" else int(part.replace(",", "")) for part in text.split(" and ")]


def test_the_page_says_what_the_script_would_write() -> None:
    pattern = "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", TEXT))
    assert re.fullmatch(pattern, PAGE_TEXT, re.DOTALL)
    assert list(SUMMARY) == CELLS
    assert list(NARROWED) == NARROW


@pytest.mark.parametrize("number", range(len(CELLS)), ids=lambda number: CELLS[number][0])
def test_the_dimensions_follow_from_the_ladders(number: int) -> None:
    """Where both seeds stop at one dimension, the mean gain there reaches the level, and that of the rung before falls short."""
    _, whole, d90, d100, *_ = SUMMARY[CELLS[number]]
    climbed = {dimension: float(cells[2 * number]) for dimension, cells in LADDERS.items() if cells[2 * number]}
    for text, level in ((d90, 0.9 * float(whole)), (d100, float(whole) - TOLERANCE)):
        found = set(reached(text))
        assert len(reached(text)) == len(SEEDS)
        if len(found) == 1 and (dimension := found.pop()) is not None:
            assert climbed[dimension] >= level - 0.0001  # printed with four decimals
            assert max(gain for rung, gain in climbed.items() if rung < dimension) < level
    assert all(low <= high for low, high in zip(reached(d90), reached(d100), strict=True) if low is not None and high is not None)


def test_what_the_page_concludes_is_in_its_tables() -> None:
    for game in ("tictactoe", "go-2x3"):
        _, whole, _, _, _, bits, bits_whole = SUMMARY[game, 16]
        assert float(whole) == 1
        assert 2.8 < float(bits_whole.replace(",", "")) / float(bits.replace(",", "")) < 5.3
    left = {rung: 1 - float(LADDERS[rung][2 * CELLS.index(("go-3x3", 16))]) for rung in (64, 128, 256, 512)}
    assert all(0.32 < 1 - left[2 * rung] / left[rung] < 0.53 for rung in (64, 128, 256))
    assert all(gain == "1.0000" for gain, _ in NARROWED.values())
    for game, size in (("tictactoe", 8), ("go-2x3", 4)):
        in_subspace, wide = (float(text.replace(",", "")) for text in (SUMMARY[game, 16][5], NARROWED[game, 16][1]))
        assert in_subspace < float(NARROWED[game, size][1]) < 1.3 * in_subspace
        assert wide > 2 * in_subspace
    assert {None, 512, 650} >= set(reached(SUMMARY["go-3x3", 16][3]))


def test_a_narrow_network_comes_out_the_same() -> None:
    task, learner = make_task("go-2x3"), NetworkLearner()
    (policy,) = learner.fit_path(task, [4], 0)
    gain, bits = NARROWED["go-2x3", 4]
    assert task.gain(action_probabilities(task.graph, policy.scores(task))) == pytest.approx(float(gain), abs=0.02)
    assert 8 * len(learner.encode(policy, task)) == pytest.approx(float(bits), rel=0.1)


def test_a_small_rung_comes_out_the_same() -> None:
    """On another machine sums of float32 may differ in the last bit and training may end elsewhere: near, not exactly there."""
    task, learner = make_task("go-2x3"), SubspaceLearner()
    number = CELLS.index(("go-2x3", learner.size))
    gain, bits = (float(cell) for cell in LADDERS[8][2 * number : 2 * number + 2])
    found = [next(learner.fit_path(task, [8], seed)) for seed in SEEDS]
    gains = [task.gain(action_probabilities(task.graph, policy.scores(task))) for policy in found]
    assert sum(gains) / len(gains) == pytest.approx(gain, abs=0.05)
    assert sum(8 * len(learner.encode(policy, task)) for policy in found) / len(found) == pytest.approx(bits, abs=16)
