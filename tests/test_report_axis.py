"""What is said of the axis and of growth, on families whose law was planted."""

import numpy as np
import pytest

from bench.curves.families import family_of
from bench.harness.records import Record
from bench.report.blocks import Section
from bench.report.parts.axis import axis_section, rows_of
from bench.report.parts.families import family_of_game
from bench.report.run_data import Evidence
from bench.report.tail_verdicts import judge
from bench.scaling.power_law import scalings
from tests.support.report_planted import drawings, evidence, point, record, sentences, table

GO = {"go-2x2": 50, "go-2x3": 250, "go-3x3": 3_500, "go-3x4": 160_000}


def family(kappa: float, games: dict[str, int], off: float = 1.0) -> list[Record]:
    """Games that take 10 positions^kappa bits to 90 % gain, the largest `off` times that; exceptions alone in proportion."""
    found = []
    for i, (game, n) in enumerate(games.items()):
        bits = round(10 * n**kappa * (off if i == len(games) - 1 else 1.0))
        found.append(record(game, "uniform", [point(0, 0.0, 0, exceptions=100 * n)], n, unit="entries"))
        found.append(record(game, "rulelist", [point(1, 0.5, 8, exceptions=10**12), point(2, 0.95, bits, exceptions=9 * bits)], n))
    return found


def section_of(run: Evidence) -> Section:
    """What the index says, and the pages of the games say of their families."""
    rows = rows_of(run, judge(run))
    laws = scalings(rows)
    largest = {family_of(row.game): row.game for row in rows}
    of_games = [section for game in largest.values() for section in family_of_game(run, rows, laws, game)]
    return Section("all", "All", sections=(axis_section(run, rows, laws), *of_games))


def test_a_planted_exponent_is_found_checked_and_extrapolated() -> None:
    section = section_of(evidence(family(0.5, GO)))
    said = sentences(section)
    assert "go, kappa by gain: the same bits on every board from 0.5 (8 bits) to 0.5 (8 bits)" not in said
    assert "go, kappa by gain: the same bits on every board at a gain of 0.5 (8 bits); below 1 from 0.6 (0.50) to 0.95 (0.50)" in said
    assert "go, shortest of all: codelength grows as positions^0.50 (95 % band 0." in said
    assert "over 4 sizes, go-2x2 to go-3x4; kappa is below 1. Exceptions alone have an exponent too" in said
    assert "go, exceptions alone: codelength grows as positions^1.00" in said
    assert "bits for go-3x4, measured are 40,000: inside the band." in said  # 10 times the 4,000 bits of the policy
    assert "go: bits to 90% gain of the shortest, a prediction to be tested: 10^4.4 (10^4.4 to 10^4.4) on go-4x4, of 10^6.8" in said
    rows = {(row["curve"], row["quantity"]): row for row in table(section, "kappa")}
    assert rows["shortest of all", "bits to 90% gain"]["kappa"] == pytest.approx(0.5, abs=0.01)
    assert rows["exceptions alone", "codelength"]["kappa"] == pytest.approx(1.0, abs=1e-9)
    by_kind = {(row["kind"], row["level"]): row for row in table(section, "kappa-gain")}
    assert by_kind["rules", "0.9"]["kappa"] == pytest.approx(0.5, abs=0.01)
    assert by_kind["best", "0.5"]["verdict"] == "0"
    assert ("rules", "1") not in by_kind  # no board reaches it
    far = table(section, "prediction")
    assert [row["game"] for row in far] == ["go-4x4", "go-4x5", "go-5x5"]
    assert far[-1]["log10_bits"] == pytest.approx(1 + 0.5 * np.log10(414295148741 / 4), abs=0.05)


def test_a_game_off_the_law_is_said_to_be() -> None:
    said = sentences(section_of(evidence(family(0.5, GO, off=30.0))))
    assert "outside the band, so the law does not hold." in said
    assert "undecided: the largest is off the law." in said
    assert "; the law itself is undecided: the largest is off the law." in said


def test_with_two_or_three_sizes_nothing_is_decided() -> None:
    for n_sizes, why in ((2, "undecided: only two sizes."), (3, "undecided: only three sizes.")):
        said = sentences(section_of(evidence(family(0.5, dict(list(GO.items())[:n_sizes])))))
        assert why in said
        assert "kappa is" not in said
    assert "there is no band that it could miss, so this tests nothing." in said


def test_verdicts_are_counted_first_and_families_are_told_one_by_one_on_their_pages() -> None:
    hexes = family(1.5, {"hex-2": 20, "hex-3": 700, "hex-4": 9000, "hex-5": 200_000})
    few = section_of(evidence([*family(0.5, GO), *hexes]))
    assert (
        "Codelength of the shortest, in 2 families of two sizes or more: grows slower than positions in go; "
        "grows faster than positions in hex; the largest game lies in the band that the others predict for it in 2 of 2." in sentences(few)
    )
    nims = family(0.5, {"nim-2-3": 12, "nim-3-4": 20})
    many = section_of(evidence([*family(0.5, GO), *hexes, *nims]))
    assert "undecided for nim (only two sizes); the largest game lies" in sentences(many)
    index, *of_families = many.sections
    assert [section.title for section in of_families] == ["How bits grow in go", "How bits grow in hex", "How bits grow in nim"]
    assert "hex, shortest of all: codelength grows" in sentences(of_families[1])
    assert "hex, shortest of all" not in sentences(index)


def test_families_of_one_size_have_no_exponent() -> None:
    said = sentences(section_of(evidence([*family(0.5, GO), *family(1.0, {"hex-3": 700})])))
    assert "No exponent can be fitted for hex (one size)." in said
    alone = section_of(evidence(family(1.0, {"hex-3": 700})))
    assert "grow" not in sentences(alone)
    assert "families-hex" not in drawings(alone)


def test_the_share_of_exceptions_alone_is_decided_only_when_its_band_is() -> None:
    assert "policies pay better on larger games" in sentences(section_of(evidence(family(0.5, GO))))
    said = sentences(section_of(evidence(family(0.5, dict(list(GO.items())[:3])))))
    assert "undecided whether policies pay better on larger games" in said


def test_places_name_the_shortest_and_the_games_without_one() -> None:
    records = [*family(0.5, {"go-2x2": 50}), record("hex-3", "rulelist", [point(1, 0.5), point(2, 0.6)], 700)]
    section = section_of(evidence(records, {"nim-3/rulelist/seed=0": "failed: no"}))
    said = sentences(section)
    assert "reach from 71 bits, go-2x2 (rulelist), to 71 bits, go-2x2 (rulelist): upper bounds all." in said
    assert "ImageNet" not in said  # bits without language are not held against marks
    assert "Without a place, because no measured policy gains 90%: hex-3." in said  # nothing is known of nim-3, whose cell failed
    rows = table(section, "axis")
    assert [(row["game"], row.get("hole")) for row in rows] == [
        ("go-2x2", None),
        ("go-2x2", None),
        ("hex-3", None),
        ("nim-3", "failed: no"),
    ]
    assert rows[1]["bits_to_90"] == 71
    longer = sentences(
        section_of(evidence([*family(0.5, {"go-2x2": 50}), record("hex-3", "tree", [point(1, 0.99, 9000), point(2, 1.0, 9100)], 700)]))
    )
    assert "to 9,000 bits, hex-3 (tree)" in longer


def test_an_empty_axis_is_said_and_drawn_nowhere() -> None:
    section = section_of(evidence([record("hex-3", "rulelist", [point(1, 0.5), point(2, 0.6)])]))
    assert "No measured policy gains 90% of any of 1 game: the axis is empty." in sentences(section)
    assert drawings(section) == {}
    assert sentences(section_of(evidence([], {"hex-3/rulelist/seed=0": "missing"}))).startswith("No measured policy gains 90%")


def test_the_figures_show_points_laws_and_the_extrapolation_dashed_with_its_band() -> None:
    found = drawings(section_of(evidence([*family(0.5, GO), *family(0.8, {"hex-2": 20, "hex-3": 700})])))
    for name in ("go", "hex"):
        (axes,) = found[f"families-{name}"].figure.axes
        assert axes.get_title(loc="left") == name
    far = found["prediction-go"]
    assert "A prediction to be tested: nothing on go-4x4, go-4x5, go-5x5 is measured." in far.caption[0].text
    (axes,) = far.figure.axes
    assert "--" in [line.get_linestyle() for line in axes.lines]
    assert len(axes.collections) == 2  # the band within the data, and beyond
    boards = {"go-4x4", "go-4x5", "go-5x5"}
    assert {text.get_text() for text in axes.texts} == boards
    assert {"kappa-gain-go"} == {name for name in found if name.startswith("kappa")}  # hex has two boards
    places = found["axis-places"].figure.axes[0]
    assert len(places.get_yticklabels()) == 6
