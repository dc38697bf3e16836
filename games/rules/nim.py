"""Nim: take any number of stones from one heap; who takes the last stone wins.

A control whose answer is known (Bouton 1901): the player to move loses exactly when the heaps' binary digits add up to zero
without carry. In misère Nim that holds as long as a heap has two stones or more; after that an odd number of heaps loses.

Heaps are kept in ascending order, so a state is a multiset. A state in 64 bits: 8 bits a heap. The action
`heap * largest + taken - 1` takes stones from a heap in that order.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s
from games.contract import Board, Expansion, States
from games.jit import njit
from games.rules.ply import Ply, new_arrays, trim
from games.rules.sizes import read_sizes

MAX_HEAPS, MAX_HEAP = 8, 255


@dataclass(frozen=True)
class Nim:
    """Nim from the given heaps."""

    heaps: tuple[int, ...]
    misere: bool = False

    max_payoff = 1
    endless = False

    @property
    def id(self) -> str:
        return ("misere_nim-" if self.misere else "nim-") + "-".join(map(str, self.heaps))

    @property
    def n_actions(self) -> int:
        return len(self.heaps) * max(self.heaps)

    @property
    def board(self) -> Board | None:
        return None

    def estimate_states(self) -> float:
        return float(np.prod([heap + 1.0 for heap in self.heaps]))

    def start(self) -> int:
        return sum(heap << (8 * i) for i, heap in enumerate(sorted(self.heaps)))

    def expand(self, states: States, fold: bool = True) -> Expansion:
        return Expansion(*_expand(states, len(self.heaps), max(self.heaps), 1 if self.misere else -1, fold))

    @cached_property
    def _orders(self) -> Int64s:
        """All orders of the heaps, as they are first: row g has the heap that comes to each place. [n_symmetries, n_heaps]"""
        return np.array(list(permutations(range(len(self.heaps)))))

    @property
    def action_symmetries(self) -> Int64s:
        place, largest = self._orders.argsort(axis=1), max(self.heaps)
        return (place[:, :, None] * largest + np.arange(largest)).reshape(len(place), -1)

    def fold(self, states: States) -> tuple[States, Int64s]:
        sizes = heaps(states, len(self.heaps))
        order = sizes.argsort(axis=1, kind="stable")
        ranks = {each: g for g, each in enumerate(map(tuple, self._orders.tolist()))}
        which = np.array([ranks[each] for each in map(tuple, order.tolist())], dtype=np.int64)
        shifts = 8 * np.arange(len(self.heaps), dtype=np.uint64)
        return (np.take_along_axis(sizes, order, axis=1).astype(np.uint64) << shifts).sum(axis=1), which

    def multiplicity(self, states: States) -> Int32s:
        """Ways to lay the heaps out, none on a smaller heap's place: placed from the largest down, equal heaps told apart once."""
        sizes = heaps(states, len(self.heaps))
        ways = np.ones(len(states), dtype=np.int64)
        for i in range(len(self.heaps)):
            n_larger = len(self.heaps) - 1 - i  # heaps are in ascending order, so these have their places already
            ways *= (np.array(self.heaps) >= sizes[:, i : i + 1]).sum(axis=1) - n_larger
        for i in range(len(self.heaps)):
            ways //= 1 + (sizes[:, :i] == sizes[:, i : i + 1]).sum(axis=1)
        return ways.astype(np.int32)

    def cells(self, states: States) -> Int8s:
        return heaps(states, len(self.heaps)).astype(np.int8)

    def cell_levels(self) -> tuple[int, ...]:
        return (max(self.heaps) + 1,) * len(self.heaps)

    def planes(self, states: States) -> UInt8s:
        one_hot = self.cells(states)[:, None, None, :] == np.arange(max(self.heaps) + 1)[None, :, None, None]
        planes: UInt8s = one_hot.astype(np.uint8)
        return planes

    def render(self, state: int) -> str:
        sizes = [state >> (8 * i) & 255 for i in range(len(self.heaps))]
        return "\n".join(f"heap {i + 1} ({size}): {'|' * size}".rstrip() for i, size in enumerate(sizes))

    def action_name(self, action: int) -> str:
        heap, taken = divmod(action, max(self.heaps))
        return f"take {taken + 1} from heap {heap + 1}"


def make(text: str) -> Nim:
    """The game for heaps `A-B-C`; raises UsageError unless there are 1 to 8 heaps of 1 to 127 stones."""
    return Nim(_heap_sizes("nim", text))


def make_misere(text: str) -> Nim:
    """Misère Nim: take any number of stones from one heap; who takes the last stone loses.

    The game for heaps `A-B-C`; raises UsageError unless there are 1 to 8 heaps of 1 to 127 stones.
    """
    return Nim(_heap_sizes("misere_nim", text), misere=True)


def _heap_sizes(family: str, text: str) -> tuple[int, ...]:
    form = f"1 to {MAX_HEAPS} heaps of 1 to {MAX_HEAP // 2} stones"
    n_heaps = range(1, MAX_HEAPS + 1)
    return read_sizes(f"{family}-{text}", n_heaps, lambda *heaps: max(heaps) <= MAX_HEAP // 2, form, f"{family}-3-4-5", separator="-")


def heaps(states: States, n_heaps: int) -> Int64s:
    """The heaps of each state in ascending order: [n, n_heaps]."""
    return ((states[:, None] >> (8 * np.arange(n_heaps, dtype=np.uint64))) & np.uint64(255)).astype(np.int64)


@njit
def _expand(states: States, n_heaps: int, largest: int, no_stones: int, fold: bool) -> Ply:
    n = states.shape[0]
    ply = new_arrays(n, n * n_heaps * largest)
    edge_start, edge_action, edge_child, terminal, payoff = ply
    sizes = np.empty(n_heaps, dtype=np.int64)
    edge = 0
    for i in range(n):
        for heap in range(n_heaps):
            for taken in range(1, int((states[i] >> np.uint64(8 * heap)) & np.uint64(255)) + 1):
                for other in range(n_heaps):
                    sizes[other] = (states[i] >> np.uint64(8 * other)) & np.uint64(255)
                sizes[heap] -= taken
                if fold:
                    sizes.sort()
                child = np.uint64(0)
                for other in range(n_heaps):
                    child |= np.uint64(sizes[other]) << np.uint64(8 * other)
                edge_action[edge] = heap * largest + taken - 1
                edge_child[edge] = child
                edge += 1
        edge_start[i + 1] = edge
        if edge_start[i] == edge:
            terminal[i] = True
            payoff[i] = no_stones
    return trim(ply, edge)
