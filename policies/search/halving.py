"""Sequential halving: how often a move was tried before it is tried again (Karnin, Koren & Somekh, 2013)."""

import numpy as np

from games.arrays import Int64s


def visits_due(n_moves: int, simulations: int) -> Int64s:
    """For each simulation the visits of the moves that it chooses among: [simulations].

    All `n_moves` are tried equally often, then the better half of these, until two are left, with about the same number of simulations
    for each round (Danihelka et al. 2022).

    >>> visits_due(4, 12).tolist()
    [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    """
    due: list[int] = []
    visits, n_left = 0, max(1, n_moves)
    n_rounds = max(1, (n_left - 1).bit_length())
    while len(due) < simulations:
        for _ in range(max(1, simulations // (n_rounds * n_left))):
            due += [visits] * n_left
            visits += 1
        n_left = max(min(2, n_left), n_left // 2)
    return np.array(due[:simulations], dtype=np.int64)
