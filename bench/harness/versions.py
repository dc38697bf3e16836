"""The provenance of numbers: versions of the numeric libraries, the machine, the commit."""

import contextlib
import functools
import os
import platform
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from games.errors import GaincurveError, WorkError
from games.keys.modules import versions

NEEDED_BY = {  # modules of the libraries that constraints-light.txt leaves out: what installs each, and who needs it
    "torch": ("torch", "networks"),
    "open_spiel": ("open_spiel", "games and bots of OpenSpiel"),
    "pyspiel": ("open_spiel", "games and bots of OpenSpiel"),
}
LIBRARIES = ("numpy", "numba", "torch", "scipy", "constriction", "open_spiel", "scikit-learn", "gplearn", "wittgenstein", "matplotlib")


def provenance() -> dict[str, Any]:
    """Where, when and with what a record was made."""
    return {**_of_process(), "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


@functools.cache
def _of_process() -> dict[str, Any]:
    """What stays as long as the process does, whose modules are loaded."""
    return {
        "gaincurve": versions(["gaincurve"])["gaincurve"],
        "commit": _commit(),
        "python": platform.python_version(),
        "libraries": versions(LIBRARIES),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 1,
    }


def _commit() -> str:
    """The commit of the checkout that this code runs from, `-dirty` where tracked files differ; empty outside a checkout."""
    command = ["git", "-C", str(Path(__file__).resolve().parent), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


@contextlib.contextmanager
def naming_missing_libraries() -> Iterator[None]:
    """Raise WorkError that says what to install where the block fails because a library of NEEDED_BY is absent."""
    try:
        yield
    except (ModuleNotFoundError, GaincurveError) as error:
        if said := missing_library(error):
            raise WorkError(said) from error
        raise


def missing_library(error: BaseException | None) -> str:
    """What to install, in a line, if an import failed because a library of NEEDED_BY is absent; empty for every other error."""
    if isinstance(error, ModuleNotFoundError) and error.name in NEEDED_BY:
        library, who = NEEDED_BY[error.name]
        return f"{who} need {library}, which is not installed: pip install -c constraints.txt {library}"
    return missing_library(error.__cause__) if error is not None else ""
