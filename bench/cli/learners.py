"""The verb `learners`: the ways of writing policies down, and the options of each."""

import math
from typing import Annotated, Any

import typer

from bench.cli.options import Json
from bench.terminal import emit_json, emit_table
from games.errors import GaincurveError


def learners(
    name: Annotated[str | None, typer.Argument(help="A learner, for example rulelist: its options too.")] = None,
    json: Json = False,
) -> None:
    """List the learners and the units of their budgets; for one learner, or with --json, also the options with types and meanings."""
    from policies.registry import learners as known

    if json:
        emit_json({"learners": {each: describe(each) for each in ([name] if name else known())}})
    elif name:
        _print_options(name)
    else:
        found = {each: describe(each) for each in known()}
        emit_table("", ["learner", "its budget counts", ""], [[each, about["unit"], about["about"]] for each, about in found.items()])
        print("`gaincurve learners NAME` lists the options of one; they are written as NAME:option=value,option=value")


def describe(name: str) -> dict[str, Any]:
    """A learner as plain JSON: what it is, what its budgets count unless options change that, and its options by name.

    Of an option: what it `takes` in words, its `type`, the `values` to choose from or the lowest and highest number (null where there
    is no such limit), its default and its meaning. Raises UsageError for an unknown learner. Of one that is installed and cannot
    be loaded, or that cannot be made without options, the unit is null and `error` is why.
    """
    from policies.options import in_words
    from policies.registry import learner_options, make_learner
    from policies.registry import learners as known

    options: dict[str, Any] = {}
    unit, error = None, None
    try:
        for option in learner_options(name).values():
            options[option.name] = {
                "takes": in_words(option),
                "type": option.type_name,
                "values": list(option.choices) or None,
                "lowest": _plain(option.range.low),
                "highest": _plain(option.range.high),
                "default": _plain(option.default) if option.has_default else None,
                "meaning": option.meaning,
            }
        unit = make_learner(name).unit
    except GaincurveError as found:
        if name not in known():
            raise
        error = str(found)
    return {"about": known()[name][1], "unit": unit, "options": options} | ({} if error is None else {"error": error})


def written(value: object) -> str:
    """A default as it is written after `option=`."""
    return str(value).lower() if isinstance(value, bool | None) else f"{value:g}" if isinstance(value, float) else str(value)


def _print_options(name: str) -> None:
    found = describe(name)
    print(f"{name}: {found['about']}")
    print(f"its budget counts {found['unit']}" if "error" not in found else found["error"])
    rows = [[option, each["takes"], written(each["default"]), each["meaning"]] for option, each in found["options"].items()]
    emit_table("", ["option", "takes", "default", "meaning"], rows) if rows else print("it takes no options")


def _plain(value: object) -> Any:
    """A value as JSON has it; null for infinity."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float | str | None) else str(value)
