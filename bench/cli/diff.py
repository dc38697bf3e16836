"""The verb `diff`: which numbers changed between two runs."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import RUNS, Json, RunsFolder, complete_run
from bench.terminal import emit_json, emit_table, working
from bench.wording import count

if TYPE_CHECKING:
    from bench.runs.diff import Change, Difference

COLUMNS = ("curve", "measure", "verdict", "budgets", "most at", "before", "after", "change")
SHOWN = 10  # cells that one of the runs lacks


def diff(
    before: Annotated[str, typer.Argument(metavar="RUN1", help="A run by name or folder.", autocompletion=complete_run)],
    after: Annotated[str, typer.Argument(metavar="RUN2", help="The run to compare with it.", autocompletion=complete_run)],
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Status 1 if a number moved, or a cell is in one run only.")] = False,
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Show which numbers changed from one run to another by more than the seeds explain (docs/comparing-runs.md)."""
    from bench.harness.store import find_run
    from bench.runs.diff import MOVED, compare_runs

    folders = [find_run(name, runs) for name in (before, after)]
    with working("comparing"):
        found = compare_runs(*folders)
    if json:
        lists = {name: [one._asdict() for one in getattr(found, name)] for name in ("changes", "facts")}
        emit_json({**dataclasses.asdict(found), **lists})
    else:
        _print(found)
    if exit_code and (found.only_before or found.only_after or any(change.verdict == MOVED for change in found.changes)):
        raise typer.Exit(1)


def _print(found: "Difference") -> None:
    from bench.runs.diff import LEVEL, NOISE, VERDICTS

    print(f"before: {found.before}\nafter:  {found.after}")
    for name, (old, new) in found.made_with.items():
        print(f"made with another {name}: {', '.join(old) or 'none'} -> {', '.join(new) or 'none'}")
    for cell_id, fields in found.asked.items():
        print(f"not the same cell: {cell_id} has other {', '.join(fields)}")
    groups: dict[tuple[str, str, str], list[Change]] = {}
    for change in found.changes:
        if change.verdict != NOISE:
            groups.setdefault((change.curve, change.measure, change.verdict), []).append(change)
    if groups:
        emit_table("", COLUMNS, [_row(changes) for changes in groups.values()])
    for cell_id in found.same_key:
        print(f"other numbers under the same key: {cell_id}: no source, library or option has changed, so the machine or chance did")
    for fact in found.facts:
        values = " -> ".join(f"{value:,.6g}" if isinstance(value, float) else f"{value:,}" for value in (fact.before, fact.after))
        print(f"other {fact.name} in {count(fact.n_cells, 'cell')}, most in {fact.cell_id}: {values}")
    for cell_id, why in found.without.items():
        print(f"not compared: {cell_id}: {why}")
    for cell_ids, side in ((found.only_before, "before"), (found.only_after, "after")):
        for cell_id in cell_ids[:SHOWN]:
            print(f"only in the run {side}: {cell_id}")
        if len(cell_ids) > SHOWN:
            print(f"only in the run {side}: {len(cell_ids) - SHOWN:,} more; --json names them")
    verdicts = [change.verdict for change in found.changes]
    counts = [f"{verdicts.count(verdict)} {verdict}" for verdict in VERDICTS if verdict in verdicts]
    same = f"every number {'of the policies ' if found.facts else ''}is the same"
    print(f"{count(found.n_cells, 'cell')} compared: {'; '.join(counts) or same}")
    if found.n_tests and found.changes:
        by_chance = f"about {found.n_tests * LEVEL:.2g} of them would call chance a move"
        print(f"{count(found.n_tests, 'test')} over seeds, each at the level {LEVEL:g}: {by_chance}")


def _row(changes: Sequence["Change"]) -> list[object]:
    """How many budgets of a curve are concerned, and the one where most has changed."""
    most = max(changes, key=lambda change: abs(change.after - change.before))
    verdict = most.verdict + ("" if most.p is None else f", p {min(change.p or 0.0 for change in changes):.2g}")
    values = [int(value) if float(value).is_integer() else value for value in (most.before, most.after)]
    moved = values[1] - values[0]
    change = f"{moved:+,}" if isinstance(moved, int) else f"{moved:+,.4g}"
    shown = [
        value if bounds is None else f"{bounds[0]:.4f} to {bounds[1]:.4f}"
        for value, bounds in zip(values, (most.bounds_before, most.bounds_after), strict=True)
    ]
    return [most.curve, most.measure, verdict, len(changes), most.budget, *shown, change]
