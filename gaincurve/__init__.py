"""How compressible good play is, measured on games that are solved exactly: the interface for Python (docs/python.md).

    >>> import gaincurve
    >>> gaincurve.solve("tictactoe")
    <tictactoe solved: 765 states, worth +0 to the first player>
    >>> five = gaincurve.fit("tictactoe", "rulelist", 5)
    >>> round(five.gain, 4), five.policy_bits
    (0.9833, 56)
    >>> round(gaincurve.optimality(lambda state: state.legal_actions[0], "tictactoe").error_rate, 3)
    0.405

`gaincurve.__main__` is the command line. Importing this package imports nothing heavy: what a function needs comes with its first use.
"""

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.api import Run, check, compare, fit, load, optimality, run, solve
    from bench.curves.compare import Comparison
    from bench.harness.fitted import FittedPolicy
    from bench.measures.optimality import Optimality
    from games.errors import UsageError, WorkError
    from games.solving.solved import Solved
    from policies.adapters.choose_move import State

__all__ = [
    "Comparison",
    "FittedPolicy",
    "Optimality",
    "Run",
    "Solved",
    "State",
    "UsageError",
    "WorkError",
    "check",
    "compare",
    "fit",
    "load",
    "optimality",
    "run",
    "solve",
]
PLACES = {  # of the names that bench.api does not define
    "Comparison": "bench.curves.compare",
    "FittedPolicy": "bench.harness.fitted",
    "Optimality": "bench.measures.optimality",
    "Solved": "games.solving.solved",
    "State": "policies.adapters.choose_move",
    "UsageError": "games.errors",
    "WorkError": "games.errors",
}
PACKAGES = ("games", "policies", "bench")  # names that a folder or a file of the user's may have, too


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(PLACES.get(name, "bench.api")), name)


def __dir__() -> list[str]:
    return __all__


def _other_file(package: str) -> str | None:
    """The file that Python has imported, or would import, in place of a package of this project; it is not run. None if there is none."""
    own = (Path(__file__).parents[1] / package / "__init__.py").resolve()
    if module := sys.modules.get(package):
        found = vars(module).get("__file__")  # a folder without __init__.py has none, and is in the way once it has been imported
        return None if found and Path(found).resolve() == own else str(found or module)
    spec = find_spec(package)
    return None if spec is None or spec.origin is None or Path(spec.origin).resolve() == own else spec.origin


def _is_command_line() -> bool:
    """Whether Python was started as `gaincurve` or as `python -m gaincurve`."""
    program = sys.argv[0] if sys.argv else ""
    return Path(program).stem == "gaincurve" or (program == "-m" and "gaincurve" in sys.orig_argv)


for _package in PACKAGES:
    if _other := _other_file(_package):
        _said = f"{_other} stands in the way of gaincurve's own package {_package!r}: rename it, or start Python in another folder"
        if _is_command_line():
            print(f"error: {_said}", file=sys.stderr)
            sys.exit(2)
        raise ImportError(_said, name=_package, path=_other)
    importlib.import_module(_package)  # so that nothing can be found in its place later
