"""Where two kinds change places, on planted points whose crossings are known, and where two policies differ, by looking everywhere."""

import pytest

from bench.curves.crossing import COSTS, OPERATIONS, WITH, WITHOUT, crossing, crossings, verdict
from bench.curves.differing import differences
from bench.curves.front import Run
from bench.harness.point import Point
from policies.api import action_probabilities
from policies.rules.weighted import WeightedList
from policies.task import make_task

NAMES = ("list", "net")


def run(*points: tuple[int, float, float], language: int = 0, seed: int = 0, is_complete: bool = True) -> Run:
    """From (bits, gain, operations); `language` bits come on top."""
    made = [
        Point(i, i, gain, 1 - gain, n, 0, 0, work, 0.0, {}, comparable_language_bits=language)
        for i, (n, gain, work) in enumerate(points, 1)
    ]
    return Run(seed, made, is_complete)


LIST = [run((8, 0.5, 10), (100, 0.7, 1000), (1000, 0.8, 9000), language=5000)]
NET = [run((50, 0.2, 100), (200, 0.75, 100), (800, 0.9, 400), language=1000)]


def test_the_crossing_turns_round_when_the_language_is_counted() -> None:
    """Without language the list is ahead until the network of 200 bits; with it the list comes when the network has done; in operations
    the network is ahead as soon as it has .75, at 100."""
    without, with_language, operations = crossings(NAMES, LIST, NET)
    assert [each.cost for each in (without, with_language, operations)] == list(COSTS)
    assert [(each.name, each.first) for each in without.stretches] == [("list", 50), ("net", 200)]
    assert (without.at, with_language.at, operations.at) == (200, None, None)
    assert [each.name for each in with_language.stretches] == ["net"]
    assert [(each.name, each.first) for each in operations.stretches] == [("net", 100)]
    first, second = verdict([without, with_language, operations])
    assert first == "Without language list is ahead below 200 bits (up to gain 0.7000), net above (from gain 0.7500)."
    assert second.startswith(
        "With language net is ahead wherever that is known, from 5,008 to 6,000 bits (gain 0.9000); at equal operations net"
    )


def test_more_changes_are_counted() -> None:
    other = [run((8, 0.4, 1), (50, 0.6, 1), (400, 0.99, 1))]
    found = crossing(NAMES, LIST, other, WITHOUT)
    assert [each.name for each in found.stretches] == ["list", "net", "list", "net"]
    assert found.in_words.endswith("; they change places 3 times")
    assert found.at == 400


def test_undecided_says_why() -> None:
    late = [run((232, 0.9, 1))]
    short = [run((8, 0.5, 1), (100, 0.6, 1), is_complete=False)]
    assert crossing(NAMES, short, late, WITHOUT).in_words == (
        "without language undecided: no net below 232 bits was measured, and no list beyond"
    )
    both = [run((8, 0.5, 1)), run((8, 0.9, 1), seed=1)]
    assert "seeds of both overlap" in crossing(NAMES, both, [run((8, 0.7, 1))], WITHOUT).in_words
    assert crossing(NAMES, LIST, [], OPERATIONS).in_words == "at equal operations undecided: no net was measured"


def test_a_lead_must_hold_for_every_seed() -> None:
    seeds = [run((8, 0.5, 1)), run((8, 0.6, 1), seed=1)]
    (stretch,) = crossing(NAMES, seeds, [run((8, 0.4, 1)), run((8, 0.45, 1), seed=1)], WITH).stretches
    assert (stretch.name, stretch.first_gain) == ("list", 0.5)
    assert crossing(NAMES, seeds, [run((8, 0.55, 1))], WITH).stretches == ()


def test_positions_are_those_where_losses_differ_most() -> None:
    """Against a walk over all positions."""
    task = make_task("tictactoe")
    policies = [WeightedList((("lookahead", 0),), (1,)), WeightedList((("lookahead", 1), ("concept", 5)), (2, 1))]
    found = differences(task, policies)
    losses = []
    for policy in policies:
        chances = action_probabilities(task.graph, policy.scores(task))
        losses.append(
            [
                sum(float(chances[edge] * task.solution.regret[edge]) for edge in range(*task.graph.edge_start[state : state + 2]))
                for state in range(task.graph.n_states)
            ]
        )
    apart = [abs(one - other) * weight for one, other, weight in zip(*losses, task.weights.tolist(), strict=True)]
    assert [apart[each.state] for each in found] == pytest.approx(sorted(apart, reverse=True)[:3])
    for each in found:
        assert [choice.loss for choice in each.choices] == pytest.approx([loss[each.state] for loss in losses])
        assert each.drawing == task.game.render(int(task.graph.states[each.state]))
        assert all(choice.moves for choice in each.choices)
    assert differences(task, policies[:1] * 2) == []
