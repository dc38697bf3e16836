"""The search for multipliers that prove how much every list of k rules leaves (docs/bounds.md has the theorem and its proof).

For any u, and any pi >= 0 for pairs of a free atom and a position, every first-match list of at most k single atoms saves at most

    sum u + max over j of [ V_j(u) + the k - j largest prices ]

V_j(u): the most that a sequence of j exact atoms saves beyond u. The price of a free atom p is the largest sum, over sets S of exact atoms,
of (saved - u + sum of pi)^+ - pi at the positions where p matches and no atom of S does.

This is convex in (u, pi), and minimised by a subgradient method with a target level (Goffin and Kiwiel 1999), over a pool of sequences and
sets. Exact values come from the program over sets and from branch and bound; they add what the pool lacks. What is found here is
rounded, and proves nothing before policies/bounds/check.py has computed it again in whole numbers.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from games.arrays import Float32s, Float64s, Int64s
from policies.bounds import dual_kernels as kernels
from policies.bounds.dual_problem import MAX_SETS, Active, Multipliers, Problem
from policies.bounds.program import best_by_size, best_lists, best_of_sets, order_of, sum_over_subsets

MEETABLE = 2e-3  # the distance to a list of exact atoms from which the search tries to meet it
MARGIN = 2e-5  # by which all other sequences then stay below it, more than rounding takes
STEPS = 60  # between two exact evaluations
PATIENCE = 25  # steps without progress, after which the target comes nearer
# How far below the best value the target lies: at first, begun with the multipliers of another length, resumed, in the end.
FIRST_TARGET, NEAR_TARGET, NEXT_TARGET, LAST_TARGET = 0.01, 3e-3, 1e-3, 2e-5
MAX_POOL = 40  # sequences
SOFT = 0.25  # of the target step a rule, by which near-equal prices share
NEAR = 0.5  # atoms join the inner problem whose price may be this share of the smallest that counts


class Round(NamedTuple):
    """The result of a round of the search: the smallest bound so far, its multipliers, and the bound over the pool alone."""

    bound: float
    multipliers: Multipliers
    pool: float
    is_met: bool  # the bound is what a list of exact atoms saves


class Search:
    """One search for the multipliers of k rules, from those of a search before; `is_near`: from those of another length."""

    def __init__(self, problem: Problem, k: int, start: Multipliers | None = None, is_near: bool = False) -> None:
        self.problem, self.k = problem, k
        self.group_masks, self.group = np.unique(problem.masks, return_inverse=True)
        self.sequences: dict[tuple[int, ...], Float32s] = {}
        self.u = np.zeros(len(problem.bare))
        self.momentum = np.zeros(len(problem.bare))
        self.active = Active.of(problem, np.empty(0, dtype=np.int64))
        self.delta = FIRST_TARGET if start is None else NEAR_TARGET if is_near else NEXT_TARGET
        self.cap: Float64s | None = None  # what the best list of exact atoms saves, where the bound is to meet it
        self.goal = 0.0
        self.is_still = False  # the pool has no slope left
        _, sets = self._program(self.u)
        if start is None:
            self.u = self._first_saved(sets[max(0, min(problem.n_exact, k - k // 4))]).astype(np.float64)
        else:
            self._resume(start)

    def _resume(self, start: Multipliers) -> None:
        atoms = np.searchsorted(self.problem.number, start.atom)
        self.u = start.u.astype(np.float64)
        self.active = Active.of(self.problem, np.unique(atoms))
        rows = np.searchsorted(self.active.atoms, atoms)
        for row in np.unique(rows).tolist():
            held = rows == row
            first, last = self.active.start[row], self.active.start[row + 1]
            self.active.pi[first + np.searchsorted(self.active.position[first:last], start.position[held])] = start.pi[held]

    def rounds(self) -> Iterator[Round]:
        """Rounds of an exact evaluation, then steps over the pool. Ends where the pool allows no more and nothing is missing from it.

        Where the bound comes near the best list of exact atoms, the last rounds try to meet it: see `_meet`.
        """
        best, found, pool, before = np.inf, None, -np.inf, -np.inf
        while True:
            bound, is_new = self._evaluate()
            if bound < best:
                best, found = bound, self._multipliers()
            assert found is not None
            is_met = self.cap is not None and best < self.goal + 1e-12
            yield Round(best, found, pool, is_met)
            is_over = self.is_still or (self.delta < LAST_TARGET and min(pool, before) > best - 1e-5)
            if (is_met or (is_over and not is_new)) and (self.cap is not None or not self._meet(best)):
                return
            before = pool
            pool = self._descend(STEPS)

    def _meet(self, bound: float) -> bool:
        """Whether the bound is so near the best list of at most k exact atoms that it may meet it; then cap u by what that list saves.

        With u <= cap, `sum u` and what the list saves beyond u are exactly what it saves. So the bound meets the list as soon as every
        other sequence, with the prices that go with it, is worth no more: the steps that follow lower these below the goal.
        """
        problem, n = self.problem, self.problem.n_exact
        start = problem.start[: n + 1]
        held = slice(0, int(start[-1]))
        optimum = best_lists(problem.masks, start, problem.position[held].astype(np.int64), problem.value[held].astype(np.float64), 1e-9)
        order = optimum.rules[min(self.k, len(optimum.rules) - 1)]
        cap = self._saved_by(order).astype(np.float64)
        if bound - cap.sum() > MEETABLE:
            return False
        self.cap, self.goal, self.delta = cap, float(cap.sum()), NEXT_TARGET
        self.u = np.minimum(self.u, cap)
        return True

    def _multipliers(self) -> Multipliers:
        active = self.active
        on = np.flatnonzero(active.pi > 0)
        atom = self.problem.number[np.repeat(active.atoms, np.diff(active.start))[on]]
        return Multipliers(self.u.copy(), atom, active.position[on].astype(np.int64), active.pi[on].astype(np.float64))

    def _program(self, u: Float64s) -> tuple[Float64s, Int64s]:
        """V_j(u) for every j, and the sets; keeps what is needed to order them."""
        problem, n, groups = self.problem, self.problem.n_exact, len(self.group_masks)
        table, unmatched = np.zeros((1 << n, n)), np.zeros((1 << n, 1))
        for p in range(n):
            held = slice(*problem.start[p : p + 2])
            where = problem.position[held]
            table[self.group_masks, p] = np.bincount(self.group[where], np.maximum(0.0, problem.value[held] - u[where]), groups)
        unmatched[self.group_masks, 0] = np.bincount(self.group, np.maximum(0.0, -u), groups)
        sum_over_subsets(table)
        sum_over_subsets(unmatched)
        best, self.last = best_of_sets(table)
        return best_by_size(best, unmatched[:, 0])

    def _first_saved(self, chosen: int) -> Float32s:
        """What the best sequence of a set of exact atoms saves at every position."""
        return self._saved_by(order_of(self.last, int(chosen)))

    def _saved_by(self, order: tuple[int, ...]) -> Float32s:
        """What a sequence of exact atoms saves at every position; it joins the pool."""
        if order not in self.sequences:
            saved, open_ = np.zeros(len(self.u), dtype=np.float32), np.ones(len(self.u), dtype=np.bool_)
            for p in order:
                held = slice(*self.problem.start[p : p + 2])
                where = self.problem.position[held]
                mine = open_[where]
                saved[where[mine]] = self.problem.value[held][mine]
                open_[where] = False
            self.sequences[order] = saved
        return self.sequences[order]

    def _evaluate(self) -> tuple[float, bool]:
        """The bound for the multipliers as they are; and whether the pool lacked a sequence, a set or an atom that matters."""
        problem, active, k = self.problem, self.active, self.k
        charged = np.zeros(len(self.u))
        kernels.charge(active.start, active.position, active.pi, charged)
        level = self.u - charged
        top, sets = self._program(self.u)
        free = slice(problem.n_exact, len(problem.number))
        row_of = np.full(len(problem.number), -1, dtype=np.int64)
        row_of[active.atoms] = np.arange(len(active.atoms))
        price = np.zeros(len(problem.number))
        kernels.price_all(problem.start, problem.position, problem.value, level, row_of, active.start, active.pi, price)
        price[: problem.n_exact] = 0.0
        single = np.maximum(0.0, problem.bare - level)
        known = price.copy()
        set_start, flat = active.set_lists()
        low, choice = np.zeros(len(active.atoms)), np.zeros(len(active.atoms), dtype=np.int64)
        kernels.price_sets(active.start, active.position, active.value, active.pi, level, problem.masks, set_start, flat, low, choice)
        known[active.atoms] = low
        least = _kth(np.concatenate([known[free], single]), k)
        n_new = self._sharpen(price, low, level, 0.999 * least)
        best = np.sort(np.concatenate([price[free], single]))[::-1][:k]
        sums = np.concatenate([[0.0], np.cumsum(best)])
        lengths = np.arange(min(problem.n_exact, k) + 1)
        totals = top[lengths] + sums[np.minimum(k - lengths, len(sums) - 1)]
        n_known = len(self.sequences)
        for j in np.argsort(-totals)[:3].tolist():
            self._first_saved(sets[j])
        wanted = np.flatnonzero(price > NEAR * least)
        wanted = wanted[wanted >= problem.n_exact]
        joined = np.setdiff1d(wanted, active.atoms)
        if len(joined):
            charged_atoms = active.atoms[np.add.reduceat(active.pi, active.start[:-1]) > 0] if len(active.atoms) else active.atoms
            self.active = Active.of(problem, np.union1d(wanted, charged_atoms), active)
        bound = float(self.u.sum() + totals.max())
        return bound, n_new > 0 or len(self.sequences) > n_known or bool((price[joined] >= least).any())

    def _sharpen(self, price: Float64s, low: Float64s, level: Float64s, least: float) -> int:
        """Make the prices of active atoms exact that may be above `least`; returns how many sets joined the pool."""
        problem, active = self.problem, self.active
        total, seen = np.zeros(len(self.group_masks)), np.full(len(self.group_masks), -1, dtype=np.int64)
        found, n_new = np.zeros(len(self.group_masks), dtype=np.int64), 0
        for row in np.flatnonzero(price[active.atoms] > least).tolist():
            held = slice(*active.start[row : row + 2])
            n = kernels.group_worth(active.position[held], active.value[held], active.pi[held], level, self.group, total, seen, row, found)
            exact, chosen, _ = kernels.best_set(self.group_masks[found[:n]], total[found[:n]], problem.n_exact)
            atom = int(active.atoms[row])
            price[atom] = exact
            sets = active.sets.setdefault(atom, [])
            if chosen > 0 and exact > low[row] + 1e-9 and chosen not in sets:
                active.sets[atom] = [chosen, *sets][:MAX_SETS]
                n_new += 1
        return n_new

    def _descend(self, n_steps: int) -> float:
        """Steps of the subgradient method over the pool; returns the smallest value over the pool."""
        problem, active, k = self.problem, self.active, self.k
        kept = [order for order in self.sequences if len(order) <= k][-MAX_POOL:]
        pool = np.stack([self.sequences[order] for order in kept])
        lengths = np.array([len(order) for order in kept])
        others = np.ones(len(kept), dtype=np.bool_) if self.cap is None else (pool != self.cap.astype(np.float32)).any(axis=1)
        if not others.any():
            return self.goal
        set_start, flat = active.set_lists()
        n_atoms = len(active.atoms)
        price, choice = np.zeros(n_atoms), np.zeros(n_atoms, dtype=np.int64)
        totals, slope, charged, cover = np.zeros(len(kept)), np.zeros(len(self.u)), np.zeros(len(self.u)), np.zeros(len(self.u))
        best, best_u, best_pi, since = np.inf, self.u.copy(), active.pi.copy(), 0
        for _ in range(n_steps):
            kernels.charge(active.start, active.position, active.pi, charged)
            level = self.u - charged
            kernels.value_sequences(pool, self.u, totals)
            kernels.price_sets(active.start, active.position, active.value, active.pi, level, problem.masks, set_start, flat, price, choice)
            prices = np.concatenate([price, np.maximum(0.0, problem.bare - level)])
            ranked = np.argsort(-prices)[: k + 1] if len(prices) <= 4 * k else _largest(prices, k + 1)
            sums = np.concatenate([[0.0], np.cumsum(prices[ranked])])
            value = np.where(others, totals + sums[np.minimum(k - lengths, len(sums) - 1)], -np.inf)
            bound = float(self.u.sum() + value.max())
            since = 0 if bound < best - 0.02 * self.delta else since + 1
            if bound < best:
                if bound < best - 0.5 * self.delta and best < np.inf:
                    self.delta *= 1.3
                best, best_u, best_pi = bound, self.u.copy(), active.pi.copy()
            if self.cap is not None and best < self.goal - MARGIN:
                break
            if since >= PATIENCE:
                self.delta, since = max(self.delta / 2, 1e-6), 0
                self.u[:], active.pi[:] = best_u, best_pi
                self.momentum[:], active.momentum[:] = 0.0, 0.0
                continue
            weight = np.exp((value - value.max()) / max(self.delta / 2, 1e-6))
            weight /= weight.sum()
            share = np.zeros(len(prices))
            for length in np.unique(lengths).tolist():
                part = float(weight[lengths == length].sum())
                if part > 1e-4:
                    _share_out(prices, ranked, k - length, SOFT * self.delta / k, part, share)
            kernels.slope_of_sequences(pool, self.u, weight, slope)
            cover[:] = share[n_atoms:] * (problem.bare > level)
            kernels.cover_positions(active.start, active.position, active.value, level, problem.masks, flat, choice, share, cover)
            slope -= cover
            self.momentum = 0.5 * self.momentum + 0.5 * slope
            squares = float(self.momentum @ self.momentum) + kernels.move_pi(
                active.start, active.position, problem.masks, flat, choice, share, cover, active.pi, active.momentum, 0.5, 0.5
            )
            self.is_still = squares < 1e-18
            if self.is_still:
                break
            step = (bound - best + self.delta) / squares
            self.u -= step * self.momentum
            if self.cap is not None:
                np.minimum(self.u, self.cap, out=self.u)
            kernels.step_pi(active.pi, active.momentum, step)
        self.u[:], active.pi[:] = best_u, best_pi
        return best


def _kth(values: Float64s, k: int) -> float:
    """The k-th largest value, 0 if there are fewer."""
    return float(np.partition(values, len(values) - k)[len(values) - k]) if k <= len(values) else 0.0


def _largest(values: Float64s, n: int) -> Int64s:
    """The places of the n largest values, largest first."""
    places = np.argpartition(-values, n)[:n]
    return places[np.argsort(-values[places])]


def _share_out(prices: Float64s, ranked: Int64s, k: int, softness: float, part: float, share: Float64s) -> None:
    """Add `part` to the share of the k largest prices; of those within some `softness` of the k-th, each gets some of it.

    The shares are 1 / (1 + exp((t - price) / softness)) with the t for which they sum to k.
    """
    if not k:
        return
    edge = prices[ranked[k - 1]] if k <= len(ranked) else 0.0
    near = np.flatnonzero(prices > max(0.0, edge - 12 * softness))
    if len(near) <= k:
        share[near] += part
        return
    low, high = edge - 12 * softness, edge + 12 * softness + softness * np.log(len(near))
    for _ in range(30):
        middle = (low + high) / 2
        if (1.0 / (1.0 + np.exp(np.clip((middle - prices[near]) / softness, -40, 40)))).sum() > k:
            low = middle
        else:
            high = middle
    share[near] += part / (1.0 + np.exp(np.clip((low - prices[near]) / softness, -40, 40)))
