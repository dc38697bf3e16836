"""The positions that the searches of an iteration have met, each with its moves, and what the network says of it.

Many games side by side come to the same positions, and a search comes to those of the search before. So rules and network are asked about
a position once as long as the network stays the same.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.arrays import Bools, Float64s, Int16s, Int32s, Int64s, UInt64s
from games.contract import Game, States
from games.jit import njit
from games.solving.graph import find_slot, insert_keys, intern_keys

Evaluate = Callable[[States], tuple[Float64s, Float64s]]  # numbers of all actions [n, n_actions], and values over the largest payoff [n]
ROOM = 1 << 10  # positions there is room for at first
NETWORK, TREE, RULES = "network", "tree", "rules"  # what processor time goes into


class Known(NamedTuple):
    """Positions with their moves, in the order in which they were met; the first entries of arrays with room for more."""

    states: UInt64s  # [n]
    table: Int32s  # where each state is found (games.solving.graph.find_slot)
    first: Int64s  # [n + 1] the moves of position i are `first[i]:first[i + 1]`; none where the game is over
    value: Float64s  # [n] to the mover, over the largest payoff: the result where the game is over, else the network's
    action: Int16s  # [n_moves]
    child: UInt64s  # [n_moves]
    prior: Float64s  # [n_moves]


class Store:
    """Grows as positions are met. `seconds` is the processor time that the rules and the network took."""

    def __init__(self, game: Game, evaluate: Evaluate) -> None:
        self._game, self._evaluate, self._n, self._n_moves = game, evaluate, 0, 0
        self.seconds = {NETWORK: 0.0, RULES: 0.0}
        table = np.full(4 * ROOM, -1, dtype=np.int32)
        states, first = np.empty(ROOM, dtype=np.uint64), np.zeros(ROOM + 1, dtype=np.int64)
        actions, children = np.empty(ROOM, dtype=np.int16), np.empty(ROOM, dtype=np.uint64)
        self.known = Known(states, table, first, np.empty(ROOM), actions, children, np.empty(ROOM))

    def __len__(self) -> int:
        return self._n

    def places(self, states: States) -> Int64s:
        """Where these states stand, the new ones looked at first. [n]"""
        self.learn(states)
        return find_all(states, self.known.states, self.known.table)

    def learn(self, states: States) -> None:
        """Look at those of some states that are new."""
        states = np.unique(states)
        states = states[find_all(states, self.known.states, self.known.table) < 0]
        if not len(states):
            return
        began = time.process_time()
        moves = self._game.expand(states)
        between = time.process_time()
        going = np.flatnonzero(~moves.terminal)
        logits, values = np.zeros((len(states), self._game.n_actions)), moves.payoff / self._game.max_payoff
        if len(going):
            logits[going], values[going] = self._evaluate(states[going])
        self.seconds[RULES] += between - began
        self.seconds[NETWORK] += time.process_time() - between
        self._make_room(len(states), len(moves.edge_action))
        known, n, n_moves = self.known, self._n, self._n_moves
        _, self._n = intern_keys(states, known.states, n, known.table)
        self._n_moves += len(moves.edge_action)
        known.first[n : self._n + 1] = n_moves + moves.edge_start
        known.value[n : self._n] = values
        new = slice(n_moves, self._n_moves)
        known.action[new], known.child[new] = moves.edge_action, moves.edge_child
        known.prior[new] = softmax(moves.edge_start, moves.edge_action, logits)

    def _make_room(self, n_new: int, n_new_moves: int) -> None:
        known, n, n_moves = self.known, self._n + n_new, self._n_moves + n_new_moves
        if n > len(known.states):
            states = _grown(known.states, n)
            table = np.full(1 << (4 * len(states) - 1).bit_length(), -1, dtype=np.int32)
            insert_keys(states[: self._n], table)
            known = known._replace(states=states, table=table, first=_grown(known.first, n + 1), value=_grown(known.value, n))
        if n_moves > len(known.child):
            action, child, prior = (_grown(array, n_moves) for array in (known.action, known.child, known.prior))
            known = known._replace(action=action, child=child, prior=prior)
        self.known = known


def _grown(array: npt.NDArray[Any], n: int) -> npt.NDArray[Any]:
    found = np.empty(max(n, 2 * len(array)), dtype=array.dtype)
    found[: len(array)] = array
    return found


@njit
def find(state: np.uint64, states: UInt64s, table: Int32s) -> int:
    """Where a state stands, -1 where it is new."""
    return int(table[find_slot(state, states, table)])


@njit
def find_all(wanted: UInt64s, states: UInt64s, table: Int32s) -> Int64s:
    """Where each of some states stands, -1 for the new ones. [n]"""
    found = np.empty(wanted.shape[0], dtype=np.int64)
    for i in range(wanted.shape[0]):
        found[i] = find(wanted[i], states, table)
    return found


@njit
def softmax(edge_start: Int64s, edge_action: Int16s, logits: Float64s) -> Float64s:
    """The softmax of the numbers [n, n_actions] of each state over its legal moves. [n_edges]"""
    found = np.empty(edge_action.shape[0])
    for i in range(edge_start.shape[0] - 1):
        first, last = edge_start[i], edge_start[i + 1]
        most, total = -np.inf, 0.0
        for edge in range(first, last):
            most = max(most, logits[i, edge_action[edge]])
        for edge in range(first, last):
            found[edge] = np.exp(logits[i, edge_action[edge]] - most)
            total += found[edge]
        for edge in range(first, last):
            found[edge] /= total
    return found


def is_over(known: Known, places: Int64s) -> Bools:
    """Whether the game is over at these places. [n]"""
    return np.asarray(known.first[places] == known.first[places + 1])
