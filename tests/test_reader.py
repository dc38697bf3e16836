"""The count of what a reader of a policy's file needs: it is enough to read and play, and it is the same rule for every learner."""

import ast
import importlib
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from bench.harness.measure import measure_policy
from bench.measures.coding import compressed_source
from bench.measures.reader import PREDICATES, Name, _names_in, comparable_language_bits, read_module, reader_of, reader_source
from policies.api import Learner
from policies.registry import LEARNERS, make_learner
from policies.task import make_task

NEEDED = {  # from reading each learner's code: what decodes its files and what plays
    "rulelist": {"read_rules", "code_sets", "code_phrases", "Decoder", "Atoms", "RuleList"},
    "weighted": {"_code", "_code_set", "Decoder", "Atoms", "WeightedList"},
    "tree": {"code_tree", "Children", "Decoder", "Atoms", "TreePolicy"},
    "table": {"read_table", "read_length", "Decoder", "TablePolicy"},
    "network": {"decode_network", "NetworkPolicy"},
}
FITTERS = {"fit_stages", "fit_weights", "grow", "make_features", "make_language", "train"}


class Reader:
    """The definitions of a reader, run in modules of their own, in which nothing else of `policies` is; predicates are the real ones."""

    def __init__(self, learner: Learner[Any]) -> None:
        self.found = reader_of(learner)
        self.modules: dict[str, ModuleType] = {}
        self.begun: set[Name] = set()
        for name in self.found:
            self.define(name)

    def define(self, name: Name) -> None:
        """Run a definition after those that it names; in a circle of functions each is there before any is called."""
        if name in self.begun or name not in self.found:
            return
        self.begun.add(name)
        module, about = name[0], read_module(name[0])
        for other in _names_in(self.found[name], module, about):
            self.define(about.imported.get(other[1], other) if other[0] == module else other)
        space = vars(self.modules.setdefault(module, ModuleType(module)))
        self.bind(module)
        code = ast.Module([ast.fix_missing_locations(self.found[name])], [])
        exec(compile(code, module, "exec"), space)
        for each in self.modules:
            self.bind(each)

    def bind(self, module: str) -> None:
        """Give a module the names that it imports: of `policies` what has been run, of the rest the real ones, kernels uncompiled."""
        real, about = importlib.import_module(module), read_module(module)
        space = vars(self.modules[module])
        for alias, (source, inner) in about.imported.items():
            if source in PREDICATES or not source.startswith("policies"):
                space[alias] = vars(real).get(alias)
            elif not inner:
                space[alias] = self.modules.setdefault(source, ModuleType(source))
            elif source in self.modules and inner in vars(self.modules[source]):
                space[alias] = vars(self.modules[source])[inner]
        space |= {name: value for name, value in vars(real).items() if isinstance(value, ModuleType) and name not in about.imported}
        space["njit"] = lambda function: function
        space["__builtins__"] = __builtins__


@pytest.mark.parametrize("name", ["weighted", "tree"])
def test_the_definitions_found_read_a_file_and_play(name: str) -> None:
    task, learner = make_task("nim-1-2-3"), make_learner(name, {"language": "concepts+lookahead+cells"})
    *_, policy = learner.fit_path(task, [4], 0)
    data = learner.encode(policy, task)
    alone = vars(Reader(learner).modules[type(learner).__module__])[type(learner).__name__]
    with np.errstate(over="ignore"):
        read = alone(language="concepts+lookahead+cells").decode(data, task)
    assert type(read) is not type(policy)
    assert read.scores(task).tolist() == policy.scores(task).tolist()


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_it_has_what_reads_and_plays_and_not_what_fits(name: str) -> None:
    names = {inner for _, inner in reader_of(make_learner(name, {}))}
    assert names >= NEEDED[name]
    assert not names & FITTERS


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_every_learner_has_one(name: str) -> None:
    """Of every learner the count holds its class with `decode`, and its policy with `scores`."""
    learner = make_learner(name, {})
    found = reader_of(learner)
    methods = {
        part.name for node in found.values() if isinstance(node, ast.ClassDef) for part in node.body if isinstance(part, ast.FunctionDef)
    }
    assert {"decode", "scores"} <= methods
    assert (type(learner).__module__, type(learner).__name__) in found
    assert all(module.startswith("policies") for module, _ in found)


QUICK = ("rulelist", "weighted", "tree", "dag", "table", "optimal_list", "random_order", "uniform", "perfect", "minimax", "mcts")


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_every_learner_of_the_registry_has_comparable_language_bits(name: str) -> None:
    """Of those that are fitted at once the record holds them; of all others the reader alone is longer than nothing."""
    learner = make_learner(name, {})
    alone = 8 * len(compressed_source("\n".join(map(ast.unparse, reader_of(learner).values()))))
    assert alone > 1000
    if name in QUICK:
        task = make_task("nim-1-2-3")
        *_, policy = learner.fit_path(task, [2], 0)
        point, _ = measure_policy(task, learner, policy, 2, 0.0, with_results=False)
        assert point.comparable_language_bits == comparable_language_bits(learner, policy, task)
        assert point.comparable_language_bits is not None
        assert point.comparable_language_bits > point.language_bits
        assert point.total_bits == point.policy_bits + point.comparable_language_bits


def test_a_learner_from_outside_is_not_counted() -> None:
    class Outside(type(make_learner("uniform", {}))):  # type: ignore[misc]
        """The same learner under a module that is not in `policies`."""

    task = make_task("nim-1-2-3")
    (policy,) = Outside().fit_path(task, [1], 0)
    assert comparable_language_bits(Outside(), policy, task) is None


def test_no_definition_is_counted_twice() -> None:
    """What the learner itself says it presupposes stands in the text once, so the whole is more than that and less than both."""
    task = make_task("nim-1-2-3")
    for name in ("rulelist", "table"):
        learner = make_learner(name, {})
        *_, policy = learner.fit_path(task, [2], 0)
        text = reader_source(learner, policy, task)
        functions = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
        assert len(functions) == len(set(functions))
        own = 8 * len(compressed_source(learner.source(policy, task)))
        assert own < comparable_language_bits(learner, policy, task) == 8 * len(compressed_source(text))
