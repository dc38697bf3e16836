"""Any small two-player game of OpenSpiel as a game of ours: `openspiel:breakthrough(columns=3,rows=4)`.

The game is walked once, state by state in Python (games/rules/openspiel_walk.py), and looked up from then on: a state in 64 bits is
its number in the order of that walk. OpenSpiel's own text of a state, with the player to move, tells states apart; nothing is
folded. Actions keep OpenSpiel's numbers.
"""

import contextlib
import functools
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyspiel

from games.arrays import Int8s, Int32s, UInt8s
from games.contract import MAX_ACTIONS, Board, Expansion, States
from games.errors import UsageError, WorkError, nearest
from games.keys.content import Content
from games.rules.openspiel_walk import Walk, walk

PREFIX = "openspiel:"


@dataclass(frozen=True)
class OpenSpielGame:
    """The game that OpenSpiel loads by this text."""

    text: str
    made_by: tuple[type, ...] = ()  # the classes of the game and of its states where these are written in Python

    @cached_property
    def reference(self) -> Any:
        """The game as OpenSpiel loads it."""
        return load_reference(self.text)

    @property
    def built_on(self) -> tuple[object, ...]:
        """The values of a game that is written in Python; those of the others follow from the text and OpenSpiel's version."""
        return tuple(vars(game) for game in _games_within(self.reference) if _is_python(type(game)))

    @property
    def id(self) -> str:
        return PREFIX + self.text

    @cached_property
    def walk(self) -> Walk:
        """Every state and move. Raises WorkError when there are too many, or when the game breaks our rules on the way."""
        values = Content()
        values.add(self.built_on)
        return _walk(self.text, self.made_by, values.hexdigest())

    @property
    def n_actions(self) -> int:
        """OpenSpiel's number, or the number of cells where that is more: the last actions are then never legal."""
        n_distinct = int(self.reference.num_distinct_actions())
        return max(n_distinct, self.board.n_cells if self.board else 0)

    @property
    def max_payoff(self) -> int:
        return int(np.abs(self.walk.payoff).max())

    @property
    def endless(self) -> bool:
        return self.walk.has_cycle

    @cached_property
    def board(self) -> Board | None:
        """The rectangle of the observation planes where these tell whose stone lies where. States are not folded; windows are turned."""
        if self.walk.stones is None:
            return None
        rows, columns = self.walk.stones.shape[2:]
        return Board(rows, columns, np.arange(rows * columns)[None, :], self.walk.window_symmetries, self.walk.action_cell)

    def estimate_states(self) -> float:
        """The exact number of states: the walk is needed anyway, and stops if there are too many."""
        return float(len(self.walk.texts))

    def start(self) -> int:
        return 0

    def expand(self, states: States) -> Expansion:
        found, ids = self.walk, states.astype(np.int64)
        counts = found.edge_start[ids + 1] - found.edge_start[ids]
        edge_start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        edges = np.repeat(found.edge_start[ids] - edge_start[:-1], counts) + np.arange(edge_start[-1])
        return Expansion(edge_start, found.edge_action[edges], found.edge_child[edges], counts == 0, found.payoff[ids])

    def multiplicity(self, states: States) -> Int32s:
        return np.ones(len(states), dtype=np.int32)

    def cells(self, states: States) -> Int8s:
        """The stones on the board, or else the characters of the text that are not always the same; then who is to move. [n, n_cells]"""
        return self._cells[states.astype(np.int64)]

    @cached_property
    def _cells(self) -> Int8s:
        mover = self.walk.mover[:, None].astype(np.int8)
        if self.walk.stones is None:
            return np.concatenate([_varying_characters(self.walk.texts), mover], axis=1)
        own, other = self._by_mover[:, 0], self._by_mover[:, 1]
        return np.concatenate([(own + 2 * other).astype(np.int8).reshape(len(own), -1), mover], axis=1)

    @cached_property
    def _by_mover(self) -> UInt8s:
        """The mover's stones, then the other's. [n_states, 2, rows, columns]"""
        assert self.walk.stones is not None
        second = self.walk.mover[:, None, None, None] == 1
        return np.where(second, self.walk.stones[:, ::-1], self.walk.stones)

    def cell_levels(self) -> tuple[int, ...]:
        if self.board:
            return (3,) * self.board.n_cells + (2,)
        return (*(int(level) for level in self._cells[:, :-1].max(axis=0) + 1), 2)

    def planes(self, states: States) -> UInt8s:
        """Own stones, other's stones, and ones where player 1 is to move; without a board each level of `cells`. [n, ...]"""
        ids = states.astype(np.int64)
        if self.board is None:
            cells = self.cells(states)
            levels = np.arange(max(self.cell_levels()))
            one_hot: UInt8s = (cells[:, None, None, :] == levels[None, :, None, None]).astype(np.uint8)
            return one_hot
        mover = np.broadcast_to(self.walk.mover[ids, None, None, None], (len(ids), 1, self.board.rows, self.board.columns))
        return np.concatenate([self._by_mover[ids], mover.astype(np.uint8)], axis=1)

    def render(self, state: int) -> str:
        """OpenSpiel's text of the state, and who is to move; its marks are those of the two players, not of the mover and the other."""
        return f"{self.walk.texts[state].rstrip()}\nplayer {self.walk.mover[state]} to move"

    def action_name(self, action: int) -> str:
        return self.walk.action_names.get(action, f"action {action}")


def make(text: str) -> OpenSpielGame:
    """The game for OpenSpiel's `NAME` or `NAME(parameter=value,...)`; raises UsageError for one that OpenSpiel or this project lacks."""
    reference = load_reference(text)
    classes = [kind for game in _games_within(reference) for kind in (type(game), type(game.new_initial_state()))]
    return OpenSpielGame(str(reference).removesuffix("()"), tuple(filter(_is_python, classes)))


def _games_within(reference: Any) -> Iterator[Any]:
    """A game of OpenSpiel and those that are its parameters, as `misere(game=nim())` has one."""
    yield reference
    for value in reference.get_parameters().values():
        if isinstance(value, dict):
            yield from _games_within(pyspiel.load_game(value["name"], {key: part for key, part in value.items() if key != "name"}))


def _is_python(kind: type) -> bool:
    return kind.__module__.partition(".")[0] != "pyspiel"


def load_reference(text: str) -> Any:
    """The game as OpenSpiel loads it. Raises UsageError unless it is one of ours: two players, zero sum, no chance, nothing hidden."""
    name = text.partition("(")[0]
    known = pyspiel.registered_names()
    if name not in known:
        raise UsageError(f"OpenSpiel has no game {name!r}; {nearest(name, known) if name else 'write openspiel:tic_tac_toe'}")
    try:
        with _without_stderr():
            reference = pyspiel.load_game(text)
            reference.new_initial_state()
    except (pyspiel.SpielError, RuntimeError, ValueError, MemoryError) as error:
        raise UsageError(f"openspiel:{text}: {' '.join(str(error).split())}") from None
    kind = reference.get_type()
    demands = {
        "does not have two players": reference.num_players() == 2,
        "is not zero-sum": kind.utility == pyspiel.GameType.Utility.ZERO_SUM,
        "has chance in it": kind.chance_mode == pyspiel.GameType.ChanceMode.DETERMINISTIC,
        "hides something from a player": kind.information == pyspiel.GameType.Information.PERFECT_INFORMATION,
        "lets both players move at once": kind.dynamics == pyspiel.GameType.Dynamics.SEQUENTIAL,
        f"has too many actions (at most {MAX_ACTIONS:,} are held)": reference.num_distinct_actions() <= MAX_ACTIONS,
    }
    for what, holds in demands.items():
        if not holds:
            raise UsageError(f"openspiel:{text} {what}: choose a game of two players in turn, zero-sum, without chance or secrets")
    return reference


@contextlib.contextmanager
def _without_stderr() -> Iterator[None]:
    """OpenSpiel prints an error to the process's stderr, sometimes a hundred lines, and then raises it too."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@functools.lru_cache(maxsize=4)
def _walk(text: str, made_by: tuple[type, ...], values: str) -> Walk:
    """The walk, kept for a game of this text that is made by these classes and has these values."""
    return walk(text, load_reference(text))


def _varying_characters(texts: tuple[str, ...]) -> Int8s:
    """The places of the texts that differ between states, each character as its rank among those found there. [n, n_places]

    Raises WorkError for more characters in one place than `cells` can tell apart.
    """
    width = max(map(len, texts))
    characters = np.array(texts, dtype=f"<U{width}").view(np.uint32).reshape(len(texts), width)
    varying = np.flatnonzero((characters != characters[0]).any(axis=0))
    ranks = [np.unique(characters[:, place], return_inverse=True)[1] for place in varying]
    if any(rank.max() > np.iinfo(np.int8).max for rank in ranks):
        raise WorkError("one place of the texts of OpenSpiel's states has more than 128 different characters: choose smaller parameters")
    return np.stack(ranks, axis=1).astype(np.int8) if ranks else np.zeros((len(texts), 0), dtype=np.int8)
