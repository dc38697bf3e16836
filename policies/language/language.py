"""Rule languages: which atoms (policies/language/atoms.py) the rules of a list may be made of.

A language is a sum of parts, written `concepts+patterns`:
  concepts     the game's own concepts (games/concepts/<game>.py)
  lookahead    what trying moves out shows up to four plies ahead, `lookahead-D` up to D plies (policies/language/lookahead.py)
  priority     each concept and fact of lookahead of the other parts once more, as "this move alone of all legal ones"
  patterns     windows round the move, up to symmetry (policies/language/patterns.py); only on boards
  cells        the raw contents of the position, and which move it is
  positions    this very position and this very move
  mechanical   what the rules of any game give, by one program for all: effects of a move (policies/language/effects.py), lookahead,
               patterns and cells; without the concepts of a game
or the name of a single concept, as in `lookahead+centre+corner`.
"""

import functools
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from games.arrays import Bools, Int32s, Int64s
from games.concepts.concept import Concept, concepts_of
from games.contract import Game
from games.errors import UsageError, nearest
from games.solving.graph import GameGraph
from policies.former_names import read_language
from policies.language import effects, lookahead
from policies.language.atoms import Atoms, Edges, Predicate, Rule, atoms_of, mechanical_source
from policies.language.patterns import WINDOWS

PARTS = ("concepts", "lookahead", "priority", "patterns", "cells", "positions", "mechanical")
DEPTH = 4  # plies, of a part `lookahead` without a number
DEPTHS = tuple(f"lookahead-{depth}" for depth in range(1, len(lookahead.CONCEPTS) + 1))


@dataclass(frozen=True, eq=False)
class Language:
    """A set of atoms of one game, numbered: concepts, then what stands in columns, column by column, then edges."""

    name: str
    atoms: Atoms
    concept_predicates: tuple[Predicate, ...]
    columns: tuple[str, ...]  # names of columns of the atoms
    has_positions: bool

    @property
    def graph(self) -> GameGraph:
        return self.atoms.graph

    @property
    def concepts(self) -> tuple[Concept, ...]:
        return tuple(self.atoms.concept(atom) for atom in self.concept_predicates)

    @property
    def holds(self) -> tuple[Bools, ...]:
        """[n_edges] for each concept"""
        return tuple(self.atoms.holds(atom) for atom in self.concept_predicates)

    def holds_on(self, edges: Int64s) -> Bools:
        """For each concept whether it holds on each of some edges, ascending. [n_concepts, n_edges]"""
        found = np.empty((len(self.concept_predicates), len(edges)), dtype=np.bool_)
        for row, atom in zip(found, self.concept_predicates, strict=True):
            row[:] = self.atoms.holds_on(atom, edges)
        return found

    @functools.cached_property
    def column_start(self) -> Int64s:
        """The number of the first atom of each column; the last entry is that of edge 0. [n_columns + 1]"""
        with ThreadPoolExecutor(2) as threads:  # the kernels let go of the interpreter's lock; each needs memory of its own
            sizes = [len(column.values) for column in threads.map(self.atoms.column, self.columns)]
        return len(self.concept_predicates) + np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def number_edges(self, edges: Int64s | None = None) -> Int32s:
        """For each column the number of the atom that holds on each of these edges, -1 for none; None: on all. [n_columns, n_edges]"""
        starts = self.column_start.tolist()
        numbers = np.empty((len(self.columns), self.graph.n_edges if edges is None else len(edges)), dtype=np.int32)
        for row, name, start in zip(numbers, self.columns, starts, strict=False):
            index = self.atoms.column(name).which
            index = index if edges is None else index[edges]
            np.add(index, start, out=row, where=index >= 0)
            row[index < 0] = -1
        return numbers

    @property
    def n_predicates(self) -> int:
        return int(self.column_start[-1]) + (self.graph.n_edges if self.has_positions else 0)

    def predicate(self, number: int) -> Predicate:
        """What an atom's number stands for."""
        if number < len(self.concept_predicates):
            return self.concept_predicates[number]
        if number >= self.column_start[-1]:
            return "position", number - int(self.column_start[-1])
        column = int(np.searchsorted(self.column_start, number, side="right")) - 1
        name = self.columns[column]
        return name.partition("-")[0], int(self.atoms.column(name).values[number - self.column_start[column]])

    def number(self, predicate: Predicate) -> int:
        """The number of an atom, -1 for one that occurs nowhere in the game or has no number here (wildcards)."""
        kind, value = predicate
        if predicate in self.concept_predicates:
            return self.concept_predicates.index(predicate)
        if kind == "position":
            return int(self.column_start[-1]) + value
        for name, start in zip(self.columns, self.column_start.tolist(), strict=False):
            if name.partition("-")[0] == kind and value < 1 << 64:
                values = self.atoms.column(name).values
                place = int(np.searchsorted(values, np.uint64(value)))
                if place < len(values) and int(values[place]) == value:
                    return int(start + place)
        return -1

    def edges(self, number: int) -> Edges:
        """The edges on which an atom holds, ascending."""
        return np.empty(0, dtype=np.int32) if number < 0 else self.atoms.edges(self.predicate(number))

    def rule_edges(self, rule: Rule) -> Edges:
        """The edges on which a rule holds, ascending."""
        return self.atoms.rule_edges(rule)

    def source(self, used: Iterable[Predicate]) -> str:
        """The source text of what the used atoms presuppose."""
        return self.atoms.source(used)


def check_name(name: str) -> str:
    """The name of a language, with the present names of its parts.

    Raises UsageError for a language of no game; single concepts are known once the game is (`make_language`).
    """
    name = read_language(name)
    for part in name.split("+"):
        if not re.fullmatch(r"[^\s+]+", part) or (part.startswith("lookahead-") and part not in DEPTHS):
            raise UsageError(f"unknown part {part!r} of language {name!r}; {nearest(part, [*PARTS, *DEPTHS])}; parts are joined with +")
    return name


def is_mechanical(name: str) -> bool:
    """Whether a language has the part `mechanical`."""
    return "mechanical" in name.split("+")


def language_source(name: str, atoms: Atoms, used: Iterable[Predicate]) -> str:
    """The source text that a policy in a language presupposes: of the mechanical one all, of others what the used atoms need."""
    return mechanical_source() if is_mechanical(name) else atoms.source(used)


LanguageName = Annotated[
    str,
    check_name,
    "what rules may be made of: concepts, lookahead, lookahead-D, priority, patterns, cells, positions, mechanical, or single concepts, "
    "joined with +",
]


def make_language(name: str, game: Game, graph: GameGraph) -> Language:
    """The language called `name` on a game's graph; the last few are kept. Raises UsageError for an unknown part.

    >>> from policies.task import make_task
    >>> task = make_task("tictactoe")
    >>> language = make_language("win+block+lookahead-1", task.game, task.graph)
    >>> [concept.name for concept in language.concepts]
    ['win', 'block', 'wins_now']
    >>> language.holds[0].shape  # for each concept, whether it is true of each edge
    (2270,)
    """
    parts = read_language(name).split("+")
    own = [concept.name for concept in concepts_of(game)]
    single = [*own, *(concept.name for concept in lookahead.CONCEPTS)]
    known = [*PARTS[:2], *DEPTHS, *PARTS[2:], *single]
    for part in parts:
        if part not in known:
            raise UsageError(f"unknown part {part!r} of language {name!r}; {nearest(part, known)}; parts are joined with +")
    textbook = [part for part in parts if part == "concepts" or part in own]
    if is_mechanical(name) and textbook:
        raise UsageError(f"language {name!r}: mechanical is made from the rules of a game alone; leave {textbook[0]} out")
    if game.board is None and set(parts) == {"patterns"}:
        raise UsageError(f"{game.id} has no board, so language 'patterns' is empty: give concepts, cells or positions")
    return build_language("+".join(part for part in known if part in parts), game, graph)


@functools.lru_cache(maxsize=4)
def build_language(name: str, game: Game, graph: GameGraph) -> Language:
    """As `make_language`, for parts in their usual order."""
    parts = [*name.split("+"), *(("lookahead", "patterns", "cells") if is_mechanical(name) else ())]
    depths = [int(part.partition("-")[2] or DEPTH) for part in parts if part.partition("-")[0] == "lookahead"]
    atoms = atoms_of(game, graph)
    concepts = [("concept", i) for i, concept in enumerate(atoms.concepts["concept"]) if "concepts" in parts or concept.name in parts]
    concepts += [("lookahead", i) for i, concept in enumerate(lookahead.CONCEPTS) if i < max(depths, default=0) or concept.name in parts]
    concepts += [("effect", i) for i in range(len(atoms.concepts["effect"])) if is_mechanical(name)]
    concepts += [(f"only-{kind}", i) for kind, i in concepts if "priority" in parts]
    columns = [*WINDOWS] if "patterns" in parts and game.board else []
    columns += [*(f"cell-{i}" for i in range(len(game.cell_levels()))), "move"] if "cells" in parts else []
    columns += [f"after-{number}" for number in range(len(effects.levels(game))) if is_mechanical(name)]
    return Language(name, atoms, tuple(concepts), tuple(columns), "positions" in parts)


def clear_caches() -> None:
    """Forget all languages and what is known of their atoms, so that they are computed anew."""
    build_language.cache_clear()
    atoms_of.cache_clear()
