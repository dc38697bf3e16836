"""Recipe and product of learned policies: the right point of each curve, and sentences and bars that follow the records."""

import re

import pytest
from matplotlib.colors import to_rgba
from matplotlib.text import Text

from bench.harness.point import Point
from bench.harness.records import Record
from bench.report.blocks import Sentence
from bench.report.parts.principles import about_principles, draw_principles, growths, learned_policies
from bench.report.plots.style import LOOKS
from bench.suites.grid import Cell

RECIPE = {"engine": 6000, "learner": 3968, "seed": 32}  # 10,000 bits


def point(budget: int, gain: float, policy_bits: int) -> Point:
    return Point(budget, budget, gain, 1 - gain, policy_bits, 50, 300, 3.0 * budget, 0.5 * budget, {})


def record(game: str, label: str, n_positions: int, points: list[Point], recipe: dict[str, int] | None = None, seed: int = 0) -> Record:
    cell = Cell(game, label, label, seed=seed)
    return Record(cell, cell.id, "key", "rules", n_positions, points=points, recipe_bits=RECIPE if recipe is None else recipe)


def planted() -> list[Record]:
    return [
        record("go-2x2", "uniform", 50, [point(1, 0.0, 0)]),
        record("go-2x2", "human", 50, [point(1, 0.5, 16)]),
        record("go-2x2", "tree", 50, [point(1, 0.5, 40), point(2, 1.0, 100), point(4, 1.0, 90), point(8, 1.0, 200)]),
        record("go-3x4", "tree", 5000, [point(8, 0.9, 900), point(16, 0.8, 20_000), point(32, 0.95, 12_000)], RECIPE | {"engine": 7000}),
        record("go-2x2", "network", 50, [point(2, 1.0, 500)], recipe={}),
    ]


def test_the_product_is_the_shortest_policy_of_the_best_gain() -> None:
    small, large, old = learned_policies(planted())
    assert (small.game, small.label, small.product_bits, small.gain, small.size, small.unit) == ("go-2x2", "tree", 90, 1.0, 4, "rules")
    assert (small.fit_seconds, small.operations, small.n_positions) == (2.0, 12.0, 50)
    assert (large.product_bits, large.gain) == (12_000, 0.95)
    assert small.recipe is not None
    assert (small.recipe.bits, small.share) == (10_000, 0.009)
    assert (old.label, old.recipe, old.share) == ("network", None, None)


def test_rounding_does_not_make_a_gain_the_best() -> None:
    assert learned_policies([record("nim-3", "tree", 9, [point(1, 1.0 - 1e-15, 8), point(2, 1.0, 80)])])[0].product_bits == 8


def test_the_sentences_say_what_was_planted() -> None:
    overall, unrecorded = (sentence.text for sentence in about_principles(planted()))
    assert overall == (
        "The best policy takes fewer bits than the recipe that it was learned by on 1 of 2 curves; most, against its recipe, "
        "as tree on go-3x4: 109% of it, at a gain of 0.950."  # 12,000 of 11,000
    )
    assert unrecorded == "Of 1 curve the recipe was not recorded: run the suite again to measure it."


def test_growth_is_from_the_smallest_to_the_largest_game_of_a_family() -> None:
    (growth,) = growths(planted())
    assert growth.cells()[:3] == ("tree", "go-2x2", "go-3x4")
    assert growth.ratios == pytest.approx((100, 1.1, 12_000 / 90))  # 5,000 of 50 positions, 11,000 of 10,000 bits
    assert growth.shares == pytest.approx((0.009, 12_000 / 11_000))
    assert growth.cells()[-2:] == (1.0, 0.95)
    records = [record(game, "tree", n, [point(1, 1.0, n)]) for game, n in (("nim-3-4", 20), ("nim-3-4-5", 80), ("hex-3", 500))]
    (growth,) = growths(records)  # hex has one size
    assert (growth.small.game, growth.large.game, growth.ratios) == ("nim-3-4", "nim-3-4-5", (4.0, 1.0, 4.0))


def test_what_failed_is_named() -> None:
    cell = Cell("go-3x3", "network", "network")
    (said,) = about_principles([Record(cell, cell.id, "key", error="too wide")])
    assert said == Sentence("Without a policy, because measuring failed: go-3x3/network/seed=0.", (cell.id,))
    assert about_principles([]) == []


def test_of_several_seeds_the_middle_one_speaks() -> None:
    records = [record("go-2x2", "network", 50, [point(1, 1.0, n_bits)], seed=seed) for seed, n_bits in enumerate([700, 100, 400])]
    assert [policy.product_bits for policy in learned_policies(records)] == [700, 100, 400]
    assert "4.00% of it" in about_principles(records)[0].text


def test_each_bar_ends_at_its_bits_and_says_when_there_is_no_recipe() -> None:
    figure = draw_principles(planted())
    assert figure is not None
    bars, words = figure.axes
    ends: dict[str, list[float]] = {color: [] for color in (LOOKS[1][0], LOOKS[0][0])}
    for patch in bars.patches:
        color = next(color for color in ends if to_rgba(color) == patch.get_facecolor())
        ends[color].append(patch.get_x() + patch.get_width())
    recipes, products = ends.values()
    assert recipes == pytest.approx([10_000, 11_000])
    assert products == pytest.approx([90, 500, 12_000])
    assert [label.get_text() for label in bars.get_yticklabels()] == ["go-2x2", "tree", "network", "go-3x4", "tree"]
    assert [text.get_text() for text in bars.texts] == ["recipe not recorded"]
    assert [text.get_text() for text in words.texts if re.match(r"[\d<]", text.get_text())] == [
        *("1.000", "2.00 s", "12"),
        *("1.000", "1.00 s", "6"),
        *("0.950", "16 s", "96"),
    ]


def test_no_two_texts_of_the_figure_overlap_and_none_is_cut_off() -> None:
    figure = draw_principles(planted())
    assert figure is not None
    figure.draw_without_rendering()
    bars, words = figure.axes
    texts: list[Text] = [*bars.get_yticklabels(), *bars.texts, *words.texts]
    boxes = [text.get_window_extent().padded(-1) for text in texts]
    assert len(boxes) == 5 + 1 + 3 + 9
    assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :] if a.overlaps(b)]
    page = figure.bbox
    assert all(page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1 for box in boxes)


def test_nothing_learned_is_no_figure() -> None:
    assert draw_principles([record("go-2x2", "uniform", 50, [point(1, 0.0, 0)])]) is None
