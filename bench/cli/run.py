"""The verbs about whole suites: run, status, report."""

import dataclasses
import shlex
import sys
import time
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import RUNS, Json, RunName, RunsFolder, SuiteName
from bench.terminal import emit_json, emit_table, progress
from bench.wording import count, count_units, duration
from games.errors import UsageError, WorkError, nearest

if TYPE_CHECKING:
    from bench.harness.plan import PlannedCell
    from bench.harness.records import Record
    from bench.harness.run import Tally
    from bench.suites.grid import Suite


def run(
    suite: SuiteName,
    jobs: Annotated[int | None, typer.Option(help="Processes; two where there are two cores unless given.")] = None,
    executor: Annotated[str, typer.Option(help="processes, or serial: one cell after the other, in the order of the suite.")] = "processes",
    scheduler: Annotated[
        str | None, typer.Option(help="Run on a Dask cluster: the address of its scheduler, or local for one on this machine.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Measure again what has been measured.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Measure again what failed.")] = False,
    only: Annotated[str, typer.Option(help="Only cells whose id matches this pattern, for example 'go-*/rulelist/*'.")] = "*",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what is left to measure and its expected time, and measure nothing.")
    ] = False,
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Measure every cell of a suite; what this run or another has measured is kept, so an interrupted run goes on where it stopped."""
    from bench.cli.watching import Board
    from bench.harness.plan import plan
    from bench.harness.run import Watcher, is_due, run_suite
    from bench.harness.store import run_folder
    from bench.runs.lookup import suite_named

    chosen = suite_named(suite, runs)
    folder = run_folder(chosen.name, runs)
    if dry_run:
        _say_plan(chosen, plan(chosen, folder, only, runs), lambda one: is_due(one, force, retry_failed), json)
        return
    board = Board(chosen.name)

    def planned(n_todo: int, n_kept: int) -> None:
        board.say(f"{chosen.name}: {count(n_todo, 'cell')} to measure, {n_kept} kept, in {folder}")

    watcher = Watcher(planned, lambda record: board.say(_line(record)), lambda line: board.say(f"warning: {line}"), board.follow)
    with board.shown():
        tally = run_suite(chosen, folder, watcher, jobs, force, only, retry_failed, executor, scheduler)
    if json:
        emit_json({"suite": chosen.name, "folder": str(folder), **dataclasses.asdict(tally)})
    else:
        taken = f" ({len(tally.taken)} from {' and '.join(sorted(set(tally.taken.values())))})" if tally.taken else ""
        print(f"{count(len(tally.measured), 'cell')} measured, {len(tally.kept)} kept{taken}, {len(tally.failed)} failed, in {folder}")
    _raise_for(tally, shlex.quote(suite) + ("" if runs == RUNS else f" --runs {shlex.quote(str(runs))}"))


def _say_plan(suite: "Suite", planned: "list[PlannedCell]", is_due: Callable[["PlannedCell"], bool], json: bool) -> None:
    todo = [one for one in planned if is_due(one)]
    seconds = sum(one.seconds or 0.0 for one in todo)
    n_unknown = sum(one.seconds is None for one in todo)
    if json:
        listed = [
            {"cell": one.cell.id, "state": one.state, "seconds": one.seconds, "memory_mib": one.memory_mib, "why": one.why}
            for one in planned
        ]
        emit_json({"suite": suite.name, "n_todo": len(todo), "seconds": seconds, "cells": listed})
        return
    rows = [
        (one.cell.id, one.state, "-" if one.seconds is None else duration(one.seconds), one.memory_mib and round(one.memory_mib), one.why)
        for one in planned
    ]
    emit_table("", ["cell", "state", "time", "MiB", "why"], rows)
    unknown = f", and {count(n_unknown, 'cell')} of unknown length" if n_unknown else ""
    print(f"{count(len(todo), 'cell')} of {len(planned):,} to measure: about {duration(seconds)} of one process{unknown}")


def _raise_for(tally: "Tally", again: str) -> None:
    """Exit as befits a run that did not measure everything, saying what to do: `again` is what follows `gaincurve run`."""
    if tally.left:
        print(f"stopped with {count(len(tally.left), 'cell')} left, first {tally.left[0]}", file=sys.stderr)
        raise typer.Exit(130)
    said = []
    for cells, what, how in (
        (tally.failed, "failed", "tries again what failed"),
        (tally.failed_before, "failed in an earlier run", "tries again what failed"),
        (tally.lost, "could not be measured", "measures what is missing"),
    ):
        if cells:
            first = next(iter(cells))
            flag = "" if cells is tally.lost else " --retry-failed"
            said.append(f"{count(len(cells), 'cell')} {what}, first {first}: {cells[first]}; `gaincurve run {again}{flag}` {how}")
    if said:
        raise WorkError("; ".join(said))


def status(
    run: RunName = None,
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Show how far a run is, also while it works, from its folder alone."""
    import msgspec

    from bench.cli.watching import in_words
    from bench.harness.progress import read_status
    from bench.harness.store import find_run

    found = read_status(find_run(run, runs))
    if json:
        emit_json(msgspec.to_builtins(found))
        return
    by = f" by {found.by}" if found.state == "running" else ""
    missing = f", {len(found.missing)} to measure" if found.missing else ""
    measured = f"{found.n_measured:,} of {count(found.n_cells, 'cell')} measured"
    print(f"{found.suite}: {found.state}{by}; {measured}, {len(found.failed)} failed{missing}")
    if found.progress:
        print(in_words(found.progress))
        now = time.time()
        emit_table("", ["worker", "at", "for"], [(one.worker, one.cell_id, duration(now - one.began)) for one in found.progress.running])
    for cell_id, error in found.failed.items():
        print(f"failed: {cell_id}: {error}")
    for line in found.damaged:
        print(f"damaged: {line}")


def report(
    run: RunName = None,
    figures: Annotated[
        str, typer.Option(help="Formats of the figures of the page as files beside it, of png, svg and pdf; none for no files.")
    ] = "png,svg,pdf",
    game: Annotated[
        list[str] | None, typer.Option("--game", help="A game of your own in this run, module:GAME, whose rules may be run for its page.")
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Write report.html, a page a game to play with, and tables and figures as files, into the folder of a run."""
    from bench.harness.store import find_run
    from bench.report.blocks import FORMATS
    from bench.report.page import write_report

    formats = [] if figures == "none" else figures.split(",")
    for name in formats:
        if name not in FORMATS:
            raise UsageError(f"--figures {figures}: {nearest(name, list(FORMATS))}; or none")

    folder = find_run(run, runs)
    with progress() as bars:
        task = bars.add_task(f"drawing {folder.name}", total=None)
        written, missing = write_report(
            folder, formats, own_games=game or (), say=lambda each: bars.update(task, description=f"writing the page of {each}")
        )
    if open_page and not webbrowser.open(written[0].resolve().as_uri()):
        print(f"no browser was found: open {written[0]} yourself", file=sys.stderr)
    if json:
        emit_json({"folder": str(folder), "files": [str(path) for path in written], "missing": missing})
    else:
        holes = f"; {count(len(missing), 'cell')} not in it" if missing else ""
        print(f"wrote {written[0]} and {count(len(written) - 1, 'file')} of its tables and figures{holes}")


def _line(record: "Record") -> str:
    seconds = record.seconds.get("total", 0.0)
    if record.error:
        return f"{record.cell_id}: failed after {seconds:.1f} s: {record.error}"
    last = record.points[-1]
    return f"{record.cell_id}: {count_units(last.size, record.unit)}, gain {last.gain:.4f}, {last.policy_bits:,} bits, {seconds:.1f} s"
