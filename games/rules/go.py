"""Go on small boards: area scoring, no komi, no suicide, basic ko; two passes end the game, endless play is worth 0.

Basic ko keeps the game Markov (positional superko would make legality depend on history). The first player's exact
margins are in van der Werf, "AI techniques for the game of Go" (2004), table 5.1.

A state in 64 bits: own stones (bits 0-24), the other's stones (25-49), ko point + 1 (50-54), consecutive passes (55-56).
Actions are the cells, then the pass.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Float64s, Int8s, Int32s, Int64s, UInt8s, UInt64s
from games.contract import Board, Expansion, States
from games.errors import WorkError
from games.jit import njit
from games.rules.board import (
    GO_COLUMNS,
    apply_symmetries,
    apply_symmetry,
    cell_actions,
    cell_name,
    count_bits,
    draw,
    least,
    rectangle,
    symmetry_tables,
    unpack_masks,
)
from games.rules.go_stones import area_margin, area_margins, can_come_about, captured_by, flood, is_legal, neighbours
from games.rules.ply import Ply, new_arrays, trim
from games.rules.sizes import read_sizes
from games.splitmix import splitmix64

MAX_CELLS = 25
STONES = (1 << MAX_CELLS) - 1
BOTH = STONES | STONES << MAX_CELLS
KO_SHIFT, PASS_SHIFT = 2 * MAX_CELLS, 2 * MAX_CELLS + 5
DRAWS, MAX_BATCHES = 1 << 16, 1 << 12  # random boards at a time, and how often before giving up


@dataclass(frozen=True)
class Go:
    """Go on a board of `rows` x `columns` points, at most 25 of them."""

    rows: int
    columns: int

    endless = True

    @property
    def id(self) -> str:
        return f"go-{self.rows}x{self.columns}"

    @property
    def n_actions(self) -> int:
        return self.rows * self.columns + 1

    @property
    def max_payoff(self) -> int:
        return self.rows * self.columns

    @property
    def board(self) -> Board:
        return rectangle(self.rows, self.columns)

    @cached_property
    def _symmetry_tables(self) -> UInt64s:
        return symmetry_tables(self.board)

    def estimate_states(self) -> float:
        # A share of about 0.45 (5x5) to 0.6 (3x4) of all arrangements is legal (Tromp & Farneback); 0, 1 or 2 passes.
        return 3.0**self.board.n_cells * 0.55 * 3 / len(self.board.symmetries)

    def start(self) -> int:
        return 0

    def expand(self, states: States, fold: bool = True) -> Expansion:
        return Expansion(*_expand(states, self.rows, self.columns, self._symmetry_tables if fold else self._symmetry_tables[:1]))

    @property
    def action_symmetries(self) -> Int64s:
        return cell_actions(self.board, self.n_actions)

    def fold(self, states: States) -> tuple[States, Int64s]:
        return least(self._turned(states))

    def same_board(self, states: States) -> States:
        """The stones up to symmetry, whatever ko and passes."""
        return self.fold(states & np.uint64(BOTH))[0]

    def _turned(self, states: States) -> UInt64s:
        """The images of states under each symmetry. [n_symmetries, n]"""
        own, other = (apply_symmetries(mask, self._symmetry_tables) for mask in stones(states))
        ko = np.column_stack([np.zeros(len(self._symmetry_tables), dtype=np.int64), 1 + self.board.symmetries])[:, 1 + ko_points(states)]
        rest = states >> np.uint64(PASS_SHIFT) << np.uint64(PASS_SHIFT)
        images: UInt64s = own | other << np.uint64(MAX_CELLS) | ko.astype(np.uint64) << np.uint64(KO_SHIFT) | rest
        return images

    def draw_states(self, n: int, seed: int) -> States:
        """Uniform over all reachable states that are not final, those with a ko or one pass included, by rejection of random stones."""
        found = np.empty(0, dtype=np.uint64)
        n_batches = 0
        while len(found) < n and n_batches < MAX_BATCHES:
            drawn, n_drawn = [found], len(found)
            while n_drawn < n and n_batches < MAX_BATCHES:
                drawn.append(self._draw(n_batches, seed))
                n_drawn, n_batches = n_drawn + len(drawn[-1]), n_batches + 1
            joined = np.concatenate(drawn)
            found = joined[np.sort(np.unique(joined, return_index=True)[1])]
        if len(found) < n:
            tried = MAX_BATCHES * DRAWS
            raise WorkError(f"{self.id}: only {len(found):,} positions were found in {tried:,} draws, not {n:,}: ask for fewer")
        return found[:n]

    def _draw(self, batch: int, seed: int) -> States:
        """The canonical states that one batch of random numbers gives, some of them perhaps more than once."""
        numbers = np.arange(batch * DRAWS, (batch + 1) * DRAWS, dtype=np.uint64)
        drawn = splitmix64(numbers ^ splitmix64(np.array([seed], dtype=np.uint64)))
        return _arrange(drawn, splitmix64(drawn), self.rows, self.columns, self._symmetry_tables)

    def evaluate(self, states: States) -> Float64s:
        """The mover's area less the other's."""
        return area_margins(*stones(states), self.rows, self.columns).astype(np.float64)

    def multiplicity(self, states: States) -> Int32s:
        return _multiplicity(states, self._symmetry_tables)

    def cells(self, states: States) -> Int8s:
        n = self.board.n_cells
        own, other = stones(states)
        board = unpack_masks(own, n) + 2 * unpack_masks(other, n).astype(np.int8)
        return np.column_stack([board, ko_points(states) + 1, passes(states)]).astype(np.int8)

    def cell_levels(self) -> tuple[int, ...]:
        n = self.board.n_cells
        return (3,) * n + (n + 1, 3)

    def planes(self, states: States) -> UInt8s:
        n = self.board.n_cells
        own, other = stones(states)
        ko = ko_points(states)[:, None] == np.arange(n)
        passed = np.repeat((passes(states) > 0)[:, None], n, axis=1)
        layers = np.stack([unpack_masks(own, n), unpack_masks(other, n), ko, passed], axis=1)
        return layers.reshape(len(states), 4, self.rows, self.columns).astype(np.uint8)

    def render(self, state: int) -> str:
        board = self.board
        own, other = state & STONES, (state >> MAX_CELLS) & STONES
        ko = ((state >> KO_SHIFT) & 31) - 1
        symbols = "".join("X" if own >> i & 1 else "O" if other >> i & 1 else "*" if i == ko else "." for i in range(board.n_cells))
        said = ("", "O has passed", "both have passed")[state >> PASS_SHIFT]
        notes = [f"ko at {self.action_name(ko)}"] * (ko >= 0) + [said] * bool(said)
        return "\n".join([draw(board, symbols, GO_COLUMNS), *notes])

    def action_name(self, action: int) -> str:
        return "pass" if action == self.board.n_cells else cell_name(self.board, action, GO_COLUMNS)


def make(text: str) -> Go:
    """The game for `MxN`; raises UsageError unless both are at least 1 and the board has at most 25 points."""
    form = f"the board as ROWSxCOLUMNS with at most {MAX_CELLS} points"
    return Go(*read_sizes(f"go-{text}", [2], lambda rows, columns: rows * columns <= MAX_CELLS, form, "go-3x3"))


def stones(states: States) -> tuple[States, States]:
    """Masks of the mover's and of the other's stones."""
    return states & np.uint64(STONES), (states >> np.uint64(MAX_CELLS)) & np.uint64(STONES)


def ko_points(states: States) -> Int64s:
    """The point at which retaking is forbidden, -1 for none."""
    return ((states >> np.uint64(KO_SHIFT)) & np.uint64(31)).astype(np.int64) - 1


def passes(states: States) -> Int64s:
    """How many passes have just been played in a row: 0, 1 or (game over) 2."""
    return (states >> np.uint64(PASS_SHIFT)).astype(np.int64)


@njit
def play(state: np.uint64, point: int, rows: int, columns: int) -> np.uint64:
    """The state after a stone on an empty point, seen by the other player and not yet folded; all ones if that is illegal."""
    cells = np.uint64(MAX_CELLS)
    own, other = state & np.uint64(STONES), (state >> cells) & np.uint64(STONES)
    stone = np.uint64(1) << np.uint64(point)
    own |= stone
    taken = captured_by(stone, own, other, rows, columns)
    other &= ~taken
    group = flood(stone, own, rows, columns)
    liberties = neighbours(group, rows, columns) & ~(own | other)
    if not liberties:
        return ~np.uint64(0)
    ko = np.uint64(0)
    if count_bits(taken) == 1 and group == stone and liberties == taken:
        while (taken >> ko) != np.uint64(1):
            ko += np.uint64(1)
        ko += np.uint64(1)
    return other | (own << cells) | (ko << np.uint64(KO_SHIFT))


@njit
def fold(state: np.uint64, tables: UInt64s) -> np.uint64:
    """The smallest of a state's images under the symmetries of the board."""
    cells, ko_shift = np.uint64(MAX_CELLS), np.uint64(KO_SHIFT)
    own, other = state & np.uint64(STONES), (state >> cells) & np.uint64(STONES)
    ko = (state >> ko_shift) & np.uint64(31)
    ko_mask = (np.uint64(1) << ko) >> np.uint64(1)
    rest = (state >> np.uint64(PASS_SHIFT)) << np.uint64(PASS_SHIFT)
    best = state
    for g in range(1, tables.shape[0]):
        image = apply_symmetry(own, tables[g]) | (apply_symmetry(other, tables[g]) << cells) | rest
        if ko:
            ko_image, ko_cell = np.uint64(0), apply_symmetry(ko_mask, tables[g])
            while ko_cell:
                ko_cell >>= np.uint64(1)
                ko_image += np.uint64(1)
            image |= ko_image << ko_shift
        best = min(best, image)
    return best


@njit
def _expand(states: States, rows: int, columns: int, tables: UInt64s) -> Ply:
    n_cells = rows * columns
    n = states.shape[0]
    ply = new_arrays(n, n * (n_cells + 1))
    edge_start, edge_action, edge_child, terminal, payoff = ply
    edge = 0
    one = np.uint64(1)
    for i in range(n):
        state = states[i]
        own, other = state & np.uint64(STONES), (state >> np.uint64(MAX_CELLS)) & np.uint64(STONES)
        ko = (state >> np.uint64(KO_SHIFT)) & np.uint64(31)
        n_passes = state >> np.uint64(PASS_SHIFT)
        if n_passes == np.uint64(2):
            terminal[i] = True
            payoff[i] = area_margin(own, other, rows, columns)
        else:
            for point in range(n_cells):
                if ((own | other) >> np.uint64(point)) & one or np.uint64(point + 1) == ko:
                    continue
                child = play(state, point, rows, columns)
                if child != ~np.uint64(0):
                    edge_action[edge] = point
                    edge_child[edge] = fold(child, tables)
                    edge += 1
            passed = other | (own << np.uint64(MAX_CELLS)) | ((n_passes + one) << np.uint64(PASS_SHIFT))
            edge_action[edge] = n_cells
            edge_child[edge] = fold(passed, tables)
            edge += 1
        edge_start[i + 1] = edge
    return trim(ply, edge)


@njit
def _arrange(drawn: UInt64s, lots: UInt64s, rows: int, columns: int, tables: UInt64s) -> UInt64s:
    """Canonical states from random numbers; what is no legal state is left out, and all but one in k of a class of k images.

    The base-3 digits of `drawn` are the stones. `lots` say whether there was no pass, one, or a ko at which point, and which
    of the images are kept. So each canonical state is equally likely.
    """
    n_cells = rows * columns
    found = np.empty(drawn.shape[0], dtype=np.uint64)
    n_found = 0
    for i in range(drawn.shape[0]):
        number, lot = drawn[i], lots[i]
        own = other = np.uint64(0)
        for cell in range(n_cells):
            digit, number = number % np.uint64(3), number // np.uint64(3)
            own |= np.uint64(digit == 1) << np.uint64(cell)
            other |= np.uint64(digit == 2) << np.uint64(cell)
        kind, lot = int(lot % np.uint64(n_cells + 2)), lot // np.uint64(n_cells + 2)
        if not can_come_about(own, other, kind, rows, columns) or not is_legal(own, other, rows, columns):
            continue
        state = own | other << np.uint64(MAX_CELLS)
        if kind == 1:
            state |= np.uint64(1) << np.uint64(PASS_SHIFT)
        elif kind > 1:
            state |= np.uint64(kind - 1) << np.uint64(KO_SHIFT)
        if lot % np.uint64(_multiplicity(np.array([state]), tables)[0]) == 0:
            found[n_found] = fold(state, tables)
            n_found += 1
    return found[:n_found]


@njit
def _multiplicity(states: States, tables: UInt64s) -> Int32s:
    cells = np.uint64(MAX_CELLS)
    sizes = np.empty(states.shape[0], dtype=np.int32)
    for i in range(states.shape[0]):
        own, other = states[i] & np.uint64(STONES), (states[i] >> cells) & np.uint64(STONES)
        ko_mask = (np.uint64(1) << ((states[i] >> np.uint64(KO_SHIFT)) & np.uint64(31))) >> np.uint64(1)
        fixed = 0
        for g in range(tables.shape[0]):
            same = (
                apply_symmetry(own, tables[g]) == own
                and apply_symmetry(other, tables[g]) == other
                and apply_symmetry(ko_mask, tables[g]) == ko_mask
            )
            fixed += int(same)
        sizes[i] = tables.shape[0] // fixed
    return sizes
