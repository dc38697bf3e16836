"""The verb `merge`: one run from the folders of several machines."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import RUNS, Json, RunsFolder
from bench.cli.outputs import check_folder
from bench.terminal import emit_json, working
from bench.wording import count


def merge(
    folders: Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs of one suite, by name or folder.")],
    out: Annotated[str, typer.Option(metavar="RUN", help="The run to make: a name among the runs, or a folder.")],
    prefer: Annotated[str | None, typer.Option(metavar="RUN", help="Which of them to believe where they differ.")] = None,
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Put the records of several runs of one suite into one; what differs is refused, not chosen (docs/comparing-runs.md)."""
    from bench.harness.store import find_run
    from bench.runs.merge import merge_runs
    from games.errors import UsageError

    found = list(dict.fromkeys(find_run(name, runs) for name in folders))
    liked = None if prefer is None else find_run(prefer, runs)
    if liked is not None and liked not in found:
        raise UsageError(f"--prefer {prefer} is none of the runs to merge: name it among them")
    target = Path(out) if Path(out).name != out else runs / out
    check_folder("--out", target)
    with working("merging"):
        result = merge_runs(found, target, liked)
    for line in result.warnings:
        print(f"warning: {line}", file=sys.stderr)
    if json:
        emit_json({"folder": str(target), **dataclasses.asdict(result)})
        return
    for cell_id, folder in result.preferred.items():
        print(f"{cell_id}: the runs differ; taken from {folder}")
    holes = [f"{len(part)} {name}" for name, part in (("failed", result.failed), ("missing", result.missing)) if part]
    if result.without_policy:
        holes.append(f"{len(result.without_policy)} without the file of a policy, which `gaincurve run` measures again")
    print(f"{count(len(result.merged), 'cell')} of {count(len(found), 'run')} in {target}{''.join(', ' + hole for hole in holes)}")
