"""One look a name: the same in every figure and suite, and told apart in grey and by readers who confuse hues."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.curves.envelope import drawn_in_panel_b
from bench.report.plots.colors import hex_of, linear_rgb, oklab, oklch, on_dark
from bench.report.plots.comparison import draw_gain_against_bits
from bench.report.plots.journal import in_grey, shades
from bench.report.plots.left_over import draw_left_over
from bench.report.plots.looks import CONTROLS, FAMILIES, KINDS, kind_of, look_of
from bench.report.plots.style import LOOKS, looks_in_order
from bench.suites.grid import cells
from bench.suites.load import built_in_suites, load_suite
from policies.registry import LEARNERS
from tests.support.planted_runs import graded_point as point
from tests.support.planted_runs import graded_record as record

# Machado, Oliveira & Fernandes (2009), "A physiologically-based model for simulation of color vision deficiency", severity 1.0.
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
SUITES = {name: load_suite(name) for name in built_in_suites()}
LABELS = sorted({cell.label for suite in SUITES.values() for cell in cells(suite)})
SHAPE = ("marker", "linestyle", "markerfacecolor")


def as_seen(color: str, blindness: str) -> str:
    """A colour as people without one kind of cone see it; without any change for `none`."""
    return color if blindness == "none" else hex_of(np.array(BLINDNESS[blindness]) @ linear_rgb(color))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of the Web Content Accessibility Guidelines."""
    high, low = sorted((float(linear_rgb(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def distance(one: str, other: str) -> float:
    return float(np.linalg.norm(oklab(one) - oklab(other)))


def shape(name: str) -> tuple[Any, ...]:
    return tuple(look_of(name).get(key) for key in SHAPE)


def lines_of(figure: Figure) -> Iterator[tuple[str, Line2D]]:
    for axes in figure.findobj(Axes):
        assert isinstance(axes, Axes)
        yield from ((str(line.get_label()), line) for line in axes.lines if not str(line.get_label()).startswith("_"))


def test_colors_are_those_of_the_published_conversion() -> None:
    """White, black and the blue of sRGB, whose OKLab coordinates are (0.452, -0.032, -0.312) (Ottosson 2020)."""
    assert oklab("#ffffff") == pytest.approx([1, 0, 0], abs=1e-3)
    assert oklab("#0000ff") == pytest.approx([0.452, -0.032, -0.312], abs=1e-3)
    assert [oklch(lightness, 0.0, 0.0) for lightness in (0.0, 1.0)] == ["#000000", "#ffffff"]
    for color in ("#0072b2", "#d27908"):
        lightness, a, b = oklab(color).tolist()
        assert oklch(lightness, float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)))) == color


def test_a_chroma_beyond_the_screen_keeps_lightness_and_hue() -> None:
    lightness, a, b = oklab(oklch(0.5, 0.9, 252.0)).tolist()
    assert lightness == pytest.approx(0.5, abs=0.01)
    assert np.degrees(np.arctan2(b, a)) % 360 == pytest.approx(252.0, abs=2.0)


def test_a_label_has_the_same_look_in_every_figure_of_two_suites() -> None:
    """Each suite has other labels beside the common ones, in another order: a look by place would change."""
    curve = [point(1, 0.5, 8), point(2, 0.9, 40), point(3, 1.0, 90)]
    suites = [("tree", "rulelist", "my-list", "table"), ("network", "my-list", "table", "human", "rulelist", "tree")]
    seen: dict[str, set[str]] = {}
    for labels, game in zip(suites, ("go-2x3", "hex-3"), strict=True):
        for shown in (labels, labels[::-1], labels[1:]):
            for name, line in lines_of(draw_gain_against_bits(game, dict.fromkeys(shown, curve))):
                look = (line.get_color(), line.get_marker(), line.get_linestyle(), line.get_markerfacecolor())
                seen.setdefault(name, set()).add(str(look))
    assert seen.keys() == {*suites[0], *suites[1]}
    assert [name for name, looks in seen.items() if len(looks) > 1] == []
    assert len({look for looks in seen.values() for look in looks}) == len(seen)


def test_a_game_has_the_same_look_whatever_else_is_drawn() -> None:
    runs = [("go-2x3", "go-3x3", "go-3x4"), ("go-3x4", "go-2x2", "go-2x3")]
    colors: dict[str, set[str]] = {}
    for games in runs:
        records = [record(game, "tree", [point(1, 0.4, 8), point(3, 0.95, 40)], 100 * (i + 1)) for i, game in enumerate(games)]
        figure = draw_left_over([envelope for envelope, _ in drawn_in_panel_b(records)])
        for name, line in lines_of(figure):
            colors.setdefault(name, set()).add(str((line.get_color(), line.get_marker(), line.get_linestyle())))
    assert all(len(looks) == 1 for looks in colors.values())
    assert len(colors) == 4


@pytest.mark.parametrize("blindness", ["none", *BLINDNESS])
def test_shades_of_one_hue_keep_their_order_for_every_reader_and_in_grey(blindness: str) -> None:
    """Boards of panel B: 0.04 of lightness is twice what is just seen side by side, and paper is lighter than all of them."""
    for n in (2, 5, 8):
        for seen in ([as_seen(color, blindness) for color in shades(n)], [as_seen(in_grey(color), blindness) for color in shades(n)]):
            lightness = [1.0, *(float(oklab(color)[0]) for color in seen)]
            assert all(one - other > 0.04 for one, other in itertools.pairwise(lightness))


def test_every_label_of_a_suite_and_every_learner_has_a_kind() -> None:
    known = [*LABELS, *LEARNERS]
    assert [label for label in known if label not in CONTROLS and kind_of(label) is None] == []


def test_markers_and_dashes_alone_tell_the_labels_of_a_suite_apart() -> None:
    for suite in SUITES.values():
        labels = {re.sub("-(boards|positions)$", "", cell.label) for cell in cells(suite)} - {"uniform"}
        assert [pair for pair in itertools.combinations(sorted(labels), 2) if shape(pair[0]) == shape(pair[1])] == [], suite.name


@pytest.mark.parametrize("blindness", ["none", *BLINDNESS])
def test_kinds_and_families_differ_in_colour_to_every_reader(blindness: str) -> None:
    """0.04 in OKLab is twice what is just seen side by side; kinds and families differ in marker beside."""
    for names in ([kind.members[0] for kind in KINDS.values()], [*FAMILIES]):
        colors = {name: as_seen(look_of(name)["color"], blindness) for name in names}
        near = [pair for pair in itertools.combinations(names, 2) if distance(colors[pair[0]], colors[pair[1]]) < 0.04]
        assert near == []
        assert len({look_of(name)["marker"] for name in names}) == len(names)


def test_kinds_differ_in_grey() -> None:
    lightness = sorted(oklab(look_of(kind.members[0])["color"])[0] for kind in KINDS.values())
    assert min(np.diff(lightness)) > 0.03


def test_boards_of_a_family_get_darker_with_their_cells() -> None:
    for family in FAMILIES:
        boards = [f"{family}-{rows}x{columns}" for rows, columns in ((2, 2), (2, 3), (2, 4), (3, 3), (2, 5), (3, 4), (4, 4), (5, 5))]
        lightness = [oklab(look_of(board)["color"])[0] for board in boards]
        assert (np.diff(lightness) < -0.01).all()
        assert look_of(f"{family}-2x6")["color"] == look_of(f"{family}-3x4")["color"]
        assert shape(f"{family}-2x6") != shape(f"{family}-3x4")


@pytest.mark.parametrize("name", [*LABELS, *FAMILIES, "go-2x2", "go-5x5", "foo", "my-list"])
def test_every_line_can_be_seen_on_paper_and_on_a_dark_page(name: str) -> None:
    """WCAG 1.4.11 wants a contrast of 3 for graphics; the shades of small boards stay a little below it on paper."""
    color = look_of(name)["color"]
    assert contrast(color, "#ffffff") > 2.2
    if len(set(linear_rgb(color).tolist())) > 1:  # greys are drawn as thin ink
        assert contrast(on_dark(color), "#171716") > 3.0


def test_a_seed_has_the_look_of_its_label_with_open_markers_but_the_first() -> None:
    first, second = look_of("network, seed 0"), look_of("network, seed 1")
    assert first == look_of("network")
    assert second == first | {"markerfacecolor": "white"}


def test_names_that_no_table_has_look_different_from_each_other() -> None:
    found = [look_of(f"unheard {number}") for number in range(200)]
    assert len({str(look) for look in found}) == 200
    assert look_of("unheard 7") == found[7]


def test_a_caller_cannot_change_a_look() -> None:
    look_of("tree")["color"] = "red"
    assert look_of("tree")["color"] != "red"


def test_what_is_numbered_has_its_look_by_place() -> None:
    found = looks_in_order(str(number) for number in range(27))
    assert len({tuple(map(str, look.values())) for look in found.values()}) == 27
    assert len({(look["color"], look["marker"], "markerfacecolor" in look) for look in found.values()}) == 27  # with lines on each other
    assert [(look["color"], look["marker"], look["linestyle"]) for look in found.values()][: len(LOOKS)] == LOOKS
