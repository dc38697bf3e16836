"""The benchmark. From Python: `bench.run` measures a suite, `bench.load` reads a run (docs/python.md); nothing else is imported before."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.api import FittedPolicy, Run, load, run

__all__ = ["FittedPolicy", "Run", "load", "run"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("bench.api"), name)
