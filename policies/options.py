"""The options of learners: the fields of a learner's frozen dataclass, explained where they stand and read by one reader.

    support: Annotated[int, Range(1), "moves for which a pattern must hold"] = 2

An annotation is bool, int, float, str, a Literal, one of these or None, or a tuple of one of these. Beside the type it may hold a `Range`
or a `OneOf` (policies/api.py), functions of the value, and the meaning as a string. Such a function raises UsageError for a value that
cannot be used; it may return the value that is used instead.
"""

import dataclasses
import math
import numbers
import re
import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import numpy as np

from games.errors import UsageError, nearest
from policies.api import OneOf, Range

BOOLS = {"true": True, "True": True, "yes": True, "false": False, "False": False, "no": False}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
MAX_DIGITS = 40  # of a number as text
MAX_SHOWN = 60  # characters of a wrong value in a message


class Option(NamedTuple):
    """One option of a learner: its name, the type without what stands beside it, what does, and its default."""

    name: str
    kind: Any
    beside: tuple[Any, ...] = ()
    default: Any = dataclasses.MISSING

    @property
    def type_name(self) -> str:
        """The type in Python's words: `bool`, `int`, `str | None`."""
        return self.kind.__name__ if isinstance(self.kind, type) and not get_args(self.kind) else str(self.kind).replace("typing.", "")

    @property
    def meaning(self) -> str:
        """What the option does, in the learner's own words; empty where it has none."""
        return " ".join(part for part in self.beside if isinstance(part, str))

    @property
    def range(self) -> Range:
        """The numbers that it takes, also those of its parts where it is a tuple."""
        return next((part for part in self.beside if isinstance(part, Range)), Range())

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values that it takes, empty where they are not listed."""
        if get_origin(self.kind) is Literal:
            return get_args(self.kind)
        return next((part.values for part in self.beside if isinstance(part, OneOf)), ())

    @property
    def checks(self) -> tuple[Callable[[Any], object], ...]:
        """The functions of the value, in their order."""
        return tuple(part for part in self.beside if callable(part))

    @property
    def has_default(self) -> bool:
        return self.default is not dataclasses.MISSING


def options_of(learner_class: type) -> dict[str, Option]:
    """The options of a learner by name, in the order of its fields. Raises UsageError for annotations that cannot be read."""
    fields = [field for field in dataclasses.fields(learner_class) if field.init]
    try:
        hints = get_type_hints(learner_class, include_extras=True)
    except (NameError, TypeError) as error:
        raise UsageError(f"the options of {learner_class.__qualname__} have annotations that cannot be read: {error}") from None
    return {field.name: _option(field.name, hints[field.name], _default(field)) for field in fields}


def read_value(learner: str, option: Option, value: object) -> Any:
    """A value, or its text, in the type of its option; raises UsageError that names the option, the value and what it takes."""
    found = _read(option, value)
    if found is _WRONG:
        close = nearest(value, list(option.choices)) if isinstance(value, str) and all(isinstance(v, str) for v in option.choices) else ""
        hint = f"; {close}" if close.startswith("did you mean") else ""
        raise UsageError(f"{learner} option {option.name}={_shown(value)}: give {in_words(option)}{hint}")
    for check in option.checks:
        try:
            replaced = check(found)
            found = found if replaced is None else replaced
        except UsageError as error:
            raise UsageError(f"{learner} option {option.name}={_shown(value)}: {error}") from None
    return found


def read_values(learner: str, known: Mapping[str, Option], values: Mapping[str, object]) -> dict[str, Any]:
    """All values in the types of their options; raises UsageError for one that is unknown, naming the nearest, or wrong."""
    for name in values:
        if name not in known:
            close = nearest(name, list(known)) if known else "it takes none"
            rest = f" known: {', '.join(known)}" if close.startswith("did you mean") else ""
            raise UsageError(f"learner {learner} has no option {name!r}; {close}{rest}")
    return {name: read_value(learner, known[name], value) for name, value in values.items()}


def in_words(option: Option) -> str:
    """The values of an option in words: `a whole number from 1 to 8`, `true or false`, `one of regret, worst`."""
    if option.choices:
        return "one of " + ", ".join(map(str, option.choices))
    if option.kind is bool:
        return "true or false"
    if option.kind in (int, float):
        return ("a whole number" if option.kind is int else "a number") + _range_in_words(option.range)
    if option.kind is str:
        return "a text"
    parts = [_part(option, kind) for kind in get_args(option.kind)]
    if _is_union(option.kind):
        return " or ".join("none" if part.kind is type(None) else in_words(part) for part in parts)
    if get_origin(option.kind) is tuple:
        return f"{in_words(parts[0])}, several joined with +" if parts[-1].kind is ... else " + ".join(map(in_words, parts))
    return "any value" if option.kind in (Any, object) else f"a value of type {option.kind!r}"


def _range_in_words(within: Range) -> str:
    """The end of "a number ...": ` from 1 to 8`, ` from 1 up`, ` above 0, up to 1`; empty where any number will do."""
    low = "" if within.low == -math.inf else f" {'above' if within.is_open else 'from'} {within.low:,}"
    if within.high == math.inf:
        return low + " up" * (bool(low) and not within.is_open)
    return f"{low}{', up' if within.is_open else ''} to {within.high:,}" if low else f" up to {within.high:,}"


_WRONG = object()


def _read(option: Option, value: object) -> Any:
    """The value in the option's type, or _WRONG."""
    kind = option.kind
    if option.choices:
        alike = [choice for choice in option.choices if _read(Option(option.name, type(choice)), value) == choice]
        return alike[0] if alike else _WRONG
    if kind is bool:
        return bool(value) if isinstance(value, bool | np.bool_) else BOOLS.get(value, _WRONG) if isinstance(value, str) else _WRONG
    if kind in (int, float):
        number = _number(value)
        return _WRONG if number is None else _in_range(number, kind, option.range)
    if kind is str:
        return str(value) if isinstance(value, str) else _WRONG
    if kind is type(None):
        return None if value is None or value == "none" else _WRONG
    parts = [_part(option, part) for part in get_args(kind)]
    if _is_union(kind):
        by_type = sorted(parts, key=lambda part: part.kind is str)  # any text is a text: what is narrower comes first
        return next((found for part in by_type if (found := _read(part, value)) is not _WRONG), _WRONG)
    if get_origin(kind) is tuple:
        return _read_tuple(parts, value)
    return value if kind in (Any, object) or (isinstance(kind, type) and isinstance(value, kind)) else _WRONG


def _read_tuple(parts: list[Option], value: object) -> Any:
    values = (value.split("+") if value else []) if isinstance(value, str) else value
    if not isinstance(values, list | tuple):
        return _WRONG
    if parts[-1].kind is ...:
        parts = parts[:1] * len(values)
    if len(parts) != len(values):
        return _WRONG
    found = tuple(_read(part, each) for part, each in zip(parts, values, strict=True))
    return _WRONG if any(each is _WRONG for each in found) else found


def _number(value: object) -> int | float | None:
    """A number or the text of one; None for anything else, truth values, infinity and what is not a number among them."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if len(value) > MAX_DIGITS or not NUMBER.fullmatch(value):
            return None
        value = float(value) if re.search("[.eE]", value) else int(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    return float(value) if isinstance(value, numbers.Real) and math.isfinite(value) else None


def _in_range(number: float, kind: Any, within: Range) -> Any:
    if kind is int and number != math.floor(number):
        return _WRONG
    try:
        found = kind(number)
    except OverflowError:  # a whole number beyond all of float64
        return _WRONG
    is_within = within.low <= found <= within.high and not (within.is_open and found == within.low)
    return found if is_within else _WRONG


def _option(name: str, annotation: Any, default: Any) -> Option:
    if get_origin(annotation) is Annotated:
        kind, *beside = get_args(annotation)
        return Option(name, kind, tuple(beside), default)
    return Option(name, annotation, (), default)


def _part(option: Option, kind: Any) -> Option:
    """A part of an option's type as an option, with what stands beside the whole."""
    part = _option(option.name, kind, dataclasses.MISSING)
    return part._replace(beside=(*part.beside, *(each for each in option.beside if isinstance(each, Range))))


def _default(field: "dataclasses.Field[Any]") -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _shown(value: object) -> str:
    """A wrong value, on one line and not too long."""
    text = f"{hex(value)[:8]}..." if isinstance(value, int) and abs(value) >= 10**MAX_DIGITS else " ".join(repr(value).split())
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."
