"""Recipe and product of learned policies: the right point of each curve, and sentences and bars that follow the records."""

import re

import pytest

from bench.curves.recipe_parts import PARTS
from bench.harness.point import Point
from bench.harness.records import Record
from bench.report.blocks import Sentence
from bench.report.parts.principles import about_principles, drawn_in_figure_2, growths, learned_policies, rows_of_figure_2
from bench.report.plots.figure2 import Row, draw_figure_2
from bench.report.plots.journal import NARROW, WIDE
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


def test_figure_2_has_the_best_curve_of_each_kind_on_the_largest_game() -> None:
    """Of trees the one of greater gain, of equal gains the shorter product; a control comes last however large it is."""
    poor = record("go-3x4", "cart", 5000, [point(8, 0.9, 100)])
    nets = [record("go-3x4", "network", 5000, [point(8, 0.8, bits)], seed=seed) for seed, bits in enumerate((300, 100, 200))]
    control = record("nim-9-9-9", "tree", 90_000, [point(1, 1.0, 8)])
    drawn = drawn_in_figure_2([*planted(), poor, *nets, control])
    assert [(policy.game, policy.label, policy.seed) for policy in drawn] == [
        ("go-3x4", "tree", 0),
        *(("go-3x4", "network", seed) for seed in range(3)),
    ]
    tree, net = rows_of_figure_2(drawn)
    assert (tree.product, tree.gain, tree.fit_seconds, tree.operations) == (12_000, 0.95, 16.0, 96.0)
    assert (net.product, net.products) == (200, (100, 300))
    assert list(tree.recipe) == [*PARTS]
    assert drawn_in_figure_2([record("go-2x2", "uniform", 50, [point(1, 0.0, 0)])]) == []


ROWS = [
    Row("a list", dict(zip(PARTS, (6000, 3000, 500, 400, 100), strict=True)), 12_000, (11_000, 13_000), 0.95, 16.0, 96.0),
    Row("another", {}, 500, (500, 500), 1.0, 0.001, 6.0),
]


def test_each_bar_ends_at_its_bits_and_says_when_there_is_no_recipe() -> None:
    figure = draw_figure_2(ROWS, WIDE)
    assert figure is not None
    bars, said = figure.axes
    ends = [patch.get_x() + patch.get_width() for patch in bars.patches]
    assert ends == pytest.approx([6, 9, 9.5, 9.9, 10, 12, 0.5])  # kilobits
    assert [text.get_text() for text in bars.texts] == ["12", "recipe not recorded", "0.5"]
    texts = [text.get_text() for text in said.texts if re.match(r"[\d<]", text.get_text())]
    assert texts == ["0.950", "16 s", "96", "1.000", "< 0.01 s", "6"]
    (reach,) = [line for line in bars.lines if len(line.get_xdata()) == 2]
    assert list(reach.get_xdata()) == [11, 13]
    narrow = draw_figure_2(ROWS, NARROW)
    assert narrow is not None
    assert "a list: gain 0.950, 16 s, 96 op" in [text.get_text() for text in narrow.axes[0].texts]


def test_nothing_learned_is_no_figure() -> None:
    assert draw_figure_2([]) is None
