"""What the numbers were made with: versions of the numeric libraries, the machine, the commit."""

import functools
import importlib.metadata
import os
import platform
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LIBRARIES = ("numpy", "numba", "torch", "scipy", "constriction", "open_spiel", "scikit-learn", "gplearn", "wittgenstein", "matplotlib")


def versions(names: Iterable[str]) -> dict[str, str]:
    """The installed version of each distribution, without importing it; `absent` where there is none."""
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


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
