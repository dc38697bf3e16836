"""Exact search for the shortest rule list that reaches a grade, with a certificate that no shorter list does.

Lists are tried in order of length. Each is held against its best case: wherever it still leaves a choice, the rules behind it
are supposed to make the best of that. A list that fails even so is refuted together with all that begin with it. Of two lists
that leave the same problem open, wherever their own play can still go wrong, one is followed up. Where nothing is left to
follow up, no list of any length reaches the grade. `verify_certificate` (policies/exact/check.py) checks by other means.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from games.errors import UsageError
from games.solving.graph import GameGraph
from games.solving.solve import Solution
from policies.exact.check import Certificate, Indices, NamedRule, verify_certificate
from policies.exact.kernels import OPEN, REACHED, REFUTED, Problem, digest, extend, finish, start_state
from policies.exact.problem import make_problem
from policies.language.atoms import SEMANTICS

__all__ = ["GRADES", "SEATS", "Certificate", "ShortestResult", "shortest_list", "verify_certificate"]

GRADES = ("never_loses", "keeps_value", "optimal_everywhere")
SEATS = ("first", "second", "both")
MAX_TRIED = 2_000_000  # lists, unless the caller says otherwise: a minute on tic-tac-toe


@dataclass(frozen=True)
class ShortestResult:
    """The shortest list that reaches the grade, as indices of rules; None where none was found, as far as the certificate says."""

    found: Indices | None
    certificate: Certificate


def shortest_list(
    graph: GameGraph,
    solution: Solution,
    rules: Sequence[NamedRule],
    semantics: str,
    grade: str,
    seat: str,
    longest: int = 8,
    most_tried: int = MAX_TRIED,
) -> ShortestResult:
    """Search all lists of distinct rules, shortest first, up to `longest` rules or until `most_tried` lists were evaluated.

    Where no rule of a list applies, any legal move may be played; among the moves that the list leaves, any may be played.
    """
    for value, known, what in ((semantics, SEMANTICS, "semantics"), (grade, GRADES, "grade"), (seat, SEATS, "seat")):
        if value not in known:
            raise UsageError(f"unknown {what} {value!r}: one of {', '.join(known)}")
    holds = np.array([rule.holds for rule in rules], dtype=np.bool_).reshape(len(rules), graph.n_edges)
    search = Search(make_problem(graph, solution, holds, semantics, grade, seat))
    length, found = search.run(longest, most_tried)
    shorter = None if length is None else max(0, length - 1)
    certificate = Certificate(
        rules=tuple(rule.name for rule in rules),
        semantics=semantics,
        grade=grade,
        seat=seat,
        length=length,
        beginnings=tuple(beginning for beginning in search.beginnings if shorter is None or len(beginning) < shorter),
        equal=tuple((each, other) for each, other in search.equal if shorter is None or len(each) < shorter),
        n_tried=search.n_tried,
    )
    return ShortestResult(found, certificate)


class Search:
    """One search: what it followed up, what it found equal, and how many lists it evaluated."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.beginnings: list[Indices] = []
        self.equal: list[tuple[Indices, Indices]] = []
        self.n_tried = 1

    def run(self, longest: int, most_tried: int) -> tuple[int | None, Indices | None]:
        """The length up to which no list is shorter and reaches the grade, None for any length; and the list found, if any."""
        verdict, low, high, _ = digest(self.problem, start_state(self.problem))
        if verdict == REACHED:
            return 0, ()
        if verdict == REFUTED:
            return None, None
        known: dict[tuple[int, int], Indices] = {(int(low), int(high)): ()}  # by what is left open, the first beginning that leaves it
        level: list[Indices] = [()]
        for length in range(1, longest + 1):
            for beginning in level:
                last, n_evaluated = finish(self.problem, np.array(beginning, dtype=np.int64))
                self.n_tried += n_evaluated
                if last >= 0:
                    return length, (*beginning, last)
            self.beginnings += level
            if length == longest:
                break
            longer: list[Indices] = []
            for beginning in level:
                longer += self.followed_up(beginning, known)
                if self.n_tried > most_tried:
                    return length + 1, None
            if not longer:
                return None, None
            level = longer
        return longest + 1, None

    def followed_up(self, beginning: Indices, known: dict[tuple[int, int], Indices]) -> Iterator[Indices]:
        """The beginnings that are one rule longer, but for those refuted and those that leave open what another one leaves."""
        verdicts, hashes = extend(self.problem, np.array(beginning, dtype=np.int64))
        self.n_tried += len(verdicts) - len(beginning)
        for rule in np.flatnonzero(verdicts == OPEN).tolist():
            candidate, left_open = (*beginning, rule), (int(hashes[rule, 0]), int(hashes[rule, 1]))
            other = known.setdefault(left_open, candidate)
            if other is candidate:
                yield candidate
            elif rule not in beginning:
                self.equal.append((candidate, other))
