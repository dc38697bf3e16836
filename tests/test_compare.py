"""The verb `compare`, and the verdicts behind it on planted points whose leaders are known."""

from itertools import pairwise
from math import inf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.curves.compare import measure_all
from bench.curves.front import Run, Span, band, in_words, last_compared, pareto_front, spans, standing, standings
from bench.harness.point import Point
from games.errors import WorkError
from policies.tables.table import TableLearner
from policies.task import make_task
from tests.support.shell import Shell


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def run(*points: tuple[int, float], seed: int = 0, is_complete: bool = False, step: int = 1) -> Run:
    """A run from (bits, gain), whose budgets are 1 and each `step` more than the one before."""
    budgets = range(1, 1 + step * len(points), step)
    made = [Point(budget, budget, gain, 1 - gain, n, 0, 0, 1.0, 0.0, {}) for budget, (n, gain) in zip(budgets, points, strict=True)]
    return Run(seed, made, is_complete)


coordinates = st.integers(0, 4).map(float)  # few values, so that ties are common


@given(st.lists(st.tuples(coordinates, coordinates, coordinates), max_size=40))
def test_the_front_is_that_of_its_definition(costs: list[tuple[float, float, float]]) -> None:
    """Against its twin: a point is beaten if some other is nowhere higher and somewhere lower."""
    beaten = [any(other != own and all(np.less_equal(other, own)) for other in costs) for own in costs]
    assert pareto_front(costs) == [i for i, is_beaten in enumerate(beaten) if not is_beaten]


@given(st.lists(st.tuples(coordinates, coordinates), max_size=40))
def test_a_front_of_two_costs_falls_from_left_to_right(costs: list[tuple[float, float]]) -> None:
    kept = sorted({costs[i] for i in pareto_front(costs)})
    assert all(left[0] < right[0] and left[1] > right[1] for left, right in pairwise(kept))
    assert bool(kept) == bool(costs)


def test_a_band_reaches_from_the_least_to_the_greatest_round_the_median() -> None:
    assert band([0.3, 0.1, 0.2]) == (0.1, 0.2, 0.3)
    assert band([0.4, 0.1, 0.3, 0.2]) == (0.1, 0.2, 0.4)
    assert band([0.5]) == (0.5, 0.5, 0.5)


CROSSING = {"list": [run((8, 0.5), (100, 0.7), (400, 1.0))], "net": [run((50, 0.2), (200, 0.9), (800, 1.0))]}


def test_the_leader_changes_where_the_curves_cross() -> None:
    merged = spans(standings(CROSSING))
    assert [(span.first, span.end, span.verdict, span.names) for span in merged] == [
        (8, 200, "leads", ("list",)),
        (200, 400, "leads", ("net",)),
        (400, 800, "leads", ("list",)),
        (800, None, "level", ("list", "net")),
    ]
    assert last_compared(CROSSING) == inf
    assert in_words(merged, inf) == [
        "Up to 200 bits list leads, up to a gain of 0.7000.",
        "From 200 to 400 bits net leads, up to a gain of 0.9000.",
        "From 400 to 800 bits list leads, up to a gain of 1.",
        "From 800 bits on list and net are level, up to a gain of 1.",
    ]


def test_verdicts_that_do_not_last_are_told_in_one_sentence() -> None:
    found = [
        Span(8, 16, "leads", ("a",), 0.3),  # doubles
        Span(16, 24, "level", ("a", "b"), 0.4),
        Span(24, 40, "leads", ("b",), 0.5),
        Span(40, 48, "undecided", ("a", "c"), 0.6),
        Span(48, 50, "undecided", ("a", "b"), 0.7),
        Span(50, 200, "undecided", ("b", "c"), 0.8),  # with the two before it from 40 to 200
        Span(200, 300, "leads", ("c",), 0.9),
        Span(300, None, "level", ("c", "b"), 1.0),
    ]
    assert in_words(found, inf) == [
        "Up to 16 bits a leads, up to a gain of 0.3000.",
        "From 16 to 40 bits no verdict lasts for a doubling of the bits, between a and b, up to a gain of 0.5000.",
        "From 40 to 200 bits undecided between a, c and b, up to a gain of 0.8000.",
        "From 200 to 300 bits c leads, up to a gain of 0.9000.",
        "From 300 bits on c and b are level, up to a gain of 1.",
    ]


def test_a_lead_within_the_band_over_seeds_is_undecided() -> None:
    """At 100 bits the networks reach 0.4 to 0.8 and the list 0.7; at 200 all of them more than the list."""
    nets = [run((100, 0.4), (200, 0.9), seed=0), run((100, 0.8), (200, 0.95), seed=1), run((100, 0.75), (200, 0.92), seed=2)]
    runs = {"list": [run((50, 0.7), (200, 0.85))], "net": nets}
    assert standing(runs, 100).gain["net"] == (0.4, 0.75, 0.8)
    assert [(row.bits, row.verdict, row.names) for row in standings(runs)] == [
        (50, "leads", ("list",)),
        (100, "undecided", ("net", "list")),
        (200, "leads", ("net",)),
    ]
    assert in_words(spans(standings(runs)), last_compared(runs)) == [
        "Up to 100 bits list leads, up to a gain of 0.7000.",
        "From 100 to 200 bits undecided between net and list, up to a gain of 0.7500.",
        "At 200 bits net leads, up to a gain of 0.9200.",
        "Beyond 200 bits not all of them were measured.",
    ]


def test_a_lead_that_a_budget_between_those_measured_might_turn_is_undecided() -> None:
    """From 200 bits on a longer list, of up to 400 bits, may gain as much as the one of 400, more than the network."""
    runs = {"list": [run((8, 0.5), (100, 0.7), (400, 0.95), step=10)], "net": [run((50, 0.2), (200, 0.9))]}
    assert [(row.bits, row.verdict, row.names) for row in standings(runs)] == [
        (8, "leads", ("list",)),
        (50, "leads", ("list",)),
        (100, "leads", ("list",)),
        (200, "undecided", ("net", "list")),
    ]
    assert standing(runs, 100).reach == {"list": 0.95, "net": 0.2}
    dense = runs | {"list": [run((8, 0.5), (100, 0.7), (400, 0.95))]}
    assert standing(dense, 200).names == ("net",)


def test_random_play_needs_no_bits() -> None:
    """A file that plays worse counts for nothing, and lengths at which none does better are left out."""
    runs = {"list": [run((8, -0.5), (100, 0.7))], "net": [run((50, 0.0), (200, 0.9))]}
    assert [row.bits for row in standings(runs)] == [100]
    assert standing(runs, 60).gain == {"list": (0, 0, 0), "net": (0, 0, 0)}


def test_a_third_learner_far_below_does_not_make_a_lead_doubtful() -> None:
    runs = CROSSING | {"table": [run((8, 0.0), (900, 1.0)), run((8, 0.05), (900, 1.0), seed=1)]}
    assert [span.names for span in spans(standings(runs))] == [("list",), ("net",), ("list",), ("list", "net"), ("list", "net", "table")]


def test_nothing_is_said_beyond_the_last_file_of_a_learner_that_had_no_larger_budget() -> None:
    short = {"list": [run((8, 0.5), (100, 0.7))], "net": CROSSING["net"]}
    assert last_compared(short) == 100
    assert [row.bits for row in standings(short)] == [8, 50, 100]
    ended = short | {"list": [run((8, 0.5), (100, 0.7), is_complete=True)]}
    assert last_compared(ended) == inf
    assert [row.bits for row in standings(ended)] == [8, 50, 100, 200, 800]


def test_one_learner_is_not_compared() -> None:
    assert standings({"list": CROSSING["list"]}) == []
    assert in_words([], 100) == []


class Diverging:
    """A table of which seed 1 fails at the third budget."""

    def __init__(self, table: TableLearner) -> None:
        self.table = table
        self.encode, self.decode, self.source, self.explain = table.encode, table.decode, table.source, table.explain
        self.name, self.unit, self.default_budgets = "diverging", table.unit, table.default_budgets

    def fit_path(self, task, budgets, seed):
        for number, policy in enumerate(self.table.fit_path(task, budgets, seed)):
            if seed == 1 and number == 2:
                raise WorkError("training diverged: lower learning_rate")
            yield policy


def test_a_learner_that_fails_leaves_what_it_had_and_the_others_go_on() -> None:
    task = make_task("nim-1-2-3")
    learners = {"diverging": Diverging(TableLearner()), "table": TableLearner()}
    found = measure_all(task, learners, {name: [1, 2, 3, 4] for name in learners}, [0, 1, 2], lambda text: None)
    assert found.failed == {"diverging": "seed 1: training diverged: lower learning_rate"}
    assert [(r.seed, len(r.points)) for r in found.runs["diverging"]] == [(0, 4), (1, 2)]
    assert [(r.seed, len(r.points), r.is_complete) for r in found.runs["table"]] == [(0, 4, False)]  # its seeds do not differ


def test_a_path_that_ends_by_itself_is_complete() -> None:
    task = make_task("nim-1-2-3")
    n_contested = TableLearner().default_budgets(task)[-1]
    learners = {"short": TableLearner(), "whole": TableLearner()}
    budgets = {"short": [1, n_contested - 1], "whole": [1, n_contested, n_contested + 1]}
    found = measure_all(task, learners, budgets, [0], lambda text: None)
    assert [runs[0].is_complete for runs in found.runs.values()] == [False, True]


def test_compare_says_in_numbers_and_words_who_leads(shell: Shell, tmp_path: Path) -> None:
    words = "rulelist:language=concepts"
    answer = shell.json("compare", words, "table", "--game", "tictactoe", "--out", "compared.svg", "--seeds", "0,1")
    assert (tmp_path / "compared.svg").read_text().startswith("<?xml")
    assert answer["failed"] == {}
    rows = answer["at_equal_bits"]
    assert [row["bits"] for row in rows] == sorted({row["bits"] for row in rows})
    for row in rows:
        best = {
            name: max([point["gain"] for point in points if point["policy_bits"] <= row["bits"]], default=0.0)
            for name, points in answer["curves"].items()
        }
        assert {name: gain["middle"] for name, gain in row["gain"].items()} == best
        ahead = max(best, key=best.get)
        assert row["names"][0] == ahead
        assert row["leader"] == (ahead if all(best[ahead] >= row["reach"][name] for name in best if name != ahead) else None)
    assert {row["leader"] for row in rows} == {words, None, "table"}
    level = answer["bits_to_gain"]["table"]["0.9"]
    assert level == [min(point["policy_bits"] for point in answer["curves"]["table"] if point["gain"] >= 0.9)]
    every = [(point["policy_bits"], point["operations"], -point["gain"]) for points in answer["curves"].values() for point in points]
    beaten = [any(other != own and all(np.less_equal(other, own)) for other in every) for own in every]
    front = [(row["bits"], row["operations"], -row["gain"]) for row in answer["front"]]
    assert sorted(set(front)) == sorted({own for own, is_beaten in zip(every, beaten, strict=True) if not is_beaten})
    assert answer["in_words"][0].startswith("Up to ")
    assert answer["in_words"][-1] == f"The seed makes no difference to {words}, table."


def test_compare_prints_tables_and_takes_budgets(shell: Shell) -> None:
    given = ("--budgets", "table=2,5", "--budgets", "1,3,4")
    status, out, err = shell("compare", "rulelist", "table", "--game", "nim-1-2-3", "--residual", "--out", "small.png", *given)
    assert (status, err) == (0, "")
    for title in ("bits to a gain of", "gain at equal bits", "front of bits, operations and gain", "the shortest files"):
        assert title in out
    assert "One seed only" in out
    answer = shell.json("compare", "rulelist", "table", "--game", "nim-1-2-3", *given)
    assert [point["size"] for point in answer["curves"]["table"]] == [2, 5]
    assert [point["size"] for point in answer["curves"]["rulelist"]] == [1, 3, 4][: len(answer["curves"]["rulelist"])]


def test_compare_reports_a_learner_that_fails_and_ends_with_status_1(shell: Shell) -> None:
    """Nim has no concept `centre`, which is known only once the game is."""
    status, out, err = shell("compare", "table", "weighted:language=centre", "rulelist", "--game", "nim-1-2")
    assert status == 1
    assert "weighted:language=centre failed, seed 0: unknown part 'centre' of language 'centre'" in out
    assert "rulelist" in out
    assert err.startswith("error: 1 learner failed, first weighted:language=centre, seed 0: unknown part 'centre'")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--seeds 0,x", "--seeds 0,x: give whole numbers"),
        ("--seeds=-1", "seed -1 is below 0: give whole numbers"),
        ("--budgets 0,2", "budget 0 is below 1"),
        ("--budgets tree=1", "'tree' is not among the learners compared"),
        ("--budgets table=", "give whole numbers"),
    ],
)
def test_wrong_words_are_named(shell: Shell, words: str, said: str) -> None:
    status, out, err = shell("compare", "table", "uniform", "--game", "nim-1-2", *words.split())
    assert (status, out) == (2, "")
    assert said in err
