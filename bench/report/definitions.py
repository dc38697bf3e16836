"""The definitions of a report's words: bench/report/templates/definitions.toml. Each has a key, by which columns of tables refer to it."""

import functools
from importlib.resources import files

import msgspec


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The meaning of a term, and the words that link to it."""

    title: str
    text: str  # plain
    spoken: list[str] = []  # the longer before the shorter


@functools.cache
def definitions() -> dict[str, Definition]:
    """All definitions by their key, in the order of the page."""
    text = (files("bench") / "report" / "templates" / "definitions.toml").read_text()
    return msgspec.toml.decode(text, type=dict[str, Definition])
