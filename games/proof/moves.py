"""Proved bounds of all moves of many positions, in threads, kept on disk as they are found."""

import os
import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import NamedTuple

import numpy as np

from games.arrays import Int16s, Int64s
from games.contract import Game, States
from games.proof.cache import ROW, ProofCache, Proved, Rows, cache_path
from games.proof.prover import Bounds, Prover
from games.proof.registry import make_prover

SAVE_SECONDS = 20.0  # between two blocks on disk
NODES = 600_000  # for each move, unless told
Report = Callable[[int, int], None]  # is told how many groups are proved, of how many


class MoveBounds(NamedTuple):
    """Proved bounds of the value of each move, for its mover, in the form of `games.contract.Expansion`."""

    edge_start: Int64s  # [n + 1]
    edge_action: Int16s  # [n_edges]
    lower: Int16s  # [n_edges]
    upper: Int16s  # [n_edges]
    nodes: Int64s  # [n_edges] positions expanded for it


def prove_moves(game: Game, positions: States, nodes: int = NODES, report: Report = lambda n, of: None, threads: int | None = None) -> MoveBounds:
    """Proved bounds of every move of canonical positions, each move with at most about `nodes` positions expanded.

    What was proved before is read from the cache; what is proved is added to it every few seconds. The moves of a position are proved
    together, and help each other; other positions do not change their bounds. Raises UsageError where the game has no proof search.
    """
    expansion = game.expand(positions)
    groups = np.split(expansion.edge_child, expansion.edge_start[1:-1])
    found = prove_groups(game, positions, groups, nodes, report, threads)
    return MoveBounds(expansion.edge_start, expansion.edge_action, -found.upper, -found.lower, found.nodes)


def prove_groups(
    game: Game, keys: States, groups: Sequence[States], nodes: int, report: Report = lambda n, of: None, threads: int | None = None
) -> Bounds:
    """Proved bounds of the states of all groups in their order, for the mover of each; `keys` name the groups. See `prove_moves`."""
    cache = ProofCache(cache_path(game))
    todo = [i for i, group in enumerate(groups) if not all(cache.get(int(keys[i]), state, nodes) for state in group.tolist())]
    if todo:
        _prove_new(game, [(int(keys[i]), groups[i]) for i in todo], nodes, cache, lambda n: report(len(groups) - len(todo) + n, len(groups)), threads)
    rows = [cache.known[int(key), state] for key, group in zip(keys, groups, strict=True) for state in group.tolist()]
    return _bounds(rows)


def _prove_new(
    game: Game, groups: Sequence[tuple[int, States]], nodes: int, cache: ProofCache, report: Callable[[int], None], threads: int | None
) -> None:
    """Prove groups in threads, and add them to the cache; what is proved when an error or an interrupt comes is kept too."""
    n_threads = min(threads or os.cpu_count() or 1, len(groups))
    provers: queue.SimpleQueue[Prover] = queue.SimpleQueue()
    for _ in range(n_threads):
        provers.put(make_prover(game))

    def prove(key: int, states: States) -> Rows:
        prover = provers.get()
        try:
            bounds = prover.prove(states, nodes)
        finally:
            provers.put(prover)
        rows = np.zeros(len(states), dtype=ROW)
        rows["group"], rows["state"], rows["asked"] = key, states, nodes
        rows["lower"], rows["upper"], rows["nodes"] = bounds
        return rows

    unsaved: list[Rows] = []
    saved, n_done = time.monotonic(), 0
    pool = ThreadPoolExecutor(n_threads)
    pending: set[Future[Rows]] = {pool.submit(prove, *group) for group in groups}
    try:
        while pending:
            done, pending = wait(pending, timeout=1.0, return_when=FIRST_COMPLETED)
            unsaved += [future.result() for future in done]
            n_done += len(done)
            report(n_done)
            if unsaved and time.monotonic() - saved >= SAVE_SECONDS:
                cache.add(np.concatenate(unsaved))
                unsaved, saved = [], time.monotonic()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        if unsaved:
            cache.add(np.concatenate(unsaved))


def _bounds(rows: Sequence[Proved]) -> Bounds:
    columns = np.array([(row.lower, row.upper, row.nodes) for row in rows], dtype=np.int64).reshape(-1, 3)
    return Bounds(columns[:, 0].astype(np.int16), columns[:, 1].astype(np.int16), columns[:, 2])
