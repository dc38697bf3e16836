"""Exact search for the shortest list of words that reaches a grade, with a certificate that no shorter list does.

Lists are tried in order of length, depth first. After each word the list so far is held against its best case: wherever it
still leaves a choice, later words are supposed to make the best of it. A list that fails even so is refuted together with
all that begin with it. The certificate is the set of refuted beginnings and of complete lists that fail: together they
cover every list that is shorter than the one found, and `verify_certificate` checks both facts by other means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt

from games.api import Bools
from games.errors import UsageError
from games.graph import GameGraph
from games.jit import njit
from games.solve import Solution
from games.words import Word

GRADES = ("never_loses", "keeps_value", "optimal_everywhere")
SEATS = ("first", "second", "both")
SEMANTICS = ("first-match", "lexicographic")


@dataclass(frozen=True)
class Certificate:
    """Why no list shorter than `length` reaches the grade: every such list begins with one of `beginnings` or is in `lists`."""

    words: tuple[str, ...]
    semantics: str
    grade: str
    seat: str
    length: int
    beginnings: tuple[tuple[int, ...], ...]  # refuted with everything that begins so
    lists: tuple[tuple[int, ...], ...]  # refuted as they stand
    n_tried: int  # lists evaluated, the effort


@dataclass(frozen=True)
class ShortestResult:
    """The shortest list that reaches the grade, as indices of words, or None when there is none up to the longest tried."""

    found: tuple[int, ...] | None
    certificate: Certificate


def shortest_list(
    graph: GameGraph, solution: Solution, words: Sequence[Word], semantics: str, grade: str, seat: str, longest: int = 8
) -> ShortestResult:
    """Search all lists of distinct words, shortest first, up to `longest` words.

    Where no word of a list applies, any legal move may be played; among the moves a word leaves, any may be played.
    """
    for value, known, what in ((semantics, SEMANTICS, "semantics"), (grade, GRADES, "grade"), (seat, SEATS, "seat")):
        if value not in known:
            raise UsageError(f"unknown {what} {value!r}: one of {', '.join(known)}")
    search = _Search(graph, solution, words, semantics, grade, seat)
    for length in range(longest + 1):
        found = search.extend((), np.ones(graph.n_edges, dtype=np.bool_), np.zeros(graph.n_states, dtype=np.bool_), length)
        if found is not None:
            return ShortestResult(found, search.certificate(length))
    return ShortestResult(None, search.certificate(longest + 1))


class _Search:
    def __init__(self, graph: GameGraph, solution: Solution, words: Sequence[Word], semantics: str, grade: str, seat: str) -> None:
        self.graph, self.solution = graph, solution
        self.words, self.semantics, self.grade, self.seat = words, semantics, grade, seat
        self.holds = [np.ascontiguousarray(word.holds(graph)) for word in words]
        self.beginnings: set[tuple[int, ...]] = set()
        self.lists: set[tuple[int, ...]] = set()
        self.n_tried = 0

    def certificate(self, length: int) -> Certificate:
        return Certificate(
            words=tuple(word.name for word in self.words),
            semantics=self.semantics,
            grade=self.grade,
            seat=self.seat,
            length=length,
            beginnings=tuple(sorted(entry for entry in self.beginnings if len(entry) < length)),
            lists=tuple(sorted(entry for entry in self.lists if len(entry) < length)),
            n_tried=self.n_tried,
        )

    def extend(self, chosen: tuple[int, ...], allowed: Bools, decided: Bools, length: int) -> tuple[int, ...] | None:
        """The first list of this length that begins with `chosen` and reaches the grade."""
        if len(chosen) == length:
            if self.reaches(allowed, np.ones_like(decided)):
                return chosen
            self.lists.add(chosen)
            return None
        if chosen in self.beginnings:
            return None
        if not self.reaches(allowed, decided):
            self.beginnings.add(chosen)
            self.lists.discard(chosen)
            return None
        for index in range(len(self.words)):
            if index not in chosen:
                next_allowed, next_decided = _narrow(
                    self.graph.edge_start, allowed, decided, self.holds[index], self.semantics == "first-match"
                )
                found = self.extend((*chosen, index), next_allowed, next_decided, length)
                if found is not None:
                    return found
        return None

    def reaches(self, allowed: Bools, decided: Bools) -> bool:
        """Whether the grade is reached when undecided positions are resolved by the best and decided ones by the worst allowed move."""
        self.n_tried += 1
        graph = self.graph
        if self.grade == "optimal_everywhere":
            good = self.solution.optimal
            return _all_good(graph.edge_start, allowed, decided, good)
        wrong = self.solution.regret > 0 if self.grade == "keeps_value" else np.zeros(graph.n_edges, dtype=np.bool_)
        bad_ours, bad_theirs = _bad_states(
            graph.edge_start, graph.edge_child, graph.terminal, graph.payoff, allowed, decided, wrong, self.grade == "never_loses"
        )
        return not ((self.seat != "second" and bad_ours[0]) or (self.seat != "first" and bad_theirs[0]))


@njit
def _narrow(edge_start: npt.NDArray[np.int64], allowed: Bools, decided: Bools, holds: Bools, first_match: bool) -> tuple[Bools, Bools]:
    next_allowed, next_decided = allowed.copy(), decided.copy()
    for state in range(edge_start.shape[0] - 1):
        if decided[state]:
            continue
        matched = False
        for edge in range(edge_start[state], edge_start[state + 1]):
            matched = matched or (allowed[edge] and holds[edge])
        if matched:
            for edge in range(edge_start[state], edge_start[state + 1]):
                next_allowed[edge] = allowed[edge] and holds[edge]
            next_decided[state] = first_match
    return next_allowed, next_decided


@njit
def _all_good(edge_start: npt.NDArray[np.int64], allowed: Bools, decided: Bools, good: Bools) -> bool:
    for state in range(edge_start.shape[0] - 1):
        n_allowed = n_good = 0
        for edge in range(edge_start[state], edge_start[state + 1]):
            n_allowed += int(allowed[edge])
            n_good += int(allowed[edge] and good[edge])
        if n_allowed > 0 and (n_good == 0 or (decided[state] and n_good < n_allowed)):
            return False
    return True


@njit
def _bad_states(
    edge_start: npt.NDArray[np.int64],
    edge_child: npt.NDArray[np.int32],
    terminal: Bools,
    payoff: npt.NDArray[np.int16],
    allowed: Bools,
    decided: Bools,
    wrong: Bools,
    judge_payoff: bool,
) -> tuple[Bools, Bools]:
    """States from which the grade can be lost, with us and with them to move: the least fixpoint, endless play being no loss."""
    n = terminal.shape[0]
    ours, theirs = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    if judge_payoff:
        for state in range(n):
            ours[state] = terminal[state] and payoff[state] < 0
            theirs[state] = terminal[state] and payoff[state] > 0
    moved = True
    while moved:
        moved = False
        for state in range(n - 1, -1, -1):
            if terminal[state]:
                continue
            if not ours[state]:
                some_bad, all_bad = False, True
                for edge in range(edge_start[state], edge_start[state + 1]):
                    if allowed[edge]:
                        bad = wrong[edge] or theirs[edge_child[edge]]
                        some_bad = some_bad or bad
                        all_bad = all_bad and bad
                if all_bad or (decided[state] and some_bad):
                    ours[state] = moved = True
            if not theirs[state]:
                for edge in range(edge_start[state], edge_start[state + 1]):
                    if ours[edge_child[edge]]:
                        theirs[state] = moved = True
                        break
    return ours, theirs


def verify_certificate(certificate: Certificate, graph: GameGraph, solution: Solution, words: Sequence[Word], only_every: int = 1) -> int:
    """Check a certificate in plain Python, by walking lines of play forward; returns the number of refutations replayed.

    Covers: every list of distinct words shorter than `length` is in `lists` or begins with one of `beginnings`. Refutes:
    each entry (each `only_every`-th, for a quick look) really fails. Raises AssertionError, naming the list, where it does not hold.
    """
    beginnings, lists = set(certificate.beginnings), set(certificate.lists)
    for length in range(certificate.length):
        for candidate in permutations(range(len(words)), length):
            covered = candidate in lists or any(candidate[:k] in beginnings for k in range(length + 1))
            assert covered, f"{candidate} is not covered"
    holds = [word.holds(graph).tolist() for word in words]
    entries = [(entry, False) for entry in certificate.beginnings] + [(entry, True) for entry in certificate.lists]
    for entry, is_complete in entries[::only_every]:
        assert _fails(certificate, graph, solution, holds, entry, is_complete), f"{entry} is not refuted"
    return len(entries[::only_every])


def _fails(
    certificate: Certificate, graph: GameGraph, solution: Solution, holds: list[list[bool]], entry: tuple[int, ...], is_complete: bool
) -> bool:
    """Whether a list loses the grade; an incomplete one only if every choice that it leaves open loses it (acyclic games only)."""
    start, child = graph.edge_start.tolist(), graph.edge_child.tolist()
    terminal, payoff, regret = graph.terminal.tolist(), graph.payoff.tolist(), solution.regret.tolist()

    def choices(state: int) -> tuple[list[int], bool]:
        edges, is_open = list(range(start[state], start[state + 1])), not is_complete
        for index in entry:
            matching = [edge for edge in edges if holds[index][edge]]
            if matching:
                edges = matching
                if certificate.semantics == "first-match":
                    return edges, False
        return edges, is_open

    if certificate.grade == "optimal_everywhere":
        for state in range(graph.n_states):
            edges, is_open = choices(state)
            if edges and (all if is_open else any)(regret[edge] > 0 for edge in edges):
                return True
        return False

    known: dict[tuple[int, bool], bool] = {}

    def loses(state: int, ours: bool) -> bool:
        if (state, ours) in known:
            return known[state, ours]
        if terminal[state]:
            result = certificate.grade == "never_loses" and (payoff[state] < 0 if ours else payoff[state] > 0)
        elif ours:
            edges, is_open = choices(state)
            verdicts = ((certificate.grade == "keeps_value" and regret[edge] > 0) or loses(child[edge], False) for edge in edges)
            result = all(verdicts) if is_open else any(verdicts)
        else:
            result = any(loses(child[edge], True) for edge in range(start[state], start[state + 1]))
        known[state, ours] = result
        return result

    return (certificate.seat != "second" and loses(0, True)) or (certificate.seat != "first" and loses(0, False))
