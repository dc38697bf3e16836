"""The code that a reader of a policy's file needs beside the rules: the decoder, the interpreter that plays, and the predicates used.

`Learner.source` counts what a policy presupposes as its learner sees it: predicates for lists, a decoder for tables, a forward pass for
networks. So these bits do not compare. Here one count holds for all: from `decode` of the learner and `scores` of its policies every
definition in `policies` is followed that their text names, method by method; the rules of the game and libraries are presupposed.
Predicates (the modules PREDICATES) come from `Learner.source`, which has those that the policy uses. It is an upper bound: what is named
need not run.
"""

import ast
import functools
import importlib.util
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from bench.measures.coding import bare_source
from policies.api import Learner, Policy, Task

PREDICATES = ("policies.language.lookahead", "policies.language.effects")
DROPPED = ("__post_init__",)  # it refuses options; whoever reads a file has them

Name = tuple[str, str]  # a module, and a name that it defines


class Module(NamedTuple):
    """The definitions of a module by name, and where its imported names come from; a name with an empty one is a module."""

    defined: dict[str, ast.stmt]
    imported: dict[str, Name]


class _Untyped(ast.NodeTransformer):
    """Takes the types of arguments and results away, and makes those of fields `object`."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg):
            if argument is not None:
                argument.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        self.generic_visit(node)
        node.annotation = ast.Name("object", ast.Load())
        return node


@functools.cache
def read_module(name: str) -> Module:
    """The definitions of a module, without docstrings and types."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    tree = _Untyped().visit(ast.parse(bare_source(Path(spec.origin).read_text())))
    defined: dict[str, ast.stmt] = {}
    imported: dict[str, Name] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined[node.name] = node
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                below = f"{node.module}.{alias.name}"
                is_module = (node.module or "").startswith("policies") and importlib.util.find_spec(below) if _is_package(node) else None
                imported[alias.asname or alias.name] = (below, "") if is_module else (node.module or "", alias.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in ast.walk(node):
                if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
                    defined[target.id] = node
    return Module(defined, imported)


def _is_package(node: ast.ImportFrom) -> bool:
    spec = importlib.util.find_spec(node.module or "")
    return spec is not None and spec.submodule_search_locations is not None


def reader_of(learner: Learner[Any]) -> dict[Name, ast.stmt]:
    """The definitions that `decode` of a learner and `scores` of its policies name, and those that these name, and so on.

    A class has its fields, its special methods, and the methods of which some reached text has the name.
    """
    return _reader_of_type(type(learner))


@functools.cache
def _reader_of_type(learner: Any) -> dict[Name, ast.stmt]:
    policy = get_type_hints(learner.decode)["return"]
    roots = [(each.__module__, each.__name__) for each in (learner, policy)]
    methods = {"decode", "scores"}
    while True:
        found = _closure(roots, methods)
        named = {node.attr for statement in found.values() for node in ast.walk(statement) if isinstance(node, ast.Attribute)}
        if named <= methods:
            return found
        methods |= named


def _closure(roots: Iterable[Name], methods: set[str]) -> dict[Name, ast.stmt]:
    found: dict[Name, ast.stmt] = {}
    waiting = list(roots)
    while waiting:
        module, name = waiting.pop()
        if (module, name) in found or module in PREDICATES or not module.startswith("policies"):
            continue
        about = read_module(module)
        if name in about.imported:
            waiting.append(about.imported[name])
        elif name in about.defined:
            found[module, name] = _with_methods(about.defined[name], methods)
            waiting += _names_in(found[module, name], module, about)
    return found


def _with_methods(node: ast.stmt, methods: set[str]) -> ast.stmt:
    """A class with those of its methods that are asked for; any other definition as it is."""
    if not isinstance(node, ast.ClassDef):
        return node
    body = [part for part in node.body if not isinstance(part, ast.FunctionDef) or _is_wanted(part.name, methods)]
    return ast.ClassDef(node.name, node.bases, node.keywords, body or [ast.Pass()], node.decorator_list)


def _is_wanted(method: str, methods: set[str]) -> bool:
    return method in methods or (method.startswith("__") and method not in DROPPED)


def _names_in(statement: ast.stmt, module: str, about: Module) -> list[Name]:
    """The names of `policies` that a definition mentions, those of a module that it imports by their attributes."""
    found: list[Name] = []
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            source, inner = about.imported.get(node.value.id, ("", "?"))
            found += [(source, node.attr)] if not inner else []
        elif isinstance(node, ast.Name):
            found.append((module, node.id))
    return found


def reader_source(learner: Learner[Any], policy: Policy, task: Task) -> str:
    """The source text of the reader, and of what the learner says that the policy presupposes; no definition stands twice."""
    return _text_of(type(learner), learner.source(policy, task))


@functools.cache
def _parts(learner: Any) -> dict[str, set[str]]:
    """The definitions of a reader as text, and under which names each is found."""
    parts: dict[str, set[str]] = {}
    for (_, name), statement in _reader_of_type(learner).items():
        parts.setdefault(ast.unparse(statement), set()).add(name)
    return parts


@functools.lru_cache(maxsize=256)
def _text_of(learner: Any, presupposed: str) -> str:
    """The definitions of a reader that what is presupposed has not, and then that: laid out as one module is."""
    after = _Untyped().visit(ast.parse(bare_source(presupposed)))
    has = {node.name for node in after.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    texts = [text for text, names in _parts(learner).items() if not names <= has] + [ast.unparse(node) for node in after.body]
    spaced = [f"\n{text}" if text.startswith(("def ", "class ", "@")) else text for text in texts]
    return "\n".join(spaced).removeprefix("\n")


@functools.lru_cache(maxsize=256)
def _bits_of(learner: Any, presupposed: str) -> int:
    return 8 * len(zlib.compress(_text_of(learner, presupposed).encode(), 9, wbits=-15))


def comparable_language_bits(learner: Learner[Any], policy: Policy, task: Task) -> int | None:
    """Bits of the compressed source of all that reads and plays a policy's file, given the rules: one count for every learner.

    None for a learner from outside `policies`, whose definitions are not followed.
    """
    is_ours = type(learner).__module__.startswith("policies.")
    return _bits_of(type(learner), learner.source(policy, task)) if is_ours else None
