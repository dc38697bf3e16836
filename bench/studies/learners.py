"""docs/learners.md: every learner with its options, from what `gaincurve learners` says."""

from typing import Any

from bench.cli.learners import describe, written
from bench.studies.page import Page, Part, linked
from policies.registry import LEARNERS


def learners() -> dict[str, str]:
    """The table of the learners and their sections, as the learners of this checkout make them."""
    found = {name: describe(name) for name in LEARNERS}
    rows = [f"| [`{name}`](#{name}) | {about['unit']} | {about['about']} |" for name, about in found.items()]
    table = "\n".join(["| learner | its budget counts | |", "| --- | --- | --- |", *rows])
    return {"learners.table": table, "learners.sections": "\n\n".join(section(*each) for each in found.items())}


def section(name: str, about: dict[str, Any]) -> str:
    """A learner and its options."""
    head = [f"## {name}", "", f"{about['about'][0].upper()}{about['about'][1:]}. Its budget counts {about['unit']}.", ""]
    if not about["options"]:
        return "\n".join([*head, "It takes no options."])
    rows = [
        f"| `{option}` | {each['takes']} | {_code(each['default'])} | {linked(each['meaning'])} |"
        for option, each in about["options"].items()
    ]
    return "\n".join([*head, "| option | takes | default | meaning |", "| --- | --- | --- | --- |", *rows])


def _code(default: object) -> str:
    return f"`{written(default)}`" if written(default) else ""


PAGES = (Page("learners.md", {"learners": Part(learners)}),)
