"""Literals of hand-written rules as JSON: a concept, or an object for a picture, a cell, a move or a position; docs/rules.md shows each."""

import functools
import importlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from games.concepts.concept import CONCEPTS, concepts_of
from games.contract import Game
from games.errors import UsageError, nearest
from games.solving.graph import GameGraph
from policies.language import effects, lookahead
from policies.language.atoms import CONCEPT_KINDS, LEVELS, Literal
from policies.language.patterns import WINDOWS
from policies.language.pictures import cell_names, draw_position, draw_window, read_move, read_position, read_window

CONTENTS = ("empty", "yours", "theirs")
FORMS: dict[str, tuple[set[str], set[str]]] = {  # an object's first key: the keys that must stand beside it, those that may
    "picture": (set(), {"window"}),
    "cell": ({"is"}, set()),
    "entry": ({"is"}, set()),
    "after": ({"is"}, set()),
    "position": ({"move"}, set()),
    "move": (set(), set()),
    "not": (set(), set()),
}
FORM_KEYS = sorted(FORMS.keys() | {"window", "is"})


def write_literal(literal: Literal, game: Game, graph: GameGraph) -> Any:
    """A literal as it stands in JSON."""
    kind, value, holds = literal
    if kind in CONCEPT_KINDS:
        name = next(name for name, atom in _concepts(game).items() if atom == (kind.removeprefix("only-"), value))
        return "not " * (not holds) + "only " * kind.startswith("only-") + name
    written: dict[str, Any]
    if kind in WINDOWS:
        written = {"window": kind, "picture": draw_window(kind, value)}
    elif kind == "cell":
        entry, content = divmod(value, LEVELS)
        names = cell_names(game)
        where = {"cell": names[entry]} if entry < len(names) else {"entry": entry}
        written = {**where, "is": CONTENTS[content] if entry < len(names) and content < len(CONTENTS) else content}
    elif kind == "after":
        number, held = divmod(value, LEVELS)
        name = effects.names(game)[number]
        written = {"after": name, "is": held - effects.offset(name)}
    elif kind == "move":
        written = {"move": game.action_name(value)}
    else:
        rows, move = draw_position(game, graph, value)
        written = {"position": rows, "move": move}
    return written if holds else {"not": written}


@functools.lru_cache(maxsize=4)
def _concepts(game: Game) -> dict[str, tuple[str, int]]:
    """The names of concepts; where the game has one of the same name, `lookahead NAME` is that of lookahead, `effect NAME` the effect."""
    ahead = {concept.name: ("lookahead", i) for i, concept in enumerate(lookahead.CONCEPTS)}
    effect = {concept.name: ("effect", i) for i, concept in enumerate(effects.concepts(game))}
    own = {concept.name: ("concept", i) for i, concept in enumerate(concepts_of(game))}
    prefixed = {f"lookahead {name}": atom for name, atom in ahead.items()} | {f"effect {name}": atom for name, atom in effect.items()}
    return {**own, **{name: atom for name, atom in {**ahead, **effect}.items() if name not in own}, **prefixed}


def read_literal(given: Any, game: Game, graph: GameGraph) -> Literal:
    """The literal that a value of JSON means; raises UsageError that says what is wrong with it."""
    if isinstance(given, str):
        return _read_concepts(given, game)
    if not isinstance(given, dict):
        raise UsageError(f'want a concept such as "{next(iter(_concepts(game)))}", an object or a list of these, not {show_json(given)}')
    for key in given:
        if key not in FORM_KEYS:
            raise UsageError(f"unknown key {key!r}; {nearest(key, FORM_KEYS)}")
    form = next((form for form, (must, may) in FORMS.items() if form in given and must <= given.keys() - {form} <= must | may), None)
    if form is None:
        shown = "; ".join(" with ".join([form, *sorted(must)]) for form, (must, _) in FORMS.items())
        raise UsageError(f"the keys {' and '.join(given) or '(none)'} together say nothing; write one of: {shown}")
    if form == "not":
        kind, value, holds = read_literal(given["not"], game, graph)
        return Literal(kind, value, not holds)
    return Literal(*READERS[form](given, game, graph))


def _read_concepts(text: str, game: Game) -> Literal:
    known = _concepts(game)
    name, holds, kind = text.strip(), True, ""
    if name not in known and name.startswith("not "):
        name, holds = name.removeprefix("not ").strip(), False
    if name not in known and name.startswith("only "):
        name, kind = name.removeprefix("only ").strip(), "only-"
    if name in known:
        return Literal(kind + known[name][0], known[name][1], holds)
    if not name:
        raise UsageError("this is empty; write the name of a concept")
    plain = [concept for concept in known if not concept.startswith("lookahead ")]
    others = [family for family in CONCEPTS if family != game.id.partition("-")[0] and name in _names_in(family)]
    if others:
        raise UsageError(f"{name!r} is a concept of {' and '.join(others)}, not of {game.id}; known: {', '.join(sorted(plain))}")
    raise UsageError(f"unknown concept {name!r}; {nearest(name, plain)}")


def _names_in(family: str) -> set[str]:
    """The names of a family's concepts; none of a family whose concepts depend on the size."""
    module, _, attribute = CONCEPTS[family].partition(":")
    concepts = getattr(importlib.import_module(module), attribute)
    return set() if callable(concepts) else {concept.name for concept in concepts}


def _read_picture(given: Mapping[str, Any], game: Game, graph: GameGraph) -> tuple[str, int]:
    return read_window(_rows(given, "picture"), _text(given, "window") if "window" in given else None, game)


def _read_cell(given: Mapping[str, Any], game: Game, graph: GameGraph) -> tuple[str, int]:
    names, name = cell_names(game), _text(given, "cell")
    found = [cell for cell, known in enumerate(names) if known == name] or [
        cell for cell, known in enumerate(names) if known.casefold() == name.casefold()
    ]
    if not found:
        raise UsageError(
            f"unknown cell {name!r}; {nearest(name, list(names))}" if names else f"{game.id} has no board; write entry, not cell"
        )
    return _content(given["is"], found[0], CONTENTS, game)


def _read_entry(given: Mapping[str, Any], game: Game, graph: GameGraph) -> tuple[str, int]:
    entry, n_entries = given["entry"], len(game.cell_levels())
    if type(entry) is not int or not 0 <= entry < n_entries:
        raise UsageError(f"the entries of a position of {game.id} are the numbers 0 to {n_entries - 1}, not {show_json(entry)}")
    return _content(given["is"], entry, CONTENTS if entry < len(cell_names(game)) else (), game)


def _read_after(given: Mapping[str, Any], game: Game, graph: GameGraph) -> tuple[str, int]:
    known, name, size = effects.names(game), _text(given, "after"), given["is"]
    if name not in known:
        raise UsageError(f"unknown number {name!r} of a move; {nearest(name, list(known))}")
    offset, n_levels = effects.offset(name), effects.levels(game)[known.index(name)]
    if type(size) is not int or not 0 <= size + offset < n_levels:
        raise UsageError(f'"is" takes a number {-offset} to {n_levels - 1 - offset} beside {name}, not {show_json(size)}')
    return "after", known.index(name) * LEVELS + size + offset


def _content(given: Any, entry: int, names: tuple[str, ...], game: Game) -> tuple[str, int]:
    n_levels = game.cell_levels()[entry]
    if isinstance(given, str) and given in names[:n_levels]:
        return "cell", entry * LEVELS + names.index(given)
    if type(given) is int and 0 <= given < n_levels:
        return "cell", entry * LEVELS + given
    hint = f"; {nearest(given, list(names[:n_levels]))}" if isinstance(given, str) and names else ""
    numbers = f"a number 0 to {n_levels - 1}"
    raise UsageError(f'"is" takes {" or ".join([*names[:n_levels], numbers])}, not {show_json(given)}{hint}')


def _read_move(given: Mapping[str, Any], game: Game, graph: GameGraph) -> tuple[str, int]:
    return "move", read_move(_text(given, "move"), game)


def _read_position(given: Mapping[str, Any], game: Game, graph: GameGraph) -> tuple[str, int]:
    return "position", read_position(_rows(given, "position"), _text(given, "move"), game, graph)


READERS: dict[str, Callable[[Mapping[str, Any], Game, GameGraph], tuple[str, int]]] = {
    "picture": _read_picture,
    "cell": _read_cell,
    "entry": _read_entry,
    "after": _read_after,
    "move": _read_move,
    "position": _read_position,
}


def _text(given: Mapping[str, Any], key: str) -> str:
    if not isinstance(given[key], str):
        raise UsageError(f'"{key}" is text, not {show_json(given[key])}')
    return str(given[key])


def _rows(given: Mapping[str, Any], key: str) -> list[str]:
    rows = given[key]
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise UsageError(f'"{key}" is a list of rows, each of them text, not {show_json(rows)}')
    return rows


def show_json(value: Any) -> str:
    """A value as JSON, cut to a length that a message can hold."""
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:36] + " ..."
