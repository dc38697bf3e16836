"""A hash of a value's content: the same in every process, and never of an address in memory."""

import contextlib
import copyreg
import functools
import hashlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from games.contract import ReadsFiles, RestsOn
from games.errors import WorkError
from games.keys.modules import PACKAGES, distribution_of, find, is_installed, versions

PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...), range)
WRAPPERS = ("builtins", "functools", "numba")  # libraries whose wrappers of a function do what the function does
APART = ("data_files", "built_on")
SHARED = (dict, list, set)  # on a class these are what is remembered between calls, or stand in its source


class Content:
    """A digest that values are added to, and the modules in which their classes and functions stand."""

    def __init__(self) -> None:
        self.modules: dict[str, None] = {}
        self.files: dict[Path, bytes] = {}  # the data files of what was added
        self._digest = hashlib.sha256()
        self._open: dict[int, int] = {}  # the values that are being added, each with its depth
        self._added: dict[int, tuple[int, Any]] = {}  # the objects that were added, numbered
        self._classes: set[type] = set()
        self._names: list[str] = []

    def hexdigest(self) -> str:
        return self._digest.hexdigest()

    def add(self, value: Any) -> None:
        """Add a value and all that it holds. Raises WorkError, in one line, for one that has no content, such as a lock."""
        if id(value) in self._open:
            self._put("again", str(self._open[id(value)]))
            return
        self._open[id(value)] = len(self._open)
        kind = type(value)
        if kind in PLAIN:
            self._put(kind.__name__, repr(value))
        elif kind in (tuple, list):
            self._put(kind.__name__, str(len(value)))
            self._add_all(value)
        elif kind in (set, frozenset):
            self._put(kind.__name__, *sorted(self._apart(part) for part in value))
        elif kind in (dict, types.MappingProxyType):
            self._put("dict", str(len(value)))
            self._add_named(value)
        elif kind in (np.ndarray, np.memmap):
            self._add_array(value)
        elif isinstance(value, Path):
            self._put("path", value.name if value in self.files else str(value))  # where a data file lies decides nothing
        elif isinstance(value, type):
            self._add_place("class", value.__module__, value.__qualname__)
        elif kind is types.ModuleType:
            self._add_place("module", value.__name__, "")
        elif kind is types.FunctionType:
            self._add_function(value)
        elif kind is types.CodeType:
            self._put("code", value.co_code.hex(), *value.co_names)
            self._add_all(value.co_consts)
        elif kind is types.BuiltinFunctionType and (value.__self__ is None or isinstance(value.__self__, types.ModuleType)):
            self._put("built in", f"{value.__module__}.{value.__qualname__}")
        elif kind is not types.MethodType and kind.__module__.partition(".")[0] in WRAPPERS and hasattr(value, "__wrapped__"):
            self.add(value.__wrapped__)
        elif id(value) in self._added:
            self._put("again", f"object {self._added[id(value)][0]}")
        else:
            self._added[id(value)] = len(self._added), value
            self._add_object(value)
        del self._open[id(value)]

    def _add_array(self, value: npt.NDArray[Any]) -> None:
        self._put("array", str(value.dtype), str(value.shape))
        if value.dtype.hasobject:
            self.add(value.tolist())
        else:
            self._digest.update(np.ascontiguousarray(value).tobytes())

    def _add_function(self, function: types.FunctionType) -> None:
        self._add_place("function", function.__module__, function.__qualname__)
        if not _is_installed(function.__module__):
            self.add(function.__code__)  # of two lambdas in a module the names are the same
        self.add(function.__defaults__)
        self.add(function.__kwdefaults__)
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            with contextlib.suppress(ValueError), self._at(name):  # of a name that is not set yet
                self.add(cell.cell_contents)

    def _add_object(self, value: Any) -> None:
        """Add what Python's `copy` and `pickle` know of an object: its class, its arguments and its attributes."""
        kind = type(value)
        if isinstance(value, ReadsFiles):
            self._add_files(value.data_files, kind)
        try:
            reduced = copyreg.dispatch_table[kind](value) if kind in copyreg.dispatch_table else value.__reduce_ex__(4)
        except Exception as error:
            what = f"{'.'.join(self._names) or 'it'} is a {kind.__qualname__}, whose content cannot be compared"
            raise WorkError(f"{what}: keep numbers, text, arrays, functions or objects of these") from error
        if isinstance(reduced, str):
            self._add_place("global", kind.__module__, reduced)
            return
        make, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
        self._put("object", str(len(arguments)))
        self._add_all((make, *arguments))
        attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
        if attributes is None or isinstance(attributes, Mapping):
            own = {name: part for name, part in sorted((attributes or {}).items()) if not _is_computed(kind, name)}
            self._put("attributes", str(len(own)))
            self._add_named(own)
        else:
            self.add(attributes)
        self._add_all((slots, None if items is None else list(items), None if pairs is None else list(pairs)))
        if isinstance(value, RestsOn):
            self._add_all(value.built_on)
        for part in kind.__mro__:
            if part not in self._classes and part.__module__.partition(".")[0] not in PACKAGES and not _is_installed(part.__module__):
                self._classes.add(part)
                self._add_place("class", part.__module__, part.__qualname__)
                self._add_class(part)

    def _add_files(self, paths: Any, kind: type) -> None:
        if isinstance(paths, str | bytes) or not all(isinstance(path, str | Path) for path in paths):
            raise WorkError(f"data_files of {kind.__qualname__} is {paths!r}: give a tuple of paths")
        for path in map(Path, paths):
            try:
                data = self.files[path] = path.read_bytes()
            except OSError as error:
                raise WorkError(f"cannot read its data file {path} ({error.strerror}): put it there, or mend data_files") from None
            self.add((path.name, data))

    def _add_class(self, kind: type) -> None:
        """Add the values of a class that may come from elsewhere than its source; those without a content are left out."""
        for name, value in sorted(vars(kind).items()):
            function = _function_of(value)
            if name.startswith("__") or name in APART or type(value) in SHARED or (function and not function.__closure__):
                continue
            try:
                found = self._apart(function or value)
            except WorkError:
                continue
            self._put(name, found)

    def _add_named(self, values: Mapping[Any, Any]) -> None:
        for name, value in values.items():
            self.add(name)
            with self._at(str(name)):
                self.add(value)

    def _add_all(self, values: Any) -> None:
        for value in values:
            self.add(value)

    def _add_place(self, what: str, module: str, name: str) -> None:
        """Add where something stands: the module's source counts, or the version of the library that it is installed with."""
        self._put(what, str(module), name)
        if not _is_installed(module):
            self.modules[module] = None
        elif (top := module.partition(".")[0]) not in sys.stdlib_module_names:
            self._put(*versions([distribution_of(top)]).values())

    def _apart(self, value: Any) -> str:
        """The digest of one value by itself; its modules are added here."""
        part = Content()
        part.files = self.files
        part._open, part._added, part._classes, part._names = {**self._open}, {**self._added}, {*self._classes}, [*self._names]
        part.add(value)
        self.modules |= part.modules
        return part.hexdigest()

    def _put(self, *parts: str) -> None:
        for part in parts:
            data = part.encode(errors="surrogatepass")
            self._digest.update(b"%d:%s" % (len(data), data))

    @contextlib.contextmanager
    def _at(self, name: str) -> Iterator[None]:
        self._names.append(name)
        try:
            yield
        finally:
            self._names.pop()


def frozen_values(function: types.FunctionType) -> str:
    """A hash of the numbers and arrays that Numba freezes into a kernel, and into the functions that it calls."""
    content, pending = Content(), [function]
    for reached in pending:
        names = _names_in(reached.__code__)
        scopes = [vars(value) for name in names if isinstance(value := reached.__globals__.get(name), types.ModuleType)]
        for name, value in ((name, scope[name]) for scope in (reached.__globals__, *scopes) for name in names if name in scope):
            inner = inspect.unwrap(value) if callable(value) else None
            if isinstance(inner, types.FunctionType) and inner not in pending and not _is_installed(inner.__module__):
                pending.append(inner)
            elif isinstance(value, (*PLAIN, tuple, np.ndarray, np.generic)):
                content.add((name, value))
    return content.hexdigest()


def _names_in(code: types.CodeType) -> list[str]:
    """The names that code looks up outside of itself, also in functions within it."""
    inner = [name for part in code.co_consts if isinstance(part, types.CodeType) for name in _names_in(part)]
    return sorted({*code.co_names, *inner})


def _is_installed(name: str) -> bool:
    """Whether a module belongs to Python or to an installed library; not so one of this project, wherever it lies, or one made by hand."""
    module = find(name)
    if module is None or module.top in PACKAGES:
        return False
    return name in sys.builtin_module_names if module.path is None else is_installed(module.path)


def _is_computed(kind: type, name: str) -> bool:
    """Whether an attribute is the remembered result of a `cached_property`, or added apart."""
    return isinstance(inspect.getattr_static(kind, name, None), functools.cached_property) or name in APART


def _function_of(value: Any) -> Callable[..., Any] | None:
    if isinstance(value, staticmethod | classmethod):
        return _function_of(value.__func__)
    if isinstance(value, property):
        return _function_of(value.fget)
    if isinstance(value, functools.cached_property):
        return _function_of(value.func)
    return value if isinstance(value, types.FunctionType) else None
