"""The JSON Schema of suites, read by a small validator of our own: it takes the suites that ship and refuses what they may not be."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bench.suites.schema import suite_schema

FOLDER = Path(__file__).parents[1] / "bench" / "suites"
SCHEMA = json.loads((FOLDER / "suite.schema.json").read_text())
TYPES = {"string": str, "integer": int, "number": (int, float), "array": list, "object": dict, "null": type(None), "boolean": bool}
KNOWN = {"type", "anyOf", "$ref", "enum", "pattern", "exclusiveMinimum", "items", "properties", "required", "additionalProperties"}
NOTES = {"title", "description", "default", "examples", "$schema", "$defs"}


def is_valid(value: Any, schema: dict[str, Any]) -> bool:
    """The keywords that the schema uses, by the specification of 2020-12."""
    assert not set(schema) - KNOWN - NOTES
    if "$ref" in schema and not is_valid(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]):
        return False
    if "anyOf" in schema and not any(is_valid(value, each) for each in schema["anyOf"]):
        return False
    if "type" in schema and (not isinstance(value, TYPES[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean")):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return False
    if isinstance(value, int | float) and value <= schema.get("exclusiveMinimum", value - 1):
        return False
    if isinstance(value, list):
        return all(is_valid(each, schema.get("items", {})) for each in value)
    if isinstance(value, dict):
        properties, other = schema.get("properties", {}), schema.get("additionalProperties", True)
        if set(schema.get("required", ())) - set(value) or (other is False and set(value) - set(properties)):
            return False
        rest = other if isinstance(other, dict) else {}
        return all(is_valid(each, properties.get(key, rest)) for key, each in value.items())
    return True


def test_the_file_for_editors_is_up_to_date() -> None:
    assert suite_schema() == SCHEMA, "run `python -m bench.suites.schema > bench/suites/suite.schema.json`"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_suite_that_ships_names_the_schema_and_keeps_it(path: Path) -> None:
    assert path.read_text().splitlines()[0] == "#:schema suite.schema.json"
    assert is_valid(tomllib.loads(path.read_text()), SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        'games = ["tictactoe"]',
        'name = "a/b"',
        'name = "a"\ngame = ["tictactoe"]',
        'name = "a"\ngames = "tictactoe"',
        'name = "a"\nweights = "often"',
        'name = "a"\nseeds = [0.5]',
        'name = "a"\ntime_limit = 0',
        'name = "a"\n[[learners]]\nlabel = "x"',
        'name = "a"\n[[learners]]\nname = "table"\nbudget = [1]',
        'name = "a"\n[[learners]]\nname = "table"\nvary = { order = 1 }',
        'name = "a"\n[[learners]]\nname = "table"\nweights = "often"',
    ],
)
def test_it_refuses_what_a_suite_may_not_be(text: str) -> None:
    assert not is_valid(tomllib.loads(text), SCHEMA)


def test_it_takes_every_key() -> None:
    entry = 'name = "table"\nlabel = "x"\ngames = ["*"]\nexcept_games = []\noptions = { a = 1 }\nvary = { b = [1, "x"] }\nbudgets = [1]\n'
    entry += 'results_at = [1]\nseeds = [1]\nweights = "play"\ntime_limit = 1.5\nmemory_limit = 2\n'
    entry += 'held_out = 0.5\nsplits = 2\nnulls = 1\nsplit = "positions"\npositions = 100\n'
    suite = 'name = "a"\ngames = ["go-3x3"]\ndescription = ""\nweights = "play"\nseeds = [1]\ntime_limit = 1\nmemory_limit = 0.5\n'
    suite += 'include = ["*"]\nexclude = ["x"]\nextends = "quick"\n'
    raw = tomllib.loads(f"{suite}[[learners]]\n{entry}")
    assert set(raw) == set(SCHEMA["$defs"]["Suite"]["properties"])
    assert set(raw["learners"][0]) == set(SCHEMA["$defs"]["LearnerEntry"]["properties"])
    assert is_valid(raw, SCHEMA)
