"""Column generation: each rule that enters a list is grown and pruned literal by literal until no change makes it save more.

The fitter of policies/fitting/insertion.py says which atom saves most, and where. From there, and from the empty rule, hill-climbing over
conjunctions goes on: set one cell of the window round the move, or let it be anything; add a word, or its negation. All
such changes are weighed in one walk over the moves, at the place of the rule in the list; then the rule is placed anew.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from games.arrays import Float32s, Float64s, Int16s, Int32s, Int64s, UInt64s
from games.jit import njit
from policies.api import Task
from policies.fitting.decision_costs import OBJECTIVES, Pairs, collect_pairs, cost_of, pairs_of_edges
from policies.fitting.insertion import OWNER, PRESENT, WEIGHT, State, enter, lead, start_list, weigh
from policies.language import patterns
from policies.language.atoms import Literal, Rule
from policies.language.language import Language
from policies.language.patterns import ANYTHING, WINDOWS

WIDEST = "5x5"  # patterns grow within this window
N_CELLS = WINDOWS[WIDEST].n_cells
N_CHANGES = 5 * N_CELLS  # of the cells
MATCH = N_CHANGES
MAX_LITERALS = 64
ADD, EXCLUDE, DROP = range(3)
MAX_PLACES = 3  # how often a rule is grown again where it was placed anew
MIN_GAIN = 1e-12  # of the uniform policy's cost
CELL_BITS, LITERAL_BITS, RULE_BITS = 1.6, 6.0, 4.0  # about what they take in a file


class Refined(NamedTuple):
    """Rules in the order in which they entered, their labels (the list is in order of labels), and the share of cost saved after each."""

    rules: list[Rule]
    labels: list[float]
    gains: list[float]


@dataclass(frozen=True)
class Draft:
    """A rule in the making: the contents of the widest window, ANYTHING where free, and which words must and must not hold."""

    cells: tuple[int, ...]
    required: int = 0  # a bit for each literal
    excluded: int = 0

    def bits(self) -> float:
        """About what it takes in a file."""
        n_set = sum(cell != ANYTHING for cell in self.cells)
        return RULE_BITS + CELL_BITS * n_set + LITERAL_BITS * (self.required | self.excluded).bit_count()

    def changed(self, change: int) -> "Draft":
        """The draft after one change; see `_weigh_changes` for their numbers."""
        if change < N_CHANGES:
            cell, content = divmod(change, 5)
            return replace(self, cells=(*self.cells[:cell], content, *self.cells[cell + 1 :]))
        kind, literal = divmod(change - N_CHANGES, MAX_LITERALS)
        bit = 1 << literal
        if kind == DROP:
            return replace(self, required=self.required & ~bit, excluded=self.excluded & ~bit)
        return replace(self, required=self.required | bit) if kind == ADD else replace(self, excluded=self.excluded | bit)


class Placed(NamedTuple):
    """A rule, what it decides at what cost, how much it saves beyond its price, and between which labels it belongs."""

    rule: Rule
    positions: Int32s
    costs: Float32s
    saved: float
    before: float
    after: float


def fit_refined(task: Task, language: Language, n_rules: int, objective: str, support: int) -> Refined:
    """Add up to `n_rules` rules, each refined, as long as they help; for costs see policies/fitting/decision_costs.py."""
    search = Search(task, language, objective, support, n_rules)
    level = start = float(np.dot(search.pairs.weight, search.pairs.bare))
    rules: list[Rule] = []
    gains: list[float] = []
    while len(rules) < n_rules and (best := search.best_rule(MIN_GAIN * start)):
        level -= enter(search.state, search.pairs, -1, best.positions, best.costs, best.before, best.after)
        rules.append(best.rule)
        gains.append(1.0 - level / start)
    return Refined(rules, search.state.label[: len(rules)].tolist(), gains)


class Search:
    """What the climbs share: the list so far, and for all moves their windows and words."""

    def __init__(self, task: Task, language: Language, objective: str, support: int, n_rules: int) -> None:
        self.language, self.atoms, self.graph, self.regret = language, language.atoms, task.graph, task.solution.regret
        self.pairs = collect_pairs(task, language, objective, support)
        self.objective, self.counts_bits = OBJECTIVES.index(objective), objective == "codelength"
        self.price = np.full(len(self.pairs.number), RULE_BITS if self.counts_bits else 0.0)
        self.state = start_list(self.pairs, self.price, n_rules)
        self.place_of = np.full(self.graph.n_states, -1, dtype=np.int32)
        self.place_of[self.pairs.positions] = np.arange(len(self.pairs.positions))
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

    def best_rule(self, least: float) -> Placed | None:
        """The best of the leading atom, of what climbing from it finds, and of what climbing from the empty rule finds."""
        leader, before, _ = lead(self.state, self.pairs, self.price, least, False)
        starts = [Draft((ANYTHING,) * N_CELLS)]
        best = None
        if leader >= 0:
            kind, value = self.language.predicate(int(self.pairs.number[leader]))
            best = self.placed((Literal(kind, value),), RULE_BITS)
            if kind in WINDOWS:
                free = (ANYTHING,) * (N_CELLS - WINDOWS[kind].n_cells)
                starts.append(Draft((*patterns.contents(WINDOWS[kind], value), *free)))
            elif (kind, value) in self.literals:
                starts.append(Draft((ANYTHING,) * N_CELLS, required=1 << self.literals.index((kind, value))))
        for draft in starts:
            found = self.climb(draft, before)
            if found and (best is None or found.saved > best.saved + least):
                best = found
        return best if best and best.saved > least else None

    def climb(self, draft: Draft, before: float) -> Placed | None:
        """Change a draft as long as that saves more; place it; and so again where its place has changed."""
        best: Placed | None = None
        for _ in range(MAX_PLACES):
            saved = -np.inf
            while True:
                savings = self.weigh_changes(draft, before)
                change = int(np.argmax(savings))
                if savings[change] == -np.inf or savings[change] - saved <= 1e-9 * abs(savings[change]):
                    break
                saved, draft = float(savings[change]), draft.changed(change)
            rule = self.rule(draft)
            placed = self.placed(rule, draft.bits()) if rule else None
            if placed is None or (best and placed.saved <= best.saved * (1 + 1e-9)):
                break
            best, before = placed, placed.before
        return best

    def weigh_changes(self, draft: Draft, before: float) -> Float64s:
        """What the draft would save after each change, beyond its price, before the rule with the given label. [n_changes]"""
        cells = np.array(draft.cells)
        masks = _mask_changes(self.values, self.images, cells)
        put = np.flatnonzero(cells != ANYTHING)
        free = 5 * put[0] + ANYTHING if len(put) == 1 else -1 if len(put) else N_CHANGES
        words = np.array([draft.required, draft.excluded, (1 << len(self.literals)) - 1], dtype=np.uint64)
        of_edge = self.graph.edge_start, self.regret, self.which, self.held
        savings = _weigh_changes(self.state, self.pairs, *of_edge, masks, words, int(free), before, self.objective)
        if self.counts_bits:
            n_set, n_words = sum(cell != ANYTHING for cell in draft.cells), (draft.required | draft.excluded).bit_count()
            change = np.arange(len(savings))
            after = np.where(
                change % 5 == ANYTHING, n_set - 1, n_set + (np.repeat(cells, 5) == ANYTHING)[np.minimum(change, N_CHANGES - 1)]
            )
            words_after = n_words + np.where(change < N_CHANGES, 0, np.where(change < N_CHANGES + DROP * MAX_LITERALS, 1, -1))
            savings -= RULE_BITS + CELL_BITS * np.where(change < N_CHANGES, after, n_set) + LITERAL_BITS * words_after
        return savings

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

    def placed(self, rule: Rule, bits: float) -> Placed:
        """The rule where it saves most."""
        edges = self.atoms.rule_edges(rule).astype(np.int64)
        positions, costs = pairs_of_edges(edges, self.graph.edge_parent, self.graph.edge_start, self.place_of, self.regret, self.objective)
        saved, before, after = weigh(self.state, positions, costs)
        return Placed(rule, positions, costs, saved - bits * self.counts_bits, before, after)


@njit
def _mask_changes(values: UInt64s, images: Int64s, cells: Int64s) -> UInt64s:
    """For each code of the widest window the changes of a pattern after which it fits it, as bits; the bit of `MATCH`: as it is. [n, 2]"""
    masks = np.zeros((values.shape[0], 2), dtype=np.uint64)
    one = np.uint64(1)
    for v in range(values.shape[0]):
        for g in range(images.shape[0]):
            n_wrong, wrong = 0, 0
            for i in range(cells.shape[0]):
                content = (values[v] >> np.uint64(2 * images[g, i])) & np.uint64(3)
                if cells[i] != ANYTHING and cells[i] != content:
                    n_wrong, wrong = n_wrong + 1, i
                    if n_wrong > 1:
                        break
            if n_wrong > 1:
                continue
            if n_wrong == 0:
                masks[v, 1] |= one << np.uint64(MATCH - 64)
            for i in range(cells.shape[0]):
                if n_wrong == 1 and i != wrong:
                    continue
                if cells[i] != ANYTHING:
                    clear = 5 * i + ANYTHING
                    masks[v, clear // 64] |= one << np.uint64(clear % 64)
                if cells[i] == ANYTHING or n_wrong == 1:
                    put = 5 * i + int((values[v] >> np.uint64(2 * images[g, i])) & np.uint64(3))
                    masks[v, put // 64] |= one << np.uint64(put % 64)
    return masks


@njit
def _weigh_changes(
    state: State,
    pairs: Pairs,
    edge_start: Int64s,
    regret: Int16s,
    which: Int32s,
    held: UInt64s,
    masks: UInt64s,
    words: UInt64s,
    free: int,
    before: float,
    objective: int,
) -> Float64s:
    """What a draft saves after each change; minus infinity after one that leaves no moves.

    Changes: 5 i + c makes cell i have content c; then for each literal: require it, exclude it, drop it. `concepts`: the literals
    that are required, those that are excluded, and all. `free`: the change after which the pattern says nothing, and fits moves on
    no cell too; N_CHANGES if that is so already.
    """
    n_changes = N_CHANGES + 3 * MAX_LITERALS
    savings, touched = np.zeros(n_changes), np.zeros(n_changes, dtype=np.bool_)
    sums = np.zeros((n_changes, 4), dtype=np.int64)
    seen = np.empty(n_changes, dtype=np.int64)
    row = np.zeros(5, dtype=np.uint64)
    one, match_bit = np.uint64(1), np.uint64(1) << np.uint64(MATCH - 64)
    for i in range(pairs.positions.shape[0]):
        if state.hand[i, OWNER] >= 0 and state.label[int(state.hand[i, OWNER])] < before:
            continue
        first, last = edge_start[pairs.positions[i]], edge_start[pairs.positions[i] + 1]
        n_seen, n_optimal = 0, 0
        for edge in range(first, last):
            n_optimal += int(regret[edge] == 0)
            wrong = (words[0] & ~held[edge]) | (words[1] & held[edge])
            row[:] = 0
            fits = free == N_CHANGES
            if which[edge] >= 0:
                fits = fits or (masks[which[edge], 1] & match_bit) != 0
                if wrong == 0:
                    row[0], row[1] = masks[which[edge], 0], masks[which[edge], 1] & ~match_bit
            elif wrong == 0 and 0 <= free < N_CHANGES:
                row[free // 64] |= one << np.uint64(free % 64)
            if fits and wrong == 0:
                others = words[2] & ~(words[0] | words[1])
                row[2], row[3], row[4] = held[edge] & others, ~held[edge] & others, words[0] | words[1]
            elif fits and wrong & (wrong - one) == 0:
                row[4] = wrong
            for part in range(5):
                bits = row[part]
                base = 64 * part if part < 2 else N_CHANGES + MAX_LITERALS * (part - 2)
                while bits:
                    low = bits & (~bits + one)
                    bits ^= low
                    change = base + _place_of_bit(low)
                    if sums[change, 2] == 0:
                        seen[n_seen] = change
                        n_seen += 1
                    sums[change, 0] += regret[edge]
                    sums[change, 1] = max(sums[change, 1], regret[edge])
                    sums[change, 2] += 1
                    sums[change, 3] += int(regret[edge] == 0)
        for k in range(n_seen):
            total = sums[seen[k]]
            cost = cost_of(objective, total[0], total[1], total[2], total[3], last - first, n_optimal)
            savings[seen[k]] += state.hand[i, WEIGHT] * (state.hand[i, PRESENT] - cost)
            touched[seen[k]] = True
            total[:] = 0
    return np.where(touched, savings, -np.inf)


@njit
def _place_of_bit(bit: np.uint64) -> int:
    """Which bit of a number is set, if it is only one."""
    place = 0
    for step in (32, 16, 8, 4, 2, 1):
        if bit >> np.uint64(place + step):
            place += step
    return place
