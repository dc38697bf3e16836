"""Checks that a file or folder that an option names can be written, made before the work whose result goes there."""

from pathlib import Path

from games.errors import UsageError


def check_file(option: str, path: Path) -> None:
    """Raises UsageError that names the option unless a file can be written at a path, in a folder that may not exist yet.

    Nothing is left behind.
    """
    if path.is_dir():
        raise UsageError(f"{option} {path}: this is a folder; name a file")
    _check(option, path, path.parent, path.name)


def check_folder(option: str, path: Path) -> None:
    """The same for files in a folder."""
    _check(option, path, path, "gaincurve")


def _check(option: str, path: Path, folder: Path, name: str) -> None:
    from games.solving.store import check_writable

    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise UsageError(f"{option} {path}: {there} is a file, not a folder; name another place")
    try:
        check_writable(there / name)
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot write there: {error.strerror}") from None
