"""`fit --cell`: the policies of a suite's cell once more, from the same seed and budgets, without a run."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.cli.fit import measures, print_held_out, print_measures
from bench.cli.run import RUNS
from bench.terminal import emit_json, emit_table, working
from games.errors import UsageError

if TYPE_CHECKING:
    from bench.harness.point import Point
    from bench.suites.grid import Cell


def fit_cell(cell_id: str, suite: str | None, runs: Path | None, budget: int | None, out: Path | None, json: bool) -> None:
    """Fit and measure the policies of a cell, or with `budget` one of them, and write the last, or that one, to `out`."""
    from bench.harness.policyfile import save_policy
    from bench.runs.lookup import find_cell
    from policies.registry import make_learner

    found = find_cell(cell_id, suite, RUNS if runs is None else runs)
    cell = found.cell
    with working(f"fitting {cell.id}"):
        began = time.perf_counter()
        points, content = _measured(cell) if budget is None else _at(cell, budget)
        seconds = time.perf_counter() - began
    if out is not None:
        save_policy(out, content)
    last = points[-1]
    answer: dict[str, Any] = {
        "cell": cell.id,
        "suite": found.source,
        "game": cell.game,
        "learner": cell.learner,
        "options": cell.options,
        "seed": cell.seed,
        "random_seed": cell.random_seed,
        "weights": cell.weights,
        "sample": cell.sample,
        "unit": make_learner(cell.learner, cell.options).unit,
        "budget": last.budget,
        **measures(last),
        "points": [{"budget": point.budget, **measures(point)} for point in points],
        "seconds": seconds,
        "file": None if out is None else str(out),
    }
    if json:
        emit_json(answer)
        return
    print(f"{cell.id} of {found.source}, whose random seed is {cell.random_seed}")
    if len(points) > 1:
        rows = [[p.budget, p.size, p.gain, p.policy_bits, p.exception_bits, p.operations] for p in points]
        emit_table("", ["budget", answer["unit"], "gain", "policy bits", "exception bits", "operations"], rows)
    print_measures(answer, cell.label, f"fitted and measured in {seconds:.2f} s")
    if last.held_out is not None:
        print_held_out(last.held_out)
    for other in found.others:
        print(f"{other} has another cell of this id: --suite {other} fits that one")


def _measured(cell: "Cell") -> "tuple[list[Point], bytes]":
    """All points of a cell, and the content of the file of its last policy."""
    from bench.harness.cell import measure_cell

    record, content = measure_cell(cell, key="")
    return record.points, content


def _at(cell: "Cell", budget: int) -> "tuple[list[Point], bytes]":
    """The point of a cell at one of its budgets, and the content of the file of its policy: those before it are fitted as well."""
    from bench.harness.cell import load_cell
    from bench.harness.measure import measure_policy
    from bench.harness.path import FittedPath
    from bench.harness.policyfile import pack

    task, learner, sample = load_cell(cell)
    seen = sample or task
    path = FittedPath(learner, seen, cell.budgets or learner.default_budgets(seen), cell.random_seed)
    if budget not in path.budgets:
        raise UsageError(f"{cell.id} is not fitted at budget {budget}; its budgets: {', '.join(map(str, path.budgets))}")
    began = time.perf_counter()
    reached = 0
    for reached, policy in path:
        if reached == budget:
            seconds = time.perf_counter() - began
            point, data = measure_policy(task, learner, policy, budget, seconds, with_results=True, sample=sample)
            return [point], pack(cell.game, cell.learner, cell.options, point.size, data)
    raise UsageError(f"the fit of {cell.id} ends at budget {reached}, before {budget}: give --budget {reached} or less")
