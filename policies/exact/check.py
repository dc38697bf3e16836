"""A certificate that no shorter rule list reaches a grade, and its check in plain Python, which shares no code with the search.

A certificate names beginnings of lists. Each of them, one rule longer in every way, is again such a beginning, or has the same
effect as one that is no longer, or is refuted: no list that begins so reaches the grade. By induction over what is left of it,
a shorter list that did reach the grade would be found among the beginnings, and these fail as they stand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from games.arrays import Bools
from games.solving.graph import GameGraph
from games.solving.solve import Solution

Indices = tuple[int, ...]  # of rules, the first rule first
Groups = tuple[int, ...]


class NamedRule(Protocol):
    """A rule that a list may contain: its name, and the edges on which it holds."""

    @property
    def name(self) -> str: ...

    @property
    def holds(self) -> Bools: ...


@dataclass(frozen=True)
class Certificate:
    """Why no list of distinct rules shorter than `length` (None: of any length) reaches a grade."""

    rules: tuple[str, ...]
    semantics: str
    grade: str
    seat: str
    length: int | None
    beginnings: tuple[Indices, ...]  # extended by every rule, and failing as they stand
    equal: tuple[tuple[Indices, Indices], ...]  # a beginning, and another with the same effect
    n_tried: int  # lists evaluated, the effort


class Prospect(NamedTuple):
    """Whether a position is lost whatever rules follow, and whether it can be lost if none does."""

    lost: bool
    risky: bool


SAFE = Prospect(lost=False, risky=False)


def verify_certificate(
    certificate: Certificate, graph: GameGraph, solution: Solution, rules: Sequence[NamedRule], only_every: int = 1
) -> int:
    """Check a certificate of a game without cycles; returns the number of lists that were replayed.

    `only_every` n replays each n-th, for a quick look. Raises AssertionError, naming the list, where it does not hold.
    """
    assert certificate.rules == tuple(rule.name for rule in rules), "the certificate is about other rules"
    replay = _Replay(certificate, graph, solution, [rule.holds.tolist() for rule in rules])
    kept, equal, length = set(certificate.beginnings), dict(certificate.equal), certificate.length
    for beginning in kept:
        assert not beginning or beginning[:-1] in kept, f"{beginning} hangs in the air"
    n_seen = n_replayed = 0
    for candidate in _candidates(certificate, len(rules)):
        n_seen += 1
        if n_seen % only_every:
            continue
        n_replayed += 1
        if candidate in kept or (length is not None and len(candidate) == length - 1):
            assert replay.fails(candidate), f"{candidate} is not refuted: it reaches the grade"
        elif candidate in equal:
            other = equal[candidate]
            assert other in kept, f"{candidate} refers to {other}, which is not followed up"
            assert len(other) <= len(candidate), f"{candidate} refers to {other}, which is longer"
            assert replay.unfinished(candidate) == replay.unfinished(other), f"{candidate} differs in effect from {other}"
        else:
            assert replay.is_refuted(candidate), f"{candidate} is neither followed up nor refuted"
    return n_replayed


def _candidates(certificate: Certificate, n_rules: int) -> Iterator[Indices]:
    """The empty list, and every beginning extended by each rule that it lacks."""
    if certificate.length != 0:
        yield ()
    for beginning in certificate.beginnings:
        if certificate.length is None or len(beginning) < certificate.length - 1:
            yield from ((*beginning, rule) for rule in range(n_rules) if rule not in beginning)


class _Replay:
    """What beginnings of lists do, by walking lines of play forward from the start.

    Moves of a position that satisfy the same rules form a group, since no list can tell them apart; groups are numbered.
    """

    def __init__(self, certificate: Certificate, graph: GameGraph, solution: Solution, holds: list[list[bool]]) -> None:
        self.first_match, self.grade = certificate.semantics == "first-match", certificate.grade
        self.start, self.child = graph.edge_start.tolist(), graph.edge_child.tolist()
        self.terminal, self.payoff, self.regret = graph.terminal.tolist(), graph.payoff.tolist(), solution.regret.tolist()
        self.holds = holds
        self.roots = [(0, ours) for ours in (True, False) if certificate.seat in ("both", "first" if ours else "second")]
        if self.grade == "optimal_everywhere":
            self.roots = [(state, True) for state in range(graph.n_states) if any(self.regret[edge] for edge in self.edges(state))]
        self.rules: list[frozenset[int]] = []  # of a group, those that it satisfies
        self.moves: list[list[int]] = []  # of a group, as edges
        self.groups_of: dict[int, Groups] = {}
        self.options_of: dict[Groups, list[Groups]] = {}
        self.beginning: Indices = ()
        self.known: dict[tuple[int, bool], Prospect] = {}

    def edges(self, state: int) -> range:
        return range(self.start[state], self.start[state + 1])

    def fails(self, beginning: Indices) -> bool:
        return any(prospect.risky for prospect in self.of_roots(beginning))

    def is_refuted(self, beginning: Indices) -> bool:
        return any(prospect.lost for prospect in self.of_roots(beginning))

    def of_roots(self, beginning: Indices) -> Iterator[Prospect]:
        if beginning != self.beginning:
            self.beginning, self.known = beginning, {}
        return (self.prospect(state, ours) for state, ours in self.roots)

    def groups(self, state: int) -> Groups:
        if state not in self.groups_of:
            found: dict[frozenset[int], list[int]] = {}
            for edge in self.edges(state):
                found.setdefault(frozenset(rule for rule, on in enumerate(self.holds) if on[edge]), []).append(edge)
            self.groups_of[state] = tuple(range(len(self.rules), len(self.rules) + len(found)))
            self.rules += found.keys()
            self.moves += found.values()
        return self.groups_of[state]

    def left(self, state: int) -> tuple[Groups, bool]:
        """The moves that a partial list leaves, and whether later rules can still distinguish them."""
        groups = self.groups(state)
        for rule in self.beginning:
            matching = tuple([group for group in groups if rule in self.rules[group]])
            groups = matching or groups
            if matching and self.first_match:
                return groups, False
        return groups, len(groups) > 1

    def options(self, groups: Groups) -> list[Groups]:
        """What later rules can leave: under first-match all moves that satisfy one of them, or all; else at the least one group.

        A group never stays without another that satisfies the same rules and more.
        """
        if groups not in self.options_of:
            rules = {group: self.rules[group] for group in groups}
            alone = [(group,) for group in groups if not any(rules[group] < rules[other] for other in groups)]
            picked = {tuple(group for group in groups if rule in rules[group]) for rule in frozenset[int]().union(*rules.values())}
            self.options_of[groups] = [*picked, groups] if self.first_match else list(alone)
        return self.options_of[groups]

    def outcome(self, group: int) -> Prospect:
        found = [self.after(edge) for edge in self.moves[group]]
        return Prospect(any(each.lost for each in found), any(each.risky for each in found))

    def after(self, edge: int) -> Prospect:
        if self.grade != "never_loses" and self.regret[edge] > 0:
            return Prospect(lost=True, risky=True)
        return SAFE if self.grade == "optimal_everywhere" else self.prospect(self.child[edge], False)

    def prospect(self, state: int, ours: bool) -> Prospect:
        if (state, ours) in self.known:
            return self.known[state, ours]
        if self.terminal[state]:
            loses = self.grade == "never_loses" and self.payoff[state] * (1 if ours else -1) < 0
            found = Prospect(loses, loses)
        elif ours:
            groups, is_open = self.left(state)
            outcomes = [self.outcome(group) for group in groups]
            lost = {group for group, outcome in zip(groups, outcomes, strict=True) if outcome.lost}
            options = self.options(groups) if is_open and lost else [groups]
            found = Prospect(all(not lost.isdisjoint(option) for option in options), any(outcome.risky for outcome in outcomes))
        else:
            replies = [self.prospect(self.child[edge], True) for edge in self.edges(state)]
            found = Prospect(any(reply.lost for reply in replies), any(reply.risky for reply in replies))
        self.known[state, ours] = found
        return found

    def unfinished(self, beginning: Indices) -> dict[int, object]:
        """The own positions at which lines of play can still go wrong, with what is left there and its prospects."""
        prospects = list(self.of_roots(beginning))
        if any(prospect.lost for prospect in prospects):
            return {}
        found: dict[int, object] = {}
        pending = [root for root, prospect in zip(self.roots, prospects, strict=True) if prospect.risky]
        seen = set(pending)
        while pending:
            state, ours = pending.pop()
            edges: Iterable[int] = self.edges(state)
            if ours:
                groups, is_open = self.left(state)
                outcomes = {group: self.outcome(group) for group in groups}
                going_on = frozenset(group for group, outcome in outcomes.items() if outcome.risky and not outcome.lost)
                found[state] = outcomes if is_open else going_on
                edges = [edge for group in going_on for edge in self.moves[group]]
            for follower in [(self.child[edge], not ours) for edge in edges]:
                if follower not in seen and self.prospect(*follower).risky:
                    seen.add(follower)
                    pending.append(follower)
        return found
