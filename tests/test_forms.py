"""The tables of lists against networks, and the lines that tails begin with, on planted records whose answers are worked out by hand."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from bench.curves.envelope import BITS, UNITS
from bench.harness.records import Record
from bench.studies.forms import MECHANICAL, NEITHER, shorter, shortest_of
from bench.studies.tails import answer_in_lines, listed
from bench.suites.grid import Cell
from bench.tails.verdict import ENDS, HEAVIER, UNDECIDED
from tests.support.planted_runs import point


def record(learner: str, reached: Sequence[tuple[float, int]], seed: int = 0, **options: Any) -> Record:
    """A curve on tic-tac-toe of these gains and bits."""
    cell = Cell("tictactoe", learner, learner, dict(options), seed=seed)
    return Record(cell, cell.id, "a key", "units", points=[point(gain, bits=n_bits) for gain, n_bits in reached])


RULES = record("rulelist", [(0.5, 80), (0.9, 100)])
WEIGHTS = record("weighted", [(0.95, 96)])


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        ([record("network", [(0.8, 64), (0.9, 200)])], "list"),
        ([record("network", [(0.8, 200)])], "list"),  # as long as the list, and below the level
        ([record("network", [(0.8, 64)])], NEITHER),  # shorter than the list: a longer one was not measured
        ([record("network", [(0.9, 90)])], "network"),
        ([record("network", [(0.9, 90)], seed=0), record("network", [(0.9, 120)], seed=1)], NEITHER),  # the seeds disagree
        ([], NEITHER),
    ],
)
def test_a_form_is_shorter_where_all_seeds_say_so_and_the_other_was_measured_as_far(networks: list[Record], expected: str) -> None:
    assert shorter([RULES, WEIGHTS, *networks], "tictactoe") == expected


def test_a_network_is_shorter_where_lists_of_its_length_fall_short() -> None:
    network = record("network", [(0.9, 90)])
    assert shorter([record("rulelist", [(0.5, 96)]), network], "tictactoe") == "network"
    assert shorter([record("rulelist", [(0.5, 80)]), network], "tictactoe") == NEITHER


def test_lists_from_the_rules_alone_are_a_form_of_their_own() -> None:
    records = [RULES, WEIGHTS, record("weighted", [(0.9, 40)], language=MECHANICAL)]
    assert [shortest_of(records, "tictactoe", form) for form in ("list", MECHANICAL, "network")] == [96, 40, None]
    assert shortest_of(records, "go-2x3", "list") is None


def verdict(game: str, measure: str, tail: str, held_out: str) -> Any:
    return SimpleNamespace(
        game=game, measure=measure, tail=SimpleNamespace(verdict=tail), held_out=SimpleNamespace(verdict=SimpleNamespace(words=held_out))
    )


def test_tails_begin_with_what_the_verdicts_come_to() -> None:
    known, unsure = "knowledge to the last rule", UNDECIDED
    planted = {"tictactoe": (ENDS, ENDS, known), "go-2x6": (HEAVIER, HEAVIER, unsure), "go-3x4": (UNDECIDED, HEAVIER, unsure)}
    planted["nogo-3x4"] = (HEAVIER, UNDECIDED, "knowledge to about the 20-th weight, memory after")
    planted["random-hex-2x5"] = (HEAVIER, HEAVIER, "memory from the first leaf")
    planted["go-2x2"] = (ENDS, ENDS, known)  # not one of the games of the page
    verdicts = [
        verdict(game, measure, tails[place], tails[2]) for game, tails in planted.items() for place, measure in enumerate((UNITS, BITS))
    ]
    assert answer_in_lines(verdicts).splitlines()[:4] == [
        "- The list ends on tictactoe.",
        (
            "- The residual falls more slowly than an exponential: in units on go-2x6, nogo-3x4 and random-hex-2x5; "
            "in bits on go-2x6, go-3x4 and random-hex-2x5."
        ),
        "- The rules are knowledge to the last unit on tictactoe, and up to some unit on nogo-3x4.",
        "- They are memory from the first unit on random-hex-2x5; undecided on go-2x6 and go-3x4.",
    ]


def test_names_are_listed_as_in_a_sentence() -> None:
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["no board", "a", "a and b", "a, b and c"]
