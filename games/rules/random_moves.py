"""Random moves: a control that cannot be compressed, on the board and with the moves of another game that always ends.

In every position one legal move is right, drawn by hash of the whole state; any other move is an error and costs a point. The
game ends where the other game ends, and its result is the difference of the two players' errors.

Who is ahead by how much is part of the state. From a state in which the mover is ahead by d, two players without errors
arrive at d; the right move keeps that and an error costs exactly one point. So the value is d, right moves are just the
optimal ones, and they are independent draws, one a state, however the games go on: nothing that a player can see tells more
about the right move than the number of moves does, and no description of perfect play is shorter than the table. Random payoffs
at the ends would not do: values are maxima over subtrees, so that moves which end the game, or leave few answers, would be
worse or better than others on average, and a rule could say so.

Where several moves lead to the same state of the other game (images of each other under its symmetries), they are right
together, so that the symmetries stay symmetries.

A state in 64 bits: the other game's state in the lower 57, then 64 + the points by which the mover is ahead.
"""

from dataclasses import dataclass

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s
from games.contract import Board, Expansion, Folds, Game, States, unfolded
from games.errors import UsageError, WorkError
from games.splitmix import splitmix64

SHIFT = 57
LEVEL = 64  # what is written for a tie
BELOW = np.uint64((1 << SHIFT) - 1)
SALT = np.uint64(0x52414E444F4D)  # another number would draw other right moves


@dataclass(frozen=True)
class RandomMoves:
    """The board and moves of a game that always ends, with right moves drawn at random."""

    game: Game

    max_payoff = LEVEL - 1
    endless = False

    @property
    def id(self) -> str:
        return f"random-{self.game.id}"

    @property
    def n_actions(self) -> int:
        return self.game.n_actions

    @property
    def board(self) -> Board | None:
        return self.game.board

    def estimate_states(self) -> float:
        """As if no game were longer than 20 moves, and each state could come up with every lead of either side."""
        return 20 * self.game.estimate_states()

    def start(self) -> int:
        return self.game.start() | LEVEL << SHIFT

    @property
    def action_symmetries(self) -> Int64s:
        return self.game.action_symmetries if isinstance(self.game, Folds) else np.arange(self.n_actions)[None]

    def fold(self, states: States) -> tuple[States, Int64s]:
        if not isinstance(self.game, Folds):
            return states, np.zeros(len(states), dtype=np.int64)
        folded, which = self.game.fold(states & BELOW)
        return folded | states & ~BELOW, which

    def expand(self, states: States, fold: bool = True) -> Expansion:
        """All moves; raises WorkError where the other game's states, or the lead, do not fit."""
        canonical = states if fold else self.fold(states)[0]
        base = self.game.expand(canonical & BELOW)
        drawn = splitmix64(canonical ^ SALT) % np.maximum(np.diff(base.edge_start), 1).astype(np.uint64)
        right = np.append(base.edge_child, np.uint64(0))[base.edge_start[:-1] + drawn.astype(np.int64)]
        start, action, child, terminal, _ = base if fold else unfolded(self.game, states & BELOW)
        parent = np.repeat(np.arange(len(states)), np.diff(start))
        is_error = (child if fold else self.fold(child)[0]) != right[parent]
        ahead = lead(states)
        ahead_after = is_error - ahead[parent]
        if np.any(child > BELOW) or np.any(np.abs(ahead_after) >= LEVEL):
            raise WorkError(f"{self.id} does not fit in 64 bits a state: choose a smaller size")
        after = child | (ahead_after + LEVEL).astype(np.uint64) << np.uint64(SHIFT)
        return Expansion(start, action, after, terminal, np.where(terminal, ahead, 0).astype(np.int16))

    def multiplicity(self, states: States) -> Int32s:
        return self.game.multiplicity(states & BELOW)

    def cells(self, states: States) -> Int8s:
        """The other game's, then 63 + the points by which the mover is ahead."""
        ahead = (lead(states) + self.max_payoff).astype(np.int8)
        return np.concatenate([self.game.cells(states & BELOW), ahead[:, None]], axis=1)

    def cell_levels(self) -> tuple[int, ...]:
        return (*self.game.cell_levels(), 2 * self.max_payoff + 1)

    def planes(self, states: States) -> UInt8s:
        """The other game's, then the bits of 64 + the points by which the mover is ahead, each all over a plane."""
        planes = self.game.planes(states & BELOW)
        bits = (states[:, None] >> np.arange(SHIFT, 64, dtype=np.uint64)) & np.uint64(1)
        wide = np.broadcast_to(bits[:, :, None, None], (*bits.shape, *planes.shape[2:]))
        return np.concatenate([planes, wide.astype(np.uint8)], axis=1)

    def render(self, state: int) -> str:
        return f"{self.game.render(state & int(BELOW))}\nahead by {(state >> SHIFT) - LEVEL}"

    def action_name(self, action: int) -> str:
        return self.game.action_name(action)


def make(text: str) -> RandomMoves:
    """The game on another game's id, e.g. `tictactoe`; raises UsageError unless that game always ends and is none of these."""
    from games.registry import make_game

    if not text or text.startswith("random"):
        raise UsageError(f"random-{text}: name the game whose moves are to be drawn, for example random-tictactoe")
    game = make_game(text)
    if game.endless:
        raise UsageError(f"random-{text}: play of {text} can go on for ever; choose a game that ends, for example random-tictactoe")
    if game.start() > int(BELOW):
        raise UsageError(f"random-{text}: the states of {text} leave no room for a lead; choose a smaller size")
    return RandomMoves(game)


def lead(states: States) -> Int64s:
    """By how many points the mover is ahead. [n]"""
    return (states >> np.uint64(SHIFT)).astype(np.int64) - LEVEL
