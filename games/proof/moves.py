"""Proved bounds of all moves of many positions, in threads, kept on disk as they are found."""

import os
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple

import numpy as np

from games.arrays import Int16s, Int64s
from games.contract import Expansion, Game, States
from games.proof.cache import ROW, ProofCache, Question, Rows, cache_path
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


def prove_moves(game: Game, positions: States, nodes: int, report: Report = lambda n, of: None) -> MoveBounds:
    """Proved bounds of every move of canonical positions, each move with at most about `nodes` positions expanded.

    What was proved before is read from the cache; what is proved is added to it every few seconds. The moves of a position are proved
    together, and help each other; other positions do not change their bounds. Raises UsageError where the game has no proof search.
    """
    expansion = game.expand(positions)
    found = prove_groups(game, positions, moves_of(expansion), nodes, report)
    return MoveBounds(expansion.edge_start, expansion.edge_action, -found.upper, -found.lower, found.nodes)


def moves_of(expansion: Expansion) -> list[States]:
    """The states after the moves of each position."""
    return np.split(expansion.edge_child, expansion.edge_start[1:-1])


def prove_groups(game: Game, keys: States, groups: Sequence[States], nodes: int, report: Report = lambda n, of: None) -> Bounds:
    """Proved bounds of the states of all groups, in their order, for the mover of each; `keys` name the groups. See `prove_moves`."""
    cache = ProofCache(cache_path(game))
    questions = [[Question(key, state, nodes) for state in group.tolist()] for key, group in zip(keys.tolist(), groups, strict=True)]
    todo = [i for i, asked in enumerate(questions) if not all(question in cache.known for question in asked)]
    n_done, saved = len(groups) - len(todo), time.monotonic()
    unsaved: list[Rows] = []
    try:
        for place, bounds in prove_anew(game, [groups[i] for i in todo], nodes):
            rows = np.zeros(len(bounds.nodes), dtype=ROW)
            rows["group"], rows["state"], rows["asked"] = keys[todo[place]], groups[todo[place]], nodes
            rows["lower"], rows["upper"], rows["nodes"] = bounds
            unsaved.append(rows)
            n_done += 1
            report(n_done, len(groups))
            if time.monotonic() - saved >= SAVE_SECONDS:
                cache.add(np.concatenate(unsaved))
                unsaved, saved = [], time.monotonic()
    finally:
        if unsaved:
            cache.add(np.concatenate(unsaved))
    columns = np.array([cache.known[question] for asked in questions for question in asked], dtype=np.int64).reshape(-1, 3)
    return Bounds(columns[:, 0].astype(np.int16), columns[:, 1].astype(np.int16), columns[:, 2])


def prove_anew(game: Game, groups: Sequence[States], nodes: int) -> Iterator[tuple[int, Bounds]]:
    """Prove groups of states, in as many threads as there are processors; yields the number of a group and its bounds as they are found.

    A state that a group holds several times, as moves that a symmetry exchanges do, is proved once.
    """
    if not groups:
        return
    n_threads = min(os.cpu_count() or 1, len(groups))
    provers: queue.SimpleQueue[Prover] = queue.SimpleQueue()
    for _ in range(n_threads):
        provers.put(make_prover(game))

    def prove(states: States) -> Bounds:
        different = {state: place for place, state in enumerate(dict.fromkeys(states.tolist()))}
        prover = provers.get()
        try:
            found = prover.prove(np.array(list(different), dtype=np.uint64), nodes)
        finally:
            provers.put(prover)
        places = [different[state] for state in states.tolist()]
        return Bounds(found.lower[places], found.upper[places], found.nodes[places])

    pool = ThreadPoolExecutor(n_threads)
    try:
        places = {pool.submit(prove, group): place for place, group in enumerate(groups)}
        for future in as_completed(places):
            yield places[future], future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
