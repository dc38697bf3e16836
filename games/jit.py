"""The project's one door to Numba: `njit` with an on-disk cache that an edited helper cannot leave stale.

Numba's own cache key is the file that holds the function; an edit to a jitted helper in another file goes unnoticed
(numba issue 1833). Here each module's kernels are cached in a folder named by `source_hash` of that module, which covers
what it imports. Kernels must be module-level functions that close over nothing and take no functions as arguments: others
never hit the cache.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

from games.sources import cache_root, source_hash

P = ParamSpec("P")
R = TypeVar("R")


def njit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a module-level function with Numba, cached on disk under the hash of its sources; it runs without holding Python's lock."""
    folder = cache_root() / "kernels" / source_hash(function.__module__)
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)
    try:
        compiled: Callable[P, R] = numba.njit(cache=True, nogil=True)(function)
    finally:
        numba.config.CACHE_DIR = before
    return compiled
