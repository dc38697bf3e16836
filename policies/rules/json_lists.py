"""Rule lists as JSON that people read and write (docs/rules.md describes it), and the message for every mistake in one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from games.contract import Game
from games.errors import UsageError, nearest
from games.solving.graph import GameGraph
from policies.language.atoms import SEMANTICS, Literal, Rule
from policies.language.literal_json import read_literal, show_json, write_literal

KEYS = ("game", "about", "semantics", "rules")


@dataclass(frozen=True)
class WrittenList:
    """A list as it stands in its file: for a game or a whole family, its rules not yet read."""

    game: str
    about: str
    semantics: str
    rules: tuple[Any, ...]

    def is_for(self, game_id: str) -> bool:
        """Whether the list is written for a game."""
        return self.game in (game_id, game_id.partition("-")[0])


def read_list(text: str) -> WrittenList:
    """The list in a text; raises UsageError unless it is JSON with the keys of a list, each with a value of its type."""
    try:
        found = json.loads(text, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        raise UsageError(f"this is not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except (RecursionError, ValueError):
        raise UsageError("this is not a list: it nests thousands of brackets, or has a number of thousands of digits") from None
    if not isinstance(found, dict):
        raise UsageError(f'a list is an object such as {{"game": "tictactoe", "rules": ["win", "block"]}}, not {show_json(found)}')
    for key in found:
        if key not in KEYS:
            raise UsageError(f"unknown key {key!r}; {nearest(key, list(KEYS))}")
    for key, kind, what in (("game", str, "text"), ("about", str, "text"), ("semantics", str, "text"), ("rules", list, "a list of rules")):
        if not isinstance(found.get(key, kind()), kind):
            raise UsageError(f'"{key}" is {what}, not {show_json(found[key])}')
    for key in ("game", "rules"):
        if key not in found:
            raise UsageError(f'the key "{key}" is missing')
    semantics = found.get("semantics", SEMANTICS[0])
    if semantics not in SEMANTICS:
        raise UsageError(f"unknown semantics {semantics!r}; {nearest(semantics, list(SEMANTICS))}")
    return WrittenList(found["game"], found.get("about", ""), semantics, tuple(found["rules"]))


def read_rules(written: WrittenList, game: Game, graph: GameGraph) -> tuple[Rule, ...]:
    """The rules of a list on a game's graph; raises UsageError that says the number of the rule and what is wrong with it."""
    if not written.is_for(game.id):
        raise UsageError(f"this list is for {written.game}, not for {game.id}")
    rules: list[Rule] = []
    numbers: dict[frozenset[Literal], int] = {}
    for number, given in enumerate(written.rules, start=1):
        try:
            rules.append(_read_rule(given, game, graph))
        except UsageError as error:
            raise UsageError(f"rule {number}: {error}") from None
        earlier = numbers.setdefault(frozenset(rules[-1]), number)
        if earlier < number:
            raise UsageError(f"rule {number}: this says the same as rule {earlier}; take one of them out")
    return tuple(rules)


def write_list(game: Game, graph: GameGraph, semantics: str, rules: Sequence[Rule], about: str = "") -> str:
    """The list as JSON, a rule a line and pictures as they are drawn; `read_list` and `read_rules` give the same rules back."""
    written = [write_rule(rule, game, graph) for rule in rules]
    head = {"game": game.id} | ({"about": about} if about else {}) | {"semantics": semantics}
    lines = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in head.items()]
    body = ",\n".join("  " + _laid_out(rule, 2) for rule in written)
    return "\n".join(["{", *lines, ' "rules": [', *([body] if body else []), " ]", "}", ""])


def _read_rule(given: Any, game: Game, graph: GameGraph) -> Rule:
    parts = given if isinstance(given, list) else [given]
    if not parts:
        raise UsageError("this is empty; write a concept, a picture, or what else must hold of the move")
    literals = tuple(read_literal(part, game, graph) for part in parts)
    for i, literal in enumerate(literals):
        if literal in literals[:i]:
            raise UsageError(f"this says {show_json(parts[i])} twice; once is enough")
    return literals


def write_rule(rule: Rule, game: Game, graph: GameGraph) -> Any:
    """A rule as it stands in JSON: its literal, or a list of them where there are several."""
    literals = [write_literal(literal, game, graph) for literal in rule]
    return literals[0] if len(literals) == 1 else literals


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise UsageError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in one object")
    return found


def _laid_out(value: Any, column: int) -> str:
    """JSON in one line but for rows of pictures, which stand below one another; `column` is where the text begins."""
    if not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    is_object = isinstance(value, dict)
    items = [(json.dumps(key) + ": ", item) for key, item in value.items()] if isinstance(value, dict) else [("", item) for item in value]
    text = "{" if is_object else "["
    for i, (lead, item) in enumerate(items):
        text += ", " * (i > 0) + lead
        at = len(text.rpartition("\n")[2]) + column * ("\n" not in text)
        if is_object and isinstance(item, list):
            text += "[" + (",\n" + " " * (at + 1)).join(json.dumps(row, ensure_ascii=False) for row in item) + "]"
        else:
            text += _laid_out(item, at)
    return text + ("}" if is_object else "]")
