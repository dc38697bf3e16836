"""K_T and textbooks from planted records: the right numbers are those that were planted, found by looking."""

import inspect
import zlib

import pytest

from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import CellStatus
from bench.measures.coding import bare_source
from bench.scaling.axis import AxisRow
from bench.scaling.bounded import LEVELS, LIMITS, NOT_COUNTED, NOT_MEASURED, NOT_REACHED, BoundedCode, bounded_codes
from bench.scaling.textbook import concept_bits, textbooks
from bench.suites.grid import Cell, LearnerEntry, Suite, cells
from games.concepts import nim
from games.rules import nim as rules

Read = list[tuple[Cell, CellStatus]]


def point(gain: float, policy_bits: int, language: int | None, operations: float, keeps: bool = False) -> Point:
    grades = {"keeps_value": keeps, "stalls": False}
    return Point(
        1, 1, gain, 1 - gain, policy_bits, 0, 0, operations, 0.0, grades, operations_worst=2 * operations, comparable_language_bits=language
    )


def read(points: dict[str, list[Point]], game: str = "hex-3") -> Read:
    suite = Suite("planted", [game], [LearnerEntry(name) for name in points])
    return [(cell, CellStatus("measured", "", Record(cell, cell.id, "key", points=points[cell.learner]))) for cell in cells(suite)]


def code(found: Read, gain: float | str, limit: int) -> BoundedCode:
    (one,) = [each for each in bounded_codes(found) if (each.gain, each.operations_limit) == (gain, limit)]
    return one


PLANTED = {
    "rulelist": [point(0.6, 8, 5000, 90), point(0.95, 80, 5000, 900), point(1.0, 800, 5000, 9000, keeps=True)],
    "weighted": [point(0.92, 400, 3000, 5000), point(0.991, 3000, 3000, 50_000)],
    "perfect": [point(1.0, 0, 1, 1, keeps=True)],
}


def test_the_shortest_of_all_learners_within_the_limit() -> None:
    """At 10^3 only the list is fast enough; from 10^4 on the weights are shorter with their language. Ends of curves are no policies."""
    found = read(PLANTED)
    slow, fast = code(found, 0.9, 1_000), code(found, 0.9, 10_000)
    assert (slow.bits, slow.policy_bits, slow.language_bits, slow.learner) == (5080, 80, 5000, "rulelist")
    assert (fast.bits, fast.policy_bits, fast.language_bits, fast.operations, fast.operations_worst) == (3400, 400, 3000, 5000, 10_000)
    assert fast.cell == "hex-3/weighted/seed=0"
    assert [code(found, "value", limit).bits for limit in LIMITS] == [None, None, 5800, 5800]
    assert code(found, 0.99, 100_000).bits == 5800  # not 6,000 of the weights


def test_more_operations_never_take_more_bits() -> None:
    found = read(PLANTED)
    for level in LEVELS:
        numbers = [each for limit in LIMITS if (each := code(found, level, limit).bits) is not None]
        assert numbers == sorted(numbers, reverse=True)


def test_without_bits_there_is_a_reason() -> None:
    found = read(PLANTED)
    assert code(found, 0.9, 100).reason == "no measured policy that reaches it takes fewer than 900 operations"
    assert code(read({"weighted": PLANTED["weighted"]}), 1.0, 100).reason == NOT_REACHED
    assert code(read({"weighted": [point(0.9, 8, None, 5)]}), 0.9, 100).reason == NOT_COUNTED
    assert code([(cell, CellStatus("missing")) for cell, _ in found], 0.9, 100).reason == NOT_MEASURED


def row(game: str, written_in: str, codelength: int | None, alone: int | None = 1000) -> AxisRow:
    return AxisRow(game, "list", 0, written_in, None, True, 10, codelength=codelength, exceptions_alone=alone)


def test_a_textbook_is_paid_once() -> None:
    """Two boards, their shortest files with concepts 300 and 500, and the concepts of Nim, over two times 1,000."""
    rows = [row("nim-1-2-3", "concepts+patterns", 300), row("nim-1-2-3", "concepts", 400), row("nim-1-2-3", "cells", 100)]
    rows += [row("nim-3-4-5", "concepts", 500), row("nim-5-6-7", "cells", 9), row("planets-1", "concepts", 9)]
    (book,) = textbooks(rows)
    assert (book.family, book.boards, book.files, book.exceptions_alone) == ("nim", ("nim-1-2-3", "nim-3-4-5"), 800, 2000)
    assert book.missing == ("nim-5-6-7: no file with a policy in concepts was measured",)
    assert book.ratio == pytest.approx((800 + concept_bits("nim-1-2-3")) / 2000)
    assert book.ratio_without == 0.4


def test_concepts_are_the_source_of_all_of_them() -> None:
    functions = dict.fromkeys(source for concept in nim.CONCEPTS for source in concept.sources)
    text = "\n".join(inspect.getsource(function) for function in functions)
    assert concept_bits("nim-1-2-3") == 8 * len(zlib.compress(bare_source(text).encode(), 9, wbits=-15))
    assert concept_bits("no-such-game") == 0
    assert rules.make("1-2-3").id == "nim-1-2-3"
