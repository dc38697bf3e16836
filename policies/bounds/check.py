"""The check of certificates: from a file of multipliers, how much every list of k rules leaves, proved in whole numbers.

It shares no code with the search (policies/bounds/dual.py) and uses NumPy on 64-bit whole numbers alone, so nothing is rounded. Of the rest
of the project it uses the solved game, and the moves for which an atom holds. The statement, for every u and every pi >= 0:

    saved by a list of at most k single atoms <= sum u + max over j of [ V_j + the k - j largest prices ]

docs/bounds.md proves it. Regret is counted in units of 1 / L of a point at one position, L = lcm(1, ..., most legal moves), so that the
mean regret of any set of moves is a whole number. The atoms "this move in this position" are always added to the language.
"""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from games.errors import UsageError, WorkError
from policies.api import Task
from policies.bounds.certificate import Certificate, Certificates, read_certificates
from policies.language.language import Language, make_language
from policies.task import make_task

Whole = npt.NDArray[np.int64]
MAX_SUM = 1 << 62
MAX_EXACT = 24


class Ground(NamedTuple):
    """The data that do not depend on multipliers: the pairs of an atom and a contested position where it holds for some move.

    Pairs ascend by atom, and by position within an atom.
    """

    bare: Whole  # [n_positions] mean regret of all legal moves
    atom: Whole  # [n_pairs]
    position: Whole  # [n_pairs]
    saved: Whole  # [n_pairs] `bare` less the mean regret of the moves for which the atom holds
    n_atoms: int
    largest: int  # no `saved` is larger in size


class Proved(NamedTuple):
    """For lists of at most k rules, by ascending k: no list saves more than `saved` of the `total` regret of uniform play."""

    game: str
    language: str
    n_positions: int
    n_pairs: int
    total: int
    saved: dict[int, int]

    def residual(self, k: int) -> Fraction:
        """The share of uniform play's regret that every list of at most k rules leaves; of k that is not there the next larger one's."""
        known = [self.saved[size] for size in self.saved if size >= k]
        return Fraction(max(0, self.total - min(known, default=self.total)), self.total)


def check_file(path: Path, lengths: Iterable[int] = ()) -> Proved:
    """The bounds that a file of certificates proves, for these lengths and its own. Raises UsageError as `read_certificates` does."""
    held = read_certificates(path)
    try:
        return check_certificates(held, lengths)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def check_certificates(held: Certificates, lengths: Iterable[int] = (), task: Task | None = None) -> Proved:
    """The bounds that certificates prove, each for every length; the smallest of several bounds counts.

    Raises UsageError where they do not fit the game, WorkError where numbers would not fit into 64 bits.
    """
    task = make_task(held.game) if task is None else task
    language = make_language(held.language, task.game, task.graph)
    ground = lay_ground(task, language)
    wanted = sorted({*lengths, *(entry.k for entry in held.entries)})
    found = [bounds(ground, held.exact, entry, wanted) for entry in held.entries]
    saved = {k: min(bound[i] for bound in found) for i, k in enumerate(wanted)}
    return Proved(held.game, held.language, len(ground.bare), len(ground.atom), int(sum(ground.bare.tolist())), saved)


def lay_ground(task: Task, language: Language) -> Ground:
    """The pairs of a task in which all positions count alike. Raises UsageError for another task."""
    graph, parent = task.graph, task.graph.edge_parent.astype(np.int64)
    graph.require(None, "a proved bound")
    if len(np.unique(task.weights[graph.positions])) > 1:
        raise UsageError("certificates count positions alike: leave --weights out")
    regret = task.solution.regret.astype(np.int64)
    positions = np.unique(parent[regret > 0])
    if not len(positions):
        raise UsageError(f"on {task.game.id} every move is optimal: there is nothing to prove")
    place = np.full(graph.n_states, -1, dtype=np.int64)
    place[positions] = np.arange(len(positions))
    n_moves = np.bincount(parent, minlength=graph.n_states)
    scale = math.lcm(*range(1, int(n_moves.max()) + 1))
    largest = scale * int(regret.max())
    if largest * int(n_moves.max()) * len(positions) >= MAX_SUM:
        raise WorkError(f"the sums of regret on {task.game.id} may not fit into 64 bits: choose a smaller size")
    sums = np.zeros(graph.n_states, dtype=np.int64)
    np.add.at(sums, parent, regret)
    bare = sums[positions] * (scale // n_moves[positions])
    parts: list[tuple[Whole, Whole, Whole]] = []

    def add(first: int, which: npt.NDArray[np.integer]) -> None:
        """The pairs of atoms of which at most one holds for a move: `first` + which[edge], none where that is negative."""
        edges = np.flatnonzero((which >= 0) & (place[parent] >= 0))
        key = which[edges].astype(np.int64) * len(bare) + place[parent[edges]]
        order = np.argsort(key, kind="stable")
        key, held = key[order], regret[edges][order]
        begin = np.flatnonzero(np.diff(key, prepend=-1))
        count = np.diff(np.append(begin, len(key)))
        left = np.add.reduceat(held, begin) if len(begin) else held
        atom, position = np.divmod(key[begin], len(bare))
        parts.append((first + atom, position, bare[position] - left * (scale // count)))

    n_atoms = 0
    for holds in language.holds:
        add(n_atoms, np.where(holds, 0, -1))
        n_atoms += 1
    for name in language.columns:
        values, which = language.atoms.column(name)
        add(n_atoms, which)
        n_atoms += len(values)
    everywhere = np.arange(len(bare))
    parts.append((n_atoms + everywhere, everywhere, bare))  # "this move in this position", of the best move
    atom, position, saved = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Ground(bare, atom, position, saved, n_atoms + len(bare), largest)


def bounds(ground: Ground, exact: Sequence[int], given: Certificate, lengths: Sequence[int]) -> list[int]:
    """For each length the most that a list of at most that length saves, as one certificate proves it."""
    n_positions = len(ground.bare)
    if len(given.u) != n_positions:
        raise UsageError(f"the certificate has {len(given.u):,} positions and the game {n_positions:,}: it is about another graph")
    if len(exact) > MAX_EXACT or len(set(exact)) < len(exact) or not all(0 <= atom < ground.n_atoms - n_positions for atom in exact):
        raise UsageError(f"the certificate's exact atoms are not up to {MAX_EXACT} different ones of the language")
    if (given.pi < 0).any():
        raise UsageError("the certificate has a negative pi, and proves nothing")
    size = n_positions * ground.largest + given.unit * (_size(given.u) + _size(given.pi))
    if size * (max(lengths) + MAX_EXACT + 2) >= MAX_SUM:
        raise WorkError("the certificate's numbers are too large for 64 bits")
    u, pi = given.u * given.unit, _place(ground, exact, given)
    charged = np.zeros(n_positions, dtype=np.int64)
    np.add.at(charged, ground.position, pi)
    masks = np.zeros(n_positions, dtype=np.int64)
    for bit, atom in enumerate(exact):
        masks[ground.position[_of_atom(ground, atom)]] |= 1 << bit
    sequences = _best_sequences(ground, exact, masks, u)
    prices = _prices(ground, exact, masks, u - charged, pi, given.k)
    largest = np.sort(prices)[::-1][: max(lengths)]
    sums = np.concatenate([[0], np.cumsum(largest)]).tolist()
    total, last = int(u.sum()), len(sums) - 1
    return [total + max(value + sums[min(k - j, last)] for j, value in enumerate(sequences[: k + 1])) for k in lengths]


def _size(numbers: Whole) -> int:
    """The sum of the absolute values."""
    return sum(map(abs, numbers.tolist()))


def _of_atom(ground: Ground, atom: int) -> slice:
    return slice(*np.searchsorted(ground.atom, [atom, atom + 1]).tolist())


def _place(ground: Ground, exact: Sequence[int], given: Certificate) -> Whole:
    """The certificate's pi for every pair; raises UsageError for one that has no pair, or stands at an exact atom. [n_pairs]"""
    pi = np.zeros(len(ground.atom), dtype=np.int64)
    n_positions = len(ground.bare)
    key = ground.atom * n_positions + ground.position
    is_inside = (given.atom >= 0) & (given.atom < ground.n_atoms) & (given.position >= 0) & (given.position < n_positions)
    wanted = given.atom * n_positions + given.position
    found = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    if not is_inside.all() or (key[found] != wanted).any() or len(np.unique(found)) < len(found) or np.isin(given.atom, exact).any():
        raise UsageError("the certificate charges pairs that the game does not have, or has twice: it is about another language")
    pi[found] = given.pi * given.unit
    return pi


def _add_subsets(table: Whole) -> Whole:
    """To each entry of [2^n] add those of all proper subsets of its number, in place."""
    bit = 1
    while bit < len(table):
        halves = table.reshape(-1, 2, bit)
        halves[:, 1] += halves[:, 0]
        bit *= 2
    return table


def _without(masks: Whole, bit: int) -> Whole:
    """Masks with one bit taken out, those above it moved down: of an atom that is in all of them."""
    return (masks >> (bit + 1) << bit) | (masks & ((1 << bit) - 1))


def _best_sequences(ground: Ground, exact: Sequence[int], masks: Whole, u: Whole) -> list[int]:
    """V_j for j from 0: the most that a sequence of j exact atoms saves beyond u, at positions where it saves more.

    Where none of its atoms matches, a sequence saves 0.
    """
    n = len(exact)
    full = (1 << n) - 1
    beyond = []
    for bit, atom in enumerate(exact):
        held = _of_atom(ground, atom)
        table, where = np.zeros(1 << (n - 1), dtype=np.int64), ground.position[held]
        np.add.at(table, _without(masks[where], bit), np.maximum(0, ground.saved[held] - u[where]))
        beyond.append(_add_subsets(table))
    unmatched = np.zeros(1 << n, dtype=np.int64)
    np.add.at(unmatched, masks, np.maximum(0, -u))
    _add_subsets(unmatched)
    size = np.bitwise_count(np.arange(1 << n, dtype=np.uint64))
    best = np.full(1 << n, -1, dtype=np.int64)  # all sums are at least 0
    best[0] = 0
    found = [int(unmatched[full])]
    for j in range(n):
        layer = np.flatnonzero(size == j)
        for bit in range(n):
            before = layer[layer >> bit & 1 == 0]
            after = before | 1 << bit
            best[after] = np.maximum(best[after], best[before] + beyond[bit][_without(full ^ before, bit)])
        after = np.flatnonzero(size == j + 1)
        found.append(int((best[after] + unmatched[full ^ after]).max()))
    return found


def _prices(ground: Ground, exact: Sequence[int], masks: Whole, level: Whole, pi: Whole, k: int) -> Whole:
    """An upper bound of the price of every atom, 0 for exact ones; the k largest are exact. [n_atoms]"""
    worth = np.maximum(0, ground.saved - level[ground.position]) - pi
    prices = np.zeros(ground.n_atoms, dtype=np.int64)
    np.add.at(prices, ground.atom, np.maximum(0, worth))
    prices[list(exact)] = 0
    is_exact = np.ones(ground.n_atoms, dtype=np.bool_)
    is_exact[ground.atom[pi > 0]] = False  # of others no worth is negative, so that no set leaves more than the empty one
    while True:
        leading = np.argpartition(-prices, min(k, len(prices) - 1))[:k]
        open_ = leading[~is_exact[leading]]
        if not len(open_):
            return prices
        for atom in open_.tolist():
            held = _of_atom(ground, atom)
            prices[atom], is_exact[atom] = _most_left(masks[ground.position[held]], worth[held]), True


def _most_left(masks: Whole, worth: Whole) -> int:
    """The largest sum of worth over the masks that have no atom in common with a set, over all sets of exact atoms; at least 0.

    An atom that is in all masks can only remove all; one that is in none changes nothing.
    """
    varying = np.bitwise_or.reduce(masks) & ~np.bitwise_and.reduce(masks)
    small = np.zeros(len(masks), dtype=np.int64)
    bits = [bit for bit in range(MAX_EXACT) if varying >> bit & 1]
    for i, bit in enumerate(bits):
        small |= (masks >> bit & 1) << i
    table = np.zeros(1 << len(bits), dtype=np.int64)
    np.add.at(table, small, worth)
    return max(0, int(_add_subsets(table).max()))
