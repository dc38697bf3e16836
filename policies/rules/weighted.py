"""Weighted lists: each atom has a small whole-number weight, and the moves whose atoms weigh most may be played; and their learner.

Where in a rule list one rule decides, here all atoms that hold for a move speak for it or against it.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np

from games.arrays import Float64s
from games.contract import Game
from games.errors import UsageError
from policies.api import FitPath, Scores, Task, budget_ladder, check_budgets
from policies.codec.adaptive_coder import ONE, Coder, Decoder, Encoder, code_count, code_symbol, ideal_bits
from policies.explanation import Entry, Explanation
from policies.fitting.decision_costs import Support
from policies.fitting.weighted import fit_weights
from policies.language import effects
from policies.language.atoms import ALL_KINDS, CONCEPT_KINDS, LEVELS, Literal, Predicate, atoms_of, concepts_of_kind
from policies.language.language import LanguageName, language_source, make_language
from policies.language.patterns import WINDOWS, contents
from policies.language.work import Count
from policies.rules.format.literals import CLOSED, Code, check_graph, code_pattern, file_code, is_open, kinds_in
from policies.rules.text import legend

LARGE = 63  # weights from here on are coded by their digits, smaller ones by how often each occurs
MAX_MISSING = 16  # bytes: a whole file lacks fewer, since only a run of zeros is left out at its end


@dataclass(frozen=True)
class WeightedList:
    """Atoms (policies/language/atoms.py) and the weight of each, the largest first."""

    atoms: tuple[Predicate, ...]
    weights: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.atoms)

    def scores(self, task: Task) -> Scores:
        """The sum of the weights of the atoms that hold for each move."""
        atoms = atoms_of(task.game, task.graph)
        scores = np.zeros(task.graph.n_edges)
        for atom, weight in zip(self.atoms, self.weights, strict=True):
            scores[atoms.edges(atom)] += weight
        return scores

    def operations(self, task: Task) -> Float64s:
        """Each atom is asked for on all moves, and its weight added where it holds. [n_states]"""
        graph, atoms = task.graph, atoms_of(task.game, task.graph)
        count = Count(atoms)
        count.ask_all(self.atoms)
        for atom in self.atoms:
            count.total += np.bincount(graph.edge_parent[atoms.edges(atom)], minlength=graph.n_states)
        return count.total


@dataclass(frozen=True)
class WeightedLearner:
    """Fits weighted lists (policies/fitting/weighted.py); the states of one fit are the policies of all budgets."""

    language: LanguageName = "concepts+patterns"
    support: Support = 2
    code: Code = CLOSED

    name = "weighted"
    unit = "weights"
    is_nested = False

    def __post_init__(self) -> None:
        if self.support < 1:
            raise UsageError(f"support {self.support} is below 1: give the least number of moves for which a pattern must hold")
        if "positions" in self.language.split("+"):
            raise UsageError(f"language {self.language!r}: a weight for a single position says nothing elsewhere; leave out positions")

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Each of the first 16 numbers, then half-octave steps; the path ends by itself where no change of a weight gains any more."""
        return sorted({*range(1, 17), *budget_ladder(max(16, task.graph.n_edges))})

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[WeightedList]:
        chosen = check_budgets(budgets)
        language = make_language(self.language, task.game, task.graph)
        path = fit_weights(task, language, chosen[-1], self.support)
        weights: dict[int, int] = {}
        ready = iter(chosen)
        budget = next(ready)
        last = 0
        for number, step, size in zip(path.number.tolist(), path.step.tolist(), path.size.tolist(), strict=True):
            if size > budget:
                yield _make({language.predicate(number): weight for number, weight in weights.items()})
                last, budget = budget, next(ready)
            weights[number] = weights.get(number, 0) + step
            if not weights[number]:
                del weights[number]
        if len(weights) > last or not last:
            yield _make({language.predicate(number): weight for number, weight in weights.items()})
        return len(weights) < chosen[-1]

    def encode(self, policy: WeightedList, task: Task) -> bytes:
        encoder = Encoder()
        _code(encoder, policy, task, file_code(self.language, self.code))
        return encoder.finish()

    def decode(self, data: bytes, task: Task) -> WeightedList:
        return _code(Decoder(data), None, task, file_code(self.language, self.code))

    def source(self, policy: WeightedList, task: Task) -> str:
        return language_source(self.language, atoms_of(task.game, task.graph), policy.atoms)

    def explain(self, policy: WeightedList, task: Task) -> Explanation:
        atoms = atoms_of(task.game, task.graph)
        entries = []
        for atom, weight in zip(policy.atoms, policy.weights, strict=True):
            text, beside, brief, picture, board = atoms.describe(Literal(*atom))
            lines = (f"{weight:>+5}  a move that {text}", *("          " + line for line in picture))
            entries.append(Entry(beside, (board,) if board else (), weight, brief, lines))
        lead = "Give each legal move the points of all that holds for it; play a move with the most points."
        return Explanation(lead, tuple(entries), legend=legend(Literal(*atom) for atom in policy.atoms))


def ideal_length(policy: WeightedList, task: Task, code: str = CLOSED) -> float:
    """The ideal length of the file, in bits: minus the logarithm of the probabilities that it is written with."""
    encoder = Encoder()
    _code(encoder, policy, task, code)
    return float(ideal_bits(*encoder.decisions()).sum())


def _code(coder: Coder, given: WeightedList | None, task: Task, code: str) -> WeightedList:
    """A weighted list as a file, in both directions: kind by kind which atoms it names, as a set, and the weight of each."""
    check_graph(task, code, "a file that names atoms by how often they occur")
    weights = dict(zip(given.atoms, given.weights, strict=True)) if given else {}
    found: dict[Predicate, int] = {}
    for kind in kinds_in(code):
        for value in _code_set(coder, kind, {value for each, value in weights if each == kind}, task, code):
            atom = kind, value
            if atom in found or (isinstance(coder, Decoder) and coder.n_missing > MAX_MISSING):
                raise UsageError(f"this is no whole weighted list for {task.game.id}: fit it again")
            is_negative = coder.code((kind, "negative"), int(weights.get(atom, 0) < 0))
            size = abs(weights.get(atom, 1))
            known = max(1, code_symbol(coder, (kind in WINDOWS, "size"), min(size, LARGE), LARGE + 1))
            size = known if known < LARGE else LARGE + code_count(coder, "large", size - LARGE)
            found[atom] = -size if is_negative else size
    return _make(found)


def _code_set(coder: Coder, kind: str, given: Set[int], task: Task, code: str) -> Iterator[int]:
    """The values of a kind that a list names, each as soon as it is coded.

    Closed, and of few values, they are coded by the gaps between them: closed those that hold for the most moves come first, open
    each has a fixed place. Open, patterns are written cell by cell, each beginning with what it shares with the one before.
    """
    if is_open(code) and kind in WINDOWS:
        yield from _code_patterns(coder, kind, given, task)
        return
    values = _fixed_values(kind, task.game) if is_open(code) else _values(kind, task)
    members = [i for i, value in enumerate(values) if value in given]
    if not values or not coder.code_fixed(ONE // 2, int(bool(members))):
        return
    place = -1
    for k in range(1 + code_count(coder, "members", len(members) - 1)):
        place += 1 + code_count(coder, (kind, "gap", (place + 1).bit_length()), members[k] - place - 1 if members else 0)
        if place >= len(values):
            raise UsageError(f"this is no whole weighted list for {task.game.id}: fit it again")
        yield values[place]


def _code_patterns(coder: Coder, kind: str, given: Set[int], task: Task) -> Iterator[int]:
    window = WINDOWS[kind]
    patterns = sorted(given, key=lambda value: contents(window, value))
    if task.game.board is None or not coder.code_fixed(ONE // 2, int(bool(patterns))):
        return
    before: Sequence[int] = ()
    for k in range(1 + code_count(coder, "members", len(patterns) - 1)):
        value = code_pattern(coder, window, patterns[k] if patterns else 0, before)
        before = contents(window, value)
        yield value


def _fixed_values(kind: str, game: Game) -> list[int]:
    """The atoms of a kind that a game can have, in an order that no sample changes; none for patterns and single positions."""
    if kind in CONCEPT_KINDS:
        return list(range(len(concepts_of_kind(kind, game))))
    if kind in ("cell", "after"):
        levels = game.cell_levels() if kind == "cell" else effects.levels(game)
        return [entry * LEVELS + content for entry, n in enumerate(levels) for content in range(n)]
    return list(range(game.n_actions)) if kind == "move" else []


def _values(kind: str, task: Task) -> list[int]:
    """The atoms of a kind that occur in the game, those that hold for the most moves first; concepts in their own order."""
    if kind in CONCEPT_KINDS:
        return _fixed_values(kind, task.game)
    if kind == "position" or (kind in WINDOWS and task.game.board is None):
        return []
    atoms = atoms_of(task.game, task.graph)
    n_columns = {"cell": len(task.game.cell_levels()), "after": len(effects.levels(task.game))}
    names = [f"{kind}-{entry}" for entry in range(n_columns[kind])] if kind in n_columns else [kind]
    columns = [atoms.column(name) for name in names]
    count = np.concatenate([np.bincount(column.which[column.which >= 0], minlength=len(column.values)) for column in columns])
    values: list[int] = np.concatenate([column.values for column in columns])[np.argsort(-count, kind="stable")].tolist()
    return values


def _make(weights: dict[Predicate, int]) -> WeightedList:
    """The list in its order: falling weights, and among equal ones by kind and number."""
    atoms = sorted(weights, key=lambda atom: (-weights[atom], ALL_KINDS.index(atom[0]), atom[1]))
    return WeightedList(tuple(atoms), tuple(weights[atom] for atom in atoms))
