"""`njit` for all kernels of the project, with an on-disk cache that an edited helper cannot leave stale.

Numba's own cache key is the file that holds the function; an edit to a jitted helper in another file goes unnoticed
(numba issue 1833). Here each module's kernels are cached in a folder named by `source_hash` of that module, which covers
what it imports; outside this project also by the values that Numba freezes into them. Kernels must be module-level functions
that close over nothing and take no functions as arguments: others never hit the cache.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any, ParamSpec, TypeVar

import numba

from games.keys.content import frozen_values
from games.keys.modules import PACKAGES
from games.keys.sources import cache_root, source_hash

P = ParamSpec("P")
R = TypeVar("R")


def njit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a module-level function with Numba, cached on disk under the hash of its sources; it runs without holding Python's lock."""
    folder = cache_root() / "kernels" / _key(function)
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)
    try:
        compiled: Callable[P, R] = numba.njit(cache=True, nogil=True)(function)
    finally:
        numba.config.CACHE_DIR = before
    return compiled


def _key(function: Callable[..., Any]) -> str:
    key = source_hash(function.__module__)
    if function.__module__.partition(".")[0] in PACKAGES or not isinstance(function, FunctionType):
        return key  # what the modules of this project hold follows from their sources
    return f"{key}-{frozen_values(function)[:16]}"
