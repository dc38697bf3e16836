"""Rule languages: which predicates on (position, move) a rule may name, and where each of them holds.

A language is a sum of parts, written `words+patterns`:
  words       the game's own concepts (games/<game>_words.py)
  lookahead   what trying moves out shows, up to four plies ahead (policies/lookahead.py)
  patterns    windows round the move, up to symmetry (policies/patterns.py); only on boards
  positions   this very position and this very move
or the name of a single word, as in `lookahead+centre+corner`.
"""

import functools
import inspect
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from games.api import Bools, Game
from games.errors import UsageError
from games.graph import GameGraph
from games.jit import njit
from games.registry import nearest
from games.words import Word, words_of
from policies import lookahead, patterns
from policies.patterns import WINDOWS

PARTS = ("words", "lookahead", "patterns", "positions")
KINDS = ("word", "lookahead", *WINDOWS, "position")
Predicate = tuple[str, int]  # ("word", index in words_of(game)), ("lookahead", index), (window's name, pattern code), ("position", edge)


@dataclass(frozen=True, eq=False)
class Language:
    """A set of predicates on the moves of one graph. Predicates are numbered: words, then patterns window by window, then edges."""

    name: str
    graph: GameGraph
    words: tuple[Word, ...]
    word_predicates: tuple[Predicate, ...]
    windows: tuple[patterns.Window, ...]
    has_positions: bool
    holds: tuple[Bools, ...]  # [n_edges] for each word
    codes: tuple[npt.NDArray[np.uint64], ...]  # for each window the distinct patterns, ascending
    edge_pattern: npt.NDArray[np.int32]  # [n_windows, n_edges] the predicate's number, -1 where the move is on no cell

    @functools.cached_property
    def window_start(self) -> npt.NDArray[np.int64]:
        """The number of the first predicate of each window; the last entry is that of edge 0. [n_windows + 1]"""
        return len(self.words) + np.concatenate([[0], np.cumsum([len(codes) for codes in self.codes])]).astype(np.int64)

    @property
    def n_predicates(self) -> int:
        return int(self.window_start[-1]) + (self.graph.n_edges if self.has_positions else 0)

    def predicate(self, number: int) -> Predicate:
        """What a predicate's number stands for."""
        if number < len(self.words):
            return self.word_predicates[number]
        if number >= self.window_start[-1]:
            return "position", number - int(self.window_start[-1])
        window = int(np.searchsorted(self.window_start, number, side="right")) - 1
        return self.windows[window].name, int(self.codes[window][number - self.window_start[window]])

    def number(self, predicate: Predicate) -> int:
        """The number of a predicate, -1 for a pattern that occurs nowhere in the game. The language must have its kind."""
        kind, value = predicate
        if kind in ("word", "lookahead"):
            return self.word_predicates.index(predicate)
        if kind == "position":
            return int(self.window_start[-1]) + value
        window = [window.name for window in self.windows].index(kind)
        place = int(np.searchsorted(self.codes[window], np.uint64(value)))
        found = place < len(self.codes[window]) and int(self.codes[window][place]) == value
        return int(self.window_start[window]) + place if found else -1

    @functools.cached_property
    def _edges_by_pattern(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        n_patterns = int(self.window_start[-1]) - len(self.words)
        return _invert(self.edge_pattern - np.int32(len(self.words)), n_patterns)

    def edges(self, number: int) -> npt.NDArray[np.integer]:
        """The edges on which a predicate holds, ascending."""
        if number < 0:
            return np.empty(0, dtype=np.int32)
        if number < len(self.words):
            return np.flatnonzero(self.holds[number])
        if number >= self.window_start[-1]:
            return np.array([number - self.window_start[-1]])
        start, edges = self._edges_by_pattern
        pattern = number - len(self.words)
        return edges[start[pattern] : start[pattern + 1]]

    def describe(self, predicate: Predicate, game: Game) -> str:
        """The predicate in words, as the end of "play a move that ..."; patterns and positions with a picture."""
        kind, value = predicate
        if kind in ("word", "lookahead"):
            word = self.words[self.number(predicate)]
            return f"{word.meaning} [{word.name}]"
        if kind == "position":
            state = int(self.graph.states[self.graph.edge_parent[value]])
            return f"is {game.action_name(int(self.graph.edge_action[value]))} in just this position\n{game.render(state)}"
        return f"fits this picture ({kind})\n{patterns.draw_pattern(WINDOWS[kind], value)}"

    def source(self, used: Iterable[Predicate]) -> str:
        """The source text of the words that are used and, if any window is, of the pattern matcher."""
        functions: dict[Callable[..., object], None] = {}
        constants: dict[str, None] = {}
        for kind, value in sorted(set(used)):
            if kind in ("word", "lookahead"):
                word = self.words[self.number((kind, value))]
                functions |= dict.fromkeys(word.sources)
                constants |= {f"{word.constants}": None} if word.constants else {}
            elif kind in WINDOWS:
                functions |= dict.fromkeys((patterns.window, patterns.codes))
        texts = [textwrap.dedent(inspect.getsource(getattr(function, "py_func", function))) for function in functions]
        return "\n".join([*texts, *constants])


def make_language(name: str, game: Game, graph: GameGraph) -> Language:
    """The language called `name` on a game's graph; the last few are kept. Raises UsageError for an unknown part."""
    parts = name.split("+")
    known = [*PARTS, *(word.name for word in (*words_of(game), *lookahead.WORDS))]
    for part in parts:
        if part not in known:
            raise UsageError(f"unknown part {part!r} of language {name!r}; {nearest(part, known)}; parts are joined with +")
    return build_language("+".join(part for part in known if part in parts), game, graph)


def language_of(rules: Iterable[Predicate], game: Game, graph: GameGraph) -> Language:
    """The smallest sum of parts in which all these rules can be written."""
    used = {kind for kind, _ in rules}
    kinds = dict(zip(PARTS, ({"word"}, {"lookahead"}, set(WINDOWS), {"position"}), strict=True))
    return make_language("+".join(part for part in PARTS if used & kinds[part]) or "words", game, graph)


@functools.lru_cache(maxsize=4)
def build_language(name: str, game: Game, graph: GameGraph) -> Language:
    """As `make_language`, for parts in their usual order."""
    parts = name.split("+")
    offered = [("word", i, word) for i, word in enumerate(words_of(game)) if "words" in parts or word.name in parts]
    offered += [("lookahead", i, word) for i, word in enumerate(lookahead.WORDS) if "lookahead" in parts or word.name in parts]
    words = tuple(word for _, _, word in offered)
    windows = tuple(WINDOWS.values()) if "patterns" in parts and game.board else ()
    first, codes, rows = len(words), [], []
    cells = game.cells(graph.states) if windows else np.empty((0, 0), dtype=np.int8)
    for window in windows:
        assert game.board is not None
        found, numbers = np.unique(
            patterns.pattern_codes(window, game.board, cells, graph.edge_start, graph.edge_action), return_inverse=True
        )
        on_board = found != ~np.uint64(0)  # the last, if any: a move on no cell
        rows.append(np.where(on_board[numbers], numbers + first, -1).astype(np.int32))
        codes.append(found[on_board])
        first += len(codes[-1])
    return Language(
        name=name,
        graph=graph,
        words=words,
        word_predicates=tuple((kind, index) for kind, index, _ in offered),
        windows=windows,
        has_positions="positions" in parts,
        holds=tuple(np.ascontiguousarray(word.holds(graph)) for word in words),
        codes=tuple(codes),
        edge_pattern=np.stack(rows) if rows else np.empty((0, graph.n_edges), dtype=np.int32),
    )


@njit
def _invert(numbers: npt.NDArray[np.int32], n: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
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
