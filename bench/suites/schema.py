"""The format of suites as a JSON Schema, which editors that know TOML check and complete by.

`python -m bench.suites.schema` prints it; `suites/suite.schema.json` holds it beside the suites that come with the package.
"""

import json
from typing import Any

import msgspec

from bench.suites.grid import Suite

DRAFT = "https://json-schema.org/draft/2020-12/schema"  # that of msgspec's schemas


def suite_schema() -> dict[str, Any]:
    """The JSON Schema of a suite's TOML file. It knows the keys and their types; names of games and options are checked when it is read."""
    return {"$schema": DRAFT, "title": "gaincurve suite", **msgspec.json.schema(Suite)}


if __name__ == "__main__":
    print(json.dumps(suite_schema(), indent=1))
