"""The order of the rules of a list, as far as it matters: which orders play alike, and one of them for all.

Under `first-match` a position is played by the first rule that applies there. So all that an order has to do is to put that
rule before the others that apply: a rule stands in layer k if the longest chain of such demands that leads to it has k links.
Tidy lists have the single positions first, by edge; then the other rules by layer, and by what they say within a layer.
"""

from collections.abc import Sequence

import numpy as np

from games.arrays import Int32s, Int64s
from games.errors import UsageError
from games.jit import njit
from policies.language.atoms import ALL_KINDS, Atoms, Edges, Literal, Rule

NONE = -1  # no rule


def states_of(edges: Edges, atoms: Atoms) -> Int32s:
    """The states that some edges leave, each once; edges ascend, and so do the states."""
    return _distinct_parents(edges, atoms.graph.edge_parent)


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
    single = [i for i, rule in enumerate(unique) if is_position(rule)]
    first = np.full(graph.n_states, len(unique), dtype=np.int64)
    played = graph.edge_parent[np.array([unique[i][0].value for i in single], dtype=np.int64)]
    first_deciders(np.arange(len(single) + 1), played, np.array(single, dtype=np.int64), first)
    for i in np.setdiff1d(np.arange(len(unique)), single).tolist():
        states = states_of(atoms.rule_edges(unique[i]), atoms)
        first_deciders(np.array([0, len(states)]), states, np.array([i]), first)
    is_alive = np.zeros(len(unique) + 1, dtype=np.bool_)
    is_alive[first] = True
    alive = np.flatnonzero(is_alive[:-1]).tolist()
    positions = sorted(unique[i] for i in alive if is_position(unique[i]))
    rest = [unique[i] for i in alive if not is_position(unique[i])]
    return (*positions, *(rest[i] for i in layered(rest, atoms, np.full(graph.n_states, NONE, dtype=np.int32))))


def layered(rules: Sequence[Rule], atoms: Atoms, decider: Int32s) -> list[int]:
    """The order by layers of rules, as indices, with the decider of each state given; where it is NONE the first rule decides.

    `decider` is filled on the way. Raises UsageError where no order gives these deciders.
    """
    met = np.full(len(rules), NONE, dtype=np.int32)
    others = [_others(i, states_of(atoms.rule_edges(rule), atoms), decider, met) for i, rule in enumerate(rules)]
    start = np.cumsum([0, *map(len, others)])
    layers = chain_lengths(start, np.concatenate([met[:0], *others]), np.arange(len(rules), dtype=np.int32))
    if layers.min(initial=0) < 0:
        raise UsageError("this is no whole rule list: its rules have no order; fit it again")
    return sorted(range(len(rules)), key=lambda i: (layers[i], rule_key(rules[i])))


@njit
def _distinct_parents(edges: Edges, edge_parent: Int32s) -> Int32s:
    n, last = 0, NONE
    for edge in edges:
        if edge_parent[edge] != last:
            last = edge_parent[edge]
            n += 1
    states = np.empty(n, dtype=np.int32)
    n, last = 0, NONE
    for edge in edges:
        if edge_parent[edge] != last:
            last = states[n] = edge_parent[edge]
            n += 1
    return states


@njit
def _others(rule: int, states: Int32s, decider: Int32s, met: Int32s) -> Int32s:
    """The other rules that decide some of these states, each once; those that none decides go to the rule itself.

    `met` marks for each rule the last one that met it.
    """
    found, n = np.empty(met.shape[0], dtype=np.int32), 0
    for state in states:
        other = decider[state]
        if other < 0:
            decider[state] = rule
        elif other != rule and met[other] != rule:
            met[other] = rule
            found[n] = other
            n += 1
    return found[:n].copy()


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
