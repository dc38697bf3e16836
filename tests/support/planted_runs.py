"""Runs whose numbers are planted, for the tests of what compares and merges runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.harness.point import Point
from bench.harness.policyfile import pack, save_policy
from bench.harness.records import Record
from bench.harness.store import policy_path, write_record, write_suite
from bench.suites.grid import cells
from bench.suites.load import parse_suite

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
