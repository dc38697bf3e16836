"""Measuring one cell: from its names to its record, and the file of its last policy."""

from typing import Any

from bench.harness.measure import measure_curve
from bench.harness.policyfile import pack
from bench.harness.records import Record
from bench.harness.usage import start_meter
from bench.harness.versions import provenance
from bench.suites.grid import Cell
from bench.wording import count_units
from policies.api import Learner, Task
from policies.registry import make_learner
from policies.task import make_sample, make_task
from policies.weights import effective_positions


def load_cell(cell: Cell) -> tuple[Task, Learner[Any], Task | None]:
    """The task of a cell, its learner, and the part of the task that is fitted to, where that is not all of it."""
    task = make_task(cell.game, cell.weights)
    return task, make_learner(cell.learner, cell.options), None if cell.sample is None else make_sample(task, cell.sample, cell.seed)


def measure_cell(cell: Cell, key: str) -> tuple[Record, bytes]:
    """The record of a cell, and the content of a policy file with its last policy."""
    meter = start_meter()
    task, learner, sample = load_cell(cell)
    loaded = meter.wall_seconds
    curve = measure_curve(task, learner, cell.budgets, cell.results_at, sample, cell.random_seed)
    total = meter.wall_seconds
    record = Record(
        cell=cell,
        cell_id=cell.id,
        key=key,
        unit=learner.unit,
        n_positions=len(task.graph.positions),
        effective_positions=effective_positions(task.weights),
        n_states=task.graph.n_states,
        n_edges=task.graph.n_edges,
        uniform_regret=task.uniform_regret,
        uniform_missing_bits=curve.uniform_missing_bits,
        recipe_bits=curve.recipe_bits,
        budgets=curve.budgets,
        is_finished=curve.is_finished,
        points=curve.points,
        explanation=f"With {count_units(curve.readable_size, learner.unit)}:\n{curve.in_words}",
        seconds={
            "enumerate": task.graph.enumerate_seconds,
            "solve": task.solution.solve_seconds,
            "load": loaded,
            "fit": curve.fit_seconds,
            "measure": total - loaded - curve.fit_seconds,
            "total": total,
            "cpu": meter.cpu_seconds,
        },
        memory_mib=meter.peak_mib,
        provenance=provenance(),
    )
    return record, pack(cell.game, cell.learner, cell.options, curve.points[-1].size, curve.data)
