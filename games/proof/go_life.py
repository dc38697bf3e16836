"""Points of a Go board that a player keeps whatever the other does, told without search."""

import numpy as np

from games.arrays import Int64s
from games.jit import njit
from games.proof.go_board import Grid, around, connected, count

MAX_CHAINS = 16  # of one player, and regions between them, on at most 25 points


def new_scratch() -> Int64s:
    """The working memory of `kept_points`."""
    return np.zeros((4, MAX_CHAINS), dtype=np.int64)


@njit
def kept_points(own: int, other: int, grid: Grid, scratch: Int64s) -> int:
    """Points that belong to `own` in the end if the other moves first and `own` answers, as a mask. Play then ends by two passes.

    A region is a connected set of points without stones of `own`; it is vital to a chain of `own` if all its empty points are liberties
    of the chain. Chains with two vital regions that only such chains enclose live without an answer (Benson, "Life in the game of Go",
    1976). A region that they enclose is theirs if it leaves the other no room for two eyes: at most three points, or at most one point, or
    two points side by side, away from the chains (Mueller, "Playing it safe", 1997).
    """
    chains, regions, vital, is_near = scratch[0], scratch[1], scratch[2], scratch[3]
    if count(own) < 3:
        return 0
    n_regions, left = 0, grid.full & ~own
    while left:
        region = connected(left & -left, grid.full & ~own, grid)
        regions[n_regions] = region
        n_regions += 1
        left &= ~region
    if n_regions < 2:
        return 0
    n_chains, left = 0, own
    while left:
        chain = connected(left & -left, own, grid)
        chains[n_chains] = chain
        liberties = around(chain, grid)
        vital[n_chains] = is_near[n_chains] = 0
        for r in range(n_regions):
            if liberties & regions[r]:
                is_near[n_chains] |= 1 << r
                if not regions[r] & ~other & ~liberties:
                    vital[n_chains] |= 1 << r
        n_chains += 1
        left &= ~chain
    enclosed, alive, before = (1 << n_regions) - 1, own, 0
    while alive != before:
        before = alive
        for c in range(n_chains):
            if alive & chains[c] and count(vital[c] & enclosed) < 2:
                alive &= ~chains[c]
                enclosed &= ~is_near[c]
    kept = alive
    for r in range(n_regions):
        if alive and enclosed >> r & 1:
            inner = regions[r] & ~around(alive, grid)
            first = inner & -inner
            if count(regions[r]) <= 3 or inner == first or ((inner & ~first) & around(first, grid) == inner & ~first and count(inner) == 2):
                kept |= regions[r]
    return kept
