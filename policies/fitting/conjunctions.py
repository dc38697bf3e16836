"""Conjunctions of literals: what each change of one of them would save in a list, and where it holds.

A draft fixes cells of the widest window round the move and says which other literals must and must not hold. All changes of a draft
by one literal (a cell set, changed or freed, a concept required, excluded or dropped) are weighed in one walk over the moves.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float32s, Float64s, Int16s, Int32s, Int64s, UInt64s
from games.jit import njit
from policies.api import Task
from policies.fitting.insertion import OWNER, PRESENT, WEIGHT, State
from policies.language import patterns
from policies.language.atoms import Literal, Predicate, Rule
from policies.language.language import Language
from policies.language.patterns import ANYTHING, WINDOWS

WIDEST = "5x5"  # patterns grow within this window
N_CELLS = WINDOWS[WIDEST].n_cells
FREE = (ANYTHING,) * N_CELLS
N_CHANGES = 5 * N_CELLS  # of the cells
MATCH = N_CHANGES
MAX_LITERALS = 64
REQUIRE, EXCLUDE, DROP = range(3)


@dataclass(frozen=True)
class Draft:
    """A conjunction: the contents of the widest window, ANYTHING where free, and which literals must and must not hold."""

    cells: tuple[int, ...] = FREE
    required: int = 0  # a bit for each literal
    excluded: int = 0

    def changed(self, change: int) -> "Draft":
        """The draft after one change; see `weigh_changes` for their numbers."""
        if change < N_CHANGES:
            cell, content = divmod(change, 5)
            return replace(self, cells=(*self.cells[:cell], content, *self.cells[cell + 1 :]))
        kind, literal = divmod(change - N_CHANGES, MAX_LITERALS)
        bit = 1 << literal
        if kind == DROP:
            return replace(self, required=self.required & ~bit, excluded=self.excluded & ~bit)
        return replace(self, required=self.required | bit) if kind == REQUIRE else replace(self, excluded=self.excluded | bit)

    @property
    def is_empty(self) -> bool:
        """Whether it holds for every move."""
        return self == Draft()


class DraftView(NamedTuple):
    """The moves of some positions, and what one draft says of them: the arrays that both kernels walk over."""

    positions: Int64s  # [n_positions]
    edge_start: Int64s
    regret: Int16s
    which: Int32s  # [n_edges] the code of the widest window, as an index of `near` and `masks`; -1: none
    held: UInt64s  # [n_edges] a bit for each literal that holds
    near: Bools  # see `_mask_changes`
    masks: UInt64s
    literals: UInt64s  # those required, those excluded, and all
    free: int  # after which change the pattern says nothing


class Moves:
    """The moves of some positions as drafts see them: their windows, and which literals hold."""

    def __init__(self, task: Task, language: Language, positions: Int64s) -> None:
        self.atoms, self.graph, self.regret, self.positions = language.atoms, task.graph, task.solution.regret, positions
        self.values, self.which = np.zeros(0, dtype=np.uint64), np.full(self.graph.n_edges, -1, dtype=np.int32)
        self.images = WINDOWS[WIDEST].images()[:1]
        if WIDEST in language.columns:
            self.values, self.which = self.atoms.column(WIDEST)
            self.images = np.ascontiguousarray(WINDOWS[WIDEST].images()[list(self.atoms.window_symmetries)])
        plain = [*language.concept_predicates]
        for name in language.columns:
            if name not in WINDOWS:
                plain += [(name.partition("-")[0], value) for value in self.atoms.column(name).values.tolist()]
        self.literals = plain[:MAX_LITERALS]
        self.held = np.zeros(self.graph.n_edges, dtype=np.uint64)
        for i, atom in enumerate(self.literals):
            self.held[self.atoms.edges(atom)] |= np.uint64(1 << i)

    def draft(self, atom: Predicate) -> Draft | None:
        """The draft that says what an atom says; None for one that no draft can say."""
        kind, value = atom
        if kind in WINDOWS:
            free = (ANYTHING,) * (N_CELLS - WINDOWS[kind].n_cells)
            return Draft((*patterns.contents(WINDOWS[kind], value), *free))
        return Draft(required=1 << self.literals.index(atom)) if atom in self.literals else None

    def weigh_changes(self, draft: Draft, state: State) -> Float64s:
        """What the draft would save at its best place after each change; minus infinity after one that leaves no moves. [n_changes]

        Changes: 5 i + c gives cell i the content c; then for each literal: require it, exclude it, drop it.
        """
        n = int(state.counts[0])
        rank = np.empty(n, dtype=np.int64)
        rank[np.argsort(state.label[:n], kind="stable")] = np.arange(n)
        return _weigh_changes(state.hand, rank, self._view(draft, self.values))

    def held_by(self, draft: Draft) -> tuple[Int32s, Float32s]:
        """The positions, by their place among `positions`, at which a draft holds for some move, and the mean regret of these moves."""
        return _held_by(self._view(draft, self.values if draft.cells != FREE else self.values[:0]))

    def _view(self, draft: Draft, values: UInt64s) -> DraftView:
        """What a draft says of the moves whose codes are `values`.

        `free` is N_CHANGES if the pattern says nothing already, -1 if it does so after no change. Only a pattern that says nothing
        fits a move on no cell.
        """
        put = [i for i, cell in enumerate(draft.cells) if cell != ANYTHING]
        literals = np.array([draft.required, draft.excluded, (1 << len(self.literals)) - 1], dtype=np.uint64)
        free = 5 * put[0] + ANYTHING if len(put) == 1 else -1 if put else N_CHANGES
        near, masks = _mask_changes(values, self.images, np.array(draft.cells))
        return DraftView(self.positions, self.graph.edge_start, self.regret, self.which, self.held, near, masks, literals, free)

    def rule(self, draft: Draft) -> Rule:
        """The draft as a rule, its pattern in the smallest window that holds it, up to symmetry; empty for one that says nothing."""
        literals = [
            Literal(*atom, bool(draft.required >> i & 1))
            for i, atom in enumerate(self.literals)
            if (draft.required | draft.excluded) >> i & 1
        ]
        n_cells = max((i + 1 for i, cell in enumerate(draft.cells) if cell != ANYTHING), default=0)
        if n_cells:
            window = next(window for window in WINDOWS.values() if window.n_cells >= n_cells)
            code = patterns.pattern(window, draft.cells[: window.n_cells])
            literals.append(Literal(window.name, patterns.canonical(window, self.atoms.window_symmetries, code)))
        return tuple(literals)


@njit
def _mask_changes(values: UInt64s, images: Int64s, cells: Int64s) -> tuple[Bools, UInt64s]:
    """For each code of the widest window the changes of a pattern after which it fits it, as bits; the bit of `MATCH`: as it is. [n, 2]

    And whether there are any: other rows say nothing. [n]
    """
    n_cells, n_images = cells.shape[0], images.shape[0]
    near, masks = np.zeros(values.shape[0], dtype=np.bool_), np.empty((values.shape[0], 2), dtype=np.uint64)
    one, three, low_bits = np.uint64(1), np.uint64(3), np.uint64(0x5555555555555555)
    code, care = np.zeros(n_images, dtype=np.uint64), np.zeros(n_images, dtype=np.uint64)
    cell_at = np.zeros((n_images, n_cells), dtype=np.int64)
    for g in range(n_images):
        for i in range(n_cells):
            cell_at[g, images[g, i]] = i
            if cells[i] != ANYTHING:
                code[g] |= np.uint64(cells[i]) << np.uint64(2 * images[g, i])
                care[g] |= three << np.uint64(2 * images[g, i])
    for v in range(values.shape[0]):
        for g in range(n_images):
            wrong = (values[v] ^ code[g]) & care[g]
            wrong = (wrong | (wrong >> one)) & low_bits
            if wrong & (wrong - one):
                continue
            if not near[v]:
                near[v], masks[v, 0], masks[v, 1] = True, 0, 0
            if wrong:
                place = _place_of_bit(wrong) // 2
                i = cell_at[g, place]
                clear, put = 5 * i + ANYTHING, 5 * i + int((values[v] >> np.uint64(2 * place)) & three)
                masks[v, clear // 64] |= one << np.uint64(clear % 64)
                masks[v, put // 64] |= one << np.uint64(put % 64)
                continue
            masks[v, 1] |= one << np.uint64(MATCH - 64)
            for i in range(n_cells):
                put = 5 * i + ANYTHING
                if cells[i] == ANYTHING:
                    put = 5 * i + int((values[v] >> np.uint64(2 * images[g, i])) & three)
                masks[v, put // 64] |= one << np.uint64(put % 64)
    return near, masks


@njit
def _weigh_changes(hand: Float64s, rank: Int64s, view: DraftView) -> Float64s:
    """See `Moves.weigh_changes`; rank: the place in the list of each rule, by the number under which positions know it. [n_rules]"""
    positions, edge_start, regret, which, held, near, masks, literals, free = view
    n_changes, n_rules = N_CHANGES + 3 * MAX_LITERALS, rank.shape[0]
    saved_at, touched = np.zeros((n_changes, n_rules + 1)), np.zeros((n_changes, n_rules + 1), dtype=np.bool_)
    total, count = np.zeros(n_changes, dtype=np.int64), np.zeros(n_changes, dtype=np.int64)
    seen, row = np.empty(n_changes, dtype=np.int64), np.zeros(5, dtype=np.uint64)
    one, match_bit = np.uint64(1), np.uint64(1) << np.uint64(MATCH - 64)
    given = literals[0] | literals[1]
    others = literals[2] & ~given
    for i in range(positions.shape[0]):
        n_seen = 0
        for edge in range(edge_start[positions[i]], edge_start[positions[i] + 1]):
            code, fits = which[edge], free == N_CHANGES
            if not fits and not (near[code] if code >= 0 else free >= 0):
                continue
            wrong = (literals[0] & ~held[edge]) | (literals[1] & held[edge])
            if wrong & (wrong - one):
                continue
            row[:] = 0
            if code >= 0:
                fits = fits or (masks[code, 1] & match_bit) != 0
                if wrong == 0:
                    row[0], row[1] = masks[code, 0], masks[code, 1] & ~match_bit
            elif wrong == 0 and 0 <= free < N_CHANGES:
                row[free // 64] |= one << np.uint64(free % 64)
            if fits and wrong == 0:
                row[2], row[3], row[4] = held[edge] & others, ~held[edge] & others, given
            elif fits:
                row[4] = wrong
            for part in range(5):
                bits = row[part]
                base = 64 * part if part < 2 else N_CHANGES + MAX_LITERALS * (part - 2)
                while bits:
                    low = bits & (~bits + one)
                    bits ^= low
                    change = base + _place_of_bit(low)
                    if count[change] == 0:
                        seen[n_seen] = change
                        n_seen += 1
                    total[change] += regret[edge]
                    count[change] += 1
        place = rank[int(hand[i, OWNER])] if hand[i, OWNER] >= 0 else n_rules
        for change in seen[:n_seen]:
            saved_at[change, place] += hand[i, WEIGHT] * (hand[i, PRESENT] - total[change] / count[change])
            touched[change, place] = True
            total[change], count[change] = 0, 0
    savings = np.full(n_changes, -np.inf)
    for change in range(n_changes):
        saved = 0.0
        for place in range(n_rules, -1, -1):
            saved += saved_at[change, place]
            if touched[change, place]:
                savings[change] = max(savings[change], saved)
    return savings


@njit
def _held_by(view: DraftView) -> tuple[Int32s, Float32s]:
    """See `Moves.held_by`."""
    positions, edge_start, regret, which, held, near, masks, literals, free = view
    found, costs = np.empty(positions.shape[0], dtype=np.int32), np.empty(positions.shape[0], dtype=np.float32)
    match_bit = np.uint64(1) << np.uint64(MATCH - 64)
    n = 0
    for i in range(positions.shape[0]):
        total, count = 0, 0
        for edge in range(edge_start[positions[i]], edge_start[positions[i] + 1]):
            if (literals[0] & ~held[edge]) | (literals[1] & held[edge]):
                continue
            if free == N_CHANGES or (which[edge] >= 0 and near[which[edge]] and masks[which[edge], 1] & match_bit):
                total += regret[edge]
                count += 1
        if count:
            found[n], costs[n] = i, total / count
            n += 1
    return found[:n].copy(), costs[:n].copy()


@njit
def _place_of_bit(bit: np.uint64) -> int:
    """Which bit of a number is set, if it is only one."""
    place = 0
    for step in (32, 16, 8, 4, 2, 1):
        if bit >> np.uint64(place + step):
            place += step
    return place
