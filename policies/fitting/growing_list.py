"""A list under way: rules that entered, candidates that may, and what each saves where; grown, exchanged and put in order.

policies/fitting/conjunction_lists.py says in which stages.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from games.arrays import Float32s, Float64s, Int32s, Int64s
from games.jit import njit
from policies.api import Task
from policies.fitting.conjunctions import Draft, Moves
from policies.fitting.decision_costs import Pairs, collect_pairs
from policies.fitting.exchange import best_order, entering_order, join, list_cost, renumber, rouse, swap_numbers, take_back
from policies.fitting.insertion import enter, extend, lead, start_list, weigh
from policies.language.atoms import Literal, Rule
from policies.language.language import Language

STAGES = (4, 8, 16, 32, 64, 128, 256)  # rules
PAIRED = 32  # rules: up to here each pair of literals is a candidate
MAX_SWEEPS = 2  # how often each rule of a stage is looked at for an exchange
MIN_GAIN = 1e-12  # of the uniform policy's cost; below lies rounding
MIN_SHARE = 1e-4  # of it: what a pair of literals must be able to save to be a candidate
CLOSE = 1e-9  # savings that differ by a smaller share are the same


class Entry(NamedTuple):
    """A rule: the draft that says it, if one does; the language's number of it, -1 if it has none; where it holds, at what cost."""

    draft: Draft | None
    number: int
    positions: Int32s
    costs: Float32s


class Option(NamedTuple):
    """A rule that may enter, what it saves, and before which place of the list."""

    entry: Entry
    saved: float
    place: float


class GrowingList:
    """A list in the making. Its candidates are the atoms of the language, and then the drafts that are offered."""

    def __init__(self, task: Task, language: Language, support: int, climbs: bool) -> None:
        self.language, self.climbs = language, climbs
        self.atoms = collect_pairs(task, language, "regret", support)
        self.moves = Moves(task, language, self.atoms.positions)
        self.base = float(np.dot(self.atoms.weight, self.atoms.bare))
        self.least = MIN_GAIN * self.base
        self.offered: dict[Draft, tuple[Int32s, Float32s]] = {}
        self.known: set[bytes] = set()
        self.entries: list[Entry] = []
        self.start = np.zeros(0)  # labels of the entries that a list begins with
        if climbs:
            self.offer(self._pairs_of_literals())
        self.paired = {*self.offered}

    def _pairs_of_literals(self) -> Iterator[Draft]:
        for i in range(len(self.moves.literals)):
            yield Draft(excluded=1 << i)
            for j in range(i):
                yield Draft(required=1 << i | 1 << j)
                yield Draft(required=1 << i, excluded=1 << j)
                yield Draft(required=1 << j, excluded=1 << i)
                yield Draft(excluded=1 << i | 1 << j)

    def offer(self, drafts: Iterable[Draft]) -> None:
        """Keep those drafts that can save something, and do not hold just where one before them does."""
        for draft in drafts:
            positions, costs = self.moves.held_by(draft)
            key = hashlib.sha256(positions.tobytes() + costs.tobytes()).digest()
            hopes = np.maximum(0.0, self.atoms.bare[positions] - costs)
            if key not in self.known and float(np.dot(self.atoms.weight[positions], hopes)) > MIN_SHARE * self.base:
                self.known.add(key)
                self.offered[draft] = positions, costs

    def on(self, task: Task, language: Language, support: int) -> "GrowingList":
        """The list on all positions of a task, with the drafts that stand in it as candidates."""
        whole = GrowingList(task, language, support, climbs=False)
        whole.offer(entry.draft for entry in self.entries if entry.draft and entry.number < 0)
        for entry in self.entries:
            if entry.number < 0 and entry.draft:
                whole.entries.append(whole.drafted(entry.draft))
            else:
                whole.entries.append(whole.listed(language.number(self.language.predicate(entry.number))))
        whole.start = self.start
        return whole

    def begin(self, room: int) -> None:
        """Set the candidates, and enter the rules that the list has; `room`: how many rules it may get."""
        if room > PAIRED:
            used = {entry.draft for entry in self.entries}
            self.offered = {draft: held for draft, held in self.offered.items() if draft in used or draft not in self.paired}
        self.drafts = list(self.offered)
        self.places = {draft: len(self.atoms.number) + i for i, draft in enumerate(self.drafts)}
        self.pairs = self.atoms  # those of the stage before are let go first
        self.pairs = with_candidates(self.atoms, list(self.offered.values()))
        self.price = np.zeros(len(self.pairs.number))
        limit = max(len(self.entries), min(room, len(self.pairs.number) + len(self.entries)))
        self.state = start_list(self.pairs, self.price, limit + limit // 2 + 1)  # room enough that no rule is looked at again too early
        entries, labels, self.entries, self.level = self.entries, self.start, [], self.base
        for label, entry in zip(labels, entries, strict=True):
            self.put(entry, float((labels[: len(self.entries)] < label).sum()))

    @property
    def labels(self) -> Float64s:
        return self.state.label[: len(self.entries)].copy()

    def put(self, entry: Entry, place: float) -> None:
        """Put a rule in front of that place of the list."""
        before = place if place < len(self.entries) else np.inf
        self.level -= enter(self.state, self.pairs, self.candidate(entry), entry.positions, entry.costs, before, place - 1)
        renumber(self.state)
        self.entries.append(entry)
        self.start = self.labels

    def candidate(self, entry: Entry) -> int:
        """Which candidate a rule is, -1 for none."""
        if entry.number < 0:
            return self.places.get(entry.draft, -1) if entry.draft else -1
        place = int(np.searchsorted(self.atoms.number, entry.number))
        return place if place < len(self.atoms.number) and self.atoms.number[place] == entry.number else -1

    def offered_entry(self, candidate: int) -> Entry:
        """A candidate as a rule."""
        n = len(self.atoms.number)
        held = slice(self.pairs.atom_start[candidate], self.pairs.atom_start[candidate + 1])
        positions, costs = self.pairs.atom_position[held], self.pairs.atom_cost[held]
        if candidate >= n:
            return Entry(self.drafts[candidate - n], -1, positions, costs)
        number = int(self.atoms.number[candidate])
        return Entry(self.moves.draft(self.language.predicate(number)), number, positions, costs)

    def drafted(self, draft: Draft) -> Entry:
        """A draft as a rule."""
        return Entry(draft, -1, *self.moves.held_by(draft))

    def listed(self, number: int) -> Entry:
        """An atom as a rule, by the language's number."""
        place = int(np.searchsorted(self.atoms.number, number))
        held = slice(self.atoms.atom_start[place], self.atoms.atom_start[place + 1])
        return Entry(None, number, self.atoms.atom_position[held], self.atoms.atom_cost[held])

    def best(self, eager: bool, also: Draft | None = None) -> Option | None:
        """The best rule found by climbing from the candidate that saves most, and from one draft more."""
        candidate, _, _ = lead(self.state, self.pairs, self.price, self.least, eager)
        options = [self.climbed(self.offered_entry(candidate))] if candidate >= 0 else []
        if also and self.climbs:
            options.append(self.climbed(self.drafted(also)))
        best = max(options, key=lambda option: option.saved, default=None)
        return best if best and best.saved > self.least else None

    def climbed(self, entry: Entry) -> Option:
        """The rule changed by one literal at a time while that saves more."""
        saved, place, _ = weigh(self.state, entry.positions, entry.costs)
        draft = entry.draft
        while draft and self.climbs:
            savings = self.moves.weigh_changes(draft, self.state)
            change = int(np.argmax(savings))
            if savings[change] <= saved + CLOSE * abs(saved) + self.least or draft.changed(change).is_empty:
                break
            saved, draft = float(savings[change]), draft.changed(change)
        if draft and draft != entry.draft:
            entry = self.drafted(draft)
            saved, place, _ = weigh(self.state, entry.positions, entry.costs)
        return Option(entry, saved, place)

    def grow(self, n_rules: int) -> bool:
        """Insert rules until the list has `n_rules`; returns whether it has."""
        while len(self.entries) < n_rules:
            found = self.best(False)
            if not found:
                return False
            self._enter(found)
        return True

    def _enter(self, option: Option) -> None:
        own = option.entry.positions.copy(), option.entry.costs.copy()  # a view would keep all candidates of this stage
        self.put(Entry(option.entry.draft, option.entry.number, *own), option.place)
        if option.entry.number < 0 and option.entry.draft:
            self.offer([option.entry.draft])

    def grow_stages(self, n_rules: int, polish: bool) -> None:
        """The list of the first stage that has `n_rules`, or of the last, from an empty one."""
        self.entries, self.start, n_done = [], np.zeros(0), 0
        for stage in STAGES:
            self.begin(stage)
            can_grow = self.grow(stage)
            if polish:
                self.exchange(n_done)
            self.order(n_done)
            n_done = len(self.entries)
            if not can_grow or n_rules <= stage:
                return

    def extend(self, n_rules: int) -> None:
        """Insert candidates as they are until the list has `n_rules` rules, or none saves any more."""
        n = len(self.entries)
        atoms, _ = extend(self.state, self.pairs, self.price, self.level, min(n_rules, len(self.price) + n), self.least, False)
        self.entries += [self.offered_entry(candidate) for candidate in atoms.tolist()]
        self.start = self.labels

    def exchange(self, n_fixed: int) -> None:
        """Exchange rules, but the first that entered, for better ones until no exchange saves."""
        rouse(self.state)
        n_free, n_quiet = len(self.entries) - n_fixed, 0
        for turn in range(MAX_SWEEPS * n_free):
            n_quiet = 0 if self.exchanged(n_fixed + turn % n_free) else n_quiet + 1
            if n_quiet == n_free:
                return

    def exchanged(self, rule: int) -> bool:
        """Replace a rule by the best candidate; returns whether that is a different one."""
        gone, place, bound = self.entries[rule], float(self.state.label[rule]), self.state.bound.copy()
        held = join([(entry.positions, entry.costs) for entry in self.entries])
        lost = take_back(self.state, self.pairs, held, rule, self.candidate(gone))
        self.level += lost
        self.entries[rule] = self.entries[-1]
        self.entries.pop()
        renumber(self.state)
        found = self.best(True, gone.draft)
        is_better = found is not None and found.saved > lost + CLOSE * self.base
        if found and is_better:
            self._enter(found)
        else:
            self.put(gone, place)
            self.state.bound[:] = bound
        last = len(self.entries) - 1
        swap_numbers(self.state, rule, last)
        self.entries[rule], self.entries[last] = self.entries[last], self.entries[rule]
        self.start = self.labels
        return is_better

    def order(self, n_fixed: int) -> None:
        """Let the rules after the first `n_fixed` have entered in the order in which they save most."""
        held = join([(entry.positions, entry.costs) for entry in self.entries])
        order = entering_order(self.pairs, held, self.labels, n_fixed) if n_fixed else best_order(self.pairs, held, self.labels)
        self.entries, self.start = [self.entries[i] for i in order], self.labels[order]

    def search(self, start: list[Entry], n_rules: int) -> None:
        """Search the best list of up to `n_rules` rules from one, given in its order."""
        self.entries, self.start = start, np.arange(float(len(start)))
        self.begin(n_rules)
        self.grow(n_rules)
        self.exchange(0)

    def shrunk(self, entries: list[Entry], n_rules: int) -> list[Entry]:
        """What is left of a list, given in its order, when the rule that saves least is taken out until `n_rules` are left."""
        kept = entries
        while len(kept) > n_rules:
            held = join([(entry.positions, entry.costs) for entry in kept])
            costs = [list_cost(self.atoms, held, rule) for rule in range(len(kept))]
            least = int(np.argmin(costs))
            kept = kept[:least] + kept[least + 1 :]
        return kept

    def in_order(self) -> list[Entry]:
        """The rules in the order of the list."""
        return [self.entries[i] for i in np.argsort(self.labels)]

    def rule(self, entry: Entry) -> Rule:
        """A rule as literals."""
        if entry.number >= 0:
            return (Literal(*self.language.predicate(entry.number)),)
        assert entry.draft
        return self.moves.rule(entry.draft)


def with_candidates(pairs: Pairs, more: list[tuple[Int32s, Float32s]]) -> Pairs:
    """The pairs with further candidates, given by where they hold at what cost; these have the number -1."""
    if not more:
        return pairs
    start = np.concatenate([pairs.atom_start, pairs.atom_start[-1] + np.cumsum([len(positions) for positions, _ in more])])
    position = np.concatenate([pairs.atom_position, *(positions for positions, _ in more)])
    cost = np.concatenate([pairs.atom_cost, *(costs for _, costs in more)])
    number = np.concatenate([pairs.number, np.full(len(more), -1)])
    by_position = _by_position(start, position, cost, len(pairs.positions))
    return Pairs(pairs.positions, pairs.weight, pairs.bare, number, *by_position, start, position, cost)


@njit
def _by_position(atom_start: Int64s, atom_position: Int32s, atom_cost: Float32s, n_positions: int) -> tuple[Int64s, Int32s, Float32s]:
    """Start, atom and cost of Pairs."""
    start = np.zeros(n_positions + 1, dtype=np.int64)
    for i in atom_position:
        start[i + 1] += 1
    start[1:] = np.cumsum(start[1:])
    fill = start[:-1].copy()
    atom, cost = np.empty(atom_position.shape[0], dtype=np.int32), np.empty(atom_position.shape[0], dtype=np.float32)
    for number in range(atom_start.shape[0] - 1):
        for k in range(atom_start[number], atom_start[number + 1]):
            at = fill[atom_position[k]]
            fill[atom_position[k]] += 1
            atom[at], cost[at] = number, atom_cost[k]
    return start, atom, cost
