"""The kernels of the search for multipliers (policies/bounds/dual.py).

Pairs of an atom and a position stand atom by atom: those of atom a are `start[a] : start[a + 1]`. An atom's *worth* at a position is
`max(0, value - level) - pi`, with the level u - sum of pi of the position.
"""

import numpy as np

from games.arrays import Float32s, Float64s, Int32s, Int64s
from games.jit import njit

MAX_NODES = 20_000  # of one branch and bound; where they do not suffice, an upper bound is returned


@njit
def charge(start: Int64s, position: Int32s, pi: Float32s, sums: Float64s) -> None:
    """The sum of pi at every position, in place. sums: [n_positions]"""
    sums[:] = 0.0
    for k in range(start[-1]):
        sums[position[k]] += pi[k]


@njit
def price_sets(
    start: Int64s,
    position: Int32s,
    value: Float32s,
    pi: Float32s,
    level: Float64s,
    masks: Int64s,
    set_start: Int64s,
    sets: Int64s,
    price: Float64s,
    choice: Int64s,
) -> None:
    """For each atom the largest total worth over its candidate sets, at positions where no exact atom of the set matches; at least 0.

    The candidates of atom a: `sets[set_start[a] : set_start[a + 1]]`. choice: the number of the best one, -1 if none is above 0.
    """
    totals = np.zeros(64)
    for a in range(start.shape[0] - 1):
        first, n = set_start[a], min(64, set_start[a + 1] - set_start[a])
        totals[:n] = 0.0
        for k in range(start[a], start[a + 1]):
            i = position[k]
            gap = value[k] - level[i]
            worth = max(0.0, gap) - pi[k]
            for c in range(n):
                if masks[i] & sets[first + c] == 0:
                    totals[c] += worth
        price[a], choice[a] = 0.0, -1
        for c in range(n):
            if totals[c] > price[a]:
                price[a], choice[a] = totals[c], first + c


@njit
def cover_positions(
    start: Int64s,
    position: Int32s,
    value: Float32s,
    level: Float64s,
    masks: Int64s,
    sets: Int64s,
    choice: Int64s,
    share: Float64s,
    cover: Float64s,
) -> None:
    """Add to each position the shares of the atoms that would save more than its level there. share: [n_atoms]"""
    for a in range(start.shape[0] - 1):
        if share[a] > 0.0 and choice[a] >= 0:
            before = sets[choice[a]]
            for k in range(start[a], start[a + 1]):
                i = position[k]
                if masks[i] & before == 0 and value[k] > level[i]:
                    cover[i] += share[a]


@njit
def move_pi(
    start: Int64s,
    position: Int32s,
    masks: Int64s,
    sets: Int64s,
    choice: Int64s,
    share: Float64s,
    cover: Float64s,
    pi: Float32s,
    momentum: Float32s,
    keep: float,
    rate: float,
) -> float:
    """Fold the subgradient by pi into the momentum; returns the squared length of the new momentum. `rate` is its weight."""
    squares = 0.0
    for a in range(start.shape[0] - 1):
        is_in = share[a] > 0.0 and choice[a] >= 0
        before = sets[choice[a]] if is_in else 0
        for k in range(start[a], start[a + 1]):
            i = position[k]
            slope = cover[i]
            if is_in and masks[i] & before == 0:
                slope -= share[a]
            if pi[k] <= 0.0 and slope > 0.0:
                slope = 0.0
            momentum[k] = keep * momentum[k] + rate * slope
            squares += momentum[k] * momentum[k]
    return squares


@njit
def step_pi(pi: Float32s, momentum: Float32s, step: float) -> None:
    """Go down along the momentum; pi stays at least 0."""
    for k in range(pi.shape[0]):
        pi[k] = max(0.0, pi[k] - step * momentum[k])


@njit
def value_sequences(first: Float32s, u: Float64s, totals: Float64s) -> None:
    """What each sequence of exact atoms saves beyond u, where it saves more. first: [n_sequences, n_positions]"""
    for c in range(first.shape[0]):
        total = 0.0
        for i in range(u.shape[0]):
            gap = first[c, i] - u[i]
            if gap > 0.0:
                total += gap
        totals[c] = total


@njit
def slope_of_sequences(first: Float32s, u: Float64s, weight: Float64s, slope: Float64s) -> None:
    """The subgradient by u of `sum u` and of the sequences by their weights. slope: [n_positions]"""
    slope[:] = 1.0
    for c in range(first.shape[0]):
        if weight[c] > 1e-7:
            for i in range(u.shape[0]):
                if first[c, i] > u[i]:
                    slope[i] -= weight[c]


@njit
def price_all(
    start: Int64s,
    position: Int32s,
    value: Float32s,
    level: Float64s,
    charged: Int64s,
    pi_start: Int64s,
    pi: Float32s,
    price: Float64s,
) -> None:
    """An upper bound of every atom's price: the sum of its positive worth. charged: the row of an atom in pi_start, -1 for pi = 0."""
    for a in range(start.shape[0] - 1):
        total, row = 0.0, charged[a]
        for k in range(start[a], start[a + 1]):
            worth = value[k] - level[position[k]]
            if worth > 0.0:
                if row >= 0:
                    worth -= pi[pi_start[row] + k - start[a]]
                if worth > 0.0:
                    total += worth
        price[a] = total


@njit
def group_worth(
    position: Int32s,
    value: Float32s,
    pi: Float32s,
    level: Float64s,
    group: Int64s,
    total: Float64s,
    seen: Int64s,
    mark: int,
    found: Int64s,
) -> int:
    """Sum the worth of one atom by groups of positions with equal masks; returns how many groups were `found`."""
    n = 0
    for k in range(position.shape[0]):
        g = group[position[k]]
        if seen[g] != mark:
            seen[g], total[g] = mark, 0.0
            found[n] = g
            n += 1
        gap = value[k] - level[position[k]]
        total[g] += max(0.0, gap) - pi[k]
    return n


@njit
def best_set(masks: Int64s, worth: Float64s, n_exact: int) -> tuple[float, int, bool]:
    """The set of exact atoms after which most is left: the largest sum of worth over the masks that miss it, and the set.

    Depth first; an atom is in the set, out of it, or open. What is left is at most the positive part, and the negative part that no open
    atom removes. The last value is whether the search was complete; if not, the first is an upper bound.
    """
    inside, outside = np.zeros(2 * n_exact + 4, dtype=np.int64), np.zeros(2 * n_exact + 4, dtype=np.int64)
    removable = np.zeros(n_exact + 1)
    n, n_nodes, best, chosen, unsolved = 1, 0, 0.0, -1, 0.0
    while n:
        n -= 1
        taken, left_out = inside[n], outside[n]
        n_nodes += 1
        total, most = 0.0, 0.0
        removable[:] = 0.0
        for t in range(masks.shape[0]):
            if masks[t] & taken:
                continue
            total += worth[t]
            open_atoms = masks[t] & ~left_out
            if worth[t] > 0.0 or open_atoms == 0:
                most += worth[t]
                continue
            p = 0
            while open_atoms:
                if open_atoms & 1:
                    removable[p] -= worth[t]
                open_atoms >>= 1
                p += 1
        if total > best:
            best, chosen = total, taken
        if most <= best + 1e-13:
            continue
        p = int(np.argmax(removable))
        if removable[p] <= 0.0:
            continue
        if n_nodes > MAX_NODES:
            unsolved = max(unsolved, most)
            continue
        inside[n], outside[n] = taken, left_out | 1 << p
        inside[n + 1], outside[n + 1] = taken | 1 << p, left_out
        n += 2
    return max(best, unsolved), chosen, unsolved <= best
