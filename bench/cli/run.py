"""The verbs about whole suites: run, report."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.games import Json
from bench.terminal import count, count_units, emit_json, progress, working
from games.errors import WorkError

if TYPE_CHECKING:
    from bench.harness.store import Record

RUNS = Path("reports") / "runs"
RunsFolder = Annotated[Path, typer.Option("--runs", help="The folder that holds all runs.")]


def run(
    suite: Annotated[str, typer.Argument(help="A suite by name (quick), or a .toml file.")],
    jobs: Annotated[int | None, typer.Option(help="Processes; two where there are two cores unless given.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Measure again what has been measured.")] = False,
    only: Annotated[str, typer.Option(help="Only cells whose id matches this pattern, for example 'go-*/rulelist/*'.")] = "*",
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Measure every cell of a suite; what has been measured is kept, so an interrupted run goes on where it stopped."""
    from bench.harness.run import Watcher, run_suite
    from bench.harness.store import run_folder
    from bench.harness.suite import load_suite

    chosen = load_suite(suite)
    folder = run_folder(chosen.name, runs)
    with progress(total=0) as bars:
        bar = bars.add_task(chosen.name, total=None)

        def planned(n_todo: int, n_kept: int) -> None:
            bars.update(bar, total=n_todo)
            bars.console.print(
                f"{chosen.name}: {count(n_todo, 'cell')} to measure, {n_kept} kept, in {folder}", highlight=False, markup=False
            )

        def finished(record: "Record") -> None:
            bars.advance(bar)
            bars.console.print(_line(record), highlight=False, markup=False, soft_wrap=True)

        def warned(line: str) -> None:
            bars.console.print(f"warning: {line}", highlight=False, markup=False, soft_wrap=True)

        tally = run_suite(chosen, folder, Watcher(planned, finished, warned), jobs, force, only)
    if json:
        emit_json({"suite": chosen.name, "folder": str(folder), **dataclasses.asdict(tally)})
    else:
        print(f"{count(len(tally.measured), 'cell')} measured, {len(tally.kept)} kept, {len(tally.failed)} failed, in {folder}")
    if tally.failed:
        first = next(iter(tally.failed))
        raise WorkError(
            f"{count(len(tally.failed), 'cell')} failed, first {first}: {tally.failed[first]}; `gaincurve run {suite}` tries them again"
        )


def report(
    run: Annotated[str | None, typer.Argument(help="A run by name or folder; the one worked on last unless given.")] = None,
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Write report.html and the figures of a run into its folder."""
    from bench.harness.store import find_run
    from bench.report.page import write_report

    folder = find_run(run, runs)
    with working(f"drawing {folder.name}"):
        written, missing = write_report(folder)
    if json:
        emit_json({"folder": str(folder), "files": [str(path) for path in written], "missing": missing})
    else:
        holes = f"; {count(len(missing), 'cell')} missing or failed" if missing else ""
        print(f"wrote {written[0]} and {count(len(written) - 1, 'figure file')}{holes}")


def _line(record: "Record") -> str:
    seconds = record.seconds.get("total", 0.0)
    if record.error:
        return f"{record.cell_id}: failed after {seconds:.1f} s: {record.error}"
    last = record.points[-1]
    return f"{record.cell_id}: {count_units(last.size, record.unit)}, gain {last.gain:.4f}, {last.policy_bits:,} bits, {seconds:.1f} s"
