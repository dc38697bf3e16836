"""Making a file of certificates: the search for each length in turn, rounded to whole numbers and kept after every round."""

import math
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from policies.api import Task
from policies.bounds.certificate import Certificate, Certificates, to_whole
from policies.bounds.dual import Search
from policies.bounds.dual_problem import Multipliers, Problem, make_problem
from policies.language.language import make_language

NEAR = 4  # a new length begins with the multipliers of one that is at most this many times as long, or as short
RESOLUTION = 1024  # units of a file in a point of regret; finer ones prove no more in the first five decimals


class Progress(NamedTuple):
    """The certificates so far; for the length that is searched what they leave, before rounding, and whether its search is over."""

    held: Certificates
    k: int
    residual: float
    seconds: float
    is_finished: bool
    is_last: bool  # of this length


def prove(task: Task, language: str, lengths: Sequence[int], seconds: float, before: Certificates | None) -> Iterator[Progress]:
    """Search multipliers for each length, each for `seconds` of processor time or until nothing moves, from those held `before`.

    Every round yields; certificates only get better, but for rounding, and those of other lengths stay.
    """
    problem = make_problem(task, make_language(language, task.game, task.graph))
    exact = tuple(problem.number[: problem.n_exact].tolist())
    entries: dict[int, Certificate] = {}
    if before is not None and before.exact == exact:
        entries = {entry.k: entry for entry in before.entries}
    for k in lengths:
        began, first = time.process_time(), None
        near = [size for size in entries if k / NEAR <= size <= k * NEAR]
        start = min(near, key=lambda size: abs(math.log(size / k)), default=None)
        search = Search(problem, k, None if start is None else _multipliers(problem, entries[start]), is_near=start != k)
        bound, is_late = 1.0, False
        for found in search.rounds():
            bound, first = found.bound, found.bound if first is None else first
            if k not in entries or bound < first:
                entries[k] = _rounded(problem, k, found.multipliers, found.is_met)
                first = bound
            is_late = time.process_time() - began > seconds
            yield Progress(_held(task, language, exact, entries), k, 1 - bound, time.process_time() - began, False, False)
            if is_late:
                break
        yield Progress(_held(task, language, exact, entries), k, 1 - bound, time.process_time() - began, not is_late, True)


def _held(task: Task, language: str, exact: tuple[int, ...], entries: dict[int, Certificate]) -> Certificates:
    return Certificates(task.game.id, language, exact, tuple(entries[k] for k in sorted(entries)))


def _rounded(problem: Problem, k: int, found: Multipliers, is_met: bool) -> Certificate:
    """A certificate. Where it meets a list: in the smallest unit, and u lower by one, so that rounding lifts it nowhere above the list."""
    points = problem.total * problem.scale
    unit = 1 if is_met else max(1, problem.scale // RESOLUTION)
    return to_whole(k, unit, found.u * points - float(is_met), found.atom, found.position, found.pi * points)


def _multipliers(problem: Problem, held: Certificate) -> Multipliers:
    share = np.float64(held.unit / (problem.total * problem.scale))
    return Multipliers(held.u * share, held.atom, held.position, held.pi * share)
