"""The contract of a game: rules as batch kernels over packed states, and what people and learners need to read a state.

A state holds all that the rules need (board, ko point, passes, ...), seen from the player to move, packed into 64 bits.
Games hand out canonical states only: one per class of the game's symmetries.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from games.arrays import Bools, Float64s, Int8s, Int16s, Int32s, Int64s, UInt8s

MAX_HELD = (1 << 15) - 1  # the largest payoff, value or regret: they are held in 16 bits, -MAX_HELD among them
MAX_ACTIONS = (1 << 15) - 1

States = npt.NDArray[np.uint64]


class Expansion(NamedTuple):
    """One ply from a batch of n states, in CSR form: the moves of state i are edges `edge_start[i]:edge_start[i + 1]`."""

    edge_start: Int64s  # [n + 1]
    edge_action: Int16s  # [n_edges] legal actions, ascending within a state
    edge_child: States  # [n_edges] the canonical state after the action, seen by the other player
    terminal: Bools  # [n] true where the game is over; such a state has no edges
    payoff: Int16s  # [n] result for the player to move where terminal, else 0


@dataclass(frozen=True, eq=False)
class Board:
    """A rectangular board; cell `row * columns + column`, row 0 drawn at the top.

    `symmetries` fold whole positions. `window_symmetries` are those of the eight symmetries of a square (in the order of
    `games.rules.board.rectangle`) that leave the rules near a cell as they are: all on an empty plain, only the left-right mirror
    (0, 2) where pieces fall or march. `action_cell` gives the cell round which a move is looked at.
    """

    rows: int
    columns: int
    symmetries: Int64s  # [n_symmetries, n_cells]: symmetry g takes cell i to symmetries[g, i]; g = 0 is the identity
    window_symmetries: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6, 7)
    action_cell: Int64s | None = None  # [n_actions], -1 for none; None: the first actions are the cells in order

    @property
    def n_cells(self) -> int:
        return self.rows * self.columns


class Game(Hashable, Protocol):
    """The rules of a two-player, zero-sum, perfect-information game with alternating moves; equal ones hash equal.

    A solved game is found again while the game's modules and its values (fields, or attributes) are the same: docs/add-a-game.md, "What
    counts". Optional members are those of the Protocols below and of `HasConcepts` (games/concepts/concept.py).
    """

    @property
    def id(self) -> str:
        """Readable and stable, e.g. `go-3x4`; `games.registry.make_game` gives the same game for it."""

    @property
    def n_actions(self) -> int:
        """Actions are the integers below this, which is at most MAX_ACTIONS."""

    @property
    def max_payoff(self) -> int:
        """The largest size of a payoff. If it is above 16,383, a game is refused if one of its moves loses more than MAX_HELD."""

    @property
    def endless(self) -> bool:
        """Whether play can go on for ever; endless play is worth 0."""

    @property
    def board(self) -> Board | None:
        """The board whose cells are the first `board.n_cells` entries of `cells`; None for a game without one."""

    def estimate_states(self) -> float:
        """About how many folded states there are, without enumerating; used to refuse early."""

    def start(self) -> int:
        """The canonical packed start state."""

    def expand(self, states: States) -> Expansion:
        """All legal moves from a batch of canonical states.

        >>> from games.registry import make_game
        >>> game = make_game("nim-1-2")
        >>> expansion = game.expand(np.array([game.start(), 0], dtype=np.uint64))
        >>> expansion.edge_start.tolist(), [game.action_name(action) for action in expansion.edge_action]
        ([0, 3, 3], ['take 1 from heap 1', 'take 1 from heap 2', 'take 2 from heap 2'])
        >>> expansion.terminal.tolist(), expansion.payoff.tolist()
        ([False, True], [0, -1])
        """

    def multiplicity(self, states: States) -> Int32s:
        """How many states each canonical state stands for: the size of its symmetry class. [n]"""

    def cells(self, states: States) -> Int8s:
        """What a player sees, as small numbers (board games: 0 empty, 1 own, 2 other's; then ko, passes, ...): [n, n_cells]"""

    def cell_levels(self) -> tuple[int, ...]:
        """For each column of `cells` the number of values that it can take."""

    def planes(self, states: States) -> UInt8s:
        """The same as 0/1 planes for convolutions: [n, n_planes, rows, columns]"""

    def render(self, state: int) -> str:
        """A picture in text; `X` is the player to move, `O` the other."""

    def action_name(self, action: int) -> str:
        """The name of an action, e.g. `b2` or `pass`; names are unique within a game."""


@runtime_checkable
class Folds(Protocol):
    """A game with symmetries: `expand` returns one canonical image of each state, unless `fold` is false."""

    @property
    def action_symmetries(self) -> Int64s:
        """Symmetry g takes action a to `action_symmetries[g, a]`; g = 0 is the identity. [n_symmetries, n_actions]"""

    def expand(self, states: States, fold: bool = True) -> Expansion:
        """All legal moves from any states, canonical or not; unless `fold`, children are as a person sees them: not made canonical."""

    def fold(self, states: States) -> tuple[States, Int64s]:
        """The canonical state of each, and the symmetry that takes the state there; on a board also a row of its symmetries. Each [n]"""


@runtime_checkable
class TellsBoardsApart(Protocol):
    """A game in which several states show the same board."""

    def same_board(self, states: States) -> States:
        """A key for each state, equal for states that a held-out split must keep together: the same board up to symmetry. [n]"""


@runtime_checkable
class Draws(Protocol):
    """A game that can draw states where enumerating all of them is out of reach."""

    def draw_states(self, n: int, seed: int) -> States:
        """`n` different canonical states that are not final, drawn by the measure that the method's docstring names. [n]

        The same seed draws the same. Raises WorkError where there are not `n`.
        """


@runtime_checkable
class ReadsFiles(Protocol):
    """A game or a learner that reads files, whose content then decides its results too."""

    @property
    def data_files(self) -> tuple[str | Path, ...]:
        """The paths of the files."""


@runtime_checkable
class RestsOn(Protocol):
    """A game or a learner that depends on objects other than its values; their content counts like that of values."""

    @property
    def built_on(self) -> tuple[object, ...]:
        """The objects."""


@runtime_checkable
class HasEvaluation(Protocol):
    """A game with a static value of its own, for the leaves of a search."""

    def evaluate(self, states: States) -> Float64s:
        """An estimate of each state's value for the mover, in the game's units; exact where the game is over. [n]"""


def unfolded(game: Game, states: States) -> Expansion:
    """All legal moves from any states of a game, with children as a person sees them: not made canonical."""
    return game.expand(states, fold=False) if isinstance(game, Folds) else game.expand(states)


def same_board(game: Game, states: States) -> States:
    """A key for each canonical state, equal for those that show the same board; the state itself if the game has no `same_board`. [n]"""
    return game.same_board(states) if isinstance(game, TellsBoardsApart) else states


GameFactory = Callable[[str], Game]
