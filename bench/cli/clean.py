"""The verb `clean`: lists files that are no longer needed, and deletes them with --yes."""

from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.options import RUNS, Json, RunsFolder
from bench.terminal import emit_json, emit_table, working
from bench.wording import count

if TYPE_CHECKING:
    from bench.runs.clean import Garbage

COLUMNS = ("what", "why", "number", "size")
Older = Annotated[str, typer.Option(metavar="AGE", help="Only what was not written for so long, for example 12h, 30d or 8w.")]


def clean(
    older: Older = "0d",
    in_use: Annotated[bool, typer.Option("--in-use", help="Also solved games and kernels of the present sources.")] = False,
    records: Annotated[bool, typer.Option("--records", help="Also records that are damaged or out of date, with their policies.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Show every path, not only those of records.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete what is shown; nothing is deleted otherwise.")] = False,
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Show the files in the cache and the runs that are no longer needed, and delete them with --yes (docs/comparing-runs.md)."""
    from bench.runs.clean import delete, find_garbage, parse_age
    from games.keys.sources import cache_root

    age, cache = parse_age(older), cache_root()
    with working("looking"):
        found = find_garbage(cache, runs, age, in_use, records)
    if yes:
        for garbage in found:
            delete(garbage, cache, runs)
    freed = sum(garbage.bytes for garbage in found)
    if json:
        parts = [{**garbage._asdict(), "path": str(garbage.path)} for garbage in found]
        emit_json({"cache": str(cache), "runs": str(runs), "deleted": yes, "bytes": freed, "found": parts})
        return
    groups: dict[tuple[str, str], list[Garbage]] = {}
    for garbage in found:
        groups.setdefault((garbage.kind, garbage.why), []).append(garbage)
    if found:
        emit_table(
            "", COLUMNS, [[kind, why, len(parts), _size(sum(part.bytes for part in parts))] for (kind, why), parts in groups.items()]
        )
    for garbage in found:
        if listed or garbage.kind in ("record", "policy"):
            print(f"{garbage.path}  ({_size(garbage.bytes)}, {garbage.age / 86400:.1f} days old)")
    print(f"{count(len(found), 'item')}, {_size(freed)}: {'deleted' if yes else 'nothing was deleted; --yes deletes them'}")


def _size(n_bytes: float) -> str:
    for unit in ("B", "kB", "MB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} GB"
