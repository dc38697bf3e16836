"""A grade as a search problem for rule lists: choices, and where they lead. policies/exact/search.py searches it."""

from collections.abc import Sequence

import numpy as np

from games.arrays import Bools, UInt64s
from games.errors import UsageError
from games.solving.graph import GameGraph
from games.solving.solve import Solution
from policies.exact.kernels import DECIDED, ONE, OPEN, Lists, Problem, digest, judge, start_state

MAX_CHOICES = 62  # as many as fit into a mask

Node = tuple[int, bool]  # a state, and whether the list is to move in it


def make_problem(graph: GameGraph, solution: Solution, holds: Bools, semantics: str, grade: str, seat: str) -> Problem:
    """The problem of reaching a grade with rules that hold on the edges `holds`: [n_rules, n_edges].

    Raises UsageError where a position has more than 62 moves that rules tell apart.
    """
    graph.require(None, "an exhaustive search")
    packed = np.packbits(holds, axis=0) if len(holds) else np.zeros((1, graph.n_edges), dtype=np.uint8)
    kind_of = np.unique(packed, axis=1, return_inverse=True)[1].ravel().tolist()
    bad = (solution.edge_value < 0 if grade == "never_loses" else solution.regret > 0).tolist()
    start, child = graph.edge_start.tolist(), graph.edge_child.tolist()
    terminal, payoff = graph.terminal.tolist(), graph.payoff.tolist()
    roots: list[Node] = [(0, ours) for ours in (True, False) if seat in ("both", "first" if ours else "second")]
    if grade == "optimal_everywhere":
        roots = [(state, True) for state in np.unique(graph.edge_parent[solution.regret > 0]).tolist()]
    choices: dict[Node, list[list[int]]] = {}  # edges
    leads: dict[Node, list[list[Node]]] = {}  # for each choice of an own node, or for another's node alone
    pending = list(roots)
    while pending:
        node = pending.pop()
        if node in leads:
            continue
        state, ours = node
        edges = range(start[state], start[state + 1])
        if ours:
            found: dict[int, list[int]] = {}
            for edge in edges:
                found.setdefault(kind_of[edge], []).append(edge)
            choices[node] = list(found.values())
            leads[node] = [_followers(choice, child, terminal, bad) for choice in choices[node]]
            if grade == "optimal_everywhere":
                leads[node] = [[] for _ in choices[node]]
        else:
            kids = {child[edge] for edge in edges}
            leads[node] = [[(kid, True) for kid in sorted(kids) if not terminal[kid] or (grade == "never_loses" and payoff[kid] < 0)]]
        pending += [follower for led in leads[node] for follower in led]
    nodes = _parents_first(leads, roots)
    number = {node: i for i, node in enumerate(nodes)}
    own = [node for node in nodes if node[1]]
    own_number = {node: p for p, node in enumerate(own)}
    n_choices = [len(choices[node]) for node in own]
    if max(n_choices, default=0) > MAX_CHOICES:
        most = f"{max(n_choices)} moves that the rules tell apart"
        raise UsageError(f"{graph.game_id}: a position has {most}, and at most {MAX_CHOICES} are searched; use fewer rules")
    match = np.zeros((len(holds), len(own)), dtype=np.uint64)
    for p, node in enumerate(own):
        for bit, choice in enumerate(choices[node]):
            match[:, p] |= holds[:, choice[0]].astype(np.uint64) << np.uint64(bit)
    lost = [sum(1 << bit for bit, choice in enumerate(choices[node]) if any(bad[edge] for edge in choice)) for node in own]
    problem = Problem(
        first_match=semantics == "first-match",
        order=np.arange(len(nodes)),
        has_cycles=any(number[node] >= number[follower] for node in nodes for led in leads[node] for follower in led),
        own=np.array([own_number.get(node, -1) for node in nodes], dtype=np.int64),
        roots=np.array([number[node] for node in roots], dtype=np.int64),
        replies=_lists([[number[each] for each in ([] if node[1] else leads[node][0])] for node in nodes]),
        choice_start=np.concatenate([[0], np.cumsum(n_choices)]).astype(np.int64),
        above=_above(match, n_choices),
        leads=_lists([[number[each] for each in led] for node in own for led in leads[node]]),
        lost=np.array(lost, dtype=np.uint64),
        safe=np.zeros(len(own), dtype=np.uint64),
        match=match,
        options=_lists([sorted({int(mask) for mask in match[:, p]} - {0}) for p in range(len(own))]),
    )
    return _without_what_is_settled(problem)


def _followers(choice: list[int], child: list[int], terminal: list[bool], bad: list[bool]) -> list[Node]:
    """Where a choice leads on to; nowhere if it is lost."""
    if any(bad[edge] for edge in choice):
        return []
    return [(kid, False) for kid in sorted({child[edge] for edge in choice}) if not terminal[kid]]


def _parents_first(leads: dict[Node, list[list[Node]]], roots: list[Node]) -> list[Node]:
    """All nodes in reverse postorder: each before those it leads to, but for cycles."""
    done: list[Node] = []
    seen: set[Node] = set()
    stack = [(root, False) for root in roots]
    while stack:
        node, is_left = stack.pop()
        if is_left:
            done.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(follower, False) for led in leads[node] for follower in led if follower not in seen]
    return done[::-1]


def _lists(lists: Sequence[Sequence[int]]) -> Lists:
    lengths = np.array([len(each) for each in lists], dtype=np.int64)
    values = np.array([value for each in lists for value in each], dtype=np.int64)
    return Lists(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), values)


def _above(match: UInt64s, n_choices: list[int]) -> UInt64s:
    """For each choice the mask of those of its position that satisfy every rule that it does, and another one. [n_choices]"""
    found = []
    for p, n in enumerate(n_choices):
        satisfied = match[:, p] >> np.arange(n, dtype=np.uint64)[:, None] & ONE  # [n, n_rules]
        contains = (satisfied[None] >= satisfied[:, None]).all(axis=2) & ~np.eye(n, dtype=bool)
        found += [sum(1 << int(bit) for bit in np.flatnonzero(row)) for row in contains]
    return np.array(found, dtype=np.uint64)


def _without_what_is_settled(problem: Problem) -> Problem:
    """The same problem without the nodes where no list, or any list, does harm."""
    bad, risky, _, _ = judge(problem, start_state(problem))
    verdict, _, _, nodes = digest(problem, start_state(problem))
    matters = np.zeros(len(problem.own), dtype=bool)
    matters[nodes if verdict == OPEN else problem.order] = True
    return problem._replace(order=problem.order[matters[problem.order]], lost=bad, safe=(start_state(problem) & ~DECIDED) & ~risky)
