"""Positions of Connect Four by random play."""

import numpy as np

from games.contract import States
from games.proof.draws_by_hash import BATCH, distinct, numbers
from games.rules.connect_four import ConnectFour
from games.splitmix import splitmix64

FIRST, LAST, CELLS = 8, 24, 42  # plies on the board of 6x7; on others the same shares of the cells


def draw_states(game: ConnectFour, n: int, seed: int) -> States:
    """`n` different canonical positions after random play. [n]

    The number of plies is drawn uniformly from 8 to 24 (6x7; on other boards from 8/42 to 24/42 of the cells), then every move uniformly
    from the legal ones. A game that is over by then is dropped, and so is a position that was drawn before. Raises WorkError where there
    are not `n`.
    """
    first, last = game.n_actions * FIRST // CELLS, game.n_actions * LAST // CELLS

    def draw(batch: int) -> States:
        drawn = numbers(batch, seed)
        n_plies = first + (drawn % np.uint64(last - first + 1)).astype(np.int64)
        states = np.full(BATCH, game.start(), dtype=np.uint64)
        alive = np.ones(BATCH, dtype=bool)
        for ply in range(last + 1):
            moving = np.flatnonzero(alive & (n_plies >= ply))
            expansion = game.expand(states[moving], fold=False)
            alive[moving[expansion.terminal]] = False
            drawn = splitmix64(drawn)
            on = ~expansion.terminal & (n_plies[moving] > ply)
            n_moves = np.diff(expansion.edge_start)[on].astype(np.uint64)
            chosen = expansion.edge_start[:-1][on] + (drawn[moving[on]] % n_moves).astype(np.int64)
            states[moving[on]] = expansion.edge_child[chosen]
        return game.fold(states[alive])[0]

    return distinct(n, draw, game.id)
