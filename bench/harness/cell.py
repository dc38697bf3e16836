"""Measuring one cell: from its names to its record, and the file of its last policy."""

from functools import partial
from typing import Any, NamedTuple

from bench.harness.measure import measure_curve
from bench.harness.policyfile import pack
from bench.harness.proved import from_truth_set
from bench.harness.records import Record
from bench.harness.splits import fit_split, null_budgets, with_splits
from bench.harness.tasks import proved_of_game, task_of_game
from bench.harness.usage import start_meter
from bench.harness.versions import provenance
from bench.measures.split_curve import SplitCurve
from bench.suites.grid import Cell
from bench.wording import count_units
from policies.api import Learner, Task
from policies.position_weights import effective_positions
from policies.proved_task import ProvedTask
from policies.registry import make_learner
from policies.task import fitted_part, shuffled_task


class LoadedCell(NamedTuple):
    """A cell's task, its learner, and the splits of the task that it asks for."""

    task: Task
    learner: Learner[Any]
    part: Task | None  # that the curve is fitted to, where that is not all of the task
    draws: tuple[int, ...]  # seeds of the splits that are fitted beside the curve
    proved: ProvedTask | None  # the truth set that the task is of, if it is

    @property
    def seen(self) -> Task:
        """What the curve is fitted to."""
        return self.part or self.task


def task_of(cell: Cell) -> Task:
    """The task over all positions of a cell's game, or that over the sample that the cell asks for."""
    return task_of_game(cell.game, cell.weights, cell.positions, cell.seed, cell.held_out, cell.splits)


def load_cell(cell: Cell) -> LoadedCell:
    """The task of a cell, its learner, and the splits of the task that it asks for."""
    task, learner = task_of(cell), make_learner(cell.learner, cell.options)
    proved = proved_of_game(cell.game, cell.weights, cell.positions, cell.held_out, cell.splits)
    if cell.held_out is None:
        return LoadedCell(task, learner, None, (), proved)
    if cell.is_part:
        return LoadedCell(task, learner, fitted_part(task, cell.held_out, cell.split, cell.seed), (), proved)
    return LoadedCell(task, learner, None, tuple(cell.seed + (i << 32) for i in range(cell.splits)), proved)


def measure_cell(cell: Cell, key: str) -> tuple[Record, bytes]:
    """The record of a cell, and the content of a policy file with its last policy."""
    meter = start_meter()
    loaded_cell = load_cell(cell)
    task, learner = loaded_cell.task, loaded_cell.learner
    loaded = meter.wall_seconds
    curve = measure_curve(task, learner, cell.budgets, cell.results_at, loaded_cell.part, cell.random_seed, cell.split, cell.seed)
    splits, points, nulls = curve.splits, curve.points, list[SplitCurve]()
    if cell.held_out is not None and not cell.is_part:
        drawn = partial(fit_split, learner=learner, random_seed=cell.random_seed, held_out=cell.held_out, split=cell.split)
        splits = [drawn(task, budgets=curve.budgets, seed=seed) for seed in loaded_cell.draws]
        points = with_splits(points, splits)
        budgets = null_budgets(curve.budgets)
        nulls = [drawn(shuffled_task(task, seed), budgets=budgets, seed=seed) for seed in loaded_cell.draws[: cell.nulls]]
    proved = loaded_cell.proved
    truth_set = None if proved is None else from_truth_set(proved, learner, loaded_cell.part, curve.points, cell.random_seed)
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
        points=points,
        splits=splits,
        nulls=nulls,
        truth_set=truth_set,
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
