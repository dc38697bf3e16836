"""Proved bounds of Go positions on boards of up to 25 points."""

import numpy as np

from games.arrays import Int16s, Int64s
from games.contract import States
from games.jit import njit
from games.proof.go_board import Grid, make_grid, margin
from games.proof.go_search import EXPANDED, NO, UNKNOWN, YES, Memory, can_force, forget, new_memory
from games.proof.prover import Bounds
from games.rules.go import MAX_CELLS, PASS_SHIFT, STONES, Go

TABLE_BITS = 21


class GoProver:
    """Proof-number search for one board; what is proved of a state helps those that are asked with it."""

    def __init__(self, game: Go, table_bits: int = TABLE_BITS) -> None:
        self._grid, self._memory = make_grid(game), new_memory(table_bits)

    def prove(self, states: States, nodes: int) -> Bounds:
        """As in `games.proof.prover.Prover`; the same states and `nodes` give the same bounds."""
        bounds = Bounds(np.empty(len(states), np.int16), np.empty(len(states), np.int16), np.empty(len(states), np.int64))
        _prove(states.astype(np.int64), nodes, *bounds, self._memory, self._grid)
        return bounds


def prover(game: Go) -> GoProver:
    """A prover for a board."""
    return GoProver(game)


@njit
def _prove(states: Int64s, nodes: int, lower: Int16s, upper: Int16s, expanded: Int64s, memory: Memory, grid: Grid) -> None:
    forget(memory)
    for i in range(states.shape[0]):
        before = memory.counters[EXPANDED]
        lower[i], upper[i] = _bound(states[i], before + nodes, memory, grid)
        expanded[i] = memory.counters[EXPANDED] - before


@njit
def _bound(state: int, limit: int, memory: Memory, grid: Grid) -> tuple[int, int]:
    if state >> PASS_SHIFT == 2:
        counted = margin(state & STONES, (state >> MAX_CELLS) & STONES, grid)
        return counted, counted
    low, high, n_asked = -grid.n_cells, grid.n_cells, 0
    while low < high:
        if low < 1 <= high:
            asked = 1
        elif low < 0 <= high:
            asked = 0
        elif n_asked:
            asked = (low + high + 1) >> 1
        else:
            asked, n_asked = high if low >= 1 else low + 1, 1
        answer = (
            can_force(state, True, asked, limit, memory, grid) if asked > 0 else can_force(state, False, 1 - asked, limit, memory, grid)
        )
        if answer == UNKNOWN:
            break
        if answer == (YES if asked > 0 else NO):
            low = asked
        else:
            high = asked - 1
    return low, high
