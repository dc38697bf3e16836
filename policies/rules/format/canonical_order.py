"""The order of the rules of a list, as far as it matters: which orders play alike, and one of them for all.

Under `first-match` a position is played by the first rule that applies there. So all that an order has to do is to put that
rule before the others that apply: a rule stands in layer k if the longest chain of such demands that leads to it has k links.
Tidy lists have the single positions first, by edge; then the other rules by layer, and by what they say within a layer.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from games.arrays import Int32s, Int64s
from games.errors import UsageError
from games.jit import njit
from policies.language.atoms import ALL_KINDS, Atoms, Literal, Rule

NONE = -1  # no rule


class Reach(NamedTuple):
    """Where rules hold, rule by rule: on which edges, and in which states."""

    edge_start: Int64s  # [n_rules + 1]
    edges: Int32s
    state_start: Int64s  # [n_rules + 1]
    states: Int32s


def reach_of(rules: Sequence[Rule], atoms: Atoms) -> Reach:
    """The edges and states of each rule, ascending."""
    parts = [atoms.rule_edges(rule).astype(np.int32) for rule in rules]
    edges = np.concatenate([np.empty(0, dtype=np.int32), *parts])
    edge_start = np.cumsum([0, *map(len, parts)])
    states = atoms.graph.edge_parent[edges]
    first = np.append(True, states[1:] != states[:-1])[: len(states)]
    first[edge_start[:-1][np.diff(edge_start) > 0]] = True
    return Reach(edge_start, edges, np.append(0, np.cumsum(first))[edge_start], states[first])


def is_position(rule: Rule) -> bool:
    """Whether a rule is about a single position and nothing else."""
    return len(rule) == 1 and rule[0].kind == "position" and rule[0].holds


def literal_key(literal: Literal) -> tuple[int, int, bool]:
    """By kind, then by value, an atom before its negation."""
    return ALL_KINDS.index(literal.kind), literal.value, not literal.holds


def rule_key(rule: Rule) -> tuple[tuple[int, int, bool], ...]:
    """Rules in the order in which they stand within a layer."""
    return tuple(map(literal_key, rule))


def tidy_rules(rules: Sequence[Rule], atoms: Atoms) -> tuple[Rule, ...]:
    """The rules that decide somewhere, literals in order, in the one order that stands for all that play alike under `first-match`."""
    unique = [*dict.fromkeys(tuple(sorted(set(rule), key=literal_key)) for rule in rules)]
    graph = atoms.graph
    others = [i for i, rule in enumerate(unique) if not is_position(rule)]
    edges = {i: rule[0].value for i, rule in enumerate(unique) if is_position(rule)}
    reach = reach_of([unique[i] for i in others], atoms)
    first = np.full(graph.n_states, len(unique), dtype=np.int64)
    first_deciders(reach.state_start, reach.states, np.array(others, dtype=np.int64), first)
    for i, edge in reversed(edges.items()):
        state = graph.edge_parent[edge]
        first[state] = min(first[state], i)
    alive = np.unique(first[graph.positions]).tolist()
    positions = sorted(unique[i] for i in alive if i in edges)
    rest = [unique[i] for i in alive if i < len(unique) and i not in edges]
    reach = reach_of(rest, atoms)
    decider = np.full(graph.n_states, len(rest), dtype=np.int64)
    first_deciders(reach.state_start, reach.states, np.arange(len(rest)), decider)
    decider[decider == len(rest)] = NONE
    return (*positions, *(rest[i] for i in layered(rest, reach, decider.astype(np.int32))))


def layered(rules: Sequence[Rule], reach: Reach, decider: Int32s) -> list[int]:
    """The order by layers of rules with the decider of each state given, as indices. Raises UsageError where no order gives these."""
    layers = chain_lengths(reach.state_start, reach.states, decider)
    if layers.min(initial=0) < 0:
        raise UsageError("this is no whole rule list: its rules have no order; fit it again")
    return sorted(range(len(rules)), key=lambda i: (layers[i], rule_key(rules[i])))


@njit
def first_deciders(start: Int64s, states: Int32s, place: Int64s, first: Int64s) -> None:
    """Lower `first`, the place of the first rule that applies in each state, by rules with these places in the list. [n_states]"""
    for rule in range(start.shape[0] - 1):
        for state in states[start[rule] : start[rule + 1]]:
            first[state] = min(first[state], place[rule])


@njit
def chain_lengths(start: Int64s, states: Int32s, decider: Int32s) -> Int32s:
    """The number of links of the longest chain of deciders before each rule; -1 for all where a chain closes. [n_rules]

    Depth first, with a stack of rules and of how many of their states are done.
    """
    n = start.shape[0] - 1
    length, done = np.full(n, -1, dtype=np.int32), start[:-1].copy()
    stack, is_open = np.empty(n, dtype=np.int64), np.zeros(n, dtype=np.bool_)
    for root in range(n):
        depth = 0
        if length[root] < 0:
            stack[0], depth, is_open[root] = root, 1, True
        while depth:
            rule = stack[depth - 1]
            deeper = -1
            while done[rule] < start[rule + 1] and deeper < 0:
                other = decider[states[done[rule]]]
                if other >= 0 and other != rule and length[other] < 0:
                    deeper = other
                else:
                    done[rule] += 1
            if deeper < 0:
                longest = 0
                for state in states[start[rule] : start[rule + 1]]:
                    other = decider[state]
                    if other >= 0 and other != rule:
                        longest = max(longest, length[other] + 1)
                length[rule], is_open[rule] = longest, False
                depth -= 1
            elif is_open[deeper]:
                return np.full(n, -1, dtype=np.int32)
            else:
                stack[depth], is_open[deeper] = deeper, True
                depth += 1
    return length
