"""GameGraph: every state reachable from the start, one per symmetry class, with every move as an edge."""

import time
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from games.arrays import Bools, Int16s, Int32s, Int64s
from games.contract import Game, States
from games.errors import WorkError
from games.jit import njit

MAX_STATES = 30_000_000  # folded states; about 100 bytes each while enumerating a Go board
BATCH = 1 << 17
NO_STATE = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


@dataclass(frozen=True, eq=False)
class GameGraph:
    """The game as flat arrays; state 0 is the start, edges `edge_start[s]:edge_start[s + 1]` leave state s."""

    game_id: str
    states: States  # [n_states] packed, canonical, in order of first discovery, breadth first
    edge_start: Int64s  # [n_states + 1]
    edge_action: Int16s  # [n_edges]
    edge_child: Int32s  # [n_edges]
    terminal: Bools  # [n_states]
    payoff: Int16s  # [n_states] to the player to move, 0 unless terminal
    multiplicity: Int32s  # [n_states] states before folding
    enumerate_seconds: float = field(default=0.0, compare=False)

    @property
    def n_states(self) -> int:
        return len(self.states)

    @property
    def n_edges(self) -> int:
        return len(self.edge_action)

    @cached_property
    def positions(self) -> Int64s:
        """The indices of all non-terminal states, ascending."""
        return np.flatnonzero(~self.terminal)

    @cached_property
    def n_moves(self) -> Int64s:
        """The number of legal moves of every state. [n_states]"""
        return np.diff(self.edge_start)

    @cached_property
    def edge_parent(self) -> Int32s:
        """The state that each edge leaves. [n_edges]"""
        return np.repeat(np.arange(self.n_states, dtype=np.int32), self.n_moves)


def enumerate_graph(game: Game, state_limit: int = MAX_STATES) -> GameGraph:
    """Enumerate all states reachable from the start, breadth first.

    Raises WorkError when the game is estimated, or turns out, to have more than `state_limit` folded states.
    """
    began = time.perf_counter()
    if game.estimate_states() > state_limit:
        raise WorkError(
            f"{game.id} is too large to enumerate: about {game.estimate_states():.1e} states, "
            f"at most {state_limit:.0e} are held; choose a smaller size"
        )
    states = np.empty(1 << 10, dtype=np.uint64)
    table = np.full(1 << 12, -1, dtype=np.int32)
    states[0] = game.start()
    insert_keys(states[:1], table)
    n_states, n_done = 1, 0
    expansions = []
    while n_done < n_states:
        expansion = game.expand(states[n_done : min(n_states, n_done + BATCH)])
        n_done += len(expansion.terminal)
        n_children = len(expansion.edge_child)
        states = _with_room(states, n_states + n_children)
        if 2 * (n_states + n_children) > len(table):
            table = np.full(1 << (2 * (n_states + n_children)).bit_length(), -1, dtype=np.int32)
            insert_keys(states[:n_states], table)
        child_ids, n_states = intern_keys(expansion.edge_child, states, n_states, table)
        expansions.append((expansion, child_ids))
        if n_states > state_limit:
            raise WorkError(f"{game.id} is too large to enumerate: more than {state_limit:,} states; choose a smaller size")
    states = states[:n_states].copy()
    counts = np.concatenate([np.diff(e.edge_start) for e, _ in expansions])
    return GameGraph(
        game_id=game.id,
        states=states,
        edge_start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        edge_action=np.concatenate([e.edge_action for e, _ in expansions]),
        edge_child=np.concatenate([ids for _, ids in expansions]),
        terminal=np.concatenate([e.terminal for e, _ in expansions]),
        payoff=np.concatenate([e.payoff for e, _ in expansions]),
        multiplicity=game.multiplicity(states),
        enumerate_seconds=time.perf_counter() - began,
    )


def _with_room(array: States, n: int) -> States:
    if n <= len(array):
        return array
    grown = np.empty(max(n, 2 * len(array)), dtype=array.dtype)
    grown[: len(array)] = array
    return grown


@njit
def find_slot(key: np.uint64, keys: States, table: Int32s) -> int:
    """Where in an open-addressing table (state ids, -1 empty, a power of two long) the key is, or would go."""
    mask = np.uint64(table.shape[0] - 1)
    mixed = (key ^ (key >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)
    slot = (mixed ^ (mixed >> np.uint64(32))) & mask
    while table[slot] >= 0 and keys[table[slot]] != key:
        slot = (slot + np.uint64(1)) & mask
    return int(slot)


@njit
def insert_keys(keys: States, table: Int32s) -> None:
    """Enter all keys, each under its index, into an empty table."""
    for i in range(keys.shape[0]):
        table[find_slot(keys[i], keys, table)] = i


@njit
def intern_keys(new: States, keys: States, n_keys: int, table: Int32s) -> tuple[Int32s, int]:
    """The id of every state in `new`; unknown ones are appended to `keys`, which must have room. Returns ids and the new count."""
    ids = np.empty(new.shape[0], dtype=np.int32)
    for i in range(new.shape[0]):
        slot = find_slot(new[i], keys, table)
        if table[slot] < 0:
            keys[n_keys] = new[i]
            table[slot] = n_keys
            n_keys += 1
        ids[i] = table[slot]
    return ids, n_keys
