"""Kalah: sow the seeds of a pit round the board; the last one may win another turn or the pit opposite. The score is the margin.

Rules as in Irving, Donkers & Uiterwijk (2000), "Solving Kalah", ICGA Journal 23(3). A move lifts all seeds of an own pit and
sows them one by one: up the own pits, into the own store, down the other's pits, past the other's store, and so on round (the
pit they came from is not left out). If the last seed falls into the own store, the same player moves again. If it falls into
an own pit that was empty, it and all seeds of the pit opposite go into the own store, even if the pit opposite is empty.
The game is over as soon as either side has no seed in its pits; seeds left in the other side's pits count for that side.

Players alternate on every edge, so another turn is shown as a position of the other player, who waits: the only action
there is to pass. This keeps every value exact, and costs a policy nothing, since where there is one move there is no regret;
joining all sowings of a turn into one action would need a new action for each of their sequences.

A state in 64 bits, fields of as many bits as the number of all seeds needs: own pits in the order of sowing, the other's pits
in the order of sowing, own store; then one bit: the mover must pass. Own pit i lies opposite the other's pit P - 1 - i. The
actions are the own pits, then the pass.
"""

from dataclasses import dataclass
from math import comb

import numpy as np

from games.arrays import Int8s, Int32s, Int64s, UInt8s
from games.contract import Board, Expansion, States
from games.jit import njit
from games.rules.ply import Ply, new_arrays, trim
from games.rules.sizes import read_sizes


@dataclass(frozen=True)
class Kalah:
    """Kalah with `n_pits` pits a side that hold `n_seeds` seeds each at the start."""

    n_pits: int
    n_seeds: int

    endless = False

    @property
    def id(self) -> str:
        return f"kalah-{self.n_pits}-{self.n_seeds}"

    @property
    def n_actions(self) -> int:
        return self.n_pits + 1

    @property
    def max_payoff(self) -> int:
        return 2 * self.n_pits * self.n_seeds

    @property
    def board(self) -> Board | None:
        return None

    def estimate_states(self) -> float:
        # Ways to lay the seeds into all pits and both stores; a few per cent of these come up, some of them in two ways.
        return comb(self.max_payoff + 2 * self.n_pits + 1, self.max_payoff) * 0.15 + 1

    def start(self) -> int:
        return sum(self.n_seeds << (self.n_bits * pit) for pit in range(2 * self.n_pits))

    @property
    def n_bits(self) -> int:
        """The width of a field."""
        return self.max_payoff.bit_length()

    def expand(self, states: States) -> Expansion:
        return Expansion(*_expand(states, self.n_pits, self.n_bits, self.max_payoff))

    def multiplicity(self, states: States) -> Int32s:
        return np.ones(len(states), dtype=np.int32)

    def cells(self, states: States) -> Int8s:
        """Own pits, the other's pits, own store, the other's store, whether the mover must pass. [n, 2 * n_pits + 3]"""
        fields = (states[:, None] >> (self.n_bits * np.arange(2 * self.n_pits + 1, dtype=np.uint64))) & np.uint64((1 << self.n_bits) - 1)
        other_store = np.uint64(self.max_payoff) - fields.sum(axis=1)
        waits = states >> np.uint64(self.n_bits * (2 * self.n_pits + 1))
        return np.column_stack([fields, other_store, waits]).astype(np.int8)

    def cell_levels(self) -> tuple[int, ...]:
        return (self.max_payoff + 1,) * (2 * self.n_pits + 2) + (2,)

    def planes(self, states: States) -> UInt8s:
        """One plane for each number of seeds, one column for each entry of `cells`. [n, n_planes, 1, 2 * n_pits + 3]"""
        one_hot = self.cells(states)[:, None, None, :] == np.arange(self.max_payoff + 1)[None, :, None, None]
        planes: UInt8s = one_hot.astype(np.uint8)
        return planes

    def render(self, state: int) -> str:
        *pits, own_store, other_store, waits = self.cells(np.array([state], dtype=np.uint64))[0].tolist()
        own, other = ("".join(f"{seeds:>4}" for seeds in side) for side in (pits[: self.n_pits], pits[: self.n_pits - 1 : -1]))
        notes = ["O moves again: X must pass"] * waits
        return "\n".join([f"O {other_store:>4} |{other} |", f"X      |{own} |{own_store:>4}", *notes])

    def action_name(self, action: int) -> str:
        return "pass" if action == self.n_pits else f"pit {action + 1}"


def make(text: str) -> Kalah:
    """The game for `PITS-SEEDS`; raises UsageError unless a state fits into 64 bits."""
    form = "the pits a side and the seeds in each, as far as 64 bits hold them (3 pits of 21 seeds, 4 of 15, 5 of 3 or 6 of 1)"
    return Kalah(*read_sizes(f"kalah-{text}", [2], _is_possible, form, "kalah-3-2", separator="-"))


def _is_possible(n_pits: int, n_seeds: int) -> bool:
    game = Kalah(n_pits, n_seeds)
    return game.max_payoff <= 127 and (2 * n_pits + 1) * game.n_bits < 64


@njit
def _expand(states: States, n_pits: int, n_bits: int, n_seeds: int) -> Ply:
    n = states.shape[0]
    n_fields = 2 * n_pits + 1
    ply = new_arrays(n, n * n_pits)
    edge_start, edge_action, edge_child, terminal, payoff = ply
    before = np.empty(n_fields, dtype=np.int64)  # the round of sowing: own pits, own store, the other's pits
    edge = 0
    for i in range(n):
        for field in range(n_fields):
            place = n_pits if field == 2 * n_pits else field + (field >= n_pits)
            before[place] = (states[i] >> np.uint64(n_bits * field)) & np.uint64((1 << n_bits) - 1)
        own_left, other_left = before[:n_pits].sum(), before[n_pits + 1 :].sum()
        if own_left == 0 or other_left == 0:
            terminal[i] = True
            payoff[i] = 2 * (before[n_pits] + own_left) - n_seeds
        elif states[i] >> np.uint64(n_bits * n_fields):
            edge_action[edge] = n_pits
            edge_child[edge] = _seen_by_other(before, n_pits, n_bits, n_seeds, False)
            edge += 1
        else:
            for pit in range(n_pits):
                if before[pit] == 0:
                    continue
                after = before.copy()
                after[pit] = 0
                place = pit
                for _ in range(before[pit]):
                    place = (place + 1) % n_fields
                    after[place] += 1
                if place < n_pits and after[place] == 1:
                    opposite = 2 * n_pits - place
                    after[n_pits] += 1 + after[opposite]
                    after[place] = after[opposite] = 0
                edge_action[edge] = pit
                edge_child[edge] = _seen_by_other(after, n_pits, n_bits, n_seeds, place == n_pits)
                edge += 1
        edge_start[i + 1] = edge
    return trim(ply, edge)


@njit
def _seen_by_other(places: Int64s, n_pits: int, n_bits: int, n_seeds: int, again: bool) -> np.uint64:
    """The state for the other player after a move; `again`: the mover gets another turn, unless the game is over."""
    state = np.uint64(n_seeds - places.sum()) << np.uint64(n_bits * 2 * n_pits)
    for pit in range(n_pits):
        state |= np.uint64(places[n_pits + 1 + pit]) << np.uint64(n_bits * pit)
        state |= np.uint64(places[pit]) << np.uint64(n_bits * (n_pits + pit))
    if again and places[:n_pits].sum() > 0 and places[n_pits + 1 :].sum() > 0:
        state |= np.uint64(1) << np.uint64(n_bits * (2 * n_pits + 1))
    return state
