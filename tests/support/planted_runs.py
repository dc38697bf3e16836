"""Runs whose numbers are planted: of one game and many seeds, to be compared and merged, and graded ones, to be reported."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.harness.point import Point
from bench.harness.policyfile import pack, save_policy
from bench.harness.records import Record
from bench.harness.store import policy_path, write_record, write_suite
from bench.suites.grid import Cell, cells
from bench.suites.load import parse_suite
from policies.explanation import Entry, Explanation

SUITE = parse_suite(
    """
    name = "planted"
    games = ["tictactoe"]
    seeds = [0, 1, 2, 3, 4]
    [[learners]]
    name = "rulelist"
    [[learners]]
    name = "network"
    """,
    "planted.toml",
)
RULES, NETWORKS = ([cell for cell in cells(SUITE) if cell.learner == name] for name in ("rulelist", "network"))


def point(gain: float, budget: int = 1, bits: int = 16, never_loses: bool = False, seconds: float = 1.0) -> Point:
    return Point(budget, budget, gain, 1 - gain, bits, 100, 2000, 3.5, seconds, {"never_loses": never_loses})


def plant(folder: Path, points: Mapping[str, Sequence[Point]], keys: Mapping[str, str] | None = None, **provenance: Any) -> Path:
    """A run of SUITE with a record for each cell id given, and the file of a policy of as many bytes as its last point says."""
    write_suite(folder, SUITE)
    for cell in cells(SUITE):
        if cell.id in points:
            key = (keys or {}).get(cell.id, "a key")
            write_record(folder, Record(cell, cell.id, key, "units", points=list(points[cell.id]), provenance=provenance))
            last = points[cell.id][-1]
            data = bytes(last.policy_bits // 8)
            save_policy(policy_path(folder, cell.id), pack(cell.game, cell.learner, cell.options, last.size, data))
    return folder


GRADES = (
    "never_loses_first",
    "never_loses_second",
    "keeps_value_first",
    "keeps_value_second",
    "never_loses",
    "keeps_value",
    "optimal_everywhere",
    "stalls",
)


def graded_point(
    size: int, gain: float, policy_bits: int = 0, language_bits: int = 0, exception_bits: int = 0, said: Explanation | None = None
) -> Point:
    grades = dict.fromkeys(GRADES, gain == 1.0)
    return Point(
        size,
        size,
        gain,
        1 - gain,
        policy_bits,
        exception_bits,
        language_bits,
        1.0,
        0.1,
        grades,
        explained=said,
        explanation=str(said or ""),
    )


def graded_record(game: str, label: str, points: list[Point], n_positions: int = 100, budgets: list[int] | None = None) -> Record:
    cell = Cell(game=game, learner=label.partition("-")[0], label=label, budgets=budgets)
    return Record(cell, cell.id, "key", "rules", n_positions, n_positions + 10, 500, 0.5, points, seconds={"total": 1.0})


GRADED_SUITE = parse_suite(
    """
    name = "planted"
    games = ["tictactoe", "go-2x3", "go-3x3"]
    [[learners]]
    name = "rulelist"
    [[learners]]
    name = "network"
    """,
    "planted.toml",
)


def graded_run() -> list[Record]:
    words = Explanation("Go down.", (Entry("<script>alert(1)</script> & wins", lines=("1. <script>alert(1)</script> & wins",)),))
    return [
        graded_record(
            "tictactoe", "rulelist", [graded_point(1, 0.6, 8, 50, said=words), graded_point(2, 0.8, 16, 50)], 62, budgets=[1, 2, 3]
        ),
        graded_record("tictactoe", "network", [graded_point(4, 0.7, 400, 90), graded_point(8, 1.0, 900, 90)], 62),
        graded_record(
            "go-2x3", "rulelist", [graded_point(1, 0.3, 8, 50), graded_point(40, 0.7, 300, 50), graded_point(200, 1.0, 900, 50)], 300
        ),
        graded_record("go-2x3", "network", [graded_point(4, 0.5, 400, 90)], 300),
        graded_record(
            "go-3x3", "rulelist", [graded_point(1, 0.2, 8, 50), graded_point(100, 0.5, 300, 50), graded_point(2000, 0.95, 9000, 50)], 3000
        ),
    ]
