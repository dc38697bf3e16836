"""The page of learners and their options, from what `gaincurve learners` says: `python -m tests.learners_page --write` writes it anew."""

import sys
from pathlib import Path
from typing import Any

from bench.cli.learners import describe, written
from policies.registry import LEARNERS
from tests.pages import linked

PAGE = Path(__file__).parents[1] / "docs" / "learners.md"
COMMAND = "python -m tests.learners_page --write"

TEXT = """# Learners

A learner fits policies of one form and writes them as bytes. `gaincurve learners` lists these, and learners that other packages install;
`gaincurve learners NAME` lists the options of one, and `--json` gives all of it as data.

On the command line options follow the name, as in `rulelist:language=words,refined=true`. A suite gives them as `options = {{ ... }}`
or `vary = {{ ... }}`, Python as a dict. One reader serves all three. `true`, `True` and `yes` are true; `false`, `False` and `no` are
false. Numbers may be text. Any other value raises one line that names the option and what it takes, before anything is trained.

This page is written by `{command}`.

| learner | its budget counts | |
| --- | --- | --- |
{learners}

{sections}
"""


def render() -> str:
    """The page as the learners of this checkout make it."""
    found = {name: describe(name) for name in LEARNERS}
    rows = [f"| [`{name}`](#{name}) | {about['unit']} | {about['about']} |" for name, about in found.items()]
    return TEXT.format(command=COMMAND, learners="\n".join(rows), sections="\n\n".join(section(*each) for each in found.items()))


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


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(render())
    else:
        print(render(), end="")
