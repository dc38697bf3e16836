"""What is wrong with the content of a suite or a record, in the words of its keys: which key, what was given, what it takes."""

import re
from typing import Any

import msgspec

KINDS = {  # by the names that msgspec has for types
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table of keys",
    "null": "nothing",
}
TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool, "array": list, "object": dict, "null": type(None)}
MAX_SHOWN = 60  # characters of a wrong value


def problem(error: msgspec.ValidationError, content: object) -> str:
    """One line about content that msgspec refused: `learners 1, budgets 2: give a whole number, not 'x'`."""
    said, _, place = str(error).partition(" - at `")
    expected = re.match(r"Expected `([^`]*)`( [<>]=? [^,]+)?(?:, got `([^`]*)`)?", said)
    keys, given = _follow(content, place, expected[3] if expected else None)
    where = _in_words(keys)
    if missing := re.search(r"missing required field `([^`]*)`", said):
        return f"{where}: the key {missing[1]!r} is missing" if where else f"the key {missing[1]!r} is missing"
    takes = "another value"
    if expected:
        takes = " or ".join(KINDS.get(kind, kind) for kind in expected[1].split(" | ")) + (expected[2] or "")
    return f"{where or 'it'}: give {takes}, not {_shown(given)}"


def _follow(content: Any, place: str, kind: str | None) -> tuple[list[str | int], object]:
    """The keys and places that a path of msgspec leads through, and what is there.

    `[...]` is some value of a table, whose key msgspec does not name: the first that is of the kind that it found.
    """
    keys: list[str | int] = []
    for name, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", place):
        key: str | int = name
        if index == "...":
            key = next((key for key, value in content.items() if kind is not None and type(value) is TYPES.get(kind)), "")
            if not key:
                break
        elif index:
            key = int(index)
        content = content[key]
        keys.append(key)
    return keys, content


def _in_words(keys: list[str | int]) -> str:
    """`learners 1, budgets 2`: the second of the budgets of the first learner."""
    text = ""
    for key in keys:
        text += f" {key + 1}" if isinstance(key, int) else f"{', ' * bool(text)}{key}"
    return text


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."
