"""Measuring a curve: fit the path of policies, describe each in bytes, and measure what comes back from those bytes.

Records are out of date as soon as this file, or what it imports, is edited (bench/harness/keys.py). So nothing stands here that
cannot change a result: how cells are listed, run and recorded is elsewhere.
"""

import dataclasses
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from bench.harness.path import FittedPath
from bench.harness.point import Point
from bench.harness.splits import SplitGains
from bench.measures.coding import Description, describe, exception_rate
from bench.measures.error_rate import error_rate
from bench.measures.expected_scores import Results, exploitability_of, results
from bench.measures.gain_error import gain_error
from bench.measures.grades import Grades, grades
from bench.measures.heldout import Sides, held_out, sides_of
from bench.measures.information import games_left, missing_bits
from bench.measures.own_lines import decode_own_lines, encode_own_lines
from bench.measures.reader import comparable_language_bits
from bench.measures.recipe import recipe_of
from bench.measures.split_curve import SplitCurve
from games.arrays import Float64s
from games.contract import Game
from games.errors import WorkError
from policies.api import CountsParameters, Learner, Policy, Task, action_probabilities, mean_and_worst, uniform_probabilities
from policies.explanation import Explanation
from policies.task import BOARDS

SMALL = 10_000  # states up to which the expected results are computed at every budget: they take milliseconds
READABLE_SIZE = 64  # units up to which the whole policy of a curve is put into words
EXPLAINED_SIZE = 16  # policies up to this size are put into words at every budget


class MeasuredCurve(NamedTuple):
    """What measuring the path of policies of one cell gave."""

    points: list[Point]
    splits: list[SplitCurve]  # the gains on both sides of the split, if it was fitted to one
    budgets: list[int]  # that the fit was asked for
    is_finished: bool  # the fit ended by itself: a larger budget would bring nothing
    data: bytes  # the last policy, as its learner writes it
    readable_size: int
    in_words: Explanation  # the largest policy that a person would still read, of `readable_size`; the last where all are larger
    uniform_missing_bits: float
    recipe_bits: dict[str, int]
    fit_seconds: float


def measure_curve(
    task: Task,
    learner: Learner[Any],
    budgets: Sequence[int] | None,
    results_at: Sequence[int],
    part: Task | None,
    random_seed: int,
    split: str = BOARDS,
    split_seed: int = 0,
) -> MeasuredCurve:
    """Fit a policy for each budget, the learner's own where none are given, and measure each.

    Expected results are computed at the first and the last budget, at those of `results_at`, and everywhere on small games; the
    exploitability, a small part of their work, at every budget. `part`: what a split of this kind and seed leaves to be fitted, where
    that is not all of the task.
    """
    seen = part or task
    sides = None if part is None else sides_of(task, part, split)
    path = FittedPath(learner, seen, budgets or learner.default_budgets(seen), random_seed)
    fitted: list[tuple[int, Policy, float]] = []
    clock = time.perf_counter()
    for budget, policy in path:
        fitted.append((budget, policy, time.perf_counter() - clock))
    is_small = task.graph.n_states <= SMALL
    with_results = {*results_at, fitted[0][0], fitted[-1][0], *(budget for budget, _, _ in fitted if is_small)}
    points, gains = [], None if sides is None or part is None else SplitGains(sides, part, split_seed)
    for budget, policy, seconds in fitted:
        point, data = measure_policy(task, learner, policy, budget, seconds, budget in with_results, sides)
        points.append(point)
        if gains is not None:
            gains.add(budget, action_probabilities(task.graph, learner.decode(data, task).scores(task)))
    readable = ([policy for _, policy, _ in fitted if policy.size <= READABLE_SIZE] or [fitted[-1][1]])[-1]
    return MeasuredCurve(
        points=points,
        splits=[] if gains is None else [gains.curve()],
        budgets=path.budgets,
        is_finished=path.is_finished,
        data=data,
        readable_size=readable.size,
        in_words=explained(learner, readable, task),
        uniform_missing_bits=missing_bits(task, uniform_probabilities(task.graph)),
        recipe_bits=recipe_of(task.game, learner)._asdict(),
        fit_seconds=fitted[-1][2],
    )


def measure_policy(
    task: Task,
    learner: Learner[Any],
    policy: Policy,
    budget: int,
    fit_seconds: float,
    with_results: bool,
    sides: Sides | None = None,
    with_games_left: bool = True,
) -> tuple[Point, bytes]:
    """Describe a policy, and measure the policy that its bytes decode to; also returns those bytes.

    The games left are counted beside results unless `with_games_left` is False: on 10^7 positions they are a fifth of the work.

    `sides`: of the split that it was fitted to one side of, if it was. On an open graph the gain has a standard error, exceptions are bits
    a position, of those held out if any are, and whatever needs all positions is None.
    """
    description = describe(task, learner, policy)
    read = description.policy
    weights = action_probabilities(task.graph, description.scores)
    is_closed = task.graph.is_closed
    counts_games = with_results and with_games_left and is_closed
    found = results(task.graph, task.solution, weights) if with_results and is_closed else None
    proved = grades(task.graph, task.solution, weights) if is_closed else None
    said = explained(learner, read, task) if read.size <= EXPLAINED_SIZE else None
    mean_operations, worst_operations = mean_and_worst(read, task)
    judged = task.graph.positions if sides is None else sides.held_out_positions
    point = Point(
        budget=budget,
        size=read.size,
        gain=task.gain(weights),
        regret=task.regret(weights),
        policy_bits=description.policy_bits,
        exception_bits=description.exception_bits,
        language_bits=description.language_bits,
        operations=mean_operations,
        operations_worst=worst_operations,
        comparable_language_bits=comparable_language_bits(learner, read, task),
        fit_seconds=fit_seconds,
        grades=_with_properties(proved, ("never_loses", "keeps_value", "stalls")) if proved else None,
        results=_results(found) if found else None,
        explanation=str(said) if said else "",
        missing_bits=missing_bits(task, weights),
        games_left=games_left(task.graph, weights, n_cells(task.game))._asdict() if counts_games else None,
        n_parameters=read.n_parameters if isinstance(read, CountsParameters) else None,
        held_out=held_out(sides, weights, description.policy_bits) if sides else None,
        explained=said,
        gain_error=gain_error(task, weights),
        exception_rate=None if is_closed else exception_rate(task, description.scores, judged),
        weak=weak_lengths(task, description) if with_results and is_closed else None,
        error_rate=error_rate(task, weights),
        exploitability=_exploitability(task, weights, proved, found) if proved else None,
    )
    return point, description.data


def _exploitability(task: Task, weights: Float64s, proved: Grades, found: Results | None) -> float | None:
    """The exploitability of a policy: 0 by proof, or else as its expected results have it or a best response alone gives it."""
    if proved.plays_perfectly:
        return 0.0
    return found.exploitability if found else exploitability_of(task.graph, weights)


def weak_lengths(task: Task, description: Description) -> dict[str, int]:
    """The positions on a policy's own lines of play, the bits of its corrections there, and these with the bits of the policy.

    Raises WorkError if policy and corrections, read back, do not choose an optimal move on all of these lines.
    """
    graph, optimal = task.graph, task.solution.optimal
    data, lines = encode_own_lines(graph, description.scores, optimal)
    read = decode_own_lines(graph, description.scores, data)
    if not (np.array_equal(read.edges, lines.edges) and optimal[read.edges].all()):
        raise WorkError(f"on {task.game.id} a policy and the corrections on its lines do not decode to these; please report this")
    bits = 8 * len(data)
    return {"positions": len(lines.positions), "exception_bits": bits, "codelength": description.policy_bits + bits}


def explained(learner: Learner[Any], policy: Policy, task: Task) -> Explanation:
    """A policy in words, as a record can hold them. Raises WorkError where the learner gives something else."""
    found: object = learner.explain(policy, task)
    if not isinstance(found, Explanation):
        raise WorkError(f"learner {learner.name}: explain gives {type(found).__name__}, want policies.explanation.Explanation")
    return found


def n_cells(game: Game) -> int:
    """The cells of a game's board, or the entries of its states where it has none."""
    return game.board.n_cells if game.board else len(game.cell_levels())


def _with_properties(record: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {**dataclasses.asdict(record), **{name: getattr(record, name) for name in names}}


def _results(found: Results) -> dict[str, Any]:
    """Results as plain JSON, with bounds of all of them where some are not exact."""
    plain = {**_numbers(found), "error": found.error, "is_exact": found.is_exact}
    return plain if found.low is None or found.high is None else {**plain, "low": _numbers(found.low), "high": _numbers(found.high)}


def _numbers(found: Results) -> dict[str, Any]:
    """The numbers alone; an outcome becomes a record of payoff, win, draw and loss."""
    plain = {"exploitability": found.exploitability, "loss_rate": found.loss_rate, "best_loss_rate": found.best_loss_rate}
    seats: dict[str, Any] = {}
    for seat in ("first", "second"):
        values = getattr(found, seat)
        seats[seat] = {
            field.name: value._asdict() if hasattr(value := getattr(values, field.name), "_asdict") else value
            for field in dataclasses.fields(values)
        }
    return {**plain, **seats}
