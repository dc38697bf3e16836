"""Random draws by hash, the same on every machine: batches of numbers, and different states from batches of draws."""

from collections.abc import Callable

import numpy as np

from games.contract import States
from games.errors import WorkError
from games.splitmix import splitmix64

BATCH = 1 << 14  # numbers at a time
MAX_EMPTY = 16  # batches without a new state before giving up


def numbers(batch: int, seed: int, size: int = BATCH) -> States:
    """The random numbers of a batch. [size]"""
    places = np.arange(batch * size, (batch + 1) * size, dtype=np.uint64)
    return splitmix64(places ^ splitmix64(np.array([seed % (1 << 64)], dtype=np.uint64)))


def distinct(n: int, draw: Callable[[int], States], game_id: str) -> States:
    """The first `n` different states of `draw(0)`, `draw(1)`, ... [n]

    Raises WorkError where MAX_EMPTY batches in a row give no new one.
    """
    found: dict[int, None] = {}
    batch = n_empty = 0
    while len(found) < n:
        before = len(found)
        found.update(dict.fromkeys(draw(batch).tolist()))
        n_empty = n_empty + 1 if len(found) == before else 0
        if n_empty == MAX_EMPTY:
            raise WorkError(f"{game_id}: draws give no more than {before:,} different positions, not {n:,}: ask for fewer")
        batch += 1
    return np.array(list(found)[:n], dtype=np.uint64)
