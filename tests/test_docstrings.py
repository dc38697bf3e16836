"""The examples in docstrings of entry points print what they show."""

import doctest
import importlib
from typing import Any

import pytest

EXAMPLES = (
    "gaincurve",
    "games.contract:Game.expand",
    "games.concepts.concept:concepts_of",
    "policies.api:Task",
    "policies.api:Policy",
    "policies.api:Learner.fit_path",
    "policies.language.language:make_language",
    "bench.harness.point:Point",
    "bench.curves.curve:steps",
    "bench.curves.curve:compare_all",
)


def examples_of(module: Any, name: str) -> list[doctest.DocTest]:
    """The docstring of an object as a test, with the names of its module; only its own, not those of its members."""
    thing = module
    for part in name.split(".") if name else []:
        thing = vars(thing)[part]
    return [
        test
        for test in doctest.DocTestFinder(recurse=False).find(thing, name or module.__name__, globs=dict(vars(module)))
        if test.examples
    ]


@pytest.mark.parametrize("place", EXAMPLES)
def test_an_example_prints_what_it_shows(place: str) -> None:
    module, _, name = place.partition(":")
    [example] = examples_of(importlib.import_module(module), name)
    said: list[str] = []
    failed, attempted = doctest.DocTestRunner().run(example, out=said.append)
    assert attempted >= 2
    assert not failed, "".join(said)
