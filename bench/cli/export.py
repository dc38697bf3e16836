"""The verb `export`: every measured policy of a run as one table."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import RUNS, Json, RunName, RunsFolder
from bench.cli.outputs import check_file
from bench.terminal import emit_json
from bench.wording import count, count_units


def export(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The table to write, .csv or .parquet.")],
    run: RunName = None,
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Write every measured policy of a run as a row of one table; cells that have none get a row with the reason."""
    from bench.harness.store import find_run
    from bench.runs.export import check_format, table, write_table

    check_format(out)
    check_file("--out", out)
    folder = find_run(run, runs)
    rows = table(folder)
    write_table(out, rows)
    statuses = Counter(str(row["status"]) for row in rows)
    n_points = statuses.pop("measured", 0)
    if json:
        emit_json({"folder": str(folder), "file": str(out), "rows": len(rows), "points": n_points, "without": dict(statuses)})
    else:
        holes = "".join(f", {count(n, f'{status} cell')}" for status, n in statuses.items())
        print(f"wrote {out}: {count_units(n_points, 'policies')}{holes}")
