"""The strongly connected components of a graph of play, one at a time, each as a small graph of its own.

Where a player chooses its moves, end components are drawn together to one node. An end component is a set of nodes that the other
player cannot leave and in which the chooser can go from everywhere to everywhere. There the chooser may go round for ever, or leave by
any exit of the set, so all its nodes are worth the same: the best of these. Without end components play ends with probability one
whatever is chosen, so its equations have one solution only. See Haddad & Monmege ("Interval iteration algorithm for MDPs and IMDPs",
2018).
"""

from typing import NamedTuple

import numpy as np

from bench.measures.play_graph import components
from games.arrays import Bools, Float64s, Int32s, Int64s
from games.jit import njit

ROUNDING = 2.0**-52  # of a product and a sum, relative


class Part(NamedTuple):
    """A component, end components drawn together: n nodes, the edges among them, and those that lead out of it."""

    group: Int32s  # [nodes of the component] which of the n nodes each belongs to
    chooses: Bools  # [n] where a player chooses; elsewhere moves are drawn by chance
    may_stay: Bools  # [n] where it may play for ever
    start: Int64s  # [n + 1]
    child: Int32s  # [n_edges] below n
    probability: Float64s  # [n_edges]
    out_start: Int64s  # [n + 1]
    out_child: Int32s  # [n_out] a node of the whole graph
    out_probability: Float64s  # [n_out]


@njit
def end_components(start: Int64s, child: Int32s, chooses: Bools) -> Int32s:
    """Which maximal end component each of n strongly connected nodes is in, -1 for none: [n]. Children of n and above are outside.

    Takes away what cannot be part of one, and looks for strongly connected components in what is left, until nothing changes: de Alfaro
    ("Formal verification of probabilistic systems", 1997). The player to move alternates along each edge.
    """
    n = chooses.shape[0]
    label = np.zeros(n, dtype=np.int32)
    kept = np.empty(child.shape[0])  # 1 for an edge within what is left, else 0
    while _take_away(start, child, chooses, label):
        roots = np.array([2 * i + int(chooses[i]) for i in range(n) if label[i] >= 0], dtype=np.int64)
        if roots.shape[0] == 0:
            break
        for i in range(n):
            for edge in range(start[i], start[i + 1]):
                kept[edge] = 1.0 if label[i] >= 0 and child[edge] < n and label[child[edge]] >= 0 else 0.0
        nodes, first = components(start, child, kept, kept, roots)
        for i in range(first.shape[0] - 1):
            for node in nodes[first[i] : first[i + 1]]:
                label[node >> 1] = i
    return label


@njit
def _take_away(start: Int64s, child: Int32s, chooses: Bools, label: Int32s) -> bool:
    """Set to -1 the labels of nodes that must leave those of their label; returns whether there were any."""
    changed = False
    settling = True
    while settling:
        settling = False
        for i in range(label.shape[0]):
            if label[i] < 0:
                continue
            n_inside = 0
            for edge in range(start[i], start[i + 1]):
                n_inside += int(child[edge] < label.shape[0] and label[child[edge]] == label[i])
            if n_inside == 0 or (not chooses[i] and n_inside < start[i + 1] - start[i]):
                label[i] = -1
                settling = changed = True
    return changed


@njit
def part_of(first: int, last: int, start: Int64s, child: Int32s, probability: Float64s, chooses: Bools, collapses: bool) -> Part:
    """The component from `first` to `last` of a play graph, whose exits lie before `first`; with end components drawn together or not."""
    n = last - first
    inner_start = start[first : last + 1] - start[first]
    inner_child = np.empty(inner_start[n], dtype=np.int32)
    for edge in range(inner_start[n]):
        below = child[start[first] + edge]
        inner_child[edge] = below - first if below >= first else n
    label = end_components(inner_start, inner_child, chooses[first:last]) if collapses else np.full(n, -1, dtype=np.int32)
    group, n_groups = _groups(label)
    group_chooses, may_stay = np.zeros(n_groups, dtype=np.bool_), np.zeros(n_groups, dtype=np.bool_)
    within, out = np.zeros(n_groups + 1, dtype=np.int64), np.zeros(n_groups + 1, dtype=np.int64)
    for i in range(n):
        here = group[i]
        group_chooses[here] |= chooses[first + i]
        may_stay[here] |= label[i] >= 0
        for edge in range(inner_start[i], inner_start[i + 1]):
            if inner_child[edge] == n:
                out[here + 1] += 1
            elif group[inner_child[edge]] != here:
                within[here + 1] += 1
    within, out = np.cumsum(within), np.cumsum(out)
    below_within, chance_within = np.empty(within[n_groups], dtype=np.int32), np.empty(within[n_groups])
    below_out, chance_out = np.empty(out[n_groups], dtype=np.int32), np.empty(out[n_groups])
    next_within, next_out = within.copy(), out.copy()
    for i in range(n):
        here = group[i]
        for edge in range(inner_start[i], inner_start[i + 1]):
            p = probability[start[first] + edge]
            if inner_child[edge] == n:
                below_out[next_out[here]], chance_out[next_out[here]] = child[start[first] + edge], p
                next_out[here] += 1
            elif group[inner_child[edge]] != here:
                below_within[next_within[here]], chance_within[next_within[here]] = group[inner_child[edge]], p
                next_within[here] += 1
    return Part(group, group_chooses, may_stay, within, below_within, chance_within, out, below_out, chance_out)


@njit
def _groups(label: Int32s) -> tuple[Int32s, int]:
    """A number for each node, the same for those of one label, ascending in the order in which they begin; and how many there are."""
    group, of_label, n_groups = np.empty(label.shape[0], dtype=np.int32), np.full(label.shape[0], -1, dtype=np.int32), 0
    for i in range(label.shape[0]):
        if label[i] >= 0 and of_label[label[i]] >= 0:
            group[i] = of_label[label[i]]
            continue
        group[i] = n_groups
        if label[i] >= 0:
            of_label[label[i]] = n_groups
        n_groups += 1
    return group, n_groups


@njit
def rounding_of_sweep(part: Part) -> float:
    """How far rounding can move a value in one sweep, as a share of the largest value.

    A mean is rounded once for each product and each sum of a node's edges, and probabilities add up to 1 only up to the same.
    """
    most = 0
    for i in range(part.chooses.shape[0]):
        if not part.chooses[i]:
            most = max(most, part.start[i + 1] - part.start[i] + part.out_start[i + 1] - part.out_start[i])
    return (2.0 * float(most) + 2.0) * ROUNDING
