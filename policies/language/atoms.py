"""The atoms of rules: simple predicates on (position, move), where each of them holds, and how it reads.

An atom is a pair of a kind and a number:
  concept, lookahead            a concept of the game (games/concepts) or of lookahead (policies/language/lookahead.py), by its index
  only-concept, only-lookahead  the same concept holds for this move and for no other legal move
  cross, 3x3, diamond, 5x5      the window round the move looks like this pattern, which may have wildcards (policies/language/patterns.py)
  cell                          this entry of `cells` has this content, whatever the move: entry * LEVELS + content
  effect, only-effect           a move has the most or the least of a number that the rules give for it (policies/language/effects.py)
  after                         this number of the move is so large: number * LEVELS + how large
  move                          the move is this action
  position                      this very position and this very move: the number of an edge
"""

import functools
import inspect
import textwrap
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from games.arrays import Bools, Int8s, Int32s, Int64s, UInt8s, UInt64s
from games.concepts.concept import Concept, concepts_of
from games.contract import Game
from games.jit import njit
from games.solving.graph import GameGraph, insert_keys, intern_keys
from policies.explanation import BoardRows
from policies.language import effects, lookahead, patterns
from policies.language.concept_bits import bits_of, blocks_of, places_of, unpacked, unpacked_at
from policies.language.patterns import WINDOWS, Window
from policies.language.pictures import cell_names, draw_board, draw_position, draw_window

KINDS = ("concept", "lookahead", "only-concept", "only-lookahead", *WINDOWS, "cell", "move", "position")
EFFECT_KINDS = ("effect", "only-effect", "after")  # in files of the mechanical language alone
ALL_KINDS = (*KINDS, *EFFECT_KINDS)
CONCEPT_KINDS = (*KINDS[:4], *EFFECT_KINDS[:2])
MAX_KEPT = 30_000_000  # edges of patterns with wildcards, which are asked for again and again
LEVELS = 128  # contents of a cell are below this: they are held as int8

Predicate = tuple[str, int]
Edges = npt.NDArray[np.integer]


class Literal(NamedTuple):
    """An atom, or (`holds` false) its negation."""

    kind: str
    value: int
    holds: bool = True

    @property
    def atom(self) -> Predicate:
        return self.kind, self.value


Rule = tuple[Literal, ...]  # all of the literals must hold
SEMANTICS = ("first-match", "lexicographic")  # how a list of rules is played


class Description(NamedTuple):
    """A literal in words, as the end of "play a move that ...", for a terminal and for a page that draws boards."""

    text: str  # for a terminal, which shows `picture` below it
    beside: str  # for a page, which shows `board` beside it
    brief: str  # the same without the name of a concept
    picture: tuple[str, ...] = ()  # lines: of a board with the names of rows and columns, of a window with blanks around it
    board: BoardRows = ()


class Column(NamedTuple):
    """Atoms of which at most one holds for a move: the distinct values, ascending, and for each edge the index of its value or -1."""

    values: UInt64s  # [n_values]
    which: Int32s  # [n_edges]


class Atoms:
    """All atoms of one game on its graph; what is asked for is computed once and kept."""

    def __init__(self, game: Game, graph: GameGraph) -> None:
        self.game, self.graph = game, graph
        self.concepts: dict[str, tuple[Concept, ...]] = {kind: concepts_of_kind(kind, game) for kind in ("concept", "lookahead", "effect")}
        self._bits: dict[Predicate, UInt8s] = {}  # of concepts, see policies/language/concept_bits.py
        self._columns: dict[str, Column] = {}
        self._inverted: dict[str, tuple[Int64s, Int32s]] = {}
        self._wild: dict[Predicate, Edges] = {}  # of patterns with wildcards

    def concept(self, atom: Predicate) -> Concept:
        """The concept that an atom of a concept's kind is made of."""
        return self.concepts[atom[0].removeprefix("only-")][atom[1]]

    def holds(self, atom: Predicate) -> Bools:
        """For an atom of a concept's kind whether it holds on every edge. [n_edges]"""
        return unpacked(self._found(atom), self.graph.n_edges)

    def holds_on(self, atom: Predicate, edges: Edges) -> Bools:
        """The same for some edges, ascending."""
        return unpacked_at(self._found(atom), edges)

    def _found(self, atom: Predicate) -> UInt8s:
        """The bits of an atom of a concept's kind. Local concepts are all found out when the first is asked for."""
        if atom not in self._bits:
            kind, index = atom
            concept = self.concept(atom)
            if kind.startswith("only-"):
                self._bits[atom] = np.packbits(only(self.graph, self.holds((kind.removeprefix("only-"), index))))
            else:
                self.graph.require(max(1, concept.depth), concept.name)
                together = {i: each for i, each in enumerate(self.concepts[kind]) if i == index or (each.is_local and concept.is_local)}
                found = bits_of(tuple(together.values()), self.game, self.graph)
                self._bits |= {(kind, i): bits for i, bits in zip(together, found, strict=True)}
        return self._bits[atom]

    @functools.cached_property
    def _cells(self) -> Int8s:
        return self.game.cells(self.graph.states)

    def column(self, name: str) -> Column:
        """The column of a window, of the moves (`move`), of an entry of `cells` (`cell-3`), or of a number of the moves (`after-3`)."""
        if name not in self._columns:
            graph = self.graph
            if name in WINDOWS:
                self._columns[name] = _number((self._patterns(WINDOWS[name], part) for part in blocks_of(graph)), graph.n_edges)
            elif name == "move":
                self._columns[name] = _number([graph.edge_action.astype(np.uint64)], graph.n_edges)
            elif name.startswith("after-"):
                number = int(name.removeprefix("after-"))
                graph.require(effects.depth(number), effects.names(self.game)[number])
                held = effects.values(self.game, graph, number)
                self._columns[name] = _number([held.astype(np.uint64) + np.uint64(LEVELS * number)], graph.n_edges)
            else:
                entry = int(name.removeprefix("cell-"))
                contents = self._cells[:, entry].astype(np.uint64) + np.uint64(LEVELS * entry)
                self._columns[name] = _number([contents[graph.edge_parent]], graph.n_edges)
        return self._columns[name]

    def _patterns(self, window: Window, part: GameGraph) -> UInt64s:
        assert self.game.board is not None
        return patterns.pattern_codes(window, self.game.board, self.game.cells(part.states), part.edge_start, part.edge_action)

    def edges(self, atom: Predicate) -> Edges:
        """The edges on which an atom holds, ascending; none for a pattern or content that occurs nowhere."""
        kind, value = atom
        if kind in CONCEPT_KINDS:
            return places_of(self._found(atom))
        if kind == "position":
            self.graph.require(None, "a rule about a single position")
            return np.array([value])
        name = f"{kind}-{value // LEVELS}" if kind in ("cell", "after") else kind
        values, which = self.column(name)
        if name not in self._inverted:
            self._inverted[name] = invert(which[None], len(values))
        start, edges = self._inverted[name]
        if kind in WINDOWS and value >> 2 * WINDOWS[kind].n_cells:
            if atom not in self._wild:
                found = np.flatnonzero(patterns.matching(WINDOWS[kind], self.window_symmetries, value, values))
                parts = [edges[start[i] : start[i + 1]] for i in found]
                if sum(map(len, self._wild.values())) > MAX_KEPT:
                    self._wild.clear()
                self._wild[atom] = np.sort(np.concatenate(parts)) if parts else edges[:0]
            return self._wild[atom]
        place = int(np.searchsorted(values, np.uint64(value)))
        return edges[start[place] : start[place + 1]] if place < len(values) and int(values[place]) == value else edges[:0]

    def rule_edges(self, rule: Rule) -> Edges:
        """The edges on which all literals of a rule hold, ascending."""
        found: Edges | None = None
        for literal in sorted(rule, key=lambda literal: (not literal.holds, literal.kind not in WINDOWS)):
            if found is None and literal.holds:
                found = self.edges(literal.atom)
                continue
            found = np.arange(self.graph.n_edges) if found is None else found
            found = found[self._holds_on(literal.atom, found) == literal.holds]
        return np.arange(self.graph.n_edges) if found is None else found

    def _holds_on(self, atom: Predicate, edges: Edges) -> Bools:
        """Whether an atom holds on each of some edges, ascending."""
        if atom[0] in CONCEPT_KINDS:
            return self.holds_on(atom, edges)
        return np.isin(edges, self.edges(atom), assume_unique=True)

    @property
    def window_symmetries(self) -> tuple[int, ...]:
        """The symmetries of the square under which windows of this game are the same."""
        assert self.game.board is not None
        return self.game.board.window_symmetries

    def describe(self, literal: Literal) -> Description:
        """The literal in words; patterns and positions with a picture."""
        kind, value, holds = literal
        lead = "" if holds else "not: "
        if kind in CONCEPT_KINDS:
            concept = self.concept(literal.atom)
            only = ", as no other move" if kind.startswith("only-") else ""
            text = f"{lead}{concept.meaning}{only} [{'only ' * bool(only)}{concept.name}]"
            return Description(text, text, f"{lead}{concept.meaning}{only}")
        if kind == "position":
            picture, move = draw_position(self.game, self.graph, value)
            board, notes = draw_board(self.game, self.graph, value)
            text = f"{lead}is {move} in just this position"
            beside = " ".join([text, *(f"({note})" if board else note for note in notes)])
            return Description(text, beside, beside, tuple(picture), board)
        if kind in WINDOWS:
            text = f"{lead}fits this picture"
            picture = patterns.draw_pattern(WINDOWS[kind], value).splitlines()
            return Description(f"{text} ({kind})", text, text, tuple(picture), tuple(draw_window(kind, value)))
        if kind == "after":
            text = lead + effects.describe(*divmod(value, LEVELS), self.game)
            return Description(text, text, text)
        text = lead + (f"is {self.game.action_name(value)}" if kind == "move" else "is made where " + self.content(value))
        return Description(text, text, text)

    def content(self, value: int) -> str:
        """What a position holds in an entry, in words."""
        entry, content = divmod(value, LEVELS)
        board = self.game.board
        if board is None or entry >= board.n_cells:
            return f"entry {entry} of the position is {content}"
        return f"{cell_names(self.game)[entry]} is {('empty', 'yours', 'theirs')[content] if content < 3 else content}"

    def source(self, used: Iterable[Predicate]) -> str:
        """The source text of the concepts that are used, and of the pattern matcher if any window is.

        Policies in the mechanical language count `mechanical_source` instead, whatever they use.
        """
        functions: dict[Callable[..., object], None] = {}
        constants: dict[str, None] = {}
        for kind, value in sorted(set(used)):
            if kind in CONCEPT_KINDS:
                concept = self.concept((kind, value))
                functions |= dict.fromkeys(concept.sources)
                constants |= {f"{concept.constants}": None} if concept.constants else {}
                functions |= dict.fromkeys((only,) if kind.startswith("only-") else ())
            elif kind in WINDOWS:
                functions |= dict.fromkeys((patterns.window, patterns.codes))
                functions |= dict.fromkeys((patterns.matching,) if value >> 2 * WINDOWS[kind].n_cells else ())
        return _text_of(functions, constants)


def concepts_of_kind(kind: str, game: Game) -> tuple[Concept, ...]:
    """The concepts that atoms of a concept's kind number."""
    base = kind.removeprefix("only-")
    return concepts_of(game) if base == "concept" else lookahead.CONCEPTS if base == "lookahead" else effects.concepts(game)


def mechanical_source() -> str:
    """The source text of all that the mechanical language has: effects, lookahead and windows. It is the same for every game."""
    functions = [function for concept in lookahead.CONCEPTS for function in concept.sources]
    constants = [effects.constants(), *(str(concept.constants) for concept in lookahead.CONCEPTS if concept.constants)]
    return _text_of(dict.fromkeys([*effects.SOURCES, *functions, only, patterns.window, patterns.codes, patterns.matching]), constants)


def _text_of(functions: Iterable[Callable[..., object]], constants: Iterable[str]) -> str:
    texts = [textwrap.dedent(inspect.getsource(getattr(function, "py_func", function))) for function in functions]
    return "\n".join([*texts, *constants])


@functools.lru_cache(maxsize=2)
def atoms_of(game: Game, graph: GameGraph) -> Atoms:
    """The atoms of a game on its graph; those of the last two graphs are kept."""
    return Atoms(game, graph)


def only(graph: GameGraph, holds: Bools) -> Bools:
    """Where a concept holds for a move and for no other legal move of the position. [n_edges]"""
    count = np.bincount(graph.edge_parent[holds], minlength=graph.n_states)
    alone: Bools = holds & (count == 1)[graph.edge_parent]
    return alone


BATCH = 1 << 17
NOTHING = ~np.uint64(0)


def _number(blocks: Iterable[UInt64s], n_edges: int) -> Column:
    """The distinct codes, ascending, and which of them stands on each edge; all ones stands for none. The codes come in blocks of edges."""
    index, n_done = np.empty(n_edges, dtype=np.int32), 0
    keys, table, n_keys = np.empty(1 << 10, dtype=np.uint64), np.full(1 << 12, -1, dtype=np.int32), 0
    for block in blocks:
        for first in range(0, len(block), BATCH):
            batch = block[first : first + BATCH]
            if n_keys + len(batch) > len(keys):
                keys = np.concatenate([keys[:n_keys], np.empty(n_keys + 2 * len(batch), dtype=np.uint64)])
            if 2 * (n_keys + len(batch)) > len(table):
                table = np.full(1 << (3 * (n_keys + len(batch))).bit_length(), -1, dtype=np.int32)
                insert_keys(keys[:n_keys], table)
            index[n_done : n_done + len(batch)], n_keys = intern_keys(batch, keys, n_keys, table)
            n_done += len(batch)
    order = np.argsort(keys[:n_keys])
    values = keys[order]
    place = np.empty(n_keys, dtype=np.int32)
    place[order] = np.arange(n_keys, dtype=np.int32)
    if n_keys and values[-1] == NOTHING:
        place[order[-1]] = -1
        values = values[:-1]
    for first in range(0, n_edges, BATCH):
        index[first : first + BATCH] = place[index[first : first + BATCH]]
    return Column(values, index)


@njit
def invert(numbers: Int32s, n: int) -> tuple[Int64s, Int32s]:
    """CSR lists of the columns at which each number 0..n-1 stands in a table [n_rows, n_columns]; negative entries are left out."""
    start = np.zeros(n + 1, dtype=np.int64)
    for row in range(numbers.shape[0]):
        for number in numbers[row]:
            if number >= 0:
                start[number + 1] += 1
    start[1:] = np.cumsum(start[1:])
    columns = np.empty(start[n], dtype=np.int32)
    fill = start[:-1].copy()
    for row in range(numbers.shape[0]):
        for column in range(numbers.shape[1]):
            number = numbers[row, column]
            if number >= 0:
                columns[fill[number]] = column
                fill[number] += 1
    return start, columns
