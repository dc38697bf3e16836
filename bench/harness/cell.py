"""Measuring one cell: fit the path of policies, describe each in bytes, and measure what comes back from those bytes."""

import dataclasses
import hashlib
import time
from typing import Any

import msgspec

from bench.harness.policyfile import pack
from bench.harness.store import Point, Record
from bench.harness.suite import Cell
from bench.harness.versions import NUMERIC, provenance, versions
from bench.measures.coding import describe
from bench.measures.grades import grades
from bench.measures.heldout import held_out
from bench.measures.information import games_left, missing_bits
from bench.measures.recipe import recipe_of
from bench.measures.results import Results, results
from bench.terminal import count_units
from games.api import Game
from games.registry import make_game
from games.sources import rule_modules, source_hash
from games.words import word_modules
from policies.api import Learner, Policy, Task, check_budgets, edge_weights, uniform_weights
from policies.registry import make_learner
from policies.task import make_sample, make_task

SMALL = 10_000  # states up to which the expected results are computed at every budget: they take milliseconds
READABLE_SIZE = 64  # units up to which the whole policy of a record is put into words
EXPLAINED_SIZE = 16  # policies up to this size are put into words at every budget


def cell_key(cell: Cell) -> str:
    """A hash of all that a record depends on: the cell, the sources that measure it, data files they read, and the numeric libraries."""
    game, learner = make_game(cell.game), make_learner(cell.learner, cell.options)
    sources = source_hash(*rule_modules(game), *word_modules(game), type(learner).__module__, "bench.harness.cell")
    data = [path.read_text() for path in getattr(learner, "data_files", ())]
    content = [cell.id, msgspec.to_builtins(cell), sources, data, versions(NUMERIC)]
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()[:24]


def measure_cell(cell: Cell, key: str) -> tuple[Record, bytes]:
    """The record of a cell, and the content of a policy file with its last policy."""
    began = time.perf_counter()
    task = make_task(cell.game, cell.weights)
    learner = make_learner(cell.learner, cell.options)
    loaded = time.perf_counter()
    sample = None if cell.sample is None else make_sample(task, cell.sample, cell.seed)
    seen = sample or task
    budgets = check_budgets(cell.budgets or learner.default_budgets(seen))
    fitted: list[tuple[int, Policy, float]] = []
    clock = time.perf_counter()
    for budget, policy in zip(budgets, learner.fit_path(seen, budgets, cell.random_seed), strict=False):
        fitted.append((budget, policy, time.perf_counter() - clock))
    is_small = task.graph.n_states <= SMALL
    with_results = {*cell.results_at, fitted[0][0], fitted[-1][0], *(budget for budget, _, _ in fitted if is_small)}
    points = []
    for budget, policy, seconds in fitted:
        point, data = measure_policy(task, learner, policy, budget, seconds, budget in with_results, sample)
        points.append(point)
    ended = time.perf_counter()
    record = Record(
        cell=cell,
        cell_id=cell.id,
        key=key,
        unit=learner.unit,
        n_positions=len(task.graph.positions),
        n_states=task.graph.n_states,
        n_edges=task.graph.n_edges,
        uniform_regret=task.uniform_regret,
        uniform_missing_bits=missing_bits(task, uniform_weights(task.graph)),
        recipe_bits=recipe_of(task.game, learner)._asdict(),
        points=points,
        explanation=_in_words(task, learner, [policy for _, policy, _ in fitted]),
        seconds={
            "enumerate": task.graph.enumerate_seconds,
            "solve": task.solution.solve_seconds,
            "load": loaded - began,
            "fit": fitted[-1][2],
            "measure": ended - clock - fitted[-1][2],
            "total": ended - began,
        },
        provenance=provenance(),
    )
    return record, pack(cell.game, cell.learner, cell.options, points[-1].size, data)


def measure_policy(
    task: Task, learner: Learner[Any], policy: Policy, budget: int, fit_seconds: float, with_results: bool, sample: Task | None = None
) -> tuple[Point, bytes]:
    """Describe a policy, and measure the policy that its bytes decode to; also returns those bytes.

    `sample`: the part of the task that it was fitted to, where that was not all of it.
    """
    description = describe(task, learner, policy)
    read = description.policy
    weights = edge_weights(task.graph, description.scores)
    found = results(task.graph, task.solution, weights) if with_results else None
    point = Point(
        budget=budget,
        size=read.size,
        gain=task.gain(weights),
        regret=task.regret(weights),
        policy_bits=description.policy_bits,
        exception_bits=description.exception_bits,
        language_bits=description.language_bits,
        operations=read.operations(task),
        fit_seconds=fit_seconds,
        grades=_with_properties(grades(task.graph, task.solution, weights), ("never_loses", "keeps_value", "stalls")),
        results=_results(found) if found else None,
        explanation=learner.explain(read, task) if read.size <= EXPLAINED_SIZE else "",
        missing_bits=missing_bits(task, weights),
        games_left=games_left(task.graph, weights, n_cells(task.game))._asdict() if with_results else None,
        n_parameters=getattr(read, "n_parameters", None),
        held_out=held_out(task, sample, weights, description.policy_bits) if sample else None,
    )
    return point, description.data


def n_cells(game: Game) -> int:
    """The cells of a game's board, or the entries of its states where it has none."""
    return game.board.n_cells if game.board else len(game.cell_levels())


def _in_words(task: Task, learner: Learner[Any], policies: list[Policy]) -> str:
    """The largest policy that a person would still read; the last where all are larger."""
    readable = [policy for policy in policies if policy.size <= READABLE_SIZE] or policies
    return f"With {count_units(readable[-1].size, learner.unit)}:\n{learner.explain(readable[-1], task)}"


def _with_properties(record: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {**dataclasses.asdict(record), **{name: getattr(record, name) for name in names}}


def _results(found: Results) -> dict[str, Any]:
    """Results as plain JSON; an outcome becomes a record of payoff, win, draw and loss."""
    plain = {"exploitability": found.exploitability, "loss_rate": found.loss_rate, "best_loss_rate": found.best_loss_rate}
    seats: dict[str, Any] = {}
    for seat in ("first", "second"):
        values = getattr(found, seat)
        seats[seat] = {
            field.name: value._asdict() if hasattr(value := getattr(values, field.name), "_asdict") else value
            for field in dataclasses.fields(values)
        }
    return {**plain, **seats, "error": found.error, "converged": found.converged}
