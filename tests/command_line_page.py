"""The page of the command line, from what the verbs themselves say: `python -m tests.command_line_page --write` writes it anew."""

import inspect
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer.main

from bench.__main__ import VERBS, app
from tests.pages import linked

PAGE = Path(__file__).parents[1] / "docs" / "command-line.md"
COMMAND = "python -m tests.command_line_page --write"
NO_BREAK = "\N{NO-BREAK SPACE}"  # where a line must not be wrapped
VALUES: dict[Any, str] = {str: "TEXT", int: "N", float: "X", Path: "PATH"}

TEXT = """# Command line

`gaincurve VERB`, also `python -m gaincurve VERB`. Every verb takes `--help`. With `--json` one JSON object goes to stdout and nothing else;
progress goes to stderr. The exit status is 0 when the work is done, 1 when it failed, 2 when the words were wrong; then one
line on stderr says what is wrong and what to do.

This page is written by `{command}`.

| verb | |
| --- | --- |
{verbs}

{sections}
"""


def render() -> str:
    """The page as the verbs of this checkout make it."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    rows = [f"| [`{name}`](#{name}) | {_cell(first_sentence(commands[name].help))} |" for name in VERBS]
    sections = [section(name, VERBS[name], commands[name]) for name in VERBS]
    return TEXT.format(command=COMMAND, verbs="\n".join(rows), sections="\n\n".join(sections))


def section(name: str, verb: Callable[..., None], command: Any) -> str:
    """A verb: how it is called, what it does, and what each of its words means."""
    kinds = get_type_hints(verb)
    called = [usage(parameter, kinds).replace(" ", NO_BREAK) for parameter in command.params]
    lines = textwrap.wrap(" ".join(["gaincurve", name, *called]), 100, subsequent_indent="    ", break_on_hyphens=False)
    rows = [f"| `{words(parameter, kinds)}` | {meaning(parameter)} |" for parameter in command.params]
    shown = ["```text", "\n".join(lines).replace(NO_BREAK, " "), "```"]
    return "\n".join(
        [f"## {name}", "", _cell(inspect.cleandoc(command.help)), "", *shown, "", "| word | meaning |", "| --- | --- |", *rows]
    )


def usage(parameter: Any, kinds: dict[str, Any]) -> str:
    """A parameter as it stands in the line that shows how a verb is called: in brackets if it may be left out."""
    text = words(parameter, kinds).partition(", ")[0] + ("..." if parameter.nargs == -1 else "")
    return text if parameter.required else f"[{text}]"


def words(parameter: Any, kinds: dict[str, Any]) -> str:
    """A parameter as it is written, with a placeholder for its value."""
    if not is_option(parameter):
        return str(parameter.name).upper()
    value = "" if parameter.is_flag else " " + next((VALUES[kind] for kind in plain(kinds[parameter.name]) if kind in VALUES), "TEXT")
    return ", ".join(f"{word}{value}" for word in [*parameter.opts, *parameter.secondary_opts])


def meaning(parameter: Any) -> str:
    """What is said of a parameter, and its default where that is a value."""
    default = parameter.default
    shown = not (parameter.required or default is None or default is False or default == "")
    return _cell(" ".join((parameter.help or "").split())) + (f" Default: `{default}`." if shown else "")


def plain(kind: Any) -> list[Any]:
    """The types that an annotation is made of."""
    return [kind] if isinstance(kind, type) and not get_args(kind) else [part for inner in get_args(kind) for part in plain(inner)]


def is_option(parameter: Any) -> bool:
    return str(parameter.opts[0]).startswith("-")


def first_sentence(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())


def _cell(text: str) -> str:
    return linked(text.replace("|", "\\|"))


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(render())
    else:
        print(render(), end="")
