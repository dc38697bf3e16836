"""Suites: which games are measured with which learners, written in TOML, and the cells that follow from them.

    name = "small"
    games = ["tictactoe", "go-2x3"]

    [[learners]]
    name = "rulelist"
    label = "rulelist-concepts"        # names the cells; the learner's name unless two entries share it
    games = ["tictactoe"]           # all of the suite's games unless given
    options = { language = "concepts" }
    budgets = [1, 2, 3]             # the learner's own unless given

docs/suites.md says what each key does.
"""

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec

from bench.suites.checks import check_suite
from bench.suites.grid import LearnerEntry, Suite
from bench.suites.problems import problem
from games.errors import UsageError, nearest
from policies.former_names import about_sample

OWN = ("name", "description")  # keys that are not handed on to a suite that extends this one
ADDED = ("games", "learners", "exclude")
Chain = tuple[tuple[str, str], ...]  # name and text of the suites that are being read


def load_suite(name_or_path: str) -> Suite:
    """A built-in suite by name, or one from a TOML file.

    Raises UsageError, naming the nearest known name, when there is no such suite or when a key, game, learner, option or
    budget in it, or in one that it extends, is wrong.
    """
    return _build(_find(name_or_path, Path(), ()), name_or_path)


def parse_suite(text: str, source: str, folder: Path | None = None) -> Suite:
    """The suite that a TOML text states; `source` names it in errors, and a suite that it extends by path is sought from `folder`."""
    return _build(_parse(text, source, folder or Path(), ()), source)


def built_in_suites() -> dict[str, Traversable]:
    """The files of the suites that come with the package, by name."""
    listed = (files("bench") / "suites").iterdir()
    return {path.name.removesuffix(".toml"): path for path in listed if path.name.endswith(".toml")}


def _build(raw: dict[str, Any], source: str) -> Suite:
    try:
        return check_suite(msgspec.convert(raw, Suite))
    except msgspec.ValidationError as error:
        raise UsageError(f"{source}: {problem(error, raw)}") from None
    except UsageError as error:
        raise UsageError(f"{source}: {error}") from None


def _find(name_or_path: str, folder: Path, extended_by: Chain) -> dict[str, Any]:
    """The keys of a suite by name, or by its path from `folder`, with those that it extends."""
    built_in = built_in_suites()
    if name_or_path in built_in:
        return _parse(built_in[name_or_path].read_text(encoding="utf-8"), name_or_path, folder, extended_by)
    path = folder / name_or_path
    if not path.is_file():
        hint = nearest(name_or_path, list(built_in))
        raise UsageError(f"unknown suite {name_or_path!r}; {hint}; or give the path of a .toml file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not text in UTF-8: save it as such") from None
    return _parse(text, str(path), path.parent, extended_by)


def _parse(text: str, source: str, folder: Path, extended_by: Chain) -> dict[str, Any]:
    """The keys that a TOML text states, after those of the suite that it extends."""
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{source}: not valid TOML: {error}") from None
    _check_keys(raw, Suite, source)
    entries = raw.get("learners", [])
    for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
        _check_keys(entry, LearnerEntry, f"{source}, learner {number}")
    if "extends" not in raw:
        return raw
    identity = (source, text)
    if identity in extended_by:
        raise UsageError(f"{source}: it extends itself, by way of others or not: take one `extends` out")
    if not isinstance(raw["extends"], str) or "\0" in raw["extends"]:
        raise UsageError(f"{source}: extends is the name or path of one suite")
    try:
        base = _find(raw["extends"], folder, (*extended_by, identity))
    except UsageError as error:
        raise UsageError(f"{source}: {error}") from None
    return _merge(base, raw)


def _merge(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A suite over one that it extends: lists of ADDED begin with the base's, any other key that it gives takes the place of the base's."""
    merged = {key: value for key, value in base.items() if key not in OWN} | own
    for key in ADDED:
        before, after = base.get(key, []), own.get(key, [])
        if isinstance(before, list) and isinstance(after, list):  # what is no list is refused when types are checked
            merged[key] = [*before, *(item for item in after if key != "games" or item not in before)]
    return merged


def _check_keys(raw: object, kind: type[msgspec.Struct], where: str) -> None:
    if isinstance(raw, dict):
        known = list(kind.__struct_fields__)
        for key in raw:
            if key == "sample":
                raise UsageError(f"{where}: {about_sample(raw[key])}")
            if kind is Suite and key not in known and key in LearnerEntry.__struct_fields__:
                raise UsageError(f"{where}: {key} is a key of a learner: put it below [[learners]]")
            if key not in known:
                raise UsageError(f"{where}: unknown key {key!r}; {nearest(key, known)}")
