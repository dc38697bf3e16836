"""A random subspace of parameters, from its seed alone; policies/networks/subspace.py uses it."""

import numpy as np

from games.arrays import Int64s
from games.splitmix import splitmix64

ORIGIN_GRID = 0.25  # theta0 is a number of ones among 64 random bits, less 32: its standard deviation is 4, here 1
MAX_EXPONENT = 20  # layers are scaled by 2**-MAX_EXPONENT at least


def subspace(n_parameters: int, seed: int) -> tuple[Int64s, Int64s, Int64s]:
    """theta0 in units of ORIGIN_GRID, the rank of each parameter in a random order, and a random sign. [n_parameters] each

    In d dimensions the coordinate number `rank % d` moves a parameter, up where its sign is 1, down where it is -1.
    """
    base = splitmix64(np.array([seed], dtype=np.uint64))
    numbers = np.arange(n_parameters, dtype=np.uint64)
    origin = np.bitwise_count(splitmix64(base ^ numbers)).astype(np.int64) - 32
    drawn = splitmix64(base ^ (numbers | np.uint64(1 << 32)))
    rank = np.empty(n_parameters, dtype=np.int64)
    rank[np.argsort(drawn)] = np.arange(n_parameters)  # no two are equal: splitmix64 is one to one
    return origin, rank, 1 - 2 * (drawn & np.uint64(1)).astype(np.int64)
