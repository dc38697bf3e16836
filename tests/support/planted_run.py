"""A run whose numbers are planted, to see what a report makes of them."""

from bench.harness.point import Point
from bench.harness.records import Record
from bench.suites.grid import Cell
from bench.suites.load import parse_suite

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


def point(size: int, gain: float, policy_bits: int = 0, language_bits: int = 0, exception_bits: int = 0, explanation: str = "") -> Point:
    grades = dict.fromkeys(GRADES, gain == 1.0)
    return Point(size, size, gain, 1 - gain, policy_bits, exception_bits, language_bits, 1.0, 0.1, grades, None, explanation)


def record(game: str, label: str, points: list[Point], n_positions: int = 100, budgets: list[int] | None = None) -> Record:
    cell = Cell(game=game, learner=label.partition("-")[0], label=label, budgets=budgets)
    return Record(cell, cell.id, "key", "rules", n_positions, n_positions + 10, 500, 0.5, points, seconds={"total": 1.0})


SUITE = parse_suite(
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


def planted() -> list[Record]:
    words = "1. Play a move that <script>alert(1)</script> & wins"
    return [
        record("tictactoe", "rulelist", [point(1, 0.6, 8, 50, explanation=words), point(2, 0.8, 16, 50)], 627, budgets=[1, 2, 3]),
        record("tictactoe", "network", [point(4, 0.7, 400, 90), point(8, 1.0, 900, 90)], 627),
        record("go-2x3", "rulelist", [point(1, 0.3, 8, 50), point(40, 0.7, 300, 50), point(200, 1.0, 900, 50)], 300),
        record("go-2x3", "network", [point(4, 0.5, 400, 90)], 300),
        record("go-3x3", "rulelist", [point(1, 0.2, 8, 50), point(100, 0.5, 300, 50), point(2000, 0.95, 9000, 50)], 3000),
    ]
