"""The key of a cell: a hash of everything that decides its result, and of nothing else.

That is what was asked for (game, weights, sample, learner with its options, budgets, seed, where results are computed); the source of
the game, its words, the learner and the measures, with all that they import; data files that the learner reads; and the versions of
Python, whose syntax trees language bits are counted on, and of the libraries that those sources import.
"""

import ast
import dataclasses
import functools
import hashlib
import importlib.metadata
import platform
import sys
from typing import Any, NamedTuple

import msgspec

from bench.harness.versions import versions
from bench.suites.grid import LIMITS, Cell
from games.concepts.concept import concept_modules
from games.registry import make_game
from games.sources import PACKAGES, module_sources, rule_modules
from policies.api import Learner
from policies.registry import make_learner

MEASURED_BY = ("bench.harness.measure", "policies.task")
# Tables that say where a name is found. What was found is in the key, so a new line in one makes no record out of date; but where a
# game or learner itself imports one, it counts, since the bits of its recipe count it.
TABLES = ("games.registry", "policies.registry")
WITHOUT_EFFECT = ("msgspec",)  # libraries that only hold what was measured


def cell_key(cell: Cell) -> str:
    """24 hex digits that change with whatever decides the result of a cell, and with nothing else."""
    game, learner = _game(cell.game), _learner(cell.learner, msgspec.json.encode(cell.options, order="deterministic"))
    asked = {name: value for name, value in msgspec.to_builtins(cell).items() if name not in (*LIMITS, "label", "options")}
    options = [[field.name, repr(getattr(learner, field.name))] for field in dataclasses.fields(learner)]  # type: ignore[arg-type]
    data = [path.read_text() for path in getattr(learner, "data_files", ())]
    content = [cell.id, asked, game.identity, [type(learner).__qualname__, options], data, _sources(game.modules, type(learner).__module__)]
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()[:24]


class _Game(NamedTuple):
    modules: tuple[str, ...]
    identity: list[str]


@functools.lru_cache(maxsize=1024)
def _game(game_id: str) -> _Game:
    """Where the rules and words of a game stand, and what of it is neither in its id nor in its sources."""
    game = make_game(game_id)
    release = getattr(game, "release", "")  # of the library that holds the rules, where that is not this project
    return _Game((*rule_modules(game), *concept_modules(game)), [type(game).__qualname__, release])


@functools.lru_cache(maxsize=1024)
def _learner(name: str, options: bytes) -> Learner[Any]:
    return make_learner(name, msgspec.json.decode(options))


@functools.lru_cache(maxsize=1024)
def _sources(game_modules: tuple[str, ...], learner_module: str) -> list[Any]:
    """A hash of the sources, and the version of each library that they import. Read once in a process, as modules are."""
    measuring = {name: text for name, text in module_sources(*MEASURED_BY).items() if name not in TABLES}
    sources = {**measuring, **module_sources(*game_modules, learner_module)}
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(f"{name}\0{sources[name]}\0".encode())
    libraries = {library for name, text in sources.items() for library in _libraries(name, text)}
    made_with = versions(sorted(map(distribution_of, libraries)))
    return [digest.hexdigest(), ".".join(platform.python_version_tuple()[:2]), made_with]


@functools.cache
def distribution_of(library: str) -> str:
    """The distribution that a library is installed by: `scikit-learn` for `sklearn`. The library's own name where none says so."""
    if versions([library])[library] != "absent":
        return library
    return min(importlib.metadata.packages_distributions().get(library, [library]))


@functools.cache
def _libraries(module_name: str, text: str) -> frozenset[str]:
    """The libraries that a module imports anywhere in its text: not Python's own, of this project, or of the module's own package."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    own = module_name.partition(".")[0]
    return frozenset(names - sys.stdlib_module_names - {*PACKAGES, own, *WITHOUT_EFFECT})
