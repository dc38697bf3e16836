"""GameGraph: states of a game, one per symmetry class, with their moves as edges: all that play can reach, or those near a sample."""

import time
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from games.arrays import Bools, Int16s, Int32s, Int64s
from games.contract import Game, States
from games.errors import UsageError, WorkError
from games.jit import njit
from games.solving.expansion import check_expansion, check_size

MAX_STATES = 30_000_000  # folded states; about 100 bytes each while enumerating a Go board
BATCH = 1 << 17
MAX_INDEX = (1 << 31) - 1  # states, and by learners edges, are numbered in 32 bits


@dataclass(frozen=True, eq=False)
class GameGraph:
    """The game as flat arrays; edges `edge_start[s]:edge_start[s + 1]` leave state s.

    A closed graph holds every state that play can reach; state 0 is the start. On an open one the first `n_roots` states are a
    sample of positions, all moves up to `plies` deep from them are edges, and the states beyond are the frontier: they are not
    final, and have no edges.
    """

    game_id: str
    states: States  # [n_states] packed, canonical, in order of first discovery, breadth first
    edge_start: Int64s  # [n_states + 1]
    edge_action: Int16s  # [n_edges]
    edge_child: Int32s  # [n_edges]
    terminal: Bools  # [n_states]
    payoff: Int16s  # [n_states] to the player to move, 0 unless terminal
    multiplicity: Int32s  # [n_states] states before folding
    enumerate_seconds: float = field(default=0.0, compare=False)
    n_roots: int | None = None  # None: closed
    plies: int = 0  # of an open graph

    @property
    def is_closed(self) -> bool:
        return self.n_roots is None

    def require(self, plies: int | None, who: str, remedy: str = "leave it out, or choose a smaller board") -> None:
        """Raises UsageError unless the graph reaches `plies` moves ahead of each position; None: unless it is closed."""
        if self.is_closed or (plies is not None and plies <= self.plies):
            return
        needs = "every state that play can reach" if plies is None else f"{plies} plies ahead of each position"
        raise UsageError(f"{who} needs {needs}; this sample of {self.game_id} has {self.plies}: {remedy}")

    @property
    def n_states(self) -> int:
        return len(self.states)

    @property
    def n_edges(self) -> int:
        return len(self.edge_action)

    @cached_property
    def positions(self) -> Int64s:
        """The positions that are measured: the states that are not final, of an open graph the sample; ascending."""
        return np.flatnonzero(~self.terminal[: self.n_roots])

    @cached_property
    def frontier(self) -> Int64s:
        """The states that are not final and whose moves are not here; none on a closed graph. Ascending."""
        return np.flatnonzero(~self.terminal & (self.n_moves == 0))

    @cached_property
    def n_moves(self) -> Int64s:
        """The number of legal moves of every state. [n_states]"""
        return np.diff(self.edge_start)

    @cached_property
    def edge_parent(self) -> Int32s:
        """The state that each edge leaves. [n_edges]"""
        return np.repeat(np.arange(self.n_states, dtype=np.int32), self.n_moves)


def enumerate_graph(game: Game, max_states: int = MAX_STATES) -> GameGraph:
    """The closed graph of a game: all states reachable from the start, breadth first.

    Raises WorkError when the game is estimated, or turns out, to have more than `max_states` folded states; and where an
    expansion is not what it has to be, or has numbers that are not held (games/solving/expansion.py).
    """
    check_size(game)
    if game.estimate_states() > max_states:
        raise WorkError(
            f"{game.id} is too large to enumerate: about {game.estimate_states():.1e} states, "
            f"at most {max_states:.0e} are held; choose a smaller size"
        )
    return explore(game, np.array([game.start()], dtype=np.uint64), None, max_states)


def explore(game: Game, roots: States, plies: int | None, max_states: int = MAX_STATES) -> GameGraph:
    """The states that play reaches from the roots, different canonical ones, breadth first; open if it stops after `plies` moves.

    Raises WorkError when there are more than `max_states` states, and where an expansion is not what it has to be.
    """
    began = time.perf_counter()
    n_states = len(roots)
    n_done = n_edges = 0
    states = _with_room(roots.astype(np.uint64), 1 << 10)
    table = np.full(1 << max(12, (2 * n_states).bit_length()), -1, dtype=np.int32)
    insert_keys(states[:n_states], table)
    expansions, ends, children = [], [], []
    level, last = 0, n_states  # how many moves deep the states before `last` lie at the most
    while n_done < n_states:
        batch = states[n_done : min(n_states if plies is None else last, n_done + BATCH)]
        expansion = game.expand(batch)
        check_expansion(game, batch, expansion)
        n_done += len(batch)
        ends.append((expansion.terminal, expansion.payoff))
        if level == plies:  # the frontier: only whether these states are final is asked
            continue
        n_children = len(expansion.edge_child)
        n_edges += n_children
        if n_states + n_edges > MAX_INDEX:
            raise WorkError(f"{game.id} is too large to enumerate: more than {MAX_INDEX - n_states:,} moves; choose a smaller size")
        states = _with_room(states, n_states + n_children)
        if 2 * (n_states + n_children) > len(table):
            table = np.full(1 << (2 * (n_states + n_children)).bit_length(), -1, dtype=np.int32)
            insert_keys(states[:n_states], table)
        child_ids, n_states = intern_keys(expansion.edge_child, states, n_states, table)
        expansions.append((np.diff(expansion.edge_start), expansion.edge_action))
        children.append(child_ids)
        if n_states > max_states:
            raise WorkError(f"{game.id} is too large to enumerate: more than {max_states:,} states; choose a smaller size")
        if n_done == last:
            level, last = level + 1, n_states
    states = states[:n_states].copy()
    counts = np.concatenate([n_moves for n_moves, _ in expansions])
    edge_start = np.zeros(n_states + 1, dtype=np.int64)
    edge_start[1 : len(counts) + 1] = np.cumsum(counts)
    edge_start[len(counts) + 1 :] = edge_start[len(counts)]
    return GameGraph(
        game_id=game.id,
        states=states,
        edge_start=edge_start,
        edge_action=np.concatenate([actions for _, actions in expansions]),
        edge_child=np.concatenate(children),
        terminal=np.concatenate([terminal for terminal, _ in ends]),
        payoff=np.concatenate([payoff for _, payoff in ends]),
        multiplicity=game.multiplicity(states),
        enumerate_seconds=time.perf_counter() - began,
        n_roots=None if plies is None else len(roots),
        plies=plies or 0,
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
