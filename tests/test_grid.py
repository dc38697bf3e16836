"""Cells by hand: what names a curve, which names a pattern meets, and in what two cells are alike."""

import msgspec
import pytest

from bench.suites.grid import Cell, LearnerEntry, cells, count_cells, label_of, matches
from bench.suites.load import parse_suite


@pytest.mark.parametrize(
    ("entry", "varied", "label"),
    [
        (LearnerEntry("table"), {}, "table"),
        (LearnerEntry("table", label="mine"), {}, "mine"),
        (LearnerEntry("table", held_out=0.75), {}, "table,held_out=0.75"),
        (LearnerEntry("network", label="net", held_out=0.5), {"steps": 7, "target": "regret"}, "net,steps=7,target=regret"),
    ],
)
def test_a_label_tells_a_curve_from_the_others_of_its_learner(entry: LearnerEntry, varied: dict[str, object], label: str) -> None:
    assert label_of(entry, varied) == label


def test_a_name_meets_itself_whatever_stands_in_it() -> None:
    """Ids of games may hold brackets, which are wildcards in a pattern."""
    name = "openspiel:breakthrough(columns=3)[x]"
    assert matches(name, ["go-*", name])
    assert matches("go-3x3", ["nim-*", "go-*"])
    assert not matches(name, ["go-*"])
    assert not matches(name, [])


def test_cells_are_unlike_in_all_but_limits() -> None:
    cell = Cell("tictactoe", "table", "table")
    others = {
        "game": "nim-1",
        "options": {"rules": 3},
        "budgets": [1],
        "weights": "play",
        "seed": 1,
        "results_at": [1],
        "held_out": 0.5,
        "splits": 2,
        "split": "positions",
        "nulls": 1,
    }
    for name, value in others.items():
        assert cell.unlike(msgspec.structs.replace(cell, **{name: value})) == [name]
    assert cell.unlike(msgspec.structs.replace(cell, time_limit=1.0, memory_limit=1.0)) == []


def test_cells_are_counted_as_they_are_listed() -> None:
    head = 'name = "a"\ngames = ["tictactoe", "nim-1-2"]\nseeds = [0, 1, 2]\n'
    learners = '[[learners]]\nname = "uniform"\n[[learners]]\nname = "table"\nseeds = [5]\n[learners.vary]\nrules = [1, 2, 3, 4]\n'
    suite = parse_suite(head + learners, "a.toml")
    assert count_cells(suite) == len(cells(suite)) == 2 * (3 + 4)
