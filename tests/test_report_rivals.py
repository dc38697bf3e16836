"""Lists against networks and recipes against products, on planted records."""

import pytest

from bench.harness.records import Record
from bench.report.blocks import Fold, Words, tables_of
from bench.report.parts.lists_vs_networks import best_pairs, pairs_of, rivals_of_game, rivals_section
from bench.report.parts.principles import principles_section
from bench.report.run_data import Evidence
from tests.support.report_planted import drawings, evidence, point, record, sentences, table

RECIPE = {"engine": 6000, "learner": 3968, "seed": 32}  # 10,000 bits


def curve(game: str, label: str, gains: dict[int, float], seed: int = 0, ended: bool = True, **others: object) -> Record:
    """A curve by the bits of its files; `ended`: the fit stopped by itself."""
    points = [point(size, gain, bits) for size, (bits, gain) in enumerate(gains.items(), start=1)]
    budgets = list(range(1, len(points) + 1 + ended))
    return record(game, label, points, budgets=budgets, seed=seed, **others)


LIST = curve("hex-3", "rulelist", {10: 0.5, 20: 0.8, 40: 0.92})
NETWORK = curve("hex-3", "network", {100: 0.7, 200: 0.95, 400: 1.0}, unit="hidden units")


def said_of_game(run: Evidence) -> str:
    (section,) = rivals_of_game(run, "hex-3")
    return sentences(section)


def test_who_leads_where_is_told_span_by_span() -> None:
    """Two lines: which is shorter to a gain of 0.9, and who leads from which bits on."""
    assert said_of_game(evidence([LIST, NETWORK])).splitlines() == [
        "The list is shorter: on Hex 3, a gain of 0.9 is reached by a list (rulelist) in 40 bits and by a network (network) in 200 bits.",
        "At equal bits: Up to 200 bits rulelist leads, up to a gain of 0.9200. From 200 bits on network leads, up to a gain of 1.",
    ]
    better = curve("hex-3", "network", {5: 0.95, 400: 1.0}, unit="hidden units")
    assert "rulelist leads" not in said_of_game(evidence([LIST, better]))
    short = curve("hex-3", "network", {100: 0.7}, ended=False, unit="hidden units")
    assert said_of_game(evidence([LIST, short])).startswith(
        "The list is shorter: on Hex 3, a gain of 0.9 is reached by a list (rulelist) in 40 bits and by no network of up to 100 bits."
    )
    neither = said_of_game(evidence([curve("hex-3", "rulelist", {10: 0.5}), curve("hex-3", "network", {100: 0.7})]))
    assert neither.startswith("Neither a list nor a network that was measured on Hex 3 has a gain of 0.9.")


def test_the_best_list_meets_the_best_network_and_the_other_pairs_are_folded_away() -> None:
    shorter_list = curve("hex-3", "weighted", {10: 0.5, 30: 0.92})
    run = evidence([LIST, NETWORK, shorter_list])
    (pair,) = best_pairs(run.records)
    assert (pair.a_list, pair.network) == ("weighted", "network")
    (section,) = rivals_of_game(run, "hex-3")
    (fold,) = (block for block in section.blocks if isinstance(block, Fold))
    assert fold.title == "1 more pair of a list and a network, at equal bits"
    assert "rulelist against network: Up to 200 bits rulelist leads" in sentences(section)


def test_the_table_of_games_says_from_which_bits_on_each_leads() -> None:
    (section,) = rivals_section(evidence([LIST, NETWORK, curve("hex-2", "rulelist", {10: 0.5}), curve("hex-2", "network", {100: 0.7})]))
    first, second = table(section, "rivals-of-games")
    assert (first["list_bits"], first["network_bits"], first["equal_bits"]) == ("40", "200", "list from 10 to 200, network from 200")
    assert (second["list_bits"], second["network_bits"], second["shorter"]) == ("none of 10", "none of 100", "neither")
    shortest, without_language, *_ = sentences(section).splitlines()
    assert shortest == "Shorter to a gain of 0.9, of 2 games: a list on 1 (Hex 3); reached by neither on 1 (Hex 2)."
    assert without_language.startswith(
        "Without language, of 2 games: lists are ahead below and networks above on 1 (from 200 bits on hex-3), "
        "the networks are ahead at every cost compared on 1."
    )


def test_the_command_names_both_learners_with_their_options() -> None:
    best = curve("hex-3", "best", {10: 0.5}, learner="rulelist", options={"best": True, "language": "concepts+patterns"})
    (section,) = rivals_of_game(evidence([best, NETWORK]), "hex-3")
    (said,) = (block for block in section.blocks if isinstance(block, Words))
    assert said.command == "gaincurve compare rulelist:best=true,language=concepts+patterns network --game hex-3"


def test_the_table_shares_the_lengths_out_and_says_which_is_shorter() -> None:
    (section,) = rivals_section(evidence([LIST, NETWORK]))
    (row,) = table(section, "rivals")
    assert (row["from_bits"], row["to_bits"], row["list_bits"], row["network_bits"], row["shorter"]) == (10, 400, 40, 200, "the list")
    assert row["list_leads"] == pytest.approx(0.812, abs=1e-3)  # ln 20 / ln 40
    assert row["list_leads"] + row["network_leads"] + row["open"] == pytest.approx(1.0)
    said = sentences(section)
    assert "Without language, of 1 game: lists are ahead below and networks above on 1 (from 200 bits on hex-3)." in said
    assert "half of the lengths" not in said
    assert drawings(section)["rivals-crossings"].series[0].y == (200,)  # the network has .95 there, the list .92 before


@pytest.mark.parametrize(
    ("points", "ended", "shorter"),
    [
        ({10: 0.5, 20: 0.8}, True, "the network"),  # it never gets there
        ({10: 0.5, 20: 0.8}, False, "undecided"),  # its budgets ended at 20 bits, and the network takes 200
        ({10: 0.5, 300: 0.8}, False, "the network"),  # it would take more than 300
    ],
)
def test_a_list_that_does_not_get_there_is_longer_only_if_that_is_known(points: dict[int, float], ended: bool, shorter: str) -> None:
    (section,) = rivals_section(evidence([curve("hex-3", "rulelist", points, ended=ended), NETWORK]))
    (row,) = table(section, "rivals")
    assert row["shorter"] == shorter


def test_seeds_that_overlap_leave_it_undecided() -> None:
    luckier = curve("hex-3", "network", {30: 0.95, 400: 1.0}, seed=1, unit="hidden units")
    run = evidence([LIST, NETWORK, luckier])
    (section,) = rivals_section(run)
    (row,) = table(section, "rivals")
    assert (row["shorter"], row["network_bits"]) == ("undecided", 30)
    assert "undecided between" in said_of_game(run)


def test_every_kind_of_list_meets_every_kind_of_network() -> None:
    others = [
        curve("hex-3", "weighted", {10: 0.5}),
        curve("hex-3", "big", {100: 0.7}, learner="network"),
        curve("hex-3", "human", {10: 0.5}),
    ]
    pairs = pairs_of([LIST, NETWORK, *others])
    assert [(pair.a_list, pair.network) for pair in pairs] == [
        *(("rulelist", "network"), ("rulelist", "big"), ("weighted", "network"), ("weighted", "big")),
    ]


def test_without_a_list_or_a_network_nothing_is_said() -> None:
    run = evidence([LIST], {"hex-3/network/seed=0": "failed: no"})
    assert rivals_section(run) == []
    assert rivals_of_game(run, "hex-3") == []


def test_recipes_stand_beside_products_and_holes_are_named() -> None:
    learned = curve("hex-3", "tree", {100: 0.5, 200: 1.0}, recipe_bits=RECIPE)
    section = principles_section(evidence([learned], {"hex-3/network/seed=0": "failed: too wide", "hex-3/uniform/seed=0": "missing"}))
    assert "The best policy takes fewer bits than the recipe that it was learned by on 1 of 1 curve" in sentences(section)
    (row,) = table(section, "principles")
    assert (row["recipe_bits"], row["engine_bits"], row["product_bits"], row["share"]) == (10_000, 6000, 200, 0.02)
    assert section.holes == ("hex-3/network/seed=0: failed: too wide",)
    assert list(drawings(section)) == ["principles"]
    old = principles_section(evidence([curve("hex-3", "tree", {100: 0.5})]))
    assert table(old, "principles")[0]["recipe_bits"] is None
    assert "the recipe was not recorded" in sentences(old)
    assert principles_section(evidence([curve("hex-3", "human", {8: 0.5})])).blocks == ()


def test_growth_is_a_table_and_none_where_no_family_has_two_sizes() -> None:
    grown = [curve(game, "tree", {100 * n: 1.0}, recipe_bits=RECIPE, n_positions=n) for game, n in (("hex-2", 10), ("hex-3", 700))]
    (row,) = table(principles_section(evidence(grown)), "growth")
    assert (row["family"], row["small"], row["large"], row["positions_ratio"], row["product_ratio"]) == ("hex", "hex-2", "hex-3", 70, 70)
    assert "growth" not in {each.name for each in tables_of([principles_section(evidence(grown[:1]))])}


def test_of_many_games_the_largest_is_drawn_and_all_are_listed() -> None:
    sizes = {"hex-2": 10, "hex-3": 700, "go-2x2": 20, "go-2x3": 90, "nogo-2x3": 30, "mnk-2x4x3": 40, "kalah-2-2": 15, "nim-3-4-5": 5000}
    section = principles_section(evidence([curve(game, "tree", {100: 1.0}, n_positions=n) for game, n in sizes.items()]))
    drawn = [cell.partition("/")[0] for cell in drawings(section)["principles"].cells]
    assert drawn == ["hex-3"]  # not the control, though it is the largest
    assert [row["game"] for row in table(section, "principles")] == list(sizes)
