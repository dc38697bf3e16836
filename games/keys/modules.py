"""Finds the modules that a result follows from: those that a module imports, resolved as Python does, and read without importing them.

What is loaded is what computes. So the source of a loaded module is read once for each time that Python loads it: an edit counts after
`importlib.reload`, and not before. The source of a module that is not loaded yet is read again when its file changes.
"""

import ast
import functools
import hashlib
import importlib.metadata
import importlib.util
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path

from games.keys.text import without_comments

PACKAGES = ("games", "policies", "bench")
INSTALLED = frozenset({"site-packages", "dist-packages"})
STANDARD = tuple({Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")})


@dataclass(frozen=True, eq=False)
class Module:
    """A module as Python loaded it, or would load it now."""

    name: str
    path: Path | None  # None for a namespace package, and for what is built in or made by hand
    folders: tuple[Path, ...]  # where its submodules lie; none unless it is a package
    package: str  # where its relative imports start
    is_loaded: bool
    spec: ModuleSpec | None  # Python makes a new one each time that it loads the module
    stamp: tuple[int, int] | None  # modification time in ns and size of the file

    @cached_property
    def source(self) -> bytes:
        """The content of its file; empty where there is none."""
        return self.path.read_bytes() if self.path and self.stamp else b""

    @cached_property
    def digest(self) -> bytes:
        return hashlib.sha256(self.source).digest()

    @cached_property
    def code_digest(self) -> bytes:
        """The same without docstrings and lines of comment, of a module of this project: they change no result."""
        is_own = self.top in PACKAGES and self.path is not None and self.path.suffix == ".py"
        return hashlib.sha256(without_comments(self.source)).digest() if is_own else self.digest

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """The full names of what it imports anywhere in its text, also inside functions: modules, and what is taken from them."""
        found = _imports(self.source, self) if self.path and self.path.suffix == ".py" else ()
        return tuple(sorted({name for name in found if all(map(str.isidentifier, name.split(".")))}))

    @cached_property
    def counted(self) -> tuple[str, ...]:
        """Those of the modules that it imports whose sources count (`closure`), and the package around it, which runs before it."""
        found = {name for name in self.imports if (module := find(name)) and _counts(module, self)}
        around = self.name.rpartition(".")[0]  # of the packages of this project none does anything when it is imported
        return tuple(sorted(found if not around or self.top in PACKAGES else {*found, around}))

    @cached_property
    def is_sure(self) -> bool:
        """Whether the source is what was loaded: False without a file, or where the file differs from what Python compiled."""
        if self.path is None or self.stamp is None:
            return bool(self.folders)
        return self.top in PACKAGES or not self.is_loaded or _is_as_compiled(self.spec, self.path)

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]


def find(name: str) -> Module | None:
    """A module by its full name, loaded or not; None where there is no such module."""
    known, loaded = _KNOWN.get(name), sys.modules.get(name)
    if loaded is not None:
        spec = getattr(loaded, "__spec__", None)  # what stands in sys.modules need not be a module
        if known is None or not known.is_loaded or known.spec is not spec:
            file = spec.origin if spec is not None and spec.has_location else getattr(loaded, "__file__", None)
            path = Path(file) if file else None
            folders = tuple(Path(folder) for folder in getattr(loaded, "__path__", ()))
            _KNOWN[name] = Module(name, path, folders, getattr(loaded, "__package__", None) or "", True, spec, _stamp(path))
    elif known is None or known.is_loaded or known.stamp != _stamp(known.path):
        found = _search(name)
        if found is None:
            _KNOWN.pop(name, None)
            return None
        _KNOWN[name] = found
    return _KNOWN[name]


def closure(roots: Iterable[str]) -> dict[str, Module]:
    """These modules and all that they import, by name, as far as their sources count; those without a source are left out.

    Counted are the modules of this project, those of the importing module's own package or beside it, and any other that is neither
    Python's own nor installed: of an installed library the version counts (`libraries`). To import a module also runs the packages
    that it lies in, so these count too.
    """
    found: dict[str, Module] = {}
    pending = list(roots)
    while pending:
        module = find(pending.pop())
        if module and module.name not in found:
            found[module.name] = module
            pending += module.counted
    for name, module in found.items():
        if module.is_loaded:
            _FIRST.setdefault(name, module.digest)
    return {name: found[name] for name in sorted(found) if found[name].source}


def is_settled(modules: Iterable[Module]) -> bool:
    """Whether this process has surely loaded what the sources of modules say.

    False after an edit and a reload, since a module that took something from the edited one before may hold it still.
    """
    return all(module.is_sure and _FIRST.get(module.name, module.digest) == module.digest for module in modules)


def libraries(modules: Iterable[Module]) -> dict[str, str]:
    """The versions of the distributions that modules import: neither Python's own nor counted by their sources."""
    return dict(_versions(frozenset().union(*map(_libraries, modules))))


def versions(names: Iterable[str]) -> dict[str, str]:
    """The installed version of each distribution, without importing it; `absent` where there is none."""
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


@functools.cache
def distribution_of(library: str) -> str:
    """The distribution that a library is installed by: `scikit-learn` for `sklearn`. The library's own name where none says so."""
    if versions([library])[library] != "absent":
        return library
    return min(importlib.metadata.packages_distributions().get(library, [library]))


@functools.cache
def is_installed(path: Path) -> bool:
    """Whether a file belongs to Python or to an installed library, as the folders above it say."""
    if not INSTALLED.isdisjoint(path.parts) or any(place in path.resolve().parents for place in STANDARD):
        return True
    top = next(folder for folder in path.parents if not (folder / "__init__.py").exists())
    return any(top.glob("*.dist-info"))


_KNOWN: dict[str, Module] = {}
_FIRST: dict[str, bytes] = {}  # the digests of loaded modules as they were first read


@functools.lru_cache(maxsize=1024)
def _libraries(module: Module) -> frozenset[str]:
    counted = {name.partition(".")[0] for name in module.counted} | {module.top, *PACKAGES}
    return frozenset(name.partition(".")[0] for name in module.imports) - sys.stdlib_module_names - counted


@functools.cache
def _versions(names: frozenset[str]) -> tuple[tuple[str, str], ...]:
    return tuple(versions(sorted({distribution_of(name) for name in names})).items())


def _counts(module: Module, importer: Module) -> bool:
    if module.top in (*PACKAGES, importer.top) or (module.path and importer.path and module.path.parent == importer.path.parent):
        return True
    places = [module.path] if module.path else module.folders
    return bool(places) and not any(is_installed(place) for place in places)


def _search(name: str) -> Module | None:
    """A module that is not loaded, from the finders that Python asks; the packages that it lies in are not imported."""
    parent, _, last = name.rpartition(".")
    around = find(parent) if parent else None
    if parent and (around is None or not around.folders):
        return None
    places = [str(folder) for folder in around.folders] if around else None
    for finder in sys.meta_path:
        spec = finder.find_spec(name, places)
        if spec is not None and spec.has_location and spec.origin:
            path, folders = Path(spec.origin), tuple(Path(folder) for folder in spec.submodule_search_locations or ())
            return Module(name, path, folders, name if folders else parent, False, None, _stamp(path))
        if spec is not None and spec.submodule_search_locations is not None:  # a namespace package
            parts = [Path(place, last) for place in (sys.path if places is None else places)]
            return Module(name, None, tuple(part for part in parts if part.is_dir()), name, False, None, None)
        if spec is not None:
            return None
    return None


def _stamp(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size) if found else None


def _imports(source: bytes, module: Module) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # of a module that cannot be loaded either
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (start := _absolute("." * node.level + (node.module or ""), module.package)):
            yield start
            yield from (f"{start}.{alias.name}" for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("import_module", "__import__"):
            if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield from filter(None, [_absolute(node.args[0].value, module.package)])
        elif isinstance(node, ast.Assign) and module.folders and "__all__" in map(ast.unparse, node.targets):  # what `*` takes
            names = [part.value for part in ast.walk(node.value) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            yield from (f"{module.name}.{name}" for name in names)


def _absolute(name: str, package: str) -> str | None:
    """The full name for one that may begin with dots; None where these lead out of the package."""
    try:
        return importlib.util.resolve_name(name, package)
    except ImportError:
        return None


def _is_as_compiled(spec: ModuleSpec | None, path: Path) -> bool:
    """Whether a file is the one that Python compiled when it loaded the module, as far as its cache beside the file tells."""
    if spec is None or type(spec.loader) is not SourceFileLoader or spec.cached is None or sys.dont_write_bytecode:
        return True
    try:
        header, now = Path(spec.cached).read_bytes()[:16], path.stat()
    except OSError:
        return True
    magic, flags, seconds, size = header[:4], *(int.from_bytes(header[i : i + 4], "little") for i in (4, 8, 12))
    if magic != importlib.util.MAGIC_NUMBER or flags:
        return True
    return (seconds, size) == (int(now.st_mtime) & 0xFFFFFFFF, now.st_size & 0xFFFFFFFF)
