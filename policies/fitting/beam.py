"""Beam search over the first-match lists of a small vocabulary, from the first rule to the last.

What rules at the end of a list can still save depends only on which positions the list leaves open. So of two lists that leave
the same ones open the cheaper is kept, and with a beam of unlimited width the search is exhaustive. Positions at which the
same atoms hold are added up into one.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int32s
from games.errors import UsageError
from policies.fitting.decision_costs import Pairs

MAX_ATOMS = 256


class Found(NamedTuple):
    """The cheapest list of each length met: atoms in order, and its cost."""

    rules: list[Int32s]
    cost: list[float]


def search_beam(pairs: Pairs, price: Float64s, n_rules: int, width: int) -> Found:
    """The cheapest list found of 0, 1, 2, ... rules, each of which decides somewhere; at most `n_rules`, kept are `width` a length.

    price: what each atom costs besides, [n_atoms]. Ends early where no list can be longer. Raises UsageError for more than 256 atoms.
    """
    n_atoms = len(pairs.number)
    if n_atoms > MAX_ATOMS:
        raise UsageError(f"a beam searches up to {MAX_ATOMS} atoms, the language has {n_atoms}: choose concepts only, or fitter anneal")
    holds, saves = _group(pairs)
    left = np.ones((1, len(holds)), dtype=np.float64)
    lists = np.empty((1, 0), dtype=np.int32)
    level = np.array([float(np.dot(pairs.weight, pairs.bare))])
    found = Found([lists[0]], [float(level[0])])
    while len(found.rules) <= n_rules:
        costs = level[:, None] - left @ saves + price
        costs[left @ holds == 0] = np.inf
        kept: dict[bytes, tuple[int, int]] = {}
        for flat in np.argsort(costs, axis=None, kind="stable")[: np.isfinite(costs).sum()].tolist():
            row, atom = divmod(flat, n_atoms)
            kept.setdefault(np.packbits((left[row] > 0) & ~holds[:, atom]).tobytes(), (row, atom))
            if len(kept) == width:
                break
        if not kept:
            break
        rows, atoms = np.array(list(kept.values())).T
        lists = np.column_stack([lists[rows], atoms.astype(np.int32)])
        level = costs[rows, atoms]
        left = left[rows] * ~holds[:, atoms].T
        found.rules.append(lists[0])
        found.cost.append(float(level[0]))
    return found


def _group(pairs: Pairs) -> tuple[Bools, Float64s]:
    """For each set of atoms that hold together at some position: which these are, and what each would save. [n_groups, n_atoms]"""
    n_positions, n_atoms = len(pairs.weight), len(pairs.number)
    owner = np.repeat(np.arange(n_positions), np.diff(pairs.start))
    present = np.zeros((n_positions, n_atoms), dtype=np.bool_)
    present[owner, pairs.atom] = True
    holds, group = np.unique(np.packbits(present, axis=1), axis=0, return_inverse=True)
    saved = pairs.weight[owner] * (pairs.bare[owner] - pairs.cost)
    sums = np.zeros((len(holds), n_atoms))
    np.add.at(sums, (group.reshape(-1)[owner], pairs.atom), saved)
    return np.unpackbits(holds, axis=1, count=n_atoms).astype(np.bool_), sums
