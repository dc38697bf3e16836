"""The kernels of the search for shortest rule lists: the effect of a partial list on a grade, on bit masks.

Moves of a position that satisfy the same rules are one *choice*: no list can play one of them without the others. A choice is
lost when one of its moves cannot be afforded, safe when nothing can go wrong after it, and else leads on to own positions in
which the list must choose well again. A list so far leaves every own position a set of choices, as a mask; bit 63 says that
no further rule narrows it.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Int64s, UInt64s
from games.jit import njit

ONE, DECIDED = np.uint64(1), np.uint64(1 << 63)
REFUTED, OPEN, REACHED = 0, 1, 2  # what a list so far does to a grade: nothing that begins so reaches it; it depends; it is reached


class Lists(NamedTuple):
    """Lists of numbers: those of i are `values[start[i] : start[i + 1]]`."""

    start: Int64s
    values: Int64s


class Problem(NamedTuple):
    """Own positions, their choices, and where these lead. Nodes are own positions and the other's, roots must not be lost."""

    first_match: bool
    order: Int64s  # the nodes that matter, each before those it leads to unless the game has cycles
    has_cycles: bool
    own: Int64s  # [n_nodes] the number of an own position, -1 for a position of the other
    roots: Int64s
    replies: Lists  # for each node the own nodes that the other can move to
    choice_start: Int64s  # [n_own + 1]
    above: UInt64s  # [n_choices] the choices of the same position that satisfy the same rules and more
    leads: Lists  # for each choice the other's nodes that it can lead to
    lost: UInt64s  # [n_own] choices that no list can afford
    safe: UInt64s  # [n_own] choices after which nothing can go wrong
    match: UInt64s  # [n_rules, n_own] the choices that satisfy each rule
    options: Lists  # for each own position the distinct sets of choices, as masks, that satisfy a rule


@njit
def start_state(problem: Problem) -> UInt64s:
    """The choices that the empty list leaves: every choice at every position. [n_own]"""
    state = np.empty(problem.lost.shape[0], dtype=np.uint64)
    for p in range(state.shape[0]):
        n_choices = np.uint64(problem.choice_start[p + 1] - problem.choice_start[p])
        state[p] = (ONE << n_choices) - ONE
        if n_choices <= ONE:
            state[p] |= DECIDED
    return state


@njit
def narrow(problem: Problem, state: UInt64s, rule: int) -> UInt64s:
    """The choices that a list leaves after one more rule. [n_own]"""
    narrowed = state.copy()
    for p in range(state.shape[0]):
        matched = state[p] & problem.match[rule, p]
        if matched and not state[p] & DECIDED:
            narrowed[p] = matched | DECIDED if problem.first_match or not matched & (matched - ONE) else matched
    return narrowed


@njit
def state_after(problem: Problem, beginning: Int64s) -> UInt64s:
    """The choices that a list leaves. [n_own]"""
    state = start_state(problem)
    for rule in beginning:
        state = narrow(problem, state, rule)
    return state


@njit
def judge(problem: Problem, state: UInt64s) -> tuple[UInt64s, UInt64s, Bools, Bools]:
    """What is lost whatever rules follow, and what may be lost: choices of every own position [n_own], and nodes [n_nodes].

    Both are least fixpoints, so endless play is never lost.
    """
    n_nodes = problem.own.shape[0]
    bad, risky = np.zeros(n_nodes, dtype=np.bool_), np.zeros(n_nodes, dtype=np.bool_)
    bad_choices, risky_choices = problem.lost.copy(), problem.lost.copy()
    moved = True
    while moved:
        moved = False
        for i in range(problem.order.shape[0] - 1, -1, -1):
            node = problem.order[i]
            p = problem.own[node]
            was_bad, was_risky = bad[node], risky[node]
            if p < 0:
                for k in range(problem.replies.start[node], problem.replies.start[node + 1]):
                    bad[node] |= bad[problem.replies.values[k]]
                    risky[node] |= risky[problem.replies.values[k]]
            else:
                left = state[p] & ~DECIDED
                for c in range(problem.choice_start[p], problem.choice_start[p + 1]):
                    bit = ONE << np.uint64(c - problem.choice_start[p])
                    if left & bit and not (problem.safe[p] | bad_choices[p]) & bit:
                        for k in range(problem.leads.start[c], problem.leads.start[c + 1]):
                            if bad[problem.leads.values[k]]:
                                bad_choices[p] |= bit
                            if risky[problem.leads.values[k]]:
                                risky_choices[p] |= bit
                risky[node] = not left or left & risky_choices[p] != 0
                bad[node] = not left or is_hopeless(problem, p, state[p], bad_choices[p])
            moved |= problem.has_cycles and (bad[node] != was_bad or risky[node] != was_risky)
    return bad_choices, risky_choices, bad, risky


@njit
def is_hopeless(problem: Problem, p: int, state: np.uint64, bad: np.uint64) -> bool:
    """Whether a position is lost whatever rules follow, given the choices that are.

    Under first-match some rule picks all choices that satisfy it, or all choices stay. Under lexicographic no choice can stay
    without those above it.
    """
    left = state & ~DECIDED
    if not left & bad:
        return False
    if state & DECIDED:
        return True
    if problem.first_match:
        for k in range(problem.options.start[p], problem.options.start[p + 1]):  # noqa: SIM110 (compiled)
            if not np.uint64(problem.options.values[k]) & bad:
                return False
        return True
    for c in range(problem.choice_start[p], problem.choice_start[p + 1]):
        bit = ONE << np.uint64(c - problem.choice_start[p])
        if left & bit and not bad & bit and not problem.above[c] & left:
            return False
    return True


@njit
def digest(problem: Problem, state: UInt64s) -> tuple[int, np.uint64, np.uint64, Int64s]:
    """What a list so far does to the grade, two hashes of what it leaves open, and the nodes where its play can still go wrong.

    Two lists that leave the same choices, with the same prospects, wherever their play can still go wrong need the same rules
    to follow.
    """
    bad_choices, risky_choices, bad, risky = judge(problem, state)
    reached = np.empty(problem.own.shape[0], dtype=np.int64)
    seen = np.zeros(problem.own.shape[0], dtype=np.bool_)
    low, high, n, i = np.uint64(0), np.uint64(0), 0, 0
    for root in problem.roots:
        if bad[root]:
            return REFUTED, low, high, reached[:0]
        n = _visit(root, risky, seen, reached, n)
    while i < n:
        node = reached[i]
        p = problem.own[node]
        i += 1
        if p < 0:
            for k in range(problem.replies.start[node], problem.replies.start[node + 1]):
                n = _visit(problem.replies.values[k], risky, seen, reached, n)
            continue
        left = state[p] & ~DECIDED
        going_on = left & risky_choices[p] & ~bad_choices[p]
        for c in range(problem.choice_start[p], problem.choice_start[p + 1]):
            if going_on >> np.uint64(c - problem.choice_start[p]) & ONE:
                for k in range(problem.leads.start[c], problem.leads.start[c + 1]):
                    n = _visit(problem.leads.values[k], risky, seen, reached, n)
        key = _mix(_mix(np.uint64(p)) ^ going_on)
        if not state[p] & DECIDED:
            key = _mix(_mix(key ^ left) ^ (left & bad_choices[p]))
        low += key
        high += _mix(~key)
    return (OPEN if n else REACHED), low, high, reached[:n].copy()


@njit
def _visit(node: int, risky: Bools, seen: Bools, reached: Int64s, n: int) -> int:
    if not risky[node] or seen[node]:
        return n
    seen[node] = True
    reached[n] = node
    return n + 1


@njit
def _mix(key: np.uint64) -> np.uint64:
    """As games.splitmix: one to one, so that equal sums of keys are as unlikely as for random ones."""
    key = key + np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


@njit
def extend(problem: Problem, beginning: Int64s) -> tuple[Int64s, UInt64s]:
    """A beginning with each rule behind it: what it does to the grade [n_rules], and the hashes of what it leaves open [n_rules, 2]."""
    state = state_after(problem, beginning)
    n_rules = problem.match.shape[0]
    verdicts, hashes = np.empty(n_rules, dtype=np.int64), np.empty((n_rules, 2), dtype=np.uint64)
    for rule in range(n_rules):
        verdicts[rule], hashes[rule, 0], hashes[rule, 1], _ = digest(problem, narrow(problem, state, rule))
    return verdicts, hashes


@njit
def finish(problem: Problem, beginning: Int64s) -> tuple[int, int]:
    """A rule that behind a beginning reaches the grade, -1 if there is none; and how many were evaluated.

    Only those are that leave no lost choice at any position which the play of the beginning is sure to meet.
    """
    state = state_after(problem, beginning)
    bad_choices, _, _, risky = judge(problem, state)
    met = np.empty(problem.own.shape[0], dtype=np.int64)
    seen = np.zeros(problem.own.shape[0], dtype=np.bool_)
    n, i = 0, 0
    for root in problem.roots:
        n = _visit(root, risky, seen, met, n)
    while i < n:
        p = problem.own[met[i]]
        if p < 0:
            for k in range(problem.replies.start[met[i]], problem.replies.start[met[i] + 1]):
                n = _visit(problem.replies.values[k], risky, seen, met, n)
        i += 1
    n_evaluated = 0
    for rule in range(problem.match.shape[0]):
        may_do = True
        for node in met[:n]:
            p = problem.own[node]
            if p >= 0 and state[p] & bad_choices[p]:
                matched = state[p] & problem.match[rule, p]
                may_do = may_do and matched != 0 and not matched & bad_choices[p]
        if may_do:
            n_evaluated += 1
            if digest(problem, narrow(problem, state, rule))[0] == REACHED:
                return rule, n_evaluated
    return -1, n_evaluated
