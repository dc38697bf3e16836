"""The best first-match lists over at most 24 rules, for every length at once, by dynamic programming over sets of rules.

A position is decided by the first rule of the list that matches there. So what a rule saves behind other rules depends only on the set T of
these, never on their order. With the saving G_p(T) of rule p at the positions where p matches and no rule of T does, the best list of a
set S of rules saves

    W(S) = max over p in S of W(S - p) + G_p(S - p)

This is the recursion of Held and Karp (1962) for sequences. All G_p(T) come from one subset-sum transform for each rule, after the
positions are grouped by the set of rules that match there. With n rules it takes n^2 2^n additions and 8 (n + 1) 2^n bytes.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.arrays import Int64s
from games.jit import njit

MAX_RULES = 24  # their sets fill 3.4 GB
Values = npt.NDArray[Any]  # int64 or float64: savings, in whole numbers or not


class Optimum(NamedTuple):
    """For each length from 0 up the rules of a best list of at most that length, first to last, and what it saves; both end at the best."""

    rules: list[tuple[int, ...]]
    saved: list[float]


def masks_of(n_positions: int, start: Int64s, position: Int64s) -> Int64s:
    """For each position the rules that match there, as bits. The positions of rule p: `position[start[p] : start[p + 1]]`. [n_positions]"""
    masks = np.zeros(n_positions, dtype=np.int64)
    for p, (first, last) in enumerate(zip(start[:-1].tolist(), start[1:].tolist(), strict=True)):
        masks[position[first:last]] |= 1 << p
    return masks


def best_lists(masks: Int64s, start: Int64s, position: Int64s, saved: Values, slack: float = 0) -> Optimum:
    """The best lists of every length; a rule saves `saved[start[p] : start[p + 1]]` at its positions, which may be negative.

    Whole numbers are added exactly. Of floats, a longer list counts as better only where it saves more than `slack` beyond a shorter one.
    """
    best, last = best_of_sets(savings(masks, start, position, saved))
    top, sets = best_by_size(best, np.zeros(1, dtype=best.dtype))
    rules: list[tuple[int, ...]] = [()]
    values: list[float] = [0]
    for value, chosen in zip(top.tolist(), sets.tolist(), strict=True):
        if value > values[-1] + slack:
            # lengths that bring nothing repeat the list before
            ordered = order_of(last, chosen)
            rules += [rules[-1]] * (len(ordered) - len(rules))
            values += [values[-1]] * (len(ordered) - len(values))
            rules.append(ordered)
            values.append(value)
    return Optimum(rules, values)


def best_order(masks: Int64s, start: Int64s, position: Int64s, saved: Values) -> tuple[tuple[int, ...], float]:
    """The order of all rules that saves most, and what it saves."""
    best, last = best_of_sets(savings(masks, start, position, saved))
    return order_of(last, len(best) - 1), best[-1].item()


def savings(masks: Int64s, start: Int64s, position: Int64s, saved: Values) -> Values:
    """What each rule saves at the positions where it matches and all rules that match lie in a set. [2^n_rules, n_rules]"""
    n = len(start) - 1
    assert n <= MAX_RULES
    table = np.zeros((1 << n, n), dtype=saved.dtype)
    for p in range(n):
        held = slice(int(start[p]), int(start[p + 1]))
        np.add.at(table[:, p], masks[position[held]], saved[held])
    sum_over_subsets(table)
    return table


@njit
def sum_over_subsets(table: Values) -> None:
    """Add to each row of a table [2^n, any] the rows of all proper subsets of its number, in place."""
    bit = 1
    while bit < table.shape[0]:
        for base in range(0, table.shape[0], 2 * bit):
            for low in range(base, base + bit):
                for column in range(table.shape[1]):
                    table[low + bit, column] += table[low, column]
        bit *= 2


@njit
def best_of_sets(table: Values) -> tuple[Values, Int64s]:
    """The largest saving of a list of exactly the rules of each set, and that list's last rule, -1 for none. Both [2^n_rules]"""
    size, n = table.shape
    best, last = np.zeros(size, dtype=table.dtype), np.full(size, -1, dtype=np.int64)
    for before in range(size):
        row = table[size - 1 - before]  # the rules that match there lie outside of `before`
        for p in range(n):
            if not before >> p & 1:
                after = before | 1 << p
                value = best[before] + row[p]
                if last[after] < 0 or value > best[after]:
                    best[after], last[after] = value, p
    return best, last


@njit
def best_by_size(best: Values, unmatched: Values) -> tuple[Values, Int64s]:
    """For each number of rules the largest worth of a set of that size, and the first such set. Both [n_rules + 1]

    `unmatched`: what is added for the rules outside of the set, by their number as bits [2^n_rules]; or a single 0.
    """
    size, n = best.shape[0], 0
    while 1 << n < size:
        n += 1
    top, sets = np.zeros(n + 1, dtype=best.dtype), np.full(n + 1, -1, dtype=np.int64)
    for chosen in range(size):
        left, count = chosen, 0
        while left:
            left &= left - 1
            count += 1
        value = best[chosen] + (unmatched[size - 1 - chosen] if unmatched.shape[0] == size else unmatched[0])
        if sets[count] < 0 or value > top[count]:
            top[count], sets[count] = value, chosen
    return top, sets


def order_of(last: Int64s, chosen: int) -> tuple[int, ...]:
    """The rules of the best list of a set, first to last."""
    found = []
    while chosen:
        found.append(int(last[chosen]))
        chosen ^= 1 << found[-1]
    return tuple(reversed(found))
