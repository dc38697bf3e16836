"""How literals are written, and rules one after the other, in the order in which they are given.

A closed file names a pattern by which of those it is that occur in the game, so it needs the closed graph. An open file writes the
cells of every pattern: it takes more bits, and is read on any sample of the game's positions.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np

from games.arrays import Int32s, Int64s
from games.concepts.concept import concepts_of
from games.errors import UsageError
from games.jit import njit
from policies.api import OneOf, Task
from policies.codec.adaptive_coder import ONE, Coder, Decoder, code_count, code_symbol, code_uniform
from policies.language import effects
from policies.language.atoms import (
    CONCEPT_KINDS,
    EFFECT_KINDS,
    KINDS,
    LEVELS,
    SEMANTICS,
    Atoms,
    Column,
    Literal,
    Rule,
    atoms_of,
    concepts_of_kind,
)
from policies.language.language import is_mechanical
from policies.language.patterns import ANYTHING, OFF_BOARD, WINDOWS, Window, contents, pattern

CLOSED, OPEN = CODES = ("closed", "open")
Code = Annotated[str, OneOf(CODES), "how a file names patterns: by which of them occur in the game, or cell by cell, for samples"]
MECHANICAL = "mechanical-"  # before a code: the kinds of atoms of a file are those of the mechanical language
MECHANICAL_KINDS = (EFFECT_KINDS[0], KINDS[1], EFFECT_KINDS[1], *KINDS[3:8], EFFECT_KINDS[2], *KINDS[8:])
MAX_MISSING = 16  # bytes: a whole file lacks fewer, since only a run of zeros is left out at its end


class Groups(NamedTuple):
    """The values of a column in groups of about equal frequency, halving from group to group; within a group ascending."""

    order: Int64s  # [n_values] index of each value
    start: Int64s  # [n_groups + 1]
    level: Int64s  # [n_groups] binary digits of the frequency
    place: Int64s  # [n_values] where in `order` each value is


def frequency_groups(column: Column) -> Groups:
    """Groups by the number of edges on which each value stands."""
    support = _count_values(column.which, len(column.values))
    level = np.frexp(support)[1].astype(np.int64)
    order = np.argsort(-level, kind="stable")
    start = np.flatnonzero(np.diff(level[order], prepend=-1, append=-1)) if len(order) else np.zeros(1, dtype=np.int64)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return Groups(order, start, level[order[start[:-1]]], place)


@njit
def _count_values(which: Int32s, n: int) -> Int64s:
    found = np.zeros(n, dtype=np.int64)
    for value in which:
        if value >= 0:
            found[value] += 1
    return found


class Literals:
    """Either end of the wire for literals of one task. Raises UsageError for a closed file on an open graph."""

    def __init__(self, coder: Coder, kinds: list[str], task: Task, code: str = CLOSED) -> None:
        check_graph(task, code, "a file that names patterns by which of them occur")
        self.coder, self.kinds, self.task, self.is_open = coder, kinds, task, is_open(code)
        self.atoms: Atoms = atoms_of(task.game, task.graph)
        self.groups = functools.cache(lambda kind: frequency_groups(self.atoms.column(kind)))
        self.levels = task.game.cell_levels()

    def index(self, kind: str, value: int) -> int:
        """Which of the patterns that occur a pattern is; -1 for one that does not occur, or has wildcards."""
        values = self.atoms.column(kind).values
        place = int(np.searchsorted(values, np.uint64(value))) if value < 1 << 64 else len(values)
        return place if place < len(values) and int(values[place]) == value else -1

    def code(self, given: Literal, edge: int) -> Literal:
        """Negated or not, the kind, and the concept, pattern, content of a cell, move, or distance from `edge`."""
        holds = not self.coder.code("negated", int(not given.holds))
        kind = self.kinds[code_symbol(self.coder, "kind", self.kinds.index(given.kind), len(self.kinds))]
        return Literal(kind, self.value(kind, given.value if kind == given.kind else 0, edge), holds)

    def value(self, kind: str, given: int, edge: int) -> int:
        """The number of an atom of a known kind."""
        coder, task = self.coder, self.task
        if kind in CONCEPT_KINDS:
            return code_symbol(coder, kind, given, len(concepts_of_kind(kind, task.game)))
        if kind == "position":
            return (edge + code_count(coder, "edge", (given - edge) % task.graph.n_edges)) % task.graph.n_edges
        if kind == "move":
            return code_symbol(coder, kind, given, task.game.n_actions)
        if kind in ("cell", "after"):
            levels = self.levels if kind == "cell" else effects.levels(task.game)
            entry = code_symbol(coder, kind, given // LEVELS, len(levels))
            return entry * LEVELS + code_symbol(coder, (kind, entry), given % LEVELS, levels[entry])
        if self.is_open:
            return code_pattern(coder, WINDOWS[kind], given)
        index = self.index(kind, given)
        if not len(self.atoms.column(kind).values) or coder.code((kind, "occurs not"), int(index < 0)):
            return code_pattern(coder, WINDOWS[kind], given)
        return self.occurring(kind, max(0, index))

    def occurring(self, kind: str, index: int) -> int:
        """A pattern that occurs in the game: about how often, then which of these."""
        groups, values = self.groups(kind), self.atoms.column(kind).values
        n_groups = len(groups.level)
        group = int(np.searchsorted(groups.start, groups.place[index], side="right")) - 1
        group = code_symbol(self.coder, (kind, "often"), group, n_groups)
        first, size = int(groups.start[group]), int(groups.start[group + 1] - groups.start[group])
        place = first + code_uniform(self.coder, min(size - 1, max(0, int(groups.place[index]) - first)), size)
        return int(values[groups.order[place]])


def file_code(language: str, code: str) -> str:
    """How a file in a language is written, which decides the kinds of atoms that it can name and in which order it names them."""
    return (MECHANICAL if is_mechanical(language) else "") + code


def code_of(options: Mapping[str, Any]) -> str:
    """How the file of a learner with these options is written."""
    return file_code(str(options.get("language", "")), str(options.get("code", CLOSED)))


def is_open(code: str) -> bool:
    """Whether a file writes patterns cell by cell."""
    return code.removeprefix(MECHANICAL) == OPEN


def kinds_in(code: str) -> tuple[str, ...]:
    """The kinds of atoms that a file can name, in its order."""
    return MECHANICAL_KINDS if code.startswith(MECHANICAL) else KINDS


def check_graph(task: Task, code: str, who: str) -> None:
    """Raises UsageError, naming the open code, where a closed file meets an open graph."""
    if not is_open(code):
        task.graph.require(None, who, "write it with code=open")


def check_open(language: str, code: str) -> None:
    """Raises UsageError where an open file would have to name single positions: an edge has a number on the closed graph only."""
    if code == OPEN and "positions" in language.split("+"):
        raise UsageError(f"code=open: an open file names no single positions; leave positions out of language={language}")


def code_rules(
    coder: Coder, semantics: str, rules: tuple[Rule, ...] | None, task: Task, code: str = CLOSED
) -> tuple[str, tuple[Rule, ...]]:
    """Semantics and rules, in both directions: the encoder is given the rules, the decoder None.

    Semantics, which kinds of atoms occur, number of rules; then the literals of each rule. A file that names a rule twice was
    not written here: no learner repeats a rule, and foreign bytes soon do, so that even one that claims millions of rules is
    refused at once.
    """
    given = rules or ()
    semantics = SEMANTICS[coder.code_fixed(ONE // 2, SEMANTICS.index(semantics))]
    kinds = code_kinds(coder, {literal.kind for rule in given for literal in rule}, task, code)
    n_rules = code_count(coder, "rules", len(given))
    if n_rules and not kinds:
        raise UsageError(f"this is no rule list for {task.game.id}: it has rules about nothing")
    literals = Literals(coder, kinds, task, code)
    found: dict[Rule, None] = {}
    edge = 0
    for i in range(n_rules):
        check_whole(coder, i, n_rules)
        rule: Rule = ()
        n_literals = 1 + code_count(coder, "literals", len(given[i]) - 1 if rules else 0)
        for k in range(n_literals):
            literal = literals.code(given[i][k] if rules else Literal(kinds[0], 0), edge)
            edge = literal.value if literal.kind == "position" else edge
            if literal in rule:
                raise UsageError(f"this is no whole rule list: rule {i + 1} of {n_rules} says the same twice; fit it again")
            rule += (literal,)
        if isinstance(coder, Decoder) and rule in found:
            raise UsageError(f"this is no whole rule list: rule {i + 1} of {n_rules} stands in it twice; fit it again")
        found[rule] = None
    return semantics, tuple(found)


def code_kinds(coder: Coder, used: set[str], task: Task, code: str = CLOSED) -> list[str]:
    """Which kinds of atoms occur; raises UsageError for kinds that the game lacks, and for single positions in an open file."""
    game = task.game
    for kind in sorted(used.difference(kinds_in(code))):
        raise UsageError(
            f"this file can name no atoms of the kind {kind}: effects and concepts of a game share no file; leave one of them out"
        )
    kinds = [kind for kind in kinds_in(code) if coder.code_fixed(ONE // 2, int(kind in used))]
    lacks_concepts = {"concept", "only-concept"} & {*kinds} and not concepts_of(game)
    if lacks_concepts or not (game.board or WINDOWS.keys().isdisjoint(kinds)):
        raise UsageError(f"this is no rule list for {game.id}: it is written in words that the game lacks")
    if is_open(code) and "position" in kinds:
        raise UsageError(f"this is no rule list for {game.id} with code=open: it names single positions; write it with code=closed")
    return kinds


def check_whole(coder: Coder, n_done: int, n_rules: int) -> None:
    """Raises UsageError where a decoder has read far beyond the end of its file."""
    if isinstance(coder, Decoder) and coder.n_missing > MAX_MISSING:
        raise UsageError(f"this is no whole rule list: it ends after {n_done} of {n_rules} rules; fit it again")


def code_pattern(coder: Coder, window: Window, code: int, like: Sequence[int] = ()) -> int:
    """A pattern cell by cell, from the move outwards, each given its neighbours on the inside.

    A cell off the board has all cells behind it off the board too; and a cell off the axes is off the board only then. Of a
    pattern with wildcards this is not certain, but learned. `like` are the cells of a pattern that this one may begin as.
    """
    given, found = contents(window, code), [0]
    has_wildcards = coder.code("wildcards", int(ANYTHING in given))
    is_like = bool(like)
    for i, (distance, inside) in enumerate(window.inside):
        around = tuple([found[cell] for cell in inside])
        if is_like:
            is_like = bool(coder.code(("like", i), int(given[i] == like[i])))
        if is_like:
            content = like[i]
        elif has_wildcards:
            content = _code_wild(coder, around, given[i])
        elif OFF_BOARD in around:
            content = OFF_BOARD
        else:
            content = code_symbol(coder, (distance, around), given[i], 4 if len(inside) == 1 else 3)
        found.append(content)
    return pattern(window, found[1:])


def _code_wild(coder: Coder, around: tuple[int, ...], given: int) -> int:
    """A cell of a pattern with wildcards: is it one, is it off the board, else what lies there."""
    n_any = sum(content == ANYTHING for content in around)
    if coder.code(("wild", len(around), n_any, OFF_BOARD in around), int(given == ANYTHING)):
        return ANYTHING
    if coder.code(("off", len(around), OFF_BOARD in around), int(given == OFF_BOARD)):
        return OFF_BOARD
    return code_symbol(coder, "stone", given, 3)
