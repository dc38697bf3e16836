"""Whether what an option names can be written, asked before the work whose result goes there."""

from pathlib import Path

from games.errors import UsageError
from games.truth import check_writable


def check_file(option: str, path: Path) -> None:
    """Raises UsageError, in the user's own words, unless a file can be written at a path. Nothing is left behind."""
    if path.is_dir():
        raise UsageError(f"{option} {path}: this is a folder; name a file")
    if not path.parent.is_dir():
        raise UsageError(f"{option} {path}: there is no folder {path.parent}; make it, or name another place")
    _try(option, path, path)


def check_folder(option: str, path: Path) -> None:
    """The same for files in a folder, which may have to be made, with those that it lies in."""
    there = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not there.is_dir():
        raise UsageError(f"{option} {path}: {there} is a file; name a folder")
    _try(option, path, there / "gaincurve")


def _try(option: str, path: Path, file: Path) -> None:
    try:
        check_writable(file)
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot write there: {error.strerror}") from None
