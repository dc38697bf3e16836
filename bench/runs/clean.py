"""Finds and deletes files of the cache and the runs that are no longer needed; docs/comparing-runs.md lists what is never touched.

Only plain files and folders below the cache and the folder of runs are looked at; symbolic links are neither followed nor deleted.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.harness.keys import cell_key
from bench.harness.lock import is_held
from bench.harness.records import Record
from bench.harness.store import cell_status, policy_path, read_suite, record_path
from bench.harness.untrusted_ids import check_named
from bench.suites.grid import Cell, cells
from bench.wording import without_numbers
from games.errors import GaincurveError, UsageError, WorkError
from games.keys.modules import PACKAGES
from games.keys.sources import code_hash, source_hash
from games.registry import make_game
from games.solving.store import truth_path
from policies.selfplay.checkpoint import STATE, kept_in

GRACE = 3600.0  # seconds for which a file that is being written is left alone
UNITS = {"h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}


class Garbage(NamedTuple):
    """A file or folder that can go."""

    path: Path
    kind: str  # one of `solved game`, `kept table`, `kernels`, `proved values`, `unfinished work`, `leftover`, `record`, `policy`
    why: str
    bytes: int
    age: float  # seconds since anything in it was written


def find_garbage(cache: Path, runs: Path, older: float = 0.0, in_use: bool = False, records: bool = False) -> list[Garbage]:
    """The files of the cache and of the runs that can be deleted and have not been written for `older` seconds.

    Always: what other sources made, and what a killed process left behind. With `in_use` also what of the cache the present sources
    use, which costs the time to make it again; with `records` also records, with their policies, that are damaged or that
    `gaincurve run` would measure anew.
    """
    cache, runs = cache.resolve(), runs.resolve()
    found = [*_solved_games(cache / "truth", in_use), *_by_source(cache, in_use), *_runs_of_self_play(cache / "selfplay", in_use)]
    found += _leftovers(cache, "truth", "tables", "proofs", "unfinished/*", "selfplay/*")
    for folder in _folders(runs):
        if folder.name.endswith(".partial"):
            found += _if_left(folder)
            continue
        if not (folder / "suite.json").is_file() or is_held(folder) or is_committed(folder):
            continue
        found += _leftovers(folder, ".", "records", "policies")
        if records:
            found += _stale_records(folder)
    return [garbage for garbage in found if garbage.age >= older]


def delete(garbage: Garbage, *roots: Path) -> None:
    """Delete a file or folder. Raises WorkError unless it lies below one of the roots, without a symbolic link on the way."""
    path = garbage.path
    if path.is_symlink() or path.resolve() != path or not any(root.resolve() in path.parents for root in roots):
        raise WorkError(f"{path} is outside the cache and the runs, or behind a link: it is left alone")
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def parse_age(text: str) -> float:
    """Seconds of an age such as 12h, 30d or 8w; raises UsageError for any other text."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([hdw])", text)
    if not found:
        raise UsageError(f"--older {text!r}: give a number with h, d or w for hours, days or weeks, for example 30d")
    return float(found[1]) * UNITS[found[2]]


def is_committed(folder: Path) -> bool:
    """Whether git keeps anything of a folder; assumed in a checkout that git cannot be asked about."""
    try:
        done = subprocess.run(["git", "-C", str(folder), "ls-files", "--", "."], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return any((parent / ".git").exists() for parent in (folder, *folder.parents))
    return bool(done.stdout)


def _solved_games(folder: Path, in_use: bool) -> Iterator[Garbage]:
    for path in _files(folder):
        if path.suffix == ".bin":
            current = _is_current_truth(path)
            if current is False or (current and in_use):
                yield _garbage(path, "solved game", "in use" if current else "other sources made it")


def _is_current_truth(path: Path) -> bool | None:
    """Whether the present sources would read a solved game; None where its game is not known here."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, GaincurveError), path.open("rb") as file:
        return truth_path(make_game(json.loads(file.readline())["game"])).name == path.name
    return None


def _runs_of_self_play(folder: Path, in_use: bool) -> Iterator[Garbage]:
    """Runs of self-play that were stopped."""
    for run in _folders(folder):
        current = _is_current_run(run)
        if current is False:
            yield _garbage(run, "unfinished work", "other sources made it")
        elif current and in_use:
            yield _garbage(run, "unfinished work", "the next run would go on from it")


def _is_current_run(folder: Path) -> bool | None:
    """Whether the present sources would go on from a run of self-play; None where its game is not known here, or its state is damaged."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, GaincurveError), (folder / STATE).open("rb") as file:
        settings = json.loads(file.readline())["settings"]
        return kept_in(make_game(settings["game"]), settings).name == folder.name
    return None


def _by_source(cache: Path, in_use: bool) -> Iterator[Garbage]:
    """Kernels, kept tables, unfinished work and proved values, each in a folder or file that is named by the hash of its sources."""
    modules = _modules()
    names, hashes = {module.rpartition(".")[2] for module in modules}, {source_hash(module) for module in modules}
    computed = {code_hash(module) for module in modules}
    for folder in _folders(cache / "kernels"):
        compiled = {path.name.partition(".")[0] for path in folder.rglob("*.nb?")}
        if folder.name not in hashes and compiled <= names:  # a game from elsewhere has modules of other names
            yield _garbage(folder, "kernels", "other sources made them")
        elif in_use and folder.name in hashes:
            yield _garbage(folder, "kernels", "in use")
    for path in _files(cache / "tables"):
        if path.suffix == ".bin" and path.stem.rpartition("-")[2] not in computed:
            yield _garbage(path, "kept table", "other sources made it")
        elif path.suffix == ".bin" and in_use:
            yield _garbage(path, "kept table", "in use")
    for folder in _folders(cache / "unfinished"):
        if folder.name.rpartition("-")[2] not in computed:
            yield _garbage(folder, "unfinished work", "other sources made it")
        elif in_use:
            yield _garbage(folder, "unfinished work", "the next run would go on from it")
    for path in _files(cache / "proofs"):
        if path.suffix == ".blocks" and path.stem.rpartition("-")[2] not in hashes:
            yield _garbage(path, "proved values", "other sources made them")
        elif path.suffix == ".blocks" and in_use:
            yield _garbage(path, "proved values", "in use")


def _modules() -> list[str]:
    """Every module of this project."""
    root = Path(__file__).parents[2]
    paths = [path.relative_to(root).with_suffix("") for package in PACKAGES for path in (root / package).rglob("*.py")]
    return [".".join(path.parts).removesuffix(".__init__") for path in paths]


def _leftovers(folder: Path, *patterns: str) -> Iterator[Garbage]:
    """The files in these places that a killed process was writing."""
    for pattern in patterns:
        for place in [folder] if pattern == "." else sorted(folder.glob(pattern)):
            for path in _files(place):
                yield from _if_left(path)


def _if_left(path: Path) -> Iterator[Garbage]:
    """A file or folder that is being written, unless its writer lives here, or may live on another machine."""
    owner = re.search(r"\.(\d+)(?:-\d+)?\.partial$", path.name)
    if owner and not _is_alive(int(owner[1])):
        garbage = _garbage(path, "leftover", "its writer was killed")
        if garbage.age > GRACE:
            yield garbage


def _stale_records(folder: Path) -> Iterator[Garbage]:
    """Records that a run of the suite would measure anew, each with its policy."""
    with contextlib.suppress(GaincurveError):
        for cell in cells(read_suite(folder)):
            path = record_path(folder, cell.id)
            if not path.is_file() or path.is_symlink() or path.parent.is_symlink():
                continue
            found = cell_status(folder, cell.id)
            state, reason = ("damaged", "") if found.state == "damaged" else ("", "")
            if found.measured and _is_out_of_date(found.measured, cell, path):
                state, reason = "out of date", "other sources, libraries or options"
            if state:
                yield _garbage(path, "record", without_numbers(state, reason) if reason else state)
                policy = policy_path(folder, cell.id)
                if policy.is_file() and not policy.is_symlink() and not policy.parent.is_symlink():
                    yield _garbage(policy, "policy", f"its record is {state}")


def _is_out_of_date(record: Record, cell: Cell, path: Path) -> bool:
    """Whether a run would measure a cell anew; False where that cannot be said here, since its game or learner is not installed."""
    try:
        check_named(cell.game, path)
        return record.key != cell_key(cell)
    except GaincurveError:
        return False


def _garbage(path: Path, kind: str, why: str) -> Garbage:
    files = [path] if path.is_file() else [found for found in path.rglob("*") if found.is_file() and not found.is_symlink()]
    sizes = [found.stat() for found in files] or [path.stat()]
    size = sum(found.st_size for found in sizes) if files else 0
    return Garbage(path, kind, why, size, time.time() - max(found.st_mtime for found in sizes))


def _listed(folder: Path, wanted: Callable[[Path], bool]) -> list[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.is_symlink() and wanted(path))


def _files(folder: Path) -> list[Path]:
    return _listed(folder, Path.is_file)


def _folders(folder: Path) -> list[Path]:
    return _listed(folder, Path.is_dir)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
