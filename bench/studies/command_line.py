"""docs/command-line.md: every verb with its options, from what the verbs themselves say."""

import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer.main

from bench.__main__ import VERBS, app
from bench.studies.page import Page, Part, linked

NO_BREAK = "\N{NO-BREAK SPACE}"  # where a line must not be wrapped
VALUES: dict[Any, str] = {str: "TEXT", int: "N", float: "X", Path: "PATH"}


def verbs() -> dict[str, str]:
    """The table of the verbs and their sections, as the verbs of this checkout make them."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    rows = [f"| [`{name}`](#{name}) | {_cell(first_sentence(commands[name].help))} |" for name in VERBS]
    sections = [section(name, VERBS[name], commands[name]) for name in VERBS]
    return {"verbs.table": "\n".join(["| verb | |", "| --- | --- |", *rows]), "verbs.sections": "\n\n".join(sections)}


def section(name: str, verb: Callable[..., None], command: Any) -> str:
    """A verb: how it is called, what it does, and what each of its arguments means."""
    kinds = get_type_hints(verb)
    parameters = [parameter for parameter in command.params if not parameter.hidden]
    called = [usage(parameter, kinds).replace(" ", NO_BREAK) for parameter in parameters]
    lines = textwrap.wrap(" ".join(["gaincurve", name, *called]), 100, subsequent_indent="    ", break_on_hyphens=False)
    rows = [f"| `{words(parameter, kinds)}` | {meaning(parameter)} |" for parameter in command.params]
    shown = ["```text", "\n".join(lines).replace(NO_BREAK, " "), "```"]
    return "\n".join(
        [f"## {name}", "", _cell(inspect.cleandoc(command.help)), "", *shown, "", "| argument | meaning |", "| --- | --- |", *rows]
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
    """Whether a parameter is named by an option, and not by its place."""
    return str(parameter.opts[0]).startswith("-")


def first_sentence(text: str) -> str:
    """The first paragraph of a help text, in one line."""
    return " ".join(text.partition("\n\n")[0].split())


def _cell(text: str) -> str:
    return linked(text.replace("|", "\\|"))


PAGES = (Page("command-line.md", {"verbs": Part(verbs)}),)
