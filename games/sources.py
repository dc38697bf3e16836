"""Where computed truth is kept, and the hash of the source code that it follows from.

Everything cached (compiled kernels, solved games) is filed under a hash of the module that computes it and of every
module of this project which that one imports, so that an edit anywhere upstream makes a new key and never a stale hit.
"""

import ast
import dataclasses
import functools
import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from games.errors import WorkError

PACKAGES = ("games", "policies", "bench")


def cache_root() -> Path:
    """The folder for everything that can be recomputed: `$GAINCURVE_CACHE`, else `gaincurve` in the user's cache folder.

    Raises WorkError when it cannot be created.
    """
    chosen = os.environ.get("GAINCURVE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    root = Path(chosen) if chosen else Path(base).expanduser() / "gaincurve"
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkError(f"cannot create the cache folder {root} ({error.strerror}): set GAINCURVE_CACHE to a writable folder") from None
    return root


def source_hash(*module_names: str) -> str:
    """16 hex digits that change when the source of these modules, or of any project module they import, changes."""
    digest = hashlib.sha256()
    for name in _closure(module_names):
        digest.update(name.encode() + b"\0" + _source(name) + b"\0")
    return digest.hexdigest()[:16]


def module_sources(*module_names: str) -> dict[str, str]:
    """The text of these modules, and of every project module they import, by name."""
    return {name: _source(name).decode() for name in _closure(module_names)}


def rule_modules(game: Any) -> tuple[str, ...]:
    """The modules that the rules of a game stand in: its own, and those of the games that it is built on (its fields)."""
    parts = [getattr(game, field.name) for field in dataclasses.fields(game)] if dataclasses.is_dataclass(game) else []
    return (type(game).__module__, *(module for part in parts if hasattr(part, "expand") for module in rule_modules(part)))


def _closure(module_names: tuple[str, ...]) -> list[str]:
    closure: set[str] = set()
    pending = list(module_names)
    while pending:
        name = pending.pop()
        if name not in closure:
            closure.add(name)
            pending.extend(_project_imports(name))
    return sorted(closure)


@functools.cache
def _source(module_name: str) -> bytes:
    path = _path(module_name)
    return path.read_bytes() if path else b""


@functools.cache
def _path(module_name: str) -> Path | None:
    """The file of a module of the project (found without importing it) or of one that is already imported."""
    if module_name.split(".", maxsplit=1)[0] in PACKAGES:
        place = Path(__file__).parents[1].joinpath(*module_name.split("."))
        found = [path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()]
        return found[0] if found else None
    file = getattr(sys.modules.get(module_name), "__file__", None)
    return Path(file) if file else None


@functools.cache
def _project_imports(module_name: str) -> tuple[str, ...]:
    """The modules of the project, of its own package or beside it that a module imports anywhere in its text, also inside functions."""
    packages = {*PACKAGES, module_name.split(".", maxsplit=1)[0]}
    candidates: set[str] = set()
    for node in ast.walk(ast.parse(_source(module_name))):
        if isinstance(node, ast.Import):
            candidates.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            candidates.add(node.module)
            candidates.update(f"{node.module}.{alias.name}" for alias in node.names)
    own = _path(module_name)
    return tuple(
        sorted(
            name
            for name in candidates
            if (path := _path(name)) and (name.split(".")[0] in packages or (own is not None and path.parent == own.parent))
        )
    )
