"""Where computed truth is kept, and the hash of the source code that it follows from.

Everything cached (compiled kernels, solved games) is filed under a hash of the module that computes it and of every module that this
one imports, as far as they are of this project or of the user's own making, so that an edit anywhere upstream makes a new key and
never a stale hit. games/keys/modules.py finds them. What took long to compute is filed by `code_hash`, so that a better sentence in a
docstring does not throw it away.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from games.errors import WorkError
from games.keys.modules import Module, closure, libraries

COMPUTING = frozenset({"numpy", "numba"})  # they decide no rule; compiled code has numba's own check


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
    """16 hex digits that change when a module, one that it imports, or the version of a library that they import changes."""
    return _hash(closure(module_names), lambda module: module.digest)


def code_hash(*module_names: str) -> str:
    """The same for what is computed: a docstring or a line of comment in a module of this project changes nothing."""
    return _hash(closure(module_names), lambda module: module.code_digest)


def _hash(found: dict[str, Module], digest_of: Callable[[Module], bytes]) -> str:
    digest = hashlib.sha256()
    for name, module in found.items():
        digest.update(name.encode() + b"\0" + digest_of(module))
    for library, version in libraries(found.values()).items():
        if library not in COMPUTING:
            digest.update(f"{library} {version}\0".encode())
    return digest.hexdigest()[:16]


def module_sources(*module_names: str) -> dict[str, str]:
    """The text of these modules, and of all that they import, by name."""
    return {name: module.source.decode(errors="replace") for name, module in closure(module_names).items()}
